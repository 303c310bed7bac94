"""The counts that are expected: every row with what the device gives on average, before any shot.

What an analysis makes of such counts are its values without noise and its errors with it (the Asimov data set of
Cowan, Cranmer, Gross and Vitells, Eur. Phys. J. C 71, 1554 (2011)).
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import numpy as np

from devices.model import Device, Job, Plan
from devices.record import counts as _counts
from protocols import Array, Program, RequestError
from protocols.program import ensemble_size, largest_remainder

if typing.TYPE_CHECKING:
    import pandas as pd


@typing.runtime_checkable
class Predictable(Device, typing.Protocol):
    """A device whose outcome probabilities are known."""

    def expected_probabilities(self, plan: Plan) -> list[Array] | None:
        """Of what every template reads, readout errors included, (rows, 2**outcomes); None where only shots tell."""
        ...


def known_probabilities(plan: Plan, device: Device) -> list[Array]:
    """Exact probabilities of what every template reads, readout errors included.

    Args:
        plan: Prepared by the device.
        device: Where the plan would run.

    Returns:
        Of every block of the program, shape (rows, 2**outcomes), first outcome first.

    Raises:
        RequestError: For a device, or a template on it, whose probabilities only shots can tell, or of more outcomes
            than can be kept.
    """
    _check_tables(plan.program)
    check_known(plan.program)
    known = device.expected_probabilities(plan) if isinstance(device, Predictable) else None
    if known is None:
        raise RequestError(
            f"Argument `device` must have outcome probabilities that are known without shots, but {device.name} "
            f"simulates these circuits shot by shot. Take --device exact{_repair(plan)}."
        )
    return known


MOST_READ = 18
"""Reads of a circuit of which the probabilities of all outcomes are kept."""


def check_known(program: Program) -> None:
    """Refuses circuits that read so many qubits that their outcomes cannot all be kept.

    Args:
        program: What is to be run or planned.

    Raises:
        RequestError: With the repair.
    """
    counted = _counted(program)
    if any(block.drawn for block in program.blocks):
        raise RequestError(
            f"Argument `{counted}` must leave every member a circuit of its own where the probabilities of outcomes "
            "are needed, by --device exact and by hotward plan, but here members are drawn shot by shot. Take hotward "
            f"run --device aer, or fewer {counted}."
        )
    reads = max(len(block.setting.outcomes) for block in program.blocks)
    if reads > MOST_READ:
        raise RequestError(
            f"Argument `{counted}` must leave at most {MOST_READ} reads in one circuit where the "
            f"probabilities of all outcomes are needed, by --device exact and by hotward plan, but there are {reads}. "
            f"Take hotward run --device aer, or fewer {counted}."
        )


MOST_TABLED = 12
"""Qubits of a system of which expected counts are a table of all outcomes, with a confusion of 4^N numbers."""


def _check_tables(program: Program) -> None:
    """Refuses to plan systems of so many qubits that a table of their outcomes is too large."""
    qubits, counted = len(program.experiment.qubits), _counted(program)
    if qubits > MOST_TABLED:
        raise RequestError(
            f"Argument `{counted}` must leave at most {MOST_TABLED} qubits where a run is planned, for expected counts "
            f"are a table of all 2^N outcomes, but N is {qubits}. Plan fewer {counted}; hotward run takes more."
        )


def _counted(program: Program) -> str:
    """The parameter that says how many qubits there are."""
    return getattr(program.experiment, "counted", "") or program.experiment.axis


_READ_ON_THE_WAY = (
    ("ancillas", "reset", "fresh"),
    ("preparation", "measured", "ensemble"),
    ("first-reading", "measured", "ancilla"),
    ("feedback", "measured", "deferred"),
)
"""Options under which a circuit is read before its end, and the choice under which it is not."""


def _repair(plan: Plan) -> str:
    """What reads no circuit on its way, beside another device; fewer of what is repeated where that has no circuits."""
    chosen = plan.program.points.options
    fitting = {name: other for name, word, other in _READ_ON_THE_WAY if chosen.get(name) == word}
    if not fitting:
        return ""
    if not _compiles(plan.program, fitting):
        return f", or fewer {_counted(plan.program)}"
    return f", or {' with '.join(f'--{name} {other}' for name, other in fitting.items())}"


def _compiles(program: Program, options: Mapping[str, str]) -> bool:
    """Whether the experiment has circuits with other options."""
    experiment = program.experiment
    try:
        ensemble_size(experiment, experiment.points({**program.points.options, **options}, "nominal"))
    except RequestError:
        return False
    return True


def expected_counts(plan: Plan, known: Sequence[Array], scale: int = 1) -> pd.DataFrame:
    """The rows of counts.csv that are expected.

    Args:
        plan: A prepared plan.
        known: Probabilities of every block.
        scale: By which all counts are multiplied, so that rounding to whole ones matters less.
    """
    frames = [_counts.rows(plan, job, _tallies(plan, job, known, scale)) for job in plan.jobs]
    return _counts.table(plan.program, frames)


def whole_counts(probabilities: Array, shots: int) -> Array:
    """Whole numbers that sum to the shots, each within 1 of what is expected, by largest remainder.

    Args:
        probabilities: Of each outcome, shape (outcomes,); negative ones count as 0, and the sum is scaled to 1.
        shots: The sum of the counts.

    Returns:
        Shape (outcomes,), int.

    Examples:
        >>> whole_counts(np.array([0.5, 0.3, 0.2]), 7).tolist()
        [4, 2, 1]
    """
    return largest_remainder(shots * np.maximum(probabilities, 0) / np.maximum(probabilities, 0).sum(), shots)


def read_through(probabilities: Array, errors: Sequence[Array]) -> Array:
    """Probabilities of what is read: p(r_1 r_2 ...) = sum_t P_1(r_1 | t_1) P_2(r_2 | t_2) ... p(t_1 t_2 ...).

    Args:
        probabilities: Of the true outcomes, first outcome first, shape (rows, 2**outcomes).
        errors: P(read | true) of each outcome, shape (2, 2) [read, true].

    Returns:
        Shape (rows, 2**outcomes).

    Examples:
        >>> read_through(np.array([[1.0, 0.0]]), [np.array([[0.9, 0.2], [0.1, 0.8]])]).tolist()
        [[0.9, 0.1]]
    """
    tensor = probabilities.reshape(-1, *(2,) * len(errors))
    for axis, error in enumerate(errors, start=1):
        tensor = np.moveaxis(np.tensordot(error, tensor, axes=(1, axis)), 0, axis)
    return tensor.reshape(len(probabilities), -1)


def _tallies(plan: Plan, job: Job, known: Sequence[Array], scale: int) -> list[_counts.Tally]:
    tallies = []
    for slot in job.slots:
        counts = whole_counts(known[slot.block][slot.block_row], scale * slot.shots)
        bits = len(plan.program.blocks[slot.block].setting.outcomes)
        tallies.append({f"{k:0{bits}b}": int(counts[k]) for k in np.flatnonzero(counts)})
    return tallies
