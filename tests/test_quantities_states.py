"""The numbers of `protocols.quantities` against closed forms, constructions and inequalities of physics."""

from __future__ import annotations

import re

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st

from protocols import quantities
from protocols.quantities import (
    coherence,
    coherence_l1,
    coherence_relative_entropy,
    concurrence,
    effective_beta,
    effective_temperature,
    energy,
    entanglement,
    entanglement_of_formation,
    entropies,
    entropy,
    ergotropy,
    fidelity,
    mutual_information,
    negativity,
    overlaps,
    populations,
    purity,
    reduced,
    relative_entropy,
    root_of,
    roots,
    signed_concurrence,
    signed_negativity,
    spectral_entropy,
    subsystems,
    thermal,
)

LN2 = np.log(2)
OF_ONE_STATE = [
    coherence_l1,
    coherence_relative_entropy,
    concurrence,
    entanglement_of_formation,
    entropy,
    ergotropy,
    mutual_information,
    negativity,
    populations,
    purity,
    signed_concurrence,
    signed_negativity,
]
OF_TWO_QUBITS = [
    concurrence,
    entanglement_of_formation,
    mutual_information,
    negativity,
    signed_concurrence,
    signed_negativity,
]
OF_TWO_STATES = [fidelity, relative_entropy]
LOCAL_INVARIANTS = [*OF_TWO_QUBITS, entropy, purity]
CORRELATIONS = [concurrence, entanglement_of_formation, mutual_information, negativity]

seeds = st.integers(0, 2**32 - 1)
ranks = st.integers(1, 4)
angles = st.floats(0.0, np.pi / 2)
phases = st.floats(-np.pi, np.pi)
fractions = st.floats(0.0, 1.0)
deterministic = examples(60)


# States by construction


def projector(ket) -> np.ndarray:
    ket = np.asarray(ket, complex)
    ket = ket / np.linalg.norm(ket)
    return np.outer(ket, ket.conj())


BELL = {
    "phi+": projector([1, 0, 0, 1]),
    "phi-": projector([1, 0, 0, -1]),
    "psi+": projector([0, 1, 1, 0]),
    "psi-": projector([0, 1, -1, 0]),
}


def random_complex(rng, rows: int, columns: int) -> np.ndarray:
    return rng.normal(size=(rows, columns)) + 1j * rng.normal(size=(rows, columns))


def random_state(seed: int, rank: int = 4, dim: int = 4) -> np.ndarray:
    factor = random_complex(np.random.default_rng(seed), dim, rank)
    rho = factor @ factor.conj().T
    return rho / np.trace(rho).real


def random_unitary(seed: int, dim: int = 2) -> np.ndarray:
    return np.linalg.qr(random_complex(np.random.default_rng(seed), dim, dim))[0]


def random_local_unitary(seed: int) -> np.ndarray:
    return np.kron(random_unitary(seed), random_unitary(seed + 1))


def turned(rho: np.ndarray, unitary: np.ndarray) -> np.ndarray:
    return unitary @ rho @ unitary.conj().T


def depolarised_on_the_left(rho: np.ndarray, strength: float) -> np.ndarray:
    right = np.trace(rho.reshape(2, 2, 2, 2), axis1=0, axis2=2)
    return (1 - strength) * rho + strength * np.kron(np.eye(2) / 2, right)


def werner(p: float) -> np.ndarray:
    return p * BELL["psi-"] + (1 - p) * np.eye(4) / 4


def x_state(weights, inner: complex, outer: complex) -> np.ndarray:
    rho = np.diag(np.asarray(weights, complex))
    rho[1, 2], rho[2, 1] = inner, np.conj(inner)
    rho[0, 3], rho[3, 0] = outer, np.conj(outer)
    return rho


def random_x_state(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet([0.5] * 4)
    share = rng.uniform(size=2) * np.sqrt([p[1] * p[2], p[0] * p[3]])
    return x_state(p, *(share * np.exp(1j * rng.uniform(-np.pi, np.pi, 2))))


def gibbs_qubit(temperature: float) -> np.ndarray:
    weights = np.exp([0.0, -1.0 / temperature])
    return np.diag(weights / weights.sum())


def optimally_correlated(hot: float, cold: float, phase: float) -> np.ndarray:
    """Thermal marginals with the correlation of Holdsworth & Kawai eq. (10): |00> and |psi> mixed."""
    l1, l2, l3, l4 = np.diag(np.kron(gibbs_qubit(hot), gibbs_qubit(cold)))
    psi = projector([0, np.sqrt(l2 + l4), np.exp(-1j * phase) * np.sqrt(l3 + l4), 0])
    return (l1 - l4) * projector([1, 0, 0, 0]) + (1 - l1 + l4) * psi


def exchange(angle: float) -> np.ndarray:
    """exp(-i V t) with V = Omega (|01><10| + h.c.) and angle = Omega t."""
    unitary = np.eye(4, dtype=complex)
    unitary[1:3, 1:3] = [[np.cos(angle), -1j * np.sin(angle)], [-1j * np.sin(angle), np.cos(angle)]]
    return unitary


def shannon(*weights: float) -> float:
    return -sum(p * np.log(p) for p in weights if p > 0)


# Parts of a register, energies, populations


def test_reducing_a_product_state_gives_back_its_factors():
    factors = [random_state(seed, 2, 2) for seed in (1, 2, 3)]
    register = np.kron(np.kron(*factors[:2]), factors[2])
    for qubit, factor in enumerate(factors):
        assert np.allclose(reduced(register, qubit), factor, atol=1e-14)
    assert np.allclose(reduced(register, (0, 2)), np.kron(factors[0], factors[2]), atol=1e-14)
    assert np.allclose(reduced(register, (2, 1)), np.kron(factors[2], factors[1]), atol=1e-14)


def test_keeping_every_qubit_changes_nothing_and_half_a_bell_pair_is_fully_mixed():
    rho = random_state(5, 3, 8)
    assert np.array_equal(reduced(rho, (0, 1, 2)), rho)
    for bell in BELL.values():
        assert np.allclose(reduced(bell, 1), np.eye(2) / 2, atol=1e-15)


def test_the_energy_of_a_thermal_qubit_is_its_fermi_factor():
    rho = np.kron(gibbs_qubit(2.0), gibbs_qubit(1.0))
    assert energy(rho, 0) == pytest.approx(1 / (1 + np.exp(0.5)), abs=1e-15)
    assert energy(rho, 1) == pytest.approx(1 / (1 + np.exp(1.0)), abs=1e-15)
    assert energy(rho, 1, gap=4.0) == pytest.approx(4 / (1 + np.exp(1.0)), abs=1e-15)


def test_populations_are_the_real_diagonal():
    rho = x_state([0.4, 0.3, 0.2, 0.1], 0.1j, 0.05)
    assert populations(rho).tolist() == [0.4, 0.3, 0.2, 0.1]
    assert populations(rho).dtype == float


# Closed forms


@pytest.mark.parametrize("name", BELL)
def test_a_bell_state_has_every_correlation_at_its_largest(name):
    rho = BELL[name]
    assert concurrence(rho) == pytest.approx(1, abs=1e-12)
    assert entanglement_of_formation(rho) == pytest.approx(1, abs=1e-12)
    assert negativity(rho) == pytest.approx(0.5, abs=1e-12)
    assert mutual_information(rho) == pytest.approx(2 * LN2, abs=1e-12)
    assert coherence_l1(rho) == pytest.approx(1, abs=1e-12)
    assert coherence_relative_entropy(rho) == pytest.approx(LN2, abs=1e-12)
    assert entropy(rho) == pytest.approx(0, abs=1e-12)
    assert purity(rho) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("p", [0.0, 0.2, 1 / 3, 0.34, 0.5, 0.8, 1.0])
def test_a_werner_state_follows_its_closed_forms(p):
    rho = werner(p)
    signed = (3 * p - 1) / 2
    assert signed_concurrence(rho) == pytest.approx(signed, abs=1e-12)
    assert concurrence(rho) == pytest.approx(max(0, signed), abs=1e-12)
    assert signed_negativity(rho) == pytest.approx(signed / 2, abs=1e-12)
    assert negativity(rho) == pytest.approx(max(0, signed / 2), abs=1e-12)
    levels = shannon((1 + 3 * p) / 4, *[(1 - p) / 4] * 3)
    assert entropy(rho) == pytest.approx(levels, abs=1e-12)
    assert mutual_information(rho) == pytest.approx(2 * LN2 - levels, abs=1e-12)
    assert purity(rho) == pytest.approx((1 + 3 * p**2) / 4, abs=1e-12)
    assert fidelity(rho, BELL["psi-"]) == pytest.approx((1 + 3 * p) / 4, abs=1e-12)


@pytest.mark.parametrize("c", [1e-8, 1e-3, 0.3, 0.9])
def test_the_entanglement_of_formation_of_a_pure_state_is_the_entropy_of_its_half_in_bits(c):
    minor = c**2 / (2 * (1 + np.sqrt(1 - c**2)))
    expected = shannon(1 - minor, minor) / LN2
    rho = projector([np.sqrt(1 - minor), 0, 0, np.sqrt(minor)])
    assert concurrence(rho) == pytest.approx(c, rel=1e-6, abs=0)
    assert entanglement_of_formation(rho) == pytest.approx(expected, rel=1e-6, abs=0)


@pytest.mark.parametrize(("hot", "cold"), [(2.0, 1.0), (1.0, 1.0), (0.3, 5.0)])
def test_a_gibbs_product_obeys_its_partition_function(hot, cold):
    rho = np.kron(gibbs_qubit(hot), gibbs_qubit(cold))
    entropies = [np.log(1 + np.exp(-1 / t)) + (1 / t) / (1 + np.exp(1 / t)) for t in (hot, cold)]
    assert entropy(rho) == pytest.approx(sum(entropies), abs=1e-13)
    assert mutual_information(rho) == pytest.approx(0, abs=1e-13)
    assert coherence_l1(rho) == 0
    assert coherence_relative_entropy(rho) == pytest.approx(0, abs=1e-13)
    # Two equal singular values meet: sqrt(l1 l4) = sqrt(l2 l3), so the signed concurrence is -2 sqrt(l1 l4).
    assert signed_concurrence(rho) == pytest.approx(-2 * np.sqrt(rho[0, 0] * rho[3, 3]), abs=1e-13)
    assert signed_negativity(rho) == pytest.approx(-rho[3, 3], abs=1e-13)


def test_the_relative_entropy_of_two_thermal_qubits_is_their_free_energy_difference():
    hot, cold = 2.0, 0.7
    p = 1 / (1 + np.exp(1 / hot))
    expected = p / cold + np.log(1 + np.exp(-1 / cold)) - shannon(p, 1 - p)
    assert relative_entropy(gibbs_qubit(hot), gibbs_qubit(cold)) == pytest.approx(expected, abs=1e-14)


def test_the_relative_entropy_is_infinite_outside_the_support_and_finite_inside():
    pure, mixed = projector([1, 1j]), np.eye(2) / 2
    assert relative_entropy(mixed, pure) == np.inf
    assert relative_entropy(pure, mixed) == pytest.approx(LN2, abs=1e-14)
    assert relative_entropy(pure, pure) == pytest.approx(0, abs=1e-13)
    spill = np.diag([1 - 1e-6, 1e-6])
    ground = np.diag([1.0, 0.0])
    assert relative_entropy(spill, ground) == np.inf
    assert relative_entropy(spill, ground, tolerance=1e-5) == pytest.approx(0, abs=2e-5)


def test_a_cold_but_thermal_reference_still_gives_a_finite_relative_entropy():
    sigma = np.diag([1 - np.exp(-30.0), np.exp(-30.0)])
    assert relative_entropy(np.eye(2) / 2, sigma) == pytest.approx(15 - LN2, abs=1e-9)


def test_the_fidelity_of_commuting_states_is_the_squared_bhattacharyya_sum():
    p, q = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.1, 0.2, 0.3, 0.4])
    unitary = random_unitary(7, 4)
    value = fidelity(turned(np.diag(p), unitary), turned(np.diag(q), unitary))
    assert value == pytest.approx(np.sqrt(p * q).sum() ** 2, abs=1e-12)


def test_the_fidelity_of_two_qubit_states_follows_the_determinant_formula():
    rho, sigma = random_state(1, 2, 2), random_state(2, 2, 2)
    overlap = np.trace(rho @ sigma).real
    determinants = np.linalg.det(rho).real * np.linalg.det(sigma).real
    assert fidelity(rho, sigma) == pytest.approx(overlap + 2 * np.sqrt(determinants), abs=1e-12)


def test_an_equal_superposition_of_d_levels_has_coherence_d_minus_one_and_ln_d():
    for d in (2, 3, 4, 8):
        rho = projector(np.exp(1j * np.arange(d)))
        assert coherence_l1(rho) == pytest.approx(d - 1, abs=1e-12)
        assert coherence_relative_entropy(rho) == pytest.approx(np.log(d), abs=1e-12)


@given(seeds)
@deterministic
def test_an_x_state_follows_its_closed_forms(seed):
    rho = random_x_state(seed)
    p, inner, outer = np.real(rho.diagonal()), abs(rho[1, 2]), abs(rho[0, 3])
    middle, ends = np.sqrt(p[1] * p[2]), np.sqrt(p[0] * p[3])
    lambdas = sorted([middle + inner, middle - inner, ends + outer, ends - outer])
    assert signed_concurrence(rho) == pytest.approx(2 * lambdas[-1] - sum(lambdas), abs=1e-9)
    assert concurrence(rho) == pytest.approx(2 * max(0, inner - ends, outer - middle), abs=1e-9)
    smallest = min(
        (p[0] + p[3]) / 2 - np.hypot((p[0] - p[3]) / 2, inner),
        (p[1] + p[2]) / 2 - np.hypot((p[1] - p[2]) / 2, outer),
    )
    assert signed_negativity(rho) == pytest.approx(-smallest, abs=1e-12)
    assert negativity(rho) == pytest.approx(max(0, -smallest), abs=1e-12)
    assert coherence_l1(rho) == pytest.approx(2 * (inner + outer), abs=1e-12)


@given(seeds, fractions, angles, phases)
@deterministic
def test_the_concurrence_of_a_rank_two_x_state_keeps_nine_digits_in_any_local_basis(seed, weight, tilt, phase):
    rho = (1 - weight) * projector([1, 0, 0, 0])
    rho = rho + weight * projector([0, np.cos(tilt), np.exp(1j * phase) * np.sin(tilt), 0])
    expected = 2 * abs(rho[1, 2])
    assert signed_concurrence(rho) == pytest.approx(expected, abs=1e-9)
    assert signed_concurrence(turned(rho, random_local_unitary(seed))) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("weight", [1e-4, 1e-7, 1e-10])
def test_a_small_but_real_excitation_is_not_taken_for_rounding(weight):
    rho = x_state([0.4, 0.3, 0.3 - weight, weight], 0.2, 0)
    assert concurrence(rho) == pytest.approx(2 * (0.2 - np.sqrt(0.4 * weight)), abs=1e-10)


# The optimally correlated thermal pair of Holdsworth & Kawai, PRA 106, 062604 (2022)


@pytest.mark.parametrize(
    ("hot", "cold", "c", "info", "n", "eof"),
    [
        (2.0, 1.0, 0.637295, 0.595453, 0.187631, 0.513903),
        (1.5, 1.5, 0.678487, 0.653061, 0.214649, 0.564780),
        (1.0, 2.0, 0.637295, 0.595453, 0.187631, 0.513903),
    ],
)
@pytest.mark.parametrize("phase", [0.0, np.pi / 2, -0.4])
def test_the_optimally_correlated_pair_has_the_published_correlations(hot, cold, c, info, n, eof, phase):
    rho = optimally_correlated(hot, cold, phase)
    doubly_excited = gibbs_qubit(hot)[1, 1] * gibbs_qubit(cold)[1, 1]
    assert concurrence(rho) == pytest.approx(2 * np.sqrt(doubly_excited), abs=1e-9)
    assert concurrence(rho) == pytest.approx(c, abs=5e-7)
    assert mutual_information(rho) == pytest.approx(info, abs=5e-7)
    assert negativity(rho) == pytest.approx(n, abs=5e-7)
    assert entanglement_of_formation(rho) == pytest.approx(eof, abs=5e-7)
    assert np.allclose(reduced(rho, 0), gibbs_qubit(hot), atol=1e-15)
    assert np.allclose(reduced(rho, 1), gibbs_qubit(cold), atol=1e-15)


@pytest.mark.parametrize(
    ("eighths", "difference", "c", "info"),
    [
        (0, 0.10860, 0.63730, 0.59545),
        (1, 0.52743, 0.37384, 0.25402),
        (2, 0.63730, 0.10860, 0.03204),
        (3, 0.37384, 0.52743, 0.44157),
        (4, -0.10860, 0.63730, 0.59545),
    ],
)
def test_the_pair_spends_its_correlations_while_the_hot_qubit_heats(eighths, difference, c, info):
    rho = turned(optimally_correlated(2.0, 1.0, np.pi / 2), exchange(eighths * np.pi / 8))
    assert energy(rho, 0) - energy(rho, 1) == pytest.approx(difference, abs=5.1e-6)
    assert concurrence(rho) == pytest.approx(c, abs=5.1e-6)
    assert mutual_information(rho) == pytest.approx(info, abs=5.1e-6)


def test_the_pair_is_a_product_with_a_cold_ground_state_when_the_energy_difference_peaks():
    rho = optimally_correlated(2.0, 1.0, np.pi / 2)
    difference = energy(rho, 0) - energy(rho, 1)
    end = turned(rho, exchange(float(np.arctan2(2 * rho[1, 2].imag, difference)) / 2))
    assert energy(end, 1) == pytest.approx(0, abs=1e-12)
    assert energy(end, 0) - energy(rho, 0) == pytest.approx(gibbs_qubit(1.0)[1, 1], abs=1e-12)
    assert concurrence(end) == pytest.approx(0, abs=1e-9)
    assert negativity(end) == pytest.approx(0, abs=1e-12)
    assert mutual_information(end) == pytest.approx(0, abs=1e-12)


@given(fractions, phases)
@deterministic
def test_coherence_between_thermal_marginals_never_entangles_the_micadei_family(share, phase):
    rho = np.kron(gibbs_qubit(1.2), gibbs_qubit(0.8)).astype(complex)
    alpha = share * np.sqrt(rho[1, 1] * rho[2, 2]) * np.exp(1j * phase)
    rho[1, 2], rho[2, 1] = alpha, np.conj(alpha)
    assert concurrence(rho) == pytest.approx(0, abs=1e-9)
    assert negativity(rho) == pytest.approx(0, abs=1e-12)


# Laws that hold for every state


def test_a_product_state_has_no_mutual_information():
    for seed in range(20):
        rho = np.kron(random_state(seed, 1 + seed % 2, 2), random_state(seed + 100, 2, 2))
        assert mutual_information(rho) == pytest.approx(0, abs=1e-13)
        assert concurrence(rho) == pytest.approx(0, abs=1e-9)
        assert negativity(rho) == pytest.approx(0, abs=1e-13)


@given(seeds, ranks)
@deterministic
def test_every_quantity_stays_within_its_bounds(seed, rank):
    rho, sigma = random_state(seed, rank), random_state(seed + 1)
    bounds = {
        coherence_l1: (0, 3),
        coherence_relative_entropy: (0, 2 * LN2),
        concurrence: (0, 1),
        entanglement_of_formation: (0, 1),
        entropy: (0, np.log(rank)),
        ergotropy: (0, 2),
        mutual_information: (0, 2 * LN2),
        negativity: (0, 0.5),
        populations: (0, 1),
        purity: (1 / rank, 1),
        signed_concurrence: (-0.5, 1),
        signed_negativity: (-0.25, 0.5),
    }
    assert set(bounds) == set(OF_ONE_STATE)
    for quantity, (low, high) in bounds.items():
        assert np.all(quantity(rho) >= low - 1e-12), quantity.__name__
        assert np.all(quantity(rho) <= high + 1e-12), quantity.__name__
    assert 0 <= fidelity(rho, sigma) <= 1
    assert 0 <= relative_entropy(rho, sigma) < np.inf


@given(seeds, ranks)
@deterministic
def test_local_unitaries_change_no_correlation(seed, rank):
    rho = random_state(seed, rank)
    after = turned(rho, random_local_unitary(seed + 1))
    for quantity in LOCAL_INVARIANTS:
        assert quantity(after) == pytest.approx(quantity(rho), abs=1e-9), quantity.__name__


@given(seeds, ranks, fractions)
@deterministic
def test_local_depolarising_increases_no_correlation(seed, rank, strength):
    rho = random_state(seed, rank)
    after = depolarised_on_the_left(rho, strength)
    for quantity in CORRELATIONS:
        assert quantity(after) <= quantity(rho) + 1e-9, quantity.__name__


@given(seeds, ranks, fractions)
@deterministic
def test_a_channel_makes_states_harder_to_tell_apart(seed, rank, strength):
    rho, sigma = random_state(seed, rank), random_state(seed + 1)
    noisy = [depolarised_on_the_left(state, strength) for state in (rho, sigma)]
    assert relative_entropy(*noisy) <= relative_entropy(rho, sigma) + 1e-11
    assert fidelity(*noisy) >= fidelity(rho, sigma) - 1e-11


@given(seeds, ranks)
@deterministic
def test_entropy_is_subadditive_and_obeys_the_triangle_inequality(seed, rank):
    rho = random_state(seed, rank)
    left, right = entropy(reduced(rho, 0)), entropy(reduced(rho, 1))
    assert abs(left - right) - 1e-12 <= entropy(rho) <= left + right + 1e-12


@given(seeds, ranks)
@deterministic
def test_mutual_information_is_the_relative_entropy_to_the_product_of_the_marginals(seed, rank):
    rho = random_state(seed, rank)
    product = np.kron(reduced(rho, 0), reduced(rho, 1))
    assert relative_entropy(rho, product) == pytest.approx(mutual_information(rho), abs=1e-10)


@given(seeds, ranks)
@deterministic
def test_the_coherence_is_the_relative_entropy_to_the_dephased_state(seed, rank):
    rho = random_state(seed, rank)
    expected = relative_entropy(rho, np.diag(populations(rho)))
    assert coherence_relative_entropy(rho) == pytest.approx(expected, abs=1e-10)


@given(seeds)
@deterministic
def test_the_concurrence_agrees_with_the_eigenvalues_of_the_wootters_product(seed):
    rho = random_state(seed)
    y = np.array([[0, -1j], [1j, 0]])
    flip = np.kron(y, y)
    roots = np.sort(np.real(np.sqrt(np.linalg.eigvals(rho @ flip @ rho.conj() @ flip).astype(complex))))
    assert signed_concurrence(rho) == pytest.approx(2 * roots[-1] - roots.sum(), abs=1e-8)


@given(seeds)
@deterministic
def test_the_entanglement_of_a_pure_state_is_fixed_by_its_half(seed):
    rho = random_state(seed, 1)
    half = reduced(rho, 0)
    tangle = np.sqrt(2 * (1 - purity(half)))
    assert concurrence(rho) == pytest.approx(tangle, abs=1e-9)
    assert negativity(rho) == pytest.approx(tangle / 2, abs=1e-9)
    assert entanglement_of_formation(rho) == pytest.approx(entropy(half) / LN2, abs=1e-9)
    assert mutual_information(rho) == pytest.approx(2 * entropy(half), abs=1e-9)


@given(seeds, ranks)
@deterministic
def test_negativity_and_concurrence_agree_on_who_is_entangled(seed, rank):
    rho = random_state(seed, rank)
    assert (concurrence(rho) > 1e-9) == (negativity(rho) > 1e-12)
    assert 2 * negativity(rho) <= concurrence(rho) + 1e-9


@given(seeds, ranks, ranks)
@deterministic
def test_fidelity_is_symmetric_and_one_only_for_equal_states(seed, rank, other_rank):
    rho, sigma = random_state(seed, rank), random_state(seed + 1, other_rank)
    assert fidelity(rho, sigma) == pytest.approx(fidelity(sigma, rho), abs=1e-12)
    assert fidelity(rho, rho) == pytest.approx(1, abs=1e-12)
    # Fuchs & van de Graaf: F <= 1 - D^2 with the trace distance D, so a distinct state stays below one.
    distance = np.abs(np.linalg.eigvalsh(rho - sigma)).sum() / 2
    assert distance > 1e-3
    assert fidelity(rho, sigma) <= 1 - distance**2 + 1e-12
    assert fidelity(rho, sigma) >= (1 - distance) ** 2 - 1e-12


@given(seeds)
@deterministic
def test_the_fidelity_of_pure_states_is_the_squared_overlap_even_when_they_nearly_agree(seed):
    ket = random_complex(np.random.default_rng(seed), 4, 1)[:, 0]
    for other in (random_complex(np.random.default_rng(seed + 1), 4, 1)[:, 0], ket + np.array([1e-4, 0, 0, 0])):
        overlap = abs(np.vdot(ket, other)) ** 2 / (np.vdot(ket, ket) * np.vdot(other, other)).real
        assert fidelity(projector(ket), projector(other)) == pytest.approx(overlap, abs=1e-13)


@given(seeds)
@deterministic
def test_a_pure_state_has_no_entropy_in_any_basis(seed):
    assert entropy(random_state(seed, 1, 8)) == pytest.approx(0, abs=1e-12)


def test_negative_eigenvalues_of_an_estimate_count_as_zero():
    rho = np.diag([0.7, 0.0, 0.35, -0.05])
    assert entropies.entropy(rho) == pytest.approx(shannon(0.7, 0.35), abs=1e-14)
    assert overlaps.fidelity(rho, np.diag([0.0, 0.0, 0.0, 1.0])) == 0
    assert entanglement.signed_concurrence(rho) == 0


# Work: ergotropy and effective temperature


@pytest.mark.parametrize("gap", [1.0, 0.3])
def test_the_ergotropy_of_a_qubit_follows_its_bloch_vector(gap):
    # Half a gap times (|r| - z), z towards the ground state: nothing from a Gibbs state, a gap from an inverted one.
    for seed in range(20):
        rho = random_state(seed, 1 + seed % 2, 2)
        z, length = (rho[0, 0] - rho[1, 1]).real, np.sqrt(2 * purity(rho) - 1)
        assert ergotropy(rho, gaps=[gap]) == pytest.approx(gap * (length - z) / 2, abs=1e-14)
    assert ergotropy(gibbs_qubit(0.7), gaps=[gap]) == pytest.approx(0, abs=1e-15)
    assert ergotropy(np.diag([0.0, 1.0]), gaps=[gap]) == pytest.approx(gap, abs=1e-15)


def test_the_ergotropy_of_a_pair_follows_its_definition():
    # Levels 0, 1, 1, 2: a Bell state of energy 1 falls to |00>; sorted populations leave .3 + .2 + 2 * .1 = .7.
    for bell in BELL.values():
        assert ergotropy(bell) == pytest.approx(1, abs=1e-14)
    rho = np.diag([0.1, 0.2, 0.3, 0.4])
    assert ergotropy(rho) == pytest.approx(1.3 - 0.7, abs=1e-15)
    assert ergotropy(turned(rho, random_local_unitary(3))) == pytest.approx(
        sum(energy(turned(rho, random_local_unitary(3)), qubit) for qubit in (0, 1)) - 0.7, abs=1e-14
    )
    # Gaps 1 and 3: levels 0, 3, 1, 4 of |00>, |01>, |10>, |11>.
    assert ergotropy(rho, gaps=(1.0, 3.0)) == pytest.approx(0.6 + 0.3 + 1.6 - (0.3 + 0.6 + 0.4), abs=1e-14)


def test_equal_temperatures_give_no_work_whatever_the_gaps_and_different_ones_do():
    def gibbs_pair(hot: float, cold: float, gaps: tuple[float, float]) -> np.ndarray:
        return np.kron(gibbs_qubit(hot / gaps[0]), gibbs_qubit(cold / gaps[1]))

    assert ergotropy(gibbs_pair(2.0, 2.0, (1.0, 3.0)), gaps=(1.0, 3.0)) == pytest.approx(0, abs=1e-15)
    # Equal gaps: |01> and |10> are degenerate, a product of two temperatures is passive all the same.
    assert ergotropy(gibbs_pair(2.0, 1.0, (1.0, 1.0))) == pytest.approx(0, abs=1e-15)
    # The swap engine: p_A > p_B at the smaller gap of B runs work out, (gap_A - gap_B)(p_A - p_B).
    hot, cold, gaps = 4.0, 1.0, (2.0, 1.0)
    p_A, p_B = 1 / (1 + np.exp(gaps[0] / hot)), 1 / (1 + np.exp(gaps[1] / cold))
    assert ergotropy(gibbs_pair(hot, cold, gaps), gaps=gaps) == pytest.approx((2.0 - 1.0) * (p_A - p_B), abs=1e-14)


@given(seeds, ranks)
@deterministic
def test_no_unitary_draws_more_than_the_ergotropy_and_local_ones_draw_less(seed, rank):
    rho = random_state(seed, rank)
    rest = turned(rho, random_unitary(seed + 1, 4))
    drawn = sum(energy(rho, qubit) - energy(rest, qubit) for qubit in (0, 1))
    assert drawn <= ergotropy(rho) + 1e-12
    assert sum(ergotropy(reduced(rho, qubit)) for qubit in (0, 1)) <= ergotropy(rho) + 1e-12
    # What is left is passive, and its own ergotropy is that much larger.
    assert ergotropy(rest) == pytest.approx(ergotropy(rho) - drawn, abs=1e-12)


def test_gaps_that_do_not_fit_the_register_are_refused():
    message = "Argument `gaps` must have 2 entries, one a qubit, but has 3. Leave it out for unit gaps."
    with pytest.raises(ValueError, match=re.escape(message)):
        ergotropy(np.eye(4) / 4, gaps=(1.0, 2.0, 3.0))


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1.0, 30.0])
@pytest.mark.parametrize("gap", [1.0, 4.135668])
def test_a_gibbs_qubit_has_its_own_temperature(temperature, gap):
    value = energy(np.kron(gibbs_qubit(temperature / gap), gibbs_qubit(1.0)), 0, gap=gap)
    assert effective_beta(value, gap=gap) == pytest.approx(1 / temperature, rel=1e-12)
    assert effective_temperature(value, gap=gap) == pytest.approx(temperature, rel=1e-12)
    if temperature > 0.2:  # below, 1 - p is 1 to 16 digits
        assert effective_beta(gap - value, gap=gap) == pytest.approx(-1 / temperature, rel=1e-7)


def test_effective_temperatures_at_and_beyond_the_ends_are_infinite_without_a_warning():
    energies = np.array([[-0.1, 0.0, 0.5], [1.0, 1.1, np.nan]])
    assert np.array_equal(effective_beta(energies), [[np.inf, np.inf, 0.0], [-np.inf, -np.inf, np.nan]], equal_nan=True)
    assert np.array_equal(effective_temperature(energies), [[0, 0, np.inf], [0, 0, np.nan]], equal_nan=True)
    assert np.ndim(effective_beta(0.2)) == np.ndim(effective_temperature(0.2)) == 0
    assert np.all(np.diff(effective_beta(np.linspace(0, 1, 101))) < 0)


# Batches and refusals


def batch_of_states() -> np.ndarray:
    return np.stack([random_state(seed, 1 + seed % 4) for seed in range(6)]).reshape(2, 3, 4, 4)


@pytest.mark.parametrize("quantity", OF_ONE_STATE, ids=lambda f: f.__name__)
def test_a_batch_gives_what_a_loop_gives(quantity):
    batch = batch_of_states()
    looped = np.array([[quantity(rho) for rho in row] for row in batch])
    assert quantity(batch).shape == looped.shape
    assert np.allclose(quantity(batch), looped, rtol=0, atol=1e-13)
    assert quantity(batch[:0]).shape == (0, *looped.shape[1:])


def test_reducing_a_batch_gives_what_a_loop_gives():
    batch = batch_of_states()
    for qubit in (0, 1, (1, 0)):
        looped = np.array([[reduced(rho, qubit) for rho in row] for row in batch])
        assert np.allclose(reduced(batch, qubit), looped, rtol=0, atol=1e-15)
    looped = np.array([[energy(rho, 1, gap=3.0) for rho in row] for row in batch])
    assert np.allclose(energy(batch, 1, gap=3.0), looped, rtol=0, atol=1e-15)


@pytest.mark.parametrize("quantity", OF_TWO_STATES, ids=lambda f: f.__name__)
def test_a_batch_of_pairs_broadcasts_like_a_loop(quantity):
    batch, one = batch_of_states(), random_state(99)
    looped = np.array([[quantity(rho, one) for rho in row] for row in batch])
    assert np.allclose(quantity(batch, one), looped, rtol=0, atol=1e-12)
    assert quantity(batch, batch[:, :1]).shape == (2, 3)
    assert quantity(one, batch).shape == (2, 3)


def test_no_quantity_alters_its_argument():
    batch = batch_of_states()
    before = batch.copy()
    for quantity in OF_ONE_STATE:
        quantity(batch)
    for quantity in OF_TWO_STATES:
        quantity(batch, batch)
    assert np.array_equal(batch, before)


def many_states(least: float) -> np.ndarray:
    """2000 states: any eigenvalues, pairs of them that differ by `least`, two that are `least`, and diagonal ones."""
    generator = np.random.default_rng(20261130)
    spectra = generator.dirichlet(np.ones(4), 2000)
    spectra[500:1000, 1] = spectra[500:1000, 0] + least
    spectra[1000:1500, :2] = least * generator.uniform(size=(500, 2))
    spectra /= spectra.sum(axis=1, keepdims=True)
    vectors, _ = np.linalg.qr(generator.normal(size=(2000, 4, 4)) + 1j * generator.normal(size=(2000, 4, 4)))
    vectors[1500:] = np.eye(4)
    return (vectors * spectra[:, None]) @ vectors.conj().swapaxes(1, 2)


@pytest.mark.parametrize("least", [0.0, 1e-12, 1e-7, 1e-4])
def test_closed_forms_of_many_states_are_those_of_lapack(least):
    rho = many_states(least)
    assert np.abs(roots.eigenvalues(rho) - np.linalg.eigvalsh(rho)).max() < 1e-11
    one = reduced(rho, 0)
    assert np.abs(roots.eigenvalues(one) - np.linalg.eigvalsh(one)).max() < 1e-15
    other, root = rho[::-1], roots.matrix_root(rho)
    exact = np.linalg.svd(root.conj().swapaxes(1, 2) @ roots.matrix_root(other), compute_uv=False)[:, ::-1]
    found, known = roots.roots_of_product(rho, other)
    assert np.abs(found - exact)[known].max() < 1e-10
    assert known[:500].mean() > 0.9  # most states need no LAPACK
    for quantity in (entanglement.signed_concurrence, lambda rho, root=None: overlaps.fidelity(rho, other, root=root)):
        assert np.abs(quantity(rho) - quantity(rho, root=root)).max() < 1e-10
    assert np.abs(entropies.relative_entropy(one, reduced(other, 1)) - _relative(one, reduced(other, 1))).max() < 1e-11


@pytest.mark.parametrize("apart", [0.0, 1e-9, 1e-3, 1.0])
def test_the_two_smaller_of_three_eigenvalues_are_those_of_lapack_where_two_lie_together(apart):
    generator = np.random.default_rng(5)
    vectors, _ = np.linalg.qr(generator.normal(size=(1000, 3, 3)))
    values = np.array([[0.1, 0.4, 0.4 + apart], [0.1, 0.1 + apart, 0.9], [0.0, 0.0, apart]])[np.arange(1000) % 3]
    matrix = (vectors * values[:, None]) @ vectors.swapaxes(1, 2)
    assert np.abs(roots.two_smaller(np.moveaxis(matrix, 0, -1)) - np.sort(values)[:, :2].sum(axis=1)).max() < 1e-11


def _relative(rho: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Tr rho (ln rho - ln sigma) of single qubits by eigenvectors."""
    (p, left), (q, right) = np.linalg.eigh(rho), np.linalg.eigh(sigma)
    overlap = np.abs(left.conj().swapaxes(1, 2) @ right) ** 2
    return (p * np.log(p)).sum(1) - (p[:, None] @ overlap @ np.log(q)[..., None])[:, 0, 0]


def public_functions() -> set[str]:
    modules = (coherence, entanglement, entropies, overlaps, roots, subsystems, thermal)
    functions = [
        f for module in modules for f in vars(module).values() if getattr(f, "__module__", "") == module.__name__
    ]
    return {f.__name__ for f in functions if not f.__name__.startswith("_")}


def test_every_public_name_is_covered_by_these_tests():
    tested = {f.__name__ for f in [*OF_ONE_STATE, *OF_TWO_STATES, reduced, energy]}
    tested |= {"conditional_entropy"}  # test_generalised_laws.py
    functions_of_numbers = {"effective_beta", "effective_temperature", "diagonal_entropy", "formation"}
    functions_of_numbers |= {"root_of", "matrix_root", "eigenvalues", "roots_of_product", "two_smaller"}
    functions_of_numbers |= {"spectral_entropy", "binary_entropy"}
    functions_of_numbers |= {"excited_population", "boltzmann_factor"}
    assert tested | functions_of_numbers == public_functions()


@pytest.mark.parametrize("quantity", OF_TWO_QUBITS, ids=lambda f: f.__name__)
def test_a_state_that_is_not_of_two_qubits_is_refused(quantity):
    message = "Argument `rho` must have shape (..., 4, 4), but has shape (3, 3). Cut a larger register down"
    with pytest.raises(ValueError, match=re.escape(message)):
        quantity(np.eye(3) / 3)
    with pytest.raises(ValueError, match=re.escape("but has shape (5, 8, 8)")):
        quantity(np.ones((5, 8, 8)))


@pytest.mark.parametrize("quantity", OF_ONE_STATE, ids=lambda f: f.__name__)
def test_a_ket_is_refused(quantity):
    with pytest.raises(ValueError, match=r"^Argument `rho` must have shape .*, but has shape \(4,\)\. "):
        quantity(np.array([1, 0, 0, 1]) / np.sqrt(2))


@pytest.mark.parametrize("quantity", OF_TWO_STATES, ids=lambda f: f.__name__)
def test_two_states_that_do_not_match_are_refused(quantity):
    message = "Argument `sigma` must have shape matching (4, 4), but has shape (2, 2). "
    with pytest.raises(ValueError, match=re.escape(message)):
        quantity(np.eye(4) / 4, np.eye(2) / 2)
    message = "Argument `sigma` must have shape matching (5, 2, 2), but has shape (3, 2, 2). "
    with pytest.raises(ValueError, match=re.escape(message)):
        quantity(np.ones((5, 2, 2)), np.ones((3, 2, 2)))
    message = "Argument `sigma` must have shape (..., d, d), but has shape (2,). "
    with pytest.raises(ValueError, match=re.escape(message)):
        quantity(np.eye(2) / 2, np.ones(2))


@pytest.mark.parametrize("qubit", [2, -1, (0, 0), (0, 5)])
def test_a_qubit_outside_the_register_is_refused(qubit):
    message = f"Argument `qubit` must hold distinct indices in 0..1, but is {qubit}. Count the qubits"
    with pytest.raises(ValueError, match=re.escape(message)):
        reduced(np.eye(4) / 4, qubit)


def test_a_register_of_a_fractional_number_of_qubits_is_refused():
    message = "Argument `rho` must have shape (..., 2^n, 2^n), but has shape (3, 3). "
    with pytest.raises(ValueError, match=re.escape(message)):
        energy(np.eye(3) / 3, 0)


def test_what_is_known_already_changes_no_value():
    rng = np.random.default_rng(12)
    g = rng.normal(size=(20, 4, 3)) + 1j * rng.normal(size=(20, 4, 3))
    rho = g @ np.swapaxes(g.conj(), -1, -2)
    rho /= np.trace(rho, axis1=-2, axis2=-1)[:, None, None]
    values, vectors = np.linalg.eigh(rho)
    root = root_of(values, vectors)
    np.testing.assert_allclose(root @ np.swapaxes(root.conj(), -1, -2), rho, atol=1e-12)
    np.testing.assert_allclose(signed_concurrence(rho, root=root), signed_concurrence(rho))
    np.testing.assert_allclose(fidelity(rho, rho[::-1], root=root), fidelity(rho, rho[::-1]))
    np.testing.assert_allclose(spectral_entropy(values), entropy(rho), atol=1e-12)


STATE_FUNCTIONS = [
    quantities.mutual_information,
    quantities.concurrence,
    quantities.negativity,
    quantities.entropy,
    quantities.purity,
    quantities.coherence_l1,
    quantities.ergotropy,
    quantities.populations,
    lambda rho: quantities.energy(rho, 0),
    lambda rho: quantities.discord(rho, 0),
    lambda rho: quantities.geometric_discord(rho, 1),
    lambda rho: quantities.fidelity(np.eye(4) / 4, rho),
    lambda rho: quantities.relative_entropy(rho, np.eye(4) / 4),
]
UNPHYSICAL = {
    "of trace 4": (np.eye(4), "must have trace 1, but the matrix has 4. Divide by it."),
    "a deviation matrix": (np.diag([0.3, 0.1, -0.1, -0.3]), "has 0. To a deviation matrix, add the identity"),
    "with negative eigenvalues": (np.diag([0.6, 0.5, -0.05, -0.05]), "has -0.05: linear"),
    "not Hermitian": (np.eye(4) / 4 + np.eye(4, k=1) / 10, "must be Hermitian, but the matrix differs from its adj"),
    "not finite": (np.diag([1, 0, 0, np.nan]), "must be finite, but the matrix is not"),
}


@pytest.mark.parametrize("function", STATE_FUNCTIONS)
@pytest.mark.parametrize("kind", UNPHYSICAL)
def test_what_is_no_state_is_refused_with_the_repair(function, kind):
    matrix, telling = UNPHYSICAL[kind]
    with pytest.raises(ValueError, match="must") as refused:
        function(matrix)
    assert telling in str(refused.value)


def test_the_matrix_of_a_batch_that_is_no_state_is_named():
    batch = np.stack([np.eye(4) / 4, np.eye(4) / 4, np.eye(4) / 2]).reshape(3, 1, 4, 4)
    with pytest.raises(ValueError, match="matrix 2, 0 has 2"):
        quantities.mutual_information(batch)


def test_the_repairs_of_what_is_no_state_lead_to_a_value():
    rounded = quantities.nearest_state(np.diag([0.6, 0.5, -0.05, -0.05]))
    assert quantities.entropy(rounded) == pytest.approx(-0.55 * np.log(0.55) - 0.45 * np.log(0.45))
    assert quantities.mutual_information(np.eye(4) / np.trace(np.eye(4))) == pytest.approx(0, abs=1e-12)
    assert quantities.mutual_information(np.diag([0.3, 0.1, -0.1, -0.3]) / 4 + np.eye(4) / 4) > 0


def test_the_nearest_state_of_a_state_is_itself_and_of_others_no_state_is_nearer():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(50, 4, 4)) + 1j * rng.normal(size=(50, 4, 4))
    states = root @ root.conj().swapaxes(-1, -2)
    states /= np.trace(states, axis1=-2, axis2=-1)[:, None, None]
    np.testing.assert_allclose(quantities.nearest_state(states), states, atol=1e-12)
    noise = rng.normal(size=(50, 4, 4)) / 5
    beside = states + noise + noise.swapaxes(-1, -2)
    nearest = quantities.check_states(quantities.nearest_state(beside))
    # a projection onto a convex set: no direction into the set leads nearer
    inwards = np.einsum("nij,mnji->mn", beside - nearest, states[:, None] - nearest).real
    assert inwards.max() < 1e-12
