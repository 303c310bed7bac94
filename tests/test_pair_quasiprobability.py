"""The quasiprobability of heat against traces of matrices, its sum rules, and the numbers of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st

from protocols.pair import (
    PairState,
    coherent,
    entangled,
    kirkwood_dirac,
    kirkwood_dirac_nonclassicality,
    margenau_hill,
    quasiprobability_negativity,
    semiclassical_heat_bound,
)

seeds = st.integers(0, 2**32 - 1)
angles = st.floats(-np.pi, np.pi)
deterministic = examples(100)
MIXED = [(1, 1), (1, 2), (2, 1), (2, 2)]  # 01 -> 01, 01 -> 10, 10 -> 01, 10 -> 10
ROUNDING = 1e-12


def swap(angle: float, phi: float) -> np.ndarray:
    """exp(-i V t) of V = Omega (e^{i phi} |01><10| + h.c.), by its eigenvectors."""
    V = np.zeros((4, 4), complex)
    V[1, 2], V[2, 1] = np.exp(1j * phi), np.exp(-1j * phi)
    values, vectors = np.linalg.eigh(V)
    return (vectors * np.exp(-1j * angle * values)) @ vectors.conj().T


def traces(rho: np.ndarray, unitary: np.ndarray) -> np.ndarray:
    """q[i, f] = Tr[U^+ P_f U P_i rho] of all four levels."""
    P = [np.diag(row).astype(complex) for row in np.eye(4)]
    return np.array([[np.trace(unitary.conj().T @ P[f] @ unitary @ P[i] @ rho) for f in range(4)] for i in range(4)])


def random_state(seed: int, *, conserving: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(4, 3)) + 1j * rng.normal(size=(4, 3))
    if conserving:  # keeps rho_{01,10} alone
        factor = np.array([[1, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]]) * (factor @ factor.conj().T)
        return factor / np.trace(factor).real
    rho = factor @ factor.conj().T
    return rho / np.trace(rho).real


def arguments(rho: np.ndarray, phi: float) -> tuple[float, float, complex]:
    return rho[1, 1].real, rho[2, 2].real, np.exp(-1j * phi) * rho[1, 2]


def of_pair(pair: PairState, phi: float) -> tuple[float, float, complex]:
    return arguments(pair.matrix[0], phi)


def heat(p01, p10, r0, angle):
    """Energy gained by A, from the evolution of its population."""
    return np.sin(angle) ** 2 * (p01 - p10) + np.sin(2 * angle) * np.imag(r0)


HOLDSWORTH = of_pair(entangled(np.array([2.0]), np.array([1.0]), np.ones(1), np.array([np.pi / 2])), 0.0)
GAP = 4.135668  # peV
MICADEI = of_pair(coherent(np.array([4.30 / GAP]), np.array([3.66 / GAP]), np.array([-0.19]), np.zeros(1)), np.pi / 2)


@given(seeds, angles, angles, st.booleans())
@deterministic
def test_the_closed_form_is_the_trace_for_any_state_and_axis(seed, angle, phi, conserving):
    rho = random_state(seed, conserving=conserving)
    q = traces(rho, swap(angle, phi))
    p01, p10, r0 = arguments(rho, phi)
    assert kirkwood_dirac(p01, p10, r0, angle) == pytest.approx([q[pair] for pair in MIXED], abs=ROUNDING)
    assert margenau_hill(p01, p10, r0, angle) == pytest.approx([q[pair].real for pair in MIXED], abs=ROUNDING)
    # Every other level keeps to itself, so that these four and two populations are the whole distribution.
    rest = q.copy()
    for pair in MIXED:
        rest[pair] = 0
    assert rest == pytest.approx(np.diag([rho[0, 0], 0, 0, rho[3, 3]]), abs=ROUNDING)
    assert kirkwood_dirac_nonclassicality(p01, p10, r0, angle) == pytest.approx(np.abs(q).sum() - 1, abs=ROUNDING)
    assert quasiprobability_negativity(p01, p10, r0, angle) == pytest.approx(np.abs(q.real).sum() - 1, abs=ROUNDING)


@given(seeds, angles, angles)
@deterministic
def test_its_marginals_are_the_populations_and_its_mean_the_heat(seed, angle, phi):
    rho, unitary = random_state(seed), swap(angle, phi)
    after = unitary @ rho @ unitary.conj().T
    p01, p10, r0 = arguments(rho, phi)
    stay_01, to_10, to_01, stay_10 = kirkwood_dirac(p01, p10, r0, angle)
    assert (stay_01 + to_10, to_01 + stay_10) == pytest.approx((p01, p10), abs=ROUNDING)
    assert (stay_01 + to_01, to_10 + stay_10) == pytest.approx((after[1, 1].real, after[2, 2].real), abs=ROUNDING)
    gained = np.trace((after - rho) @ np.diag([0, 0, 1, 1])).real
    assert to_10 - to_01 == pytest.approx(gained, abs=ROUNDING)
    assert heat(p01, p10, r0, angle) == pytest.approx(gained, abs=ROUNDING)


@given(seeds, angles, angles)
@deterministic
def test_it_is_read_off_three_experiments_with_mid_circuit_measurements(seed, angle, phi):
    # Re q(i -> f) = p_TPM(i, f) + [p_f(no measurement) - p_f(non-selective {P_i, 1 - P_i})] / 2
    rho, unitary = random_state(seed, conserving=True), swap(angle, phi)
    transitions = np.abs(unitary) ** 2
    values = margenau_hill(*arguments(rho, phi), angle)
    undisturbed = np.diagonal(unitary @ rho @ unitary.conj().T).real
    for (i, f), value in zip(MIXED, values, strict=True):
        keep = np.diag(np.arange(4) == i).astype(float)
        rest = np.eye(4) - keep
        disturbed = unitary @ (keep @ rho @ keep + rest @ rho @ rest) @ unitary.conj().T
        # Here full dephasing of both qubits does the same as {P_i, 1 - P_i}.
        assert np.diagonal(disturbed)[f].real == pytest.approx(transitions[f] @ rho.diagonal().real, abs=ROUNDING)
        two_points = transitions[f, i] * rho[i, i].real
        assert value == pytest.approx(two_points + (undisturbed[f] - disturbed[f, f].real) / 2, abs=ROUNDING)


@given(seeds, angles, angles)
@deterministic
def test_heat_beyond_the_bound_into_either_qubit_is_as_good_as_negativity(seed, angle, phi):
    p01, p10, r0 = arguments(random_state(seed, conserving=True), phi)
    gained = heat(p01, p10, r0, angle)
    excess_A = gained - semiclassical_heat_bound(p01, p10, angle)
    excess_B = -gained - semiclassical_heat_bound(p10, p01, angle)
    stay_01, to_10, to_01, stay_10 = margenau_hill(p01, p10, r0, angle)
    # The excess is twice the most negative of the two values behind a bound,
    assert excess_A == pytest.approx(-2 * min(to_01, stay_01), abs=ROUNDING)
    assert excess_B == pytest.approx(-2 * min(to_10, stay_10), abs=ROUNDING)
    # the negativity twice the sum of all negative ones,
    negativity = quasiprobability_negativity(p01, p10, r0, angle)
    assert negativity == pytest.approx(2 * sum(max(0, -q) for q in (stay_01, to_10, to_01, stay_10)), abs=ROUNDING)
    # so that they vanish together.
    excess = max(excess_A, excess_B, 0)
    assert excess - ROUNDING <= negativity <= 2 * excess + 4 * ROUNDING
    # The flow into A exceeds its bound only if the coherence drives it there.
    assert (excess_B if np.sin(2 * angle) * r0.imag >= 0 else excess_A) <= ROUNDING


@given(seeds, angles, angles)
@deterministic
def test_without_driving_coherence_nothing_is_negative_but_a_real_coherence_is_still_quantum(seed, angle, phi):
    p01, p10, r0 = arguments(random_state(seed), phi)
    assert quasiprobability_negativity(p01, p10, 0, angle) <= ROUNDING
    assert kirkwood_dirac_nonclassicality(p01, p10, 0, angle) <= ROUNDING
    assert quasiprobability_negativity(p01, p10, r0.real, angle) <= ROUNDING
    complex_part = abs(np.sin(2 * angle) * r0.real)
    if complex_part > 1e-4:
        assert kirkwood_dirac_nonclassicality(p01, p10, r0.real, angle) > 0
    nonclassical = kirkwood_dirac_nonclassicality(p01, p10, r0, angle)
    assert nonclassical >= quasiprobability_negativity(p01, p10, r0, angle) >= 0


def test_two_point_measurement_leaves_the_normal_flow():
    p01, p10, _ = HOLDSWORTH
    t = np.linspace(0, np.pi / 2, 50)
    _, to_10, to_01, _ = margenau_hill(p01, p10, 0.0, t)
    assert to_10 - to_01 == pytest.approx(np.sin(t) ** 2 * (p01 - p10), abs=ROUNDING)
    assert np.all(to_10 - to_01 <= ROUNDING)  # A is hotter and loses


# The two published states; numbers of physics/core.md, section 5


def test_the_optimally_correlated_pair_has_the_reference_numbers_an_eighth_of_the_period_in():
    angle = 0.1 * 3.927
    assert heat(*HOLDSWORTH, angle) == pytest.approx(0.20941, abs=6e-6)
    assert semiclassical_heat_bound(*HOLDSWORTH[:2], angle) == pytest.approx(0.09468, abs=6e-6)
    assert quasiprobability_negativity(*HOLDSWORTH, angle) == pytest.approx(0.11474, abs=6e-6)


def test_the_optimally_correlated_pair_violates_the_bound_always_but_when_its_energy_difference_peaks():
    peak = 0.1 * 7.010056
    t = np.linspace(0, np.pi / 2, 4001)[1:-1]
    excess = heat(*HOLDSWORTH, t) - semiclassical_heat_bound(*HOLDSWORTH[:2], t)
    assert np.all(excess[np.abs(t - peak) > 1e-3] > 0)
    assert heat(*HOLDSWORTH, peak) == pytest.approx(semiclassical_heat_bound(*HOLDSWORTH[:2], peak), abs=1e-6)
    # There |01> is empty, so that the two values that make up its population vanish.
    assert quasiprobability_negativity(*HOLDSWORTH, peak) == pytest.approx(0, abs=1e-6)
    assert np.argmin(excess) == np.argmin(np.abs(t - peak))


def test_the_micadei_pair_violates_the_bound_but_for_a_short_window():
    for inside, outside in [(0.7377, 0.7379), (0.7491, 0.7489)]:
        for angle, violated in [(inside, True), (outside, False)]:
            excess = heat(*MICADEI, angle) - semiclassical_heat_bound(*MICADEI[:2], angle)
            assert (excess > 0) == violated
            assert (quasiprobability_negativity(*MICADEI, angle) > 1e-9) == violated
    t = np.linspace(0, np.pi / 2, 2001)[1:-1]
    excess = heat(*MICADEI, t) - semiclassical_heat_bound(*MICADEI[:2], t)
    assert np.array_equal(excess > 0, (t < 0.7378) | (t > 0.7490))


def test_the_anomalous_flow_starts_linearly_in_time_and_its_bound_quadratically():
    p01, p10, r0 = HOLDSWORTH
    for t in (1e-3, 1e-4):
        assert heat(p01, p10, r0, t) == pytest.approx(2 * r0.imag * t, rel=2 * t)
        assert semiclassical_heat_bound(p01, p10, t) == pytest.approx((p01 + p10) * t**2, rel=t)


def test_arguments_broadcast_and_a_batch_gives_what_a_loop_gives():
    rng = np.random.default_rng(1)
    p01, p10 = 0.5 * rng.random((2, 5))
    r0 = 0.3 * np.sqrt(p01 * p10) * np.exp(2j * np.pi * rng.random(5))
    t = np.linspace(-1, 2, 7)[:, None]
    for function in (margenau_hill, kirkwood_dirac):
        looped = [[function(*point, angle) for point in zip(p01, p10, r0, strict=True)] for angle in t[:, 0]]
        assert function(p01, p10, r0, t).shape == (4, 7, 5)
        assert np.moveaxis(function(p01, p10, r0, t), 0, -1) == pytest.approx(np.array(looped), abs=ROUNDING)
    for function in (quasiprobability_negativity, kirkwood_dirac_nonclassicality):
        looped = [[function(*point, angle) for point in zip(p01, p10, r0, strict=True)] for angle in t[:, 0]]
        assert function(p01, p10, r0, t) == pytest.approx(np.array(looped), abs=ROUNDING)
    assert semiclassical_heat_bound(p01, p10, t).shape == (7, 5)
    assert np.ndim(quasiprobability_negativity(0.3, 0.2, 0.1j, 0.4)) == 0
