"""What Windows has not is asked for in a branch only: nobody here has a Windows to try, so the sources are read."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for package in ("bot", "feeds", "config") for path in (ROOT / package).rglob("*.py"))  # fmt: skip
MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix", "readline", "crypt"}  # fmt: skip
NAMES = {
    "getuid", "geteuid", "getgid", "fork", "forkpty", "killpg", "getpgid", "setsid", "mkfifo", "chown", "fchmod", "statvfs",
    "getloadavg", "uname", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGQUIT", "SIGCHLD", "setitimer",
    "add_signal_handler", "add_reader", "add_writer", "create_unix_server", "create_unix_connection", "open_unix_connection",
    "start_unix_server", "tzset", "AF_UNIX",
}  # fmt: skip


def unguarded(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where something of Unix is used outside of a branch that asks for the platform or for the thing itself."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and _asks(node.test):
            continue  # one of its branches is Windows'
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _leaves_early(node):
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield node.lineno, str(node.module)
        elif isinstance(node, ast.Attribute) and node.attr in NAMES:
            yield node.lineno, node.attr
        yield from unguarded(node)


def _asks(test: ast.expr) -> bool:
    said = ast.unparse(test)
    return "sys.platform" in said or "os.name" in said or "hasattr(" in said


def _leaves_early(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A function that returns at once where it is on Windows."""
    return any(isinstance(step, ast.If) and _asks(step.test) for step in function.body)


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("import fcntl", False),
        ("import sys\nif sys.platform != 'win32':\n    import fcntl", True),
        ("import os\nprint(os.getuid())", False),
        (
            "import os\ndef f():\n    if os.name == 'nt':\n        return 0\n    return os.getuid()",
            True,
        ),
        ("loop.add_signal_handler(2, stop)", False),
        ("import signal\nsignal.signal(signal.SIGHUP, f)", False),
        ("if hasattr(signal, 'SIGHUP'):\n    signal.signal(signal.SIGHUP, f)", True),
    ],
)
def test_the_search_finds_what_it_looks_for(text: str, is_fine: bool) -> None:
    assert (not list(unguarded(ast.parse(text)))) is is_fine


def test_no_module_asks_for_what_windows_has_not() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in SOURCES
        for line, name in unguarded(ast.parse(path.read_text("utf-8")))
    ]
    assert not found


def test_every_text_file_is_opened_with_its_encoding() -> None:
    """Windows would take its own code page: GBK in China."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _opens_text(node)
    ]
    assert not found


def _opens_text(call: ast.Call) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if ast.unparse(function) == "os.open":  # bytes
        return False
    if name not in {"open", "read_text", "write_text", "fdopen"}:
        return False
    if any(keyword.arg == "encoding" for keyword in call.keywords):
        return False
    if name in {"read_text", "write_text"}:
        return not (name == "read_text" and call.args)
    modes = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    opens_files = isinstance(function, ast.Name) or name == "fdopen" or bool(modes)
    return opens_files and not any("b" in mode for mode in modes)


def test_the_lock_takes_the_way_of_each_system() -> None:
    text = (ROOT / "feeds" / "store" / "lock.py").read_text("utf-8")
    assert "msvcrt.locking" in text
    assert "fcntl.flock" in text
