r"""95 % intervals of functions of the state. Methods are exchangeable, per observable.

An estimate is biased where the state is near the boundary, where a correlation is near zero, and where a quantity is a
minimum over something. Both default methods move the ends outwards by that bias:

* smooth quantities by the bias b* that draws around the estimate have;
* those with a kink (a minimum over measurements, a sum of moduli, a largest eigenvalue) by b*/(sqrt 2 - 1). At the
  kink f(x) = f0 - c sigma for noise sigma; a draw around the estimate has noise sqrt 2 sigma, so b* = (sqrt 2 - 1) b.
  Inferred; measured b/b* of discord, geometric discord, signed concurrence and l1 coherence are 1.9 to 3.6. The
  signed concurrence has the kink in the threshold of its likelihood instead (`signed_likelihood_ratio`).

The bias of a norm and of a minimum over measurements has a known sign and is b* at least, so that the end on its other
side moves inwards: by b* of a minimum, by sqrt(1/(sqrt 2 - 1)) b* of a norm (inferred, between the two factors).

The `multinomial` interval of quantities linear in the counts needs no draws; it is in `estimation.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from protocols import Array

NORMAL_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""
TOWARDS_CEILING = 0.4
"""Of the way from the upper end of the profile, of one degree of freedom, to that of the majorant, of three. Inferred:
discord then covers 96.7 % on average and 92.5 % at least, with the whole way 98.4 % (decision 62)."""
NORM_QUANTILE = 0.88
"""Of the distance between draw and estimate. Inferred: the lower end of l1 coherence then misses in 2.5 % of runs or
less in most cases (docs/coverage.md); with 0.9 it is wider than it need be."""
POLES = 0.01
"""Share of draws at a pole from which on it counts as not excluded."""
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
    poles: Array | None = None
    """(draws, cells): 1 where a draw has no upper limit, -1 where it has no lower one; None: it always has both."""
    cramped: Callable[[], Array] | None = None
    """Where several eigenvalues may be 0, whose noise the likelihood's ends hold already, (cells,); None: nowhere."""
    ratio: tuple[Spread, Spread] | None = None
    """Numerator and denominator, drawn together; None: the quantity is no ratio."""

    @property
    def bias_of_error(self) -> Array:
        """What a standard error has of the bias, (cells,): b* at a kink is smaller than the bias, most so of a norm."""
        if self.distances is not None:
            return self.bias * KINK
        return self.bias * (np.sqrt(KINK) if self.ceiling is not None else 1.0)

    @property
    def bias(self) -> Array:
        """b*, (cells,)."""
        return self.draws.mean(axis=0) - self.value


def bootstrap(spread: Spread) -> Ends:
    """Quantiles of the draws about their mean, the longer side to both sides, moved outwards by the bias."""
    if spread.distances is not None:
        return _of_norm(spread, spread.distances)
    mean = spread.draws.mean(axis=0)
    low, high = (end - mean for end in _quantiles(spread.draws, 0.025, 0.975))
    reach = np.maximum(-low, high)
    if spread.kinked:  # a bias that is known no better than to its own size
        deviation = np.maximum(spread.draws.std(axis=0), 1e-300)
        reach = reach * np.sqrt(1 + (spread.bias / deviation) ** 2)
    return _outwards(spread, spread.value - reach, spread.value + reach)


def _quantiles(draws: Array, *shares: float) -> list[Array]:
    """Those of `np.quantile` along the draws, linear between two of them, by one sort; NaN where a draw is."""
    ordered, found = np.sort(draws, axis=0), []
    for share in shares:
        place = share * (len(draws) - 1)
        one, t = int(place), place - int(place)
        a, b = ordered[one], ordered[min(one + 1, len(draws) - 1)]
        found.append(np.where(np.isnan(ordered[-1]), np.nan, a + (b - a) * t if t < 0.5 else b - (b - a) * (1 - t)))
    return found


def _of_norm(spread: Spread, distances: Array) -> Ends:
    """The lower end |x| - q with q the `NORM_QUANTILE` of |draw - estimate|, the upper end without part of the bias.

    By the triangle inequality |x^| - |x| <= |x^ - x|, whatever the state. Noise makes a norm longer, so that nearly all
    of the error is on that side, and its quantile is that of one side.
    """
    reach, bias = NORMAL_95 * spread.draws.std(axis=0, ddof=1), spread.bias
    low = spread.value - np.maximum(_quantiles(distances, NORM_QUANTILE)[0], reach + np.maximum(bias, 0))
    # near 0, where the norm itself has its kink, draws do not know how much of it is noise
    taken = np.where((bias > 0) & (spread.value > 1.2 * reach), np.sqrt(KINK) * bias, np.minimum(bias, 0))
    return low, spread.value + reach - taken


def likelihood_ratio(spread: Spread) -> Ends:
    """The extremes over the states that the likelihood does not reject, moved by the bias (`likelihood_region`).

    A minimum over measurements moves as a whole, by the bias at least on one side and at most on the other; its upper
    end goes part of the way to that with the estimate's best measurement.

    Where there is no likelihood of states (another estimator, random preparations), the bootstrap interval.
    """
    if spread.likelihood_ends is None:
        return bootstrap(spread)
    low, high = _outwards(spread, *spread.likelihood_ends())
    if spread.ceiling is None:
        return low, high
    # towards zero only: near it, where noise adds more than the minimum takes, the bias of draws may have either sign
    inwards = np.where(low > spread.value - low, np.minimum(spread.bias, 0), 0.0)
    low, high = low - inwards, high - np.maximum(spread.bias, 0)
    return low, np.fmax(high, high + TOWARDS_CEILING * (spread.ceiling() - high))


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
    """The e for which numerator - e denominator is zero within 1.96 standard deviations, with and without their bias.

    (n - e d)^2 <= z^2 (V_nn - 2 e V_nd + e^2 V_dd). Where d is within z standard deviations of 0 these e lie outside of
    two ends, the lower one above the upper one, or nothing is excluded: -inf .. inf (Gleser and Hwang, Ann. Stat. 15,
    1351 (1987)). Otherwise the interval is the union of three: with the parts as estimated, without the bias of their
    draws, and from the likelihood's ends of the denominator, which draws near the boundary know too well.
    """
    assert spread.ratio is not None
    low, high = _fieller(spread.ratio, 1.0)
    for one, other in (_fieller(spread.ratio, 0.0), _profiled(spread.ratio)):
        both = (low <= high) & (one <= other)
        low, high = np.where(both, np.minimum(low, one), low), np.where(both, np.maximum(high, other), high)
    return low, high


def _profiled(ratio: tuple[Spread, Spread]) -> Ends:
    """The same with the denominator's distance from the likelihood's lower end as its error; NaN where there is none.

    The end may be 0 for a denominator that cannot be negative: the ratio is then unbounded on the numerator's side.
    """
    n, d = ratio
    if d.likelihood_ends is None:
        return np.full(len(n.value), np.nan), np.full(len(n.value), np.nan)
    reach = np.maximum(d.value - d.likelihood_ends()[0], 0)
    a, b = np.maximum(d.value**2 - reach**2, 0), n.value * d.value
    c = n.value**2 - NORMAL_95**2 * n.draws.var(axis=0, ddof=1)
    with np.errstate(all="ignore"):
        root = np.sqrt(np.maximum(b**2 - a * c, 0))
        # (b -+ root)/a, written so that the finite end stays so for a = 0
        near, far = c / (b + np.copysign(root, b)), (b + np.copysign(root, b)) / a
    near = np.where((a == 0) & (c <= 0), -far, near)
    return np.minimum(near, far), np.maximum(near, far)


def _fieller(ratio: tuple[Spread, Spread], times: float) -> Ends:
    """Without so many times the bias of the draws."""
    n, d = (part.value - times * part.bias for part in ratio)
    drawn = [part.draws - part.draws.mean(axis=0) for part in ratio]
    z = NORMAL_95**2 / (len(drawn[0]) - 1)
    V_nn, V_nd, V_dd = ((drawn[i] * drawn[j]).sum(axis=0) * z for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b, c = d**2 - V_dd, n * d - V_nd, n**2 - V_nn
    with np.errstate(all="ignore"):
        root = np.sqrt(np.maximum(b**2 - a * c, 0))
        nothing = ((a <= 0) & (b**2 <= a * c)) | ((a > 0) & (d < 0)) | (a == 0)
        unknown = np.isnan(a + b + c)  # an estimate or a draw without a number
        ends = (
            np.where(nothing, infinite, end) for infinite, end in ((-np.inf, (b - root) / a), (np.inf, (b + root) / a))
        )
        low, high = (np.where(unknown, np.nan, end) for end in ends)
    return low, high


def percentile(spread: Spread) -> Ends:
    """Quantiles of the draws: what most tools print. For comparison; it never covers a mutual information of zero."""
    low, high = _quantiles(spread.draws, 0.025, 0.975)
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


def opened(spread: Spread, ends: Ends) -> Ends:
    """Without an end on the side where a pole is not excluded: where more than 1 % of the draws are there.

    An inverse temperature has no upper limit if the qubit may never be excited; nor has what is a multiple of it.

    Args:
        spread: With the poles of its draws.
        ends: Of any method.
    """
    if spread.poles is None:
        return ends
    above, below = ((spread.poles * sign > 0).mean(axis=0) > POLES for sign in (1, -1))
    everything = (above | below) & (ends[0] > ends[1])
    return np.where(below | everything, -np.inf, ends[0]), np.where(above | everything, np.inf, ends[1])


def transformed_ends(
    through: Callable[[Array], Array], value: Array, stderr: Array, low: Array, high: Array, corrected: Array
) -> list[Array]:
    """Value, first-order error, interval and corrected value through a map that is monotone but for a pole.

    Where the pole lies inside the interval the lower end is above the upper one, and the interval is what lies outside
    of them: of a temperature 1/beta with beta in [-1/40, 1/8], T >= 8 or T <= -40 (Fieller, J. R. Stat. Soc. B 16, 175
    (1954); no interval of finite length can cover there: Gleser and Hwang, Ann. Stat. 15, 1351 (1987)). Ends at a pole
    of the map are infinite. Where nothing is excluded the interval runs from -inf to inf.

    Args:
        through: The map, element by element.
        value: The estimates before the map, (cells,), in the unit that the map takes.
        stderr: Their standard errors, (cells,).
        low: Lower ends of their intervals, (cells,).
        high: Upper ends, (cells,).
        corrected: The estimates without their bias, (cells,).

    Returns:
        Value, standard error, lower end, upper end and corrected value after the map, (cells,) each, in the unit that
        the map gives.

    Examples:
        >>> before = [np.array([x]) for x in (1.0, 0.1, 0.8, 1.2, 1.05)]
        >>> [x.round(6).item() for x in transformed_ends(lambda x: 3 - 2 * x, *before)]
        [1.0, 0.2, 0.6, 1.4, 0.9]
        >>> before = [np.array([x]) for x in (0.05, 0.0375, -0.025, 0.125, 0.05)]
        >>> [x.round(6).item() for x in transformed_ends(np.reciprocal, *before)][2:4]
        [8.0, -40.0]
    """
    step = 1e-7
    mapped, below, above = through(value), through(value - step), through(value + step)
    with np.errstate(invalid="ignore"):
        ends = through(low), through(high)
        sides = np.abs(above - mapped), np.abs(mapped - below)
        # at a pole it has no slope; where it is flat, the interval says what is known
        smooth = np.isfinite(mapped) & (np.maximum(*sides) <= 3 * np.minimum(*sides))
        # rising or falling, also where it is flat (negative concurrences) and at the pole
        sloped, usual = smooth & (above != below), through(np.array(0.25)) > through(np.array(0.2))
        rising = np.where(sloped, above > below, usual)
        lower, upper = np.where(rising, ends[0], ends[1]), np.where(rising, ends[1], ends[0])
        slope = np.where(smooth, np.abs(above - below) / (2 * step), np.nan)
        stderr = np.where(slope == 0, (upper - lower) / (2 * NORMAL_95), slope * stderr)
        everything = (low < high) & (lower == upper) & (slope != 0)
    lower, upper = np.where(everything, -np.inf, lower), np.where(everything, np.inf, upper)
    return [mapped, np.where(np.isfinite(mapped), stderr, np.nan), lower + 0.0, upper + 0.0, through(corrected)]


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

BY_LIKELIHOOD = tuple(FALLBACKS)
"""What searches the likelihood where there is one."""
BY_DRAWS = ("bootstrap", "signed-bootstrap", "wider", "fieller")
"""Made of draws alone, or of draws where they are wider."""
COMPARED = ("percentile", "basic", "normal", "credible", "fieller")
"""Left as they are, without what goes unseen and without the test for product states."""

SOURCES: dict[str, str] = {
    "multinomial": "first-order propagation of the multinomial noise of every stratum, with the covariance that "
    "reference and readout calibration have in common; two counts added after Agresti and Coull, Am. Stat. 52, 119 "
    "(1998)",
    "stratified": "first-order propagation of the multinomial noise of every member in the setting read, here, at the "
    "reference and in other arms, with the covariance of the readout calibration; two counts added as above",
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
    "numerator and denominator, with and without their bias; where the denominator may be 0, what lies outside of the "
    "two ends (Gleser and Hwang, Ann. Stat. 15, 1351 (1987))",
    "random-effects": "mean over copies: random effects (DerSimonian and Laird, Control. Clin. Trials 7, 177 (1986)), "
    "error after Hartung and Knapp, Stat. Med. 20, 3875 (2001), in Student's t of copies less one",
    "one-count": "no interval of 95 %: from the value as counted to that with a count more spread over all outcomes, "
    "for what jumps where an outcome was never seen",
    "percentile": "percentiles of the stratified bootstrap",
    "basic": "percentiles of the stratified bootstrap, mirrored at the estimate",
    "normal": "1.96 standard deviations of the stratified bootstrap",
    "credible": "credible interval, not one of confidence: posterior of the quasi-likelihood under the "
    "Hilbert-Schmidt prior (Zyczkowski and Sommers, J. Phys. A 34, 7111 (2001)) by importance sampling",
}
"""How each interval is made, in words, and where from."""
