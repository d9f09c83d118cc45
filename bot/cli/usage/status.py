"""How `baotong status` is called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="打印 JSON")
def status(config: Path, as_json: bool) -> None:
    """一切可好:各份报纸、渠道、排队和警报。什么也不写,报童在不在运行都行。

    都好退出 0,有要看一下的退出 1,配置有错退出 2。

    \b
    --json 的键只会增加。时间是 UTC(ISO 8601),大小是字节,不知道是 null:
      ok        没有要看一下的
      needs     要看一下的,一句一条
      at        这是什么时候的样子
      version   报童的版本
      worker    running、pid
      database  kind(sqlite、postgresql)、revision、bytes、free_bytes(data_dir 的磁盘)
      sources   每份报纸一项:id、title、
                issue(最新一期:key、date、number、status、pages、articles)、
                looked_at(上次看)、read_at(上次读到)、next_look_at、
                failures(连着几次没读到)、reason、
                usual_minute(平常几点出:从报上日期的零点起,第几分钟;前一晚是负数)、
                paused(since、by)、alarms(kind、since)、
                found_by(最近读的一篇,各项是按哪条规则找到的)
      channels  每个渠道一项:name、configured、paused、pending(排队)、sending、
                oldest_due(该送而没送的,最早是什么时候)、
                stuck(试过还没送到的,最早一条:chat、reason)、edits(要改的消息)、
                last_day(24 小时里 sent、failed、unknown;最近一次没送成的 failed_at、reason)、
                sent_at(上一条送到的)
      incidents 报童自己的毛病:kind、about、since、words
      rewrites  正要去改消息的期数
    """  # noqa: D301 - the mark by which click keeps these lines
    from bot.cli.status import tell

    tell(config, as_json=as_json)
