r"""Is the state one of those whose correlation, or coherence, is zero? A test of all that has to vanish, at once.

Some quantities are zero only on a thin set of states: a mutual information or a discord of zero fixes all correlations
C_ij = <sigma_i sigma_j> - <sigma_i><sigma_j>, a coherence of zero all moments with an X or a Y. With S the covariance
to first order of the k numbers v that have to vanish, from the noise of every stratum and of the calibration,
v^T S^-1 v follows chi-square with k degrees of freedom (Wald, Trans. Am. Math. Soc. 54, 426 (1943)). A profile of one
number does not know that k were fixed: its interval would exclude zero far too often. Where the test does not reject
the set, the interval of the quantity is opened to zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.data import PSEUDO_COUNTS, Data, LinearErrors
from protocols import Array, Observable
from protocols.program import STATE

LEVEL = 0.05
"""Of the test."""
ONE_SIDED_95 = 1.6448536269514722
LARGE = 400.0
"""Chi-square beyond which its root is normal enough."""

ChiSquare = tuple[Array, int]
"""(cells,) values, and how many numbers had to vanish."""


def least_share(data: Data, observable: Observable) -> Array:
    """How little of what is seen there may be: of the squared distance from the states on which an observable is zero.

    Chi-square of k numbers that need not vanish is noncentral. The share is its least noncentrality at 95 % over
    itself: 0 exactly where the states that it is zero on are not rejected at 5 %.

    Args:
        data: What was measured.
        observable: One with a set of states on which it is zero, `Observable.zero_on`.

    Returns:
        (cells,), from 0 to 1; NaN in cells that lack a setting.
    """
    if observable.zero_on == "product":
        return product_share(data)
    own = [word for word in observable.reads if word != STATE and set(word) & {"X", "Y"}]
    return _share(_incoherent(data, own or None))


def product_share(data: Data) -> Array:
    """`least_share` of all correlations, (cells,)."""
    return _share(_product(data))


def incoherent_p_value(data: Data, words: Sequence[str] | None = None) -> Array:
    """Probability that a state without coherence shows such moments with an X or a Y.

    Args:
        data: What was measured.
        words: The moments that have to vanish; None: all that were measured and that the fitted state has.

    Returns:
        (cells,); NaN in cells that lack a setting.
    """
    return _p_value(_incoherent(data, words))


def product_p_value(data: Data) -> Array:
    """Probability that a product state shows such correlations, (cells,); NaN in cells that lack a setting."""
    return _p_value(_product(data))


def _incoherent(data: Data, words: Sequence[str] | None) -> ChiSquare:
    chosen = [word for word in words or data.family[1] if set(word) & {"X", "Y"} and word in data.known]
    measured, errors = data.moments, data.linear_errors(chosen)
    values = np.stack([measured[word] for word in chosen], axis=1)
    return _chi_square(values, np.broadcast_to(np.eye(len(chosen)), (len(values), len(chosen), len(chosen))), errors)


def _product(data: Data) -> ChiSquare:
    words = [word for word in data.family[1] if word in data.known]
    joint = [word for word in words if "I" not in word]
    measured, errors = data.moments, data.linear_errors(words)
    cells = len(errors.shot)
    correlation, response = np.zeros((cells, len(joint))), np.zeros((cells, len(joint), len(words)))
    for row, word in enumerate(joint):
        left, right = word[0] + "I", "I" + word[1]
        # an X state has no moments but those of Z
        here = {one: measured[one] if one in words else np.zeros(cells) for one in (left, right)}
        correlation[:, row] = measured[word] - here[left] * here[right]
        response[:, row, words.index(word)] = 1.0
        for one, other in ((left, right), (right, left)):
            if one in words:
                response[:, row, words.index(one)] -= here[other]
    return _chi_square(correlation, response, errors)


def _p_value(found: ChiSquare) -> Array:
    from scipy.special import chdtrc

    value, k = found
    return chdtrc(k, value)


def _share(found: ChiSquare) -> Array:
    """Of each chi-square, above `LARGE` by the normal limit of its root."""
    from scipy.special import chdtr, chndtrinc

    value, k = found
    root = np.sqrt(np.maximum(value - (k - 1), 0.0))
    least = np.maximum(root - ONE_SIDED_95, 0.0) ** 2
    near = value < LARGE
    least[near] = np.where(chdtr(k, value[near]) > 1 - LEVEL, chndtrinc(value[near], k, 1 - LEVEL), 0.0)
    with np.errstate(invalid="ignore"):
        return np.where(value > 0, least / np.maximum(value, 1e-300), np.where(np.isnan(value), np.nan, 0.0))


def _chi_square(vanishing: Array, response: Array, errors: LinearErrors) -> ChiSquare:
    """Of numbers that have to vanish, (cells, k), with their derivatives to the moments, (cells, k, words)."""
    covariance = response @ errors.shot @ np.swapaxes(response, 1, 2)
    shared = response @ errors.shared
    covariance += shared @ np.swapaxes(shared, 1, 2)
    # what no count has shown yet, as for every linear quantity
    step = np.ptp(np.einsum("cjw,cwso->cjso", response, errors.gain), axis=-1) * errors.per_count[:, None]
    covariance += PSEUDO_COUNTS * (step.max(axis=-1) ** 2)[..., None] * np.eye(vanishing.shape[1])
    known = np.isfinite(covariance).all(axis=(1, 2)) & np.isfinite(vanishing).all(axis=1)
    chi_square = np.full(len(vanishing), np.nan)
    solved = np.linalg.solve(covariance[known], vanishing[known][..., None])[..., 0]
    chi_square[known] = (vanishing[known] * solved).sum(axis=1)
    return chi_square, vanishing.shape[1]
