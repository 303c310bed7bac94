"""Hardware on the command line: what a run costs and whether to go on, its jobs, and the backends there are."""

from __future__ import annotations

import inspect
import math
import sys
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from hotward.terminal import Report, emit
from hotward.terminal import table as show_table
from protocols import RequestError

if typing.TYPE_CHECKING:
    from devices import Cost, HardwareOptions, JobStatus

Command = TypeVar("Command", bound=Callable[..., None])


def same_options(model: Callable[..., None]) -> Callable[[Command], Command]:
    """Gives a command the arguments and options of another one."""

    def dressed(command: Command) -> Command:
        command.__signature__ = inspect.signature(model, eval_str=True)  # type: ignore[attr-defined]
        command.__annotations__ = model.__annotations__
        return command

    return dressed


def options(given: Mapping[str, Any]) -> HardwareOptions:
    """Options of a hardware run, from those of the command line."""
    from devices import HardwareOptions
    from devices.ibm.options import parse_qubits

    names = ("passes", "dynamical_decoupling", "twirling", "fractional", "sampler", "mode")
    qubits = None if given["qubits"] is None else parse_qubits(given["qubits"])
    return HardwareOptions(qubits=qubits, **{name: given[name] for name in names})


def approval(yes: bool, most: float | None, report: Report, *, unattended: bool) -> Callable[[Cost], None]:
    """Shows what a run costs and asks.

    Args:
        yes: Not to ask.
        most: QPU seconds beyond which it is refused.
        report: Gives way to the question.
        unattended: Whether a run goes on where nobody can be asked.

    Raises:
        RequestError: If `most` is no number of seconds.
    """
    if most is not None and not 0 < most < math.inf:
        raise RequestError(f"Argument `seconds-at-most` must be seconds above 0, but is {most:g}. Try 100.")

    def approve(cost: Cost) -> None:
        report.stop()
        print(f"estimate: {cost.text}", file=sys.stderr, flush=True)
        if most is not None and cost.seconds > most:
            raise RequestError(
                f"Argument `seconds-at-most` is {most:g} s, but the run takes about {cost.seconds:.0f} s of QPU time. "
                "Nothing was submitted. Take fewer points, settings or shots."
            )
        nobody = sys.stdin is None or not sys.stdin.isatty()
        if yes or (unattended and nobody):
            return
        print("submit? [y/N] ", end="", file=sys.stderr, flush=True)
        answer = "" if sys.stdin is None else sys.stdin.readline()
        if answer.strip().lower() not in ("y", "yes"):
            raise RequestError("Argument `yes` must be given, or the question answered with y: nothing was submitted.")

    return approve


def submitted(run: Path, as_json: bool) -> None:
    """Where the run is and how to go on with it."""
    from devices.record.journal import read_journal

    entries = read_journal(run).entries
    found = [entries[index].identifier for index in sorted(entries)]
    if as_json:
        emit({"run": str(run), "jobs": found})
        return
    print(f"submitted: {', '.join(found)}")
    for purpose, command in (("look", "status"), ("fetch", "collect"), ("stop", "cancel")):
        print(f"{purpose + ':':<6} hotward {command} {run}")
    print(run)


def status(run: Path, as_json: bool) -> None:
    """The jobs of a run, one line each."""
    from devices import states

    looks, odd = states(run)
    _jobs(run, looks, odd, as_json)


def collect(run: Path, wait: float, resubmit: bool, yes: bool, report: Report) -> None:
    """Goes on with a run until its counts are on disk."""
    import devices

    if not 0 <= wait < math.inf:
        raise RequestError(f"Argument `wait` must be seconds, 0 or more, but is {wait:g}. Take 0 to look once.")
    approve = approval(yes, None, report, unattended=False)
    devices.collect(run, seconds=wait, resubmit=resubmit, approve=approve, progress=report)


def cancel(run: Path, as_json: bool) -> None:
    """Cancels what is not finished."""
    import devices

    _jobs(run, devices.cancel(run), [], as_json)


def backends(as_json: bool) -> None:
    """The backends of the instance."""
    from devices.ibm.backends import backends as offered

    rows = [backend.as_dict() for backend in offered()]
    if as_json:
        emit({"backends": rows})
        return
    head = ("device", "qubits", "state", "queue", "best pair", "score", "fractional gates")
    cells = [
        (
            f"ibm:{row['name']}",
            str(row["qubits"]),
            row["state"],
            str(row["queue"]),
            "-" if row["pair"] is None else "{},{}".format(*row["pair"]),
            "-" if row["score"] is None else f"{row['score']:.3f}",
            "yes" if row["fractional"] else "no",
        )
        for row in rows
    ]
    show_table("backends", head, cells)


def remind(run: Path) -> None:
    """Says what a finished run left open on the platform."""
    import devices

    for text in devices.left_open(run):
        print(f"note: {text}; to try again: hotward collect {run}", file=sys.stderr)


def _jobs(run: Path, looks: Sequence[JobStatus], odd: Sequence[str], as_json: bool) -> None:
    rows = [
        {
            "job": i,
            "id": look.identifier,
            "state": look.state or ("unknown" if look.reason else "not submitted"),
            "reason": look.reason,
            "seconds": look.seconds,
        }
        for i, look in enumerate(looks)
    ]
    if as_json:
        emit({"run": str(run), "jobs": rows, "open": list(odd)})
        return
    cells = [
        (str(r["job"]), r["id"] or "-", r["state"], "-" if r["seconds"] is None else f"{r['seconds']:.1f}", r["reason"])
        for r in rows
    ]
    show_table(f"jobs of {run.name}", ("job", "id", "state", "QPU seconds", "reason"), typing.cast("Any", cells))
    for text in odd:
        print(f"note: {text}")
    print(run)
