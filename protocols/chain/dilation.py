r"""Two sites between two baths without memory, for a whole time in one network: the exact dilation.

Excited populations relax with rates Gamma_k towards p_k, coherences with Gamma_k/2, while h moves excitations. The
equation is that of free fermions, so that C_ij = Tr[rho s+_j s-_i] is all it needs,

    dC/dt = K C + C K^+ + diag(Gamma p),   K = -i h - diag(Gamma)/2,   C(t) = W C_0 W^+ + N(t),   W = e^{Kt},

N = X - W X W^+ with K X + X K^+ = -diag(Gamma p). By the singular values W = V_1 c V_2^+ and s = sqrt(1 - c^2), two
more sites, thermal with the populations q of the eigenvectors R of Q = s^{-1} V_1^+ N V_1 s^{-1}, do the same by

    u = [[W, V_1 s R], [-s V_2^+, c R]],

a unitary of four sites: six partial swaps at any time, and no error of time steps. It is exact for every start that
keeps the number of excitations, for both maps are those of free fermions and agree on C.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols.chain.network import network, network_values
from protocols.quantities import excited_population
from protocols.types import Array

LEAST = 1e-7
"""Of s: below it nothing has met a bath, Q would be rounding, and is its limit, the baths' own populations."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """C(t) = W C_0 W^+ + N, at many points at once."""

    kept: Array
    """(points, 2, 2) W."""
    given: Array
    """(points, 2, 2) N, what comes from the baths."""
    populations: Array
    """(points, 2) p of the baths."""


def relaxation(h: Array, rates: Array, populations: Array, time: Array) -> Relaxation:
    """What two sites keep of their start and what baths give them.

    Args:
        h: Hamiltonian of one excitation, shape (points, 2, 2) [gap].
        rates: Gamma of both sites, shape (points, 2) [gap/hbar].
        populations: p of both baths, shape (points, 2).
        time: t, shape (points,) [hbar/gap].

    Examples:
        >>> one = relaxation(np.zeros((1, 2, 2)), np.ones((1, 2)), np.full((1, 2), 0.25), np.array([np.log(2)]))
        >>> one.kept[0].real.round(6).tolist(), one.given[0].real.round(6).tolist()
        ([[0.707107, 0.0], [0.0, 0.707107]], [[0.125, 0.0], [0.0, 0.125]])
    """
    from scipy.linalg import expm

    two = np.eye(2)
    K = -1j * h - rates[:, :, None] * two / 2
    W = np.stack([expm(one * t) for one, t in zip(K, time, strict=True)])
    # K X + X K^+ = -D on rows of X; without any rate D is 0, and so is the least X
    left = np.einsum("pij,kl->pikjl", K, two) + np.einsum("ij,pkl->pikjl", two, K.conj())
    D = (rates * populations)[:, :, None] * two
    X = -(np.linalg.pinv(left.reshape(-1, 4, 4)) @ D.reshape(-1, 4, 1)).reshape(-1, 2, 2)
    return Relaxation(kept=W, given=X - W @ X @ _adjoint(W), populations=populations)


def dilation(made: Relaxation) -> tuple[Array, Array]:
    """The unitary of ancilla, site, site, ancilla along the line, and the populations of both ancillas.

    Args:
        made: Of two sites.

    Returns:
        u of shape (points, 4, 4) and q of shape (points, 2), the smaller one first.
    """
    V1, c, V2 = np.linalg.svd(made.kept)
    c = np.minimum(c, 1.0)
    s = np.sqrt((1 - c) * (1 + c))
    inverse = 1 / np.maximum(s, LEAST)
    Q = inverse[:, :, None] * (_adjoint(V1) @ made.given @ V1) * inverse[:, None, :]
    limit = _adjoint(V1) @ (made.populations[:, :, None] * V1)
    Q = np.where((s[:, :, None] > LEAST) & (s[:, None, :] > LEAST), Q, limit)
    q, R = np.linalg.eigh((Q + _adjoint(Q)) / 2)
    sites = np.concatenate([made.kept, V1 @ (s[:, :, None] * R)], axis=2)
    ancillas = np.concatenate([-_adjoint(R) @ (s[:, :, None] * V2), _adjoint(R) @ (c[:, :, None] * R)], axis=2)
    u = np.concatenate([sites, ancillas], axis=1)
    line = [2, 0, 1, 3]
    return u[:, line][:, :, line], np.clip(q, 0.0, 1.0)


def dilation_values(known: Mapping[str, Array], name: str) -> dict[str, Array]:
    """Angles of the network under that name, and the populations q_ancilla_1, q_ancilla_2 of its ends, (points,) each.

    With V = Omega (e^{i phi_V} |01><10| + h.c.) the amplitude of A goes to B with Omega e^{i phi_V}.

    Args:
        known: coupling, coupling_phase, rate_A, rate_B, T_A, T_B and time by name, (points,) each.
        name: As of `network_steps`.
    """
    moved = known["coupling"] * np.exp(1j * known["coupling_phase"])
    h = np.zeros((len(moved), 2, 2), dtype=complex)
    h[:, 1, 0], h[:, 0, 1] = moved, moved.conj()
    rates = np.stack([known["rate_A"], known["rate_B"]], axis=1)
    p = np.stack([excited_population(known[f"T_{q}"]) for q in "AB"], axis=1)
    u, q = dilation(relaxation(h, rates, p, known["time"]))
    return {**network_values(network(u), name), "q_ancilla_1": q[:, 0], "q_ancilla_2": q[:, 1]}


def _adjoint(matrix: Array) -> Array:
    return matrix.conj().swapaxes(-1, -2)
