"""A proxy between the genuine client and the local platform, and a portal of somebody else behind a redirect.

Both are HTTP servers of their own on 127.0.0.1. The proxy hands every request on and every reply back, byte for byte,
until a strike is armed: then an act decides what becomes of the exchange. What was sent is kept, so that nobody has to
believe a client about its secrets. The acts are in foreign_wire and foreign_replies.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import struct
import threading
import time
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import numpy as np
from fake_ibm import API_KEY, LocalPlatform, kind_of

_BETWEEN = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
"""Headers that belong to one connection, or follow from the body."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the platform answered, or what is answered in its place."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    length: int | None = None
    """What is declared, if not the length of the body."""

    @property
    def raw(self) -> bytes:
        """Its bytes on the wire."""
        told = [*self.headers]
        if self.status != 204:
            told.append(("Content-Length", str(len(self.body) if self.length is None else self.length)))
        reason = http.client.responses.get(self.status, "Odd")
        head = "".join(f"{name}: {value}\r\n" for name, value in told)
        return f"HTTP/1.1 {self.status} {reason}\r\n{head}\r\n".encode("latin-1") + self.body

    def told(self, name: str) -> str:
        """One header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def with_body(self, body: bytes) -> Reply:
        return replace(self, body=body)

    def with_header(self, name: str, value: str | None) -> Reply:
        """The same with one header in place of those of that name; None: without."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))


@dataclass(kw_only=True)
class Strike:
    """A fault: what becomes of `times` exchanges (-1: of all) of some kinds, after `skip` of them passed."""

    act: Callable[[Exchange], None]
    kind: str = ".*"
    """A regular expression that matches the whole of a kind of request."""
    times: int = 1
    skip: int = 0
    chance: float = 1.0
    """Of an exchange to be struck that might be."""
    hits: int = 0

    def strikes(self, kind: str, random: np.random.Generator) -> bool:
        if self.times == 0 or not re.fullmatch(self.kind, kind) or random.random() >= self.chance:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= self.times > 0
        self.hits += 1
        return True


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request as it came to the proxy or to the portal."""

    kind: str
    method: str
    path: str
    content: bytes
    """Its headers and its body."""


class Exchange:
    """One request in the hands of the proxy."""

    def __init__(self, handler: _Handler, proxy: Proxy) -> None:
        self._handler, self.proxy = handler, proxy
        self.method, self.target, self.headers = handler.command, handler.path, handler.headers
        self.path = urlsplit(self.target).path.removeprefix("/experimental")
        self.kind = kind_of(self.method, self.path)
        self.length = int(self.headers.get("Content-Length") or 0)
        self._body: bytes | None = None
        self.replied = False

    @property
    def random(self) -> np.random.Generator:
        return self.proxy.random

    @property
    def body(self) -> bytes:
        """All of it, which is waited for.

        Raises:
            ConnectionAbortedError: If the client went in the middle of it, or of the headers that tell its length.
        """
        if self._body is None:
            self._body = self._handler.rfile.read(self.length)
        if len(self._body) < self.length or (self.method != "GET" and "Content-Length" not in self.headers):
            raise ConnectionAbortedError("the client went in the middle of its request")
        return self._body

    def read(self, number: int) -> None:
        """Takes so many bytes of the body and no more."""
        self._handler.rfile.read(min(number, self.length))

    def forward(self, body: bytes | None = None) -> Reply:
        """What the platform answers to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.platform.port, timeout=120)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _BETWEEN}
        try:
            connection.request(self.method, self.target, body=self.body if body is None else body, headers=kept)
            answer = connection.getresponse()
            told = tuple(pair for pair in answer.getheaders() if pair[0].lower() not in _BETWEEN)
            return Reply(status=answer.status, headers=told, body=answer.read())
        finally:
            connection.close()

    def send(self, reply: Reply) -> None:
        """Hands a reply to the client; a body that is shorter than declared ends the connection."""
        self.send_raw(reply.raw)
        if reply.length is not None and reply.length > len(reply.body):
            self.close()

    def send_raw(self, content: bytes) -> None:
        self.replied = True
        with contextlib.suppress(OSError):  # the client may be gone, which is nothing to the platform
            self._handler.connection.sendall(content)

    def close(self) -> None:
        """Ends the connection as a server does that has nothing more to say (FIN)."""
        self.replied = self._handler.close_connection = True
        with contextlib.suppress(OSError):
            self._handler.connection.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Ends the connection as a machine does that knows nothing of it (RST)."""
        self.replied = self._handler.close_connection = True
        with contextlib.suppress(OSError):
            self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for stream in (self._handler.rfile, self._handler.wfile, self._handler.connection):
            with contextlib.suppress(OSError):
                stream.close()


class Proxy:
    """The server, in a thread of its own from `with` to the end of the block."""

    def __init__(self, platform: LocalPlatform, random: np.random.Generator) -> None:
        self.platform, self.random = platform, random
        self.sent: list[Sent] = []
        self.bugs: list[str] = []
        self._strikes: list[Strike] = []
        self._lock = threading.Lock()
        self._busy = 0
        self._server = _listening(_Handler, proxy=self)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> typing.Self:
        self._thread = _serving(self._server)
        return self

    def __exit__(self, *failure: object) -> None:
        self.calm()
        self._server.shutdown()
        self._server.server_close()
        assert not self.bugs, self.bugs

    def environment(self, account: str = "lab-premium") -> dict[str, str]:
        """Variables with which an application finds the platform behind this proxy."""
        ours = {**self.platform.environment(account)}
        return {
            name: value.replace(self.platform.origin, f"http://127.0.0.1:{self.port}") for name, value in ours.items()
        }

    def arm(self, *strikes: Strike) -> None:
        """From now on they may strike; of several that match, the first does."""
        with self._lock:
            self._strikes += strikes

    def calm(self) -> None:
        """The line is good again."""
        with self._lock:
            self._strikes.clear()

    def quiet(self, within: float = 30.0) -> None:
        """Waits until no exchange is under way."""
        until = time.monotonic() + within
        while self._busy and time.monotonic() < until:
            time.sleep(0.02)
        assert not self._busy, "an exchange hangs"

    def leaks(self) -> list[str]:
        """Requests that had the API key in them and were no requests for a token."""
        key = API_KEY.encode()
        return [f"{one.method} {one.path}" for one in self.sent if one.kind != "iam" and key in one.content]

    def serve(self, exchange: Exchange) -> None:
        """Has an exchange struck, or carries it out."""
        with self._lock:
            struck = next((one for one in self._strikes if one.strikes(exchange.kind, self.random)), None)
            self._busy += 1
        try:
            if struck is None:
                exchange.send(exchange.forward())
            else:
                struck.act(exchange)
                assert exchange.replied, "an act leaves its exchange without an end"
        except OSError as error:
            # the platform is stopped, or the client is gone in the middle of its request
            exchange.close()
            del error
        except Exception as bug:
            self.bugs.append(f"{exchange.kind}: {type(bug).__name__}: {bug}")
            exchange.close()
        finally:
            with self._lock:
                self._busy -= 1
            self.note(exchange)

    def note(self, exchange: Exchange) -> None:
        """Keeps what was sent."""
        head = f"{exchange.target}\n{exchange.headers}".encode()
        body = exchange._body or b""
        self.sent.append(Sent(kind=exchange.kind, method=exchange.method, path=exchange.path, content=head + body))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def log_message(self, *arguments: object) -> None:
        """Nothing: requests hold tokens."""

    def _serve(self) -> None:
        self.proxy.serve(Exchange(self, self.proxy))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is gone is no bug; all others are kept by `Proxy.serve`."""


class Portal:
    """Somebody else's host: it takes whatever comes, keeps it, and answers with a page."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self._server = _listening(_PortalHandler, portal=self)

    @property
    def origin(self) -> str:
        """By another name than that of the platform, so that it is another host."""
        return f"http://localhost:{self._server.server_address[1]}"

    @property
    def content(self) -> bytes:
        return b"\n".join(one.content for one in self.sent)


class _PortalHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    portal: Portal

    def log_message(self, *arguments: object) -> None:
        """Nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = f"{self.path}\n{self.headers}".encode() + body
        self.portal.sent.append(Sent(kind="portal", method=self.command, path=self.path, content=content))
        page = Reply(status=200, headers=(("Content-Type", "text/html"),), body=b"<html><h1>Please sign in</h1></html>")
        with contextlib.suppress(OSError):
            self.wfile.write(page.raw)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


@contextlib.contextmanager
def portal() -> Iterator[Portal]:
    """A portal, from `with` to the end of the block."""
    made = Portal()
    _serving(made._server)
    try:
        yield made
    finally:
        made._server.shutdown()
        made._server.server_close()


@dataclass(frozen=True)
class Line:
    """All that stands between an application and the platform."""

    platform: LocalPlatform
    proxy: Proxy
    portal: Portal
    strikes: list[Strike] = field(default_factory=list)

    def arm(self, *strikes: Strike) -> None:
        """Faults of which at least one has to strike."""
        self.strikes.extend(strikes)
        self.proxy.arm(*strikes)


def _listening(handler: type[BaseHTTPRequestHandler], **about: object) -> _Server:
    return _Server(("127.0.0.1", 0), type(handler.__name__, (handler,), about))


def _serving(server: _Server) -> threading.Thread:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    return thread
