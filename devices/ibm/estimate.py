"""What a run will cost on IBM's hardware, before it is submitted.

QPU seconds are estimated as for any processor (`devices.remote.qpu_seconds`). Every job carries a limit
(`max_execution_time`) at which the platform stops it, twice the estimate and a minute.
"""

from __future__ import annotations

import math
import typing

from devices.model import Cost, Plan
from devices.remote import job_seconds

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target

LONGEST = 3 * 3600
"""Of a job, the platform's own limit [s]."""


def cost_of(plan: Plan, target: Target, delay: float | None, seconds_left: float | None, queue: int) -> Cost:
    """What all jobs of a plan should cost.

    Args:
        plan: Made for the target.
        target: Instructions with their durations.
        delay: Between executions [s]; None where the backend does not say.
        seconds_left: What the instance may still use [s]; None without a limit.
        queue: Jobs that wait on the backend.
    """
    seconds = [job_seconds(plan, job, target, delay) for job in plan.jobs]
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


def limit(seconds: float, given_up: int = 0) -> int:
    """At which the platform stops a job that should take so long [s]; doubled for every attempt that was given up.

    Args:
        seconds: Estimated QPU time of the job [s].
        given_up: Attempts at the job that failed and were given up.

    >>> limit(100.5), limit(100.5, given_up=1), limit(9000.0)
    (261, 522, 10800)
    """
    return min(LONGEST, (math.ceil(2 * seconds) + 60) * 2**given_up)
