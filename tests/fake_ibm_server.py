"""HTTP of the local IBM platform: one request after another, with its fault, into the log."""

from __future__ import annotations

import socket
import sys
import threading
import traceback
import typing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from fake_ibm_calls import Answer, told
from fake_ibm_control import PREFIX, control
from fake_ibm_faults import Fault
from fake_ibm_records import Refusal, Request
from fake_ibm_routes import answer, kind_of
from fake_ibm_spoil import Dropped, faulty, sent

if typing.TYPE_CHECKING:
    from fake_ibm import LocalPlatform


class Log:
    """Every request, in the order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []

    def add(self, request: Request) -> int:
        with self._lock:
            self._requests.append(request)
            return len(self._requests) - 1

    def note(self, number: int, status: int | str) -> None:
        """What became of a request."""
        with self._lock:
            self._requests[number] = replace(self._requests[number], status=status)

    @property
    def requests(self) -> list[Request]:
        with self._lock:
            return list(self._requests)


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 only, and never sends a request anywhere."""

    daemon_threads = True

    def __init__(self, port: int, platform: LocalPlatform) -> None:
        self.platform = platform
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, typing.Any]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: typing.Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Notes a bug; a client that is gone is none."""
        error = sys.exc_info()[1]
        if error and not isinstance(error, ConnectionError | Dropped):
            self.platform.bugs.append(_described(error))

    def disconnect(self) -> None:
        """Breaks the connections that clients keep alive."""
        for connection in [*self._connections]:
            _break(connection)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *arguments: object) -> None:
        """Nothing: requests hold tokens."""

    def _serve(self) -> None:
        platform, path, query = self.server.platform, *_split(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if path.startswith(PREFIX):
            self._send(self._processed(lambda: told(control(platform, path, body))))
            return
        fault = platform.faults.of_request(kind_of(self.command, path), self.command, path)
        number = platform.log.add(self._request(body, fault))

        def process() -> Answer:
            return self._processed(lambda: answer(platform, self.command, path, query, self.headers, body))

        try:
            if len(body) < length:
                raise Dropped("cut off by the client")
            answered = faulty(fault, process) if fault else process()
            platform.log.note(number, answered.status)
            self._send(answered, fault)
        except Dropped as why:
            platform.log.note(number, str(why))
            self.close_connection = True
            _break(self.connection)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def do_CONNECT(self) -> None:
        """As a proxy it forwards nothing: an attempt to leave this machine is recorded and refused."""
        self.server.platform.log.note(self.server.platform.log.add(self._request(b"", None)), "refused")
        self.send_error(403, "egress refused")

    def _request(self, body: bytes, fault: Fault | None) -> Request:
        path, query = _split(self.path)
        kind = kind_of(self.command, path)
        auth = (self.headers.get("Authorization") or "").partition(" ")[0]
        key = self.server.platform.accounts.api_key
        everything = [self.path, *self.headers.values()]
        leaks = auth == "apikey" or any(key in text for text in everything) or key.encode() in body
        return Request(
            kind=kind,
            method=self.command,
            host=urlsplit(self.path).netloc or self.headers.get("Host") or "",
            path=path,
            query=query,
            auth=auth,
            crn=self.headers.get("Service-CRN"),
            api_version=self.headers.get("IBM-API-Version"),
            bytes=len(body),
            leaks_key=leaks and kind != "iam",
            fault=fault.action if fault else None,
        )

    def _processed(self, process: typing.Callable[[], Answer]) -> Answer:
        try:
            return process()
        except Refusal as refusal:
            return told(refusal.body, refusal.status)
        except Exception as bug:
            self.server.platform.bugs.append(_described(bug))
            return told({"errors": [{"code": 9999, "message": type(bug).__name__}]}, 500)

    def _send(self, answered: Answer, fault: Fault | None = None) -> None:
        body = sent(answered.body, fault)
        try:
            self.send_response(answered.status)
            self.send_header("Content-Type", answered.content)
            for name, value in (fault.headers if fault else {}).items():
                self.send_header(name, value)
            if answered.status != 204:
                self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except ConnectionError:
            raise Dropped(f"{answered.status} processed, client gone") from None
        if len(body) < len(answered.body):
            raise Dropped(f"{answered.status} processed, reply cut")


def _described(bug: BaseException) -> str:
    """Without its message, which may hold what was sent."""
    return f"{type(bug).__name__}\n{''.join(traceback.format_tb(bug.__traceback__))}"


def _split(target: str) -> tuple[str, str]:
    """Path and query, of an absolute target (to a proxy) too; "experimental" makes the client take a URL as it is."""
    split = urlsplit(target)
    return split.path.removeprefix("/experimental"), split.query


def _break(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # the other side was faster
        return
