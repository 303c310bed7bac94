"""The regime of a machine: named where every sign is carried, and in no world that only looks like one.

Worlds are exact distributions of the bits of h, c and their last ancillas before and after a cycle, drawn as counts.
"""

import numpy as np
import pytest
from conftest import full_size, slow
from test_two_stroke_engine import on, swap, thermal

from analysis.verdict.machine import REGIMES, Control, Cycle, named, regime_sigma
from analysis.verdict.rule import Valued

BITS = (np.arange(16)[:, None] >> np.arange(4)[::-1]) & 1
"""Of bath_c, c, h, bath_h."""
RUNS = 20_000 if full_size() else 3000
SHOTS = [slow(2000), 50_000, slow(1_000_000)]
FALSE_ALARM = 0.0027
"""2 Phi(-3): at most so often is a regime named where the work is zero."""


def relaxed(rho, place, towards, by):
    """One qubit with the chance `by` of being replaced by one of this excited population: T1 at 0, heating at 1."""
    fresh = np.diag([1 - towards, towards])
    found = (1 - by) * rho
    for keep in (0, 1):
        for put in (0, 1):
            jump = np.zeros((2, 2))
            jump[put, keep] = np.sqrt(fresh[put, put])
            found = found + by * on(place, jump) @ rho @ on(place, jump).T
    return found


def distribution(world, theta=None):
    """Probabilities of the 16 patterns before and after the last of 12 cycles, (2, 16)."""
    T_h, T_c, g, phi = (world.get(name, value) for name, value in zip(KNOWN, (0.8, 0.4, 0.75, 0.8), strict=True))
    theta = world.get("theta", 0.8) if theta is None else theta
    tau_c, tau_h = thermal(g / T_c), thermal(1 / T_h)
    heat, work = swap(0, 1, phi) @ swap(2, 3, phi), swap(1, 2, theta)
    rho = np.kron(tau_c, tau_h)
    for _ in range(12):
        start = np.kron(np.kron(tau_c, rho), tau_h)
        after = work @ heat @ start @ heat.conj().T @ work.conj().T
        for place, (towards, by) in world.get("noise", {}).items():
            after = relaxed(after, place, towards, by)
        rho = np.einsum("abcdafgd->bcfg", after.reshape((2,) * 8)).reshape(4, 4)
    found = np.stack([np.diag(start).real, np.diag(after).real])
    readout, corrected = world.get("readout", NO_ERRORS), world.get("corrected", world.get("readout", NO_ERRORS))
    return found @ confusion(readout).T, np.linalg.inv(confusion(corrected))


KNOWN = ("T_h", "T_c", "g", "phi")
NO_ERRORS = ((0.0, 0.0),) * 4


def confusion(each):
    """Columns are prepared patterns: P(1|0) and P(0|1) of every qubit."""
    whole = np.eye(1)
    for up, down in each:
        whole = np.kron(whole, np.array([[1 - up, down], [up, 1 - down]]))
    return whole


def cycles(world, shots, repeats, seed, controlled=False):
    """Estimates of many runs, as the analysis makes them: linear in the counts, with their variance."""
    g, rng = world.get("g", 0.75), np.random.default_rng(seed)

    def measured(theta=None):
        p, corrected = distribution(world, theta)
        f = rng.multinomial(shots, p, size=(repeats, 2)) / shots

        def valued(score):
            score = np.asarray(score, float) @ BITS.T @ corrected
            value, square = f @ score, f @ score**2
            variance = (square - value**2) / (shots - 1)
            return Valued(value=value[:, 1] - value[:, 0], stderr=np.sqrt(variance.sum(axis=1)))

        by_hot, by_cold = valued((0, 0, g - 1, g - 1)), valued((1 - g, 1 - g, 0, 0))
        half = (1 - g) / 2
        return valued, by_hot, by_cold, valued((half, half, -half, -half))

    both = (1 + g) / 2
    missing = (-both, -both, -both, -both)
    valued, by_hot, by_cold, work = measured()
    T_h, T_c = world.get("T_h", 0.8), world.get("T_c", 0.4)
    controls = ()
    if controlled:
        other, left, reached, none = measured(0.0)
        controls = (Control(work=none, by_side=(left, reached), residual=other(missing)),)
    return Cycle(
        hot=valued((0, 0, 0, -1)),
        cold=valued((-g, 0, 0, 0)),
        work=work,
        by_side=(by_hot, by_cold),
        residual=valued(missing),
        production=valued((g / T_c, 0, 0, 1 / T_h)),
        controls=controls,
    )


@pytest.mark.parametrize(
    ("world", "regime"),
    [
        ({}, "engine"),
        ({"g": 0.4}, "refrigerator"),
        ({"T_c": 0.7, "g": 0.5}, "refrigerator"),
        ({"g": 1.5}, "accelerator"),
    ],
)
def test_a_machine_is_named_and_its_residual_is_zero(world, regime):
    found = cycles(world, 120_000, 300, 3, controlled=True)
    assert np.mean(named(found) == regime) > 0.9
    assert not {*named(found)} - {regime, ""}
    assert np.abs(np.mean(found.residual.sigmas)) < 0.2
    assert np.var(found.residual.sigmas) == pytest.approx(1, abs=0.25)
    few = named(cycles(world, 300, 2000, 4))
    assert np.mean(few == "") > 0.95


WORLDS = {
    "nothing is swapped": {"theta": 0.0},
    "the Carnot point, where every flow is zero": {"g": 0.5},
    "equal gaps: heat flows and no work can": {"g": 1.0},
    "T1 of every wire, nothing swapped": {"theta": 0.0, "noise": dict.fromkeys(range(4), (0.0, 0.05))},
    "T1 of h alone, nothing swapped": {"theta": 0.0, "noise": {2: (0.0, 0.06)}},
    "depolarisation of both qubits, nothing swapped": {"theta": 0.0, "noise": {1: (0.5, 0.06), 2: (0.5, 0.06)}},
    "calibrations of h and c exchanged, nothing swapped": {
        "theta": 0.0,
        "readout": ((0.02, 0.03), (0.01, 0.02), (0.05, 0.12), (0.02, 0.03)),
        "corrected": ((0.02, 0.03), (0.05, 0.12), (0.01, 0.02), (0.02, 0.03)),
    },
    "calibrations of c and its bath exchanged, T1": {
        "theta": 0.0,
        "noise": dict.fromkeys(range(4), (0.0, 0.03)),
        "readout": ((0.02, 0.10), (0.01, 0.02), (0.02, 0.03), (0.02, 0.03)),
        "corrected": ((0.01, 0.02), (0.02, 0.10), (0.02, 0.03), (0.02, 0.03)),
    },
}


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("shots", SHOTS)
def test_no_machine_is_named_where_there_is_none(name, shots):
    """2 Phi(-3) of all runs at most, to five standard deviations of their number: 54 and 37 of 20000."""
    found = named(cycles(WORLDS[name], shots, RUNS, 11))
    assert np.mean(found != "") < FALSE_ALARM + 5 * np.sqrt(FALSE_ALARM / RUNS)


MIMICS = {"engine": {1: (1.0, 0.01), 2: (0.0, 0.05)}, "refrigerator": {1: (0.0, 0.1), 2: (0.5, 0.1)}}
"""Environments that take excitations of one qubit and give others to the other, as a work stroke does."""


@pytest.mark.parametrize("seeming", MIMICS)
@pytest.mark.parametrize("shots", SHOTS)
def test_an_environment_that_looks_like_a_work_stroke_is_told_by_the_control(seeming, shots):
    world = {"theta": 0.0, "noise": MIMICS[seeming]}
    alone, beside = (named(cycles(world, shots, RUNS, 12, controlled=one)) for one in (False, True))
    assert np.mean(beside != "") < FALSE_ALARM + 5 * np.sqrt(FALSE_ALARM / RUNS)
    if seeming == "engine" and shots == 1_000_000:
        assert np.mean(alone == seeming) > 0.8  # without a control nothing tells it


@pytest.mark.parametrize(
    ("world", "regime"),
    [
        ({"noise": dict.fromkeys(range(4), (0.0, 0.02))}, "engine"),
        slow({"noise": {1: (0.5, 0.02), 2: (0.5, 0.02)}, "g": 0.4}, "refrigerator"),
        slow({"noise": dict.fromkeys(range(4), (0.0, 0.01)), "g": 1.5}, "accelerator"),
    ],
)
def test_a_noisy_machine_is_named_as_itself_or_not_at_all(world, regime):
    for shots in (3000, 100_000) if full_size() else (20_000,):
        found = named(cycles(world, shots, RUNS, 13, controlled=True))
        assert np.mean((found != "") & (found != regime)) < FALSE_ALARM


def test_where_the_work_is_zero_and_all_else_is_certain_the_false_alarms_are_those_of_its_error():
    """The least favourable point: heats known, W = 0: 0.0027 +- 0.00016 of a hundred thousand runs."""
    rng, size = np.random.default_rng(14), 100_000
    z = rng.normal(size=size)
    sure = Valued(value=np.full(size, 1.0), stderr=np.full(size, 0.01))
    less = Valued(value=np.full(size, -1.0), stderr=np.full(size, 0.01))
    # the same error on both sides: the least favourable correlation
    work = Valued(value=z, stderr=np.ones(size))
    found = named(
        Cycle(hot=sure, cold=less, work=work, by_side=(work, work), residual=less.minus(less), production=sure)
    )
    rate = np.mean(found != "")
    assert rate == pytest.approx(FALSE_ALARM, abs=7e-4)
    assert {*found} == {"", "engine", "accelerator"}


def test_the_joint_significance_is_the_distance_to_the_nearest_other_sign():
    """In the metric of the full covariance, found by minimising over the complement of the orthant."""
    from scipy.optimize import minimize

    rng = np.random.default_rng(15)
    for _ in range(5 if full_size() else 1):
        root = rng.normal(size=(4, 4))
        covariance = root @ root.T + 0.1 * np.eye(4)
        value = np.array([1.0, -0.7, 0.9, 1.1]) * rng.uniform(1, 4)
        errors, precision = np.sqrt(np.diag(covariance)), np.linalg.inv(covariance)
        distances = []
        for i in range(4):  # the nearest point of x_i = 0
            rest = [j for j in range(4) if j != i]

            def squared(x, rest=rest, precision=precision, value=value):
                moved = -value.copy()
                moved[rest] += x
                return moved @ precision @ moved

            distances.append(np.sqrt(minimize(squared, value[rest], tol=1e-14).fun))
        hot, cold, *by = (Valued(value=v, stderr=e) for v, e in zip(value, errors, strict=True))
        seen = Cycle(hot=hot, cold=cold, work=by[0], by_side=(by[0], by[1]), residual=hot, production=hot)
        assert float(regime_sigma(seen, "engine")) == pytest.approx(min(distances), rel=1e-5)


def test_every_condition_is_needed():
    def valued(value, stderr=0.01):
        return Valued(value=value, stderr=stderr)

    def cycle(**changed):
        usual = {
            "hot": valued(0.2),
            "cold": valued(-0.15),
            "work": valued(0.05),
            "by_side": (valued(0.05), valued(0.05)),
            "residual": valued(0.0),
            "production": valued(0.1),
        }
        return str(named(Cycle(**{**usual, **changed})))

    assert cycle() == "engine"
    assert cycle(cold=valued(0.15)) == ""  # no machine
    assert cycle(hot=valued(0.02)) == ""
    assert cycle(unequal=False) == ""  # there is no colder bath
    heating = {"hot": valued(-0.2), "work": valued(-0.35), "by_side": (valued(-0.35), valued(-0.35))}
    assert cycle(**heating, unequal=False) == "heater"
    assert cycle(by_side=(valued(0.09), valued(0.02))) == ""
    assert cycle(by_side=(valued(0.07), valued(0.035)), residual=valued(0.1)) == ""
    assert cycle(by_side=(valued(0.055), valued(0.045)), residual=valued(0.1)) == "engine"
    assert cycle(production=valued(-0.1)) == ""

    def control(work, left=0.0, reached=0.0, residual=0.0):
        both = valued(left), valued(reached)
        return Control(work=valued(work), by_side=both, residual=valued(residual))

    assert cycle(controls=(control(0.02),)) == ""
    assert cycle(controls=(control(0.0),)) == "engine"
    uneven = {"by_side": (valued(0.035), valued(0.07)), "residual": valued(-0.1)}
    assert cycle(**uneven) == ""
    assert cycle(**uneven, controls=(control(0.0),)) == ""
    # what a control does as well is the device's
    assert cycle(**uneven, controls=(control(0.0, -0.018, 0.018, -0.1),)) == "engine"
    assert cycle(**uneven, controls=(control(0.0, -0.018, 0.018, -0.1), control(0.0))) == ""
    assert cycle(trials=1000, hot=valued(0.04)) == ""
    assert {*REGIMES} == {"engine", "refrigerator", "accelerator", "heater"}
