"""Foreign errors become ours at this door, the most specific first."""

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from feeds.errors import FetchError, NobodyThere, NotPublic, Unreachable
from feeds.http.guard import PRIVATE, ForbiddenAddress, redact


@asynccontextmanager
async def translated(url: URL, seconds: float) -> AsyncIterator[None]:
    """Whatever aiohttp raises inside comes out as a `FetchError` about `url`."""
    where = redact(str(url))
    try:
        yield
    except FetchError:
        raise
    except TimeoutError as error:
        raise Unreachable(
            where, f"{max(seconds, 0):.0f} 秒内没有收全 (no whole answer in time)"
        ) from error
    except aiohttp.ClientConnectorDNSError as error:
        raise NobodyThere(where, "找不到这个域名 (the host's name is not known)") from error
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise Unreachable(where, f"证书或加密有问题 (TLS: {_words(error)})") from error
    except aiohttp.ClientConnectorError as error:
        if _is_forbidden(error):
            raise NotPublic(where, PRIVATE) from error
        why = os.strerror(error.errno) if error.errno else type(error.os_error).__name__
        raise NobodyThere(where, f"连不上这个主机 (cannot connect: {why})") from error
    except aiohttp.ClientPayloadError as error:
        raise Unreachable(where, "没有收全就断了 (the answer was cut off)") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if _is_forbidden(error):
            raise NotPublic(where, PRIVATE) from error
        raise Unreachable(where, _words(error)) from error


def _is_forbidden(error: BaseException | None) -> bool:
    """Whether the guard's refusal lies anywhere in the chain."""
    while error is not None:
        if isinstance(error, ForbiddenAddress) or "the address is not public" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
