r"""One damped oscillation through a series of linear estimates, with their full covariance.

    y(t) = c + e^{-gamma t} (a cos(omega t) + b sin(omega t))

is what a partial swap does to every energy (Holdsworth and Kawai, PRA 106, 062604, eq. (12), with omega = 2 Omega and
gamma = 0). Linear in (c, a, b), so only omega and gamma are searched; weighted least squares with the covariance of
the points, shared calibration included. Nothing is counted from a reference here: the point at time 0 is a point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.statistics import JointCovariance, Whitening, least_squares
from protocols import Array

FREE = 7
"""Different times from which on frequency and damping are fitted; with fewer they are the protocol's."""
SEEN = 16.0
"""Chi-square (2 degrees of freedom) from which on there is an oscillation whose frequency can be fitted; p = 3e-4."""


REJECTED = 13.8
"""Fall of chi-square (2 degrees of freedom) beyond which the given shape is rejected; p = 1e-3."""


MOST = 20_000
"""Frequencies that are tried."""
RANK = 1e-12
"""Of the normal matrix of a frequency whose sine vanishes at all points."""
BLOCK = 2**21
"""Points times frequencies that are scanned at once."""
WORSE = 3.0
"""How much worse than the difference of two points the curve may be known anywhere in the sweep."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """A linear quantity along the axis, with the covariance of its points."""

    time: Array
    value: Array
    covariance: JointCovariance


@dataclass(frozen=True, kw_only=True, eq=False)
class Oscillation:
    """The fitted curve."""

    theta: Array
    """c, a, b, omega, gamma."""
    covariance: Array
    """(5, 5); zero for what was not fitted."""
    free: bool
    """Whether frequency and damping were fitted."""
    chi_square: float
    degrees: int
    residuals: Array
    """Measured minus fitted, in standard errors of the points."""
    series: Series
    weights: Array | None = None
    """(5, 5) covariance by the noise of the points alone, which is how they are weighed; None: `covariance` is that."""

    @property
    def p_value(self) -> float:
        """Probability of a chi-square at least as large."""
        from scipy.special import chdtrc

        return float(chdtrc(self.degrees, self.chi_square)) if self.degrees else 1.0

    def curve(self, time: Array) -> Array:
        """y(t)."""
        return _model(self.theta, np.asarray(time))

    def gained(self, time: Array) -> tuple[Array, Array]:
        """y(t) - y(0) and its standard error."""
        time = np.asarray(time, dtype=float)
        slopes = _slopes(self.theta, time) - _slopes(self.theta, np.zeros(1))
        variance = np.einsum("ti,ij,tj->t", slopes, self.covariance, slopes)
        return self.curve(time) - self.curve(np.zeros(1)), np.sqrt(np.maximum(variance, 0))

    @property
    def response(self) -> Array:
        """d theta / d values of the series, (5, points)."""
        precise = self.series.covariance.solve(_slopes(self.theta, self.series.time))
        return (self.covariance if self.weights is None else self.weights) @ precise.T

    def gained_by(self, values: Array, time: Array) -> Array:
        """y(t) - y(0) of the same fit through other values, of the same covariance, to first order in their difference.

        Exact where frequency and damping are not fitted.

        Args:
            values: In place of those of the series, (..., points).
            time: (times,).

        Returns:
            (..., times); its standard errors are those of `gained`.
        """
        time = np.asarray(time, dtype=float)
        slopes = _slopes(self.theta, time) - _slopes(self.theta, np.zeros(1))
        return self.gained(time)[0] + (values - self.series.value) @ (slopes @ self.response).T

    def numbers(self) -> dict[str, tuple[float, float]]:
        """Offset, amplitude, phase [rad] of cos(omega t - phase), frequency and damping, with standard errors."""
        c, a, b, omega, gamma = self.theta
        size = float(np.hypot(a, b))
        gradients = np.zeros((5, 5))
        gradients[0, 0] = gradients[3, 3] = gradients[4, 4] = 1
        if size > 0:
            gradients[1, 1:3] = a / size, b / size
            gradients[2, 1:3] = -b / size**2, a / size**2
        errors = np.sqrt(np.maximum(np.einsum("ki,ij,kj->k", gradients, self.covariance, gradients), 0))
        values = (c, size, float(np.arctan2(b, a)), omega, gamma)
        names = ("offset", "amplitude", "phase", "frequency", "damping")
        return {n: (float(v), float(e)) for n, v, e in zip(names, values, errors, strict=True)}


@dataclass(frozen=True, kw_only=True)
class Fits:
    """The two fits of a series, and which one to go by."""

    given: Oscillation | None
    """With the protocol's frequency and without damping: linear, exactly Gaussian."""
    free: Oscillation | None
    """With frequency and damping fitted, where the points determine them."""

    @property
    def chosen(self) -> Oscillation | None:
        """The given shape unless the data reject it for the free one (chi-square falls by more than REJECTED)."""
        if self.given is None or self.free is None:
            return self.given or self.free
        return self.free if self.given.chi_square - self.free.chi_square > REJECTED else self.given


def fit(series: Series, frequency: float | None) -> Fits:
    """Fits the oscillation to a series.

    Args:
        series: At least three different times, for anything to be found.
        frequency: The protocol's; None where there is no protocol, and it must be found.
    """
    times = np.unique(series.time)
    try:
        whitening = series.covariance.whitening()
    except np.linalg.LinAlgError:
        return Fits(given=None, free=None)
    known = frequency is not None
    if not known:
        frequency = _found(series, whitening, times) if len(times) > FREE else None
    if frequency is None or len(times) < 3:
        return Fits(given=None, free=None)
    given = _determined(_fitted(series, whitening, np.array([frequency, 0.0]), free=False))
    free = None
    # half a turn, or a hair less: Micadei's 2.32 ms of 2.3245
    if given is not None and len(times) >= FREE and frequency * np.ptp(times) >= 0.95 * np.pi and _seen(given):
        free = _determined(_searched(series, whitening, frequency))
    return Fits(given=given if known else None, free=free)


def _determined(fitted: Oscillation | None) -> Oscillation | None:
    """None where the curve is known much worse between the points than at them: they alias, or hardly span it."""
    if fitted is None:
        return None
    _, stderr = fitted.gained(np.linspace(0, float(fitted.series.time.max()), 501))
    point = float(np.sqrt(2 * fitted.series.covariance.diagonal.max()))
    return fitted if float(stderr.max()) <= WORSE * point else None


def _seen(given: Oscillation) -> bool:
    inverse = np.linalg.pinv(given.covariance[1:3, 1:3])
    return float(given.theta[1:3] @ inverse @ given.theta[1:3]) > SEEN


def _searched(series: Series, whitening: Array | Whitening, frequency: float) -> Oscillation | None:
    start = np.array([frequency, 0.0])
    scale = np.array([frequency, 1 / np.ptp(series.time)])
    best = least_squares(
        lambda u: _unexplained(series, whitening, start + u * scale),
        np.zeros(2),
        # no negative damping: a growing oscillation would heat the qubit without any correlation
        np.array([-0.5, -1e-9]),
        np.array([0.5, 6.0]),
    )
    shape = start + np.where(np.abs(best) < 1e-6, 0.0, best) * scale
    return _fitted(series, whitening, shape, free=True)


def _found(series: Series, whitening: Array | Whitening, times: Array) -> float | None:
    """The frequency that explains most, from a scan between a quarter turn over the sweep and two points a turn."""
    span, least = float(np.ptp(times)), float(np.diff(times).min())
    start, step = np.pi / 2 / span, 0.2 / span
    # two times may be hardly apart, and the grid without an end
    grid = np.arange(start, min(np.pi / least, start + (MOST + 1) * step), step)[:MOST]
    if not len(grid):
        return None
    if isinstance(whitening, Whitening):
        left = -_explained(series, grid)
    else:
        left = [np.sum(_unexplained(series, whitening, np.array([omega, 0.0])) ** 2) for omega in grid]
    return float(grid[int(np.argmin(left))])


def _explained(series: Series, grid: Array) -> Array:
    """What the best undamped oscillation of each frequency takes off chi-square; of many points, all at once.

    With X = (1, cos, sin) it is b^T A^-1 b, A = X^T C^-1 X and b = X^T C^-1 y. Frequencies are taken block by block.
    """
    noise, time, found = series.covariance, series.time, []
    scale = np.sqrt(noise.own)
    u, s, _ = np.linalg.svd(noise.shared / scale[:, None], full_matrices=False)
    common = (u * np.sqrt(1 - 1 / (1 + s**2))).T / scale
    weight, size = 1 / noise.own, max(1, BLOCK // len(time))
    whole, pulled = weight.sum(), noise.precision()(series.value)
    rows = np.vstack([weight, pulled, common]).astype(complex)
    # the steps of the grid are equal: every block is the first one, turned on
    steps = np.exp(1j * np.outer(time, grid[:size] - grid[0]))
    for start in range(0, len(grid), size):
        turned = np.exp(1j * time * grid[start])[:, None] * steps[:, : len(grid) - start]
        (sums, right, *shared), twice = rows @ turned, rows[0] @ turned**2
        plain = np.array(
            [
                [np.full(len(sums), whole), sums.real, sums.imag],
                [sums.real, (whole + twice.real) / 2, twice.imag / 2],
                [sums.imag, twice.imag / 2, (whole - twice.real) / 2],
            ]
        )
        along = np.array(
            [[np.full(len(sums), one.sum()), z.real, z.imag] for one, z in zip(common, shared, strict=True)]
        )
        normal = np.moveaxis(plain - np.einsum("kag,kbg->abg", along, along), -1, 0)
        asked = np.stack([np.full(len(sums), pulled.sum()), right.real, right.imag], axis=1)
        inverse = np.linalg.pinv(normal, rcond=RANK, hermitian=True)
        found.append(np.einsum("ga,gab,gb->g", asked, inverse, asked))
    return np.concatenate(found)


def _design(time: Array, omega: float, gamma: float) -> Array:
    decay = np.exp(-gamma * time)
    return np.stack([np.ones_like(time), decay * np.cos(omega * time), decay * np.sin(omega * time)], axis=1)


def _model(theta: Array, time: Array) -> Array:
    return _design(time, theta[3], theta[4]) @ theta[:3]


def _slopes(theta: Array, time: Array) -> Array:
    """dy/d(c, a, b, omega, gamma), (times, 5)."""
    _, a, b, omega, gamma = theta
    decay = np.exp(-gamma * time)
    turning = decay * time * (b * np.cos(omega * time) - a * np.sin(omega * time))
    fading = -time * decay * (a * np.cos(omega * time) + b * np.sin(omega * time))
    return np.concatenate([_design(time, omega, gamma), turning[:, None], fading[:, None]], axis=1)


def _linear(series: Series, whitening: Array | Whitening, shape: Array) -> Array:
    design = whitening @ _design(series.time, shape[0], shape[1])
    return np.linalg.lstsq(design, whitening @ series.value, rcond=None)[0]


def _unexplained(series: Series, whitening: Array | Whitening, shape: Array) -> Array:
    c_a_b = _linear(series, whitening, shape)
    return whitening @ (series.value - _design(series.time, shape[0], shape[1]) @ c_a_b)


def _fitted(series: Series, whitening: Array | Whitening, shape: Array, *, free: bool) -> Oscillation | None:
    theta = np.concatenate([_linear(series, whitening, shape), shape])
    slopes = whitening @ _slopes(theta, series.time)
    # at its bound the damping is not a parameter any more
    slopes = slopes[:, : (4 if theta[4] < 1e-9 else 5) if free else 3]
    number = slopes.shape[1]
    # columns of very different size: scaled before the condition is judged
    norms = np.linalg.norm(slopes, axis=0)
    if (norms == 0).any() or np.linalg.cond(slopes / norms) > 1e6:
        return None
    covariance = np.zeros((5, 5))
    covariance[:number, :number] = np.linalg.inv((slopes / norms).T @ (slopes / norms)) / np.outer(norms, norms)
    left = whitening @ (series.value - _model(theta, series.time))
    return Oscillation(
        theta=theta,
        covariance=covariance,
        free=free,
        chi_square=float(left @ left),
        degrees=len(left) - number,
        residuals=(series.value - _model(theta, series.time)) / np.sqrt(series.covariance.diagonal),
        series=series,
    )
