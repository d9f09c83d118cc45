"""`baotong schema`: the JSON Schema of the YAML, for editors and scripts."""

import json

import click

from config.models import Settings


@click.command()
def schema() -> None:
    """打印 YAML 的 JSON Schema。"""
    described = Settings.model_json_schema(mode="validation")
    click.echo(json.dumps(described, ensure_ascii=False, indent=2))
