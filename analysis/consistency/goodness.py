r"""Whether the data of every ensemble member at every point are those of some state, whatever it is.

A *part* is one member in one cell, read in all settings; its deviance 2 sum n ln(n / N p) is taken from the state of
greatest likelihood among all states of the qubits, with the readout confusion in the effects. It grows where settings
contradict each other (with nine of them every moment of one qubit is measured three times) and where no state,
however pure, has such frequencies, as after too large a readout correction. Too small a correction makes a member
look mixed, which some state is: that shows against the states asked for (`prepared.py`).

Members are nearly pure, so that counts are near zero and states on the boundary, and chi-square laws are wrong:
expectation and spread come from draws of the whole model, states, counts and calibration, fitted like the data. Of
expectation values, the parts are the points.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from functools import cached_property, singledispatch

import numpy as np

from analysis.data import MOST_QUBITS, Counts, Expectations, confusion_of, determined, whole_shots
from analysis.statistics import Tail, gamma_tail
from analysis.tomography import Likelihood, QuasiLikelihood, family_basis, likelihood_of, maximise, outcome_design
from protocols import Array
from protocols.pauli import moments as state_moments

GAP = 1e-2
"""Of every fit [nat]: far below the deviance of a part, which is about its degrees of freedom."""
MOST_FITS, FEWEST_DRAWS, MOST_DRAWS = 2500, 20, 99
MOST_PARTS = 250
"""Tested; of more, those of most shots."""
DEVIANCE_OF_EQUAL_RANK = 20.0
"""Deviance by which a state of less rank may be worse than the best one. As measured, less of it has true models
rejected too often, more costs power."""
_STREAM = 0x60D
"""Keeps these draws apart from those of the intervals, which have the same seed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Goodness:
    """Deviance of every part from its own best state, beside that of draws from the fitted model."""

    cell: Array
    """(parts,)."""
    member: Array
    """(parts,); 0 throughout for expectation values."""
    states: Array
    """(parts, d, d) best states."""
    shots: Array
    """(parts,) over all settings."""
    deviance: Array
    """(parts, settings or words)."""
    drawn: Array
    """(draws, parts)."""
    left_out: int
    """Parts beyond `MOST_PARTS`, and those that were not read in every setting."""

    @cached_property
    def run(self) -> Tail:
        """All parts together."""
        return gamma_tail(float(self.deviance.sum()), self.drawn.sum(axis=1))

    @cached_property
    def members(self) -> dict[int, Tail]:
        """Every member over all of its cells."""
        return {
            int(m): gamma_tail(
                float(self.deviance[self.member == m].sum()), self.drawn[:, self.member == m].sum(axis=1)
            )
            for m in np.unique(self.member)
        }

    @cached_property
    def parts(self) -> list[Tail]:
        """Each for itself."""
        return [gamma_tail(float(d.sum()), self.drawn[:, i]) for i, d in enumerate(self.deviance)]

    @property
    def p(self) -> float:
        """Of the run: the least of the run's own, of the members' and of the parts', after their trial factors."""
        members, parts = [t.p for t in self.members.values()], [t.p for t in self.parts]
        tests = 1 + (len(members) > 1) + (len(parts) > 1)  # one member over all of its cells is the run
        return min(1.0, tests * min(self.run.p, len(members) * min(members), len(parts) * min(parts)))

    @property
    def worst(self) -> int:
        """The part that fits worst."""
        return int(np.argmin([(t.p, -t.ratio) for t in self.parts], axis=0)[0])


@singledispatch
def goodness(data: Counts) -> Goodness | None:
    """The test of a run; None where its settings overdetermine no state of one or two qubits.

    Args:
        data: What was measured, counts or expectation values.
    """
    qubits = len(data.bases[0])
    if determined(data.bases)[0] == "none" or len(data.bases) < 2 or qubits > MOST_QUBITS:
        return None
    whole = (data.shots > 0).all(axis=-1) & (data.weight > 0)
    shots = np.where(whole, data.shots.sum(axis=-1), 0)
    order = np.argsort(-shots, axis=None, kind="stable")[: min(int(whole.sum()), MOST_PARTS)]
    cell, member = np.unravel_index(np.sort(order), shots.shape)
    if not len(cell):
        return None
    counts, confusion = data.observed[cell, member].astype(float), data.frequencies.confusion
    model = _Model(design=outcome_design(data.bases, "full"), basis=family_basis("full", qubits))
    states, deviance = model.fitted(counts, confusion)
    expected = model.purified(states, counts, confusion)
    generator = np.random.default_rng([data.seed, _STREAM])
    number = draws_of(len(cell))
    shots_of_parts = counts.sum(axis=-1).astype(int)
    if data.calibrated:
        drawn, known = np.zeros((number, len(cell))), confusion_of(data.calibration)
        for i in range(number):
            again = generator.multinomial(shots_of_parts, expected).astype(float)
            mixed = confusion_of(generator.multinomial(whole_shots(data.calibration), known.T))
            drawn[i] = model.fitted(again, mixed)[1].sum(axis=1)
    else:  # one readout for all: fitted side by side
        again = generator.multinomial(shots_of_parts, expected, size=(number, *shots_of_parts.shape)).astype(float)
        drawn = model.fitted(again.reshape(-1, *counts.shape[1:]), confusion)[1].sum(axis=1).reshape(number, -1)
    return Goodness(
        cell=cell,
        member=member,
        states=states,
        shots=shots[cell, member],
        deviance=deviance,
        drawn=drawn,
        left_out=int((data.weight > 0).sum()) - len(cell),
    )


def refitted(data: Counts, fitted: Goodness) -> float:
    """Deviance of the same parts with another calibration.

    Args:
        data: The counts, with that calibration.
        fitted: The test with their own.
    """
    model = _Model(design=outcome_design(data.bases, "full"), basis=family_basis("full", len(data.bases[0])))
    counts = data.observed[fitted.cell, fitted.member].astype(float)
    return float(model.fitted(counts, data.frequencies.confusion)[1].sum())


def draws_of(parts: int) -> int:
    """How many draws a test of some parts has: fewer where there are more to fit."""
    return int(np.clip(MOST_FITS // max(parts, 1), FEWEST_DRAWS, MOST_DRAWS))


@goodness.register
def _(data: Expectations) -> Goodness | None:
    if data.family[0] == "none":
        return None
    measured = np.flatnonzero(np.isfinite(data.value).all(axis=1) & (data.stderr > 0).all(axis=1))[:MOST_PARTS]
    if not len(measured):
        return None
    value, stderr = data.value[measured], data.stderr[measured]

    def fitted(values: Array) -> tuple[Array, Array, Array]:
        one = Expectations(words=data.words, value=values, stderr=stderr)
        states = maximise(typing.cast("Likelihood", likelihood_of(one)), GAP).states
        expected = np.stack(list(state_moments(states, data.words).values()), axis=-1)
        return states, ((values - expected) / stderr) ** 2, expected

    states, deviance, expected = fitted(value)
    generator = np.random.default_rng([data.seed, _STREAM])
    noise = generator.normal(size=(draws_of(len(measured)), *value.shape)) * stderr
    return Goodness(
        cell=measured,
        member=np.zeros(len(measured), dtype=int),
        states=states,
        shots=np.zeros(len(measured)),
        deviance=deviance,
        drawn=np.stack([fitted(expected + one)[1].sum(axis=1) for one in noise]),
        left_out=len(data.value) - len(measured),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Model:
    """Frequencies of states without any assumption on them."""

    design: Array
    """(settings, outcomes, parameters): Tr(E_so B_k)."""
    basis: Array

    def fitted(self, counts: Array, confusion: Array) -> tuple[Array, Array]:
        """Best states and their deviances.

        Args:
            counts: Shape (parts, settings, outcomes).
            confusion: P(read | true), shape (outcomes, outcomes).

        Returns:
            States (parts, d, d), deviances (parts, settings).
        """
        flat = self.design[:, :, 1:].reshape(-1, len(self.basis) - 1)
        likelihood = QuasiLikelihood(
            basis=self.basis,
            design=self.design,
            counts=counts,
            confusion=None if np.array_equal(confusion, np.eye(len(confusion))) else confusion[None],
            inversion=np.linalg.pinv(flat).T,
        )
        states = maximise(likelihood, GAP).states
        return states, deviances(counts, self.read(states, confusion))

    def read(self, states: Array, confusion: Array) -> Array:
        """Probabilities of the outcomes as read, (parts, settings, outcomes).

        Args:
            states: Shape (parts, d, d).
            confusion: P(read | true), shape (outcomes, outcomes).
        """
        r = np.einsum("kij,fji->fk", self.basis, states).real
        p = np.maximum(np.einsum("sok,fk->fso", self.design, r) @ confusion.T, 1e-12)
        return p / p.sum(axis=-1, keepdims=True)

    def purified(self, states: Array, counts: Array, confusion: Array) -> Array:
        """The same of the states of least rank that the counts do not tell from the best ones.

        Half of the eigenvalues that are zero come out positive. Draws around them would have room where the data have
        none, and a model that is true would be rejected too often.

        Args:
            states: The best ones, shape (parts, d, d).
            counts: Shape (parts, settings, outcomes).
            confusion: P(read | true), shape (outcomes, outcomes).
        """
        values, vectors = np.linalg.eigh(states)
        p = self.read(states, confusion)
        best = deviances(counts, p).sum(axis=-1)
        for left_out in range(1, states.shape[-1]):
            kept = np.where(np.arange(states.shape[-1]) < left_out, 0.0, np.maximum(values, 0.0))
            kept /= kept.sum(axis=-1, keepdims=True)
            purer = self.read(np.einsum("fik,fk,fjk->fij", vectors, kept, vectors.conj()), confusion)
            alike = deviances(counts, purer).sum(axis=-1) - best < DEVIANCE_OF_EQUAL_RANK
            p = np.where(alike[:, None, None], purer, p)
        return p


def deviances(counts: Array, expected: Array) -> Array:
    """2 sum_o n ln(n / N p) over the last axis.

    Args:
        counts: Shape (..., outcomes).
        expected: Probabilities of the outcomes, of a shape that broadcasts with it.

    Returns:
        Dimensionless, shape (...).

    Examples:
        >>> deviances(np.array([60.0, 40.0]), np.array([0.5, 0.5])).round(3).item()
        4.027
    """
    due = counts.sum(axis=-1, keepdims=True) * expected
    return 2 * np.where(counts > 0, counts * np.log(np.maximum(counts, 1e-300) / due), 0.0).sum(axis=-1)
