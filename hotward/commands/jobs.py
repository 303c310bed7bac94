"""Runs on hardware: `hotward status`, `collect`, `cancel`, and `backends`."""

from __future__ import annotations

import math
import sys
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hotward.approval import approval
from hotward.commands.listing import find_run, finished
from hotward.commands.own_jobs import import_job
from hotward.conclusion import analysed, conclude
from hotward.options import (
    Draws,
    Estimator,
    ImportedBases,
    Json,
    LayoutFile,
    Order,
    QubitGaps,
    Read,
    Run,
    Runs,
    WorkersOption,
    Yes,
)
from hotward.streams import one_line
from hotward.terminal import emit, progress
from hotward.terminal import table as show_table
from protocols import RequestError
from workers import opened

if typing.TYPE_CHECKING:
    from devices import JobStatus, RunRecord


def status(run: Run, runs: Runs = Path("runs"), json: Json = False) -> None:
    """What the platform says of the jobs of a run."""
    from devices import states

    path = find_run(run, runs)
    looks, odd = states(path)
    _print_jobs(path, looks, odd, json)


def collect(
    run: Annotated[Path | None, typer.Argument(help="Directory of a run, or its name under --runs.")] = None,
    job: Annotated[str | None, typer.Option(help="Instead of a run: id of a Sampler job of your own.")] = None,
    layout: LayoutFile = None,
    order: Order = None,
    read: Read = None,
    bases: ImportedBases = None,
    gaps: QubitGaps = None,
    runs: Runs = Path("runs"),
    wait: Annotated[float, typer.Option(help="Seconds to wait for jobs that are not finished.")] = 600.0,
    resubmit: Annotated[
        bool, typer.Option("--resubmit", help="Submit jobs again that failed or were cancelled, at their cost.")
    ] = False,
    yes: Yes = False,
    draws: Draws = None,
    estimator: Estimator = None,
    workers: WorkersOption = "1",
    json: Json = False,
) -> None:
    """Go on with a run on hardware, then analyse and report. May be repeated.

    Sends what was never sent, waits, fetches what is done and verifies it. A run on a simulator that ended early goes
    on from what was measured; one that is whole is analysed. With --job, the result of a job of your own is
    fetched and imported; --layout says what each of its circuits measured.
    """
    import devices

    if job is not None:
        _collect_own(job, run, layout, order, read, bases, gaps, runs, draws, estimator, json)
        return
    if run is None or any(word is not None for word in (layout, order, read, bases, gaps)):
        raise RequestError(
            "Argument `run` must be the directory of a run; with --job ID --layout FILE a job of your own is read."
        )
    with opened(workers) as team:
        path = finished(find_run(run, runs))
        if isinstance(path, Path) and not devices.on_hardware(path):
            with progress() as report:
                path = devices.resume(path, workers=team, progress=report)
        if isinstance(path, Path):
            with progress() as report:
                if not 0 <= wait < math.inf:
                    raise RequestError(
                        f"Argument `wait` must be seconds, 0 or more, but is {wait:g}. Take 0 to look once."
                    )
                approve = approval(yes, None, report, unattended=False)
                path = devices.collect(path, seconds=wait, resubmit=resubmit, approve=approve, progress=report)
            remind_of_leftovers(path)
        result = analysed(path, json, draws=draws, estimator=estimator, workers=team)
    conclude(result, json)


def _collect_own(
    job: str,
    run: Path | None,
    layout: Path | None,
    order: str | None,
    read: str | None,
    bases: str | None,
    gaps: str | None,
    runs: Path,
    draws: int | None,
    estimator: str | None,
    json: bool,
) -> None:
    """Fetches and imports a job that hotward did not submit."""
    from devices.imports import Reading, read_layout

    if run is not None:
        raise RequestError(f"Argument `job` is read instead of a run, but a run is given too: {run}. Give one of them.")
    reading = Reading(
        order=order,
        read=tuple(name.strip() for name in read.split(",")) if read else (),
        labels=read_layout(layout) if layout else (),
        bases=bases,
    )
    conclude(analysed(import_job(job, reading, runs, gaps), json, draws=draws, estimator=estimator), json)


def cancel(run: Run, runs: Runs = Path("runs"), json: Json = False) -> None:
    """Cancel the unfinished jobs of a run; results are kept."""
    import devices

    path = find_run(run, runs)
    _print_jobs(path, devices.cancel(path), [], json)


def backends(json: Json = False) -> None:
    """Backends of the IBM account, their queues and best qubits."""
    from devices.ibm import backends as offered

    rows = [backend.as_dict() for backend in offered()]
    if json:
        emit({"backends": rows})
        return
    head = ("device", "qubits", "state", "queue", "best pair", "score", "delay [us]", "fractional gates")
    cells = [
        (
            f"ibm:{row['name']}",
            "-" if row["qubits"] is None else str(row["qubits"]),
            row["state"],
            "-" if row["queue"] is None else str(row["queue"]),
            "-" if row["pair"] is None else "{},{}".format(*row["pair"]),
            "-" if row["score"] is None else f"{row['score']:.3f}",
            "-" if row["repetition_delay"] is None else f"{row['repetition_delay']:.0f}",
            _fractional(row),
        )
        for row in rows
    ]
    show_table("backends", head, cells)


def _fractional(row: Mapping[str, Any]) -> str:
    """Whether a backend has gates of any angle, and what they would change on a heat exchange."""
    if not row["fractional"]:
        return "no"
    if row["error"] is None or row["error_fractional"] is None:
        return "yes"
    pays = "pay" if row["error_fractional"] < row["error"] else "do not pay"
    return f"{pays}: gate errors {row['error_fractional']:.2%} with, {row['error']:.2%} without"


def print_submitted(run: Path, as_json: bool) -> None:
    """Prints where a submitted run is and how to go on with it.

    Args:
        run: The run directory.
        as_json: Machine-readable output.
    """
    from devices.record import read_journal

    entries = read_journal(run).entries
    found = [entries[index].identifier for index in sorted(entries)]
    if as_json:
        emit({"run": str(run), "jobs": found})
        return
    print(f"submitted: {', '.join(found)}")
    for purpose, command in (("look", "status"), ("fetch", "collect"), ("stop", "cancel")):
        print(f"{purpose + ':':<6} hotward {command} {run}")
    print(run)


def remind_of_leftovers(record: RunRecord) -> None:
    """Says what a finished run left open on the platform."""
    import devices
    from devices.record import remote

    for text in devices.left_open(record.path) if remote(record.start) else []:
        print(f"note: {text}; to try again: hotward collect {record.path}", file=sys.stderr)


def _print_jobs(run: Path, looks: Sequence[JobStatus], odd: Sequence[str], as_json: bool) -> None:
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
        print(f"note: {one_line(text)}")
    print(run)
