"""The `baotong` command: a table of subcommands, each imported only when it is called.

`baotong --help` must not pay for a database and a web server: this module imports click alone. Nor must the
help of a command: what it does is apart from how it is called (`bot.cli.usage`).
"""

import importlib
from importlib.metadata import version

import click

# name → (module, one line of help)
COMMANDS = {
    "demo": ("bot.cli.usage.demo", "一份会出报的演示报纸,配上订阅源、网页和终端里的推送"),
    "run": ("bot.cli.usage.run", "看报、写订阅源、推送,直到 Ctrl-C"),
    "reload": ("bot.cli.usage.reload", "叫正在运行的报童重新读配置,不停下来"),
    "check": ("bot.cli.usage.check", "检查配置、各份报纸和各个渠道,什么也不写"),
    "inspect": ("bot.cli.usage.inspect", "看一个网页里能读到什么,用的是哪条规则"),
    "add": ("bot.cli.usage.add", "认出一份报纸是哪种系统,写进配置文件"),
    "backfill": ("bot.cli.usage.backfill", "一期一期往回走,补上以前的报纸"),
    "deliveries": ("bot.cli.usage.deliveries", "哪一期送给了谁、什么时候、为什么没有送到"),
    "status": ("bot.cli.usage.status", "一切可好:报纸、渠道、排队、警报,什么也不写"),
    "pause": ("bot.cli.usage.pause", "停一停:一份报纸先不看,或一个渠道先不推送"),
    "resume": ("bot.cli.usage.pause", "接着看、接着推送"),
    "withdraw": ("bot.cli.usage.withdraw", "撤回一篇:从网页、搜索、订阅源和发出的消息里拿掉"),
    "backup": ("bot.cli.usage.backup", "把整个存档写成一个文件,报童不用停"),
    "restore": ("bot.cli.usage.withdraw", "放回一份备份,或撤回的一篇"),
    "export": ("bot.cli.usage.export", "把订阅源和网页写成文件,任何静态网站都能用"),
    "init": ("bot.cli.usage.init", "问几个问题,写好 baotong.yaml,再检查一遍"),
    "schema": ("bot.cli.schema", "打印 YAML 的 JSON Schema"),
}


class LazyGroup(click.Group):
    """A group whose help comes from the table and whose commands come from their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"baotong {version('baotong')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="版本",
)
def main() -> None:
    """报童:看数字报,写订阅源,把每一期送到订了它的人手里。"""
