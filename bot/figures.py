"""The figures of pushing, and of the worker itself: what each counts. See `feeds.figures`."""

from feeds.store.outbox import UNSETTLED, State
from feeds.tally import Count, Spread

_ENDS = tuple(state for state in State if state not in UNSETTLED)

OWED = Count("deliveries_owed", "Messages that became owed to chats.", {"channel": ()})
SETTLED = Count(
    "deliveries_settled",
    "Messages whose delivery came to its end, by which.",
    {"channel": (), "state": _ENDS},
)
PUSH_SECONDS = Spread(
    "push_latency_seconds",
    "From the journal's entry to the answer that the message arrived. What comes at an hour of its own "
    "(a daily digest, a summary) is not in it.",
    (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14_400, 43_200),
    {"channel": ()},
)
ASKED_TO_WAIT = Count(
    "rate_limited", "Answers of a channel that asked us to wait (429).", {"channel": ()}
)
RESTARTS = Count(
    "service_restarts", "Services that failed and were started again.", {"service": ()}
)
LAG_SECONDS = Spread(
    "loop_lag_seconds",
    "How much later than asked for the event loop came back, tried twice a second.",
    (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
)

COUNTS = (OWED, SETTLED, ASKED_TO_WAIT, RESTARTS)
SPREADS = (PUSH_SECONDS, LAG_SECONDS)
