"""Simulated runs of a case, side by side as cells, and what intervals and exact states say of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from fisher import cramer_rao, expected_counts, standard_deviation, stratified_precision

from analysis import Methods
from analysis.data import Counts
from analysis.evaluation import ideal_values
from analysis.intervals import LINEAR, Cells, Estimate, coefficients, estimates, view
from analysis.planning import Strata
from analysis.quantities import catalogue
from coverage_study.cases import READOUT, SETTINGS, STATES, Case
from protocols import Array, Observable, Sample, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import assumption, measured_words, outcome_probabilities
from protocols.program import STATE, build

METHODS = ("percentile", "basic", "normal", "bootstrap")
"""To compare with, on the same draws."""
SKIPPED = {"fidelity", "entanglement_of_formation", "population"}
"""What compares with the ideal itself, and functions of others that have the coverage of these."""
SECOND_SIDE = ("discord", "geometric_discord")


class Simulation:
    """Counts of one case from its exact probabilities, every run with its own calibration."""

    def __init__(self, case: Case) -> None:
        self.case, self.kind = case, STATES[case.state]
        self.bases = SETTINGS[case.settings]
        self.experiment = build(HeatExchange, dict(self.kind.values))
        self.points = self.experiment.points()
        self.states, self.before = self._states()
        eigenstates = case.preparation == "ensemble"
        self.probabilities, self.weight, self.shots = self._ensemble() if eigenstates else self._mixture()
        self.probabilities[self.shots == 0] = 0.25
        errors = READOUT[case.readout]
        self.confusion = np.kron(*(np.array([[1 - a, b], [a, 1 - b]]) for a, b in errors)) if errors else None
        self.calibration_shots = int(case.asked.max()) if errors else 0

    def slab(self, which: range, seed: int = 0) -> tuple[Counts, Cells]:
        """Some of the runs side by side.

        Args:
            which: Numbers of the runs; a slab has a stream of its own.
            seed: Another one is another simulation.
        """
        generator = np.random.default_rng([self.case.seed, seed, which.start])
        read = self.probabilities if self.confusion is None else self.probabilities @ self.confusion.T
        cells, size = len(self.points), len(which)
        observed = generator.multinomial(self.shots, read, size=(size, *self.shots.shape))
        calibration = np.zeros((4, 4), dtype=np.int64)
        if self.confusion is not None:
            own = generator.multinomial(self.calibration_shots, self.confusion.T, size=(size, 4))
            calibration = np.repeat(own, cells, axis=0)
        data = Counts(
            bases=self.bases,
            observed=observed.reshape(-1, *observed.shape[2:]),
            weight=np.tile(self.weight, (size, 1)),
            calibration=calibration,
        )
        return data, view(self.points, size, *(np.repeat(s[None], size, axis=0) for s in (self.states, self.before)))

    def observables(self) -> list[Observable]:
        """What is looked at."""
        every = catalogue(("A", "B"), "AB", self.experiment.observables(self.points), self.experiment)
        words = {*measured_words(self.bases), *([STATE] if assumption(self.bases)[0] != "none" else [])}
        second = [o for o in every if o.name in SECOND_SIDE and o.subject == "B"]
        return [o for o in every if o.name not in SKIPPED and o not in second and set(o.reads) <= words]

    def estimates(
        self, kept: Sequence[Observable], which: range, draws: int, method: str = "", seed: int = 0
    ) -> list[Estimate]:
        """What the analysis says of some of the runs.

        Args:
            kept: Of `observables`.
            which: Numbers of the runs.
            draws: Of each.
            method: Of the intervals of all that is not linear; by default each quantity's own.
            seed: Of the simulation.
        """
        data, cells = self.slab(which, seed)
        asked = [o for o in kept if not method or o.interval not in (LINEAR, method, f"signed-{method}")]
        methods = Methods(draws=draws, intervals={o.name: method for o in asked} if method else {})
        return estimates(asked, data, cells, methods, data.seed)

    def truths(self, kept: Sequence[Observable]) -> list[Array]:
        """Exact values, (2,) each."""
        return ideal_values(kept, view(self.points, 1, self.states[None], self.before[None]))

    def bounds(self, kept: Sequence[Observable]) -> list[Array]:
        """Cramer-Rao bound of pooled data and what stratified ones are expected to give, (2, points) each."""
        strata = Strata(
            bases=self.bases,
            weight=self.weight,
            probabilities=self.probabilities,
            shots=self.shots.astype(float),
            confusion=self.confusion,
            calibration_shots=self.calibration_shots,
        )
        probabilities, weight, shots = self._mixture()
        pooled = replace(strata, weight=weight, probabilities=probabilities, shots=shots.astype(float))
        linear = [expected_counts(one).linear_errors(("IZ", "ZI")) for one in (pooled, strata)]
        precisions = []
        if assumption(self.bases)[0] != "none":
            calibrated = self.confusion, self.calibration_shots
            precisions = [
                cramer_rao(self.states, self.bases, self.case.asked.astype(float), *calibrated),
                stratified_precision(strata),
            ]
        cells, found = view(self.points, 1, self.states[None], self.before[None]), []
        for o in kept:
            bound = np.full((2, len(self.states)), np.nan)
            if o.interval == LINEAR and o.through is None and set(o.reads) <= {"IZ", "ZI"}:
                _, here, before = coefficients(o, ("IZ", "ZI"), cells)
                bound = np.sqrt([errors.variance(here, before, cells.home) for errors in linear])
            elif STATE in o.reads and not o.reference and o.through is None:
                bound = np.stack([standard_deviation(self._alone(o), self.states, one) for one in precisions])
            found.append(bound)
        return found

    def _alone(self, observable: Observable) -> Callable[[Array], Array]:
        """A quantity as a function of the state, at the parameters of the first point."""
        parameters = {name: values[:1] for name, values in self.points.parameters.items()}
        return lambda rho: observable.of(Sample(parameters=parameters, moments={}, states=rho))

    def _states(self) -> tuple[Array, Array]:
        """Exact states of the points and of their references, (points, 4, 4)."""
        if self.kind.initial is None:
            made = self.experiment.state(self.points), self.experiment.reference_state(self.points)
        else:
            before = np.repeat(self.kind.initial[None], len(self.points), axis=0)
            made = self._exchanged(before), before
        later, before = ((1 - self.kind.white) * state + self.kind.white * np.eye(4) / 4 for state in made)
        return later, before

    def _exchanged(self, before: Array) -> Array:
        """exp(-i V t) rho exp(i V t) with V = Omega (e^(i phi_V) |01><10| + h.c.)."""
        value, U = self.points.parameters, np.repeat(np.eye(4)[None] + 0j, len(self.points), axis=0)
        angle, phase = value["coupling"] * value["time"], np.exp(1j * value["coupling_phase"])
        U[:, 1, 1] = U[:, 2, 2] = np.cos(angle)
        U[:, 1, 2], U[:, 2, 1] = -1j * phase * np.sin(angle), -1j * phase.conj() * np.sin(angle)
        return U @ before @ np.swapaxes(U.conj(), 1, 2)

    def _mixture(self) -> tuple[Array, Array, Array]:
        """Probabilities (points, members, settings, outcomes), weights and shots of one member."""
        p = np.stack([outcome_probabilities(self.states, basis) for basis in self.bases], axis=1)[:, None]
        return p / p.sum(axis=-1, keepdims=True), np.ones((len(p), 1)), self.case.asked[:, None]

    def _ensemble(self) -> tuple[Array, Array, Array]:
        """The same of the eigenstates that the protocol prepares, their shots divided as it divides them."""
        programs = {
            n: compile(self.experiment, self.points, shots=int(n), bases=",".join(self.bases))
            for n in np.unique(self.case.asked)
        }
        members = sorted({block.setting.member for p in programs.values() for block in p.blocks})
        shape = (len(self.points), len(members), len(self.bases))
        probabilities, weight, shots = np.zeros((*shape, 4)), np.zeros(shape[:2]), np.zeros(shape, int)
        for number, program in programs.items():
            for block in program.blocks:
                member, setting = members.index(block.setting.member), self.bases.index(block.setting.basis)
                chosen = self.case.asked[block.point, setting] == number
                p = block.probabilities / block.probabilities.sum(axis=1, keepdims=True)
                at = block.point[chosen], member, setting
                probabilities[at] = ((1 - self.kind.white) * p + self.kind.white / 4)[chosen]
                shots[at] = block.repeats[chosen]
                weight[block.point, member] = block.weight
        return probabilities, weight, shots
