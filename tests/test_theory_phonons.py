"""A spin among phonons and chains in the long run: closed forms, periods sampled exactly, matrices built here."""

from __future__ import annotations

import functools
from math import comb

import numpy as np
import pytest
from conftest import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from protocols import RequestError, chain
from theory.phonons import SpinPhonon, canonical, expectation, long_time

PRINTED = {
    1: (((1.0,), (0.8,), (12,)), -0.0896, 0.1227, 4.85),
    2: (((1.0, 1.73), (0.57, 0.57), (10, 8)), -0.0950, 0.0373, 10.43),
    3: (((1.0, 1.73, 2.4), (0.46, 0.46, 0.46), (7, 6, 5)), -0.1081, 0.0161, 19.65),
}
seeds = st.integers(0, 2**32 - 1)


def system(modes):
    frequencies, couplings, cutoffs = PRINTED[modes][0]
    return SpinPhonon(frequencies=frequencies, couplings=couplings, cutoffs=cutoffs)


def settled(one):
    return long_time(one.hamiltonian, one.start, one.spin)


def unitary(generator, d):
    A = generator.normal(size=(2, d, d))
    return np.linalg.qr(A[0] + 1j * A[1])[0]


def state(generator, d):
    A = generator.normal(size=(2, d, d))
    rho = (A[0] + 1j * A[1]) @ (A[0] + 1j * A[1]).conj().T
    return rho / np.trace(rho)


def hermitian(generator, d):
    A = generator.normal(size=(2, d, d))
    return A[0] + A[0].T + 1j * (A[1] - A[1].T)


# ---- the numbers ----


@pytest.mark.parametrize("modes", [1, 2, slow(3)])
def test_the_spin_in_the_long_run(modes):
    _, mean, variance, dimension = PRINTED[modes]
    found = settled(system(modes))
    assert found.mean == pytest.approx(mean, abs=5.1e-5)
    assert found.variance == pytest.approx(variance, abs=5.1e-5)
    assert found.effective_dimension == pytest.approx(dimension, abs=5.1e-3)
    assert found.degeneracy == 1
    assert found.variance < found.bound == 1 / found.effective_dimension


def test_fluctuations_shrink_as_modes_are_added():
    variances = [settled(system(modes)).variance for modes in (1, 2)]
    assert variances[1] < variances[0] / 3


@pytest.mark.slow
def test_what_a_deeper_cut_off_changes():
    for modes, mean, dimension in ((1, 1e-5, 1e-4), (2, 5e-4, 5e-3), (3, 1e-3, 0.15)):
        here, deeper = settled(system(modes)), settled(system(modes).deeper())
        assert abs(here.mean - deeper.mean) < mean
        assert abs(here.effective_dimension - deeper.effective_dimension) < dimension
        assert deeper.variance < deeper.bound


# ---- the model, built here another way ----


@given(seeds, st.floats(0, 2), st.floats(-2, 2), st.floats(0, 2), st.booleans())
@examples(10)
def test_the_hamiltonian_and_the_start_are_those_of_operators(seed, splitting, drive, occupation, two):
    generator = np.random.default_rng(seed)
    cutoffs = (4, 3) if two else (5,)
    w, eta = generator.uniform(0.5, 2, len(cutoffs)), generator.uniform(0, 1, len(cutoffs))
    one = SpinPhonon(
        frequencies=tuple(w),
        couplings=tuple(eta),
        cutoffs=cutoffs,
        splitting=splitting,
        drive=drive,
        occupation=occupation,
    )

    def on(position, matrix):
        sizes = (2, *cutoffs)
        return functools.reduce(np.kron, [matrix if k == position else np.eye(n) for k, n in enumerate(sizes)])

    lower = [on(k + 1, np.diag(np.sqrt(np.arange(1, n)), 1)) for k, n in enumerate(cutoffs)]
    kick = expm(1j * sum(e * (a + a.T) for e, a in zip(eta, lower, strict=True)))
    plus = on(0, np.array([[0, 1], [0, 0]])) @ kick
    H = splitting / 2 * on(0, np.diag([1, -1])) + drive / 2 * (plus + plus.conj().T)
    H = H + sum(f * a.T @ a for f, a in zip(w, lower, strict=True))
    np.testing.assert_allclose(one.hamiltonian, H, atol=1e-12)
    np.testing.assert_allclose(one.spin, on(0, np.diag([1, -1])))
    beta = np.log1p(1 / occupation) if occupation > 0 else 700.0
    thermal = on(0, np.diag([1.0, 0.0])) @ expm(-beta * sum(a.T @ a for a in lower))
    np.testing.assert_allclose(one.start, thermal / np.trace(thermal), atol=1e-12)


@given(st.floats(0.1, 2), st.floats(-2, 2), st.floats(0, 2))
@examples(10)
def test_without_a_kick_the_spin_turns_alone(splitting, drive, occupation):
    """Rabi's formula; every gap of the modes is there many times."""
    one = SpinPhonon(
        frequencies=(1.0, 1.5),
        couplings=(0.0, 0.0),
        cutoffs=(4, 3),
        splitting=splitting,
        drive=drive,
        occupation=occupation,
    )
    share = drive**2 / (splitting**2 + drive**2)
    found = settled(one)
    assert found.mean == pytest.approx(1 - share, abs=1e-10)
    assert found.variance == pytest.approx(share**2 / 2, abs=1e-10)
    assert found.variance <= found.bound + 1e-12


# ---- over all times, by another route ----


@given(seeds, st.integers(2, 7), st.booleans())
@examples(20)
def test_a_period_sampled_exactly_has_the_mean_and_the_variance(seed, d, few):
    """Whole energies, many of them twice: period 2 pi, and so many times that no frequency is missed."""
    generator = np.random.default_rng(seed)
    levels = generator.integers(0, 3 if few else 9, d).astype(float)
    V, rho, A = unitary(generator, d), state(generator, d), hermitian(generator, d)
    H = (V * levels) @ V.conj().T
    times = np.arange(64) * 2 * np.pi / 64
    seen = np.array([np.trace(expm(-1j * H * t) @ rho @ expm(1j * H * t) @ A).real for t in times])
    np.testing.assert_allclose(expectation(H, rho, A, times), seen, atol=1e-9)
    found = long_time(H, rho, A)
    assert found.mean == pytest.approx(seen.mean(), abs=1e-9)
    assert found.variance == pytest.approx(seen.var(), abs=1e-9)
    weights = [np.trace(V[:, levels == E] @ V[:, levels == E].conj().T @ rho).real for E in np.unique(levels)]
    assert found.effective_dimension == pytest.approx(1 / np.sum(np.square(weights)), rel=1e-9)
    largest = np.abs(np.linalg.eigvalsh(A)).max()
    assert found.variance <= largest**2 * found.bound + 1e-12


@given(st.integers(2, 9))
@examples(8)
def test_chains_in_the_long_run_have_closed_forms(N):
    first = np.zeros((N, N))
    first[0, 0] = 1
    uniform = long_time(chain.hopping(np.ones(N - 1)), first, first)
    assert uniform.mean == pytest.approx(1.5 / (N + 1) if N > 1 else 1, abs=1e-12)
    assert uniform.effective_dimension == pytest.approx(2 * (N + 1) / 3, rel=1e-10)
    i, M = np.arange(1, N), N - 1
    engineered = long_time(chain.hopping(np.sqrt(i * (N - i)) / 2), first, first)
    mean = comb(2 * M, M) / 4**M  # of cos^2M
    assert engineered.mean == pytest.approx(mean, abs=1e-10)
    assert engineered.variance == pytest.approx(comb(4 * M, 2 * M) / 16**M - mean**2, abs=1e-10)
    for found in (uniform, engineered):
        assert 4 * found.variance <= found.bound + 1e-12


@pytest.mark.slow
def test_random_times_have_the_mean_and_the_variance():
    """20 000 times, within 5 standard errors; false alarm below 1e-5."""
    times = np.random.default_rng(4).uniform(0, 1e7, 20_000)
    for modes in (1, 2):
        one, found = system(modes), settled(system(modes))
        seen = expectation(one.hamiltonian, one.start, one.spin, times)
        assert abs(seen.mean() - found.mean) < 5 * np.sqrt(found.variance / len(times))
        squares = (seen - found.mean) ** 2
        assert abs(squares.mean() - found.variance) < 5 * squares.std() / np.sqrt(len(times))


@given(seeds, st.integers(2, 6), st.floats(0, 50))
@examples(10)
def test_what_commutes_with_the_energy_is_conserved(seed, d, time):
    generator = np.random.default_rng(seed)
    H, rho = hermitian(generator, d), state(generator, d)
    for conserved in (np.eye(d), H, H @ H):
        expected = np.trace(rho @ conserved).real
        assert expectation(H, rho, conserved, np.array([0.0, time])) == pytest.approx([expected] * 2, rel=1e-9)
        found = long_time(H, rho, conserved)
        assert (found.mean, found.variance) == pytest.approx((expected, 0), rel=1e-9, abs=1e-15 * expected**2 + 1e-12)


@given(seeds, st.integers(2, 6))
@examples(10)
def test_the_canonical_state_has_the_energy(seed, d):
    generator = np.random.default_rng(seed)
    H, rho, A = hermitian(generator, d), state(generator, d), hermitian(generator, d)
    seen, beta = canonical(H, rho, A)
    thermal = expm(-beta * H) / np.trace(expm(-beta * H))
    assert np.trace(thermal @ H).real == pytest.approx(np.trace(rho @ H).real, abs=1e-8)
    assert np.trace(thermal @ A).real == pytest.approx(seen, abs=1e-8)
    assert canonical(H, thermal, A) == pytest.approx((seen, beta), abs=1e-6)


# ---- what is refused ----


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"couplings": (0.5, 0.5)}, "as many numbers each, at least one, but have 1, 2 and 1"),
        ({"cutoffs": (1,)}, "`cutoffs` must be at least 2 each"),
        ({"cutoffs": (1001,)}, "leave at most 2000 states, but is"),
        ({"occupation": -0.1}, "`occupation` must be a number >= 0"),
    ],
)
def test_a_model_that_cannot_be_is_refused(fields, said):
    with pytest.raises(RequestError, match=said):
        SpinPhonon(**{"frequencies": (1.0,), "couplings": (0.5,), "cutoffs": (4,), **fields})


def test_a_ground_state_has_no_temperature():
    H, ground = np.diag([0.0, 1.0]), np.diag([1.0, 0.0])
    with pytest.raises(RequestError, match="an energy that a temperature can have"):
        canonical(H, ground, H)
    assert long_time(H, ground, H).degeneracy == 1
