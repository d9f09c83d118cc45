"""Decisions as tables and properties: the state that comes out of one goes into the next."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide import (
    EDIT_LOOKS,
    READ_LOOKS,
    RUNGS,
    Asked,
    Changes,
    Content,
    Failure,
    Known,
    KnownIssue,
    Policy,
    Seen,
    decide,
    decide_failure,
    open_work,
)
from feeds.models import (
    ArticleLink,
    ArticleReading,
    EntryKind,
    Image,
    IssueReading,
    IssueStatus,
    PageReading,
    ReadCount,
    Reading,
)

NOW = datetime(2024, 4, 8, 6, 0, tzinfo=UTC)
DAY = date(2024, 4, 8)
KEY = "2024-04-08"
POLICY = Policy("huaian", "Asia/Shanghai", "newest", "auto", READ_LOOKS)


class Archive:
    """Keeps what decisions come to, as a store would, but in memory."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.issue: KnownIssue | None = None
        self.contents: dict[str, Content] = {}
        self.news: list[tuple[EntryKind, str | None]] = []
        self.data: list[dict[str, object]] = []
        self.now = NOW

    def known(self, asked: Asked) -> Known:
        oldest = (self.issue.date, self.issue.key) if self.issue else None
        return Known(self.issue, oldest, self.contents)

    def read(self, reading: Reading, asked: Asked | None = None) -> Changes:
        asked = asked or Asked("http://paper.test/")
        return self._keep(decide(self.known(asked), reading, asked, self.policy, self.now))

    def article(self, key: str, **changes: object) -> Changes:
        said = {
            "key": key,
            "url": f"http://paper.test/{key}",
            "title": key,
            "body_text": f"{key}。",
        }
        reading = Reading(article=ArticleReading(**(said | changes)))  # type: ignore[arg-type]
        return self.read(reading, Asked("", KEY, article=key))

    def fail(self, asked: Asked, failure: Failure = Failure.SOFT) -> Changes:
        known = self.known(asked)
        changes = decide_failure(known, asked, "why", failure, self.policy, self.now)
        return self._keep(changes)

    def _keep(self, changes: Changes) -> Changes:
        self.issue = changes.issue or self.issue
        self.contents |= changes.contents
        self.news += [(news.kind, news.article) for news in changes.news]
        self.data += [dict(news.data) for news in changes.news]
        return changes

    def kinds(self) -> list[EntryKind]:
        return [kind for kind, _ in self.news]


def link(key: str, reads: int | None = None, url: str = "") -> ArticleLink:
    count = None if reads is None else ReadCount(reads)
    return ArticleLink(key, url or f"http://paper.test/{key}", key, count)


def listing(**pages: list[ArticleLink] | None) -> Reading:
    """An issue with these pages; None for a page whose articles are listed elsewhere."""
    read = [
        PageReading(
            label, order, url=f"http://paper.test/{label}", articles=None if a is None else tuple(a)
        )
        for order, (label, a) in enumerate(pages.items(), 1)
    ]
    return Reading(issue=IssueReading(KEY, DAY, "http://paper.test/i", pages=tuple(read)))


def complete(keys: str = "ab", reads: int | None = None) -> Archive:
    """An archive with a complete issue of one page."""
    archive = Archive()
    archive.read(listing(p1=[link(key) for key in keys]))
    for key in keys:
        archive.article(key, reads=None if reads is None else ReadCount(reads))
    assert archive.issue is not None
    assert archive.issue.status is IssueStatus.COMPLETE
    archive.now += timedelta(minutes=10)
    return archive


# ── completeness ────────────────────────────────────────────────────────────────────────────────


def test_the_document_that_completes_an_issue_announces_it() -> None:
    archive = Archive()
    assert archive.read(listing(p1=[link("a")], p2=None)).news == ()
    assert archive.article("a").news == ()
    page = Asked("", KEY, page="p2")
    assert archive.read(listing(p2=[link("b")]), page).news == ()
    changes = archive.article("b")
    assert [news.kind for news in changes.news] == [EntryKind.ISSUE_COMPLETE]
    assert changes.issue is not None
    assert changes.issue.completed_at == NOW


def whole(*keys: str, said: str = "正文。") -> Reading:
    """A listing in which the articles stand whole."""
    articles = [ArticleReading(k, f"http://paper.test/{k}", k, body_text=said) for k in keys]
    return replace(listing(p1=[link(key) for key in keys]), articles=tuple(articles))


def test_articles_that_stand_whole_in_their_issue_are_read_with_it() -> None:
    archive = Archive()
    changes = archive.read(whole("a", "b"))
    assert [news.kind for news in changes.news] == [EntryKind.ISSUE_COMPLETE]
    assert {key: content.body_text for key, content in archive.contents.items()} == {
        "a": "正文。",
        "b": "正文。",
    }
    assert archive.read(whole("a", "b")).is_empty
    archive.read(whole("a", "b", "c"))
    assert archive.news[-1] == (EntryKind.ARTICLE_ADDED, "c")


def test_the_failure_that_gives_up_the_last_article_announces_the_issue() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a"), link("b")]))
    archive.article("a")
    archive.fail(Asked("", KEY, article="b"), Failure.GONE)
    assert archive.kinds() == [EntryKind.ISSUE_COMPLETE]


@pytest.mark.parametrize(("asked", "failure", "tries"), [
    (Asked("", KEY, article="b"), Failure.GONE, 1),
    (Asked("", KEY, article="b"), Failure.HARD, 1),
    (Asked("", KEY, article="b"), Failure.SOFT, 3),
    (Asked("", KEY, page="p2"), Failure.GONE, 2),
    (Asked("", KEY, page="p2"), Failure.HARD, 2),
    (Asked("", KEY, page="p2"), Failure.SOFT, 3),
])  # fmt: skip
def test_what_fails_holds_its_issue_for_as_many_tries(
    asked: Asked, failure: Failure, tries: int
) -> None:
    archive = Archive()
    links = [link("a"), link("b")] if asked.article else [link("a")]
    archive.read(listing(p1=links, **({} if asked.article else {"p2": None})))
    archive.article("a")
    for done in range(1, tries + 1):
        assert archive.kinds() == [], done
        archive.fail(asked, failure)
    assert archive.kinds() == [EntryKind.ISSUE_COMPLETE]


def test_what_was_given_up_is_tried_three_more_times() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a"), link("b")]))
    archive.article("a")
    tries = 0
    while work := open_work(archive.issue, POLICY) if archive.issue else ():
        archive.fail(work[0], Failure.HARD)
        tries += 1
    assert tries == 1 + 3


def test_case_091_an_issue_without_articles_is_never_complete() -> None:
    archive = Archive()
    archive.read(listing(p1=[], p2=[]))
    assert archive.kinds() == []


def test_an_article_that_is_read_after_its_issue_was_complete_is_added() -> None:
    archive = complete("a")
    archive.read(listing(p1=[link("a"), link("b")]))
    archive.article("b")
    assert archive.news[-1] == (EntryKind.ARTICLE_ADDED, "b")


def test_work_is_pages_first_then_articles_and_what_failed_last() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a"), link("b")], p2=None, p3=None))
    archive.fail(Asked("", KEY, page="p2"))
    archive.fail(Asked("", KEY, article="a"))
    assert archive.issue is not None
    work = [one.page or one.article for one in open_work(archive.issue, POLICY)]
    assert work == ["p3", "p2", "b", "a"]


# ── lists ───────────────────────────────────────────────────────────────────────────────────────


def test_case_086_an_article_on_two_pages_is_one_and_stays_where_it_was_first() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a"), link("a")], p2=[link("a"), link("b")]))
    assert archive.issue is not None
    assert [(a.key, a.page) for a in archive.issue.articles] == [("a", "p1"), ("b", "p2")]


def test_an_article_moves_only_when_its_old_page_no_longer_lists_it() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a")], p2=[link("b")]))
    archive.read(listing(p2=[link("a")]))
    assert archive.issue is not None
    assert [a.page for a in archive.issue.articles] == ["p1", "p2"]
    archive.read(listing(p1=[], p2=[link("b"), link("a")]))
    assert [(a.page, a.order) for a in archive.issue.articles] == [("p2", 2), ("p2", 1)]


def test_case_092_what_a_list_no_longer_names_is_kept() -> None:
    archive = complete("abcdefgh")
    archive.read(listing(p1=[link("a")]))
    assert archive.issue is not None
    assert len(archive.issue.articles) == 8


def test_a_page_called_otherwise_by_its_own_document_is_the_page_that_was_asked_for() -> None:
    archive = Archive()
    archive.read(listing(A01=None))
    archive.read(listing(p9=[link("a")]), Asked("", KEY, page="A01"))
    assert archive.issue is not None
    assert [(p.label, p.is_read) for p in archive.issue.pages] == [("A01", True)]


def test_a_page_that_shows_no_list_is_a_failed_try() -> None:
    archive = Archive()
    archive.read(listing(p1=None))
    archive.read(listing(p1=None), Asked("", KEY, page="p1"))
    assert archive.issue is not None
    assert archive.issue.pages[0].attempts == 1


def test_a_document_of_one_page_does_not_reorder_the_paper() -> None:
    archive = Archive()
    archive.read(listing(p1=None, p2=None))
    archive.read(listing(p2=[link("a")]), Asked("", KEY, page="p2"))
    assert archive.issue is not None
    assert [p.order for p in archive.issue.pages] == [1, 2]


def test_unknown_overwrites_nothing_of_an_issue() -> None:
    archive = Archive()
    full = listing(p1=[link("a")])
    assert full.issue is not None
    archive.read(
        Reading(issue=replace(full.issue, number="1", previous="http://p/", next="http://n/"))
    )
    archive.read(full)
    assert archive.issue is not None
    assert (archive.issue.number, archive.issue.previous) == ("1", "http://p/")
    assert archive.issue.next == "http://n/"


@pytest.mark.parametrize(("first", "oldest", "push"), [
    ("newest", None, True), ("all", None, True), ("none", None, False),
    ("none", (date(2024, 4, 7), "x"), True), ("newest", (date(2024, 4, 9), "x"), False),
])  # fmt: skip
def test_what_is_pushed_is_decided_when_an_issue_is_first_seen(
    first: str, oldest: tuple[date, str] | None, push: bool
) -> None:
    policy = replace(POLICY, first=first)  # type: ignore[arg-type]
    changes = decide(Known(oldest=oldest), listing(p1=[link("a")]), Asked(""), policy, NOW)
    assert changes.issue is not None
    assert changes.issue.push is push


# ── articles ────────────────────────────────────────────────────────────────────────────────────


def test_case_090_a_correction_is_a_revision_that_tells_what_changed() -> None:
    archive = complete("a")
    changes = archive.article("a", title="新标题", body_text="新。")
    assert archive.news[-1] == (EntryKind.ARTICLE_CORRECTED, "a")
    assert archive.data[-1] == {"changed": ["title", "body_text"], "before": {"title": "a"}}
    assert [(r.revision, r.content.title) for r in changes.revisions] == [(1, "a")]
    assert changes.articles[0].revision == 2


def test_a_correction_before_anybody_was_told_is_a_revision_but_no_news() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a"), link("b")]))
    archive.article("a")
    changes = archive.article("a", title="新标题")
    assert len(changes.revisions) == 1
    assert archive.kinds() == []


@pytest.mark.parametrize("changes", [
    {"reads": ReadCount(99)}, {"body_html": "<p>same words</p>"}, {"published": NOW},
])  # fmt: skip
def test_what_is_no_part_of_the_words_is_no_correction(changes: dict[str, object]) -> None:
    archive = complete("a")
    archive.article("a", **changes)
    assert EntryKind.ARTICLE_CORRECTED not in archive.kinds()


@pytest.mark.parametrize("field", ["title", "kicker", "subtitle", "byline", "body_text"])
def test_every_field_that_readers_see_counts_as_content(field: str) -> None:
    assert replace(Content("t"), **{field: "x"}).hash != Content("t").hash


def test_images_count_as_content() -> None:
    assert replace(Content("t"), images=(Image("http://i/"),)).hash != Content("t").hash


@pytest.mark.parametrize(("title", "body", "expected"), [
    ("", "", "目录"), ("　 ", "第一句。第二句。", "目录"), ("x" * 10_000, "", "x" * 500), ("标题", "", "标题"),
])  # fmt: skip
def test_case_069_070_a_title_is_always_found_and_never_endless(
    title: str, body: str, expected: str
) -> None:
    archive = Archive()
    archive.read(listing(p1=[replace(link("a"), title="目录")]))
    archive.article("a", title=title, body_text=body)
    assert archive.contents["a"].title == expected
    archive.now += timedelta(hours=1)
    assert archive.article("a", title=title, body_text=body).is_empty


@pytest.mark.parametrize(("body", "expected"), [
    ("第一句。第二句。", "第一句。"), ("", "（无题）a"),
])  # fmt: skip
def test_case_069_without_any_title_the_first_sentence_is_one(body: str, expected: str) -> None:
    archive = Archive()
    archive.read(listing(p1=[replace(link("a"), title=" ")]))
    archive.article("a", title="", body_text=body)
    assert archive.contents["a"].title == expected


@pytest.mark.parametrize(("published", "stored"), [
    (None, None),
    (DAY, None),
    (NOW, NOW),
    (datetime(2024, 4, 8, 14, 0), NOW),  # noqa: DTZ001 - a page's own clock, without a zone
    (NOW + timedelta(days=3), None),
    (datetime(1900, 1, 1, tzinfo=UTC), None),
    (datetime(9999, 12, 31, 23, tzinfo=UTC), None),
])  # fmt: skip
def test_case_072_076_077_a_time_is_kept_only_where_it_makes_sense(
    published: date | None, stored: datetime | None
) -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a")]))
    archive.article("a", published=published)
    assert archive.contents["a"].published == stored


def test_a_document_that_is_no_article_is_given_up() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a")]))
    archive.read(Reading(), Asked("", KEY, article="a"))
    assert archive.issue is not None
    assert archive.issue.articles[0].given_up


# ── read counts ─────────────────────────────────────────────────────────────────────────────────


def shown(archive: Archive) -> int | None:
    assert archive.issue is not None
    reads = archive.issue.articles[0].reads
    return reads.value if reads else None


def look(archive: Archive, count: int | None) -> Changes:
    archive.now += timedelta(minutes=10)
    return archive.article("a", reads=None if count is None else ReadCount(count))


def test_case_079_an_unknown_count_overwrites_nothing() -> None:
    archive = complete("a", reads=231)
    assert look(archive, None).samples == ()
    assert shown(archive) == 231


def test_case_084_a_lower_count_is_shown_after_two_good_looks_and_stored_at_once() -> None:
    archive = complete("a", reads=12_000)
    assert [s.count.value for s in look(archive, 11).samples] == [11]
    assert shown(archive) == 12_000
    assert look(archive, None).samples == ()
    assert shown(archive) == 12_000
    assert look(archive, 11).samples == ()
    assert shown(archive) == 11


def test_a_count_that_recovers_was_never_shown_lower() -> None:
    archive = complete("a", reads=12_000)
    seen = []
    for count in (11, 12_001, 12, 12_002):
        look(archive, count)
        seen.append(shown(archive))
    assert seen == [12_000, 12_001, 12_001, 12_002]


def test_case_081_a_lower_bound_may_become_an_exact_larger_number() -> None:
    archive = complete("a")
    archive.article("a", reads=ReadCount(100_000, exact=False))
    archive.article("a", reads=ReadCount(123_456))
    assert shown(archive) == 123_456


def test_each_rung_rings_once() -> None:
    archive = complete("a", reads=90)
    for count in (250, 11, 11, 260, 1_200_000, 5):
        look(archive, count)
    rung = [data["rung"] for data in archive.data if "rung" in data]
    assert rung == list(RUNGS)


def test_the_rungs_of_an_issue_ring_after_it_was_announced() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a"), link("b")]))
    archive.article("a", reads=ReadCount(150))
    assert archive.kinds() == []
    archive.article("b", reads=ReadCount(50))
    assert archive.news == [(EntryKind.ISSUE_COMPLETE, None), (EntryKind.READS_RUNG, "a")]


def test_counts_are_looked_at_five_times_and_missed_looks_are_not_made_up_for() -> None:
    archive = complete("a", reads=5)
    ages = []
    while True:
        assert archive.issue is not None
        due = archive.issue.articles[0].reads_due_at
        if due is None:
            break
        ages.append(due - NOW)
        archive.now = due
        archive.article("a", reads=ReadCount(5))
    assert tuple(ages) == READ_LOOKS
    late = complete("a", reads=5)
    late.now = NOW + timedelta(days=2)
    late.article("a", reads=ReadCount(6))
    assert late.issue is not None
    assert late.issue.articles[0].reads_due_at == NOW + timedelta(days=3)


FIVE, TWO = READ_LOOKS, EDIT_LOOKS


@pytest.mark.parametrize(("how", "count", "listed", "ages"), [
    ("auto", 5, None, FIVE), ("auto", None, None, TWO), ("auto", 5, 5, TWO), ("page", None, None, FIVE),
    ("page", 5, 5, FIVE), ("list", 5, 5, TWO), ("off", 5, None, TWO),
])  # fmt: skip
def test_an_article_is_opened_again_often_only_where_nothing_else_tells_its_count(
    how: str, count: int | None, listed: int | None, ages: tuple[timedelta, ...]
) -> None:
    archive = Archive(replace(POLICY, reads=how))  # type: ignore[arg-type]
    archive.read(listing(p1=[link("a", listed)]))
    archive.article("a", reads=None if count is None else ReadCount(count))
    looked = []
    while archive.issue and (due := archive.issue.articles[0].reads_due_at):
        looked.append(due - NOW)
        archive.now = due
        archive.article("a", reads=None if count is None else ReadCount(count))
    assert tuple(looked) == ages


def test_a_look_that_fails_was_a_look() -> None:
    archive = complete("a", reads=5)
    archive.now = NOW + timedelta(hours=1)
    archive.fail(Asked("", KEY, article="a"), Failure.HARD)
    assert archive.issue is not None
    article = archive.issue.articles[0]
    assert article.is_read
    assert article.given_up is None
    assert article.reads_due_at == NOW + timedelta(hours=6)


def test_counts_in_a_list_are_taken_for_all_its_articles() -> None:
    archive = complete("ab", reads=5)
    changes = archive.read(listing(p1=[link("a", 7), link("b", 5), link("c")]))
    assert {sample.article: sample.count.value for sample in changes.samples} == {"a": 7}


# ── properties ──────────────────────────────────────────────────────────────────────────────────

keys = st.sampled_from("abcde")
counts = st.none() | st.builds(ReadCount, st.integers(0, 200_000), st.booleans())
links = st.builds(ArticleLink, keys, st.just("http://paper.test/x"), st.text(max_size=5), counts)
page_readings = st.builds(
    PageReading,
    label=st.sampled_from(["01", "02", "03"]),
    order=st.integers(1, 4),
    name=st.none() | st.just("要闻"),
    url=st.none() | st.just("http://paper.test/p"),
    articles=st.none() | st.lists(links, max_size=4).map(tuple),
)
issue_readings = st.builds(
    IssueReading,
    key=st.just(KEY),
    date=st.just(DAY),
    url=st.sampled_from(["http://paper.test/i", "http://paper.test/j"]),
    previous=st.none() | st.just("http://paper.test/h"),
    is_first=st.booleans(),
    pages=st.lists(page_readings, max_size=4).map(tuple),
)
article_readings = st.builds(
    ArticleReading,
    key=keys,
    url=st.just("http://paper.test/x"),
    title=st.text(max_size=8),
    byline=st.none() | st.text(max_size=3),
    reads=counts,
    body_text=st.text(max_size=20),
)
askeds = st.one_of(
    st.just(Asked("")),
    st.sampled_from(["01", "02", "03"]).map(lambda label: Asked("", KEY, page=label)),
    keys.map(lambda key: Asked("", KEY, article=key)),
)
steps = st.lists(
    st.tuples(st.none() | issue_readings, st.none() | article_readings, askeds), max_size=12
)


def _is_good(reading: Reading, asked: Asked, archive: Archive) -> bool:
    """A page or an article without what was asked for is a failed try, and tries are counted. An
    article that stands in a list of its page which leaves it out is doubted once it has been read, and
    one that is listed by two titles is looked at for each.
    """
    issue = archive.issue
    if issue is None:
        return True
    said = reading.issue.pages if reading.issue else ()
    links = [link for page in said for link in page.articles or ()]
    is_list = any(page.articles is not None for page in said)
    if asked.article and is_list and asked.article not in {link.key for link in links}:
        return False
    if len({link.key for link in links}) < len({(link.key, link.title) for link in links}):
        return False
    pages = {page.label: page.is_read for page in issue.pages}
    articles = {article.key: article.is_read for article in issue.articles}
    return pages.get(asked.page or "", True) and articles.get(asked.article or "", True)


@given(steps)
def test_deciding_twice_changes_nothing(taken: list[tuple[object, object, Asked]]) -> None:
    archive = Archive()
    for issue, article, asked in taken:
        archive.now += timedelta(minutes=30)
        reading = Reading(issue=issue, article=article)  # type: ignore[arg-type]
        archive.read(reading, asked)
        if _is_good(reading, asked, archive):
            changes = archive.read(reading, asked)
            assert changes.is_empty, changes


@given(steps)
def test_whatever_is_read_nothing_is_lost_and_an_issue_is_announced_once(
    taken: list[tuple[object, object, Asked]],
) -> None:
    archive = Archive()
    known_articles: set[str] = set()
    known_pages: set[str] = set()
    for issue, article, asked in taken:
        archive.now += timedelta(minutes=30)
        archive.read(Reading(issue=issue, article=article), asked)  # type: ignore[arg-type]
        if archive.issue is not None:
            assert known_articles <= {a.key for a in archive.issue.articles}
            assert known_pages <= {p.label for p in archive.issue.pages}
            known_articles |= {a.key for a in archive.issue.articles}
            known_pages |= {p.label for p in archive.issue.pages}
            read = {a.key for a in archive.issue.articles if a.is_read}
            assert read == set(archive.contents)
            assert known_pages >= {a.page for a in archive.issue.articles}
    assert archive.kinds().count(EntryKind.ISSUE_COMPLETE) <= 1
    rungs = [
        (key, data["rung"])
        for (_, key), data in zip(archive.news, archive.data, strict=True)
        if "rung" in data
    ]
    assert len(rungs) == len(set(rungs))
    if archive.kinds():
        assert archive.kinds()[0] is EntryKind.ISSUE_COMPLETE


@given(st.lists(st.integers(0, 300_000), min_size=1, max_size=10))
def test_a_count_is_shown_lower_only_if_two_looks_in_a_row_were_lower(seen: list[int]) -> None:
    archive = complete("a", reads=seen[0])
    last = seen[0]
    for before, count in pairwise(seen):
        look(archive, count)
        now = shown(archive)
        assert now is not None
        if now < last:
            assert before < last
            assert count < last
        last = now


def test_an_issue_that_was_withdrawn_is_not_announced_again() -> None:
    archive = complete("a")
    assert archive.issue is not None
    archive.issue = replace(archive.issue, status=IssueStatus.WITHDRAWN)
    archive.read(listing(p1=[link("a"), link("b")]))
    archive.article("b")
    assert archive.kinds() == [EntryKind.ISSUE_COMPLETE]


def test_a_sample_that_is_stored_already_is_not_stored_again() -> None:
    archive = complete("a", reads=5)
    assert archive.issue is not None
    assert archive.issue.articles[0].sample == Seen(ReadCount(5), NOW)
    assert look(archive, 5).samples == ()


# ── what is taken back ──────────────────────────────────────────────────────────────────────────

acts = st.lists(
    st.tuples(
        st.sampled_from(["list", "read", "soft", "hard", "gone"]),
        st.sets(keys, min_size=1),
        keys,
        st.timedeltas(timedelta(0), timedelta(hours=2)),
    ),
    max_size=30,
)


@given(acts)
def test_an_article_is_withdrawn_only_when_unlisted_and_gone_at_two_looks_and_comes_back_when_seen(
    taken: list[tuple[str, set[str], str, timedelta]],
) -> None:
    archive = complete("abcde")
    listed, gone = set("abcde"), {key: list[datetime]() for key in "abcde"}
    withdrawn: set[str] = set()
    for act, shown, key, pause in taken:
        archive.now += pause
        if act == "list":
            listed = shown
            for one in shown:
                gone[one].clear()
            changes = archive.read(listing(p1=[link(one) for one in sorted(shown)]))
        elif act == "read":
            gone[key].clear()
            changes = archive.article(key)
        else:
            if act == "gone" and key not in listed:
                gone[key].append(archive.now)
            changes = archive.fail(Asked("", KEY, article=key), Failure(act))
        for one in changes.withdrawn:
            assert one not in listed | withdrawn
            assert gone[one][-1] - gone[one][0] >= POLICY.check_every
        for one in changes.restored:
            assert one in listed & withdrawn
            assert act == "read"
        withdrawn = (withdrawn | set(changes.withdrawn)) - set(changes.restored)
        assert archive.issue is not None
        assert withdrawn == {a.key for a in archive.issue.articles if a.withdrawn}
        assert {a.key for a in archive.issue.articles} >= set("abcde")


@given(acts)
def test_nothing_soft_or_hard_ever_withdraws(
    taken: list[tuple[str, set[str], str, timedelta]],
) -> None:
    archive = complete("abcde")
    for act, shown, key, pause in taken:
        archive.now += pause
        if act == "list":
            archive.read(listing(p1=[link(one) for one in sorted(shown)]))
        elif act in {"soft", "hard"}:
            archive.fail(Asked("", KEY, article=key), Failure(act))
    assert EntryKind.ARTICLE_WITHDRAWN not in archive.kinds()
    assert archive.issue is not None
    assert not any(article.withdrawn for article in archive.issue.articles)


def test_a_page_that_moves_to_another_is_not_taken_back() -> None:
    archive = Archive()
    archive.read(listing(p1=[link("a")], p2=[link("b")]))
    for key in "ab":
        archive.article(key)
    archive.read(listing(p1=[link("c")]), Asked("", KEY, page="p1"))
    archive.read(listing(p2=[link("b"), link("a")]), Asked("", KEY, page="p2"))
    assert archive.issue is not None
    a = next(article for article in archive.issue.articles if article.key == "a")
    assert (a.page, a.unlisted_at) == ("p2", None)
