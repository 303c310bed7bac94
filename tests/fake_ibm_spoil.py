"""An answer of the local IBM platform with a fault in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fake_ibm_calls import Answer, told
from fake_ibm_faults import Fault


class Dropped(Exception):
    """The connection breaks here; the message is for the log."""


def faulty(fault: Fault, process: Callable[[], Answer]) -> Answer:
    """Processes a request with a fault.

    Args:
        fault: The one that strikes.
        process: Does what was asked and gives what would be answered.

    Raises:
        Dropped: If there is no answer.
    """
    if fault.action != "hold_after":
        fault.arrived.set()
    if fault.action == "drop_before":
        raise Dropped("dropped")
    if fault.action == "hang":
        fault.release.wait(3600 if fault.seconds is None else fault.seconds)
        raise Dropped("hung")
    if fault.action == "delay":
        fault.release.wait(1 if fault.seconds is None else fault.seconds)
    if fault.action == "hold":
        _hold(fault, "held and dropped")
    if fault.action == "status":
        return _error(fault)
    answered = process()
    if fault.action == "hold_after":
        fault.arrived.set()
        _hold(fault, f"{answered.status} processed, held and dropped")
    if fault.action == "drop_after":
        raise Dropped(f"{answered.status} processed, reply dropped")
    return _error(fault) if fault.action == "status_after" else _spoilt(answered, fault)


def sent(body: bytes, fault: Fault | None) -> bytes:
    """What is sent of a body whose whole length was declared."""
    return body[: int(len(body) * fault.fraction)] if fault and fault.action == "truncate" else body


def _hold(fault: Fault, dropped: str) -> None:
    fault.release.wait(60 if fault.seconds is None else fault.seconds)
    if fault.drop:
        raise Dropped(dropped)


def _error(fault: Fault) -> Answer:
    code = fault.code if fault.error_code is None else fault.error_code
    return told({"errors": [{"code": code, "message": fault.message}]}, fault.code)


def _spoilt(answered: Answer, fault: Fault) -> Answer:
    if fault.action == "edit":
        return replace(answered, body=fault.edit(answered.body), content=fault.content or answered.content)
    bodies = {
        "empty": b"",
        "garbage": b"<html>Bad gateway</html>",
        "truncate_clean": answered.body[: int(len(answered.body) * fault.fraction)],
    }
    return replace(answered, body=bodies.get(fault.action, answered.body))
