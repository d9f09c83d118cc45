"""What operators are told, composed when it is sent: nothing of what is over by then, and no end of what they
never heard of.
"""

from collections.abc import Callable
from datetime import datetime

from bot.incident import Key
from bot.ledger import incidents
from bot.ledger.claiming import Claimed
from bot.message import Part
from bot.messages.alarm import alarm_message
from bot.messages.incident import WORKER, ending, shown_span
from bot.messages.options import Options
from config.models import Settings
from feeds.models import Entry, EntryKind
from feeds.store import alarms, journal
from feeds.store.engine import Transaction
from feeds.words import translator


class Alarms:
    """Composes within one transaction. `options` says how to speak to a delivery's chat, `title` what a
    newspaper is called.
    """

    def __init__(
        self,
        tx: Transaction,
        settings: Settings,
        options: Callable[[Claimed], Options],
        title: Callable[[str], str],
    ) -> None:
        self._tx = tx
        self._settings = settings
        self._options = options
        self._title = title

    async def alarm(self, claim: Claimed) -> tuple[Part, ...]:
        """Nothing of one that ended before it could be told, and nothing of its end."""
        entry = await journal.entry(self._tx, claim.seq)
        if entry is None:
            return ()
        is_over = entry.kind is EntryKind.ALARM_ENDED
        is_stale = self._is_unheard if is_over else self._has_ended
        if await is_stale(claim, entry):
            return ()
        words = entry.data.get("words") or entry.data.get("reason") or ""
        about = self._title(entry.source)
        is_unwatched = bool(entry.data.get(alarms.UNWATCHED))
        options = self._options(claim)
        return alarm_message(about, str(words), options, is_over=is_over, is_unwatched=is_unwatched)

    async def _has_ended(self, _claim: Claimed, entry: Entry) -> bool:
        raised = await alarms.raised(self._tx, entry.source)
        since = {str(kind): at for kind, at in raised.items()}
        return since.get(str(entry.data.get("alarm"))) != entry.at

    async def _is_unheard(self, claim: Claimed, entry: Entry) -> bool:
        since, alarm = entry.data.get("since"), str(entry.data.get("alarm"))
        if since is None:
            return False
        at, chat = datetime.fromisoformat(str(since)), (claim.chat, claim.topic)
        return await incidents.never_heard_alarm(self._tx, *chat, entry.source, alarm, at)

    async def incident(self, claim: Claimed) -> tuple[Part, ...]:
        """Nothing of one that does not stand any more."""
        standing = (await incidents.standing(self._tx)).values()
        one = next((one for one in standing if one.subject == claim.subject), None)
        if one is None:
            return ()
        about = self._about(one.key)
        return alarm_message(about, one.words, self._options(claim), is_over=False)

    async def recovery(self, claim: Claimed) -> tuple[Part, ...]:
        key = incidents.key_of(claim.subject)
        since = incidents.raised_at(claim.subject)
        unheard = await incidents.never_heard(self._tx, claim.chat, claim.topic, claim.subject)
        if key is None or unheard:
            return ()
        _, zone = translator(self._settings.language), self._settings.timezone
        lasted = shown_span(since, claim.entry_at, zone, _)
        words = ending(key.kind, key.about, lasted, _)
        return alarm_message(self._about(key), words, self._options(claim), is_over=True)

    def _about(self, key: Key) -> str:
        return key.about or translator(self._settings.language)(WORKER)
