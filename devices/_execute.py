"""Program + Device -> a sealed run directory."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from devices import _counts, _disk
from devices._job import Device, FailedRun, Plan
from devices._record import COUNTS, RunRecord, begin, journal, seal
from devices._start import start_document, start_files
from protocols import Program

Progress = Callable[[str, int, int], None]
"""(what, done, of): called with the number of shots done so far."""


def execute(
    program: Program,
    device: Device,
    *,
    runs: Path | str = "runs",
    seed: int | None = None,
    command: str = "",
    about: Mapping[str, Any] | None = None,
    progress: Progress = lambda what, done, of: None,
) -> RunRecord:
    """Runs a program and returns the verified record of it.

    Everything known before the first shot is on disk before it; raw results are on disk before they are
    decoded; the run is sealed last.

    Args:
        program: What to run.
        device: Where.
        runs: Directory that holds the runs.
        seed: Root of all randomness; drawn and recorded if None.
        command: The command line that repeats the run, for the record.
        about: More for start.json: draws, preset, gap, notes.
        progress: Called after every job.

    Raises:
        RequestError: Before any shot, if the device cannot run the program or the place cannot be written.
        FailedRun: If the device or the disk fails; the directory says why and keeps what was measured.
    """
    seed = secrets.randbits(32) if seed is None else seed
    plan = device.prepare(program, seed)
    start = {**start_document(plan, device, seed, command), **(about or {})}
    start["notes"] = [*plan.notes, *start.get("notes", ())]
    name = f"{program.experiment.name}-{device.name.replace(':', '-').replace('=', '-')}"
    run = begin(Path(runs), name, start, start_files(plan, device))
    try:
        _measure(plan, device, run, progress)
        seal(run, "done")
    except Exception as error:
        # the data are on disk already; say why, if the disk still lets us
        with contextlib.suppress(OSError):
            seal(run, "failed", f"{type(error).__name__}: {error}")
        raise FailedRun(
            f"{run} failed: {type(error).__name__}: {error}. What was measured is in {run / 'raw'}; "
            f"hotward show {run} says more."
        ) from error
    return RunRecord.open(run)


def _measure(plan: Plan, device: Device, run: Path, progress: Progress) -> None:
    total = sum(job.shots for job in plan.jobs)
    done, raw = 0, []
    for job in plan.jobs:
        journal(run, event="intended", job=job.index, digest=job.digest, shots=job.shots)
        identifier = device.submit(plan, job, run)
        journal(run, event="submitted", job=job.index, id=identifier)
        path = device.collect(plan, job, run)
        if path is None:
            raise FailedRun(f"job {job.index} ({identifier}) is still pending")
        journal(run, event="collected", job=job.index, id=identifier, raw=path.name, sha256=_disk.sha256(path))
        raw.append(path)
        done += job.shots
        progress("measuring", done, total)
    frames = [device.decode(plan, job, path) for job, path in zip(plan.jobs, raw, strict=True)]
    _disk.write(run / COUNTS, _counts.table(plan.program, frames).to_csv(index=False, lineterminator="\n"))
