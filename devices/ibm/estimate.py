"""What a run will cost on IBM's hardware, before it is submitted.

QPU seconds are estimated as for any processor (`devices.remote.qpu_seconds`), with the repetition delay that was asked
for or that the backend has by default. Every job carries a limit (`max_execution_time`) at which the platform stops it,
twice the estimate and a minute.
"""

from __future__ import annotations

import math
import typing

from devices.model import Cost, Plan
from devices.remote import Delay, job_seconds, remarks_on_delay
from protocols import RequestError

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target

LONGEST = 3 * 3600
"""Of a job, the platform's own limit [s]."""
_SLACK = 1e-6
"""Of a delay [us]."""


def delay_of(configuration: object, asked: float | None, backend: str) -> Delay:
    """The repetition delay of a run, checked: neither client looks whether the backend takes it.

    Args:
        configuration: Of the backend, as the client has it: its delays are in seconds.
        asked: By the user [us]; None: the default.
        backend: Its name, for the error.

    Raises:
        RequestError: If the backend has a fixed one, or does not take this one.

    Examples:
        >>> class Configuration:
        ...     default_rep_delay, rep_delay_range, dynamic_reprate_enabled = 250e-6, (0.0, 2e-3), True
        >>> delay_of(Configuration(), 500.0, "ibm_boston").seconds
        0.0005
    """
    usual = getattr(configuration, "default_rep_delay", None)
    known = getattr(configuration, "rep_delay_range", None)
    least = float(known[0]) if known else None
    if asked is None:
        return Delay(seconds=usual, least=least)
    default = "" if usual is None else f", {usual * 1e6:g} us"
    if not known or not getattr(configuration, "dynamic_reprate_enabled", True):
        raise RequestError(
            f"Argument `rep_delay` must be left out on {backend}, whose repetition delay cannot be changed, but is "
            f"{asked:g} us. Its default{default} is taken then."
        )
    low, high = (1e6 * float(end) for end in known)
    # ranges are stored in microseconds and read in seconds: 1000 us come back as 999.9999...
    if not low - _SLACK <= asked <= high + _SLACK:
        raise RequestError(
            f"Argument `rep_delay` must be from {low:g} to {high:g} us on {backend}, but is {asked:g}. Leave it out "
            f"for its default{default}."
        )
    return Delay(seconds=asked * 1e-6, least=least)


def cost_of(plan: Plan, target: Target, delay: Delay, seconds_left: float | None, queue: int) -> Cost:
    """What all jobs of a plan should cost.

    Args:
        plan: Made for the target.
        target: Instructions with their durations.
        delay: Between executions.
        seconds_left: What the instance may still use [s]; None without a limit.
        queue: Jobs that wait on the backend.
    """
    seconds = [job_seconds(plan, job, target, delay.seconds) for job in plan.jobs]
    return Cost(
        circuits=len(plan.executed),
        executions=sum(job.shots for job in plan.jobs),
        jobs=len(plan.jobs),
        seconds=sum(seconds),
        seconds_at_most=sum(map(limit, seconds)),
        seconds_left=seconds_left,
        qubits=dict(plan.placements[0].physical),
        queue=queue,
        remarks=remarks_on_delay(plan, plan.jobs, target, delay),
        copies=plan.copies,
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
