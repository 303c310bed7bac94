"""The cooled oscillator: second order, Lyapunov, truncated number states, and moments written here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from protocols import RequestError
from theory.oscillators import CooledOscillator, covariance, fock_occupation, occupations, steady_occupation

systems = st.builds(
    CooledOscillator,
    damping=st.floats(0.2, 3),
    coupling=st.floats(0.02, 0.3),
    frequency=st.floats(0.7, 1.5),
    partner=st.floats(0.7, 2.0),
    bath_rate=st.floats(0, 0.3),
    bath_occupation=st.floats(0, 2),
    pairs=st.booleans(),
)


def moments(system, start, time):
    """<a^+a>, <b^+b> from the equations of all normally ordered second moments of a and b, written here one by one.

    i d<..>/dt = <[.., H]> with H = omega a^+a + Omega b^+b + g (a b^+ + a^+b) + g' (a b + a^+b^+).
    """
    w, W, g = system.frequency, system.resonance, system.coupling
    h, k, y, N = g * system.pairs, system.damping, system.bath_rate, system.bath_occupation

    def slope(_, v):
        na, nb, c, d, aa, bb = v  # a^+a, b^+b, a^+b, ab, aa, bb
        # da/dt = -i w a - i g b - i h b^+ - y/2 a, db/dt = -i W b - i g a - i h a^+ - k/2 b
        dna = 2 * np.real(-1j * g * c - 1j * h * np.conj(d)) - y * na + y * N
        dnb = 2 * np.real(-1j * g * np.conj(c) - 1j * h * np.conj(d)) - k * nb
        dc = (1j * (w - W) - (y + k) / 2) * c + 1j * g * nb + 1j * h * bb - 1j * g * na - 1j * h * np.conj(aa)
        dd = (-1j * (w + W) - (y + k) / 2) * d - 1j * g * (aa + bb) - 1j * h * (na + nb + 1)
        daa = (-2j * w - y) * aa - 2j * (g * d + h * c.conjugate())
        dbb = (-2j * W - k) * bb - 2j * (g * d + h * c)
        return [dna, dnb, dc, dd, daa, dbb]

    first = np.array([start, 0, 0, 0, 0, 0], dtype=complex)
    found = solve_ivp(slope, (0, time), first, rtol=1e-9, atol=1e-11, method="DOP853").y[:, -1]
    return found[:2].real


@pytest.mark.parametrize(("damping", "floor"), [(0.1, 6.25e-4), (0.4, 0.01), (1.0, 0.0625), (2.0, 0.25)])
def test_the_floor_is_that_of_a_vanishing_coupling(damping, floor):
    system = CooledOscillator(damping=damping)
    assert system.floor == pytest.approx(floor, abs=1e-15)
    assert system.weak == pytest.approx(floor, abs=1e-15)
    # rates of g^2 = 1e-8 beside the damping: rounding is as large as what is left of the coupling
    assert steady_occupation(system) == pytest.approx(floor, abs=5e-8)


def test_a_strong_coupling_stays_warmer():
    strong = CooledOscillator(damping=1.0, coupling=0.1)
    assert steady_occupation(strong) == pytest.approx(0.067665, abs=5.1e-7)


@given(systems, st.floats(0, 3), st.floats(0.1, 8))
@examples(20)
def test_occupations_along_time_are_those_of_the_moments(system, start, time):
    found = occupations(system, start, np.array([0.0, time]))
    np.testing.assert_allclose(found[0], [start, 0], atol=1e-12)
    np.testing.assert_allclose(found[1], moments(system, start, time), atol=1e-7)


@given(systems)
@examples(20)
def test_the_steady_covariance_is_steady_and_obeys_the_uncertainty_relation(system):
    S = covariance(system)
    A, D = system.drift, system.diffusion
    np.testing.assert_allclose(A @ S + S @ A.T + D, 0, atol=1e-10)
    symplectic = np.kron(np.eye(2), [[0, 1], [-1, 0]])
    assert np.linalg.eigvalsh(S + 0.5j * symplectic).min() > -1e-10
    slowest = -1 / np.linalg.eigvals(A).real.max()
    later = occupations(system, 1.0, np.array([30 * slowest]))
    assert later[0, 0] == pytest.approx(steady_occupation(system), abs=1e-9)


@pytest.mark.slow
def test_truncated_number_states_give_the_number_of_the_strong_coupling():
    strong = CooledOscillator(damping=1.0, coupling=0.1)
    assert fock_occupation(strong) == pytest.approx(steady_occupation(strong), abs=4e-8)


@pytest.mark.slow
@given(st.floats(0.5, 2), st.floats(0.05, 0.2), st.floats(0.8, 1.6), st.floats(0, 0.2), st.booleans())
@examples(6)
def test_truncated_number_states_give_the_same(damping, coupling, partner, bath_rate, pairs):
    system = CooledOscillator(
        damping=damping, coupling=coupling, partner=partner, bath_rate=bath_rate, bath_occupation=0.3, pairs=pairs
    )
    assert fock_occupation(system, (13, 7)) == pytest.approx(steady_occupation(system), abs=2e-6)


@given(st.floats(0.05, 3), st.floats(0.5, 2), st.floats(0.5, 2), st.floats(0, 1e-7), st.floats(0, 5))
@examples(20)
def test_a_weak_coupling_is_second_order(damping, frequency, partner, bath_rate, occupation):
    """Where it cools at all: A_- > A_+ for every positive pair of frequencies."""
    system = CooledOscillator(
        damping=damping,
        coupling=3e-3 * damping,
        frequency=frequency,
        partner=partner,
        bath_rate=bath_rate,
        bath_occupation=occupation,
    )
    cool, heat = system.rates
    assert cool > heat
    assert steady_occupation(system) == pytest.approx(system.weak, rel=5e-4)


@given(st.floats(0.05, 4), st.floats(0.3, 4))
@examples(20)
def test_no_partner_is_better_than_the_best(damping, partner):
    best = CooledOscillator(damping=damping).best
    assert best.floor <= replace(best, partner=partner).floor + 1e-15
    assert best.floor == pytest.approx((np.sqrt(1 + damping**2 / 4) - 1) / 2, rel=1e-9)
    assert best.floor <= replace(best, partner=None).floor


def test_the_best_floor_has_the_limits_of_resolved_and_unresolved_sidebands():
    for damping, known in ((0.01, 0.01**2 / 16), (1000.0, 1000 / 4)):
        assert CooledOscillator(damping=damping).best.floor == pytest.approx(known, rel=3e-3)


@given(st.floats(0.1, 2), st.floats(0.01, 0.4))
@examples(10)
def test_without_pairs_there_is_no_floor_and_with_them_a_cold_bath_is_heated(damping, coupling):
    system = CooledOscillator(damping=damping, coupling=coupling)
    assert steady_occupation(replace(system, pairs=False)) == pytest.approx(0, abs=1e-9)
    near_zero = replace(system, bath_rate=1e-3, bath_occupation=1e-3 * system.floor)
    assert steady_occupation(near_zero) > near_zero.bath_occupation
    assert steady_occupation(replace(near_zero, pairs=False)) < near_zero.bath_occupation


def test_a_weak_coupling_cools_at_the_rate_of_second_order():
    system = CooledOscillator(damping=0.8, coupling=0.01)
    cool, heat = system.rates
    times = np.array([500.0, 3000.0])
    expected = system.floor + (2 - system.floor) * np.exp(-(cool - heat) * times)
    np.testing.assert_allclose(occupations(system, 2.0, times)[:, 0], expected, rtol=5e-3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: CooledOscillator(damping=0.0), "`damping` must be a positive number, but is 0"),
        (lambda: CooledOscillator(damping=1.0, partner=-1.0), "`partner` must be a positive number"),
        (lambda: CooledOscillator(damping=1.0, bath_rate=-1.0), "`bath_rate` must be a number >= 0"),
        (lambda: CooledOscillator(damping=1.0, coupling=0.5), "`coupling` must be below"),
        (lambda: covariance(CooledOscillator(damping=1.0, coupling=0.0)), "something in them is not damped"),
        (lambda: occupations(CooledOscillator(damping=1.0), -1.0, np.array([0.0])), "`start` must be an occupation"),
        (lambda: fock_occupation(CooledOscillator(damping=1.0), (1, 5)), "`levels` must be two numbers >= 2"),
    ],
)
def test_what_has_no_meaning_is_refused(make, said):
    with pytest.raises(RequestError, match=said):
        make()
