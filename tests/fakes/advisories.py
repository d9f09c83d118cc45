"""A database of advisories that answers as OSV does: ids for many packages at once, the rest one by one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

MOST_QUERIES = 1000


@dataclass
class Advisories:
    """`known` are advisories by purl. With `page_size` a longer answer comes in pages."""

    known: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    page_size: int = 100
    status: int = 200
    tells_more: bool = True
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def knows(self, purl: str, name: str, **more: Any) -> None:
        self.known.setdefault(purl, []).append({"id": name, **more})

    async def _batch(self, request: web.Request) -> web.Response:
        if self.status != 200:
            return web.Response(status=self.status, text="upstream")
        queries = (await request.json())["queries"]
        assert len(queries) <= MOST_QUERIES
        return web.json_response({"results": [self._result(query) for query in queries]})

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        purl = query["package"]["purl"]
        self.asked.append(purl)
        begin = int(query.get("page_token", 0))
        known = self.known.get(purl, [])
        page = known[begin : begin + self.page_size]
        result: dict[str, Any] = {"vulns": [{"id": one["id"]} for one in page]} if page else {}
        if begin + self.page_size < len(known):
            result["next_page_token"] = str(begin + self.page_size)
        return result

    async def _one(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        for known in self.known.values():
            for one in known:
                if one["id"] == name and self.tells_more:
                    return web.json_response(one)
        raise web.HTTPNotFound

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Advisories"]:
        app = web.Application()
        app.router.add_post("/v1/querybatch", self._batch)
        app.router.add_get("/v1/vulns/{name}", self._one)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()
