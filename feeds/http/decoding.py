"""Undoing Content-Encoding in bounded memory, and demanding the end of the stream.

aiohttp's own decompression takes half a gzip stream for a whole page (measured), so it is off.
"""

import zlib
from typing import Protocol

ACCEPT_ENCODING = "gzip, deflate"
_GZIP_MAGIC = b"\x1f\x8b"
_PIECE = 1 << 20
_MOST_MEMBERS = 1000
_JUNK = "压缩的内容后面还有字节 (more bytes follow the compressed body)"
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's window sizes, which also choose the format


class BrokenEncoding(Exception):
    """The body is not what its Content-Encoding says, or ends too early."""


class TooMuch(Exception):
    """More than the cap would come out."""


class Decoder(Protocol):
    """Takes the bytes of the wire in order. `feed` raises `TooMuch` or `BrokenEncoding`; `finish`
    raises `BrokenEncoding` where the stream is not complete.
    """

    def feed(self, data: bytes) -> None: ...

    def finish(self) -> bytes: ...


def build_decoder(encoding: str, cap: int) -> Decoder:
    """A decoder that lets at most `cap` bytes out. `encoding` is the header's value, in any case;
    raises `BrokenEncoding` for one that was not asked for (`br`, or two at once).
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return _Plain(cap)
    if name in {"gzip", "x-gzip", "deflate"}:
        return _Inflating(cap, name == "deflate")
    raise BrokenEncoding(f"没有要过的压缩方式 (Content-Encoding {name[:40]!r} was not asked for)")


class _Plain:
    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._out = bytearray()

    def feed(self, data: bytes) -> None:
        if len(self._out) + len(data) > self._cap:
            raise TooMuch
        self._out += data

    def finish(self) -> bytes:
        if self._out.startswith(_GZIP_MAGIC):
            raise BrokenEncoding("压缩了却没有说 (compressed, but not declared so)")
        return bytes(self._out)


class _Inflating:
    """A gzip body may be several members, one behind the other (RFC 1952 section 2.2)."""

    def __init__(self, cap: int, is_deflate: bool) -> None:
        self._cap = cap
        self._is_deflate = is_deflate
        self._rest = b""  # fewer bytes than tell what follows
        self._stream: zlib._Decompress | None = None  # none between two members
        self._members = 0
        self._out = bytearray()

    def feed(self, data: bytes) -> None:
        data, self._rest = self._rest + data, b""
        while data:
            if self._stream is None:
                if len(data) < len(_GZIP_MAGIC):
                    self._rest = data
                    return
                self._stream = zlib.decompressobj(self._window(data))
            data = self._inflate(self._stream, data)
            if self._stream.eof:
                self._members += 1
                self._stream = None

    def finish(self) -> bytes:
        if self._stream is not None or not self._members:
            raise BrokenEncoding("压缩的内容没有收全 (cut off inside its compression)")
        if self._rest:
            raise BrokenEncoding(_JUNK)
        return bytes(self._out)

    def _inflate(self, stream: "zlib._Decompress", data: bytes) -> bytes:
        """In pieces: a few bytes may hold the whole cap, and it shall not be in memory twice. What follows
        the end of the stream is given back.
        """
        piece = b""
        try:
            while data or len(piece) == _PIECE:  # a full piece may have more behind it
                piece = stream.decompress(data, _PIECE)
                data = stream.unconsumed_tail
                self._out += piece
                if len(self._out) > self._cap:
                    raise TooMuch
        except zlib.error as error:
            raise BrokenEncoding(
                "内容和它说的压缩方式对不上 (not what its Content-Encoding says)"
            ) from error
        return stream.unused_data

    def _window(self, head: bytes) -> int:
        """`deflate` means zlib (RFC 9110 section 8.4.1.2), but some servers send it bare. Raises for what is
        no member behind another, and for more members than any page has: each costs time.
        """
        if self._members and (self._is_deflate or not head.startswith(_GZIP_MAGIC)):
            raise BrokenEncoding(_JUNK)
        if self._members == _MOST_MEMBERS:
            raise TooMuch
        if not self._is_deflate:
            return _GZIP
        first, second = head[:2]
        is_zlib = first & 0x0F == zlib.DEFLATED and (first << 8 | second) % 31 == 0
        return _ZLIB if is_zlib else _RAW
