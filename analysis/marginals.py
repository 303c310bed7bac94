"""Some qubits of many: the counts and the exact states of a pair, from which it has the quantities of any pair.

Counts of a pair are those of all qubits, added over what the others read; settings that read the pair alike are one
setting. Of states that conserve the number of excitations the pair has no coherence between different numbers, whatever
the others do, so that the families of pairs hold for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Counts, LocalCounts, determined
from analysis.intervals import Cells
from protocols import Array
from protocols.pauli import state, words
from protocols.quantities import reduced

Pair = tuple[int, int]
"""Places of two qubits among all."""


def as_determined(bases: Sequence[str], pair: Pair) -> Pair:
    """The pair in the order in which its settings determine a family of states; as it is where neither does.

    The smallest set has XY, and of a pair that is read as YX it is that of the same two qubits the other way round.

    Args:
        bases: Settings of all qubits.
        pair: Places of the two.

    Examples:
        >>> as_determined(("ZZZ", "XXX", "XYX"), (1, 2))
        (2, 1)
    """
    first, second = pair
    return next((p for p in (pair, (second, first)) if determined(bases_of(bases, p))[0] != "none"), pair)


def bases_of(bases: Sequence[str], pair: Pair) -> tuple[str, ...]:
    """Settings of a pair, each once.

    Args:
        bases: Settings of all qubits.
        pair: Places of the two, the first one leftmost.
    """
    return tuple(dict.fromkeys("".join(basis[i] for i in pair) for basis in bases))


def counts_of(data: Counts | LocalCounts, pair: Pair) -> Counts:
    """The counts of a pair.

    Args:
        data: Of all qubits.
        pair: Places of the two, the first one leftmost.
    """
    return _from_rows(data, pair) if isinstance(data, LocalCounts) else _from_outcomes(data, pair)


def _from_rows(data: LocalCounts, pair: Pair) -> Counts:
    """Of what was observed of many qubits."""
    settings = bases_of(data.bases, pair)
    which = np.array([settings.index("".join(basis[i] for i in pair)) for basis in data.bases])
    cell, member, setting = data.stratum.T
    outcome = data.bits[:, list(pair)] @ np.array([2, 1])
    observed = np.zeros((*data.weight.shape, len(settings), 4), dtype=np.int64)
    np.add.at(observed, (cell, member, which[setting], outcome), data.count)
    return Counts(bases=settings, observed=observed, weight=data.weight, calibration=data.calibration_of(pair))


def _from_outcomes(data: Counts, pair: Pair) -> Counts:
    """Of a table of all outcomes."""
    settings = bases_of(data.bases, pair)
    qubits = len(data.bases[0])
    observed = np.zeros((*data.observed.shape[:2], len(settings), 4), dtype=data.observed.dtype)
    for index, basis in enumerate(data.bases):
        which = settings.index("".join(basis[i] for i in pair))
        observed[:, :, which] += _marginal(data.observed[:, :, index], qubits, pair)
    of_prepared = _marginal(data.calibration, qubits, pair)
    calibration = _marginal(np.swapaxes(of_prepared, -1, -2), qubits, pair)
    return Counts(
        bases=settings,
        observed=observed,
        weight=data.weight,
        calibration=np.swapaxes(calibration, -1, -2),
        batch=data.batch,
    )


def cells_of(cells: Cells, pair: Pair) -> Cells:
    """The cells of a pair: exact states without the other qubits, of many from the moments of the two.

    Args:
        cells: Of all qubits.
        pair: Places of the two, the first one leftmost.
    """
    return replace(
        cells,
        state=_of_moments(cells.moments, pair) if cells.state is None else reduced(cells.state, pair),
        before=_of_moments(cells.moments_before, pair) if cells.before is None else reduced(cells.before, pair),
        moments={},
        moments_before={},
        registers={},
        registers_before={},
        betas={},
        resolved={},
    )


def _of_moments(known: Mapping[str, Array], pair: Pair) -> Array | None:
    """Exact states of two qubits of which all moments are known, (cells, 4, 4); None where one is not."""
    qubits = len(next(iter(known), ""))
    found: dict[str, Array] = {}
    for letters in words(2):
        placed = dict(zip(pair, letters, strict=True))
        word = "".join(placed.get(i, "I") for i in range(qubits))
        if word not in known:
            return None
        found[letters] = known[word]
    return state(found)


def _marginal(outcomes: Array, qubits: int, pair: Pair) -> Array:
    """Outcomes of all qubits on the last axis added up to those of two, (..., 4)."""
    table = outcomes.reshape(*outcomes.shape[:-1], *(2,) * qubits)
    first = outcomes.ndim - 1
    others = tuple(first + i for i in range(qubits) if i not in pair)
    kept = table.sum(axis=others)
    return (kept if pair[0] < pair[1] else np.swapaxes(kept, -1, -2)).reshape(*outcomes.shape[:-1], 4)
