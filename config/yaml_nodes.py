"""YAML text → nodes, each with its place. The only door to the YAML library.

Files made to burst are refused while they are read: 1 MiB, 50,000 nodes counted through aliases, 40
levels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    SequenceStartEvent,
)

from config.yaml_faults import YamlFault, translate

MAX_BYTES = 1 << 20
MAX_NODES = 50_000
MAX_DEPTH = 40


@dataclass(slots=True)
class Node:
    """A scalar's `text`, or a collection's `inner` nodes: in a mapping, keys and values by turns.

    `line` and `column` count from 1. `tag` is None where none was written. `size` and `height` count
    through aliases.
    """

    line: int
    column: int
    tag: str | None
    text: str | None = None
    inner: list["Node"] = field(default_factory=list)
    is_mapping: bool = False
    is_plain: bool = False
    size: int = 1
    height: int = 1

    def pairs(self) -> Iterator[tuple["Node", "Node"]]:
        """A mapping's keys and values."""
        return zip(self.inner[::2], self.inner[1::2], strict=True)


def compose(text: str) -> Node | None:
    """The root of the one document in a text, or None where it is empty. Raises `YamlFault`."""
    composer = _Composer(text)
    try:
        return composer.document()
    except (YAMLError, ValueError) as error:
        raise translate(error, text, composer.line) from None


class _Composer:
    """Events → nodes, counting on the way. `line` is where it has come to."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self._anchors: dict[str, Node] = {}
        self._total = 0
        self.line = 1

    def document(self) -> Node | None:
        root, documents = None, 0
        for event in self._events:
            if isinstance(event, NodeEvent):
                root = self._node(event, 1)
            elif isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    words = "一个文件只能有一份 YAML,去掉后面的 --- (only one document)"
                    raise YamlFault(words, event.start_mark.line + 1)
        return root

    def _node(self, event: Any, depth: int) -> Node:
        self.line = event.start_mark.line + 1
        place = (self.line, event.start_mark.column + 1)
        if isinstance(event, AliasEvent):
            whole = self._anchored(event, place)
            return self._counted(replace(whole, line=place[0], column=place[1]), depth)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            is_mapping = isinstance(event, MappingStartEvent)
            node = self._counted(Node(*place, event.tag, is_mapping=is_mapping), depth)
            self._fill(node, depth)
        else:
            plain = bool(event.implicit[0])
            node = self._counted(Node(*place, event.tag, event.value, is_plain=plain), depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _fill(self, node: Node, depth: int) -> None:
        while not isinstance(event := next(self._events), CollectionEndEvent):
            node.inner.append(self._node(event, depth + 1))
        node.size += sum(one.size for one in node.inner)
        node.height += max((one.height for one in node.inner), default=0)

    def _anchored(self, event: Any, place: tuple[int, int]) -> Node:
        """The whole node that an alias stands for; one that holds the alias is not whole yet."""
        if event.anchor in self._anchors:
            return self._anchors[event.anchor]
        words = '锚点不存在或还没有写完;* 若是文字,要加引号 (no such anchor; quote a text like "*")'
        raise YamlFault(words, *place)

    def _counted(self, node: Node, depth: int) -> Node:
        self._total += node.size
        if self._total > MAX_NODES or depth + node.height - 1 > MAX_DEPTH:
            words = f"超过 {MAX_NODES} 个值或 {MAX_DEPTH} 层 (too many values, or too deep)"
            raise YamlFault(words, node.line, node.column)
        return node
