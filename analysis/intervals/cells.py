"""The cells of a run as `Sample`s: exact, estimated or drawn, each beside its reference.

A *cell* is one (arm, point), arm-major.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from analysis.data import Columns
from protocols import Array, Experiment, Points, Sample
from protocols.pauli import moments as exact_moments
from protocols.pauli import words
from protocols.program import ResolvedFrequencies, gap_parameters, nominal_betas


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """What is known of the cells without measuring them."""

    parameters: Mapping[str, Array]
    """Every physical field, (cells,)."""
    state: Array | None
    """Exact states, (cells, d, d); None where no protocol predicts them."""
    before: Array | None
    """Exact states that the cells are compared with under a nominal reference, (cells, d, d)."""
    registers: Mapping[str, Array]
    """Exact energies of the registers, (cells,)."""
    registers_before: Mapping[str, Array]
    """The same at a nominal reference."""
    home: Array
    """Index of each cell's reference cell, (cells,); -1: the exact one."""
    betas: Mapping[str, Array] = field(default_factory=dict)
    """beta times gap of the exact references that parameters know, by word and register, (cells,)."""
    resolved: Mapping[Columns, ResolvedFrequencies] = field(default_factory=dict)
    """Exact probabilities member by member, by what was asked for."""
    moments: Mapping[str, Array] = field(default_factory=dict)
    """Exact moments where states are too large to be kept, by word, (cells,)."""
    moments_before: Mapping[str, Array] = field(default_factory=dict)
    """The same at a nominal reference."""
    arms: tuple[str, ...] = ()
    """Names of the arms; empty where they have none."""

    @property
    def compared(self) -> bool:
        """Whether every cell has a reference, measured or exact."""
        return self.before is not None or bool(self.moments_before) or bool((self.home >= 0).all())

    def sample(
        self,
        moments: Mapping[str, Array],
        states: Array | None,
        resolved: Mapping[Columns, ResolvedFrequencies],
        resolution: Array | None = None,
    ) -> Sample:
        """All cells as an observable sees them, each with its reference.

        Args:
            moments: Of words and registers, (..., cells) each.
            states: (..., cells, d, d); None where they are not determined.
            resolved: Frequencies member by member, as far as asked for. A nominal reference has none.
            resolution: What one count is of the shots, (cells,); None: the moments are exact.
        """
        shots = np.zeros(len(self.home)) if resolution is None else resolution
        own = Sample(
            parameters=self.parameters,
            moments=moments,
            states=states,
            ideal=self.state,
            resolved=resolved,
            resolution=shots,
        )
        if resolved and len(self.arms) > 1:
            own = replace(own, arms={name: self._resolved_in(name, resolved) for name in self.arms[1:]})
        if not self.compared:
            return own
        moments_before = {word: v[..., self.home] for word, v in moments.items()}
        states_before = None if states is None else states[..., self.home, :, :]
        nominal = self.home < 0
        if nominal.any():
            over = tuple(word for word in moments if word not in self.registers_before)
            known = self.moments_before if self.before is None else exact_moments(self.before, over)
            exact = {**known, **self.registers_before}
            moments_before = {word: np.where(nominal, exact[word], v) for word, v in moments_before.items()}
            if states_before is not None and self.before is not None:
                states_before = np.where(nominal[:, None, None], self.before, states_before)
        reference = Sample(
            parameters=self.parameters,
            moments=moments_before,
            states=states_before,
            ideal=self.before,
            betas={name: np.where(nominal, beta, np.nan) for name, beta in self.betas.items()} if nominal.any() else {},
            resolved={} if nominal.any() else {columns: one.at(self.home) for columns, one in resolved.items()},
            resolution=np.where(nominal, 0.0, shots[self.home]),
            taken=None if nominal.any() else (own, self.home),
        )
        return replace(own, reference=reference)

    def same_point(self, arm: str) -> Array:
        """Index of the cell of the same point in another arm, (cells,)."""
        size = len(self.home) // len(self.arms)
        return np.arange(len(self.home)) % size + self.arms.index(arm) * size

    def _resolved_in(self, arm: str, resolved: Mapping[Columns, ResolvedFrequencies]) -> Sample:
        """What the members gave at the same points of another arm, and at their references."""
        there = self.same_point(arm)
        taken = {columns: one.at(there) for columns, one in resolved.items()}
        sample = Sample(parameters=self.parameters, moments={}, resolved=taken)
        if (self.home < 0).any():
            return sample
        before = {columns: one.at(self.home[there]) for columns, one in resolved.items()}
        return replace(sample, reference=Sample(parameters=self.parameters, moments={}, resolved=before))

    def exact(self) -> Sample | None:
        """The exact states, each compared with the exact state at its reference, if any; None without a protocol."""
        return self._exact_sample

    @cached_property
    def _exact_sample(self) -> Sample | None:
        """Made once: its memory holds what observables have in common."""
        if self.state is None:
            return self._exact_moments() if self.moments else None
        reference = None if self.before is None else self._exactly(self.before, self.registers_before)
        reference = None if reference is None else replace(reference, betas=self.betas)
        return replace(self._exactly(self.state, self.registers), reference=reference, resolved=self.resolved)

    def _exact_moments(self) -> Sample:
        """The same of what has moments alone."""
        before = {**self.moments_before, **self.registers_before}
        reference = Sample(parameters=self.parameters, moments=before, betas=self.betas) if before else None
        return Sample(parameters=self.parameters, moments={**self.moments, **self.registers}, reference=reference)

    def _exactly(self, state: Array, registers: Mapping[str, Array]) -> Sample:
        every = words(int(state.shape[-1]).bit_length() - 1)
        moments = {**exact_moments(state, every), **registers}
        return Sample(parameters=self.parameters, moments=moments, states=state, ideal=state)


def view(
    points: Points,
    arms: int,
    state: Array | None = None,
    before: Array | None = None,
    registers: Mapping[str, Array] | None = None,
    registers_before: Mapping[str, Array] | None = None,
    betas: Mapping[str, Array] | None = None,
) -> Cells:
    """The cells of a sweep from what is known of them exactly.

    Args:
        points: The sweep: its parameters, and the point that each point is compared with.
        arms: How many arms were measured.
        state: Exact states, (arms, points, d, d); None where no protocol predicts them.
        before: Exact states that cells are compared with where the reference is nominal, (arms, points, d, d); None
            where there are none.
        registers: Register -> exact energy of its ancillas, (arms, points), in the unit of their gaps; None where there
            are no registers.
        registers_before: The same at a nominal reference.
        betas: beta times gap there, as far as parameters know it, by word of a qubit and by register, (points,).

    Returns:
        The cells, arm-major; each is compared with a cell of its own arm, or with its exact reference.
    """
    shifted = [np.where(points.reference < 0, -1, points.reference + arm * len(points)) for arm in range(arms)]
    return Cells(
        parameters={name: np.tile(values, arms) for name, values in points.parameters.items()},
        state=None if state is None else state.reshape(-1, *state.shape[2:]),
        before=None if before is None else before.reshape(-1, *before.shape[2:]),
        registers={name: energy.ravel() for name, energy in (registers or {}).items()},
        registers_before={name: energy.ravel() for name, energy in (registers_before or {}).items()},
        home=np.concatenate(shifted),
        arms=points.arms if len(points.arms) == arms else (),
        betas={name: np.tile(beta, arms) for name, beta in (betas or {}).items()},
    )


def stored_cells(
    points: Points,
    arms: int,
    stored: Mapping[str, Array],
    prefix: str = "",
    protocol: Experiment | type[Experiment] | None = None,
    qubits: Sequence[str] = (),
) -> Cells:
    """The same from what ideal.npz holds.

    Args:
        points: The sweep; the points of the fine grid if `prefix` is "fine_".
        arms: How many arms were measured.
        stored: Arrays by their names in ideal.npz. Read are `state` and `reference_state`, (arms, points, d, d), and of
            every register `register_NAME` and `reference_register_NAME`, (arms, points); missing states stay
            None.
        prefix: What those names start with: "" at the points of the run, "fine_" on the fine grid.
        protocol: What knows the temperatures of its reference; None: nothing does.
        qubits: Names of the qubits of the system, leftmost first.
    """
    registers, before = (
        {name.removeprefix(kind): energy for name, energy in stored.items() if name.startswith(kind)}
        for kind in (f"{prefix}register_", f"{prefix}reference_register_")
    )
    state, state_before = (stored.get(f"{prefix}{name}") for name in ("state", "reference_state"))
    cells = view(points, arms, state, state_before, registers, before, betas_of(protocol, points, qubits))
    own, earlier = (
        {name.removeprefix(kind): value.ravel() for name, value in stored.items() if name.startswith(kind)}
        for kind in (f"{prefix}moment_", f"{prefix}reference_moment_")
    )
    return replace(cells, moments=own, moments_before=earlier)


def betas_of(protocol: Experiment | type[Experiment] | None, points: Points, qubits: Sequence[str]) -> dict[str, Array]:
    """Inverse temperatures of the reference that a protocol knows, under the names that samples have.

    Args:
        protocol: None: nothing is known.
        points: The sweep.
        qubits: Names of the qubits of the system, leftmost first.

    Returns:
        Word of a qubit's energy or name of a register -> beta times its own gap, (points,).
    """
    known, gaps = dict(nominal_betas(protocol, points.parameters)), gap_parameters(protocol)
    known |= {name: points.parameters[gap] * known[name] for name, gap in gaps.items() if name in known}
    words = {name: "".join("Z" if name == other else "I" for other in qubits) for name in qubits}
    return {words.get(name, name): np.broadcast_to(beta, (len(points),)) for name, beta in known.items()}
