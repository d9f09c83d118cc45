"""What a browser recorded while somebody read a newspaper whose pages scripts fill → the configuration that
reads it.

    HAR ──har──▶ exchanges ──candidates──▶ articles, lists, dates in them ──suggestion──▶ YAML, checked
"""

from feeds.sources.recording.har import Exchange, read_har
from feeds.sources.recording.suggestion import Suggestion, suggest

__all__ = ["Exchange", "Suggestion", "read_har", "suggest"]
