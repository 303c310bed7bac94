"""QPU seconds of a program, on hardware or on the device that a stored calibration is of.

    QPU seconds of a job = overhead + executions * (repetition delay + longest duration of its templates)

The delay is the device's own default, durations are those of its target. A platform such as IBM's charges the time
that the QPU is committed to a job; loading and gaps between templates are in the overhead, which is an estimate of
ours.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass, replace

from devices.model import Device, Job, Plan, RemoteDevice
from devices.remote.division import jobs_by_pass

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

OVERHEAD = 3.0
"""Of a job [s]: inferred, not published."""
DELAY = 250e-6
"""Between executions where the device does not say [s]: the default of all present ones of IBM's."""
DURATION = 10e-6
"""Of a template whose gates have no durations [s]."""


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
    """QPU seconds of all jobs by repetition delay and gate durations.

    Args:
        plan: Of a program with the shots per row and passes of hardware.
        device: Where it was prepared. A simulator without a calibration has no durations: usual ones are taken.
    """
    jobs = plan.jobs if isinstance(device, RemoteDevice) else jobs_by_pass(plan.program, 0)
    executions = sum(job.shots for job in jobs)
    calibrated = _target_and_delay(plan, device)
    if calibrated is None:
        seconds = len(jobs) * OVERHEAD + executions * (DELAY + DURATION)
        basis = f"with {DELAY * 1e6:.0f} us between executions, as IBM's processors have"
    else:
        target, delay = calibrated
        seconds = sum(job_seconds(replace(plan, jobs=jobs), job, target, delay) for job in jobs)
        basis = f"with {(DELAY if delay is None else delay) * 1e6:.0f} us between executions and the gates' durations"
    return Duration(seconds=seconds, jobs=len(jobs), executions=executions, basis=basis)


def passes_worth(taken: Duration, most: int) -> int:
    """Passes over which a run is worth spreading: the overhead of their jobs takes no longer than its executions.

    Args:
        taken: By the run, in any number of jobs.
        most: Passes that were asked for.

    Examples:
        >>> [passes_worth(Duration(seconds=3 + t, jobs=1, executions=1, basis=""), most=4) for t in (1.0, 7.0, 90.0)]
        [1, 2, 4]
    """
    return max(1, min(most, int((taken.seconds - taken.jobs * OVERHEAD) / OVERHEAD)))


def job_seconds(plan: Plan, job: Job, target: Target, delay: float | None) -> float:
    """QPU seconds of one job.

    Args:
        plan: With the executed circuits, on the qubits of the target; those of several copies are on any one of them.
        job: One of its jobs.
        target: Instructions with their durations.
        delay: Between executions [s]; None where the device does not say.
    """
    blocks = {slot.block for slot in job.slots}
    targets = [target]
    if plan.copies > 1:
        # copies wait for the slowest of them before they are read
        from devices.chip import sub_target

        targets = [sub_target(target, tuple(place.physical.values())) for place in plan.placements]
    longest = max(_circuit_duration(plan.executed[block], own) for block in blocks for own in targets)
    return OVERHEAD + job.shots * ((DELAY if delay is None else delay) + longest)


def _target_and_delay(plan: Plan, device: Device) -> tuple[Target, float | None] | None:
    """The target that placements or executed circuits refer to, and the repetition delay [s]; None where none is."""
    found = typing.cast("typing.Any", device)
    if isinstance(device, RemoteDevice):
        return found.target, found.delay
    if not device.noisy or not plan.executed:
        return None
    from devices.chip import sub_target

    if found.backend is None:
        return None
    target = found.backend.target
    if plan.copies == 1:
        target = sub_target(target, tuple(plan.placements[0].physical.values()))
    return target, getattr(found.backend.configuration(), "default_rep_delay", None)


def _circuit_duration(circuit: QuantumCircuit, target: Target) -> float:
    """Along the busiest qubit [s]; gates without a duration take none."""
    busy: dict[object, float] = {}
    for instruction in circuit.data:
        if instruction.operation.name == "barrier":
            continue
        properties = (target[instruction.operation.name] or {}) if instruction.operation.name in target else {}
        place = tuple(circuit.find_bit(qubit).index for qubit in instruction.qubits)
        duration = getattr(properties.get(place), "duration", None) or 0.0
        end = max((busy.get(qubit, 0.0) for qubit in instruction.qubits), default=0.0) + duration
        busy |= dict.fromkeys(instruction.qubits, end)
    return max([*busy.values(), 0.0]) or DURATION
