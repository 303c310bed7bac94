"""A run on a simulator that ended early goes on where it stopped: what was measured is kept, the rest is measured now.

Its counts are those that it would have had: every piece has a seed of its own, and the circuits are on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from devices.errors import RunError
from devices.finish import held, write_counts
from devices.measuring import measure
from devices.opening import open_device
from devices.prepare import Progress, lasting
from devices.record.files import STOP
from devices.record.plan_file import stored_plan
from devices.record.progress import read_start, resumable
from devices.record.record import RunRecord
from devices.record.sealing import seal, verified
from workers import Asked, opened

SAME = ("hotward", "numpy", "qiskit", "qiskit-aer", "qiskit-ibm-runtime")
"""Packages of which another version may draw other counts."""


def resume(run: Path, *, workers: Asked = 1, progress: Progress = lambda what, done, of: None) -> RunRecord:
    """Goes on with a run on a simulator until it is sealed; one that is done is opened.

    Args:
        run: Run directory.
        workers: Processes that simulate, or the address of a Dask scheduler.
        progress: Told of the shots that are done.

    Raises:
        UnfinishedRun: If the run kept no circuits, so that nothing but a repetition helps.
        RunError: If another process works on it, or other versions of packages began it.
        DamagedRun: If a file of it is not what was written.
    """
    start = read_start(run)
    if not resumable(start):
        return RunRecord.open(run)
    with opened(workers) as team, held(run):
        if (run / STOP).exists() and verified(run).stop["status"] == "done":
            return RunRecord.open(run)
        _check_versions(run, start)
        device, plan = open_device(start["device"]["name"]), stored_plan(run, start)
        write_counts(plan, run, measure(plan, device, run, team, lasting(progress)))
        return RunRecord.of(run, seal(run, "done"))


def _check_versions(run: Path, start: Mapping[str, Any]) -> None:
    """Refuses to join counts of two versions of a simulator."""
    began = start["versions"]
    other = [f"{name} {began.get(name)} and not {version(name)}" for name in SAME if began.get(name) != version(name)]
    if other:
        raise RunError(
            f"{run} was begun with {', '.join(other)}: the rest would not be what it would have been. Go on with that "
            f"version, or repeat it with: {start.get('command') or 'the same program'}"
        )
