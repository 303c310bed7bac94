r"""Whether counts follow one law in every group (pass), stratum by stratum: two tests given the margins.

A stratum is one circuit with its angles: its outcomes are draws from one law, if nothing drifts. Given how often each
outcome came up in all, and how many shots each group has, its table groups x outcomes is then multivariate
hypergeometric, whatever the law is. Exact means and variances follow, so that both tests hold for sparse counts:

    pooled      sum over strata of Pearson's X^2, against a gamma law with its exact mean and variance
    shifts      means of scores, such as an energy, group by group: the sum over strata of observed minus expected, with
                its exact covariance (Cochran-Mantel-Haenszel); sees what all strata do alike, however small in each
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.statistics.quadratic import RANK, chi_square_and_rank
from analysis.statistics.significance import p_value
from protocols import Array

FEWEST = 5
"""Counts of a stratum, for the variance of its X^2 to exist."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata:
    """Counts, one row for each stratum, group and outcome."""

    stratum: Array
    """(rows,) 0 .. strata - 1."""
    group: Array
    """(rows,) 0 .. groups - 1."""
    outcome: Array
    """(rows,) any whole numbers."""
    score: Array
    """(rows, scores) of the outcome; NaN where the stratum does not have that score."""
    count: Array
    """(rows,)."""

    @property
    def sizes(self) -> Array:
        """Counts of each stratum and group, (strata, groups)."""
        found = np.zeros((int(self.stratum.max()) + 1, int(self.group.max()) + 1))
        np.add.at(found, (self.stratum, self.group), self.count)
        return found


@dataclass(frozen=True, kw_only=True)
class Pooled:
    """Pearson's X^2 of all strata together."""

    statistic: float
    expected: float
    """Its mean if nothing differs: the degrees of freedom, where counts are many."""
    p: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Shifts:
    """How far the mean of each score is from its mean over all groups."""

    value: Array
    """(scores, groups); up to a constant for each score."""
    covariance: Array
    """(scores, groups, groups)."""
    together: Array
    """(scores, groups, groups) bool: whether a stratum has both groups, which can be compared then."""
    events: Array
    """(scores,) how often the rarer of two values came up, over all strata."""
    chi_square: float
    dof: int
    p: float

    def difference(self, score: int) -> tuple[int, int, float, float] | None:
        """The two groups that differ most significantly in a score: later, earlier, difference, standard error."""
        groups = range(self.value.shape[1])
        pairs = [(b, a) for b in groups for a in range(b) if self.together[score, a, b]]
        values = [float(self.value[score, b] - self.value[score, a]) for b, a in pairs]
        spread = self.covariance[score]
        errors = [float(np.sqrt(max(spread[a, a] + spread[b, b] - 2 * spread[a, b], 0.0))) for b, a in pairs]
        sigmas = [abs(v) / e if e > 0 else 0.0 for v, e in zip(values, errors, strict=True)]
        if not any(sigmas):
            return None
        most = int(np.argmax(sigmas))
        return (*pairs[most], values[most], errors[most])


def pooled(strata: Strata) -> Pooled:
    r"""Pearson's X^2 summed over strata, with its mean and variance given the margins.

    With N counts, margins R_i of r groups and C_j of c outcomes (Dawson, Biometrika 41, 280 (1954)),

        E X^2 = N (r - 1)(c - 1)/(N - 1),
        Var X^2 = 2 N/(N - 3) (v_r - w_r)(v_c - w_c) + N^2/(N - 1) w_r w_c,
        v_r = (r - 1)(N - r)/(N - 1),   w_r = (N sum_i 1/R_i - r^2)/(N - 2),   v_c and w_c likewise.

    Args:
        strata: Those with counts in fewer than two groups or outcomes say nothing.

    Returns:
        The sum; p is that of the gamma law with the same mean and variance.

    Examples:
        >>> even = Strata(stratum=np.zeros(4, int), group=np.array([0, 0, 1, 1]), outcome=np.array([0, 1, 0, 1]),
        ...     score=np.zeros((4, 0)), count=np.array([30, 70, 50, 50]))
        >>> found = pooled(even)
        >>> round(found.statistic, 3), round(found.expected, 3), round(found.p, 4)
        (8.333, 1.005, 0.0039)
    """
    from scipy.special import chdtrc

    sizes = strata.sizes
    cell, in_cell = _grouped(strata.stratum, strata.outcome)
    total = sizes.sum(axis=1)
    seen = np.bincount(in_cell, strata.count)
    where, in_table = _grouped(in_cell, strata.group)
    observed = np.bincount(in_table, strata.count)
    stratum = cell[where[:, 0], 0]
    margin = sizes[stratum, where[:, 1]] * seen[where[:, 0]]  # 0 where a row of count 0 is all there is
    shares = np.divide(observed**2, margin, out=np.zeros_like(observed), where=margin > 0)
    squares = np.bincount(stratum, shares, len(sizes))
    margins = [
        (np.count_nonzero(sizes, axis=1), np.divide(1, sizes, out=np.zeros_like(sizes), where=sizes > 0).sum(axis=1)),
        (np.bincount(cell[:, 0], seen > 0, len(sizes)), np.bincount(cell[:, 0], 1 / np.maximum(seen, 1), len(sizes))),
    ]
    kept = (total >= FEWEST) & (margins[0][0] > 1) & (margins[1][0] > 1)
    N, X2 = total[kept], (total * (squares - 1))[kept]
    v, w = zip(*(_spread(N, number[kept], inverse[kept]) for number, inverse in margins), strict=True)
    mean = float((N / (N - 1) * np.prod([number[kept] - 1 for number, _ in margins], axis=0)).sum())
    variance = float((2 * N / (N - 3) * (v[0] - w[0]) * (v[1] - w[1]) + N**2 / (N - 1) * w[0] * w[1]).sum())
    if variance <= 0:
        return Pooled(statistic=0.0, expected=0.0, p=1.0)
    statistic = float(X2.sum())
    p = float(chdtrc(2 * mean**2 / variance, 2 * mean * statistic / variance))
    return Pooled(statistic=statistic, expected=mean, p=p)


def shifts(strata: Strata) -> Shifts:
    """Means of the scores in each group, strata held fixed.

    With R_p of N counts of a stratum in group p, and S the covariance of its scores over all its counts, the sum of
    scores in p has mean R_p/N of the whole, and covariance S (N R_p delta_pq - R_p R_q)/(N - 1) with that in q.
    """
    sizes = strata.sizes
    total = np.maximum(sizes.sum(axis=1), 1)
    score, count = np.nan_to_num(strata.score), strata.count[:, None]
    has = np.zeros((len(sizes), score.shape[1]), dtype=bool)
    has[strata.stratum] |= ~np.isnan(strata.score)
    summed = np.zeros((*sizes.shape, score.shape[1]))
    np.add.at(summed, (strata.stratum, strata.group), count * score)
    second = np.zeros((len(sizes), score.shape[1], score.shape[1]))
    np.add.at(second, strata.stratum, count[..., None] * score[:, :, None] * score[:, None, :])
    mean = summed.sum(axis=1) / total[:, None]
    scatter = second / total[:, None, None] - mean[:, :, None] * mean[:, None, :]
    drawn = total[:, None, None] * sizes[:, :, None] * np.eye(sizes.shape[1]) - sizes[:, :, None] * sizes[:, None, :]
    left = (summed - sizes[:, :, None] * mean[:, None, :]).sum(axis=0).T
    covariance = np.einsum("kgh,kpq->gphq", scatter, drawn / np.maximum(total - 1, 1)[:, None, None], optimize=True)
    chi_square, dof = chi_square_and_rank(left.ravel(), covariance.reshape(left.size, left.size))
    # the sum of scores in p moves by W delta where each group p is moved by delta_p
    weight = np.einsum("kg,kpq->gpq", has, drawn / total[:, None, None])
    inverse = np.linalg.pinv(weight, rcond=RANK, hermitian=True)
    own = np.einsum("gpgq->gpq", covariance)
    minority = np.minimum(summed.sum(axis=1), total[:, None] - summed.sum(axis=1))
    return Shifts(
        value=np.einsum("gpq,gq->gp", inverse, left),
        covariance=inverse @ own @ inverse,
        together=weight < 0,
        events=np.where(has, minority, 0).sum(axis=0),
        chi_square=chi_square,
        dof=dof,
        p=p_value(chi_square, dof),
    )


def _grouped(*keys: Array) -> tuple[Array, Array]:
    """Distinct rows of some columns, and which of them each row is."""
    distinct, which = np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)
    return distinct, which.ravel()


def _spread(N: Array, number: Array, inverse: Array) -> tuple[Array, Array]:
    """v and w of one margin: how many entries it has, and the sum of their inverses."""
    return (number - 1) * (N - number) / (N - 1), (N * inverse - number**2) / (N - 2)
