"""YAML text → plain values, and where each stood. The only door to the YAML library.

YAML 1.2, so `no` stays a word. Refused with a place: duplicate keys, tabs, a second document,
anything but a mapping, and files made to burst (1 MiB, 50,000 nodes counted through aliases,
40 levels).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.problems import Path, show_path

MAX_BYTES = 1 << 20
MAX_NODES = 50_000
MAX_DEPTH = 40
MAX_INT_DIGITS = 18


class YamlFault(Exception):
    """One thing that is wrong, at a place that counts from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1, key: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.key = key


@dataclass(slots=True)
class Tree:
    """`value` is made of dict, list, str, int, float, bool and None. `places` has the line and
    column, from 1, of every key (of a mapping's entry) and every item (of a list).
    """

    value: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    faults: list[YamlFault] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int, int]:
        """Where this is, or else the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_yaml(data: bytes) -> Tree:
    """Raises `YamlFault` where the text is no YAML that we read; lesser faults are in the tree."""
    if len(data) > MAX_BYTES:
        raise YamlFault("文件超过 1 MiB (larger than 1 MiB)")
    text = _text(data)
    try:
        _measure(text)
        root = YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise _fault(error, text) from None
    except (YAMLError, ValueError, RecursionError) as error:
        words = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise YamlFault(f"不是合格的 YAML:{words} (not valid YAML)") from None
    tree = Tree()
    if root is None:
        raise YamlFault("文件是空的,运行 baotong init 写一份 (the file is empty)")
    if not isinstance(root, MappingNode):
        raise YamlFault("最外层要是 键: 值 (the top level must be a mapping)")
    tree.value = _Builder(tree).build(root, ())
    return tree


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlFault("不是 UTF-8 文字 (not UTF-8)", line) from None


def _measure(text: str) -> None:
    """Counts before anything is built: a burst shows in the events already."""
    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    total, documents = 0, 0
    for event in YAML(typ="rt", pure=True).parse(text):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise YamlFault("只能有一个文档,去掉 --- (only one document)", _line(event))
        elif isinstance(event, CollectionEndEvent):
            anchor, begun = open_nodes.pop()
            if anchor:
                sizes[anchor] = total - begun
        elif isinstance(event, NodeEvent):
            total += _size(event, sizes)
            if isinstance(event, CollectionStartEvent):
                open_nodes.append((event.anchor, total - 1))
            elif event.anchor and not isinstance(event, AliasEvent):
                sizes[event.anchor] = 1
        if total > MAX_NODES or len(open_nodes) > MAX_DEPTH:
            words = f"超过 {MAX_NODES} 个值或 {MAX_DEPTH} 层 (too many values or too deep)"
            raise YamlFault(words, _line(event))


def _size(event: Any, sizes: dict[str, int]) -> int:
    """What this event adds; an alias adds all that its anchor holds."""
    if not isinstance(event, AliasEvent):
        return 1
    if event.anchor not in sizes:
        raise YamlFault("引用了还没有写完的内容 (an alias of itself or of nothing)", _line(event))
    return sizes[event.anchor]


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _fault(error: MarkedYAMLError, text: str) -> YamlFault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    row = lines[line - 1] if line <= len(lines) else ""
    if "\t" in row[: len(row) - len(row.lstrip())] or "'\\t'" in str(error.problem):
        return YamlFault("缩进只能用空格,不能用制表符 (a tab; indent with spaces)", line, column)
    words = " ".join(str(error.problem or "").split())[:200]
    return YamlFault(f"不是合格的 YAML:{words} (not valid YAML)", line, column)


class _Builder:
    """Nodes → plain values, noting places and duplicate keys on the way."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def build(self, node: Node, path: Path) -> Any:
        if isinstance(node, MappingNode):
            return dict(self._pairs(node, path))
        if isinstance(node, SequenceNode):
            return [self._item(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _item(self, node: Node, path: Path) -> Any:
        self._note(path, node)
        return self.build(node, path)

    def _pairs(self, mapping: MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key, value in mapping.value:
            name = str(key.value) if isinstance(key, ScalarNode) else "?"
            here = (*path, name)
            line = key.start_mark.line + 1
            if name in seen:
                words = f"和第 {seen[name]} 行重复 (duplicate of line {seen[name]})"
                self._tree.faults.append(
                    YamlFault(words, line, key.start_mark.column + 1, show_path(here))
                )
                continue
            seen[name] = line
            self._note(here, key)
            yield name, self.build(value, here)

    def _note(self, path: Path, node: Node) -> None:
        self._tree.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))

    def _scalar(self, node: Any, path: Path) -> Any:
        kind = str(node.tag).rpartition(":")[2]
        text = str(node.value)
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind in {"int", "float"}:
            return _number(kind, text)
        if kind not in {"str", "timestamp"}:
            words = f"不认识的标记 {kind[:40]} (unknown tag)"
            self._tree.faults.append(
                YamlFault(
                    words, node.start_mark.line + 1, node.start_mark.column + 1, show_path(path)
                )
            )
        return text


def _number(kind: str, text: str) -> int | float | str:
    """The number, or the text itself where it is too long or odd to be one for us."""
    try:
        if kind == "float":
            return float(text)
        return int(text) if len(text) <= MAX_INT_DIGITS else text
    except ValueError:
        return text
