"""Bootstrap draws: stratum by stratum, and only then weighted, f = sum_m w_m n_m / N_m."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.data.ancilla_energies import AncillaEnergies, by_batch, drawn_energies
from analysis.data.count_table import CountTable
from analysis.data.frequencies import Frequencies, energies_by_register, weighted_mean
from analysis.data.readout_confusion import confusion_of, inverted, whole_shots
from analysis.data.resolved import Columns, drawn_resolved, leading, measured_resolved
from protocols import Array
from protocols.pauli import outcome_probabilities
from protocols.program import ResolvedFrequencies

# Draws are made in blocks of this size, each with its own seed, so that memory stays bounded and the result
# does not depend on how many are asked for.
DRAWS_PER_CHUNK = 50
MANY_CELLS = 500
"""Cells from which on the counts of draws are kept in small integers."""


def chunks(number: int) -> list[range]:
    """The draws in blocks, each with its own random stream, so that none depends on how many are asked for."""
    return [range(first, min(first + DRAWS_PER_CHUNK, number)) for first in range(0, number, DRAWS_PER_CHUNK)]


def draw_frequencies(
    counts: CountTable,
    measured: Frequencies,
    energies: AncillaEnergies | None,
    seed: int,
    chunk: range,
    states: Array | None = None,
    resolved: Sequence[Columns] = (),
    share: Array | None = None,
) -> Frequencies:
    """One block of bootstrap draws of the frequencies and of the calibration, along a leading axis.

    Each stratum is drawn from its own multinomial; draws of all cells share one calibration draw, which is how
    the calibration's uncertainty is common to them.

    Args:
        counts: What was observed.
        measured: Its frequencies.
        energies: Of its ancillas; None where there are none.
        seed: Of all draws.
        chunk: Which of `chunks`.
        states: Estimated states, (cells, d, d). The strata are then shifted together so that their weighted mean is
            what these states predict: noise outside state space is not drawn a second time. Without that, an
            estimate pressed against the boundary leaves its draws there, and their spread says nothing.
        resolved: Columns of ancillas whose joint bits are wanted member by member; () for the system alone.
        share: What `drawn_from` gave of these states, where several blocks are drawn.
    """
    size = len(chunk)
    generator = np.random.default_rng([seed, chunk.start])
    if counts.batch is not None:
        drawn_batches = _draw_batches(counts, measured, energies, counts.batch, generator, size, states)
        return replace(drawn_batches, resolved=_resolved_batches(counts, drawn_batches, resolved))
    if share is None:
        share = drawn_from(counts, measured, states)
    # expected counts are not whole, but the shots of a stratum are
    lean = energies is None and not resolved
    drawn, read = _drawn_strata(counts, share, generator, size, lean=lean)
    confusion, values = _drawn_confusion(counts, generator, size), None
    if energies is not None:
        values = drawn_energies(counts, energies, drawn, share, _normal_numbers(generator, energies, size))
    return Frequencies(
        bases=counts.bases,
        read=read,
        confusion=confusion,
        shots=counts.effective,
        strata=drawn,
        weight=counts.weight,
        resolved=drawn_resolved(counts, (drawn, share), (confusion, counts.weight), resolved, (seed, chunk.start)),
        **energies_by_register(counts, values),
    )


def _drawn_strata(
    counts: CountTable, share: Array, generator: np.random.Generator, size: int, *, lean: bool
) -> tuple[Array, Array]:
    """Counts of every stratum (draws, cells, members, settings, outcomes), and their weighted mean.

    Drawn one after the other, which is the same stream as all at once. `lean`: kept in the smallest integers that hold
    them, for of many cells they are most of the memory of a block.
    """
    whole, shots = whole_shots(counts.observed), counts.shots
    number = np.int64
    if lean and len(shots) >= MANY_CELLS:
        number = np.min_scalar_type(-int(whole.max(initial=1)) - 1)
    drawn = np.empty((size, *share.shape), dtype=number)
    read = np.empty((size, len(shots), *share.shape[2:]))
    for draw in range(DRAWS_PER_CHUNK):
        one = generator.multinomial(whole, share)
        if draw < size:
            drawn[draw], read[draw] = one, weighted_mean(counts, one)
    return drawn, read


def drawn_from(counts: CountTable, measured: Frequencies, states: Array | None) -> Array:
    """What every stratum is drawn from, (cells, members, settings, outcomes).

    Args:
        counts: What was observed.
        measured: Its frequencies.
        states: As for `draw_frequencies`.
    """
    share = counts.observed / np.maximum(counts.shots, 1)[..., None]
    if states is not None:
        share = _recentred_on_states(counts, measured, share, states)
    share[..., 0] += counts.shots == 0  # a stratum without shots draws nothing, but needs probabilities that sum to 1
    return share


def _resolved_batches(
    counts: CountTable, drawn: Frequencies, resolved: Sequence[Columns]
) -> dict[Columns, ResolvedFrequencies]:
    """Of batches only the weights are drawn: whole batches come or stay away."""
    fixed = {columns: measured_resolved(counts, np.eye(counts.observed.shape[-1]), columns) for columns in resolved}
    inverse = leading(inverted(drawn.confusion), drawn.strata.ndim + 1)
    return {
        columns: replace(one, frequency=inverse @ one.frequency, weight=drawn.weight) for columns, one in fixed.items()
    }


def _drawn_confusion(counts: CountTable, generator: np.random.Generator, size: int) -> Array:
    if not counts.calibrated:
        return np.eye(counts.observed.shape[-1])
    calibration, same = counts.calibration, ...
    if calibration.ndim == 3:  # runs side by side: all cells of a run have its calibration, and share its draws
        calibration, same = np.unique(calibration, axis=0, return_inverse=True)
    shots = whole_shots(calibration)
    known = calibration / shots[..., None]
    drawn = generator.multinomial(shots, known, size=(DRAWS_PER_CHUNK, *shots.shape))[:size]
    return confusion_of(drawn[:, same])


def _normal_numbers(generator: np.random.Generator, energies: AncillaEnergies, size: int) -> tuple[Array, Array]:
    """Standard normal numbers for every draw: (draws, cells, registers), and (draws, sources) of the calibration."""
    own = generator.normal(size=(DRAWS_PER_CHUNK, *energies.value.shape))[:size]
    return own, generator.normal(size=(DRAWS_PER_CHUNK, energies.response.shape[-1]))[:size]


def _draw_batches(
    counts: CountTable,
    measured: Frequencies,
    energies: AncillaEnergies | None,
    batch: Array,
    generator: np.random.Generator,
    size: int,
    states: Array | None,
) -> Frequencies:
    """Draws of a random preparation: whole batches, one fewer than there are, which makes their variance unbiased.

    All settings and all members of the system keep the flips they shared.
    """
    number, shots = int(batch.max()) + 1, counts.shots
    even = np.full(number, 1 / number)
    times = generator.multinomial(max(number - 1, 1), even, size=(DRAWS_PER_CHUNK, len(shots)))[:size]
    times = times * (number / max(number - 1, 1))
    per_shot = counts.member_weight_as_measured / np.maximum(shots, 1)
    read = np.einsum("dcb,cbso->dcso", times, by_batch(batch, counts.observed * per_shot[..., None]))
    total = read.sum(axis=-1, keepdims=True)  # settings of few shots lack members in some batches
    read = read / np.where(total > 0, total, 1)
    confusion = _drawn_confusion(counts, generator, size)
    if states is not None:
        read = np.maximum(read + np.nan_to_num(_shift(counts, measured, states)), 0)
        read /= np.maximum(read.sum(axis=-1, keepdims=True), 1e-300)
    values = None
    if energies is not None:
        parts = by_batch(batch, np.einsum("cms,cmsr->cmr", counts.member_weight_as_measured, energies.mean))
        noise = _normal_numbers(generator, energies, size)[1]
        values = np.einsum("dcb,cbr->dcr", times, parts) + np.einsum("crk,dk->dcr", energies.response, noise)
    return Frequencies(
        bases=counts.bases,
        read=read,
        confusion=confusion,
        shots=counts.effective,
        strata=np.broadcast_to(counts.observed, (size, *counts.observed.shape)),
        weight=counts.weight * times[:, :, batch],
        **energies_by_register(counts, values),
    )


def _recentred_on_states(counts: CountTable, measured: Frequencies, share: Array, states: Array) -> Array:
    """Stratum by stratum, the observed frequencies moved by what the estimate adds to their weighted mean."""
    shift = _shift(counts, measured, states)
    whole = np.asarray((measured.shots > 0).all(axis=1))
    usable = np.isfinite(shift).all(axis=(-2, -1), keepdims=True) & whole[:, None, None]
    moved = np.maximum(share + np.where(usable, shift, 0.0)[:, None], 0) * (counts.shots > 0)[..., None]
    total = moved.sum(axis=-1, keepdims=True)
    return moved / np.where(total > 0, total, 1)


def _shift(counts: CountTable, measured: Frequencies, states: Array) -> Array:
    """What the states add to the measured frequencies, (cells, settings, outcomes)."""
    expected = np.stack([outcome_probabilities(states, basis) for basis in counts.bases], axis=-2)
    return expected @ np.swapaxes(measured.mixing, -1, -2) - measured.read
