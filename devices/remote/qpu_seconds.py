"""QPU seconds of a program, on hardware or on the device that a stored calibration is of.

    QPU seconds of a job = overhead + executions * (repetition delay + longest duration of its templates)

The delay is the device's own default, durations are those of its target. A platform such as IBM's charges the time
that the QPU is committed to a job; loading and gaps between templates are in the overhead, which is an estimate of
ours.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from devices.model import Device, Job, Plan, RemoteDevice
from devices.remote.division import jobs_by_pass
from protocols import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

OVERHEAD = 3.0
"""Of a job [s]: inferred, not published."""
DELAY = 250e-6
"""Between executions where the device does not say [s]: the default of all present ones of IBM's."""
LONG_DELAY = 1e-3
"""Between executions, beyond which a remark is made [s]: four times what most of IBM's processors have."""
DURATION = 10e-6
"""Of a template whose gates have no durations [s]."""


@dataclass(frozen=True, kw_only=True)
class Delay:
    """How long a device waits from the end of an execution to the next one."""

    seconds: float | None
    """None where the device does not say."""
    least: float | None = None
    """The least that it can be asked for [s]; None where that is not known."""


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
    remarks: tuple[str, ...] = ()
    """What makes it dearer than it need be."""


def duration(plan: Plan, device: Device) -> Duration:
    """QPU seconds of all jobs by repetition delay and gate durations.

    Args:
        plan: Of a program with the shots per row and passes of hardware.
        device: Where it was prepared. A simulator without a calibration has no durations: usual ones are taken.
    """
    jobs = plan.jobs if isinstance(device, RemoteDevice) else executed_jobs(plan)
    executions = sum(job.shots for job in jobs)
    calibrated = _target_and_delay(plan, device)
    remarks: tuple[str, ...] = ()
    if calibrated is None:
        seconds = len(jobs) * OVERHEAD + executions * (DELAY + DURATION)
        basis = f"with {DELAY * 1e6:.0f} us between executions, as IBM's processors have"
    else:
        target, delay = calibrated
        seconds = sum(job_seconds(replace(plan, jobs=jobs), job, target, delay.seconds) for job in jobs)
        usual = DELAY if delay.seconds is None else delay.seconds
        basis = f"with {usual * 1e6:.0f} us between executions and the gates' durations"
        remarks = remarks_on_delay(plan, jobs, target, delay)
    return Duration(seconds=seconds, jobs=len(jobs), executions=executions, basis=basis, remarks=remarks)


def executed_jobs(plan: Plan) -> tuple[Job, ...]:
    """The jobs that a plan takes on hardware, for what they cost.

    Args:
        plan: Of a program with the shots per row and passes of hardware.
    """
    alone = [(0,)] * plan.program.alone  # whichever copies run in such a pass, it lasts as long as one of them
    return jobs_by_pass(plan.program, 0, alone=alone)


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
    longest = _longest([plan.executed[block] for block in blocks], targets)
    return OVERHEAD + job.shots * ((DELAY if delay is None else delay) + longest)


def remarks_on_delay(plan: Plan, jobs: Sequence[Job], target: Target, delay: Delay) -> tuple[str, ...]:
    """What a long repetition delay costs, and what a shorter one would leave excited; nothing up to 1 ms.

    Where a target has no reset, qubits may start by waiting alone: exp(-delay/T1) of what an execution left excited is
    still there at the next one, and no calibration row shows in which state that was.

    Args:
        plan: With the executed circuits, on the qubits of the target, and their calibration.
        jobs: All jobs of the run.
        target: Instructions with their durations.
        delay: Between executions.
    """
    if delay.seconds is None or delay.seconds <= LONG_DELAY:
        return ()
    total = sum(job_seconds(plan, job, target, delay.seconds) for job in jobs)
    waited = delay.seconds * sum(job.shots for job in jobs)
    said = f"the device waits {delay.seconds * 1e6:.0f} us between executions, {waited / total:.0%} of the QPU time"
    if delay.least is None or delay.least >= delay.seconds:
        return (said,)
    shorter = sum(job_seconds(plan, job, target, delay.least) for job in jobs)
    said += f"; with --rep-delay {delay.least * 1e6:.0f}, the least it takes, the run would be about {shorter:.0f} s"
    lives = _lifetimes(plan)
    if "reset" in target.operation_names or not lives:
        return (said,)
    waits = (delay.least, delay.seconds)
    left = ", ".join(f"{math.exp(-wait / max(lives)):.2%} after {wait * 1e6:.0f} us" for wait in waits)
    reset = (
        f"it lists no reset: if its qubits start by waiting alone, of what was excited remain {left} (T1 = "
        f"{max(lives) * 1e6:.0f} us, the longest of those used)"
    )
    return (said, reset)


def _lifetimes(plan: Plan) -> list[float]:
    """Reported T1 of every qubit used, of all copies [s]."""
    calibration = typing.cast("Mapping[str, typing.Any]", plan.calibration)
    qubits = [one for copy in calibration.get("copies", [calibration]) for one in copy.get("qubits", {}).values()]
    return [one["T1_seconds"] for one in qubits if one["T1_seconds"]]


def _target_and_delay(plan: Plan, device: Device) -> tuple[Target, Delay] | None:
    """The target that placements or executed circuits refer to, and the repetition delay; None where none is."""
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
    about = found.backend.configuration()
    known = getattr(about, "rep_delay_range", None)
    return target, Delay(seconds=getattr(about, "default_rep_delay", None), least=known[0] if known else None)


def _longest(circuits: Sequence[QuantumCircuit], targets: Sequence[Target]) -> float:
    """Along the busiest qubit of any circuit on any target [s]; gates without a duration take none."""
    known: dict[tuple[str, tuple[int, ...]], Array] = {}
    longest = 0.0
    for circuit in circuits:
        place = {qubit: i for i, qubit in enumerate(circuit.qubits)}
        busy = np.zeros((circuit.num_qubits, len(targets)))
        for instruction in circuit.data:
            if instruction.name == "barrier":
                continue
            qubits = tuple(place[qubit] for qubit in instruction.qubits)
            if (instruction.name, qubits) not in known:
                known[instruction.name, qubits] = np.array(
                    [_duration(own, instruction.name, qubits) for own in targets]
                )
            busy[list(qubits)] = busy[list(qubits)].max(axis=0, initial=0.0) + known[instruction.name, qubits]
        found = busy.max(axis=0, initial=0.0)
        longest = max(longest, float(np.where(found > 0, found, DURATION).max()))
    return longest


def _duration(target: Target, name: str, qubits: tuple[int, ...]) -> float:
    properties = (target[name] or {}) if name in target else {}
    return getattr(properties.get(qubits), "duration", None) or 0.0
