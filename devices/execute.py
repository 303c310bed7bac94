"""Program + Device -> a sealed run directory."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devices.errors import FailedRun, Interrupted
from devices.finish import held
from devices.measuring import measure
from devices.model import Device, RemoteDevice
from devices.prepare import Approve, Prepared, Progress, lasting, prepare_run
from devices.record import counts, disk
from devices.record.files import COUNTS, raw_name
from devices.record.record import RunRecord
from devices.record.sealing import seal
from devices.remote_runs import collect
from protocols import Program
from workers import Asked, Workers, opened


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
    workers: Asked = 1,
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
        progress: Called after every job or piece of one; not again once it fails, which is no failure of the run.
        workers: Processes that simulate pieces of jobs, or the address of a Dask scheduler; the counts are the same.

    Raises:
        RequestError: Before any shot, if the device cannot run the program or the place cannot be written.
        FailedRun: If the device or the disk fails; the directory says why and keeps what was measured.
        PendingRun: If jobs on hardware did not finish, or after Ctrl-C there and on Aer; nothing is lost.
    """
    with opened(workers) as team:
        prepared = prepare_run(program, device, runs=runs, seed=seed, command=command, about=about, approve=approve)
        if not isinstance(device, RemoteDevice):
            return _measured(prepared, team, lasting(progress))
    return collect(prepared.run, seconds=None, progress=lasting(progress), prepared=prepared)


def _measured(prepared: Prepared, workers: Workers, progress: Progress) -> RunRecord:
    """Runs every job on a simulator, writes counts.csv and seals."""
    run, plan, device = prepared.run, prepared.plan, prepared.device
    try:
        with held(run):
            raw = measure(plan, device, run, workers, progress)
            frames = [device.decode(plan, job, raw[job.index]) for job in plan.jobs]
            disk.write(run / COUNTS, counts.table(plan.program, frames).to_csv(index=False, lineterminator="\n"))
            sealed = seal(run, "done", known={raw_name(index): disk.digest(content) for index, content in raw.items()})
    except Interrupted:
        raise
    except Exception as error:
        # the data are on disk already; say why, if the disk still lets us
        with contextlib.suppress(OSError):
            seal(run, "failed", f"{type(error).__name__}: {error}")
        raise FailedRun(
            f"{run} failed: {type(error).__name__}: {error}. What was measured is in {run / 'raw'}; "
            f"hotward show {run} says more."
        ) from error
    return RunRecord.of(run, sealed)
