"""pydantic's errors → sentences for people, at their place in the file."""

import re
from typing import Any

from config.problems import COLON, Path, nearest, unknown_key
from config.reading import Reading
from config.shape import choices_at, known_keys
from config.sources import KINDS

_KEY = "[key]"  # pydantic's last step where a mapping's key is wrong, not its value


def tell(reading: Reading, fault: Any) -> None:
    """Tells one of pydantic's errors."""
    loc, kind = fault["loc"], fault["type"]
    path = _written(reading, _in_file(loc))
    if not path:  # the sections' disagreements, told before
        return
    if kind == "extra_forbidden":
        reading.complain(path, _unknown(loc))
    elif path[-1] == _KEY and kind == "literal_error":
        reading.complain(path[:-1], unknown_key(str(path[-2]), known_keys(path[:-2])))
    elif kind == "literal_error":
        reading.complain(path, one_of(reading.get(path), choices_at(path)))
    else:
        words = COLON if _is_key_and_value(reading.get(path), kind) else _words(path, fault)
        reading.complain(path[:-1] if path[-1] == _KEY else path, words)


def _is_key_and_value(written: Any, kind: str) -> bool:
    """`listen：127.0.0.1:80` and `token:123` are texts to YAML, where a mapping was meant."""
    wants_mapping = kind in {"dict_type", "model_type", "model_attributes_type"}
    is_text = wants_mapping and isinstance(written, str)
    return is_text and re.match(r"[A-Za-z_]+[:：]", written) is not None


def _words(path: Path, fault: Any) -> str:
    if fault["type"] == "value_error":  # a sentence of ours
        return str(fault["ctx"]["error"])
    if fault["type"] == "missing" and f"{path[-1]}_file" in known_keys(path[:-1]):
        return f"必须写上,或者写 {path[-1]}_file (required; or {path[-1]}_file)"
    return _WORDS.get(fault["type"], "写法不对 (not valid)").format(**fault.get("ctx", {}))


def one_of(written: Any, known: tuple[str, ...]) -> str:
    """The words for a value that is none of those that may stand here."""
    near = nearest(written, known) if isinstance(written, str) else None
    if near:
        return f"没有这个值,是不是 {near}? (unknown; did you mean {near}?)"
    return f"只能是 {'、'.join(known)} (one of these)"


def fault_of_kind(source: dict[str, Any]) -> str | None:
    """What is wrong with a source's `kind`."""
    kind = source.get("kind")
    if kind in KINDS:
        return None
    if kind is None:
        return f"必须写上:{'、'.join(KINDS)} (required: one of these)"
    return one_of(kind, KINDS)


def _in_file(loc: tuple[str | int, ...]) -> Path:
    """The place that pydantic names, without the tags of unions, which are not in the file."""
    is_tagged = loc[:1] == ("sources",) and loc[2:3] and loc[2] in KINDS
    return (*loc[:2], *loc[3:]) if is_tagged else loc


def _written(reading: Reading, path: Path) -> Path:
    """Without the names of a union's members, which pydantic puts below the value that is none of them."""
    kept: Path = ()
    for step in path:
        if isinstance(step, int) or step == _KEY or _is_key(reading.get(kept), step):
            kept = (*kept, step)
    return kept


def _is_key(above: Any, step: str) -> bool:
    """Whether this may be a key of what stands above it. A key that is missing may, a member's name not."""
    if not isinstance(above, dict):
        return above is None
    return step in above or not re.fullmatch(r"str|int|bool|float|.*[\[(].*", step)


def _unknown(loc: Path) -> str:
    return unknown_key(str(loc[-1]), known_keys(loc[:-1]))


_WORDS = {
    "missing": "必须写上 (required)",
    "string_type": "要写文字,可加引号 (must be text; quote it)",
    "string_unicode": "有不能用的字符 (a character that cannot be used)",
    "int_type": "要写整数 (must be a whole number)",
    "int_from_float": "要写整数 (must be a whole number)",
    "float_type": "要写数字 (must be a number)",
    "tuple_type": "要写成列表,每项前面加 - (must be a list)",
    "frozen_set_type": "要写成列表,如 [a, b] (must be a list)",
    "dict_type": "要写成 键: 值 (must be key: value)",
    "model_type": "要写成 键: 值 (must be key: value)",
    "model_attributes_type": "要写成 键: 值 (must be key: value)",
    "greater_than": "要大于 {gt} (must be more than {gt})",
    "greater_than_equal": "不能小于 {ge} (at least {ge})",
    "less_than_equal": "不能大于 {le} (at most {le})",
    "string_too_long": "太长,最多 {max_length} 个字 (at most {max_length} characters)",
}
