r"""95 % intervals of functions of the state. Methods are exchangeable, per observable.

An estimate is biased where the state is near the boundary, where a correlation is near zero, and where a quantity is a
minimum over something. Both default methods move the ends outwards by that bias, never inwards:

* smooth quantities by the bias b* that draws around the estimate have;
* those with a kink (a minimum over measurements, a sum of moduli, a largest eigenvalue) by b*/(sqrt 2 - 1). At the
  kink f(x) = f0 - c sigma for noise sigma; a draw around the estimate has noise sqrt 2 sigma, so b* = (sqrt 2 - 1) b.
  Inferred; measured b/b* of discord, geometric discord, signed concurrence and l1 coherence are 1.9 to 3.6. The
  signed concurrence has the kink in the threshold of its likelihood instead (`signed_likelihood_ratio`).

The `multinomial` interval of quantities linear in the counts needs no draws; it is in `estimation.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from protocols import Array

NORMAL_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""
KINK = 1 + np.sqrt(2)
"""1/(sqrt 2 - 1)."""

Ends = tuple[Array, Array]


@dataclass(frozen=True, kw_only=True, eq=False)
class Spread:
    """What an interval is made of."""

    value: Array
    """(cells,) estimates."""
    draws: Array
    """(draws, cells) around them."""
    kinked: bool
    """Whether the quantity has kinks where it usually is."""
    likelihood_ends: Callable[[], Ends] | None
    """Least and greatest value that the likelihood does not reject; None: there is no likelihood of states."""
    ceiling: Callable[[], Array] | None
    """Greatest value of a majorant, (cells,); None: there is none."""
    distances: Array | None
    """(draws, cells) of a norm: its value for draw minus estimate; None: the quantity is no norm."""
    credible: Callable[[], Ends] | None
    """Quantiles of the posterior; None as for `likelihood_ends`."""
    cramped: Callable[[], Array] | None = None
    """Where several eigenvalues may be 0, whose noise the likelihood's ends hold already, (cells,); None: nowhere."""
    ratio: tuple[Spread, Spread] | None = None
    """Numerator and denominator, drawn together; None: the quantity is no ratio."""

    @property
    def bias(self) -> Array:
        """b*, (cells,)."""
        return self.draws.mean(axis=0) - self.value


def bootstrap(spread: Spread) -> Ends:
    """Quantiles of the draws about their mean, the longer side to both sides, moved outwards by the bias.

    The lower end of a norm is also no higher than |x| - q with q the 97.5 % quantile of |draw - estimate|: by the
    triangle inequality |x^| - |x| <= |x^ - x|, whatever the state.
    """
    low, high = np.quantile(spread.draws, [0.025, 0.975], axis=0) - spread.draws.mean(axis=0)
    reach = np.maximum(-low, high)
    if spread.kinked:  # a bias that is known no better than to its own size
        deviation = np.maximum(spread.draws.std(axis=0), 1e-300)
        reach = reach * np.sqrt(1 + (spread.bias / deviation) ** 2)
    ends = _outwards(spread, spread.value - reach, spread.value + reach)
    if spread.distances is None:
        return ends
    return np.minimum(ends[0], spread.value - np.quantile(spread.distances, 0.975, axis=0)), ends[1]


def likelihood_ratio(spread: Spread) -> Ends:
    """The extremes over the states that the likelihood does not reject, moved out by the bias (`likelihood_region`).

    The upper end of a minimum over measurements is no lower than that with the estimate's best one.

    Where there is no likelihood of states (another estimator, random preparations), the bootstrap interval.
    """
    if spread.likelihood_ends is None:
        return bootstrap(spread)
    low, high = _outwards(spread, *spread.likelihood_ends())
    return low, high if spread.ceiling is None else np.fmax(high, spread.ceiling())


def signed_likelihood_ratio(spread: Spread) -> Ends:
    """The same of a signed quantity with a kink, whose threshold has as many degrees of freedom as the kink.

    The ends move outwards by the bias only where the threshold is that of one number.
    """
    if spread.likelihood_ends is None:
        return bootstrap(spread)
    low, high = spread.likelihood_ends()
    bias = spread.bias if spread.cramped is None else np.where(spread.cramped(), 0.0, spread.bias)
    return low - np.maximum(bias, 0), high - np.minimum(bias, 0)


def wider(spread: Spread) -> Ends:
    """The wider of `bootstrap` and `likelihood_ratio` at each end."""
    one, other = bootstrap(spread), likelihood_ratio(spread)
    return np.fmin(one[0], other[0]), np.fmax(one[1], other[1])


def fieller(spread: Spread) -> Ends:
    """The e for which numerator - e denominator is zero within 1.96 standard deviations, both without their bias.

    (n - e d)^2 <= z^2 (V_nn - 2 e V_nd + e^2 V_dd); no interval where d itself is within z standard deviations of 0.
    """
    assert spread.ratio is not None
    n, d = (part.value - part.bias for part in spread.ratio)
    drawn = [part.draws - part.draws.mean(axis=0) for part in spread.ratio]
    z = NORMAL_95**2 / (len(drawn[0]) - 1)
    V_nn, V_nd, V_dd = ((drawn[i] * drawn[j]).sum(axis=0) * z for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b, c = d**2 - V_dd, n * d - V_nd, n**2 - V_nn
    with np.errstate(all="ignore"):
        known = (a > 0) & (d > 0)
        root = np.sqrt(np.maximum(b**2 - a * c, 0))
        return np.where(known, (b - root) / a, np.nan), np.where(known, (b + root) / a, np.nan)


def percentile(spread: Spread) -> Ends:
    """Quantiles of the draws: what most tools print. For comparison; it never covers a mutual information of zero."""
    low, high = np.quantile(spread.draws, [0.025, 0.975], axis=0)
    return low, high


def basic(spread: Spread) -> Ends:
    """The percentile interval mirrored at the estimate. For comparison; it fails near the edge of state space."""
    low, high = percentile(spread)
    return 2 * spread.value - high, 2 * spread.value - low


def normal(spread: Spread) -> Ends:
    """Estimate +- 1.96 standard deviations of the draws. For comparison."""
    reach = NORMAL_95 * spread.draws.std(axis=0, ddof=1)
    return spread.value - reach, spread.value + reach


def credible(spread: Spread) -> Ends:
    """Posterior quantiles under the Hilbert-Schmidt prior: a credible interval, not one of confidence."""
    if spread.credible is None:
        nothing = np.full(len(spread.value), np.nan)
        return nothing, nothing
    return spread.credible()


def _outwards(spread: Spread, low: Array, high: Array) -> Ends:
    bias = spread.bias * (KINK if spread.kinked else 1.0)
    return low - np.maximum(bias, 0), high - np.minimum(bias, 0)


INTERVALS: dict[str, Callable[[Spread], Ends]] = {
    "likelihood-ratio": likelihood_ratio,
    "bootstrap": bootstrap,
    # the observable is the signed, unclipped quantity; its bounds clip it last
    "signed-bootstrap": bootstrap,
    "fieller": fieller,
    "wider": wider,
    "signed-likelihood-ratio": signed_likelihood_ratio,
    "percentile": percentile,
    "basic": basic,
    "normal": normal,
    "credible": credible,
}

FALLBACKS = {
    "likelihood-ratio": "bootstrap",
    "wider": "bootstrap",
    "signed-likelihood-ratio": "signed-bootstrap",
}
"""What a method falls back to where there is no likelihood of states."""

COMPARED = ("percentile", "basic", "normal", "credible", "fieller")
"""Left as they are, without what goes unseen and without the test for product states."""

SOURCES: dict[str, str] = {
    "multinomial": "first-order propagation of the multinomial noise of every stratum, with the covariance that "
    "reference and readout calibration have in common; two counts added after Agresti and Coull, Am. Stat. 52, 119 "
    "(1998)",
    "likelihood-ratio": "profile of the quasi-likelihood (Wilks, Ann. Math. Stat. 9, 60 (1938); Blume-Kohout, "
    "arXiv:1202.5270), its threshold scaled by the noise of the strata (Rotnitzky and Jewell, Biometrika 77, 485 "
    "(1990)), ends moved outwards by the bootstrap bias; correlations open to 0 where a product state is not rejected, "
    "coherences where a state without coherence is not (Wald, Trans. Am. Math. Soc. 54, 426 (1943))",
    "bootstrap": "stratified parametric bootstrap about the estimate (Efron and Tibshirani, An Introduction to the "
    "Bootstrap, 1993), ends moved outwards by the bias",
    "signed-bootstrap": "the same of the signed quantity (Wootters, PRL 80, 2245 (1998), before the maximum with 0), "
    "clipped last",
    "wider": "the wider of likelihood-ratio and bootstrap at each end",
    "signed-likelihood-ratio": "likelihood-ratio of the signed quantity (Wootters, PRL 80, 2245 (1998), before the "
    "maximum with 0), clipped last; where k > 1 eigenvalues of the state are within noise of 0 the end that the bias "
    "has moved away from has the threshold of k^2 degrees of freedom, at most 4 (after Self and Liang, J. Am. Stat. "
    "Assoc. 82, 605 (1987); inferred), and no bias is added",
    "fieller": "Fieller's interval of a ratio (J. R. Stat. Soc. B 16, 175 (1954)) from the joint bootstrap of "
    "numerator and denominator, each without its bias; empty where the denominator is not above 0",
    "percentile": "percentiles of the stratified bootstrap",
    "basic": "percentiles of the stratified bootstrap, mirrored at the estimate",
    "normal": "1.96 standard deviations of the stratified bootstrap",
    "credible": "credible interval, not one of confidence: posterior of the quasi-likelihood under the "
    "Hilbert-Schmidt prior (Zyczkowski and Sommers, J. Phys. A 34, 7111 (2001)) by importance sampling",
}
"""How each interval is made, in words, and where from."""
