r"""Quantum discord of two qubits: the correlation that a measurement of one of them cannot reveal.

The entropic discord needs a maximum over measurements. With the Bloch vectors $x$ of the measured qubit and $y$ of
the other, and $T_{ij} = \langle\sigma_i\otimes\sigma_j\rangle$, $i$ on the measured side, reading $\sigma\cdot n$ gives

    p = P/2,   P = 1 +- x.n,   other qubit's Bloch vector = w/P,   w = y +- T^t n,   R = |w|,

and the conditional entropy $\sum_\pm P\,h(R/P)/2$, $h$ being the entropy of a qubit by its Bloch length. Its minima
over the hemisphere of $n$ are located on a grid and then refined by Newton steps, all states side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from protocols.pauli.words import pauli_matrix
from protocols.quantities.gradients import logarithm
from protocols.quantities.states import Array, _two_qubits, entropy

__all__ = [
    "discord",
    "discord_gradient",
    "discord_majorant",
    "geometric_discord",
    "geometric_discord_gradient",
    "geometric_discord_majorant",
]

_SLAB = 1024  # states a pass: arrays of (directions, _SLAB) stay in cache, whatever the size of the batch
_STEPS = 40  # nearly all states need 4 to 8; the rest have a logarithmic cusp at the minimum
_GAIN = 1e-12  # nat; a Newton step that promises less is not taken
_HOPE = 4  # times the promised gain is the most that a start can still gain
_CUT = 1e-12  # nat; a discord between -_CUT and 0 is the rounding of four entropies
_TINY = 1e-30  # keeps quotients and logarithms finite where an outcome or an eigenvalue has probability 0


def discord(rho: Array, side: int) -> Array:
    r"""Quantum discord, $D = I - \max J$ with $J = S_{other} - \sum_k p_k S_{other|k}$ over projective measurements.

    $I$ is the mutual information, $k$ the outcome on the measured qubit (Ollivier & Zurek, PRL 88, 017901 (2001);
    Henderson & Vedral, J. Phys. A 34, 6899 (2001)). For states of rank 2 projective measurements are as good as
    any; for others a POVM may reveal slightly more.

    The maximum is numerical, to 1e-9 nat, because the closed form for X states of Ali, Rau & Alber, PRA 81, 042105
    (2010), is not exact for all of them (Lu et al., PRA 83, 012327 (2011); Huang, PRA 88, 014302 (2013)). A rival
    maximum can be missed where two nearly tie, and the value is then too high by their difference: seen in 1 of
    1000 states built to tie, by up to 4e-4 nat, and in none of 10^5 random ones.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Values in [0, ln 2], in nats, shape (...); 0 if and only if some measurement of `side` disturbs nothing.

    Raises:
        ValueError: If the last two axes are not (4, 4), or `side` is not 0 or 1.

    Examples:
        >>> classical, bell = np.diag([0.5, 0, 0, 0.5]), np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> discord(np.stack([classical, bell]), 0).round(6).tolist()  # 0 and ln 2
        [0.0, 0.693147]
    """
    rho = _two_qubits(rho)
    parts = [
        2 * _outcome_entropy(1.0, _length(pair.x)) - entropy(states) + _least_conditional_entropy(pair)[0]
        for states, pair in _slabs(rho, side)
    ]
    value = np.concatenate([np.empty(0), *parts])
    return np.where(np.abs(value) < _CUT, np.maximum(value, 0.0), value).reshape(rho.shape[:-2])[()]


def geometric_discord(rho: Array, side: int) -> Array:
    r"""Geometric discord, $D_G = (|x|^2 + |T|^2 - k_{\max})/4$, the least squared distance to zero discord.

    $x$ is the Bloch vector of the measured qubit, $T$ the correlation matrix with that qubit's index first and
    $k_{\max}$ the largest eigenvalue of $x x^t + T T^t$ (Dakic, Vedral & Brukner, PRL 105, 190502 (2010), in
    their normalisation, without the factor 2 that later authors add).

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Values in [0, 1/2], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4), or `side` is not 0 or 1.

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> float(geometric_discord(bell, 0).round(6))
        0.5
    """
    rho = _two_qubits(rho)
    parts = []
    for _, pair in _slabs(rho, side):
        spread = pair.x[:, None] * pair.x + np.einsum("ijl,kjl->ikl", pair.T, pair.T)
        # |x|^2 + |T|^2 is the trace: the sum of the two smaller eigenvalues, free of the cancellation
        parts.append(np.linalg.eigvalsh(np.moveaxis(spread, -1, 0))[:, :2].sum(-1) / 4)
    return np.maximum(np.concatenate([np.empty(0), *parts]), 0.0).reshape(rho.shape[:-2])[()]


def discord_gradient(rho: Array, side: int) -> Array:
    """Derivative of the discord with respect to the state, up to a multiple of 1.

    The best direction is held fixed (the envelope theorem: the value is stationary in it); see `discord_majorant`.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Hermitian matrices G, shape (..., 4, 4), dD = Tr(G d rho) for changes of no trace.
    """
    return discord_majorant(rho, side)[1](rho)


def discord_majorant(rho: Array, side: int) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    r"""The discord with the measurement that is best for given states: no less than the discord of any other state.

    With measured qubit A and $n$ fixed its derivative is
    $\ln\rho - \ln\rho_A\otimes 1 - \sum_\pm \Pi_\pm\otimes\ln\rho_{B|\pm}$, up to a multiple of 1.

    Args:
        rho: Density matrices, shape (states, 4, 4), or (..., 4, 4) for one use with states of the same shape.
        side: The qubit that is measured; 0 is the left one.

    Returns:
        The function and its derivative, of as many states in the same order.
    """
    n = np.concatenate([_least_conditional_entropy(pair)[1] for _, pair in _slabs(_two_qubits(rho), side)], axis=1)
    frame, projectors = _frame(n), [(np.eye(2) + s * np.einsum("kf,kab->fab", n, _SIGMA)) / 2 for s in (1, -1)]

    def of(state: Array) -> Array:
        return np.concatenate(
            [
                2 * _outcome_entropy(1.0, _length(pair.x)) - entropy(part) + _expansion(pair, frame[:, :, at])[0]
                for at, (part, pair) in zip(_pieces(n.shape[1]), _slabs(state, side), strict=True)
            ]
        ).reshape(state.shape[:-2])

    def gradient(state: Array) -> Array:
        parts = _measured_first(state, side)
        local = logarithm(np.einsum("fajbj->fab", parts))
        found = _measured_first(logarithm(state), side) - np.einsum("fab,jk->fajbk", local, np.eye(2))
        for projector in projectors:
            left = np.einsum("fba,fajbk->fjk", projector, parts)
            left = left / np.maximum(np.einsum("fjj->f", left).real, _TINY)[:, None, None]
            found = found - np.einsum("fab,fjk->fajbk", projector, logarithm(left))
        return _measured_first(found, side).reshape(state.shape)

    return of, gradient


def geometric_discord_gradient(rho: Array, side: int) -> Array:
    """Derivative of the geometric discord, with the eigenvector of k_max held fixed.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        Hermitian matrices G, shape (..., 4, 4), dD_G = Tr(G d rho).
    """
    return geometric_discord_majorant(rho, side)[1](rho)


def geometric_discord_majorant(rho: Array, side: int) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    r"""The same as `discord_majorant` for the geometric discord, with $n$ the eigenvector of $k_{\max}$.

    $\frac14(|x - n\,n\!\cdot\!x|^2 + |T - n\,n^tT|^2)$, with the derivative
    $\frac12\sum_i (x - n\,n\!\cdot\!x)_i\,\sigma_i\otimes 1$ plus
    $\frac12\sum_{ij}(T - n\,n^tT)_{ij}\,\sigma_i\otimes\sigma_j$.

    Args:
        rho: Density matrices, shape (..., 4, 4).
        side: The qubit that is measured; 0 is the left one.

    Returns:
        The function and its derivative, of as many states in the same order.
    """
    directions = []
    for _, pair in _slabs(_two_qubits(rho), side):
        spread = pair.x[:, None] * pair.x + np.einsum("ijl,kjl->ikl", pair.T, pair.T)
        directions.append(np.linalg.eigh(np.moveaxis(spread, -1, 0))[1][:, :, -1].T)
    n = np.concatenate(directions, axis=1)

    def across(state: Array) -> Iterator[tuple[Array, Array]]:
        for at, (_, pair) in zip(_pieces(n.shape[1]), _slabs(state, side), strict=True):
            m = n[:, at]
            yield pair.x - m * (m * pair.x).sum(0), pair.T - m[:, None] * np.einsum("il,ijl->jl", m, pair.T)

    def of(state: Array) -> Array:
        found = np.concatenate([((x**2).sum(0) + (T**2).sum((0, 1))) / 4 for x, T in across(state)])
        return found.reshape(state.shape[:-2])

    def gradient(state: Array) -> Array:
        parts = [
            np.einsum("il,iab,jk->lajbk", x, _SIGMA, np.eye(2)) + np.einsum("ijl,iab,jcd->lacbd", T, _SIGMA, _SIGMA)
            for x, T in across(state)
        ]
        return _measured_first(np.concatenate(parts) / 2, side).reshape(state.shape)

    return of, gradient


def _pieces(states: int) -> list[slice]:
    """The slabs of `_slabs`."""
    return [slice(start, start + _SLAB) for start in range(0, states, _SLAB)]


def _measured_first(rho: Array, side: int) -> Array:
    """(states, a, j, b, k): rows and columns of the measured qubit, then of the other; undoes itself."""
    split = rho.reshape(-1, 2, 2, 2, 2)
    return split if side == 0 else split.transpose(0, 2, 1, 4, 3)


_SIGMA = np.array([pauli_matrix(letter) for letter in "XYZ"])


@dataclass(frozen=True, eq=False)
class _BlochPair:
    """Two-qubit states in Bloch form, one a column; the measured qubit comes first."""

    x: Array
    """(3, states) Bloch vector of the measured qubit."""
    y: Array
    """(3, states) Bloch vector of the other."""
    T: Array
    """(3, 3, states) correlation matrix, row index on the measured side."""

    @property
    def mixedness(self) -> Array:
        """sqrt(1 - |x|^2), (states,)."""
        return np.sqrt(np.maximum(1 - (self.x**2).sum(0), _TINY))

    def __getitem__(self, index: Array) -> _BlochPair:
        return _BlochPair(self.x[:, index], self.y[:, index], self.T[:, :, index])


# Columns that turn a flattened matrix into its moments, II, IX, ... ZZ: Tr(rho P) = sum_ij rho_ij P_ji
_READ = np.stack([pauli_matrix(a + b).T.reshape(16) for a in "IXYZ" for b in "IXYZ"], axis=-1)
_READ_REAL, _READ_IMAG = np.real(_READ), np.imag(_READ)


def _slabs(rho: Array, side: int) -> Iterator[tuple[Array, _BlochPair]]:
    """The states in pieces of bounded size, and the same in Bloch form."""
    if side not in (0, 1):
        raise ValueError(f"Argument `side` must be 0 or 1, but is {side}. Name the measured qubit; 0 is the left one.")
    flat = rho.reshape(-1, 16)
    for start in range(0, len(flat), _SLAB):
        part = flat[start : start + _SLAB]
        moments = (np.real(part) @ _READ_REAL - np.imag(part) @ _READ_IMAG).T.reshape(4, 4, -1)
        moments = np.ascontiguousarray(moments if side == 0 else moments.swapaxes(0, 1))
        yield part.reshape(-1, 4, 4), _BlochPair(moments[1:, 0], moments[0, 1:], moments[1:, 1:])


def _hemisphere(count: int) -> Array:
    """Nearly uniform directions up to sign, (count, 3): a Fibonacci lattice, on which no symmetry axis falls."""
    index = np.arange(count)
    height = (index + 0.5) / count
    azimuth = index * np.pi * (3 - np.sqrt(5))
    return np.stack([*(np.sqrt(1 - height**2) * [np.cos(azimuth), np.sin(azimuth)]), height], axis=-1)


_DIRECTIONS = _hemisphere(46)
_RADIUS = 0.3  # of a first step, in radians of the grid, whose spacing is 0.37
_RIVAL = 0.25  # of the range on the grid: a direction this close to the lowest may lead to a lower minimum


def _least_conditional_entropy(pair: _BlochPair) -> tuple[Array, Array]:
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


def _on_grid(pair: _BlochPair) -> Array:
    """Conditional entropy for n of every grid direction d, see `_from_grid`: (directions, states)."""
    sigma = pair.mixedness
    xT = np.einsum("il,ijl->jl", pair.x, pair.T)
    turned = np.tensordot(_DIRECTIONS, sigma * pair.T + pair.x[:, None] * xT / (1 + sigma), 1)  # |v| T^t n
    q = _DIRECTIONS @ pair.x  # |v| x.n
    norm = np.sqrt(sigma**2 + q**2)  # |v|
    still = norm[:, None] * pair.y
    value = _outcome_entropy(norm + q, np.sqrt(((still + turned) ** 2).sum(1)))
    value += _outcome_entropy(norm - q, np.sqrt(((still - turned) ** 2).sum(1)))
    return value / norm


def _from_grid(pair: _BlochPair, d: Array) -> tuple[Array, Array]:
    """n ~ v = sigma d_perp + d_par to x, sigma^2 = 1 - |x|^2, and the radius of a first step there.

    This is the filter that makes the measured qubit maximally mixed. Uniform d resolve the neighbourhood of x, where
    a nearly pure qubit has its structure.
    """
    sigma = pair.mixedness
    v = sigma * d + pair.x * (pair.x * d).sum(0) / (1 + sigma)
    return v / _length(v), _RADIUS * sigma / _length(v)


def _to_grid(pair: _BlochPair, n: Array) -> Array:
    """The unit vector d of n."""
    d = n - pair.x * (pair.x * n).sum(0) / (1 + pair.mixedness)
    return d / np.maximum(_length(d), _TINY)


def _refined(pair: _BlochPair, n: Array, radius: Array, known: Array) -> tuple[Array, Array]:
    """The minima next to n, value and direction, by Newton steps; given up where they will stay above `known`."""
    frame = _frame(n)
    value, gradient, hessian = _expansion(pair, frame)
    least, where, active = value.copy(), n.copy(), np.arange(len(value))
    for _ in range(_STEPS):
        step, gain = _newton_step(gradient, hessian, radius)
        go = np.flatnonzero((gain > _GAIN) & (value - _HOPE * gain < known))
        if not len(go):
            break
        pair, active, known, radius, value = pair[go], active[go], known[go], radius[go], value[go]
        frame, gradient, hessian, step = frame[:, :, go], gradient[:, go], hessian[:, :, go], step[:, go]
        n = frame[0] + step[0] * frame[1] + step[1] * frame[2]
        there = _frame(n / _length(n))
        new_value, new_gradient, new_hessian = _expansion(pair, there)
        better = new_value < value
        radius = np.where(better, np.maximum(radius, 2 * _length(step)), _length(step) / 4)
        frame, value = np.where(better, there, frame), np.where(better, new_value, value)
        gradient, hessian = np.where(better, new_gradient, gradient), np.where(better, new_hessian, hessian)
        least[active], where[:, active] = value, frame[0]
    return least, where


def _newton_step(gradient: Array, hessian: Array, radius: Array) -> tuple[Array, Array]:
    """-|H|^-1 g cut to the radius, and the decrease it promises uncut; |H| turns negative curvature downhill."""
    mean, half = (hessian[0, 0] + hessian[1, 1]) / 2, (hessian[0, 0] - hessian[1, 1]) / 2
    spread = np.sqrt(half**2 + hessian[0, 1] ** 2) + _TINY
    upper, lower = (1 / np.maximum(np.abs(value), 1e-12) for value in (mean + spread, mean - spread))
    slope = (upper - lower) / (2 * spread)  # |H|^-1 = (upper + lower)/2 + slope (H - mean)
    turned = hessian[0] * gradient[0] + hessian[1] * gradient[1]
    step = -((upper + lower) / 2 - slope * mean) * gradient - slope * turned
    gain = -(step * gradient).sum(0) / 2
    return step * np.minimum(1.0, radius / np.maximum(_length(step), _TINY)), gain


def _expansion(pair: _BlochPair, frame: Array) -> tuple[Array, Array, Array]:
    """Conditional entropy at n, its gradient (2, ...) and Hessian (2, 2, ...) along the great circles to e1, e2.

    With G = P h(R/P)/2 and c = R grad P - P grad R, up to a constant in dG/dP that cancels between the outcomes:
    dG/dP = -ln(1 - R^2/P^2)/4, dG/dR = -artanh(R/P)/2, and the second derivatives are -c c^t / [2P (P^2 - R^2)].
    On the great circles n'' = -n, and R grad^2 R = w_i.w_j - R_i R_j + w.w_ij.
    """
    x, W = np.einsum("il,ail->al", pair.x, frame), np.einsum("ijl,ail->ajl", pair.T, frame)
    overlap = np.einsum("ajl,bjl->abl", W[1:], W[1:])
    value, gradient, hessian = 0.0, 0.0, 0.0
    for sign in (1, -1):
        P, w = np.maximum(1 + sign * x[0], _TINY), pair.y + sign * W[0]
        R = _length(w)
        gap = np.maximum((P - R) * (P + R), 1e-16 * P**2)
        by_P = -np.log(gap / P**2) / 4
        # dG/dR over R, which tends to -1/(2P)
        by_R = np.where(R < 1e-6 * P, -1 / (2 * P), -np.log((P + R) ** 2 / gap) / (4 * np.maximum(R, _TINY)))
        along = sign * np.einsum("jl,ajl->al", w, W)  # w.w_i, and -w.w_ii first
        P_i, R_i = sign * x[1:], along[1:] / np.maximum(R, _TINY)
        c = R * P_i - P * R_i
        value = value + _outcome_entropy(P, R)
        gradient = gradient + by_P * P_i + by_R * along[1:]
        hessian = hessian + by_R * (overlap - R_i[:, None] * R_i) - c[:, None] * c / (2 * P * gap)
        hessian[[0, 1], [0, 1]] -= by_P * sign * x[0] + by_R * along[0]
    return value, gradient, hessian


def _outcome_entropy(P: Array | float, R: Array) -> Array:
    """P h(R/P)/2: an outcome's probability P/2 times the entropy it leaves."""
    more, less = (P + R) / 2, np.maximum((P - R) / 2, _TINY)
    P = np.maximum(P, _TINY)
    return (P * np.log(P) - more * np.log(np.maximum(more, _TINY)) - less * np.log(less)) / 2


def _length(vector: Array) -> Array:
    """Euclidean length over the first axis."""
    return np.sqrt(np.einsum("i...,i...->...", vector, vector))


def _frame(n: Array) -> Array:
    """(3, 3, ...): n and two unit vectors across it (Duff et al., J. Comput. Graph. Tech. 6, 1 (2017))."""
    x, y, z = n
    sign = np.copysign(1.0, z)
    a = -1 / (sign + z)
    b = x * y * a
    return np.array([[x, y, z], [1 + sign * x**2 * a, sign * b, -sign * x], [b, sign + y**2 * a, -y]])
