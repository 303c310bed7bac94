"""What a run will say: the analysis of the counts that are expected of a program on a device.

Values are those without noise, standard errors those that the run will quote, and the verdict is the one that
`hotward run` gives of such counts. Quantities that are not linear in the counts are left out but for a protocol's goal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.copies import copies_mean, expected_over_copies, summed_counts
from analysis.data import Columns, Counts, tabulate
from analysis.estimate_arrays import Estimates
from analysis.evaluation import evaluate, setup_of
from analysis.intervals import LINEAR, Cells, Methods, coefficients, stored_cells, with_exact_members
from analysis.quantities import catalogue
from analysis.sweeps import SweepFit
from analysis.verdict import Verdict
from devices import Device
from devices.model import Plan
from devices.readout import completed
from devices.record import exact_at, registers_of
from devices.simulators import expected_counts, known_probabilities
from protocols import Array, Observable, Program, RequestError

FINER = 10**6
DRAWS = 200
"""For the goal of a protocol, where it is not linear."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Expectation:
    """A program, and what is expected of it."""

    plan: Plan
    each: tuple[Counts, ...]
    """Counts of every copy."""
    data: Counts
    """Of all copies together."""
    view: Cells
    observables: tuple[Observable, ...]
    estimates: Estimates
    """Values, errors and exact values of what is linear in the counts; of several copies those of their mean."""
    fits: tuple[SweepFit, ...]
    """Of the energies of every sweep and arm."""
    verdicts: tuple[Verdict, ...]

    @property
    def program(self) -> Program:
        """What would run."""
        return self.plan.program

    @property
    def copies(self) -> int:
        """That are measured side by side."""
        return len(self.each)

    @property
    def degrees(self) -> float:
        """Of freedom, in whose Student's t the errors are quoted."""
        return self.copies - 1 if self.copies > 1 else np.inf

    def of_copy(self, copy: int) -> Expectation:
        """What is expected of one copy; its estimates and verdicts stay those of all.

        Args:
            copy: Its number.
        """
        return replace(self, plan=self.plan.of_copy(copy), each=(self.each[copy],), data=self.each[copy])

    def heat(self, subject: str, factor: float = 1.0, calibration: float | None = None) -> tuple[Array, Array]:
        """Net heat and its standard error in every cell, with all shots multiplied.

        Args:
            subject: The qubit.
            factor: Of the shots.
            calibration: Of those of the readout calibration; None: the same.
        """
        heat = self.heat_of(subject)
        each = [times_the_shots(one, factor, calibration) for one in self.each]
        if len(each) > 1:
            mean = copies_mean(heat, each, self.view)
            return mean.value, mean.stderr
        errors = each[0].linear_errors(sorted(heat.reads))
        _, here, before = coefficients(heat, errors.words, self.view)
        value = self.estimates.quantities[heat.name, subject].value.ravel()
        return value, np.sqrt(errors.variance(here, before, self.view.home))

    def heat_of(self, subject: str) -> Observable:
        """The net heat into a qubit, as a quantity."""
        (heat,) = (o for o in self.observables if o.key == (self.estimates.gain_of(subject), subject))
        return heat


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
    known = [known_probabilities(plan.of_copy(copy), device) for copy in range(plan.copies)]
    cells = stored_cells(points, len(points.arms), exact_at(experiment, points), "", experiment, experiment.qubits)
    setup = setup_of(experiment, points, points.arms, experiment.axis, experiment.qubits)
    everything = catalogue(experiment.qubits, experiment.system, experiment.observables(points), experiment)
    linear = [o for o in everything if o.interval == LINEAR and o.through is None]
    wanted = [o for o in everything if o.theory or o in linear or (setup.goal and o.name == setup.goal.observable)]
    cells = with_exact_members(cells, experiment, points, program.bases, wanted, device.white_noise)
    joint = sorted({o.resolved for o in wanted if o.resolved})
    each = [counted(plan.of_copy(copy), own, joint) for copy, own in enumerate(known)]
    data = summed_counts(each) if len(each) > 1 else each[0]
    said = evaluate(data, cells, setup, wanted, Methods(draws=DRAWS), keep_states=False)
    if len(each) > 1:
        noun = "couplers" if len(plan.placements[0].physical) == 2 else "copies"
        said = expected_over_copies(said, data, each, cells, setup, noun)
    return Expectation(
        plan=plan,
        each=tuple(each),
        data=data,
        view=cells,
        observables=said.observables,
        estimates=said.estimates,
        fits=said.fits,
        verdicts=said.verdicts,
    )


def counted(plan: Plan, known: Sequence[Array], joint: Sequence[Columns] = ()) -> Counts:
    """Expected counts of the first copy as arrays, not rounded; where ancillas are read, rounded a million times finer
    than shots are.

    Args:
        plan: The program as the device runs it.
        known: Probabilities of what every block reads, (points of the block, outcomes) each.
        joint: Columns of ancillas whose bits are to be counted jointly.
    """
    program = plan.program
    registers = registers_of(program)
    if not registers:
        return _pair_counts(program, known)
    copy = plan.placements[0].copy
    jobs = [replace(job, slots=tuple(slot for slot in job.slots if slot.copy == copy)) for job in plan.jobs]
    fine = tabulate(
        expected_counts(replace(plan, jobs=tuple(job for job in jobs if job.slots)), known, FINER),
        qubits=program.experiment.qubits,
        bases=program.bases,
        arms=program.points.arms,
        parameters=program.points.parameters,
        registers=registers,
        joint=joint,
    )
    ancillas = fine.ancillas
    if ancillas is not None:
        names = ("once", "twice", "calibration")
        ancillas = replace(ancillas, **{name: getattr(ancillas, name) / FINER for name in names})
    return replace(
        fine,
        observed=fine.observed / FINER,
        calibration=fine.calibration / FINER,
        ancillas=ancillas,
        joint={columns: table / FINER for columns, table in fine.joint.items()},
    )


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
    if calibration.any():
        calibration = completed(calibration)
    return Counts(bases=program.bases, observed=observed, weight=weight, calibration=calibration)


def times_the_shots(data: Counts, factor: float, calibration: float | None = None) -> Counts:
    """Expected counts of so many times the shots.

    Args:
        data: Of one copy.
        factor: Of the shots.
        calibration: Of those of the readout calibration; None: the same.
    """
    return replace(
        data,
        observed=data.observed * factor,
        calibration=data.calibration * (factor if calibration is None else calibration),
    )
