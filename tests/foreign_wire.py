"""Acts on a line: a reply is cut, lost, late, doubled, or answered by somebody else.

Each gives what a `Strike` does to an exchange. What is random about it was drawn before, from the seed of the campaign.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from foreign_proxy import Exchange, Reply

Act = Callable[[Exchange], None]
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Network login</h1></body></html>"
JSON = (("Content-Type", "application/json"),)
_ERROR = b'{"errors": [{"code": 9999, "message": "not now", "solution": ""}], "trace": "0"}'


# -- replies that do not arrive, or not whole


def cut(at: float, *, reset: bool) -> Act:
    """The reply ends somewhere, from its first byte to its last but one, by FIN or RST."""

    def act(exchange: Exchange) -> None:
        raw = exchange.forward().raw
        exchange.send_raw(raw[: int(at * len(raw))])
        # a reset overtakes what is still on its way
        time.sleep(0.02 if reset else 0)
        (exchange.reset if reset else exchange.close)()

    return act


def cut_consistently(at: float) -> Act:
    """A part of the body, with the length of that part."""

    def act(exchange: Exchange) -> None:
        reply = exchange.forward()
        exchange.send(reply.with_body(reply.body[: int(at * len(reply.body))]))

    return act


def lost(*, carried_out: bool) -> Act:
    """The connection is reset: after the request was carried out, or before it got through."""

    def act(exchange: Exchange) -> None:
        if carried_out:
            exchange.forward()
        exchange.reset()

    return act


def cut_upload(after: int) -> Act:
    """The request is taken up to a byte, then the connection is reset; the platform never hears of it."""

    def act(exchange: Exchange) -> None:
        exchange.read(after)
        exchange.reset()

    return act


# -- requests that arrive twice, or late


def duplicated(*, first: bool) -> Act:
    """The request gets through twice; the client has the reply to the first or to the second."""

    def act(exchange: Exchange) -> None:
        replies = [exchange.forward(), exchange.forward()]
        exchange.send(replies[0 if first else 1])

    return act


def late(seconds: float, *, request: bool) -> Act:
    """The request, or its reply, is so long on its way."""

    def act(exchange: Exchange) -> None:
        if request:
            time.sleep(seconds)
        reply = exchange.forward()
        if not request:
            time.sleep(seconds)
        exchange.send(reply)

    return act


def dripping(seconds: float) -> Act:
    """The reply comes in twenty pieces, over so many seconds."""

    def act(exchange: Exchange) -> None:
        raw = exchange.forward().raw
        size = len(raw) // 20 + 1
        for start in range(0, len(raw), size):
            exchange.send_raw(raw[start : start + size])
            time.sleep(seconds / 20)

    return act


@dataclass
class Held:
    """A request that a proxy holds until it is let go: then it gets through, or is dropped with its client."""

    dropped: bool
    arrived: threading.Event
    release: threading.Event

    @classmethod
    def new(cls, *, dropped: bool) -> Held:
        return cls(dropped, threading.Event(), threading.Event())

    def __call__(self, exchange: Exchange) -> None:
        assert exchange.length == len(exchange.body)
        self.arrived.set()
        assert self.release.wait(120), "a request was held and never let go"
        if self.dropped:
            exchange.reset()
        else:
            exchange.send(exchange.forward())


# -- answers of somebody else


def answered(status: int, body: bytes = _ERROR, headers: tuple[tuple[str, str], ...] = JSON) -> Act:
    """Something on the way answers; the platform never hears of the request."""

    def act(exchange: Exchange) -> None:
        exchange.body  # noqa: B018  # read, so that the connection can be used again
        exchange.send(Reply(status=status, headers=headers, body=body))

    return act


def html(status: int = 200) -> Act:
    """The page of a captive portal."""
    return answered(status, HTML, (("Content-Type", "text/html; charset=utf-8"),))


def retry_after(status: int, value: str) -> Act:
    """ "Too many requests" or "unavailable", with any word for when to come back."""
    return answered(status, _ERROR, (*JSON, ("Retry-After", value)))


def redirected(status: int, origin: str) -> Act:
    """Sent to another host, with the same path."""

    def act(exchange: Exchange) -> None:
        exchange.body  # noqa: B018
        exchange.send(Reply(status=status, headers=(("Location", f"{origin}{exchange.path}"),), body=b""))

    return act


def edited(change: Callable[[bytes], bytes], content: str | None = "") -> Act:
    """The reply has another body; `content` replaces its Content-Type, None takes it away."""

    def act(exchange: Exchange) -> None:
        reply = exchange.forward()
        reply = reply.with_body(change(reply.body)) if 200 <= reply.status < 300 and reply.body else reply
        exchange.send(reply if content == "" else reply.with_header("Content-Type", content))

    return act


def headed(name: str, value: str | None) -> Act:
    """The reply has another header."""

    def act(exchange: Exchange) -> None:
        exchange.send(exchange.forward().with_header(name, value))

    return act


def lengthened(more: int) -> Act:
    """More bytes are declared than ever come."""

    def act(exchange: Exchange) -> None:
        reply = exchange.forward()
        exchange.send(replace(reply, length=len(reply.body) + more))

    return act


# -- anything at all


def spoilt(exchange: Exchange) -> None:
    """One of what can happen on a bad line, drawn as it happens: nothing of it makes a request arrive twice."""
    draw = exchange.random
    acts: tuple[Act, ...] = (
        cut(draw.random(), reset=bool(draw.integers(2))),
        lost(carried_out=False),
        lost(carried_out=True),
        html(),
        html(502),
        answered(500),
        retry_after(503, "120"),
        retry_after(429, "1"),
        late(0.05, request=True),
        lengthened(7),
        cut_upload(int(draw.integers(5000))),
    )
    acts[draw.integers(len(acts))](exchange)
