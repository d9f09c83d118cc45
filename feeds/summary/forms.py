"""The two forms of a summary: one sentence for an issue's message, a paragraph for an article's."""

from collections.abc import Iterator
from typing import Protocol

from feeds.summary.lead import joined, leftovers, paragraphs, verse
from feeds.summary.passing import adds_nothing, is_passed_over, repeats
from feeds.summary.sentences import MORE, cut, is_whole, outside, sentences

SENTENCE_LIMIT = 60  # characters of the one sentence in an issue's message
SUMMARY_LEAST, SUMMARY_MOST = 100, 180

_LINES_OF_VERSE = 3  # that a poem's first sentence may take; a longer one is cut after two


class HasText(Protocol):
    """An article as stored or as just read. `body_text` has a line a paragraph."""

    @property
    def title(self) -> str: ...

    @property
    def body_text(self) -> str: ...


def issue_sentence(article: HasText) -> str:
    """The first sentence that adds something to the title, cut at a clause with 「……」 where it is
    longer than SENTENCE_LIMIT; of a poem its first lines. Empty where there is none.
    """
    if lines := verse(article.body_text, article.title):
        return _opening(lines)
    passed = []
    for sentence in _telling(article):
        if repeats(article.title, sentence):
            continue
        if kept := cut(sentence, SENTENCE_LIMIT):
            return kept
        passed.append(sentence)
    return _cut_at_all(passed, SENTENCE_LIMIT)


def article_summary(article: HasText) -> str:
    """100 to 180 characters of the lead in whole sentences; less where the article is shorter. Only
    where a single sentence does not fit is it cut, at a clause, with 「……」.
    """
    summary, passed = "", []
    for sentence in _telling(article):
        if adds_nothing(article.title, sentence):
            continue
        kept = cut(sentence, SUMMARY_MOST - len(summary))
        summary += kept
        if len(summary) >= SUMMARY_LEAST or (summary and kept != sentence):
            break
        if not kept:
            passed.append(sentence)
    return summary or _cut_at_all(passed, SUMMARY_MOST)


def _cut_at_all(passed: list[str], limit: int) -> str:
    """The first of the sentences that could not be cut well, cut where it can be."""
    return next(filter(None, (cut(one, limit, anywhere=True) for one in passed)), "")


def _telling(article: HasText) -> Iterator[str]:
    """The sentences that are no list of names, no greeting, no caption; of verse all."""
    body, title = article.body_text, article.title
    if lines := verse(body, title):
        yield from map(str.strip, sentences(joined(lines)))
        return
    found = False
    for paragraph in paragraphs(body):
        for sentence in map(str.strip, sentences(paragraph)):
            if sentence and not is_passed_over(sentence):
                found = True
                yield sentence
    if not found:
        yield from filter(None, [leftovers(body, title)])


def _opening(lines: list[str]) -> str:
    """The first sentence of a poem where it takes no more than three lines, else two lines."""
    text = joined(lines)
    is_outside = outside(text)
    ends = [len(joined(lines[:count])) for count in range(1, _LINES_OF_VERSE + 1)]
    places = [*(end for end in ends if is_whole(text[:end])), *reversed(ends[:2])]
    fitting = (end for end in places if is_outside[end] and end <= SENTENCE_LIMIT - len(MORE))
    opening = text[: next(fitting, 0)]
    if not opening or opening == text or is_whole(opening):
        return opening
    return opening.rstrip("，,、；;：: ") + MORE
