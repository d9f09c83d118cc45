"""Publishing: from the journal to feeds in files and in memory.

    journal ──(cursor in a file beside the feeds)──▶ issues that changed
        ──marks──▶ which issues a feed shows ──library──▶ those that are not set in type yet
        ──entries, press──▶ galleys ──writers──▶ bytes ──shelf──▶ files, memory ──▶ server, hub

The newest feeds are written first, archives behind them; a galley is set once per change of its
issue. The cursor names the archive it belongs to and, per paper, the recipe its feeds were made by.
A deleted file, a restored database, a changed setting or a second web machine thus heals by itself:
whatever the cursor does not vouch for is written again.
"""

from feeds.publish.service import FEEDS_BELL, Publisher

__all__ = ["FEEDS_BELL", "Publisher"]
