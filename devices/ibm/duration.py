"""QPU seconds of a program, on hardware or on the device that a stored calibration is of."""

from __future__ import annotations

import typing
from dataclasses import dataclass, replace

from devices.ibm import pubs as _pubs
from devices.ibm.estimate import DELAY, DURATION, OVERHEAD, seconds_of
from devices.model import Device, Plan, RemoteDevice

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target

    from devices.ibm.device import IBM
    from devices.simulators.aer import Aer


@dataclass(frozen=True, kw_only=True)
class Duration:
    """How long a program would occupy a quantum processor."""

    seconds: float
    """All jobs, an estimate."""
    jobs: int
    executions: int
    """Circuits run, shots and repeats counted."""
    basis: str
    """What the estimate rests on, in words."""


def duration(plan: Plan, device: Device) -> Duration:
    """QPU seconds by repetition delay and gate durations; see `devices.ibm.estimate`.

    Args:
        plan: Of a program with the quantum and passes of hardware.
        device: Where it was prepared. A simulator without a calibration has no durations: usual ones are taken.
    """
    jobs = plan.jobs if isinstance(device, RemoteDevice) else _pubs.jobs(plan.program, 0)
    executions = sum(job.shots for job in jobs)
    known = _calibrated(plan, device)
    if known is None:
        seconds = len(jobs) * OVERHEAD + executions * (DELAY + DURATION)
        basis = f"with {DELAY * 1e6:.0f} us between executions, as IBM's processors have"
    else:
        target, delay = known
        seconds = sum(seconds_of(replace(plan, jobs=jobs), job, target, delay) for job in jobs)
        basis = f"with {(DELAY if delay is None else delay) * 1e6:.0f} us between executions and the gates' durations"
    return Duration(seconds=seconds, jobs=len(jobs), executions=executions, basis=basis)


def _calibrated(plan: Plan, device: Device) -> tuple[Target, float | None] | None:
    """The target that the executed circuits refer to, and the repetition delay [s]; None where there is none."""
    if isinstance(device, RemoteDevice):
        remote = typing.cast("IBM", device)
        return remote.target, remote.delay
    if not device.noisy or not plan.executed:
        return None
    from devices.chip.target import sub_target

    backend = typing.cast("Aer", device).backend
    if backend is None:
        return None
    stored = typing.cast("typing.Any", backend)
    target = sub_target(stored.target, tuple(plan.placements[0].physical.values()))
    return target, getattr(stored.configuration(), "default_rep_delay", None)
