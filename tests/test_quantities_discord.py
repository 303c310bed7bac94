"""Quantum discord against closed forms, independent minimisations and inequalities of physics."""

from __future__ import annotations

import re

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from protocols.pair import coherent, entangled, product
from protocols.quantities import (
    SLAB,
    discord,
    entanglement_of_formation,
    entropy,
    geometric_discord,
    mutual_information,
    negativity,
    purity,
    quantum_discord,
    reduced,
)

LN2 = np.log(2)
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
BELL = np.array([[1, 0, 0, 1], [1, 0, 0, -1], [0, 1, 1, 0], [0, 1, -1, 0]]) / np.sqrt(2)

seeds = st.integers(0, 2**32 - 1)
ranks = st.integers(1, 4)
sides = st.integers(0, 1)
fractions = st.floats(0.0, 1.0)
deterministic = examples(60)


# States by construction, shape (count, d, d)


def adjoint(matrices: np.ndarray) -> np.ndarray:
    return np.swapaxes(matrices.conj(), -1, -2)


def random_complex(rng, *shape: int) -> np.ndarray:
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


def random_states(rng, count: int, rank: int = 4, dim: int = 4) -> np.ndarray:
    factor = random_complex(rng, count, dim, rank)
    rho = factor @ adjoint(factor)
    return rho / np.trace(rho, axis1=-2, axis2=-1)[:, None, None]


def random_unitaries(rng, count: int, dim: int = 2) -> np.ndarray:
    return np.linalg.qr(random_complex(rng, count, dim, dim))[0]


def kron(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    joint = np.einsum("...ab,...cd->...acbd", left, right)
    return joint.reshape(*joint.shape[:-4], 4, 4)


def turned(rho: np.ndarray, unitary: np.ndarray) -> np.ndarray:
    return unitary @ rho @ adjoint(unitary)


def swapped(rho: np.ndarray) -> np.ndarray:
    return rho[..., [0, 2, 1, 3], :][..., [0, 2, 1, 3]]


def on_side(side: int, measured: np.ndarray, other: np.ndarray) -> np.ndarray:
    return kron(measured, other) if side == 0 else kron(other, measured)


def locally_filtered(rho: np.ndarray, side: int, weight: float) -> np.ndarray:
    """A nearly pure measured qubit: its |1> suppressed, correlations of the small remainder kept."""
    kept = on_side(side, np.diag([1.0, weight]), np.eye(2))
    small = kept @ rho @ kept
    return small / np.trace(small, axis1=-2, axis2=-1)[..., None, None]


def random_x_states(rng, count: int) -> np.ndarray:
    p = rng.dirichlet([0.7] * 4, count)
    rho = np.zeros((count, 4, 4), complex)
    rho[:, range(4), range(4)] = p
    for i, j in ((1, 2), (0, 3)):
        share = np.sqrt(rng.random(count)) * np.exp(1j * rng.uniform(-np.pi, np.pi, count))
        rho[:, i, j] = share * np.sqrt(p[:, i] * p[:, j])
        rho[:, j, i] = rho[:, i, j].conj()
    return rho


def bell_diagonal(weights: np.ndarray) -> np.ndarray:
    return np.einsum("...k,ki,kj->...ij", weights, BELL, BELL)


def classical_quantum(rng, side: int) -> np.ndarray:
    """sum_k p_k |k><k| x rho_k in a random basis of the measured qubit, with the rho_k of random rank."""
    basis, weights = random_unitaries(rng, 1)[0], rng.dirichlet([1, 1])
    return sum(
        p * on_side(side, np.outer(ket, ket.conj()), random_states(rng, 1, int(rng.integers(1, 3)), 2)[0])
        for p, ket in zip(weights, basis.T, strict=True)
    )


def exchange(angle: float) -> np.ndarray:
    unitary = np.eye(4, dtype=complex)
    unitary[1:3, 1:3] = [[np.cos(angle), -1j * np.sin(angle)], [-1j * np.sin(angle), np.cos(angle)]]
    return unitary


def shannon(*weights) -> np.ndarray:
    p = np.stack(np.broadcast_arrays(*weights), axis=-1)
    return -(p * np.log(np.where(p > 0, p, 1.0))).sum(-1)


# Independent routes


def conditional_entropy(rho: np.ndarray, side: int, n: np.ndarray) -> np.ndarray:
    """sum_k p_k S(other | k) for directions n of shape (..., 3), from projectors and spectra."""
    spin = np.einsum("...i,ijk->...jk", n, PAULI)
    total = np.zeros(n.shape[:-1])
    for sign in (1, -1):
        projector = on_side(side, (np.eye(2) + sign * spin) / 2, np.broadcast_to(np.eye(2), spin.shape))
        spectrum = np.linalg.eigvalsh(reduced(projector @ rho @ projector, 1 - side))
        total += shannon(*np.moveaxis(spectrum, -1, 0)) - shannon(spectrum.sum(-1))
    return total


def direction(angles: np.ndarray) -> np.ndarray:
    theta, phi = np.moveaxis(np.asarray(angles), -1, 0)
    return np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=-1)


GRID = np.stack(np.meshgrid(np.linspace(0, np.pi / 2, 24), np.linspace(0, 2 * np.pi, 49), indexing="ij"), axis=-1)


def discord_by_brute_force(rho: np.ndarray, side: int) -> float:
    coarse = conditional_entropy(rho, side, direction(GRID)).ravel()
    starts = GRID.reshape(-1, 2)[np.argsort(coarse)[[0, 5, 40]]]
    least = min(
        minimize(
            lambda angles: float(conditional_entropy(rho, side, direction(angles))),
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-13},
        ).fun
        for start in starts
    )
    return float(entropy(reduced(rho, side)) - entropy(rho)) + least


def discord_of_rank_two(rho: np.ndarray, side: int) -> np.ndarray:
    """Koashi and Winter, PRA 69, 022309 (2004): the least conditional entropy is an entanglement of formation.

    It is that of the unmeasured qubit with the qubit that purifies the pair; ensembles of two pure states reach it
    (Wootters), and projective measurements make them.
    """
    values, vectors = np.linalg.eigh(rho)
    psi = (vectors[:, :, 2:] * np.sqrt(values[:, None, 2:])).reshape(-1, 2, 2, 2)
    psi = psi if side == 0 else psi.swapaxes(1, 2)  # measured, other, purifying
    pair = np.einsum("lmop,lmqr->lopqr", psi, psi.conj()).reshape(-1, 4, 4)
    return entropy(reduced(rho, side)) - entropy(rho) + LN2 * entanglement_of_formation(pair)


def x_state_discord(rho: np.ndarray, side: int) -> np.ndarray:
    """Ali, Rau and Alber: the better of measuring sigma_z and the best equatorial spin. Never too low."""
    rho = rho if side == 0 else swapped(rho)
    p = np.moveaxis(np.real(np.diagonal(rho, axis1=-2, axis2=-1)), -1, 0)
    measured = shannon(p[0] + p[1], p[2] + p[3])
    along_z = shannon(*p) - measured
    length = np.hypot(p[0] + p[2] - p[1] - p[3], 2 * (np.abs(rho[..., 1, 2]) + np.abs(rho[..., 0, 3])))
    equatorial = shannon((1 + length) / 2, (1 - length) / 2)
    return measured - entropy(rho) + np.minimum(along_z, equatorial)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("rank", [2, 3, 4])
def test_the_discord_of_random_states_is_the_brute_force_minimum(rank, side):
    states = random_states(np.random.default_rng([1, rank, side]), 12, rank)
    expected = [discord_by_brute_force(rho, side) for rho in states]
    assert discord(states, side) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("kind", ["x", "tilted x", "bell-diagonal", "product", "nearly pure", "nearly product"])
def test_the_discord_of_special_states_is_the_brute_force_minimum(kind, side):
    rng = np.random.default_rng([2, side, len(kind)])
    factors = random_states(rng, 8, 2, 2), random_states(rng, 8, 1, 2)
    x_states, local = random_x_states(rng, 8), kron(random_unitaries(rng, 8), random_unitaries(rng, 8))
    states = {
        "x": x_states,
        "tilted x": 0.99 * turned(x_states, local) + 0.01 * random_states(rng, 8, 3),
        "bell-diagonal": turned(bell_diagonal(rng.dirichlet([0.5] * 4, 8)), local),
        "product": kron(*factors),
        "nearly pure": locally_filtered(random_states(rng, 8, 3), side, 0.1),
        "nearly product": 0.999 * kron(*factors) + 0.001 * random_states(rng, 8),
    }[kind]
    expected = [discord_by_brute_force(rho, side) for rho in states]
    assert discord(states, side) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(("weight", "tolerance"), [(1.0, 2e-12), (0.1, 2e-12), (0.01, 2e-11), (0.001, 2e-9)])
def test_at_rank_two_the_discord_follows_from_an_entanglement_of_formation(side, weight, tolerance):
    rng = np.random.default_rng([3, side])
    filtered = locally_filtered(random_states(rng, 2000, 2), side, weight)
    states = turned(filtered, kron(random_unitaries(rng, 2000), random_unitaries(rng, 2000)))
    assert discord(states, side) == pytest.approx(discord_of_rank_two(states, side), abs=tolerance)


# Closed forms


@pytest.mark.parametrize("side", [0, 1])
def test_a_bell_state_has_the_discord_of_a_bit_and_a_geometric_discord_of_a_half(side):
    states = bell_diagonal(np.eye(4))
    assert discord(states, side) == pytest.approx([LN2] * 4, abs=1e-12)
    assert geometric_discord(states, side) == pytest.approx([0.5] * 4, abs=1e-12)


@pytest.mark.parametrize("side", [0, 1])
def test_a_pure_state_has_the_entropy_of_its_half_as_discord(side):
    states = random_states(np.random.default_rng(4), 300, 1)
    assert discord(states, side) == pytest.approx(entropy(reduced(states, 0)), abs=1e-12)


@given(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4).filter(lambda p: sum(p) > 0), sides)
@deterministic
def test_a_bell_diagonal_state_follows_luo(weights, side):
    # Luo, PRA 77, 042303 (2008): the best measurement is along the largest |c_i|, rho = (1 + sum c_i s_i x s_i)/4
    p = np.array(weights) / sum(weights)
    rho = bell_diagonal(p)
    c = np.abs([p[0] - p[1] + p[2] - p[3], -p[0] + p[1] + p[2] - p[3], p[0] + p[1] - p[2] - p[3]])
    classical = LN2 - shannon((1 + c.max()) / 2, (1 - c.max()) / 2)
    assert discord(rho, side) == pytest.approx(2 * LN2 - shannon(*p) - classical, abs=2e-12)
    assert geometric_discord(rho, side) == pytest.approx((np.sum(c**2) - c.max() ** 2) / 4, abs=1e-12)
    assert x_state_discord(rho, side) == pytest.approx(discord(rho, side), abs=2e-12)


@pytest.mark.parametrize("p", [0.0, 1e-4, 0.2, 1 / 3, 0.5, 0.9, 1.0])
def test_a_werner_state_has_discord_without_entanglement(p):
    rho = bell_diagonal(np.array([0, 0, 0, p]) + (1 - p) / 4)
    levels = shannon((1 + 3 * p) / 4, *[(1 - p) / 4] * 3)
    expected = LN2 - levels + shannon((1 + p) / 2, (1 - p) / 2)
    for side in (0, 1):
        assert discord(rho, side) == pytest.approx(expected, abs=1e-12)
        assert geometric_discord(rho, side) == pytest.approx(p**2 / 2, abs=1e-12)
    if 0 < p <= 1 / 3:
        assert expected > 0
        assert negativity(rho) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("side", [0, 1])
def test_a_thermal_product_and_a_classically_correlated_state_have_no_discord(side):
    thermal = product(np.array([2.0, 0.1, 50.0]), np.array([1.0, 0.02, 50.0])).matrix
    diagonal = np.array([np.diag(p) for p in np.random.default_rng(5).dirichlet([0.5] * 4, 50)])
    for states in (thermal, diagonal, np.diag([1.0, 0, 0, 0]), np.diag([0.5, 0, 0, 0.5]), np.eye(4) / 4):
        assert discord(states, side) == pytest.approx(0, abs=2e-12)
        assert geometric_discord(states, side) == pytest.approx(0, abs=1e-15)
    assert mutual_information(diagonal).max() > 0.1


@pytest.mark.parametrize("side", [0, 1])
def test_the_correlated_thermal_pairs_follow_the_x_state_formula(side):
    rng = np.random.default_rng([6, side])
    hot, cold = 10 ** rng.uniform(-1, 1, (2, 500))
    phase = rng.uniform(-np.pi, np.pi, 500)
    populations = product(hot, cold).populations
    alpha = rng.uniform(-1, 1, 500) * np.sqrt(populations[:, 1] * populations[:, 2])
    for states in (entangled(hot, cold, rng.random(500), phase).matrix, coherent(hot, cold, alpha, phase).matrix):
        assert discord(states, side) == pytest.approx(x_state_discord(states, side), abs=2e-12)
        assert discord(states, side).max() > 0.1


@pytest.mark.parametrize("side", [0, 1])
def test_the_x_state_formula_is_never_too_low_and_not_always_right(side):
    states = random_x_states(np.random.default_rng([7, side]), 3000)
    assert np.all(discord(states, side) <= x_state_discord(states, side) + 2e-12)
    rng = np.random.default_rng([8, side])
    tilted = turned(states, kron(random_unitaries(rng, 3000), random_unitaries(rng, 3000)))
    assert discord(tilted, side) == pytest.approx(discord(states, side), abs=1e-9)
    # The optimum of this one lies between the pole and the equator (Lu et al., PRA 83, 012327 (2011)).
    rho = np.diag([0.0783, 0.1250, 0.1250, 0.6717])
    rho[1, 2] = rho[2, 1] = 0.1
    assert x_state_discord(rho, side) - discord(rho, side) > 6e-6
    assert discord(rho, side) == pytest.approx(discord_by_brute_force(rho, side), abs=1e-9)


def test_the_optimally_correlated_pair_loses_its_discord_where_it_becomes_a_product():
    rho = entangled(np.array([2.0]), np.array([1.0]), np.ones(1), np.array([np.pi / 2])).matrix[0]
    end = turned(rho, exchange(7.010056 * 0.1))  # Omega = 0.1: the time of the largest energy difference
    assert discord(rho, 0) > 0.3
    for side in (0, 1):
        assert discord(end, side) == pytest.approx(0, abs=1e-9)


def test_the_micadei_pair_has_the_geometric_discord_of_the_reference_and_ends_classical():
    # J = 215.1 Hz, eps = 4.135668 peV, T = 4.30 and 3.66 peV, alpha = -0.19; angle pi J t
    gap = 4.135668
    rho = coherent(np.array([4.30 / gap]), np.array([3.66 / gap]), np.array([-0.19]), np.zeros(1)).matrix[0]
    dm = np.diag([1, np.exp(1j * np.pi / 4), np.exp(-1j * np.pi / 4), 1])  # phi_V = pi/2 by local turns of XX + YY
    for time, expected in [(0, 0.07220), (0.55238, 0.03301), (1.10476, 0), (1.65714, 0.03406), (2.32, 0.07227)]:
        after = turned(rho, dm @ exchange(np.pi * 0.2151 * time) @ dm.conj())
        for side in (0, 1):
            assert geometric_discord(after, side) == pytest.approx(expected, abs=5.1e-6)
            assert (discord(after, side) < 1e-3) == (expected == 0)
            assert negativity(after) == pytest.approx(0, abs=1e-15)


# Laws that hold for every state


@given(seeds, ranks, sides)
@deterministic
def test_the_discord_stays_within_its_bounds(seed, rank, side):
    rho = random_states(np.random.default_rng(seed), 1, rank)[0]
    value = discord(rho, side)
    assert 0 <= value <= LN2
    assert value <= min(entropy(reduced(rho, side)), mutual_information(rho)) + 1e-11
    assert 0 <= geometric_discord(rho, side) <= 0.5


@given(seeds, ranks, sides)
@deterministic
def test_no_local_unitary_changes_a_discord_and_the_qubits_are_treated_alike(seed, rank, side):
    rng = np.random.default_rng(seed)
    rho = random_states(rng, 1, rank)[0]
    after = turned(rho, kron(random_unitaries(rng, 1), random_unitaries(rng, 1))[0])
    for quantity, tolerance in ((discord, 1e-11), (geometric_discord, 1e-14)):
        assert quantity(after, side) == pytest.approx(quantity(rho, side), abs=tolerance)
        assert quantity(swapped(rho), 1 - side) == pytest.approx(quantity(rho, side), abs=tolerance)


@given(seeds, sides)
@deterministic
def test_a_classical_quantum_state_has_discord_on_its_quantum_side_alone(seed, side):
    rho = classical_quantum(np.random.default_rng(seed), side)
    assert discord(rho, side) == pytest.approx(0, abs=1e-10)
    assert geometric_discord(rho, side) == pytest.approx(0, abs=1e-15)
    assert discord(rho, 1 - side) > 1e-9


@given(seeds, ranks, sides)
@deterministic
def test_a_channel_on_the_other_qubit_does_not_raise_the_discord(seed, rank, side):
    rng = np.random.default_rng(seed)
    rho = random_states(rng, 1, rank)[0]
    isometry = random_unitaries(rng, 1, 8)[0][:, :2].reshape(4, 2, 2)  # four Kraus operators
    kraus = [on_side(side, np.eye(2), operator) for operator in isometry]
    after = sum(operator @ rho @ operator.conj().T for operator in kraus)
    assert np.trace(after).real == pytest.approx(1, abs=1e-12)
    assert discord(after, side) <= discord(rho, side) + 1e-11


@given(seeds, ranks, sides)
@deterministic
def test_the_geometric_discord_is_the_least_purity_lost_to_a_measurement(seed, rank, side):
    # Luo and Fu, PRA 82, 034302 (2010). The dephased states have zero discord, so none may come closer.
    rho = random_states(np.random.default_rng(seed), 1, rank)[0]
    spin = np.einsum("...i,ijk->...jk", direction(GRID), PAULI)
    flip = on_side(side, spin, np.broadcast_to(np.eye(2), spin.shape))
    lost = purity(rho) - purity((rho + flip @ rho @ flip) / 2)
    assert geometric_discord(rho, side) <= lost.min() + 1e-14
    assert geometric_discord(rho, side) == pytest.approx(lost.min(), abs=0.01)


@given(fractions, seeds, sides)
@deterministic
def test_states_of_equal_minima_in_every_direction_are_no_trouble(p, seed, side):
    rng = np.random.default_rng(seed)
    mixed_half = on_side(side, np.diag([p, 1 - p]), np.eye(2) / 2)
    pure_half = on_side(side, np.diag([1.0, 0]), random_states(rng, 1, 2, 2)[0])
    tilted = turned(pure_half, kron(random_unitaries(rng, 1), random_unitaries(rng, 1))[0])
    for rho in (mixed_half, pure_half, tilted):
        assert discord(rho, side) == pytest.approx(0, abs=1e-12)
        assert discord(rho, 1 - side) == pytest.approx(0, abs=1e-12)


def test_negative_eigenvalues_of_an_estimate_are_not_repaired_and_do_no_harm():
    rho = np.diag([0.7, 0.0, 0.35, -0.05])
    assert np.isfinite(quantum_discord.discord(rho, 0))
    assert quantum_discord.geometric_discord(rho, 1) == pytest.approx(0, abs=1e-15)


# Batches and refusals


@pytest.mark.parametrize("quantity", [discord, geometric_discord])
@pytest.mark.parametrize("side", [0, 1])
def test_a_batch_gives_what_a_loop_gives(quantity, side):
    rng = np.random.default_rng(8)
    batch = np.concatenate([random_states(rng, 5, rank) for rank in (1, 2, 4)]).reshape(3, 5, 4, 4)
    before = batch.copy()
    looped = np.array([[quantity(rho, side) for rho in row] for row in batch])
    assert np.allclose(quantity(batch, side), looped, rtol=0, atol=1e-11)
    assert np.array_equal(batch, before)
    assert quantity(batch[:0], side).shape == (0, 5)
    assert np.ndim(quantity(batch[0, 0], side)) == 0


def test_a_batch_of_several_slabs_keeps_its_order():
    states = random_states(np.random.default_rng(9), 5)
    count = 2 * SLAB + 7
    repeated = states[np.arange(count) % 5]
    assert np.allclose(discord(repeated, 0), discord(states, 0)[np.arange(count) % 5], rtol=0, atol=1e-11)


@pytest.mark.parametrize("quantity", [discord, geometric_discord])
def test_other_registers_and_sides_are_refused(quantity):
    with pytest.raises(
        ValueError, match=re.escape("Argument `rho` must have shape (..., 4, 4), but has shape (2, 2).")
    ):
        quantity(np.eye(2) / 2, 0)
    with pytest.raises(
        ValueError, match=re.escape("Argument `side` must be 0 or 1, but is 2. Name the measured qubit")
    ):
        quantity(np.eye(4) / 4, 2)
