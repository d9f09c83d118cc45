"""How `baotong deliveries` is called."""

from pathlib import Path

import click

from bot.cli.options import config_option

STATES = ("pending", "sending", "sent", "unknown", "failed", "skipped")  # feeds.store.outbox.State


@click.command()
@config_option
@click.option("--source", help="只看这份报纸。")
@click.option("--chat", help="只看这个会话,如 telegram:7、wecom:desk。")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="只看这些。",
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--edits", "shows_edits", is_flag=True, help="看没能改掉的消息(更正、撤稿)。")
@click.option(
    "--retry",
    is_flag=True,
    help="没送成和不知道送到没有的,再送一次;加上 --state skipped 还有没有送的;"
    "加上 --chat 还有等着那个会话的,不等了。",
)
def deliveries(
    config: Path,
    source: str | None,
    chat: str | None,
    states: tuple[str, ...],
    limit: int,
    *,
    shows_edits: bool,
    retry: bool,
) -> None:
    """哪一期送给了谁、什么时候、为什么没有送到。"""
    from bot.cli.deliveries import tell

    tell(config, source, chat, states, limit, shows_edits=shows_edits, retry=retry)
