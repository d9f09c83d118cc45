"""YAML text → plain values, and where each stood. YAML 1.2's core schema, so `no` stays a word.

text ──yaml_nodes──▶ nodes ──▶ values, places, texts, lesser faults
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from config.problems import Path
from config.yaml_faults import YamlFault
from config.yaml_nodes import MAX_BYTES, Node, compose

__all__ = ["MAX_BYTES", "Tree", "YamlFault", "read_plain", "read_yaml"]

Plain = str | int | float | bool | None

MAX_DIGITS = 18

# YAML 1.2, section 10.3.2, without what no setting could be: octal, hexadecimal, infinity, NaN.
_CORE = (
    ("null", re.compile(r"(?:null|Null|NULL|~|)")),
    ("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)")),
    ("int", re.compile(rf"[-+]?[0-9]{{1,{MAX_DIGITS}}}")),
    ("float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")),
)
_TEXT_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str"})
_COLLECTION_TAGS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(slots=True)
class Tree:
    """`value` is made of dict, list, str, int, float, bool and None. `places` has the line and
    column, from 1, of every key (of a mapping's entry) and every item (of a list). `texts` has
    what was written where a value is neither text nor a collection.
    """

    value: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    faults: list[YamlFault] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int, int]:
        """Where this is, or else the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read_yaml(text: str) -> Tree:
    """The one document in a text, whatever it is; an empty one is None.

    Raises `YamlFault` where it is no YAML that we read; lesser faults are in the tree.
    """
    root, tree = compose(text), Tree()
    if root is not None:
        tree.value = _Builder(tree).build(root, ())
    return tree


def read_plain(text: str) -> Plain:
    """What an unquoted scalar means: text, unless it is one of the core schema's other kinds. A
    number too long to be one for us stays text.
    """
    kind = next((kind for kind, form in _CORE if form.fullmatch(text)), "str")
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text)
    return float(text) if kind == "float" and len(text) <= MAX_DIGITS else text


class _Builder:
    """Nodes → plain values, noting places and lesser faults on the way."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def build(self, node: Node, path: Path) -> Any:
        if node.text is not None:
            return self._scalar(node, node.text, path)
        if node.tag not in _COLLECTION_TAGS:
            self._complain(node, path, "不认识的标记,去掉 ! 和后面的字 (unknown tag)")
        if node.is_mapping:
            return dict(self._entries(node, path))
        return [self._item(item, (*path, i)) for i, item in enumerate(node.inner)]

    def _item(self, node: Node, path: Path) -> Any:
        self._tree.places[path] = (node.line, node.column)
        return self.build(node, path)

    def _entries(self, mapping: Node, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key, value in mapping.pairs():
            name = key.text or ""
            here = (*path, name) if name else path
            if words := _fault_of_key(key, seen):
                self._complain(key, here, words, spoils=False)
                continue
            seen[name] = key.line
            self._tree.places[here] = (key.line, key.column)
            yield name, self.build(value, here)

    def _scalar(self, node: Node, text: str, path: Path) -> Plain:
        if _SURROGATE.search(text):
            text = self._joined(node, text, path)
        if node.tag not in _TEXT_TAGS:
            words = "不认识的标记;开头的 ! 若是文字,要加引号 (unknown tag; quote a text like !x)"
            self._complain(node, path, words)
        value = read_plain(text) if node.is_plain and node.tag is None else text
        if not isinstance(value, str):
            self._tree.texts[path] = text
        return value

    def _joined(self, node: Node, text: str, path: Path) -> str:
        r"""JSON writes what is beyond 16 bits as two escapes, `\ud83d\ude00`; half of one is nothing."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._complain(node, path, "有半个字符的转义,如 \\ud800 (half of a surrogate pair)")
            return _SURROGATE.sub("\ufffd", text)

    def _complain(self, node: Node, path: Path, words: str, spoils: bool = True) -> None:
        self._tree.faults.append(YamlFault(words, node.line, node.column, path, spoils))


def _fault_of_key(key: Node, seen: dict[str, int]) -> str | None:
    if key.text is None or not key.text.strip():
        return "冒号前面要有键的名字 (a key must be a word)"
    if key.text == "<<" and key.is_plain:
        return "不能用 << 合并,请把每一项写全 (merge keys are not supported)"
    if key.text in seen:
        return f"和第 {seen[key.text]} 行重复,只留一个 (duplicate of line {seen[key.text]})"
    return None
