"""PaperIndex: what its papers have of their own."""

from datetime import date

import pytest

from config.sources import PaperIndexSource
from feeds.errors import NotReadable
from feeds.models import Reading
from feeds.sources.table import build_source, detect
from tests.feeds.sources.shells import document

SITE = "https://paper.example"


def look(html: str, path: str) -> Reading:
    config = PaperIndexSource(id="qhwb", kind="paperindex", title="青禾晚报", url=f"{SITE}/")
    return build_source(config).read(document(html, url=f"{SITE}{path}"))


def page(day: str, *labels: str) -> str:
    listed = "".join(
        f"<LI class=banci>[<SPAN><A href=Page{label}TB.htm>{label}</A></SPAN>]:<A href=Page{label}TB.htm>第{n}个版名</A>"
        for n, label in enumerate(labels, 1)
    )
    first = labels[0]
    return (
        f"<html><body><p>{day} <A href=../20240407/IssueIndex.htm>上一期</A></p>{listed}<A href=Page{labels[-1]}TB.htm>下一版</A>"
        f"<UL id=newslist><LI><A href=Articel{first}002TB.htm>渡口迎来今年首批游客</A></LI>"
        f"<LI><A href='Articel{first}003TB.htm?div=-1'>青岗岭新辟三条防火道</A></LI></UL></body></html>"
    )


@pytest.mark.parametrize("labels", [("01", "02"), ("A01", "A02"), ("AA01", "B12")])
def test_labels_may_have_letters(labels: tuple[str, str]) -> None:
    path = f"/qhwb/content/20240408/Page{labels[0]}TB.htm"
    html = page("2024年04月08日", *labels)
    assert detect(document(html, url=f"{SITE}{path}")) == "paperindex"
    issue = look(html, path).issue
    assert issue is not None
    assert (issue.date, issue.previous) == (
        date(2024, 4, 8),
        f"{SITE}/qhwb/content/20240407/IssueIndex.htm",
    )
    assert [(one.label, one.name) for one in issue.pages] == [
        (labels[0], "第1个版名"),
        (labels[1], "第2个版名"),
    ]
    assert [link.key for link in issue.pages[0].articles or ()] == [
        f"{labels[0]}002",
        f"{labels[0]}003",
    ]


def test_yesterdays_paper_at_todays_address_is_not_taken_for_todays() -> None:
    with pytest.raises(NotReadable, match="2024-04-07"):
        look(page("2024年04月07日", "01", "02"), "/qhwb/content/20240408/Page01TB.htm")
