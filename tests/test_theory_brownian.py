"""A Brownian particle in a temperature field: closed forms, Simpson's rule, the grid, and seeded paths."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import cumulative_simpson, quad, simpson
from scipy.linalg import expm
from scipy.stats import gamma

from protocols import RequestError
from theory.brownian import (
    Gradient,
    Particle,
    Patches,
    box_mean,
    ito,
    relaxation,
    steady_state,
    with_inertia,
)

PATCHES = Patches(centres=(-0.6, 0.6), temperatures=(1.5, 0.5), width=0.6)


def box(slope, **fields):
    return Particle(temperature=Gradient(slope=slope), **fields)


def trap(slope, stiffness):
    """Walls where less than 1e-16 of the particle is: the left one where T is a tenth."""
    return box(slope, stiffness=stiffness, left=-0.9 / slope, right=12 / np.sqrt(stiffness))


def simpson_average(particle, quantity):
    """<f> by Simpson's rule on 4001 places, the exponent too; nothing of `theory` but the fields."""
    x = np.linspace(particle.left, particle.right, 4001)
    exponent = cumulative_simpson(particle.force(x) / particle.temperature(x), x=x, initial=0)
    weight = np.exp(exponent - exponent.max()) / particle.temperature(x)
    return simpson(quantity(x) * weight, x=x) / simpson(weight, x=x)


# ---- the numbers ----


@pytest.mark.parametrize(("slope", "mean"), [(0.5, -0.179522), (0.4, -0.1395550)])
def test_in_a_box_the_particle_is_on_the_cold_side(slope, mean):
    digits = 5.1e-7 if slope == 0.5 else 5.1e-8
    assert box_mean(slope) == pytest.approx(mean, abs=digits)
    assert steady_state(box(slope)).mean == pytest.approx(float(box_mean(slope)), abs=1e-13)
    assert relaxation(box(slope), 400).mean == pytest.approx(mean, abs=2e-6)


@pytest.mark.parametrize(("stiffness", "slope", "mode", "variance"), [(8, 0.5, -0.0625, 0.125),
                                                                       (6, 0.4, -0.0666667, 0.1666667)])  # fmt: skip
def test_in_a_trap_the_mean_does_not_move_and_the_mode_does(stiffness, slope, mode, variance):
    found = steady_state(trap(slope, stiffness))
    assert found.mean == pytest.approx(0, abs=1e-9)
    assert found.mode == pytest.approx(mode, abs=5.1e-8)
    assert found.variance == pytest.approx(variance, abs=5.1e-8)


def test_between_two_patches_it_is_on_the_cold_one():
    particle = Particle(temperature=PATCHES.temperature, friction=PATCHES.friction)
    assert steady_state(particle).mean == pytest.approx(0.201573, abs=5.1e-7)
    assert relaxation(particle, 800).mean == pytest.approx(0.201573, abs=2e-6)


# ---- at any parameters, by another route ----


@given(st.floats(-0.9, 0.9), st.floats(0.5, 3), st.floats(-3, 3), st.floats(0, 5))
@examples(20)
def test_the_steady_state_is_that_of_simpsons_rule_and_of_the_grid(slope, right, drive, stiffness):
    fields = {"left": -1.0, "right": right, "stiffness": stiffness, "drive": lambda x: drive * np.cos(x)}
    particle = Particle(temperature=lambda x: np.exp(slope * x), **fields)
    found = steady_state(particle)
    assert found.average(np.sin) == pytest.approx(simpson_average(particle, np.sin), abs=1e-8)
    assert found.average(np.ones_like) == pytest.approx(1, abs=1e-12)
    assert relaxation(particle, 300).mean == pytest.approx(found.mean, abs=2e-4)


@given(st.floats(-1.5, 1.5), st.floats(0.2, 2), st.floats(0.2, 2), st.floats(0.3, 1.5))
@examples(20)
def test_two_patches_make_a_hyperbolic_tangent(a, left, right, width):
    two = Patches(centres=(-a, a), temperatures=(left, right), width=width)
    x = np.linspace(-1, 1, 9)
    tangent = (left + right) / 2 - (left - right) / 2 * np.tanh(a * x / width**2)
    np.testing.assert_allclose(two.temperature(x), tangent, rtol=1e-12)


@given(st.floats(0.1, 0.5), st.floats(4, 9))
@examples(10)
def test_the_trap_has_a_gamma_distribution(slope, stiffness):
    x = np.linspace(-1, 1, 7)
    shape, scale = stiffness / slope**2, slope**2 / stiffness
    expected = slope * gamma(shape, scale=scale).pdf(1 + slope * x)
    np.testing.assert_allclose(steady_state(trap(slope, stiffness)).density(x), expected, rtol=1e-6)


@given(st.floats(0.3, 3), st.floats(-0.8, 0.8), st.floats(0, 4))
@examples(10)
def test_the_friction_decides_how_fast_and_not_where_to(friction, slope, stiffness):
    plain = relaxation(box(slope, stiffness=stiffness), 60)
    other = relaxation(box(slope, stiffness=stiffness, friction=lambda x: friction * (2 + np.sin(3 * x))), 60)
    np.testing.assert_allclose(other.steady, plain.steady, rtol=1e-12)
    assert friction * plain.time < other.time < 3 * friction * plain.time


@given(st.floats(-0.8, 0.8), st.floats(0, 4), st.floats(-2, 2))
@examples(10)
def test_a_mirror_mirrors_and_one_temperature_is_boltzmanns(slope, stiffness, drive):
    x = np.linspace(-1, 1, 11)
    here = steady_state(box(slope, stiffness=stiffness, drive=lambda x: drive + 0 * x))
    there = steady_state(box(-slope, stiffness=stiffness, drive=lambda x: -drive + 0 * x))
    np.testing.assert_allclose(here.density(x), there.density(-x), rtol=1e-10)
    even = steady_state(box(0.0, stiffness=stiffness, drive=lambda x: drive + 0 * x))
    weight = np.exp(drive * x - stiffness * x**2 / 2)
    np.testing.assert_allclose(even.density(x) / even.density(x)[0], weight / weight[0], rtol=1e-10)


def test_the_force_of_a_trap_is_balanced_whatever_the_temperature_does():
    """Nothing flows, so <F - V'> is the difference of T P at the walls; where P is zero there, it is 0."""
    wavy = Particle(temperature=lambda x: 1 + 0.3 * np.sin(2 * x), stiffness=9.0, left=-4, right=4)
    assert steady_state(wavy).average(wavy.force) == pytest.approx(0, abs=1e-9)
    near = box(0.5, stiffness=2.0)
    P, T = steady_state(near).density(np.array([-1.0, 1.0])), near.temperature(np.array([-1.0, 1.0]))
    assert steady_state(near).average(near.force) == pytest.approx(T[1] * P[1] - T[0] * P[0], abs=1e-10)


@given(st.floats(0.5, 9), st.floats(-0.6, 0.6), st.floats(-1, 1))
@examples(8)
def test_the_mode_is_where_the_density_is_largest(stiffness, slope, drive):
    found = steady_state(box(slope, stiffness=stiffness, drive=lambda x: drive * np.exp(x)))
    x = np.linspace(-1, 1, 4001)
    assert found.mode == pytest.approx(x[np.argmax(found.density(x))], abs=5.1e-4)
    assert (found.density(np.array([found.mode])) >= found.density(x).max() - 1e-12).all()


def test_small_gradients_go_over_into_none():
    """The series at |g| < 1e-3, against the quadrature."""
    for slope in (0.0, 1e-5, -9e-4, 2e-3):
        assert box_mean(slope) == pytest.approx(steady_state(box(slope)).mean, abs=1e-12)


def test_a_drive_of_model_1_can_do_what_a_gradient_does():
    """F = -dT/dx at one temperature: P = exp(-T(x)) instead of 1/T(x), both towards the cold."""
    driven = steady_state(Particle(temperature=np.ones_like, drive=lambda x: np.full_like(x, -0.5)))
    x = np.linspace(-1, 1, 5)
    np.testing.assert_allclose(driven.density(x), np.exp(-0.5 * x) / (4 * np.sinh(0.5)), rtol=1e-12)
    assert driven.mean == pytest.approx(2 - 1 / np.tanh(0.5), abs=1e-12)


# ---- the grid in time ----


@given(st.floats(-0.8, 0.8), st.floats(0, 5), st.floats(0.01, 2))
@examples(10)
def test_relaxation_is_the_exponential_of_a_generator_that_keeps_the_probability(slope, stiffness, time):
    grid = relaxation(box(slope, stiffness=stiffness, friction=lambda x: 1.5 + x), 24)
    start = np.zeros(24)
    start[3] = 1 / grid.width
    G = grid.generator
    np.testing.assert_allclose(G.sum(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(G @ grid.steady, 0, atol=1e-9)
    found = grid.densities(start, np.array([0.0, time, 1e3]))
    np.testing.assert_allclose(found, [start, expm(G * time) @ start, grid.steady], atol=1e-9)


def test_the_grid_converges_with_the_square_of_its_width_and_knows_free_diffusion():
    errors = [
        relaxation(box(0.5, stiffness=3.0), n).mean - steady_state(box(0.5, stiffness=3.0)).mean for n in (50, 100)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.01)
    # D = T = 1 between walls 2 apart: the slowest decay is pi^2/4
    assert relaxation(box(0.0), 200).time == pytest.approx(4 / np.pi**2, rel=1e-4)


# ---- paths ----


def near(found, expected, *, sigmas=5.0, bias=0.002):
    """Within 5 standard errors (false alarm 6e-7) and what the steps of time leave."""
    mean, error = found
    return abs(mean - expected) < sigmas * error + bias


def test_few_paths_read_by_ito_agree_and_read_by_stratonovich_do_not():
    """The planted error: a drift T'/2 besides, which leads to P ~ T^(-1/2) and <x> = -0.087."""
    times = {"step": 5e-3, "duration": 10.0, "walkers": 400, "seed": 7, "every": 10}
    assert near(ito(box(0.5), **times).settled(2.0), -0.179522)
    planted = box(0.5, drive=lambda x: np.full_like(x, 0.25))
    wrong = quad(lambda x: x / np.sqrt(1 + x / 2), -1, 1)[0] / quad(lambda x: 1 / np.sqrt(1 + x / 2), -1, 1)[0]
    assert not near(ito(planted, **times).settled(2.0), -0.179522)
    assert near(ito(planted, **times).settled(2.0), wrong)


@pytest.mark.slow
def test_many_paths_have_the_mean_of_the_closed_form():
    times = {"step": 2e-3, "duration": 20.0, "walkers": 2000, "seed": 11, "every": 10}
    assert near(ito(box(0.4), **times).settled(2.0), -0.1395550)
    patches = Particle(temperature=PATCHES.temperature, friction=PATCHES.friction)
    assert near(ito(patches, **times).settled(2.0), 0.201573, bias=0.003)
    trapped = ito(trap(0.5, 8.0), **times)
    assert near(trapped.settled(1.0), 0.0)
    assert trapped.x[trapped.times > 1].var() == pytest.approx(0.125, rel=0.03)


@pytest.mark.slow
def test_the_bias_of_a_step_is_in_proportion_to_it():
    """Four times the step, four times the bias; each mean is known to 0.0009."""
    shared = {"duration": 30.0, "walkers": 12_000, "seed": 9}
    coarse, fine = (ito(box(0.5), step=dt, every=k, **shared).settled(2.0) for dt, k in ((0.08, 2), (0.02, 8)))
    assert (coarse[0] - box_mean(0.5)) == pytest.approx(0.02, abs=0.005)
    assert (fine[0] - box_mean(0.5)) == pytest.approx(0.005, abs=0.004)


@pytest.mark.slow
def test_on_the_way_paths_and_grid_agree():
    """At three times, each within 5 standard errors and the bias of the steps."""
    grid = relaxation(box(0.5), 401)
    start = np.where(np.abs(grid.x) < grid.width / 2, 1 / grid.width, 0.0)
    paths = ito(box(0.5), step=2e-3, duration=0.9, walkers=6000, seed=5, every=150)
    mean = grid.densities(start, paths.times) @ grid.x * grid.width
    for k in (1, 2, 3):
        x = paths.x[k]
        assert near((x.mean(), x.std() / np.sqrt(len(x))), mean[k])


@pytest.mark.slow
def test_where_the_friction_changes_paths_need_its_drift():
    """Without T (1/eta)' the particle would be where the friction is: P ~ eta/T."""
    times = {"step": 2e-3, "duration": 12.0, "walkers": 1000, "seed": 12, "every": 10}
    rough = box(0.5, friction=lambda x: np.exp(x))
    assert near(ito(rough, **times).settled(2.0), -0.179522, bias=0.006)
    planted = box(0.5, friction=rough.friction, drive=lambda x: 1 + 0.5 * x)  # cancels eta T (1/eta)' = -T
    assert not near(ito(planted, **times).settled(2.0), -0.179522, bias=0.006)
    wrong = steady_state(Particle(temperature=lambda x: (1 + 0.5 * x) * np.exp(-x))).mean
    assert near(ito(planted, **times).settled(2.0), wrong, bias=0.006)


@pytest.mark.slow
def test_inertia_leads_to_ito_as_the_mass_shrinks():
    """M = 0.05: within 0.02 of no mass, and not where Stratonovich would have it (-0.085)."""
    heavy = with_inertia(box(0.5), mass=0.05, step=5e-3, duration=20, walkers=3000, seed=3, every=10).settled(2.0)
    light = with_inertia(box(0.5), mass=0.01, step=2e-3, duration=20, walkers=3000, seed=3, every=10).settled(2.0)
    assert heavy[0] == pytest.approx(-0.1733, abs=0.02)
    assert near(light, -0.179522, bias=0.006)


def test_paths_are_seeded_and_stay_between_the_walls():
    times = {"step": 0.3, "duration": 6.0, "walkers": 40, "start": 0.9}
    for made in (ito, lambda p, **k: with_inertia(p, mass=0.1, **k)):
        one, same, other = (made(box(0.5), seed=seed, **times) for seed in (1, 1, 2))
        np.testing.assert_array_equal(one.x, same.x)
        assert not np.array_equal(one.x, other.x)
        assert np.abs(one.x).max() <= 1
        assert one.x.shape == (len(one.times), 40)
        assert one.times[-1] == pytest.approx(6.0)
        assert one.histogram(1.0, np.linspace(-1, 1, 5)).sum() / 2 == pytest.approx(1)


@given(st.floats(0.1, 5))
@examples(5)
def test_without_walls_near_a_free_walk_spreads_as_it_should(friction):
    """Var x = 2 T t/eta, of 400 walkers within 5 standard errors sqrt(2/400)."""
    assume(friction > 0)
    wide = Particle(temperature=np.ones_like, left=-99, right=99, friction=lambda x: np.full_like(x, friction))
    spread = ito(wide, step=0.05, duration=1.0, walkers=400, seed=5).x[-1].var()
    assert spread == pytest.approx(2 / friction, rel=5 * np.sqrt(2 / 400))


# ---- what is refused ----


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: box(1.2), "`temperature` must be positive between the walls -1.0 and 1.0, but is not at x = -1"),
        (lambda: box(0.5, friction=lambda x: x), "`friction` must be positive"),
        (lambda: box(0.1, left=2.0), "`left` must be a place left of the other wall 1.0, but is 2.0"),
        (lambda: Patches(centres=(0.0,), temperatures=(1.0, 2.0), width=1.0), "one for each of 1 patches"),
        (lambda: Patches(centres=(0.0,), temperatures=(1.0,), width=0.0), "`width` must be a positive number"),
        (lambda: relaxation(box(0.1), 2), "`cells` must be a whole number >= 3, but is 2"),
        (lambda: relaxation(box(0.1, stiffness=900.0), 50), "`cells` must be so many"),
        (lambda: ito(box(0.1), step=2.0, duration=1.0, walkers=9, seed=1), "`step` must be positive and at most"),
        (lambda: ito(box(0.1), step=0.1, duration=1.0, walkers=1, seed=1), "`walkers` must be at least 2"),
        (lambda: ito(box(0.1), step=0.1, duration=1.0, walkers=9, seed=1, start=3.0), "`start` must be between"),
        (lambda: with_inertia(box(0.1), mass=0.0, step=0.1, duration=1.0, walkers=9, seed=1), "`mass` must be"),
    ],
)
def test_what_has_no_meaning_is_refused(make, said):
    with pytest.raises(RequestError, match=said):
        make()


def test_the_number_of_cells_that_a_refusal_names_is_enough():
    with pytest.raises(RequestError) as refused:
        relaxation(box(0.1, stiffness=900.0), 50)
    enough = int(str(refused.value).partition("Give ")[2].split()[0])
    assert 900 < enough < 1100
    relaxation(box(0.1, stiffness=900.0), enough)
