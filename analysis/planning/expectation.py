"""What a run will say: the analysis of the counts that are expected of a program on a device.

Values are those without noise, standard errors those that the run will quote, and the verdict is the one that
`hotward run` gives of such counts. Quantities that are not linear in the counts are left out but for a protocol's goal.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.data.counts import Counts, tabulate
from analysis.data.moments import linear_errors
from analysis.intervals.cells import Cells, stored_cells
from analysis.intervals.estimates import LINEAR, Methods, coefficients, estimates
from analysis.quantities.observables import catalogue
from analysis.sweeps.fits import sweep_fits
from analysis.table import available, ideal_values, tidy
from analysis.verdict.heat import verdicts
from analysis.verdict.question import Verdict, VerdictInputs
from devices import Device
from devices.model import Plan
from devices.record.counts import swept_parameters
from devices.record.start import exact_at, registers_of
from devices.simulators.expected import expected_counts, known_probabilities
from protocols import Array, Observable, Program, RequestError

if typing.TYPE_CHECKING:
    import pandas as pd

FINER = 10**6
DRAWS = 200
"""For the goal of a protocol, where it is not linear."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Expectation:
    """A program, and what is expected of it."""

    plan: Plan
    known: Sequence[Array]
    """Probabilities of what every block reads."""
    data: Counts
    view: Cells
    observables: tuple[Observable, ...]
    table: pd.DataFrame
    """As table.csv: value, stderr and ideal of what is linear in the counts."""
    verdicts: tuple[Verdict, ...]

    @property
    def program(self) -> Program:
        """What would run."""
        return self.plan.program

    def heat(self, subject: str, factor: float = 1.0, calibration: float | None = None) -> tuple[Array, Array]:
        """Net heat and its standard error in every cell, with all shots multiplied.

        Args:
            subject: The qubit.
            factor: Of the shots.
            calibration: Of those of the readout calibration; None: the same.
        """
        (heat,) = (o for o in self.observables if (o.name, o.subject) == ("heat", subject))
        more = replace(
            self.data,
            observed=self.data.observed * factor,
            calibration=self.data.calibration * (factor if calibration is None else calibration),
        )
        errors = linear_errors(more, sorted(heat.reads))
        _, here, before = coefficients(heat, errors.words, self.view)
        rows = self.table[(self.table["observable"] == "heat") & (self.table["subject"] == subject)]
        order = rows.sort_values(["point"], kind="stable")
        values = order["value"].to_numpy(dtype=float)
        arms = len(values) // len(self.program.points)
        values = values.reshape(-1, arms).T.ravel()
        return values, np.sqrt(errors.variance(here, before, self.view.home))


def expect(program: Program, device: Device, seed: int = 0) -> Expectation:
    """What a program will say on a device.

    Args:
        program: As it would run.
        device: Where.
        seed: Of the placement, which is the same for all.

    Raises:
        RequestError: If the device cannot run the program, or only shots can tell what it gives.
    """
    experiment, points = program.experiment, program.points
    if points.options.get("preparation") == "random":
        raise RequestError(
            "Argument `preparation` must have errors that are known without shots, but those of random are the scatter "
            "of its batches. Plan with --preparation ensemble; random needs a little more."
        )
    plan = device.prepare(program, seed)
    known = known_probabilities(plan, device)
    cells = stored_cells(points, len(points.arms), exact_at(experiment, points))
    goal = experiment.goal(points)
    everything = catalogue(experiment.qubits, experiment.system, experiment.observables(points))
    linear = [o for o in everything if o.interval == LINEAR and o.through is None]
    wanted = [o for o in everything if o.theory or o in linear or (goal and o.name == goal.observable)]
    data = counted(plan, known)
    observables = available(wanted, data, cells)
    found = estimates(observables, data, cells, Methods(draws=DRAWS), data.seed)
    frequency = experiment.frequency(points.parameters)
    fits, drives = (), ()
    if frequency is not None:
        fits, drives = sweep_fits(data, observables, cells, points, points.arms, experiment.axis, frequency)
    ideal = list(zip(observables, ideal_values(observables, cells), strict=True))
    table = tidy(ideal, points, points.arms, experiment.axis, found)
    question = VerdictInputs(
        axis=experiment.axis,
        others=tuple(name for name in swept_parameters(points, experiment.axis) if name != experiment.axis),
        sides=experiment.sides,
        goal=goal,
        apart=_apart(observables, cells, experiment.sides),
    )
    return Expectation(
        plan=plan,
        known=known,
        data=data,
        view=cells,
        observables=observables,
        table=table,
        verdicts=tuple(verdicts(table, fits, drives, question)),
    )


def counted(plan: Plan, known: Sequence[Array]) -> Counts:
    """Expected counts as arrays, not rounded; where ancillas are read, rounded a million times finer than shots are."""
    program = plan.program
    registers = registers_of(program)
    if not registers:
        return _pair_counts(program, known)
    fine = tabulate(
        expected_counts(plan, known, FINER),
        qubits=program.experiment.qubits,
        bases=program.bases,
        arms=program.points.arms,
        parameters=program.points.parameters,
        registers=registers,
    )
    ancillas = fine.ancillas
    if ancillas is not None:
        names = ("once", "twice", "calibration")
        ancillas = replace(ancillas, **{name: getattr(ancillas, name) / FINER for name in names})
    return replace(fine, observed=fine.observed / FINER, calibration=fine.calibration / FINER, ancillas=ancillas)


def _pair_counts(program: Program, known: Sequence[Array]) -> Counts:
    arms, size = program.points.arms, len(program.points)
    members = 1 + max(block.setting.member for block in program.blocks if not block.prepared)
    cells, outcomes = size * len(arms), 2 ** len(program.experiment.qubits)
    observed = np.zeros((cells, members, len(program.bases), outcomes))
    weight, calibration = np.zeros((cells, members)), np.zeros((outcomes, outcomes))
    for block, p in zip(program.blocks, known, strict=True):
        expected = (block.repeats * program.shots_per_row)[:, None] * p
        if block.prepared:
            calibration[int(block.prepared, 2)] += expected.sum(axis=0)
            continue
        cell = arms.index(block.setting.arm) * size + block.point
        observed[cell, block.setting.member, program.bases.index(block.setting.basis)] = expected
        weight[cell, block.setting.member] = block.weight
    return Counts(bases=program.bases, observed=observed, weight=weight, calibration=calibration)


def _apart(observables: Sequence[Observable], cells: Cells, sides: tuple[str, str] | None) -> Array | None:
    """Exact energy difference of the sides at the reference, where it is known."""
    exact = cells.exact()
    named = {(o.name, o.subject): o for o in observables}
    difference = named.get(("energy_difference", "".join(sides or ())))
    if difference is None or exact is None or exact.reference is None:
        return None
    return np.asarray(difference.of(exact.reference))
