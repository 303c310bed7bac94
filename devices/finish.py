"""A simulator run that was measured and not sealed, because its process ended in between, is finished from its files.

Nothing is measured again: the raw results are what was measured, the plan beside them says what each of them is of.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from devices.errors import RunError
from devices.model import Plan
from devices.raw_results import raw_result
from devices.record import counts, disk
from devices.record.files import COUNTS, START, STOP
from devices.record.plan_file import stored_plan
from devices.record.progress import measured, read_start
from devices.record.record import RunRecord
from devices.record.sealing import seal, verified


@contextlib.contextmanager
def held(run: Path) -> Iterator[None]:
    """Keeps other processes from finishing a run that is still measured; the kernel ends it with the process.

    Where a file system has no such locks, nothing is kept: two processes would write equal files.

    Raises:
        RunError: If another process works on the run.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    directory = os.open(run, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"{run} is being measured by another process. Wait for it, or end it first.") from None
        yield
    finally:
        os.close(directory)


def finish_measured(run: Path) -> RunRecord | None:
    """Decodes, writes counts.csv and seals a run on a simulator that has all its raw results and is not done.

    Args:
        run: Run directory, whatever its state.

    Returns:
        The record; None where there is nothing to finish: a run that is done, on hardware, imported, not measured
        completely, or of an older version, which kept no plan.

    Raises:
        DamagedRun: If a raw result or the plan is not what was written.
        RunError: If another process still works on it.
    """
    if not (run / START).is_file():
        return None
    start = read_start(run)
    if not measured(run, start):
        return None
    with held(run):
        if (run / STOP).exists() and verified(run).stop["status"] == "done":
            return None
        plan = stored_plan(run, start, circuits=False)
        write_counts(plan, run, {job.index: raw_result(plan, job, run) for job in plan.jobs})
        return RunRecord.of(run, seal(run, "done"))


def write_counts(plan: Plan, run: Path, raw: Mapping[int, bytes]) -> None:
    """counts.csv of the raw results of a simulator.

    Args:
        plan: What was measured.
        run: Run directory.
        raw: Content of the raw file of each job.
    """
    frames = [counts.rows(plan, job, counts.load(raw[job.index])) for job in plan.jobs]
    disk.write(run / COUNTS, counts.table(plan.program, frames).to_csv(index=False, lineterminator="\n"))
