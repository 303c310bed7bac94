"""Many runs of a program side by side: counts drawn of the expected probabilities, stratum by stratum.

Drawn counts and not a normal law: with a few hundred shots over an ensemble, light members have one or two shots each,
and the errors that a run quotes (two added counts included) and their scatter are part of its verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from analysis.data import Counts, confusion_of
from analysis.planning.expectation import Expectation
from devices import HardwareOptions
from devices.record import WORST_CONDITION
from protocols import Array
from protocols.pauli import determines
from protocols.program import largest_remainder

SEED = 20170
"""Of all simulated runs of a plan, which is the same whenever it is asked for."""
TOGETHER = 11_000_000
"""Numbers that are held at once: 40 000 cells of an ensemble of four in nine settings are not divided."""
BESIDE = 128
"""Numbers of a cell that are computed of its counts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """Counts of many runs as cells of one data set, run after run."""

    counts: Counts
    usable: Array
    """(runs,) whether the readout calibration could be inverted."""

    @property
    def runs(self) -> int:
        """How many."""
        return len(self.usable)

    def moments(self, words: tuple[str, ...]) -> Array:
        """Expectation values, (runs, cells, words).

        Args:
            words: Pauli words that the settings determine.
        """
        frequencies = self.counts.frequencies
        values = np.einsum("cwso,cso->cw", frequencies.gain(words), frequencies.corrected())
        return values.reshape(self.runs, -1, len(words))


def draw_runs(
    expected: Expectation,
    words: tuple[str, ...],
    shots: int,
    runs: int,
    *,
    calibration_follows: bool = True,
    chosen: Array | None = None,
    together: int | None = None,
) -> Iterator[Drawn]:
    """Simulated runs of a program, as they would be with other shots, some at a time.

    Args:
        expected: What is expected of one copy of the program with its own shots.
        words: What is read: settings that determine none of them are left out.
        shots: Of each setting and point.
        runs: How many.
        calibration_follows: Whether the calibration has shots in proportion.
        chosen: Which cells; None: all.
        together: How many are drawn at a time; None: as many as `TOGETHER` allows.
    """
    own = slice(None) if chosen is None else chosen
    read = [any(determines(basis, word) for word in words) for basis in expected.data.bases]
    data = replace(
        expected.data,
        bases=tuple(basis for basis, kept in zip(expected.data.bases, read, strict=True) if kept),
        observed=expected.data.observed[own][:, :, read],
        weight=expected.data.weight[own],
        ancillas=None,  # words of the system alone are read
    )
    whole = whole_shots(expected, shots)[own][:, :, read]
    share = data.observed / np.where(data.shots > 0, data.shots, 1)[..., None]
    share[data.shots == 0] = np.eye(share.shape[-1])[0]
    copy = expected.plan.placements[0].copy
    generator = np.random.default_rng([SEED, shots, copy] if copy else [SEED, shots])
    factor = shots / expected.program.shots if calibration_follows else 1.0
    share = _normalised(share)
    together = together or max(1, TOGETHER // (share.size + BESIDE * len(share)))
    for first in range(0, runs, together):
        yield _drawn(data, whole, share, factor, min(together, runs - first), generator)


def _drawn(data: Counts, whole: Array, share: Array, factor: float, runs: int, generator: np.random.Generator) -> Drawn:
    """So many runs, the counts of all of them before their calibrations."""
    observed = generator.multinomial(whole, share, size=(runs, *whole.shape))
    usable, calibration = np.ones(runs, dtype=bool), data.calibration
    if data.calibrated:
        usable, calibration = _calibrations(data.calibration, factor, runs, generator)
        calibration = np.repeat(calibration, len(data.weight), axis=0)
    counts = replace(
        data,
        observed=observed.reshape(-1, *observed.shape[2:]),
        weight=np.tile(data.weight, (runs, 1)),
        calibration=calibration,
    )
    return Drawn(counts=counts, usable=usable)


def whole_shots(expected: Expectation, shots: int) -> Array:
    """Shots of every stratum as the program would be compiled with other shots, (cells, members, settings).

    Args:
        expected: What is expected of the program with its own shots, divided evenly or for a target.
        shots: Of each setting and point.
    """
    program, had = expected.program, expected.data.shots
    even = _even(expected.data.weight, program.shots, program.shots_per_row)
    if np.array_equal(np.rint(had), np.broadcast_to(even[..., None], had.shape)):
        per_row = program.shots_per_row
        if per_row > 1:
            per_row, _ = HardwareOptions().quanta(shots, had.shape[1])
        return np.broadcast_to(_even(expected.data.weight, shots, per_row)[..., None], had.shape)
    return np.where(had > 0, np.maximum(np.rint(had * (shots / program.shots)), 1), 0).astype(np.int64)


def fewest_shots(expected: Expectation) -> int:
    """Shots of a setting and point that give each member of the largest ensemble one, and every pattern two."""
    return max(2, int((expected.data.weight > 0).sum(axis=1).max()) * expected.program.shots_per_row)


def _even(weight: Array, shots: int, per_row: int) -> Array:
    """In proportion to the weights of the members, (cells, members)."""
    units = shots // per_row
    return largest_remainder(weight * units, units, least=1) * per_row


def _calibrations(expected: Array, factor: float, runs: int, generator: np.random.Generator) -> tuple[Array, Array]:
    """Drawn calibrations, (runs, prepared, read); the expected one stands in where a drawn one cannot be inverted."""
    often = np.maximum(np.rint(expected.sum(axis=1) * factor), 2).astype(np.int64)
    rates = _normalised(expected / expected.sum(axis=1, keepdims=True))
    drawn = generator.multinomial(often, rates, size=(runs, len(often)))
    usable = np.linalg.cond(confusion_of(drawn)) <= WORST_CONDITION
    return usable, np.where(usable[:, None, None], drawn, rates * often[:, None])


def _normalised(p: Array) -> Array:
    """Rounding below 0 and beyond a sum of 1, which a multinomial refuses."""
    p = np.maximum(p, 0)
    return p / p.sum(axis=-1, keepdims=True)
