"""A file on its way to Settings: its values, where each came from, and what was found wrong so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from config.problems import Path, Problem, show_path
from config.yaml_tree import Tree, YamlFault


@dataclass(slots=True)
class Reading:
    """`values` begins as the file's and ends as what the models are given. `origins` has the
    environment's variables by the place that they replaced.
    """

    file: str
    tree: Tree
    values: dict[str, Any]
    origins: dict[Path, tuple[str, Tree | None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _told: set[Path] = field(default_factory=set)

    def complain(self, path: Path, message: str) -> None:
        """Tells one fault, unless a fault of this place or of what holds it was told before: the
        second would be about the same thing.
        """
        if any(path[:length] in self._told for length in range(1, len(path) + 1)):
            return
        self._told.add(path)
        file, line, column = self._place(path)
        self.problems.append(Problem(file, line, column, show_path(path), message))

    def blame(self, file: str, fault: YamlFault, below: Path = ()) -> None:
        """Tells a fault of the YAML itself."""
        path = (*below, *fault.path)
        if fault.spoils:
            self._told.add(path)
        self.problems.append(
            Problem(file, fault.line, fault.column, show_path(path), fault.message)
        )

    def get(self, path: Path) -> Any:
        """The value at a place, or None where there is none."""
        value: Any = self.values
        for step in path:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
        return value

    def put(self, path: Path, value: Any) -> None:
        """Puts a value in its place; sections on the way are made where there are none."""
        self.values = _with(self.values, path, value)

    def is_replaced(self, path: Path) -> bool:
        """Whether the environment's value stands here, and not the file's."""
        return any(path[:length] in self.origins for length in range(1, len(path) + 1))

    def map_texts(self, change: Callable[[Path, str], Any]) -> None:
        """Changes every text of the file, but not those of the environment."""
        self.values = self._mapped(self.values, change, ())

    def _mapped(self, value: Any, change: Callable[[Path, str], Any], path: Path) -> Any:
        if path in self.origins:
            return value
        if isinstance(value, dict):
            return {key: self._mapped(one, change, (*path, key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self._mapped(one, change, (*path, i)) for i, one in enumerate(value)]
        return change(path, value) if isinstance(value, str) else value

    def _place(self, path: Path) -> tuple[str, int, int]:
        """Whatever the environment replaced stands there with all that is below it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                name, tree = self.origins[path[:length]]
                line, column = tree.place(path[length:]) if tree else (0, 0)
                return name, line, column
        return self.file, *self.tree.place(path)


def _with(values: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, below = path[0], path[1:]
    if isinstance(step, int):
        items = list(values) if isinstance(values, list) else []
        items[step : step + 1] = [_with(items[step] if step < len(items) else None, below, value)]
        return items
    section = dict(values) if isinstance(values, dict) else {}
    section[step] = _with(section.get(step), below, value)
    return section
