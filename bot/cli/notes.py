"""What to know of a newspaper that was just found, before it is written into a configuration. Pure."""

from urllib.parse import urlsplit

from feeds.finding import Found
from feeds.sources.links import date_in

OF_ONE_DAY = "这个网址里有日期,明天的报纸不在这里;最好换成报纸首页的网址"


def notes_on(url: str, title: str, found: Found) -> list[str]:
    """Sentences, each with what to do."""
    notes = []
    if found.looks_like:
        notes.append(f"它看起来是 {found.looks_like};不写 --kind 就照那样读,多半读得更全")
    if title == urlsplit(url).hostname:
        notes.append("没有读到报名,请把 title 改成读者看到的样子")
    if is_of_one_day(url, found):
        notes.append(OF_ONE_DAY)
    if found.exploration.article is None:
        notes.append("没有读到文章")
    return notes


def is_of_one_day(url: str, found: Found) -> bool:
    """Whether the address names the issue that was read: tomorrow's is elsewhere."""
    return found.kind != "feed" and date_in(url) == found.exploration.issue.date
