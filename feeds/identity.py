"""Who this archive is: its own name, and the authority in the ids of its feeds.

Both are made once and stored with the data. The authority must outlive every change of
`public_url`, so it is not taken from there. Where the operator names none, it is 128 random bits
under `.invalid`: a well-formed DNS name, as RFC 4151 section 2.1 asks, that by RFC 6761 section 6.4
nobody can ever register, so nobody else can come to mint the same tags. Its date is the day on which
it was made.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from feeds.store import meta
from feeds.store.engine import Transaction

_ARCHIVE = "archive"
_AUTHORITY = "id_authority"


@dataclass(frozen=True, slots=True)
class Identity:
    """`archive` tells one database from another; `authority` is RFC 4151's `NAME,DATE`."""

    archive: str
    authority: str


async def settle(tx: Transaction, configured: str | None, now: datetime) -> Identity:
    """The stored identity, made where there is none. `configured` is `feeds.id_authority`, a name
    with or without its date; it wins, and is kept should the line vanish from the file later.
    """
    archive = await meta.get(tx, _ARCHIVE)
    if archive is None:
        archive = secrets.token_hex(16)
        await meta.put(tx, _ARCHIVE, archive)
    stored = await meta.get(tx, _AUTHORITY)
    authority = _authority(stored, configured, now)
    if authority != stored:
        await meta.put(tx, _AUTHORITY, authority)
    return Identity(archive, authority)


def _authority(stored: str | None, configured: str | None, now: datetime) -> str:
    if stored and (configured is None or configured in (stored, stored.partition(",")[0])):
        return stored
    name = configured or f"{secrets.token_hex(16)}.invalid"
    return name if "," in name else f"{name},{now.date().isoformat()}"
