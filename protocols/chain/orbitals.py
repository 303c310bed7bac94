r"""Partial swaps along a line are free fermions: all about a chain from the N x N density matrix of its orbitals.

    H = sum_i J_i (s+_i s-_{i+1} + h.c.),   C_ij = Tr[rho s+_j s-_i]   (a Jordan-Wigner string between sites apart)

C_ii is the excited population. Under H and under every network of partial swaps C -> u C u^+, u = exp(-i h t) with
h_{i,i+1} = J_i: exact for any state and any N. Where the state is Gaussian (thermal products, one excitation, mixtures
of orbitals that are filled independently), entropies of neighbouring sites follow from C as well: those of the
eigenvalues of the block, one bit each (Peschel, J. Phys. A 36, L205 (2003)).
"""

from __future__ import annotations

import numpy as np

from protocols.quantities import entropies
from protocols.types import Array


def hopping(couplings: Array) -> Array:
    """h, (..., N, N), real and symmetric.

    Args:
        couplings: J_i of every bond, shape (..., N-1) [gap].
    """
    couplings = np.asarray(couplings, dtype=float)
    sites = couplings.shape[-1] + 1
    h = np.zeros((*couplings.shape[:-1], sites, sites))
    left = np.arange(sites - 1)
    h[..., left, left + 1] = h[..., left + 1, left] = couplings
    return h


def evolution(h: Array, time: Array | float) -> Array:
    """u = exp(-i h t), (..., N, N).

    Args:
        h: Hermitian, shape (..., N, N) [gap].
        time: t, shape (...,) [hbar/gap].

    Examples:
        >>> abs(evolution(hopping([1.0]), np.pi / 2)[0, 1].round(6))
        np.float64(1.0)
    """
    energies, modes = np.linalg.eigh(h)
    turned = np.exp(-1j * energies * np.asarray(time)[..., None])
    return (modes * turned[..., None, :]) @ modes.conj().swapaxes(-1, -2)


def frequencies(couplings: Array) -> Array:
    """Differences of the energies of the modes, with which everything that is linear in C oscillates, (..., pairs).

    Args:
        couplings: J_i of every bond, shape (..., N-1) [gap].

    Examples:
        >>> frequencies([[0.1, 0.1]]).round(6).tolist()  # sqrt(2) J between neighbours, and twice that
        [[0.141421, 0.282843, 0.141421]]
    """
    modes = np.linalg.eigvalsh(hopping(couplings))
    i, j = np.triu_indices(modes.shape[-1], 1)
    return modes[..., j] - modes[..., i]


def strang_layers(sites: int, steps: int) -> list[tuple[tuple[int, ...], bool]]:
    """The layers of a second-order splitting in time: the bonds of each, and whether it is half a step.

    Odd bonds (the first, third, ...) act half a step before and after the even ones; what meets between two steps is
    one layer.

    Args:
        sites: N.
        steps: How many.

    Examples:
        >>> strang_layers(4, 2)
        [((0, 2), True), ((1,), False), ((0, 2), False), ((1,), False), ((0, 2), True)]
    """
    odd, even = tuple(range(0, sites - 1, 2)), tuple(range(1, sites - 1, 2))
    inner = [layer for step in range(steps) for layer in ((even, False), (odd, step == steps - 1))]
    return [(odd, True), *inner]


def strang(couplings: Array, time: Array, steps: int) -> Array:
    """What so many steps of the splitting do instead of exp(-i h t), (points, N, N): the reference of such circuits.

    Args:
        couplings: J_i, shape (points, N-1) [gap].
        time: t, shape (points,) [hbar/gap].
        steps: How many.
    """
    couplings = np.asarray(couplings, dtype=float)
    points, sites = len(couplings), couplings.shape[1] + 1
    u = np.broadcast_to(np.eye(sites, dtype=complex), (points, sites, sites)).copy()
    for bonds, half in strang_layers(sites, steps):
        for i in bonds:
            phi = couplings[:, i] * time / steps * (0.5 if half else 1.0)
            c, s = np.cos(phi)[:, None], -1j * np.sin(phi)[:, None]
            u[:, i], u[:, i + 1] = c * u[:, i] + s * u[:, i + 1], s * u[:, i] + c * u[:, i + 1]
    return u


def evolved(C: Array, u: Array) -> Array:
    """u C u^+, (..., N, N).

    Args:
        C: Orbital density matrices, shape (..., N, N).
        u: Unitaries of one excitation, shape (..., N, N).
    """
    return u @ C @ u.conj().swapaxes(-1, -2)


def energies(C: Array) -> Array:
    """Energy of every site, its excited population, (..., N) [gap].

    Args:
        C: Orbital density matrices, shape (..., N, N).
    """
    return np.real(np.diagonal(C, axis1=-2, axis2=-1))


def bond_currents(C: Array, couplings: Array) -> Array:
    r"""Energy that flows over every bond to the right, (..., N-1) [gap^2/hbar]; dE_i/dt is what comes less what goes.

    .. math:: I_{i \to i+1} = -2\,\mathrm{Im}(J_i C_{i+1,i}) = -(J_i/2) \langle X_i Y_{i+1} - Y_i X_{i+1}\rangle

    Args:
        C: Orbital density matrices, shape (..., N, N).
        couplings: J_i, shape (..., N-1) [gap].
    """
    return -2 * np.asarray(couplings) * np.imag(np.diagonal(C, offset=-1, axis1=-2, axis2=-1))


def block_entropy(C: Array, first: int, sites: int) -> Array:
    r"""Von Neumann entropy of neighbouring sites of a Gaussian state, $\sum_k h(\nu_k)$ of the block, (...,) [nat].

    Args:
        C: Orbital density matrices, shape (..., N, N).
        first: Index of the first site of the block, from 0.
        sites: How many.

    Examples:
        >>> round(float(block_entropy(np.diag([0.5, 0.5]), 0, 2)), 6)  # 2 ln 2
        1.386294
    """
    block = np.asarray(C)[..., first : first + sites, first : first + sites]
    return entropies.binary_entropy(np.clip(np.linalg.eigvalsh(block), 0.0, 1.0)).sum(axis=-1)


def total_correlation(C: Array) -> Array:
    r"""$\sum_i S_i - S$ of a Gaussian state, (...,) [nat].

    Args:
        C: Orbital density matrices, shape (..., N, N).
    """
    return entropies.binary_entropy(np.clip(energies(C), 0.0, 1.0)).sum(axis=-1) - block_entropy(C, 0, C.shape[-1])
