r"""Bayesian posterior of a state under the Hilbert-Schmidt prior, by importance sampling.

The prior is flat in the coordinates r (Zyczkowski and Sommers, J. Phys. A 34, 7111 (2001)), so the posterior is the
likelihood cut off where rho has a negative eigenvalue. Proposals are normal, around the estimate pulled a little
inside, with a somewhat larger covariance; they are weighted by likelihood over proposal density. It never puts weight
on a product state, so it says nothing about a mutual information of zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.intervals.region import Region
from analysis.tomography import matrices
from protocols import Array

PROPOSALS = 2000
WIDER = 1.15
"""Covariance of the proposals over that of the estimate."""
FEWEST = 100.0
"""Effective sample size below which there is no interval: the estimate is too near the boundary."""


def posterior_quantiles(region: Region, of: Callable[[Array], Array], seed: int) -> tuple[Array, Array]:
    """The 2.5 % and 97.5 % quantiles of a function of the state, (cells,) each; NaN where too few proposals count.

    Args:
        region: The likelihood of every cell; proposals are drawn around its maximum and weighted by it.
        of: The function, states (cells, d, d) -> (cells,); the quantiles have its unit.
        seed: Of the proposals; equal seeds give equal quantiles.
    """
    basis, best = region.likelihood.basis, region.best
    cells, size = len(best), len(basis)
    usable = np.asarray(np.isfinite(region.inverse).all(axis=(1, 2)))
    covariance = np.where(usable[:, None, None], WIDER * region.inverse, np.eye(size - 1))
    root = np.linalg.cholesky(covariance)
    noise = np.random.default_rng([seed, 2]).normal(size=(PROPOSALS, cells, size - 1))
    r = np.broadcast_to(best, (PROPOSALS, *best.shape)).copy()
    r[..., 1:] += np.einsum("fkl,dfl->dfk", root, noise)
    value, weight = np.zeros((2, PROPOSALS, cells))
    for draw in range(PROPOSALS):
        rho = matrices(r[draw], basis)
        physical = np.linalg.eigvalsh(rho)[:, 0] >= 0
        inside = np.where(physical[:, None], r[draw], best)
        value[draw] = of(matrices(inside, basis))
        weight[draw] = np.where(physical, region.likelihood.value(inside), -np.inf)
    weight += 0.5 * (noise**2).sum(axis=-1)
    top = weight.max(axis=0)  # -inf where no proposal is a state: no weight at all
    weight = np.exp(weight - np.where(np.isfinite(top), top, 0.0))
    weight /= np.where(np.isfinite(top), weight.sum(axis=0), 1.0)
    order = np.argsort(value, axis=0)
    value, below = np.take_along_axis(value, order, 0), np.cumsum(np.take_along_axis(weight, order, 0), axis=0)
    concentration = (weight**2).sum(axis=0)
    known = usable & (concentration > 0) & (FEWEST * concentration <= 1)
    low, high = (np.take_along_axis(value, (below >= q).argmax(axis=0)[None], 0)[0] for q in (0.025, 0.975))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
