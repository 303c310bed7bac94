r"""Quasiprobability of the heat of the number-conserving partial swap: where the flow stops being classical.

Reading both energies before and after the swap U would give i -> f with a probability, but it destroys the
coherence that drives the anomalous flow. The Kirkwood-Dirac quasiprobability keeps it,

    q(i -> f) = Tr[U^+ P_f U P_i rho],

whose real part is that of Margenau and Hill. U mixes only |01> and |10> (A left): with s, c the sine and cosine of
the angle Omega t, U has c on the diagonal and <01|U|10> = -i s e^{i phi_V}. |00> and |11> stay, with their
populations. Everything here holds for any two-qubit state; of its coherences only rho_{01,10} enters.

The arguments, arrays that broadcast, belong to the start of the swap:

    p01, p10   populations of |01> and |10>
    r0         e^{-i phi_V} rho_{01,10}, complex; its imaginary part drives energy
    angle      Omega t

Energies are in units of the gap. Levy and Lostaglio, PRX Quantum 1, 010309 (2020); Margenau and Hill, Prog. Theor.
Phys. 26, 722 (1961); the expressions below are derived here, and tested against the trace of matrices.
"""

from __future__ import annotations

import numpy as np

from protocols.types import Array


def kirkwood_dirac(p01: Array | float, p10: Array | float, r0: Array | complex, angle: Array | float) -> Array:
    """q(i -> f) of the two levels that the swap mixes.

    A change of level has s^2 p_i -+ i s c r, a stay c^2 p_i +- i s c r, with r = r0 from |01> and r0* from |10>;
    the mean heat is q(01 -> 10) - q(10 -> 01).

    Args:
        p01: Population of |01> at the start, any shape.
        p10: Population of |10>, of a shape that broadcasts.
        r0: e^{-i phi_V} rho_{01,10} at the start, complex.
        angle: Omega t [rad].

    Returns:
        Complex values of 01 -> 01, 01 -> 10, 10 -> 01, 10 -> 10, in this order, shape (4, ...). Together with the
        populations of |00> and |11> they sum to 1.

    Examples:
        >>> kirkwood_dirac(0.3, 0.2, 0.1 + 0.05j, np.pi / 4).round(6).tolist()
        [(0.125+0.05j), (0.175-0.05j), (0.075-0.05j), (0.125+0.05j)]
    """
    s, c = np.sin(angle), np.cos(angle)
    drive = 1j * s * c * np.asarray(r0)
    reverse = 1j * s * c * np.conj(r0)
    return np.stack(
        np.broadcast_arrays(c**2 * p01 + drive, s**2 * p01 - drive, s**2 * p10 - reverse, c**2 * p10 + reverse)
    )


def margenau_hill(p01: Array | float, p10: Array | float, r0: Array | complex, angle: Array | float) -> Array:
    """Real parts of `kirkwood_dirac`, the quasiprobability that mean heat and both readings' statistics come from.

    Args:
        p01: Population of |01> at the start, any shape.
        p10: Population of |10>, of a shape that broadcasts.
        r0: e^{-i phi_V} rho_{01,10} at the start, complex.
        angle: Omega t [rad].

    Returns:
        Values of 01 -> 01, 01 -> 10, 10 -> 01, 10 -> 10, in this order, shape (4, ...).

    Examples:
        >>> margenau_hill(0.3, 0.2, 0.3j, np.pi / 4).round(6).tolist()
        [0.0, 0.3, -0.05, 0.25]
    """
    return np.real(kirkwood_dirac(p01, p10, r0, angle))


def semiclassical_heat_bound(p01: Array | float, p10: Array | float, angle: Array | float) -> Array:
    """The most heat into A that a non-negative Margenau-Hill quasiprobability allows, for the given populations.

    Q_A <= min{ s^2 (p01 + p10), s^2 (p01 - p10) + 2 c^2 p01 }: Re q(10 -> 01) >= 0 gives the first, Re q(01 -> 01)
    >= 0 the second. Heat into A beyond it is as good as a negative value of these two. The other two bound the heat
    into B, by the same function with p01 and p10 exchanged. Derived here; its equality with the bounds of Levy and
    Lostaglio and of Mallik et al., arXiv 2410.22900, is unchecked.

    Args:
        p01: Population of |01> at the start, any shape.
        p10: Population of |10>, of a shape that broadcasts.
        angle: Omega t [rad].

    Returns:
        Q_A in units of the gap, shape (...).

    Examples:
        >>> round(float(semiclassical_heat_bound(0.268941, 0.377541, np.pi / 8)), 5)
        0.09468
    """
    s2, c2 = np.sin(angle) ** 2, np.cos(angle) ** 2
    return np.minimum(s2 * (np.asarray(p01) + p10), s2 * (np.asarray(p01) - p10) + 2 * c2 * p01)


def quasiprobability_negativity(
    p01: Array | float, p10: Array | float, r0: Array | complex, angle: Array | float
) -> Array:
    """Negativity of the Margenau-Hill quasiprobability, sum |Re q| - 1.

    The levels |00> and |11>, which stay, count with 1 - p01 - p10. Zero if and only if no Re q is negative.

    Args:
        p01: Population of |01> at the start, any shape.
        p10: Population of |10>, of a shape that broadcasts.
        r0: e^{-i phi_V} rho_{01,10} at the start, complex.
        angle: Omega t [rad].

    Returns:
        Dimensionless, at least 0, shape (...).

    Examples:
        >>> round(float(quasiprobability_negativity(0.268941, 0.377541, 0.318648j, np.pi / 8)), 5)
        0.11474
    """
    return _excess(margenau_hill(p01, p10, r0, angle), p01, p10)


def kirkwood_dirac_nonclassicality(
    p01: Array | float, p10: Array | float, r0: Array | complex, angle: Array | float
) -> Array:
    """Nonclassicality of the Kirkwood-Dirac quasiprobability, sum |q| - 1.

    Also positive where a real coherence makes q complex without any negative Re q, so without anomalous heat.

    Args:
        p01: Population of |01> at the start, any shape.
        p10: Population of |10>, of a shape that broadcasts.
        r0: e^{-i phi_V} rho_{01,10} at the start, complex.
        angle: Omega t [rad].

    Returns:
        Dimensionless, at least `quasiprobability_negativity`, shape (...).

    Examples:
        >>> round(float(kirkwood_dirac_nonclassicality(0.5, 0.5, 0.5, np.pi / 4)), 6)  # sqrt 2 - 1
        0.414214
    """
    return _excess(kirkwood_dirac(p01, p10, r0, angle), p01, p10)


def _excess(q: Array, p01: Array | float, p10: Array | float) -> Array:
    """Sum of the moduli beyond 1; below 0 there is only rounding, because the values sum to 1."""
    return np.maximum(np.abs(q).sum(0) + np.abs(1 - np.asarray(p01) - p10) - 1, 0.0)
