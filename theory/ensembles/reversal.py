r"""When a pair heats a hotter bath: closed forms of one collision, and how much coherence a correlation can carry.

    star      Q = sin^2(sqrt2 theta) [(p_B - p) - (C/2)(1 - 2 p_B)]
    cascade   Q = sin^2 phi (1 + cos^2 phi)(p_B - p) - cos phi sin^2 phi (1 - 2 p_B) C

What C can be, while both spins stay thermal at p (derived here):

* a **classical** correlation has C = 0. A state without discord is diagonal in a product basis; its marginals are then
  diagonal in the bases of the spins, and where these are thermal (p not 1/2) that is the basis of energies: no
  coherence. However strong it is, the first collision has the heat that it would have without;
* a **separable** one has |C| <= 2 p (1-p): the pair with chi needs |chi|^2 <= P(00) P(11) (the partial transpose) and
  |chi| <= P(01), and both meet at P(11) = p^2, where there is no classical correlation. All that coherence-reversal
  prepares is separable and has discord;
* an **entangled** one has |C| <= 2 p, with nothing in |11>.

Of what comes later only the singlet's weight p (1-p) - k - C/2 is left, k = P(11) - p^2, in which a classical
correlation counts like coherence: after many stars each of the three can have given the same heat to a hotter bath.
A cold pair turns the heat of baths with p_B below (p + C/2)/(1 + C), `largest_temperature`, in the first one.
"""

from __future__ import annotations

import numpy as np

from protocols import Array
from protocols.quantities import excited_population
from protocols.spins import coherent

CORRELATIONS = ("classical", "separable", "entangled")


def star_heat(T_S: Array | float, T_B: Array | float, C: Array | float, theta: Array | float) -> Array:
    """Q of a pair in one star [gap]; of any pair with thermal marginals, whatever else correlates it.

    Args:
        T_S: Temperature of each spin [gap/k_B].
        T_B: Temperature of the bath [gap/k_B].
        C: Coherence of the pair, <XX + YY>/2.
        theta: Angle of the star [rad].

    Examples:
        >>> round(float(star_heat(1.0, 1.25, 0.393224, np.pi / np.sqrt(8))), 6)
        -0.033618
    """
    p, p_B = excited_population(T_S), excited_population(T_B)
    return np.sin(np.sqrt(2) * np.asarray(theta)) ** 2 * ((p_B - p) - np.asarray(C) / 2 * (1 - 2 * p_B))


def cascade_heat(
    T_S: Array | float, T_B: Array | float, x: Array | float, phi: Array | float, phase: Array | float = 0.0, *,
    size: int = 2,
) -> Array:  # fmt: skip
    """Q of N spins in one cascade [gap], see protocols/spins/coherent.py.

    Args:
        T_S: Temperature of each spin [gap/k_B].
        T_B: Temperature of the bath [gap/k_B].
        x: Coherence of every two states of one excitation; |chi| of a pair.
        phi: Angle of each contact [rad].
        phase: a of neighbours [rad].
        size: Number of spins N.
    """
    p, p_B = excited_population(T_S), excited_population(T_B)
    return coherent.heat(p, p_B, np.asarray(x), np.asarray(phi), np.asarray(phase), size)


def largest_coherence(T_S: Array | float, correlation: str) -> Array:
    """The largest C of a pair whose spins are thermal at T_S > 0.

    Args:
        T_S: Temperature of each spin [gap/k_B].
        correlation: "classical", "separable" or "entangled".

    Examples:
        >>> [round(float(largest_coherence(1.0, kind)), 6) for kind in CORRELATIONS]
        [0.0, 0.393224, 0.537883]
    """
    p = excited_population(T_S)
    return {"classical": 0 * p, "separable": 2 * p * (1 - p), "entangled": 2 * p}[correlation]


def largest_temperature(T_S: Array | float, C: Array | float) -> Array:
    """Of a bath that a cold pair with the coherence C can still heat in a star [gap/k_B].

    Examples:
        >>> [round(float(largest_temperature(1.0, largest_coherence(1.0, kind))), 6) for kind in CORRELATIONS]
        [1.0, 1.450432, 1.612605]
    """
    p = excited_population(T_S)
    p_B = (p + np.asarray(C) / 2) / (1 + np.asarray(C))
    return 1 / np.log((1 - p_B) / p_B)
