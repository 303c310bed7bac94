"""A particle between two baths: printed numbers, Lindblad by matrices written here, QuTiP, collisions, circuits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm, null_space

from protocols.thermophoresis import Thermophoresis
from theory.thermophoresis import Chain, Particle, after_rounds, at_rest, evolve, round_matrix, slowest

temperatures = st.floats(0.3, 4)
particles = st.builds(
    Particle,
    T_L=temperatures,
    T_R=temperatures,
    bias=st.floats(-0.6, 0.6),
    gap=st.floats(0.8, 2),
    kind=st.sampled_from(["lambda", "vee"]),
)


def lindblad(H, jumps):
    """On rows of rho, one after the other."""
    one = np.eye(len(H))
    found = -1j * (np.kron(H, one) - np.kron(one, H.T))
    for jump in jumps:
        squared = jump.T @ jump
        found = found + np.kron(jump, jump) - (np.kron(squared, one) + np.kron(one, squared.T)) / 2
    return found


def particle_lindblad(particle, left, right):
    """Levels L, e, R; every site and e are a two-level system of their own."""
    up = particle.kind == "lambda"
    H = np.diag([0, particle.gap, particle.bias] if up else [particle.gap, 0, particle.gap + particle.bias])
    jumps = []
    for site, T, rate in ((0, particle.T_L, left), (2, particle.T_R, right)):
        lower, upper = (site, 1) if up else (1, site)
        n = 1 / (np.exp((H[upper, upper] - H[lower, lower]) / T) - 1)
        down = np.zeros((3, 3))
        down[lower, upper] = 1
        jumps += [np.sqrt(rate * (n + 1)) * down, np.sqrt(rate * n) * down.T]
    return lindblad(H, jumps)


def test_printed_numbers_of_three_levels():
    one = Particle(T_L=1, T_R=0.5)
    assert one.populations == pytest.approx([0.244728, 0.090031, 0.665241], abs=5e-7)
    assert one.displacement == pytest.approx(0.420512, abs=1e-6)
    assert np.log(one.populations[2] / one.populations[0]) == pytest.approx(1, abs=1e-14)
    assert one.stall == pytest.approx(0.5)
    stalled = Particle(T_L=1, T_R=0.5, bias=one.stall)
    assert stalled.populations[[0, 2]] == pytest.approx([0.422319] * 2, abs=5e-7)
    assert Particle(T_L=1, T_R=0.5, kind="vee").displacement == pytest.approx(-0.154698, abs=5e-7)
    from_L = after_rounds(one, np.pi / 4, np.array([1, 0, 0]), 12)
    assert from_L[1] == pytest.approx([0.865529, 0.075250, 0.059221], abs=5e-7)
    assert from_L[2] == pytest.approx([0.776647, 0.095378, 0.127975], abs=5e-7)
    assert from_L[12, 2] == pytest.approx(0.522, abs=5e-4)


@pytest.mark.parametrize(
    ("bias", "rounds", "limit", "close"),
    [
        (0, [0.2241514, 0.2632934, 0.2822318, 0.2913949], 0.2999841, 5e-8),
        (0.3, [0.1748941, 0.1601606, 0.1536879, 0.1508442], 0.1486161, 5e-8),
        (0.6, [0.1175, 0.0455, 0.0176, 0.0068], 0, 5e-5),
    ],
)
def test_printed_rounds(bias, rounds, limit, close):
    one = Particle(T_L=2, T_R=0.8, bias=bias)
    found = after_rounds(one, np.pi / 2, np.array([0.5, 0, 0.5]), 4)
    assert found[1:, 2] - found[1:, 0] == pytest.approx(rounds, abs=close)
    assert one.displacement == pytest.approx(limit, abs=5e-8)
    assert one.stall == pytest.approx(0.6)


def test_other_printed_numbers_of_rounds():
    one = Particle(T_L=2, T_R=0.8)
    assert one.populations == pytest.approx([0.268562, 0.162891, 0.568546], abs=5e-7)
    assert slowest(one, np.pi / 2) == pytest.approx(0.483838, abs=5e-7)
    wrong = after_rounds(one, np.pi / 2, np.array([1, 0, 0]), 1)[1]
    assert wrong[2] - wrong[0] == pytest.approx(-0.328997, abs=5e-7)


@given(particles, st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0.1, 1.5))
@settings(max_examples=12)
def test_closed_form_lindblad_and_collisions_rest_in_the_same_place(particle, left, right, angle):
    rest = null_space(particle_lindblad(particle, left, right), rcond=1e-10)
    assert rest.shape[1] == 1
    rho = rest[:, 0].reshape(3, 3)
    rho = rho / np.trace(rho)
    np.testing.assert_allclose(rho, np.diag(particle.populations), atol=1e-9)
    matrix = round_matrix(particle, angle)
    assert matrix.sum(axis=0) == pytest.approx([1, 1, 1], abs=1e-14)
    assert matrix.min() >= 0
    assert matrix @ particle.populations == pytest.approx(particle.populations, abs=1e-13)


@given(particles)
@settings(max_examples=12)
def test_the_particle_stalls_at_the_carnot_factor_and_a_vee_goes_the_other_way(particle):
    still = Particle(T_L=particle.T_L, T_R=particle.T_R, gap=particle.gap, kind=particle.kind, bias=particle.stall)
    assert still.displacement == pytest.approx(0, abs=1e-12)
    free = Particle(T_L=particle.T_L, T_R=particle.T_R, gap=particle.gap, kind=particle.kind)
    towards_cold = np.sign(free.T_L - free.T_R) * (1 if free.kind == "lambda" else -1)
    assert free.displacement * towards_cold >= 0
    assert np.log(free.populations[2] / free.populations[0]) == pytest.approx(
        free.gap * (1 / free.T_R - 1 / free.T_L) * (1 if free.kind == "lambda" else -1), abs=1e-9
    )


def test_the_soret_coefficient_is_the_slope_at_equal_temperatures():
    for kind in ("lambda", "vee"):
        near = Particle(T_L=1.3 + 1e-4, T_R=1.3 - 1e-4, gap=1.4, kind=kind)
        slope = np.log(near.populations[2] / near.populations[0]) / 2e-4
        assert near.soret == pytest.approx(slope, rel=1e-6)


def test_rounds_are_the_circuits_of_the_protocol():
    """At a bias and an angle of no preset; heat of each bath is what its own site changed."""
    flown = Thermophoresis(T_L=1.7, T_R=0.6, bias=0.25, angle=0.9, start="L", rounds=[0, 1, 2, 3])
    states = np.diagonal(flown.state(flown.points({}, "nominal")), axis1=1, axis2=2).real
    mine = after_rounds(Particle(T_L=1.7, T_R=0.6, bias=0.25), 0.9, np.array([1, 0, 0]), 3)
    np.testing.assert_allclose(states[:, [0, 1, 3]], mine, atol=1e-13)


@given(st.lists(temperatures, min_size=2, max_size=3), st.floats(0.05, 0.3), st.floats(0.2, 2))
@settings(max_examples=10)
def test_a_chain_under_local_rates_is_its_closed_form(given_temperatures, hopping, rate):
    size = len(given_temperatures)
    hop = np.diag([hopping] * (size - 1), 1)
    H = np.kron(np.diag([0, 1]), np.eye(size) + hop + hop.T)
    jumps = []
    for i, T in enumerate(given_temperatures):
        n = 1 / (np.exp(1 / T) - 1)
        down = np.zeros((2 * size, 2 * size))
        down[i, size + i] = 1
        jumps += [np.sqrt(rate * (n + 1)) * down, np.sqrt(rate * n) * down.T]
    values, _, vectors = np.linalg.svd(lindblad(H, jumps))[1], None, np.linalg.svd(lindblad(H, jumps))[2]
    rho = vectors[-1].conj().reshape(2 * size, 2 * size)
    rho = rho / np.trace(rho)
    assert values[-1] < 1e-10 < values[-2]
    found = np.diag(rho).real.reshape(2, size).sum(axis=0)
    assert Chain(temperatures=given_temperatures, hopping=hopping, rate=rate).sites == pytest.approx(found, abs=1e-8)


@given(st.lists(temperatures, min_size=2, max_size=5), st.floats(0.01, 0.4), st.floats(0.2, 2))
@settings(max_examples=12)
def test_a_chain_under_band_rates_obeys_both_laws(given_temperatures, hopping, rate):
    rest = Chain(temperatures=given_temperatures, hopping=hopping, rate=rate).under_band_rates()
    assert rest.sites.sum() == pytest.approx(1, abs=1e-12)
    assert rest.sites.min() > 0
    assert rest.heats.sum() == pytest.approx(0, abs=1e-12)
    # entropy that the baths gain
    assert -(rest.heats / np.array(given_temperatures)).sum() >= -1e-12
    isothermal = Chain(temperatures=[given_temperatures[0]] * 2, hopping=hopping).under_band_rates()
    assert isothermal.heats == pytest.approx([0, 0], abs=1e-14)
    assert isothermal.sites == pytest.approx([0.5, 0.5], abs=1e-12)


def test_printed_numbers_of_chains_and_the_limit_of_weak_hopping():
    assert Chain(temperatures=(1, 0.5)).sites == pytest.approx([0.307110, 0.692890], abs=5e-7)
    assert Chain(temperatures=(1, 0.75, 0.5)).sites == pytest.approx([0.220004, 0.283632, 0.496364], abs=5e-7)
    band = Chain(temperatures=(1, 0.5), hopping=0.2).under_band_rates()
    assert band.sites == pytest.approx([0.321371, 0.678629], abs=5e-7)
    assert band.heats == pytest.approx([0.0021011, -0.0021011], abs=5e-8)
    weak = Chain(temperatures=(1, 0.5), hopping=1e-4).under_band_rates()
    assert weak.sites == pytest.approx(Chain(temperatures=(1, 0.5)).sites, abs=1e-6)


@pytest.mark.slow
def test_qutip_agrees_in_time_and_at_rest():
    particle, times = Particle(T_L=1.6, T_R=0.7, bias=0.2, gap=1.3), np.array([0, 0.5, 2])
    start = np.full((3, 3), 0.2, dtype=complex)
    np.fill_diagonal(start, [0.5, 0.3, 0.2])
    generator = particle_lindblad(particle, 0.7, 1.9)
    expected = [np.diag((expm(generator * t) @ start.ravel()).reshape(3, 3)).real for t in times]
    np.testing.assert_allclose(evolve(particle, start, times, (0.7, 1.9)), expected, atol=1e-9)
    np.testing.assert_allclose(at_rest(particle, (0.7, 1.9)), np.diag(particle.populations), atol=1e-12)
    late = evolve(Particle(T_L=1, T_R=0.5, kind="vee"), np.array([1.0, 0, 0]), np.array([0, 400.0]))
    assert late[-1] == pytest.approx(Particle(T_L=1, T_R=0.5, kind="vee").populations, abs=1e-9)
    chain = Chain(temperatures=(1.8, 0.9, 0.6, 0.4), hopping=0.25, rate=0.7)
    rest = chain.under_local_rates()
    assert rest.sites == pytest.approx(chain.sites, abs=1e-12)
    assert rest.heats == pytest.approx(np.zeros(4), abs=1e-12)


def test_what_has_no_levels_in_order_is_refused():
    with pytest.raises(ValueError, match="both gaps > 0"):
        Particle(T_L=1, T_R=0.5, bias=1.2)
    with pytest.raises(ValueError, match="less hopping"):
        Chain(temperatures=(1, 0.5, 0.4), hopping=0.8)
