"""/withdraw and /restore: an article goes out of pages, search, feeds and every message that was sent; or it
comes back. As the commands of the shell do it.
"""

from dataclasses import replace

import structlog

from bot.channels.base import Answer
from bot.commands import papers
from bot.commands.base import Asked, say
from bot.messages.actions import Action, Verb, button
from bot.taking_back import Change, Done, do, restoration, withdrawal
from feeds.models import Article
from feeds.store import library
from feeds.text import cut
from feeds.words import Count

log = structlog.get_logger(__name__)

WITHDRAW, RESTORE = "withdraw", "restore"
MOST_SHOWN = 5
_LONGEST = 80  # characters of a title


async def withdraw(asked: Asked) -> Answer:
    """`/withdraw PAPER ARTICLE [reason]`. ARTICLE: its URL, `issue/article` or its own key."""
    return await _by_words(asked, WITHDRAW)


async def restore(asked: Asked) -> Answer:
    """`/restore PAPER ARTICLE`."""
    return await _by_words(asked, RESTORE)


async def press(asked: Asked, action: Action, verb: str) -> Answer | None:
    """`withdraw:340`, an article's row; None where it is gone."""
    row = action.row(1)
    async with asked.store.read() as tx:
        article = await library.article_by_id(tx, row) if row is not None else None
    if article is None:
        return None
    return replace(await _do(asked, verb, article, None), replace=True)


async def _by_words(asked: Asked, verb: str) -> Answer:
    _ = asked._
    name, _space, rest = asked.words.partition(" ")
    which, _space, reason = rest.strip().partition(" ")
    if not which:
        return say(_("这样写：/{verb} 报名 文章。文章写它的网址，或 期/篇。").format(verb=verb))
    paper = asked.stand.exactly(name)
    if paper is None:
        return papers.unknown_paper(asked, name)
    async with asked.store.read() as tx:
        found = await library.find_articles(tx, paper.id, which)
    if len(found) == 1:
        return await _do(asked, verb, found[0], reason.strip() or None)
    return _not_one(asked, found, which)


def _not_one(asked: Asked, found: tuple[Article, ...], which: str) -> Answer:
    _ = asked._
    if not found:
        return say(
            _("没有「{name}」这一篇。写它的网址，或 期/篇。").format(name=cut(which, _LONGEST))
        )
    listed = (f"▪ {one.issue}/{one.key} {cut(one.title, _LONGEST)}" for one in found[:MOST_SHOWN])
    return say(_("有 {count} 篇叫这个，写明是哪一期的：").format(count=len(found)), *listed)


async def _do(asked: Asked, verb: str, article: Article, reason: str | None) -> Answer:
    now = asked.now
    change: Change = withdrawal(reason, now) if verb == WITHDRAW else restoration(now)
    async with asked.store.write() as tx:
        done = await do(tx, article, change, now)
    by = f"{asked.to.channel}:{asked.incoming.person}"
    log.info("an operator's word", verb=verb, source=article.source, article=article.key, by=by)
    words, other = (
        (asked._("放回来"), RESTORE) if verb == WITHDRAW else (asked._("再撤回"), WITHDRAW)
    )
    back = button(words, Verb.OPERATE, f"{other}:{article.id}")
    return say(*_done(asked, verb, article, done), buttons=((back,),))


def _done(asked: Asked, verb: str, article: Article, done: Done) -> list[str]:
    _ = asked._
    if verb == RESTORE:
        words = _("放回来了：{title}") if done.is_news else _("没有撤回过：{title}")
        return [words.format(title=cut(article.title, _LONGEST))]
    words = _("撤回了：{title}") if done.is_news else _("早就撤回了：{title}")
    lines = [words.format(title=cut(article.title, _LONGEST))]
    if done.is_news:
        lines.append(
            _("网页、搜索、订阅源里已经没有；发出的 {count} 条消息会逐条改掉。").format(
                count=Count(done.telling.changeable)
            )
        )
    if done.is_news and done.telling.fixed:
        lines.append(
            _("另有 {count} 条改不了，要自己去看：").format(count=Count(done.telling.fixed))
        )
        lines += [f"▪ {chat}" for chat in _chats(done)]
    elif done.left:
        lines.append(
            _("这一期有 {count} 条消息改不掉，见 baotong deliveries --edits。").format(
                count=Count(len(done.left))
            )
        )
    return lines


def _chats(done: Done) -> list[str]:
    """Where the messages stand that cannot be changed."""
    chats = dict.fromkeys(one.chat for one in done.telling.named)
    return list(chats)[:MOST_SHOWN]
