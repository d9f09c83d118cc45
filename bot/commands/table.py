"""The commands and buttons that exist, a row each; and the menu that is made of them."""

from collections.abc import Mapping

from bot.address import Address
from bot.channels.base import ChatMenu, Commands, Menu, Scope
from bot.commands import (
    cards,
    choices,
    ending,
    export,
    manage,
    operating,
    operators,
    papers,
    personal,
    preview,
    reading,
    search,
    start,
    subscribe,
    top,
    why,
)
from bot.commands.base import Command, Pressed
from bot.commands.operators import Power
from bot.messages.actions import Verb
from config.models import Settings
from feeds.words import N_, languages, translator

_ALONE = frozenset({Scope.EVERYBODY, Scope.PRIVATE})
_CHOOSERS = frozenset({Scope.EVERYBODY, Scope.PRIVATE, Scope.ADMINISTRATORS})
"""Who may change what a chat gets."""


_ROWS = (
    Command("latest", N_("看最新一期"), reading.latest),
    Command("issue", N_("看某一期：报名 日期"), reading.issue),
    Command("top", N_("读得最多的：报名 day 或 week"), top.top),
    Command("search", N_("搜索所有文章"), search.search),
    Command("papers", N_("有哪些报纸"), papers.papers),
    Command("subscribe", N_("订阅一份报纸"), subscribe.subscribe, _CHOOSERS, True, True),
    Command(
        "subscriptions", N_("这里订了哪些，怎么送"), cards.list_subscriptions, about_others=True
    ),
    Command("unsubscribe", N_("退订"), ending.unsubscribe, _CHOOSERS, True, True),
    Command("pause", N_("暂停"), ending.pause, _CHOOSERS, True, True),
    Command("resume", N_("恢复"), ending.resume, _CHOOSERS, True, True),
    Command("language", N_("语言 · Language"), personal.language, _CHOOSERS, True, True),
    Command("timezone", N_("时区"), personal.timezone, _CHOOSERS, True, True),
    Command("manage", N_("管理一个频道"), manage.manage, _ALONE),
    Command("export", N_("导出订阅源（OPML）"), export.export, about_others=True),
    Command("why", N_("为什么收到这些"), why.why, about_others=True),
    Command("privacy", N_("记着什么，全部删掉"), personal.privacy, about_others=True),
)
_START = Command("start", N_("开始"), start.start, frozenset())
COMMANDS = (*_ROWS, start.help_command(_ROWS, operating.OPERATIONS))
BY_NAME: Mapping[str, Command] = {command.name: command for command in (_START, *COMMANDS)}

_CHANGES_ROW = {"changes": True, "of_row": True}
_CHANGES = {"changes": True, "about_others": True}
BUTTONS: Mapping[Verb, Pressed] = {
    Verb.PREVIOUS: Pressed(reading.turn, turns=True),
    Verb.NEXT: Pressed(reading.turn, turns=True),
    Verb.ISSUE: Pressed(reading.press_issue, turns=True),
    Verb.PAGE: Pressed(reading.press_page, turns=True),
    Verb.ARTICLE: Pressed(reading.press_article, turns=True),
    Verb.NEWEST: Pressed(reading.press_newest),
    Verb.PAPER: Pressed(papers.press_paper),
    Verb.PAPERS: Pressed(papers.press_papers),
    Verb.TOP: Pressed(top.press_top),
    Verb.FIND: Pressed(search.press_find),
    Verb.SUBSCRIBE: Pressed(subscribe.press_subscribe, **_CHANGES),
    Verb.UNSUBSCRIBE: Pressed(ending.press_unsubscribe, **_CHANGES_ROW),
    Verb.SUBSCRIPTIONS: Pressed(cards.press_list, about_others=True),
    Verb.SUBSCRIPTION: Pressed(cards.press_card, **_CHANGES_ROW),
    Verb.CHOICES: Pressed(choices.press_choices, **_CHANGES_ROW),
    Verb.CHOOSE: Pressed(choices.press_choose, **_CHANGES_ROW),
    Verb.TYPE: Pressed(choices.press_type, **_CHANGES_ROW),
    Verb.ASK: Pressed(personal.press_ask, **_CHANGES),
    Verb.PREVIEW: Pressed(preview.press_preview, **_CHANGES_ROW),
    Verb.SEND_NOW: Pressed(subscribe.press_send_now, **_CHANGES_ROW),
    Verb.PAUSE: Pressed(cards.press_pause, **_CHANGES_ROW),
    Verb.RESUME: Pressed(cards.press_pause, **_CHANGES_ROW),
    Verb.LANGUAGE: Pressed(personal.press_language, **_CHANGES),
    Verb.ZONE: Pressed(personal.press_zone, **_CHANGES),
    Verb.MANAGE: Pressed(manage.press_manage),
    Verb.FORGET: Pressed(personal.press_forget, **_CHANGES),
    Verb.OPERATE: Pressed(operating.press),
    Verb.CLOSE: Pressed(personal.press_close),
}
assert set(BUTTONS) == set(Verb)

DESCRIPTION = N_("报童：数字报一出新的一期，就把标题、摘要和阅读数送过来。")


def build_menu(settings: Settings) -> Menu:
    """The menu in every language and scope; people with another language get the settings' own."""
    by_tag = {"zh": "zh-CN", "en": "en", "": settings.language}
    assert set(by_tag.values()) <= set(languages())
    return Menu(
        commands={
            (scope, tag): _shown(scope, language)
            for scope in Scope
            for tag, language in by_tag.items()
        },
        description={tag: translator(language)(DESCRIPTION) for tag, language in by_tag.items()},
        chats=tuple(
            ChatMenu(to, tag, _shown(scope, language) + _operations(power, language), is_admins)
            for to in operators.chats(settings.operators)
            for scope, power, is_admins in _menus_of(to)
            for tag, language in by_tag.items()
        ),
    )


def _shown(scope: Scope, language: str) -> Commands:
    _ = translator(language)
    return tuple((row.name, _(row.words)) for row in COMMANDS if scope in row.scopes)


def _operations(power: Power, language: str) -> Commands:
    """What operators see besides."""
    _ = translator(language)
    rows = (row for row in operating.OPERATIONS if row.words and row.power <= power)
    return tuple((row.name, _(row.words)) for row in rows)


def _menus_of(to: Address) -> tuple[tuple[Scope, Power, bool], ...]:
    """A person's chat has one menu; a group one for its members and one for its administrators."""
    if not to.chat.startswith("-"):
        return ((Scope.PRIVATE, Power.CHANGES, False),)
    return (
        (Scope.GROUPS, Power.LOOKS, False),
        (Scope.ADMINISTRATORS, Power.CHANGES, True),
    )
