r"""Energies of qubits, their Gibbs states and temperatures, and the work that a unitary can draw.

$|0\rangle$ is the ground state, energies are counted from it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protocols.pauli import outcome_bits
from protocols.quantities.arguments import qubit_register, square
from protocols.quantities.roots import eigenvalues
from protocols.quantities.subsystems import reduced
from protocols.types import Array


def populations(rho: Array) -> Array:
    r"""Occupation probabilities of the energy levels, $p_i = \rho_{ii}$.

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, 1], dimensionless, shape (..., d).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> populations(np.eye(4) / 4).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    return np.real(np.diagonal(square(rho), axis1=-2, axis2=-1))


def energy(rho: Array, qubit: int, *, gap: float = 1.0) -> Array:
    r"""Energy of one qubit above its ground state, $E = \varepsilon\,\langle 1|\rho_{\mathrm{qubit}}|1\rangle$.

    Holdsworth & Kawai, PRA 106, 062604 (2022) count from mid-gap: their value is lower by $\varepsilon/2$.

    Args:
        rho: Density matrices of n qubits, shape (..., 2^n, 2^n).
        qubit: Index of the qubit; 0 is the leftmost.
        gap: Level spacing $\varepsilon$, in the wanted unit of energy.

    Returns:
        Values in [0, gap], in the unit of `gap`, shape (...).

    Raises:
        ValueError: If the last two axes are not (2^n, 2^n), or `qubit` is not in 0..n-1.

    Examples:
        >>> round(float(energy(np.diag([0.4, 0.3, 0.2, 0.1]), 1)), 6)
        0.4
    """
    return gap * populations(reduced(rho, qubit))[..., 1]


def excited_population(T: Array | float, *, gap: Array | float = 1.0) -> Array:
    r"""Gibbs population of $|1\rangle$, $p = e^{-\varepsilon/T}/(1 + e^{-\varepsilon/T})$.

    Args:
        T: Temperature, any shape, in the unit of `gap` over $k_B$; inf gives 1/2, negative values an inversion.
        gap: Level spacing $\varepsilon$, a number or of the same shape; negative where $|1\rangle$ is the lower level.

    Returns:
        Values in [0, 1], dimensionless, same shape.

    Examples:
        >>> excited_population(np.array([0.5, 1.0, np.inf, -0.5, -0.001])).round(6).tolist()
        [0.119203, 0.268941, 0.5, 0.880797, 1.0]
        >>> excited_population(0.5, gap=np.array([1.0, 0.0, -1.0])).round(6).tolist()
        [0.119203, 0.5, 0.880797]
    """
    # by the smaller of both weights: that of the excited state overflows where it is inverted and cold
    weight = boltzmann_factor(np.abs(T), gap=np.abs(gap))
    return np.where(np.signbit(T) ^ np.signbit(gap), 1.0, weight) / (1 + weight)


def boltzmann_factor(T: Array | float, *, gap: Array | float = 1.0) -> Array:
    r"""Weight of $|1\rangle$ relative to $|0\rangle$, $e^{-\varepsilon/T}$, which is 0 where $\varepsilon/T$ overflows.

    Args:
        T: Temperature, any shape, in the unit of `gap` over $k_B$.
        gap: Level spacing $\varepsilon > 0$, a number or of the same shape.

    Returns:
        Values of at least 0, dimensionless, same shape.

    Examples:
        >>> float(boltzmann_factor(1.0).round(6))  # 1/e
        0.367879
    """
    with np.errstate(over="ignore"):
        return np.exp(-gap / np.asarray(T, dtype=float))


def effective_beta(energy: Array, *, gap: float = 1.0, resolution: Array | float = 0.0) -> Array:
    r"""Inverse temperature of a qubit by its energy, $\beta = \ln[(1-p)/p]/\varepsilon$, $p = E/\varepsilon$.

    The Gibbs state of this $\beta$ has the qubit's populations; its coherence plays no part (Chantesana et al.,
    AQIS 2025). It orders by heat: larger is colder, and an inverted qubit, $\beta < 0$, is hotter than any other.

    Args:
        energy: Energy above the ground state, any shape, in the unit of `gap`; see `energy`.
        gap: Level spacing $\varepsilon > 0$, a number or of the same shape.
        resolution: What one count is of all shots, any shape that broadcasts. Estimates of p nearer to 0 or 1 than half
            a count are taken as half a count, as in the empirical logit (Anscombe, Biometrika 43, 461 (1956)); 0 for
            exact energies.

    Returns:
        Values in [-inf, inf], per unit of `gap`, same shape: inf where p <= 0, -inf where p >= 1, but finite with a
        resolution.

    Examples:
        >>> effective_beta(np.array([0.0, 1 / (1 + np.e), 0.5, 1.0])).round(6).tolist()
        [inf, 1.0, 0.0, -inf]
        >>> float(effective_beta(np.array(0.0), resolution=0.005).round(6))  # ln 399
        5.988961
    """
    half = np.minimum(np.asarray(resolution) / 2, 0.5)
    p = np.clip(np.asarray(energy) / gap, np.where(half > 0, half, -np.inf), np.where(half > 0, 1 - half, np.inf))
    logarithm = np.log(np.where(p >= 1, 1.0, 1 - p)) - np.log(np.where(p <= 0, 1.0, p))
    # Beyond 0 and 1 there is only counting noise, which cannot be colder than the ground state. NaN stays NaN.
    return np.where(p <= 0, np.inf, np.where(p >= 1, -np.inf, logarithm / gap))[()]


def effective_temperature(energy: Array, *, gap: float = 1.0) -> Array:
    r"""Temperature of a qubit by its energy, $T = 1/\beta$ in units of $1/k_B$; see `effective_beta`.

    It does not order by heat: an inverted qubit has $T < 0$ and is hotter than any with $T > 0$.

    Args:
        energy: Energy above the ground state, any shape, in the unit of `gap`.
        gap: Level spacing $\varepsilon > 0$, a number or of the same shape.

    Returns:
        Values in [-inf, inf], in the unit of `gap`, same shape: inf at p = 1/2, 0 where p <= 0, -0.0 where p >= 1.

    Examples:
        >>> effective_temperature(np.array([0.0, 1 / (1 + np.exp(0.5)), 0.5])).round(6).tolist()
        [0.0, 2.0, inf]
    """
    beta = effective_beta(energy, gap=gap)
    return np.divide(1.0, beta, out=np.full(np.shape(beta), np.inf), where=beta != 0)[()]


def ergotropy(rho: Array, *, gaps: Sequence[float] | None = None, spectrum: Array | None = None) -> Array:
    r"""Largest mean work by a unitary, $\mathrm{Tr}\,\rho H - \sum_k r_k^\downarrow \epsilon_k^\uparrow$.

    $r_k^\downarrow$ are the falling eigenvalues of $\rho$, $\epsilon_k^\uparrow$ the rising ones of
    $H = \sum_i \varepsilon_i |1\rangle\langle 1|_i$ (Allahverdyan, Balian & Nieuwenhuizen, EPL 67, 565 (2004)).

    Args:
        rho: Density matrices of n qubits, shape (..., 2^n, 2^n).
        gaps: Level spacings $\varepsilon_i$, leftmost qubit first; all 1 if not given.
        spectrum: Ascending eigenvalues of the states, shape (..., 2^n), if they are known already.

    Returns:
        Values in [0, sum of the gaps], in the unit of `gaps`, shape (...).

    Raises:
        ValueError: If the last two axes are not (2^n, 2^n), or the number of gaps is not n.

    Examples:
        >>> float(ergotropy(np.diag([0.25, 0.75])))
        0.5
    """
    rho, n = qubit_register(rho)
    gaps = (1.0,) * n if gaps is None else gaps
    if len(gaps) != n:
        raise ValueError(
            f"Argument `gaps` must have {n} entries, one a qubit, but has {len(gaps)}. Leave it out for unit gaps."
        )
    levels = outcome_bits(n) @ np.asarray(gaps, float)
    passive = (eigenvalues(rho) if spectrum is None else spectrum)[..., ::-1] @ np.sort(levels)
    return populations(rho) @ levels - passive
