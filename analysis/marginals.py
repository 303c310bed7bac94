"""Some qubits of many: the counts and the exact states of a pair, from which it has the quantities of any pair.

Counts of a pair are those of all qubits, added over what the others read; settings that read the pair alike are one
setting. Of states that conserve the number of excitations the pair has no coherence between different numbers, whatever
the others do, so that the families of pairs hold for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.data import Counts, determined
from analysis.intervals import Cells
from protocols import Array
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


def counts_of(data: Counts, pair: Pair) -> Counts:
    """The counts of a pair.

    Args:
        data: Of all qubits.
        pair: Places of the two, the first one leftmost.
    """
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
    """The cells of a pair: exact states without the other qubits.

    Args:
        cells: Of all qubits.
        pair: Places of the two, the first one leftmost.
    """
    return replace(
        cells,
        state=None if cells.state is None else reduced(cells.state, pair),
        before=None if cells.before is None else reduced(cells.before, pair),
        registers={},
        registers_before={},
        betas={},
        resolved={},
    )


def _marginal(outcomes: Array, qubits: int, pair: Pair) -> Array:
    """Outcomes of all qubits on the last axis added up to those of two, (..., 4)."""
    table = outcomes.reshape(*outcomes.shape[:-1], *(2,) * qubits)
    first = outcomes.ndim - 1
    others = tuple(first + i for i in range(qubits) if i not in pair)
    kept = table.sum(axis=others)
    return (kept if pair[0] < pair[1] else np.swapaxes(kept, -1, -2)).reshape(*outcomes.shape[:-1], 4)
