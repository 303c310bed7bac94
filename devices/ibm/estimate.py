"""What a run will cost, before it is submitted.

    QPU seconds of a job = overhead + executions * (repetition delay + longest duration of its templates)

The delay is the backend's own default, durations are those of its target. IBM charges the time that the QPU is
committed to a job; loading and gaps between templates are in the overhead, which is an estimate of ours. Every job
carries a limit (`max_execution_time`) at which the platform stops it, twice the estimate and a minute.
"""

from __future__ import annotations

import math
import typing

from devices.model import Cost, Job, Plan

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

OVERHEAD = 3.0
"""Of a job [s]: inferred, not published."""
DELAY = 250e-6
"""Between executions where the backend does not say [s]: the default of all present ones."""
DURATION = 10e-6
"""Of a template whose gates have no durations [s]."""
LONGEST = 3 * 3600
"""Of a job, the platform's own limit [s]."""


def cost_of(plan: Plan, target: Target, delay: float | None, seconds_left: float | None, queue: int) -> Cost:
    """What all jobs of a plan should cost."""
    seconds = [seconds_of(plan, job, target, delay) for job in plan.jobs]
    return Cost(
        circuits=len(plan.executed),
        executions=sum(job.shots for job in plan.jobs),
        jobs=len(plan.jobs),
        seconds=sum(seconds),
        seconds_at_most=sum(map(limit, seconds)),
        seconds_left=seconds_left,
        qubits=dict(plan.placements[0].physical),
        queue=queue,
    )


def seconds_of(plan: Plan, job: Job, target: Target, delay: float | None) -> float:
    """QPU seconds of one job."""
    longest = max(_duration(plan.executed[block], target) for block in {slot.block for slot in job.slots})
    return OVERHEAD + job.shots * ((DELAY if delay is None else delay) + longest)


def limit(seconds: float, given_up: int = 0) -> int:
    """At which the platform stops a job that should take so long [s]; doubled for every attempt that was given up.

    >>> limit(100.5), limit(100.5, given_up=1), limit(9000.0)
    (261, 522, 10800)
    """
    return min(LONGEST, (math.ceil(2 * seconds) + 60) * 2**given_up)


def _duration(circuit: QuantumCircuit, target: Target) -> float:
    """Along the busiest qubit [s]; gates without a duration take none."""
    busy: dict[object, float] = {}
    for instruction in circuit.data:
        if instruction.operation.name == "barrier":
            continue
        properties = (target[instruction.operation.name] or {}) if instruction.operation.name in target else {}
        place = tuple(circuit.find_bit(qubit).index for qubit in instruction.qubits)
        took = getattr(properties.get(place), "duration", None) or 0.0
        end = max((busy.get(qubit, 0.0) for qubit in instruction.qubits), default=0.0) + took
        busy |= dict.fromkeys(instruction.qubits, end)
    return max([*busy.values(), 0.0]) or DURATION
