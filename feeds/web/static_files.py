"""Our own few files beside the pages, held in memory. Their addresses change with their bytes."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from aiohttp import web

from feeds.shelf import Body, build_body
from feeds.web.serving import respond

MAX_AGE = 365 * 24 * 3600  # seconds
_TYPES = {"paper.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


@cache
def static_files() -> Mapping[str, Body]:
    """The files by name."""
    folder = files("feeds.web") / "static"
    return {name: build_body((folder / name).read_bytes(), kind) for name, kind in _TYPES.items()}


def static_path(name: str) -> str:
    """The address of a file, relative to `public_url`. Raises KeyError for a name that is none."""
    return f"static/{name}?{static_files()[name].tag[:8]}"


async def serve(request: web.Request) -> web.Response:
    """`/static/{name}`."""
    body = static_files().get(request.match_info["name"])
    if body is None:
        raise web.HTTPNotFound
    return respond(request, body, MAX_AGE)
