"""`baotong init`: writes the commented configuration that an operator starts from."""

from importlib.resources import files
from pathlib import Path

import click

from config.files import DEFAULT_FILE, explain

EXIT_REFUSED = 1


@click.command()
@click.option("--force", is_flag=True, help="覆盖已有的文件")
@click.argument("path", type=click.Path(path_type=Path), default=DEFAULT_FILE)
def init(path: Path, force: bool) -> None:
    """写一份带注释的配置文件。"""
    text = files("config").joinpath("examples", "baotong.yaml").read_text(encoding="utf-8")
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        _refuse(f"{path} 已经有了,没有动它;要覆盖就加 --force (already there; --force replaces it)")
    except OSError as error:
        _refuse(f"{path} 写不了:{explain(error)}")
    option = "" if path == Path(DEFAULT_FILE) else f" -c {path}"
    click.echo(f"写好了 {path}。下一步:填上报纸的网址,然后运行 baotong check{option}")


def _refuse(sentence: str) -> None:
    click.echo(sentence, err=True)
    raise SystemExit(EXIT_REFUSED)
