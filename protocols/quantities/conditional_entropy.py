r"""The least entropy that a measurement of one qubit leaves the other: minima over directions, all states at once.

With the Bloch vectors $x$ of the measured qubit and $y$ of the other, and
$T_{ij} = \langle\sigma_i\otimes\sigma_j\rangle$, $i$ on the measured side, reading $\sigma\cdot n$ gives

    p = P/2,   P = 1 +- x.n,   other qubit's Bloch vector = w/P,   w = y +- T^t n,   R = |w|,

and the conditional entropy $\sum_\pm P\,h(R/P)/2$, $h$ being the entropy of a qubit by its Bloch length. Its minima
over the hemisphere of $n$ are located on a grid and then refined by Newton steps, all states side by side.
"""

from __future__ import annotations

import numpy as np

from protocols.quantities.bloch_pairs import TINY, BlochPair, length
from protocols.types import Array

_STEPS = 40  # nearly all states need 4 to 8; the rest have a logarithmic cusp at the minimum
_GAIN = 1e-12  # nat; a Newton step that promises less is not taken
_HOPE = 4  # times the promised gain is the most that a start can still gain
_RADIUS = 0.3  # of a first step, in radians of the grid, whose spacing is 0.37
_RIVAL = 0.25  # of the range on the grid: a direction this close to the lowest may lead to a lower minimum


def _hemisphere(count: int) -> Array:
    """Nearly uniform directions up to sign, (count, 3): a Fibonacci lattice, on which no symmetry axis falls."""
    index = np.arange(count)
    height = (index + 0.5) / count
    azimuth = index * np.pi * (3 - np.sqrt(5))
    return np.stack([*(np.sqrt(1 - height**2) * [np.cos(azimuth), np.sin(azimuth)]), height], axis=-1)


_DIRECTIONS = _hemisphere(46)


def least_conditional_entropy(pair: BlochPair) -> tuple[Array, Array]:
    """min over n of sum_k p_k S(other qubit | outcome k), (states,), and that n, (3, states).

    On the grid the landscape is nearly a quadratic form in d, so that rival minima lie about 90 degrees apart: up to
    two more are looked for beyond 60 degrees of those found, where the grid does not rule them out.
    """
    value = _on_grid(pair)
    limit = (1 - _RIVAL) * value.min(0) + _RIVAL * value.max(0)
    least, best, states = np.full(value.shape[1], np.inf), np.zeros((3, value.shape[1])), np.arange(value.shape[1])
    for _ in range(3):
        found, n = _refined(pair, *_from_grid(pair, _DIRECTIONS[value.argmin(0)].T), least[states])
        better = found < least[states]
        least[states[better]], best[:, states[better]] = found[better], n[:, better]
        value = np.where(np.abs(_DIRECTIONS @ _to_grid(pair, n)) > 0.5, np.inf, value)
        go = np.flatnonzero(value.min(0) <= limit)
        pair, value, limit, states = pair[go], value[:, go], limit[go], states[go]
    return least, best


def _on_grid(pair: BlochPair) -> Array:
    """Conditional entropy for n of every grid direction d, see `_from_grid`: (directions, states)."""
    sigma = pair.mixedness
    xT = np.einsum("il,ijl->jl", pair.x, pair.T)
    turned = np.tensordot(_DIRECTIONS, sigma * pair.T + pair.x[:, None] * xT / (1 + sigma), 1)  # |v| T^t n
    q = _DIRECTIONS @ pair.x  # |v| x.n
    norm = np.sqrt(sigma**2 + q**2)  # |v|
    still = norm[:, None] * pair.y
    value = outcome_entropy(norm + q, np.sqrt(((still + turned) ** 2).sum(1)))
    value += outcome_entropy(norm - q, np.sqrt(((still - turned) ** 2).sum(1)))
    return value / norm


def _from_grid(pair: BlochPair, d: Array) -> tuple[Array, Array]:
    """n ~ v = sigma d_perp + d_par to x, sigma^2 = 1 - |x|^2, and the radius of a first step there.

    This is the filter that makes the measured qubit maximally mixed. Uniform d resolve the neighbourhood of x, where
    a nearly pure qubit has its structure.
    """
    sigma = pair.mixedness
    v = sigma * d + pair.x * (pair.x * d).sum(0) / (1 + sigma)
    return v / length(v), _RADIUS * sigma / length(v)


def _to_grid(pair: BlochPair, n: Array) -> Array:
    """The unit vector d of n."""
    d = n - pair.x * (pair.x * n).sum(0) / (1 + pair.mixedness)
    return d / np.maximum(length(d), TINY)


def _refined(pair: BlochPair, n: Array, radius: Array, known: Array) -> tuple[Array, Array]:
    """The minima next to n, value and direction, by Newton steps; given up where they will stay above `known`."""
    frame = frame_of(n)
    value, gradient, hessian = expansion(pair, frame)
    least, where, active = value.copy(), n.copy(), np.arange(len(value))
    for _ in range(_STEPS):
        step, gain = _newton_step(gradient, hessian, radius)
        go = np.flatnonzero((gain > _GAIN) & (value - _HOPE * gain < known))
        if not len(go):
            break
        pair, active, known, radius, value = pair[go], active[go], known[go], radius[go], value[go]
        frame, gradient, hessian, step = frame[:, :, go], gradient[:, go], hessian[:, :, go], step[:, go]
        n = frame[0] + step[0] * frame[1] + step[1] * frame[2]
        there = frame_of(n / length(n))
        new_value, new_gradient, new_hessian = expansion(pair, there)
        better = new_value < value
        radius = np.where(better, np.maximum(radius, 2 * length(step)), length(step) / 4)
        frame, value = np.where(better, there, frame), np.where(better, new_value, value)
        gradient, hessian = np.where(better, new_gradient, gradient), np.where(better, new_hessian, hessian)
        least[active], where[:, active] = value, frame[0]
    return least, where


def _newton_step(gradient: Array, hessian: Array, radius: Array) -> tuple[Array, Array]:
    """-|H|^-1 g cut to the radius, and the decrease it promises uncut; |H| turns negative curvature downhill."""
    mean, half = (hessian[0, 0] + hessian[1, 1]) / 2, (hessian[0, 0] - hessian[1, 1]) / 2
    spread = np.sqrt(half**2 + hessian[0, 1] ** 2) + TINY
    upper, lower = (1 / np.maximum(np.abs(value), 1e-12) for value in (mean + spread, mean - spread))
    slope = (upper - lower) / (2 * spread)  # |H|^-1 = (upper + lower)/2 + slope (H - mean)
    turned = hessian[0] * gradient[0] + hessian[1] * gradient[1]
    step = -((upper + lower) / 2 - slope * mean) * gradient - slope * turned
    gain = -(step * gradient).sum(0) / 2
    return step * np.minimum(1.0, radius / np.maximum(length(step), TINY)), gain


def expansion(pair: BlochPair, frame: Array) -> tuple[Array, Array, Array]:
    """Conditional entropy at n, its gradient (2, ...) and Hessian (2, 2, ...) along the great circles to e1, e2.

    With G = P h(R/P)/2 and c = R grad P - P grad R, up to a constant in dG/dP that cancels between the outcomes:
    dG/dP = -ln(1 - R^2/P^2)/4, dG/dR = -artanh(R/P)/2, and the second derivatives are -c c^t / [2P (P^2 - R^2)].
    On the great circles n'' = -n, and R grad^2 R = w_i.w_j - R_i R_j + w.w_ij.

    Args:
        pair: The states.
        frame: n, e1, e2 of each as `frame_of` has them, shape (3, 3, states).
    """
    x, W = np.einsum("il,ail->al", pair.x, frame), np.einsum("ijl,ail->ajl", pair.T, frame)
    overlap = np.einsum("ajl,bjl->abl", W[1:], W[1:])
    value, gradient, hessian = 0.0, 0.0, 0.0
    for sign in (1, -1):
        P, w = np.maximum(1 + sign * x[0], TINY), pair.y + sign * W[0]
        R = length(w)
        gap = np.maximum((P - R) * (P + R), 1e-16 * P**2)
        by_P = -np.log(gap / P**2) / 4
        # dG/dR over R, which tends to -1/(2P)
        by_R = np.where(R < 1e-6 * P, -1 / (2 * P), -np.log((P + R) ** 2 / gap) / (4 * np.maximum(R, TINY)))
        along = sign * np.einsum("jl,ajl->al", w, W)  # w.w_i, and -w.w_ii first
        P_i, R_i = sign * x[1:], along[1:] / np.maximum(R, TINY)
        c = R * P_i - P * R_i
        value = value + outcome_entropy(P, R)
        gradient = gradient + by_P * P_i + by_R * along[1:]
        hessian = hessian + by_R * (overlap - R_i[:, None] * R_i) - c[:, None] * c / (2 * P * gap)
        hessian[[0, 1], [0, 1]] -= by_P * sign * x[0] + by_R * along[0]
    return value, gradient, hessian


def outcome_entropy(P: Array | float, R: Array) -> Array:
    """P h(R/P)/2: an outcome's probability P/2 times the entropy it leaves.

    Args:
        P: Twice the probability of the outcome, any shape.
        R: P times the Bloch length of the other qubit, the same shape.
    """
    more, less = (P + R) / 2, np.maximum((P - R) / 2, TINY)
    P = np.maximum(P, TINY)
    return (P * np.log(P) - more * np.log(np.maximum(more, TINY)) - less * np.log(less)) / 2


def frame_of(n: Array) -> Array:
    """(3, 3, ...): n and two unit vectors across it (Duff et al., J. Comput. Graph. Tech. 6, 1 (2017))."""
    x, y, z = n
    sign = np.copysign(1.0, z)
    a = -1 / (sign + z)
    b = x * y * a
    return np.array([[x, y, z], [1 + sign * x**2 * a, sign * b, -sign * x], [b, sign + y**2 * a, -y]])
