r"""The variance of a target as a function of the shots of every stratum, and its slopes.

Every estimator here weighs settings by N_s = 1 / sum_m w_m^2 / n_sm and solves H r = score with H = sum_s N_s h_s; its
covariance is H^-1 J H^-1, J = sum_s N_s^2 sum_m w_m^2/n_sm K_sm, with h_s the information and K_sm the covariance of
the score of one shot. An energy, the mean over the settings that read it, is the case of one parameter with h_s = 1.
With v = H^-1 g, u = H^-1 J v and S_s = sum_m w_m^2/n_sm K_sm the variance is V = v^T J v, and

    dV/dn_sm = (dN_s/dn_sm) (2 N_s v^T S_s v - 2 u^T h_s v) - N_s^2 (w_m/n_sm)^2 v^T K_sm v,   dN_s/dn = N_s^2 (w/n)^2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.data import PSEUDO_COUNTS, Counts
from analysis.planning.target import strata_of
from analysis.tomography import maximum_likelihood, setting_design
from protocols import Array
from protocols.pauli import determines, outcome_bits, outcome_probabilities, parity

BOUNDARY = 1e-9
"""Smallest eigenvalue below which a state is on the boundary."""
REGULAR = 0.02
"""White noise that a state on the boundary is given here, where gradients of entropies would diverge."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """What the variance of a target is made of, cell by cell."""

    information: Array
    """(cells, settings, parameters, parameters) h_s."""
    score: Array
    """(cells, members, settings, parameters, parameters) K_sm."""
    slope: Array
    """(cells, parameters) g, times the root of the cell's importance."""
    weight: Array
    """(cells, members)."""
    step: Array
    """(cells, settings) how far one read frequency moves the target: errors quoted count `PSEUDO_COUNTS` shots more."""

    def of(self, cells: Array) -> Design:
        """Some of the cells."""
        return Design(
            information=self.information[cells],
            score=self.score[cells],
            slope=self.slope[cells],
            weight=self.weight[cells],
            step=self.step[cells],
        )

    def variance(self, shots: Array) -> Array:
        """(cells,) for shots (cells, members, settings)."""
        effective, share, v, J, _ = self._solved(shots)
        plain = np.einsum("ci,cij,cj->c", v, J, v)
        total = np.einsum("csii->cs", self.information) * effective
        mixture = total / np.maximum(total.sum(axis=1, keepdims=True), 1e-300)
        per_count = np.sqrt(share / np.where(shots > 0, shots, 1.0)).max(axis=1)
        return plain + PSEUDO_COUNTS * (self.step * mixture * per_count).max(axis=1) ** 2

    def gain(self, shots: Array) -> Array:
        """-dV/dn, (cells, members, settings), not below 0."""
        effective, share, v, J, H = self._solved(shots)
        u = np.einsum("cij,cj->ci", np.linalg.pinv(H, hermitian=True), np.einsum("cij,cj->ci", J, v))
        own = np.einsum("ci,cmsij,cj->cms", v, self.score, v, optimize=True)
        spread = np.einsum("cms,cms->cs", share, own)
        pull = np.einsum("ci,csij,cj->cs", u, self.information, v, optimize=True)
        square = share / np.where(shots > 0, shots, 1.0)
        grown = (effective**2)[:, None] * square
        slope = grown * (2 * effective * spread - 2 * pull)[:, None] - (effective**2)[:, None] * square * own
        total = np.einsum("csii->cs", self.information) * effective
        mixture = total / np.maximum(total.sum(axis=1, keepdims=True), 1e-300)
        unseen = 2 * PSEUDO_COUNTS * ((self.step * mixture) ** 2)[:, None] * square / np.where(shots > 0, shots, 1.0)
        return np.maximum(unseen - slope, 0.0)

    def _solved(self, shots: Array) -> tuple[Array, Array, Array, Array, Array]:
        """N_s, w^2/n, v, J and H."""
        share = np.where(shots > 0, self.weight[..., None] ** 2 / np.where(shots > 0, shots, 1.0), 0.0)
        total = share.sum(axis=1)
        effective = np.where(total > 0, 1 / np.where(total > 0, total, 1.0), 0.0)
        H = np.einsum("cs,csij->cij", effective, self.information)
        J = np.einsum("cs,cms,cmsij->cij", effective**2, share, self.score, optimize=True)
        v = np.einsum("cij,cj->ci", np.linalg.pinv(H, hermitian=True), self.slope)
        return effective, share, v, J, H


def heat_design(counts: Counts, word: str, home: Array) -> Design:
    """Of the heat into the qubit that a word reads: every cell as often as heat is counted with it.

    Args:
        counts: Expected, with even shots.
        word: The Pauli word of the qubit's energy.
        home: Index of the reference of each cell, (cells,); -1: exact.
    """
    strata = strata_of(counts)
    cells, _, settings, _ = counts.observed.shape
    bits = outcome_bits(len(word))
    value = (1 - parity(bits, word)) / 2
    if strata.confusion is not None:
        value = value @ np.linalg.inv(strata.confusion)
    reads = np.array([float(determines(basis, word)) for basis in counts.bases])
    spread = strata.read @ value**2 - (strata.read @ value) ** 2
    return Design(
        information=np.broadcast_to(reads[:, None, None], (cells, settings, 1, 1)),
        score=(np.maximum(spread, 0) * reads)[..., None, None],
        slope=np.sqrt(_importance(home))[:, None],
        weight=counts.weight,
        step=np.ptp(value) * np.sqrt(_importance(home))[:, None] * np.broadcast_to(reads, (cells, settings)),
    )


def state_design(counts: Counts, of: Callable[[Array], Array]) -> Design:
    """Of a function of the state, every cell alike.

    Args:
        counts: Expected, with even shots.
        of: States (n, d, d) -> (n,).
    """
    strata, states = strata_of(counts), maximum_likelihood(counts.frequencies)
    basis, design, _ = setting_design(counts.bases)
    design, d = design[:, :, 1:], states.shape[-1]
    least = np.linalg.eigvalsh(states)[:, 0]
    w = np.where(least < REGULAR / d, REGULAR, 0.0)
    states = (1 - w)[:, None, None] * states + w[:, None, None] * np.eye(d) / d
    p = np.stack([outcome_probabilities(states, b) for b in counts.bases], axis=-2)
    read = np.maximum(strata.read, 0)
    read = (1 - w)[:, None, None, None] * read + w[:, None, None, None] / d
    response = score_response(p, design, strata.confusion)
    first = np.einsum("csko,cmso->cmsk", response, read)
    score = np.einsum("csko,cslo,cmso->cmskl", response, response, read, optimize=True)
    return Design(
        information=unit_information(p, design, strata.confusion),
        score=score - first[..., :, None] * first[..., None, :],
        slope=gradient(of, states, basis),
        weight=counts.weight,
        step=np.zeros(p.shape[:2]),
    )


def unit_information(p: Array, design: Array, confusion: Array | None) -> Array:
    """Information of one shot of each setting, (cells, settings, parameters, parameters).

    Args:
        p: Outcome probabilities before readout, (cells, settings, outcomes).
        design: Their slopes along the family, (settings, outcomes, parameters).
        confusion: (outcomes read, outcomes true); None: perfect readout.
    """
    slopes = design if confusion is None else np.einsum("ij,sjk->sik", confusion, design)
    return np.einsum("cso,soi,soj->csij", _inverse(p if confusion is None else p @ confusion.T), slopes, slopes)


def score_response(p: Array, design: Array, confusion: Array | None) -> Array:
    """Change of the score of one shot of each setting with a frequency, (cells, settings, parameters, outcomes).

    Args:
        p: Outcome probabilities before readout, (cells, settings, outcomes).
        design: Their slopes along the family, (settings, outcomes, parameters).
        confusion: (outcomes read, outcomes true); None: perfect readout.
    """
    slopes = design if confusion is None else np.einsum("ij,sjk->sik", confusion, design)
    return np.einsum("cso,sok->csko", _inverse(p if confusion is None else p @ confusion.T), slopes)


def gradient(of: Callable[[Array], Array], states: Array, basis: Array) -> Array:
    """Slopes of a function of the state along the family, by central differences, (cells, parameters).

    NaN for states on the boundary, which the differences would leave.

    Args:
        of: States (n, d, d) -> (n,).
        states: Density matrices, (cells, d, d).
        basis: Of the family, (1 + parameters, d, d), the identity first.
    """
    least = np.linalg.eigvalsh(states)[:, 0]
    inside = least > BOUNDARY
    # a step of 1e-3 of the smallest eigenvalue: relative error 1e-6 for x ln x
    step = np.clip(1e-3 * least, 1e-12, 1e-4)[:, None, None, None]
    shifted = np.where(inside[:, None, None], states, np.eye(states.shape[-1]) / states.shape[-1])[:, None]
    ends = [of((shifted + sign * step * basis[1:]).reshape(-1, *states.shape[1:])) for sign in (1, -1)]
    slopes = (ends[0] - ends[1]).reshape(len(states), -1) / (2 * step[:, :, 0, 0])
    return np.where(inside[:, None], slopes, np.nan)


def _importance(home: Array) -> Array:
    """How many heats each cell enters: its own, unless 0 by definition, and those of the cells compared with it."""
    itself = home == np.arange(len(home))
    often = np.where(itself, 0.0, 1.0)
    np.add.at(often, home[~itself & (home >= 0)], 1.0)
    return often


def _inverse(q: Array) -> Array:
    """1/q, 0 where nothing is ever read."""
    return np.where(q > 1e-12, 1 / np.maximum(q, 1e-12), 0.0)
