r"""Two qubits between two baths without memory: state, heat and entropy production of the equation itself.

    d rho/dt = -i [H, rho] + sum_k Gamma_k {(1 - p_k) D[s-_k] + p_k D[s+_k]} rho

For a start that keeps the number of excitations these eight real numbers obey a linear equation of their own: both
energies C_kk, the coherence C_BA = Tr[rho s+_A s-_B] (dC/dt = K C + C K^+ + diag(Gamma p), see
`protocols.machines.dilation`), the joint excitation D = <n_A n_B>, which the exchange leaves alone,

    dD/dt = Gamma_A (p_A C_BB - D) + Gamma_B (p_B C_AA - D),

the heat that left each bath, dQ_k/dt = Gamma_k (p_k - C_kk), and 1. They fix the state, whether it is Gaussian or not,
and both entropy productions (signs as in `protocols.machines.open_pair`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols.quantities import entropies, excited_population, reduced
from protocols.types import Array

A, B, REAL, IMAGINARY, BOTH, HEAT_A, HEAT_B, ONE = range(8)


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxed:
    """A pair at its time, at many points at once."""

    state: Array
    """(points, 4, 4)."""
    before: Array
    """(points, 4, 4) the state at time 0."""
    heat: Array
    """(points, 2) energy that left bath A and bath B since [gap]."""
    beta: Array
    """(points, 2) of the baths [1/gap]."""

    @property
    def entropy_production(self) -> Array:
        """Sigma = Delta S_AB - sum Q/T, (points,) [nat]."""
        return entropies.entropy(self.state) - entropies.entropy(self.before) - self._flow

    @property
    def apparent_entropy_production(self) -> Array:
        """Sigma_0 = Delta S_A + Delta S_B - sum Q/T, which ignores correlations, (points,) [nat]."""
        local = [entropies.entropy(reduced(rho, k)) for rho in (self.state, self.before) for k in (0, 1)]
        return local[0] + local[1] - local[2] - local[3] - self._flow

    @property
    def _flow(self) -> Array:
        return (self.beta * self.heat).sum(axis=1)


def relaxed(before: Array, known: Mapping[str, Array]) -> Relaxed:
    """The equation solved, one exponential of eight rows a point.

    Args:
        before: State at time 0 that keeps the number of excitations, shape (points, 4, 4).
        known: coupling, coupling_phase, rate_A, rate_B, T_A, T_B and time by name, (points,) each.

    Examples:
        >>> names = ("coupling", "coupling_phase", "rate_A", "rate_B", "T_A", "T_B", "time")
        >>> known = {name: np.array([x]) for name, x in zip(names, (0.0, 0.0, 0.1, 0.2, 2.0, 1.0, 1000.0))}
        >>> cold = np.diag([1.0, 0, 0, 0])[None] + 0j
        >>> relaxed(cold, known).heat.round(6).tolist()
        [[0.377541, 0.268941]]
    """
    from scipy.linalg import expm

    equation = _equation(known)
    start = np.zeros((len(before), 8))
    excited = np.real(np.diagonal(before, axis1=1, axis2=2))
    start[:, A], start[:, B] = excited[:, 2] + excited[:, 3], excited[:, 1] + excited[:, 3]
    start[:, REAL], start[:, IMAGINARY] = np.real(before[:, 1, 2]), np.imag(before[:, 1, 2])
    start[:, BOTH], start[:, ONE] = excited[:, 3], 1.0
    found = np.stack([expm(one * t) @ x for one, t, x in zip(equation, known["time"], start, strict=True)])
    with np.errstate(divide="ignore"):
        beta = np.stack([1 / known["T_A"], 1 / known["T_B"]], axis=1)
    return Relaxed(state=_state(found), before=before, heat=found[:, [HEAT_A, HEAT_B]], beta=beta)


def _equation(known: Mapping[str, Array]) -> Array:
    """dx/dt = M x, (points, 8, 8).

    rho_{01,10} = c gets -i <01|[V, rho]|10> = -i Omega e^{i phi} (E_A - E_B), and E_A gets 2 Omega Im(e^{-i phi} c).
    """
    p = {q: excited_population(known[f"T_{q}"]) for q in "AB"}
    rate = {q: known[f"rate_{q}"] for q in "AB"}
    cos, sin = (known["coupling"] * f(known["coupling_phase"]) for f in (np.cos, np.sin))
    M = np.zeros((len(cos), 8, 8))
    for place, heat, q, sign in ((A, HEAT_A, "A", 1), (B, HEAT_B, "B", -1)):
        M[:, place, place], M[:, place, ONE] = -rate[q], rate[q] * p[q]
        M[:, place, IMAGINARY], M[:, place, REAL] = sign * 2 * cos, -sign * 2 * sin
        M[:, REAL, place], M[:, IMAGINARY, place] = sign * sin, -sign * cos
        M[:, heat, place], M[:, heat, ONE] = -rate[q], rate[q] * p[q]
        M[:, BOTH, B if q == "A" else A] = rate[q] * p[q]
    M[:, REAL, REAL] = M[:, IMAGINARY, IMAGINARY] = -(rate["A"] + rate["B"]) / 2
    M[:, BOTH, BOTH] = -(rate["A"] + rate["B"])
    return M


def _state(x: Array) -> Array:
    """(points, 4, 4) from the eight numbers."""
    rho = np.zeros((len(x), 4, 4), dtype=complex)
    rho[:, 0, 0] = 1 - x[:, A] - x[:, B] + x[:, BOTH]
    rho[:, 1, 1], rho[:, 2, 2], rho[:, 3, 3] = x[:, B] - x[:, BOTH], x[:, A] - x[:, BOTH], x[:, BOTH]
    rho[:, 1, 2] = x[:, REAL] + 1j * x[:, IMAGINARY]
    rho[:, 2, 1] = rho[:, 1, 2].conj()
    return rho
