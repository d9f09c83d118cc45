"""What of an issue is still to be read, and what a failure costs."""

from dataclasses import replace

from feeds.decide.known import Asked, KnownArticle, KnownIssue, KnownPage, Policy


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


def fail_page(page: KnownPage, reason: str, policy: Policy) -> KnownPage:
    """A page always has patience: a newspaper puts its pages up one by one."""
    if page.is_read:
        return page
    attempts = page.attempts + 1
    return replace(
        page, attempts=attempts, given_up=reason if attempts >= policy.patience else None
    )


def fail_article(article: KnownArticle, reason: str, is_hard: bool, policy: Policy) -> KnownArticle:
    """A hard failure (gone, not readable) spends all patience at once; a soft one a third of it."""
    if article.is_read:
        return article
    attempts = article.attempts + 1
    if is_hard:
        attempts = max(attempts, policy.patience)
    return replace(
        article, attempts=attempts, given_up=reason if attempts >= policy.patience else None
    )
