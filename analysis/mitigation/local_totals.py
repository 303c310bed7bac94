r"""Symmetry of many qubits: shots in Z with another number of excitations than their member's are dropped.

As in `totals`, y = sum_o s_o q_o / sum_o q_o over the outcomes o of the number k, q being corrected for readout. Of
many qubits q is no table. A row r that was read has a share in true outcomes that is a product over the sites, and what
falls on the number k is a coefficient of a polynomial, with (a_i, c_i) column r_i of the inverse confusion of site i,

    kept_r = [z^k] prod_i (a_i + c_i z) ,   of Z_j the same with -c_j .
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.data import LocalCounts, SiteReadout
from analysis.mitigation.maps import LEAST_KEPT
from analysis.mitigation.moments import MitigatedMoments
from protocols import Array


def local_total_moments(
    data: LocalCounts, number: Array, words: Sequence[str], calibrations: int
) -> tuple[MitigatedMoments, Array]:
    """Moments of single sites in Z; beside them shots, and those with the member's number, (2, cells, members).

    Args:
        data: What was measured.
        number: Excitations of every member, (cells, members).
        words: Of one Z each.
        calibrations: Draws of the readout calibration, whose scatter is its part of the errors.
    """
    sites = np.array([word.index("Z") for word in words])
    value, shot, step, shots = _moments(data, number)
    shared = np.zeros((len(value), len(words), 1))
    if data.readout is not None:
        generator, readout = np.random.default_rng([data.seed, 7]), data.readout
        drawn = []
        for _ in range(calibrations):
            wrong = generator.binomial(readout.shots.astype(np.int64), readout.wrong) / readout.shots
            drawn.append(_moments(replace(data, readout=replace(readout, wrong=wrong)), number)[0][:, sites])
        shared = np.moveaxis(np.array(drawn) - np.mean(drawn, axis=0), 0, -1) / np.sqrt(calibrations - 1)
    cells = len(value)
    moments = MitigatedMoments(
        words=tuple(words),
        values={word: value[:, i] for word, i in zip(words, sites, strict=True)},
        shot=shot[:, sites][:, :, sites],
        by_known=np.zeros((cells, len(words), 0)),
        with_known=np.zeros((cells, len(words), 0)),
        of_known=np.zeros((0, 0)),
        shared=shared,
        step=np.stack([np.zeros_like(step), step], axis=-1)[:, sites, None],
    )
    return moments, shots


def with_number(bits: Array, number: int, readout: SiteReadout | None) -> tuple[Array, Array]:
    """What rows say of a number of excitations, (rows,), and of the sign of every site together with it, (rows, N).

    Args:
        bits: As read, shape (rows, N).
        number: k.
        readout: Errors of every site; None: bits are true.

    Examples:
        >>> with_number(np.array([[1, 0], [1, 1]]), 1, None)[1].tolist()
        [[-1, 1], [0, 0]]
    """
    if readout is None:
        kept = (bits.sum(axis=1) == number).astype(int)
        return kept, kept[:, None] * (1 - 2 * bits.astype(int))
    rows, sites = bits.shape
    which, none = np.arange(sites), np.zeros((rows, number + 1))
    inverse = np.linalg.inv(np.swapaxes(readout.rates, 1, 2))  # (sites, true, read)
    a, c = (inverse[which, true, bits] for true in (0, 1))
    before, after = [none + np.eye(1, number + 1)], [none + np.eye(1, number + 1)]
    for i in range(sites - 1):
        before.append(_times(before[-1], a[:, i], c[:, i]))
        after.append(_times(after[-1], a[:, sites - 1 - i], c[:, sites - 1 - i]))
    # all sites but one: coefficients of k and of k - 1
    rest = [
        [(one[:, : degree + 1] * other[:, degree::-1][:, : degree + 1]).sum(axis=1) if degree >= 0 else none[:, 0]
         for degree in (number, number - 1)]
        for one, other in zip(before, after[::-1], strict=True)
    ]  # fmt: skip
    with_k, with_fewer = np.moveaxis(np.array(rest), 0, -1)
    return (a * with_k + c * with_fewer)[:, 0], a * with_k - c * with_fewer


def _times(polynomial: Array, a: Array, c: Array) -> Array:
    """The polynomial times a + c z, cut at its degree."""
    found = a[:, None] * polynomial
    found[:, 1:] += c[:, None] * polynomial[:, :-1]
    return found


def _moments(data: LocalCounts, number: Array) -> tuple[Array, Array, Array, Array]:
    """<Z_i> (cells, N), covariance (cells, N, N), what one count adds (cells, N), and shots, all and kept."""
    z, N, cells = data.bases.index("Z" * len(data.bases[0])), len(data.bases[0]), len(data.weight)
    value, shot, step = np.zeros((cells, N)), np.zeros((cells, N, N)), np.zeros((cells, N))
    offset, scale = (0.0, np.ones(N)) if data.readout is None else (data.readout.offset, data.readout.scale)
    shots = np.zeros((2, *number.shape))
    weights = data.member_weight_as_measured[:, :, z]
    for cell, member, rows in data.strata_of(z):
        k, count, weight = int(number[cell, member]), data.count[rows], weights[cell, member]
        total = count.sum()
        share, bits = count / total, data.bits[rows]
        kept, signed = with_number(bits, k, data.readout)
        left = float(share @ kept)
        shots[:, cell, member] += total, left * total
        if left > LEAST_KEPT:
            y = share @ signed / left
            slope = (signed - kept[:, None] * y) / left
            ends = np.stack([np.where(k < N, 1 - y, 0.0), np.where(k > 0, -1 - y, 0.0), np.zeros(N)])
            moved = np.ptp(ends, axis=0) / left / scale
        else:
            # of a few shots, most of them with another number: as read
            slope = (1.0 - 2.0 * bits - offset) / scale
            y, moved = share @ slope, 2 / scale
        value[cell] += weight * y
        mean = share @ slope
        covariance = (slope * share[:, None]).T @ slope - np.outer(mean, mean)
        shot[cell] += weight**2 / max(total - 1, 1) * covariance
        step[cell] = np.maximum(step[cell], weight * moved / total)
    return value, shot, step, shots
