"""What an operator is told is wrong with a newspaper, and when it is over: pure. A sentence each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.sources import BaseSource
from feeds.decide import Redesign
from feeds.errors import NotReadable, Unreadable
from feeds.models import AlarmKind
from feeds.store.alarms import Alarm
from feeds.words import Translate, shown_date

UNREAD_AFTER = timedelta(hours=6)
_UNREAD_LOOKS = 10  # or so many times `check_every`, where that is longer
_LOST_AFTER = 3  # looks at an entry that is there and shows no newspaper
_LOST = frozenset({Unreadable.UNKNOWN, Unreadable.SCRIPT, Unreadable.EMPTY, Unreadable.TOO_DEEP})


@dataclass(frozen=True, slots=True)
class Alarmist:
    """Finds the words for one newspaper, in the language of its operators."""

    config: BaseSource
    translate: Translate

    def after_failure(
        self, error: Exception, failures: int, read_at: datetime | None, now: datetime
    ) -> Iterator[Alarm]:
        """What a failed look is worth: `failures` with this one, `read_at` the last good one."""
        why = error.why if isinstance(error, NotReadable) else None
        if why is Unreadable.CHALLENGE:
            yield self._challenge(error)
        if isinstance(error, NotReadable) and why in _LOST and failures >= _LOST_AFTER:
            yield self._lost(error, failures)
        longest = max(UNREAD_AFTER, _UNREAD_LOOKS * self.config.check_every)
        if read_at is not None and now - read_at > longest:
            yield self._unread(error, read_at)

    def after_success(self, redesign: Redesign | None, missing: date | None) -> Iterator[Alarm]:
        """What a good look is worth."""
        if redesign is not None:
            yield self._redesign(redesign)
        if missing is not None:
            yield self._late(missing)

    def endings(self) -> Mapping[AlarmKind, str]:
        """What is said when an alarm is over."""
        _ = self.translate
        words = {
            AlarmKind.REDESIGN: _("{paper}又能读了。"),
            AlarmKind.UNREAD: _("{paper}又读到了。"),
            AlarmKind.LATE: _("{paper}出来了。"),
            AlarmKind.CHALLENGE: _("{paper}的网站不再要求验证。"),
        }
        return {kind: sentence.format(paper=self.config.title) for kind, sentence in words.items()}

    def _challenge(self, error: Exception) -> Alarm:
        _ = self.translate
        words = _(
            "{paper}的网站要求验证，或拦下了我们。报童会越来越少去看它；请和网站联系，或在 headers 里写上它要的内容。"
        )
        return self._alarm(AlarmKind.CHALLENGE, words, {"reason": str(error)})

    def _lost(self, error: NotReadable, failures: int) -> Alarm:
        _ = self.translate
        words = _(
            "{paper}的网页还在，但 {failures} 次都没有读出报纸：{reason}。网站可能改版了；已有的内容都还在。"
        )
        return self._alarm(
            AlarmKind.REDESIGN, words, {"failures": failures, "reason": error.reason}
        )

    def _unread(self, error: Exception, read_at: datetime) -> Alarm:
        _ = self.translate
        local = read_at.astimezone(ZoneInfo(self.config.timezone))
        words = _("{paper}从 {since} 起就读不到了：{reason}")
        shown = {"since": local.strftime("%Y-%m-%d %H:%M"), "reason": str(error)}
        return self._alarm(AlarmKind.UNREAD, words, shown)

    def _redesign(self, found: Redesign) -> Alarm:
        _ = self.translate
        if found.read:
            words = _(
                "{paper} {issue} 读到 {read} 篇，其中 {bare} 篇没有标题或正文。网站可能改版了；已有的内容都还在。"
            )
        elif not found.articles:
            words = _(
                "{paper} {issue} 有这一期，却没有列出一篇文章。网站可能改版了；已有的内容都还在。"
            )
        else:
            words = _(
                "{paper} {issue} 有这一期，列出 {articles} 篇，一篇也没有读到。网站可能改版了；已有的内容都还在。"
            )
        numbers = {"articles": found.articles, "read": found.read, "bare": found.bare}
        return self._alarm(AlarmKind.REDESIGN, words, {"issue": found.issue, **numbers})

    def _late(self, missing: date) -> Alarm:
        _ = self.translate
        words = _("{paper}{date}的报纸还没有出来，平常三个小时前就有了。出来之前不再提醒。")
        data = {"date": missing.isoformat()}
        shown = words.format(paper=self.config.title, date=shown_date(missing, _))
        return Alarm(AlarmKind.LATE, shown, data)

    def _alarm(self, kind: AlarmKind, words: str, data: Mapping[str, object]) -> Alarm:
        return Alarm(kind, words.format(paper=self.config.title, **data), data)
