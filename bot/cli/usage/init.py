"""How `baotong init` is called."""

from pathlib import Path
from typing import Any

import click

from bot.cli.options import allow_host_option
from config.files import DEFAULT_FILE
from config.sources import KINDS

CHATS = ("wecom", "dingtalk", "feishu", "telegram", "none")  # bot.cli.start.chats
DEPLOY = ("Containerfile", "compose.yaml", "baotong.service", "windows.md", "grafana.json")
"""What stands in config/deploy."""


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=DEFAULT_FILE)
@click.option("--force", is_flag=True, help="覆盖已有的文件")
@click.option("--url", help="报纸的网址;自己认是哪种系统")
@click.option("--id", "source_id", metavar="ID", help="它在我们网址里的名字;不写就从它的网址里取")
@click.option("--title", help="给读者看的报名;不写就从网页里取")
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="报纸的平台;不写就自己认")
@allow_host_option
@click.option("--chat", type=click.Choice(CHATS), help="推送到哪种群;none:不推送")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="装着密钥的文件:机器人网址里的 key、access_token、最后一段,或 Telegram 的 token",
)
@click.option("--key-env", metavar="NAME", help="装着密钥的环境变量")
@click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    help="装着第二个密钥的文件:钉钉的加签、飞书的签名校验",
)
@click.option("--secret-env", metavar="NAME", help="装着第二个密钥的环境变量")
@click.option("--proxy", metavar="URL", help="Telegram 的代理,如 socks5://127.0.0.1:1080")
@click.option("--to", metavar="CHAT", help="推到 Telegram 的哪个群或频道;不写:谁订了谁收到")
@click.option(
    "--operator",
    "operators",
    multiple=True,
    metavar="ADDRESS",
    help="出了问题告诉谁:telegram:7、wecom:desk",
)
@click.option("--contact", help="写给报社管理员看的网址或邮箱")
@click.option(
    "--show",
    type=click.Choice(DEPLOY),
    help="不写配置,打印一个部署用的文件(容器、systemd、Windows、Grafana)",
)
def init(path: Path, force: bool, show: str | None, **answers: Any) -> None:
    """写一份配置文件:在终端里问几个问题,或用下面的选项;问完就检查一遍。

    不在终端里又没有选项,就写一份带注释的空白配置。
    """
    from bot.cli.init import print_file, write

    if show:
        print_file(show)
    else:
        write(path, answers, force=force)
