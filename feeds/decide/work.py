"""What of an issue is still to be read, and what a failure costs."""

from dataclasses import replace

from feeds.decide.known import Asked, Failure, KnownArticle, KnownIssue, KnownPage, Policy


def open_work(issue: KnownIssue, policy: Policy) -> tuple[Asked, ...]:
    """The documents still to be read: pages before articles, in the order of the paper, what failed
    already after what was not tried yet. What was given up is tried again as often as `patience`.
    """
    most = 2 * policy.patience
    orders = {page.label: page.order for page in issue.pages}
    names = {page.label: page.name for page in issue.pages}
    pages = [p for p in issue.pages if not p.is_read and p.url and p.attempts < most]
    articles = [a for a in issue.articles if not a.is_read and a.attempts < most]
    pages.sort(key=lambda page: (page.attempts, page.order))
    articles.sort(key=lambda a: (a.attempts, orders.get(a.page, 0), a.order))
    return (
        *(Asked(p.url or issue.url, issue.key, page=p.label) for p in pages),
        *(Asked(a.url, issue.key, article=a.key, page_name=names.get(a.page)) for a in articles),
    )


def lists_of(issue: KnownIssue) -> tuple[Asked, ...]:
    """The documents that list a known issue's articles, its own first, each once."""
    lists = {issue.url: Asked(issue.url, issue.key)}
    for page in sorted(issue.pages, key=lambda page: page.order):
        if page.url and page.is_read:
            lists.setdefault(page.url, Asked(page.url, issue.key, page=page.label))
    return tuple(lists.values())


def fail_page(page: KnownPage, reason: str, failure: Failure, policy: Policy) -> KnownPage:
    """A page has patience, for a newspaper puts its pages up one by one: two looks must agree that it is
    not there, three that the server is in trouble.
    """
    if page.is_read:
        return page
    attempts = page.attempts + (1 if failure is Failure.SOFT else (policy.patience + 1) // 2)
    return replace(
        page, attempts=attempts, given_up=reason if attempts >= policy.patience else None
    )


def fail_article(
    article: KnownArticle, reason: str, failure: Failure, policy: Policy
) -> KnownArticle:
    """A hard failure (gone, not readable) spends all patience at once; a soft one a third of it. One that
    was read keeps its text.
    """
    if article.is_read:
        return replace(article, is_bare=True) if failure is Failure.HARD else article
    attempts = article.attempts + 1
    if failure is not Failure.SOFT:
        attempts = max(attempts, policy.patience)
    return replace(
        article, attempts=attempts, given_up=reason if attempts >= policy.patience else None
    )
