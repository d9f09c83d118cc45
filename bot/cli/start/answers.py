"""What was answered, and what of it stands in the configuration, in secret files, and in the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.start.chats import ROBOT, Chat
from config.starting import Start, free_name
from feeds.finding import Found, suggested_id


@dataclass(frozen=True, slots=True)
class Secret:
    """A key and where it stands already: in a file, or in an environment variable. Where it stands nowhere, a
    file is made for it.
    """

    text: str
    file: str | None = None
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """A chat with its keys. `to` is a fixed subscriber, or None: those who ask the bot."""

    chat: Chat
    key: Secret
    sign: Secret | None = None
    proxy: str | None = None
    to: str | None = None

    def trial(self) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """The section `channels:`, and the environment in which it works before anything is written."""
        environ = {self.chat.variable: self.key.text}
        told: dict[str, Any] = {self.chat.key: f"${{{self.chat.variable}}}"}
        if self.sign:
            name = f"{self.chat.name}_secret".upper()
            environ[name] = self.sign.text
            told["secret"] = f"${{{name}}}"
        return self._section(told), environ

    def written(self, folder: Path, *, replaces: bool) -> tuple[Mapping[str, Any], dict[str, str]]:
        """The section `channels:` to be kept, and the files that it names and that are to be made."""
        told: dict[str, Any] = {}
        made: dict[str, str] = {}
        for field, secret in ((self.chat.key, self.key), ("secret", self.sign)):
            if secret is None:
                continue
            if secret.variable:
                told[field] = f"${{{secret.variable}}}"
                continue
            name = secret.file
            if name is None:
                name = f"{self.chat.name}.{field}"
                name = name if replaces else free_name(folder, name)
                made[name] = secret.text
            told[f"{field}_file"] = name
        return self._section(told), made

    def _section(self, told: dict[str, Any]) -> Mapping[str, Any]:
        if self.proxy:
            told["proxy"] = self.proxy
        return {self.chat.name: {ROBOT: told} if self.chat.is_robot else told}


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that a first configuration needs. `push` is None where only feeds and pages are wanted."""

    url: str
    found: Found
    title: str
    push: Push | None = None
    operators: tuple[str, ...] = ()
    contact: str | None = None
    allow_hosts: tuple[str, ...] = ()
    source_id: str | None = None

    def start(self, folder: Path, *, replaces: bool) -> tuple[Start, dict[str, str]]:
        """What the configuration in this folder says, and the secret files to be made beside it."""
        name = self.source_id or suggested_id(self.url, ())
        source = {"id": name, "kind": self.found.kind, "title": self.title, "url": self.url}
        channels, made = self.push.written(folder, replaces=replaces) if self.push else ({}, {})
        to = self.push.to if self.push else None
        start = Start(
            source={**source, **self.found.settings},
            channels=channels,
            deliver={"to": to, "source": name} if to else None,
            operators=self.operators,
            contact=self.contact,
            allow_hosts=self.allow_hosts,
        )
        return start, made
