"""Program + Device -> a plan and a run directory with everything that is known before the first shot."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devices.model import Cost, Device, Plan, RemoteDevice
from devices.record.plan_file import plan_digests, plan_files
from devices.record.start import start_document, start_files
from devices.record.writing import begin
from protocols import Program

Progress = Callable[[str, int, int], None]
"""(what, done, of): called with the number of shots done so far."""
Approve = Callable[[Cost], None]
"""Called with what a run will cost before anything is written or submitted; raises to decline."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A run that can be submitted."""

    plan: Plan
    device: Device
    run: Path


def lasting(progress: Progress) -> Progress:
    """The same, but silent from its first failure on: a run that cannot be told of is measured all the same.

    >>> def full(what: str, done: int, of: int) -> None:
    ...     raise OSError("no space left on the disk of the log")
    >>> told = lasting(full)
    >>> told("measuring", 1, 2), told("measuring", 2, 2)
    (None, None)

    Args:
        progress: Called with what happens, and with the number of shots, done and of all.
    """
    failed: list[Exception] = []

    def told(what: str, done: int, of: int) -> None:
        if not failed:
            try:
                progress(what, done, of)
            except Exception as error:
                failed.append(error)

    return told


def prepare_run(
    program: Program,
    device: Device,
    *,
    runs: Path | str = "runs",
    seed: int | None = None,
    command: str = "",
    about: Mapping[str, Any] | None = None,
    approve: Approve = lambda cost: None,
) -> Prepared:
    """Makes a program ready for a device and writes its run directory.

    Args:
        program: What to run.
        device: Where.
        runs: Directory that holds the runs.
        seed: Root of all randomness; drawn and recorded if None.
        command: The command line that repeats the run, for the record.
        about: More for start.json: draws, preset, gap, notes.
        approve: Asked before a run that costs QPU time; not called by simulators.

    Raises:
        RequestError: Before any shot, if the device cannot run the program or the place cannot be written.
    """
    seed = secrets.randbits(32) if seed is None else seed
    plan = device.prepare(program, seed)
    start = {**start_document(plan, device, seed, command), **(about or {})}
    files = {**start_files(plan, device), **plan_files(plan)}
    start["plan"] = plan_digests(files)
    if isinstance(device, RemoteDevice):
        cost = device.cost(plan)
        approve(cost)
        start["cost"] = cost.as_dict()
        files |= device.files()
    start["notes"] = [*plan.notes, *start.get("notes", ())]
    name = f"{program.experiment.name}-{device.name.replace(':', '-').replace('=', '-')}"
    return Prepared(plan=plan, device=device, run=begin(Path(runs), name, start, files))
