"""An article in its own words: whole sentences of the lead, in their order, nothing rewritten.

    body ──lead──▶ paragraphs ──sentences──▶ sentences ──passing──▶ telling ones ──▶ issue_sentence
                                                                               └───▶ article_summary

For an official paper the words must stay the paper's. What is left out is what is no summary at all:
datelines, bylines, captions, lists of who attended, and a sentence that only says the title again.
"""

from feeds.summary.forms import article_summary, issue_sentence

__all__ = ["article_summary", "issue_sentence"]
