"""Telegram with people in it: the Bot API server of `botapi`, and chats with titles, members and
topics, whose messages are known, so that a person presses what stands in one.

Stricter than the server alone: nothing is sent to who never wrote, an edit must change a message that
is there, a button must be one that Telegram takes, a pressed button is answered once.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.botapi import BOT, BotApi, Sent, _error, _parsed, _person
from tests.fakes.botapi import _Answer as Answered
from tests.fakes.botapi_html import Refused

BOT_ID = 123456
MOST_BUTTONS = 100


@dataclass
class Room:
    """A chat. `people` are the ids of those in it, with what they are there; ours is the bot's."""

    id: int
    kind: str
    title: str = ""
    people: dict[int, str] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        named = {"first_name": "读者"} if self.kind == "private" else {"title": self.title}
        return {"id": self.id, "type": self.kind, **named}


@dataclass
class Handed:
    """A file that was sent."""

    chat: str
    name: str
    data: bytes
    caption: str


class Telegram(BotApi):
    """The server with its rooms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rooms: dict[int, Room] = {}
        self.standing: dict[tuple[str, int], Sent] = {}
        self.files: list[Handed] = []
        self.menus: dict[tuple[str, str], list[str]] = {}
        self.taken = 0  # the last update that the bot is done with
        self._last = 0
        self._open: set[str] = set()  # queries that wait for their answer

    def room(self, number: int, kind: str = "private", title: str = "") -> Room:
        """The chat with this id; made, where it is not there yet."""
        if number not in self.rooms:
            self.rooms[number] = Room(number, kind, title)
        return self.rooms[number]

    # ── what people do ──────────────────────────────────────────────────────────────────────────

    async def type(
        self,
        room: Room,
        person: int,
        text: str,
        *,
        language: str = "zh-hans",
        topic: int | None = None,
        reply_to: Sent | None = None,
    ) -> None:
        """A person writes."""
        room.people.setdefault(person, "member")
        message: dict[str, Any] = {**self._frame(room, person, language, topic), "text": text}
        if reply_to is not None:
            message["reply_to_message"] = self._shown(reply_to)
        await self._update({"message": message})

    async def tap(self, sent: Sent, data: str, person: int, *, language: str = "zh-hans") -> None:
        """A person presses the button that carries this."""
        now = self.standing[sent.chat, sent.message_id]
        assert data in [button.get("callback_data") for button in now.buttons], data
        query = {
            "id": str(self._id()),
            "from": _person(person, language),
            "chat_instance": "1",
            "message": self._shown(sent),
            "data": data,
        }
        self._open.add(query["id"])
        await self._update({"callback_query": query})

    async def add_bot(self, room: Room, by: int, status: str = "member") -> None:
        """Somebody adds the bot; in a channel as an administrator who may post."""
        await self._member(room, by, status)

    async def remove_bot(self, room: Room, by: int) -> None:
        """Somebody takes the bot out, or blocks it."""
        await self._member(room, by, "kicked" if room.kind in {"private", "channel"} else "left")

    async def share(self, room: Room, person: int, picked: Room) -> None:
        """The person picks a channel where the bot asked for one; Telegram adds the bot there."""
        picked.people[BOT_ID] = "administrator"
        frame = self._frame(room, person, "zh-hans", None)
        await self._update(
            {"message": {**frame, "chat_shared": {"request_id": 1, "chat_id": picked.id}}}
        )

    async def _member(self, room: Room, by: int, status: str) -> None:
        before = room.people.get(BOT_ID, "member" if room.kind == "private" else "left")
        room.people[BOT_ID] = status
        change = {
            "chat": room.described(),
            "from": _person(by, "zh-hans"),
            "date": 1_700_000_000,
            "old_chat_member": self._membership(BOT_ID, before, room),
            "new_chat_member": self._membership(BOT_ID, status, room),
        }
        await self._update({"my_chat_member": change})

    def _frame(self, room: Room, person: int, language: str, topic: int | None) -> dict[str, Any]:
        frame = {
            "message_id": self._id(),
            "date": 1_700_000_000,
            "chat": room.described(),
            "from": _person(person, language),
        }
        if topic is not None:
            frame |= {"message_thread_id": topic, "is_topic_message": True}
        return frame

    def _shown(self, sent: Sent) -> dict[str, Any]:
        """A message of the bot's as updates show it."""
        shown: dict[str, Any] = {
            "message_id": sent.message_id,
            "date": 1_700_000_000,
            "chat": self.rooms[int(sent.chat)].described(),
            "from": BOT,
            "text": sent.text,
        }
        if topic := sent.request.get("message_thread_id"):
            shown |= {"message_thread_id": topic, "is_topic_message": True}
        return shown

    @property
    def last_update(self) -> int:
        """The number of the newest thing that people did."""
        return self._last

    async def _update(self, update: dict[str, Any]) -> None:
        await super()._update(update)
        self._last = self._next_id

    # ── what the server answers ─────────────────────────────────────────────────────────────────

    async def _on_getUpdates(self, data: dict[str, Any]) -> Any:
        async with self.arrived:
            self.taken = max(self.taken, int(data.get("offset") or 0) - 1)
            self.arrived.notify_all()
        return await super()._on_getUpdates(data)

    async def _on_sendMessage(self, data: dict[str, Any]) -> Any:
        self._admit(data)
        check_markup(data.get("reply_markup") or {})
        result = await super()._on_sendMessage(data)
        self.standing[str(data["chat_id"]), result["message_id"]] = self.sent[-1]
        return result

    async def _on_sendDocument(self, data: dict[str, Any]) -> Any:
        self._admit(data)
        file = next(value for value in data.values() if isinstance(value, dict) and "data" in value)
        caption = str(data.get("caption") or "")
        if len(caption.encode("utf-16-le")) // 2 > 1024:
            raise Refused("MEDIA_CAPTION_TOO_LONG")
        self.files.append(Handed(str(data["chat_id"]), file["name"], file["data"], caption))
        room = self.rooms[int(data["chat_id"])]
        return {
            **self._frame(room, 1, "zh", None),
            "from": BOT,
            "document": _document(file["name"]),
        }

    async def _on_editMessageText(self, data: dict[str, Any]) -> Any:
        check_markup(data.get("reply_markup") or {})
        key = (str(data["chat_id"]), int(data["message_id"]))
        if key not in self.standing:
            raise Refused("message to edit not found")
        was = self.standing[key].request
        if (was["text"], was.get("reply_markup")) == (data["text"], data.get("reply_markup")):
            raise Refused("message is not modified: specified new message content and reply markup "
                          "are exactly the same")  # fmt: skip
        _parsed(data)
        result = await super()._on_editMessageText(data)
        self.standing[key] = self.edited[-1]
        return result

    async def _on_answerCallbackQuery(self, data: dict[str, Any]) -> Any:
        if data["callback_query_id"] not in self._open:
            raise Refused("query is too old and response timeout expired or query ID is invalid")
        self._open.remove(data["callback_query_id"])
        return await super()._on_answerCallbackQuery(data)

    async def _on_setMyCommands(self, data: dict[str, Any]) -> Any:
        told = data.get("scope") or {"type": "default"}
        scope = str(told["type"])
        if "chat_id" in told:
            if int(told["chat_id"]) not in self.rooms:
                raise Refused("chat not found")
            scope += f" {told['chat_id']}"
        names = [command["command"] for command in data["commands"]]
        self.menus[scope, data.get("language_code") or ""] = names
        return await super()._on_setMyCommands(data)

    async def _on_deleteMyCommands(self, data: dict[str, Any]) -> Any:
        scope = f"{data['scope']['type']} {data['scope']['chat_id']}"
        return self.menus.pop((scope, data.get("language_code") or ""), None) is not None

    async def _on_getChat(self, data: dict[str, Any]) -> Any:
        room = self._known(data)
        return {**room.described(), "accent_color_id": 0, "max_reaction_count": 11,
                "accepted_gift_types": _GIFTS}  # fmt: skip

    async def _on_getChatMember(self, data: dict[str, Any]) -> Any:
        room = self._known(data)
        person = int(data["user_id"])
        return self._membership(person, room.people.get(person, "left"), room)

    def _known(self, data: dict[str, Any]) -> Room:
        """The bot sees a channel only from within."""
        name = str(data["chat_id"])
        room = next((r for r in self.rooms.values() if name in {str(r.id), f"@{r.title}"}), None)
        if room is None or room.people.get(BOT_ID, "left") in {"left", "kicked"}:
            raise Refused("chat not found")
        return room

    def _membership(self, person: int, status: str, room: Room) -> dict[str, Any]:
        user = BOT if person == BOT_ID else _person(person, "zh")
        member: dict[str, Any] = {"status": status, "user": user}
        if status == "administrator":
            member |= dict.fromkeys(_RIGHTS, False) | {"can_post_messages": room.kind == "channel"}
        if status == "creator":
            member["is_anonymous"] = False
        if status == "kicked":
            member["until_date"] = 0
        return member

    def _admit(self, data: dict[str, Any]) -> None:
        """A bot writes only where it is, and to people only who wrote first."""
        number = int(data["chat_id"])
        room = self.rooms.get(number)
        if room is None or (room.kind == "private" and number not in room.people):
            words = "Forbidden: bot can't initiate conversation with a user"
            raise Answered(_error(403, words))
        if room.kind != "private" and room.people.get(BOT_ID, "left") == "left":
            raise Answered(_error(403, "Forbidden: bot is not a member of the chat"))


_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
    "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info",
    "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip
_GIFTS = dict.fromkeys(
    (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    ),
    False,
)


def _document(name: str) -> dict[str, Any]:
    return {"file_id": "1", "file_unique_id": "1", "file_name": name}


def check_markup(markup: dict[str, Any]) -> None:
    """What Telegram refuses in a keyboard, and with it the whole message."""
    rows = markup.get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS or any(len(row) > 8 for row in rows):
        raise Refused("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        kinds = {"url", "callback_data"} & set(button)
        if not button.get("text", "").strip() or len(kinds) != 1:
            raise Refused("BUTTON_TYPE_INVALID")
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            raise Refused("BUTTON_DATA_INVALID")
        if "url" in button:
            _check_url(button["url"])


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https", "tg"} or "." not in host or re.search(r"\s", url):
        raise Refused("BUTTON_URL_INVALID")
