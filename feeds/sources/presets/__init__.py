"""Newspapers' systems described once, as data: a YAML file each, in the words of `baotong.yaml`. A sister paper
names one in `preset:` and writes only what is its own.

`about` says whose system it is, `detect` the addresses by which a page of it is known, `needs` what a paper
must write in `values:`, in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from pydantic import ValidationError

from config.sources import HtmlSource, JsonSource
from config.yaml_tree import read_yaml
from feeds.errors import BaotongError
from feeds.sources.templates import Pattern

NAMES = ("founder-app", "qpaper", "shtml", "stdaily", "wenzhou", "xmwb")

_Config = TypeVar("_Config", HtmlSource, JsonSource)


@dataclass(frozen=True, slots=True)
class Preset:
    """`settings` are those of a source of this `kind`."""

    name: str
    kind: str
    about: str
    detect: tuple[Pattern, ...]
    needs: Mapping[str, str]
    settings: Mapping[str, Any]


@cache
def preset(name: str) -> Preset:
    """Raises `BaotongError` where there is none of this name."""
    if name not in NAMES:
        raise BaotongError(f"preset: 没有这个样式;有:{'、'.join(NAMES)} (no such preset)")
    text = files(__package__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    said = dict(read_yaml(text).value)
    kind, about, detect = said.pop("kind"), said.pop("about"), said.pop("detect", [])
    patterns = tuple(Pattern(f"{name}: detect", text) for text in detect)
    needs = said.pop("needs", {})
    return Preset(name, kind, about, patterns, needs, said)


def presets(kind: str) -> tuple[Preset, ...]:
    """All presets of a kind."""
    return tuple(one for name in NAMES if (one := preset(name)).kind == kind)


def what_to_write(kind: str) -> str:
    """What a family wants to be told that reads nothing by an address alone; blank for the others."""
    if kind not in _WITHOUT:
        return ""
    names = "、".join(one.name for one in presets(kind))
    return f"请在配置里写这份报纸:有现成样式的写 preset:({names});别的{_WITHOUT[kind]}"


_WITHOUT = {
    "json": "在浏览器里录下请求,运行 baotong inspect --har FILE,它打印要贴的规则",
    "html": "写 paths: 和 selectors:,说明哪种网址是什么、各项在哪里",
}


def settled(config: _Config) -> _Config:
    """The configuration with its preset's settings where it says nothing itself.

    Raises `BaotongError` for a preset that there is not, or that is of another kind.
    """
    if config.preset is None:
        return config
    chosen = preset(config.preset)
    if chosen.kind != config.kind:
        raise BaotongError(f"preset: {chosen.name} 是 kind: {chosen.kind} 的样式")
    _require(chosen, getattr(config, "values", {}))
    told = config.model_dump(exclude_unset=True, include=set(chosen.settings))
    named = config.model_dump(include={"id", "kind", "title", "url"})
    try:
        merged = type(config).model_validate(_over(chosen.settings, told) | named)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise BaotongError(f"{place}: {fault['msg']}") from error
    return config.model_copy(update={name: getattr(merged, name) for name in chosen.settings})


def _require(chosen: Preset, values: Mapping[str, object]) -> None:
    missing = [f"{name}({words})" for name, words in chosen.needs.items() if name not in values]
    if missing:
        raise BaotongError(
            f"values: 样式 {chosen.name} 要写 {'、'.join(missing)} (these values are required)"
        )


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Sections are merged key by key. Of the ways to ask (get, post, form, payload) the upper one's count
    alone.
    """
    merged = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], Mapping) and isinstance(above[key], Mapping):
            lower = dict(below[key])
            if above[key].keys() & {"get", "post"}:
                lower = {k: v for k, v in lower.items() if k not in _WAYS}
            merged[key] = _over(lower, above[key])
    return merged


_WAYS = frozenset({"get", "post", "query", "form", "payload"})
