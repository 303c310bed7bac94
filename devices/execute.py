"""Program + Device -> a sealed run directory."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.errors import FailedRun
from devices.finish import held
from devices.model import Device, Plan, RemoteDevice
from devices.prepare import Approve, Progress, lasting, prepare_run
from devices.record import counts, disk, journal
from devices.record.files import COUNTS
from devices.record.record import RunRecord
from devices.record.sealing import seal
from devices.remote_runs import collect
from protocols import Program


def execute(
    program: Program,
    device: Device,
    *,
    runs: Path | str = "runs",
    seed: int | None = None,
    command: str = "",
    about: Mapping[str, Any] | None = None,
    approve: Approve = lambda cost: None,
    progress: Progress = lambda what, done, of: None,
) -> RunRecord:
    """Runs a program and returns the verified record of it.

    Everything known before the first shot is on disk before it; raw results are on disk before they are
    decoded; the run is sealed last. On hardware this submits, waits and collects; what is interrupted goes on with
    `collect`.

    Args:
        program: What to run.
        device: Where.
        runs: Directory that holds the runs.
        seed: Root of all randomness; drawn and recorded if None.
        command: The command line that repeats the run, for the record.
        about: More for start.json: draws, preset, gap, notes.
        approve: Asked before a run that costs QPU time; raises to decline.
        progress: Called after every job; not again once it fails, which is no failure of the run.

    Raises:
        RequestError: Before any shot, if the device cannot run the program or the place cannot be written.
        FailedRun: If the device or the disk fails; the directory says why and keeps what was measured.
        PendingRun: If jobs on hardware did not finish; nothing is lost.
    """
    prepared = prepare_run(program, device, runs=runs, seed=seed, command=command, about=about, approve=approve)
    run, plan, told = prepared.run, prepared.plan, lasting(progress)
    if isinstance(device, RemoteDevice):
        return collect(run, seconds=None, progress=told, prepared=prepared)
    try:
        with held(run):
            digests = _measure(plan, device, run, told)
            sealed = seal(run, "done", known=digests)
    except Exception as error:
        # the data are on disk already; say why, if the disk still lets us
        with contextlib.suppress(OSError):
            seal(run, "failed", f"{type(error).__name__}: {error}")
        raise FailedRun(
            f"{run} failed: {type(error).__name__}: {error}. What was measured is in {run / 'raw'}; "
            f"hotward show {run} says more."
        ) from error
    return RunRecord.of(run, sealed)


def _measure(plan: Plan, device: Device, run: Path, progress: Progress) -> dict[str, str]:
    """Runs every job and writes counts.csv; the digests of the raw results by the names of their files."""
    total = sum(job.shots for job in plan.jobs)
    done, raw, digests = 0, [], {}
    for job in plan.jobs:
        journal.append(run, "intended", job=job.index, digest=job.digest, shots=job.shots)
        identifier = device.submit(plan, job, run)
        journal.append(run, "submitted", job=job.index, id=identifier)
        path = device.collect(plan, job, run)
        if path is None:
            raise FailedRun(f"job {job.index} ({identifier}) is still pending")
        raw.append(path.read_bytes())
        digest = digests[str(path.relative_to(run))] = disk.digest(raw[-1])
        journal.append(run, "collected", job=job.index, id=identifier, raw=path.name, sha256=digest)
        done += job.shots
        progress("measuring", done, total)
    frames = [device.decode(plan, job, content) for job, content in zip(plan.jobs, raw, strict=True)]
    disk.write(run / COUNTS, counts.table(plan.program, frames).to_csv(index=False, lineterminator="\n"))
    return digests
