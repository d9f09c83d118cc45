"""`baotong schema`: the JSON Schema of the YAML, for editors and scripts."""

import json

import click

from config.schema import json_schema


@click.command()
def schema() -> None:
    """打印 YAML 的 JSON Schema,给编辑器用。

    存成文件,再在 baotong.yaml 第一行写上它,VS Code 等就会补全、解释、检查每一项:

    \b
      baotong schema > baotong.schema.json
      # yaml-language-server: $schema=baotong.schema.json
    """  # noqa: D301 - the mark by which click keeps these lines
    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
