"""Reading documents without stalling the loop: small ones here, large ones in a process that can be killed.

document ──▶ small? ──▶ source.read                                   in the loop: milliseconds
               └──▶ frame ──pipe──▶ child: build_source(config).read   10 s of CPU, 1 GiB, or killed
"""

from feeds.parsing.parser import Limits, Parser

__all__ = ["Limits", "Parser"]
