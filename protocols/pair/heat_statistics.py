r"""Heat as a distribution: what two readings of the energy, or what stands in for them, say of one exchange.

A joint distribution P(i, f) of the levels 00, 01, 10, 11 before and after the exchange gives the heat of A,
q = a_f - a_i, its distribution and its variance. There are three ways to it, and none needs a reading in the middle:

* *two-point*: P(i, f) = p_i P(f|i). The arm `dephased` prepares the levels i with their weights p_i, so that its
  members are the first reading;
* *margenau-hill*: Re q(i -> f) = P_two-point(i, f) + (1/2) [p_f(main) - p_f(dephased)] for i in {01, 10}, which holds
  for whatever channel follows the preparation, and whose mean is the heat of the undisturbed pair;
* *bayesian*: an eigenstate s of the pair with its weight, then i and f independently with |<i|s>|^2 and |<f|U|s>|^2
  (Micadei, Landi and Lutz, arXiv:1909.12189): members of the ensemble are these s.

The averages of e^{-sigma}, sigma(i -> f) = beta_A q_A + beta_B q_B, need no joint distribution: tau_i e^{-sigma} =
tau_f, tau the thermal product, makes each one a sum of tau_f over what follows each member.
"""

from __future__ import annotations

import numpy as np

from protocols.pair.correlated import PairState, product
from protocols.pair.preparation import EXCITED, GROUND, MINUS, PLUS, Eigensystem, eigensystem
from protocols.pair.quasiprobability import margenau_hill
from protocols.types import Array

LEVELS = ("00", "01", "10", "11")
"""Of A and B, in the order of every axis of levels."""
HEATS = (1, 0, -1)
"""What A can gain, in units of the gap, in the order of every axis of heats."""
GAINED = np.array([[f // 2 - i // 2 for f in range(4)] for i in range(4)])
"""a_f - a_i of levels i, f, (4, 4)."""
_MIXED = np.array([0.0, 1.0, 1.0, 0.0])


# ---- from joint distributions ----


def two_point(weight: Array, first: Array, last: Array) -> Array:
    """Joint distribution of two readings, or of two independent looks at each member.

    Args:
        weight: Of the members, (..., members).
        first: P(i|member), (..., members, 4): certain where the members are levels.
        last: P(f|member), (..., members, 4).

    Returns:
        P(i, f), (..., 4, 4).
    """
    return np.einsum("...m,...mi,...mf->...if", weight, first, last)


def with_coherence(read_twice: Array, final: Array, dephased: Array) -> Array:
    """Margenau-Hill quasiprobability from two readings and from what the coherence adds to the last one.

    Args:
        read_twice: P(i, f) of two readings, (..., 4, 4).
        final: p_f of the pair as it is, (..., 4).
        dephased: p_f of the pair without its coherence, (..., 4).

    Returns:
        Re q(i -> f), (..., 4, 4).
    """
    return read_twice + _MIXED[:, None] * (final - dephased)[..., None, :] / 2


def heat_distribution(joint: Array) -> Array:
    """P(q) of the heats +1, 0, -1 of A, (..., 3); of a quasiprobability it may be negative.

    Args:
        joint: P(i, f), (..., 4, 4).

    Examples:
        >>> heat_distribution(np.diag([0.5, 0.2, 0.2, 0.1])).tolist()
        [0.0, 1.0, 0.0]
    """
    return np.stack([(joint * (q == GAINED)).sum(axis=(-2, -1)) for q in HEATS], axis=-1)


def mean_of_heat(joint: Array) -> Array:
    """<q>, (...) [gap]."""
    return (joint * GAINED).sum(axis=(-2, -1))


def variance_of_heat(joint: Array) -> Array:
    """<q^2> - <q>^2, (...) [gap^2]. That of Margenau and Hill is the variance of the operator U^+ H_A U - H_A."""
    return (joint * GAINED**2).sum(axis=(-2, -1)) - mean_of_heat(joint) ** 2


def thermal_sum(last: Array, tau: Array, share: Array) -> Array:
    """sum_m share_m sum_f P(f|m) tau_f, (...): every average of e^{-sigma}, by what each member counts.

    With share p_i/tau_i of the levels it is <e^{-sigma}> of two readings (Jarzynski and Wojcik); with share 1 of every
    member that has weight <e^{-(sigma + I)}>, I = ln P_s/tau_i, classical where members are levels, fully quantum
    where they are the eigenstates of the pair.

    Args:
        last: P(f|member), (..., members, 4).
        tau: The thermal product, (..., 4).
        share: (..., members).
    """
    return np.einsum("...m,...mf,...f->...", share, last, tau)


def over_thermal(weight: Array, tau: Array) -> Array:
    """p_i/tau_i of members that there are, else 0; a thermal weight may be 0 in floating point.

    Args:
        weight: Of the members, (..., members).
        tau: Thermal weight of the level of each, (..., members).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > 0, weight / tau, 0.0)


# ---- closed forms of the partial swap ----


def heat_probabilities(pair: PairState, angle: Array, phi_V: Array, scheme: str) -> Array:
    """P(+1), P(0), P(-1) of the heat of A, (3, points).

    Args:
        pair: Before the exchange.
        angle: Omega t, (points,) [rad].
        phi_V: Phase of the coupling, (points,) [rad].
        scheme: "two-point", "margenau-hill" or "bayesian".

    Examples:
        >>> from protocols.pair import entangled
        >>> pair = entangled(*np.array([[2.0], [1.0], [1.0], [np.pi / 2]]))
        >>> heat_probabilities(pair, np.array([np.pi / 8]), np.zeros(1), "margenau-hill")[:, 0].round(6).tolist()
        [0.152045, 0.905325, -0.057369]
    """
    if scheme == "bayesian":
        up, down = _looked_at_twice(eigensystem(pair), angle, phi_V)
    else:
        _, up, down, _ = quasiprobabilities(pair if scheme == "margenau-hill" else pair.dephased(), angle, phi_V)
    return np.stack([up, 1 - up - down, down])


def quasiprobabilities(pair: PairState, angle: Array, phi_V: Array) -> Array:
    """Re q of 01 -> 01, 01 -> 10, 10 -> 01, 10 -> 10, (4, points); arguments as of `heat_probabilities`."""
    _, p01, p10, _ = np.moveaxis(pair.populations, -1, 0)
    return margenau_hill(p01, p10, np.exp(-1j * phi_V) * pair.coherence, angle)


def _looked_at_twice(system: Eigensystem, angle: Array, phi_V: Array) -> tuple[Array, Array]:
    """P(+1), P(-1): psi+ is |01> with (1 + c)/2 before and (1 + c')/2 after the swap, psi- with the rest."""
    before, after = np.cos(system.theta), _turned(system, angle, phi_V)
    plus, minus = system.weights[:, PLUS], system.weights[:, MINUS]
    away, back = (1 + before) * (1 - after) / 4, (1 - before) * (1 + after) / 4
    return plus * away + minus * back, plus * back + minus * away


def _turned(system: Eigensystem, angle: Array, phi_V: Array) -> Array:
    """<01|psi><psi|01> - <10|psi><psi|10> of psi+ after the swap."""
    drive = np.sin(system.theta) * np.sin(system.phi - phi_V)
    return np.cos(system.theta) * np.cos(2 * angle) - drive * np.sin(2 * angle)


def exchange_ratio(pair: PairState) -> Array:
    """P(+1)/P(-1) of two readings, p_01/p_10 at every time: e^{beta_A - beta_B} where populations are thermal."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return pair.populations[:, 1] / pair.populations[:, 2]


def fluctuation_average(
    pair: PairState, temperatures: tuple[Array, Array], angle: Array, phi_V: Array, scheme: str
) -> Array:
    """The averages that a fluctuation theorem says are 1, (points,).

    * "jarzynski-wojcik": <e^{-sigma}> of two readings, 1 where populations are thermal;
    * "classical-correlation": <e^{-sigma - ln p_i/tau_i}> of two readings, 1 but for levels that are never prepared;
    * "quantum": Tr[Pi(t) tau], Pi(t) the support of the pair at t: 1 where it has full rank.

    Args:
        pair: Before the exchange.
        temperatures: T_A and T_B, (points,) each [gap/k_B].
        angle: Omega t, (points,) [rad].
        phi_V: Phase of the coupling, (points,) [rad].
        scheme: One of these.

    Examples:
        >>> from protocols.pair import entangled
        >>> T = np.array([2.0]), np.array([1.0])
        >>> pair = entangled(*T, np.ones(1), np.array([np.pi / 2]))
        >>> fluctuation_average(pair, T, np.array([np.pi / 8]), np.zeros(1), "quantum").round(6).tolist()
        [0.721059]
    """
    tau = product(*temperatures).populations
    system = eigensystem(pair if scheme == "quantum" else pair.dephased())
    turned = _turned(system, angle, phi_V)
    after = [(1 + sign * turned) / 2 * tau[:, 1] + (1 - sign * turned) / 2 * tau[:, 2] for sign in (1, -1)]
    gained = {GROUND: tau[:, 0], PLUS: after[0], MINUS: after[1], EXCITED: tau[:, 3]}
    share = (system.weights > 0).astype(float)
    if scheme == "jarzynski-wojcik":
        upright = system.theta < np.pi / 2  # psi+ is |01>, otherwise |10>
        ahead, behind = np.where(upright, 1, 2), np.where(upright, 2, 1)
        level = np.stack([np.zeros_like(ahead), ahead, behind, np.full_like(ahead, 3)], axis=1)
        share = over_thermal(system.weights, np.take_along_axis(tau, level, axis=1))
    return sum((share[:, member] * value for member, value in gained.items()), np.zeros(len(tau)))


def variance_of_exchange(pair: PairState, angle: Array, phi_V: Array, scheme: str) -> Array:
    """Variance of the heat of A, (points,) [gap^2]; arguments as of `heat_probabilities`."""
    up, _, down = heat_probabilities(pair, angle, phi_V, scheme)
    return up + down - (up - down) ** 2


# ---- uncertainty ----


def uncertainty_ratio(pair: PairState, angle: Array, phi_V: Array) -> Array:
    """Var(q)/Q^2 of Margenau and Hill, (points,); NaN where no heat flows on average."""
    up, _, down = heat_probabilities(pair, angle, phi_V, "margenau-hill")
    return ratio_of(np.abs(relative_heat(up, down)))


def relative_heat(up: Array, down: Array) -> Array:
    """Q/sqrt<q^2> from P(+1) and P(-1): between -1 and 1, and well-behaved where Q is 0; NaN where nothing moves."""
    with np.errstate(all="ignore"):
        return np.where(up + down > 1e-14, (up - down) / np.sqrt(up + down), np.nan)


def ratio_of(relative: Array) -> Array:
    """Var/Q^2 from |Q|/sqrt<q^2>; falls, and has no upper limit where that is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(relative == 0, np.inf, 1 / np.square(relative) - 1)


def exchange_bound(entropy: Array) -> Array:
    """Least Var/Q^2 of an exchange without correlation, 1/sinh^2 g(Sigma/2), g the inverse of x tanh x.

    Timpanaro, Guarnieri, Goold and Landi, PRL 123, 090604 (2019), from memory.

    Args:
        entropy: |Sigma| = |beta_A Q_A + beta_B Q_B|, any shape [nat].

    Examples:
        >>> exchange_bound(np.array([0.0149289])).round(2).tolist()
        [133.3]
    """
    half = np.abs(entropy) / 2
    x = np.where(half < 1, np.sqrt(half), half)
    with np.errstate(all="ignore"):
        for _ in range(60):
            slope = np.tanh(x) + x / np.cosh(np.minimum(x, 300)) ** 2
            x = np.where(half > 0, x - (x * np.tanh(x) - half) / slope, 0.0)
        return np.where(np.isnan(half), np.nan, 1 / np.sinh(np.minimum(x, 300)) ** 2)


def steady_state_bound(entropy: Array) -> Array:
    """2/|Sigma|, the bound of steady currents (Barato and Seifert, PRL 114, 158101 (2015)); exchanges may pass it."""
    with np.errstate(divide="ignore"):
        return 2 / np.abs(entropy)
