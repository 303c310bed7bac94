r"""Micadei's correlation on every bond of a chain, and an exact ensemble of it at any N.

    rho = tau_1 x .. x tau_N + sum_i [c_i |10><01| + c_i^* |01><10|]_{i,i+1} x tau_rest ,   c_i = alpha e^{i phase_i}

(Micadei et al., Nat. Commun. 10, 2456 (2019) for two; the chain is constructed here.) All sites are thermal, and
C_{i,i+1} = c_i, so energies and currents are those of the Gaussian state with the same C. The state is not Gaussian.

Positivity: divided by the square roots of the product's populations, rho is 1 + sum_i g_i (s+_i s-_{i+1} + h.c.) with
g_i = |c_i| / sqrt(p_i (1-p_i) p_{i+1} (1-p_{i+1})). Those are free fermions of hopping g, whose lowest energy is minus
the sum of the positive eigenvalues: rho >= 0 if and only if that sum is at most 1.

Ensemble: between computational states b, b' that differ by one hop rho has m, |m| = |c_i| tau_rest. With the axes of
the sites turned all m are negative and rho is an M-matrix: there is x > 0 with rho x >= 0, and rho is what is left on
the diagonal, (rho x)_b / x_b, plus |m| [[x_b'/x_b, -1], [-1, x_b/x_b']] of every hop, a state by itself: two neighbours
that share an excitation, all others computational. Every member has one number of excitations, and one partial swap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from protocols.chain.orbitals import hopping
from protocols.chain.starts import occupied, spread_steps, spread_values
from protocols.collisions import Operation, computational
from protocols.types import Array

DELTA = 1e-12
"""Added to rho where it is inverted: at the bound of positivity an eigenvalue is 0."""


def bound(p: Array, sizes: Array | float = 1.0) -> Array:
    """By how much |c_i| may be multiplied until rho is not positive, (points,); of equal ones of size 1 their bound.

    Args:
        p: Excited populations, shape (points, N).
        sizes: |c_i|, shape (points, N-1); 1: equal ones.

    Examples:
        >>> bound(np.array([[0.268941, 0.377541, 0.268941]])).round(6).tolist()
        [0.151994]
    """
    root = np.sqrt(p * (1 - p))
    g = sizes / np.maximum(root[:, :-1] * root[:, 1:], 1e-300)
    with np.errstate(divide="ignore"):
        return 2 / np.abs(np.linalg.eigvalsh(hopping(g))).sum(axis=1)


def hops(sites: int) -> list[tuple[int, int, int]]:
    """Bond and the two computational states, (10, 01) there, of every hop of one excitation.

    Args:
        sites: N.

    Examples:
        >>> hops(2)
        [(0, 2, 1)]
    """
    return list(_hops(sites))


def coherent_weights(p: Array, sizes: Array) -> Array:
    """Weight of every member, (points, 2**N + hops): computational states first, then those that share an excitation.

    Args:
        p: Excited populations, shape (points, N).
        sizes: |c_i|, shape (points, N-1).
    """
    diagonal, ratios, strength = _parts(p, sizes)
    of_hops, left = strength * (ratios + 1 / ratios), diagonal.copy()
    for k, (_, b, c) in enumerate(hops(p.shape[1])):
        left[:, b] -= strength[:, k] * ratios[:, k]
        left[:, c] -= strength[:, k] / ratios[:, k]
    weights = np.concatenate([np.maximum(left, 0.0), of_hops], axis=1)
    return weights / weights.sum(axis=1, keepdims=True)


def coherent_steps(wires: Sequence[str], member: int, name: str) -> list[Operation]:
    """From |0..0> to a member.

    Args:
        wires: Along the line.
        member: Its number.
        name: Under which `coherent_values` has its angles.
    """
    if member < 2 ** len(wires):
        return computational(member, wires)
    hop = member - 2 ** len(wires)
    bond, b, c = hops(len(wires))[hop]
    return [*computational(b & c, wires), *spread_steps(wires[bond : bond + 2], f"{name}_{hop}")]


def coherent_values(p: Array, coherences: Array, name: str) -> Mapping[str, Array]:
    """Angles of all members by name, (points,) each [rad].

    Args:
        p: Excited populations, shape (points, N).
        coherences: c_i, shape (points, N-1).
        name: As in `coherent_steps`.
    """
    _, ratios, _ = _parts(p, np.abs(coherences))
    found: dict[str, Array] = {}
    for k, (bond, _, _) in enumerate(hops(p.shape[1])):
        first = np.sqrt(ratios[:, k]) * np.exp(1j * np.angle(coherences[:, bond]))
        found |= spread_values(np.stack([first, 1 / np.sqrt(ratios[:, k])], axis=1), f"{name}_{k}")
    return found


def _hops(sites: int) -> Iterator[tuple[int, int, int]]:
    for bond in range(sites - 1):
        first, second = (1 << (sites - 1 - i) for i in (bond, bond + 1))
        for rest in range(2**sites):
            if not rest & (first | second):
                yield bond, rest | first, rest | second


def _parts(p: Array, sizes: Array) -> tuple[Array, Array, Array]:
    """Diagonal of rho (points, 2**N); x_c/x_b and |m| of every hop (points, hops)."""
    diagonal, root = occupied(p), np.sqrt(p * (1 - p))
    M = diagonal[:, :, None] * np.eye(diagonal.shape[1]) + 0.0
    strength = np.zeros((len(p), len(hops(p.shape[1]))))
    for k, (bond, b, c) in enumerate(hops(p.shape[1])):
        pair = np.maximum(root[:, bond] * root[:, bond + 1], 1e-300)
        # tau_rest, from the populations of both states: sqrt(P_b P_c) = pair tau_rest
        strength[:, k] = sizes[:, bond] * np.sqrt(diagonal[:, b] * diagonal[:, c]) / pair
        M[:, b, c] = M[:, c, b] = -strength[:, k]
    regular = M + DELTA * np.eye(M.shape[1])
    x = np.linalg.solve(regular, np.ones((*diagonal.shape, 1)))[..., 0]
    _, b, c = np.array(hops(p.shape[1])).T
    return diagonal, x[:, c] / x[:, b], strength
