"""Checks of an exchange: only where one was declared, sized as stated, and each fault under its own name.

Data are those of `benchmarks/alarms.py`, which measures false alarms and power of many runs: docs/alarms.md.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import alarms
import numpy as np
import pytest
from conftest import most, repetitions

from analysis import Analysis, analyse
from analysis.consistency import Scale, goodness, motion_between_settings
from analysis.data import Counts
from analysis.statistics import ALARM
from analysis.verdict import rejected_declaration
from devices import execute, open_device
from devices.imports import import_file
from protocols import Array, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities, parse_bases

FULL = parse_bases("full", 2)
EXCHANGE = ("energy balance", "excitation number", "leakage", "number conservation", "X form", "Clausius slack")


def file_of(states: dict[float | None, Array], path: Path, shots: int, seed: int, leaked: float = 0.0) -> Path:
    """Counts in nine settings; a fraction of A reads 1 whatever is measured."""
    rng = np.random.default_rng(seed)
    lines = ["time,basis,A,B,count"] if None not in states else ["basis,A,B,count"]
    for time, rho in states.items():
        for basis in FULL:
            p = outcome_probabilities(rho, basis)
            p = np.concatenate([(1 - leaked) * p[:2], p[2:] + leaked * p[:2]])
            head = basis if time is None else f"{time!r},{basis}"
            lines += [f"{head},{k >> 1},{k & 1},{n}" for k, n in enumerate(rng.multinomial(shots, p))]
    path.write_text("\n".join(lines) + "\n")
    return path


def imported(path: Path, **fields: Any) -> Analysis:
    """Without a protocol, unless fields of one are given."""
    named: dict[str, Any] = {}
    if fields:
        named = {"protocol": HeatExchange, "build": lambda columns: HeatExchange(**{**fields, **columns})}
    return analyse(import_file(path, runs=path.parent / "runs", **named), draws=2, intervals=alarms.FAST)


def check(result: Analysis, name: str) -> Any:
    return {one.name: one for one in result.checks}[name]


def exchange(times: list[float], **fields: Any) -> dict[float | None, Array]:
    """Exact states of the protocol."""
    made = HeatExchange(time=times, **fields)
    return dict(zip(times, made.state(made.points({}, reference="nominal")), strict=True))


# ---- where nothing was declared ----

PLUS_ZERO = np.kron(np.full((2, 2), 0.5), np.diag([1.0, 0.0]))
BELL = np.zeros((4, 4))
BELL[np.ix_([0, 3], [0, 3])] = 0.5


@pytest.mark.parametrize("state", [PLUS_ZERO, BELL], ids=["|+>|0>", "Bell"])
def test_a_state_of_which_nothing_was_declared_breaks_no_exchange(tmp_path, state):
    """<X_A> = 1 is no leakage of -0.5, and coherence of 00 and 11 no broken conservation."""
    found = imported(file_of({None: state}, tmp_path / "a.csv", 1000, 3))
    assert found.warnings == ()
    assert not {*EXCHANGE} & {one.name for one in found.checks}


# ---- leakage ----


def test_leakage_is_seen_with_its_size_and_no_control_is_named_that_was_not_run(tmp_path):
    """6 % of A read 1 in every basis, at both times: <X> and <Y>, which are 0, become -0.06."""
    path = file_of(exchange([0.0, 7.0]), tmp_path / "a.csv", 8000, 4, leaked=0.06)
    found = imported(path, strength=1.0)
    leaked = check(found, "leakage").finding.worst
    assert leaked.subject == "A"
    assert leaked.value == pytest.approx(0.06, abs=3 * leaked.stderr)
    (warning,) = [text for text in found.warnings if "reject an exchange between A and B alone" in text]
    assert "no control was run" in warning
    assert "the control shows" not in warning


def test_a_leak_is_never_negative(tmp_path):
    """Local coherence of both signs: half of <X> and <Y> is far from zero, and the negative one is no leakage."""
    for angle, leaks in ((np.pi / 4, True), (5 * np.pi / 4, False)):
        ket = np.array([1, 0.2 * np.exp(1j * (angle + np.pi))]) / np.sqrt(1.04)
        state = np.kron(np.outer(ket, ket.conj()), np.diag([0.7, 0.3]))
        found = imported(file_of({0.0: state, 7.0: state}, tmp_path / "a.csv", 4000, 5), strength=1.0)
        leakage = check(found, "leakage")
        assert leakage.passed is not leaks
        every = [*leakage.finding.of_mean, leakage.finding.most]
        assert all(leak.value >= 0 and leak.limit > 0 for leak in every)
        assert "= -" not in leakage.text
        assert check(found, "X form").passed is False


# ---- faults under their names ----


def warned(tmp_path: Path, spoil: alarms.Spoil, number: int, kind: str = "one member, nine settings") -> list[Analysis]:
    """Some runs of what the benchmark makes."""
    found = []
    for seed in range(number):
        rng = np.random.default_rng([17, seed])
        found.append(alarms.analysed(spoil(alarms.clean(kind), rng), rng, tmp_path))
    return found


def test_clean_runs_do_not_warn(tmp_path):
    """All that can warn do so in 2 % of runs at most; the bound is passed with a chance of 1e-3."""
    number = repetitions(24)
    kinds = list(alarms.CLEAN)
    alarmed = [
        bool(run.warnings) for kind in kinds for run in warned(tmp_path, alarms.as_it_is, number // len(kinds), kind)
    ]
    assert sum(alarmed) <= most(len(alarmed), 0.02, 1e-3)


def test_exchanged_calibrations_are_named(tmp_path):
    """Power 48 of 50: fewer than 8 of 12, or none of 3, have a chance of 1e-3."""
    number = repetitions(12)
    runs = warned(tmp_path, alarms.exchanged_calibrations, number)
    named = [run for run in runs if "those of A and B seem exchanged" in " ".join(run.warnings)]
    assert len(named) >= number - most(number, 0.06, 1e-3)
    assert "the calibrations of A and B seem exchanged" in check(named[0], "readout calibration").text
    assert "error bars" in named[0].warnings[0]


def test_too_small_a_calibration_is_named_with_the_ratio_of_errors(tmp_path):
    """And not as leakage, which would be the other way round."""
    (run,) = warned(tmp_path, alarms.errors_twice_the_calibrated, 1)
    found = check(run, "readout calibration")
    assert found.passed is False
    assert found.finding.scale == pytest.approx(2, abs=4 * found.finding.stderr)
    assert "the calibrated readout errors are too small" in found.text
    assert check(run, "leakage").passed
    assert not any("reject an exchange" in text for text in run.warnings)


def test_white_noise_is_no_readout_error(tmp_path):
    """3 % of white noise lower every moment, as readout errors do, but leave those of an X state zero."""
    (run,) = warned(tmp_path, lambda world, rng: replace(world, p=0.97 * world.p + 0.03 / 4), 1)
    assert check(run, "readout calibration").passed
    assert check(run, "energies and the ideal").passed is False


def counts_of(world: alarms.World, rng: np.random.Generator) -> Counts:
    """Without a file."""
    return Counts(
        bases=world.bases,
        observed=rng.multinomial(world.repeats[0], world.p @ world.readout[0].T),
        weight=world.weight,
        calibration=rng.multinomial(alarms.SHOTS, world.calibrated[0].T),
    )


def motion_of(spoil: alarms.Spoil, seed: int) -> Any:
    rng = np.random.default_rng([18, seed])
    counts = counts_of(spoil(alarms.clean(), rng), rng)
    fitted = goodness(counts)
    assert fitted is not None
    return motion_between_settings(counts, fitted)


def test_another_state_in_half_of_the_settings_is_seen_along_the_motion():
    """Power 0.93 in the run, 0.86 point by point, of 4 and 20 degrees of freedom; no protocol is needed."""
    number = repetitions(16)
    for spoil, which, miss in (
        (alarms.other_state_in_half_of_the_settings, "p_run", 0.1),
        (alarms.other_state_now_and_then, "p_each", 0.16),
    ):
        found = [motion_of(spoil, seed) for seed in range(number)]
        assert {one.dof for one in found} == {4}  # ZX, ZY, ZZ share <ZI>, and XZ, YZ, ZZ share <IZ>
        assert all(15 <= one.dof_each <= 30 for one in found)  # angles that few counts determine are left out
        assert sum(getattr(one, which) < ALARM / 3 for one in found) >= number - most(number, miss, 1e-3)


def test_settings_that_read_the_same_state_are_not_apart():
    """p-values of clean counts are uniform: mean and spread within 4 standard errors, none below 1e-4."""
    number = repetitions(80)
    found = [motion_of(alarms.as_it_is, seed) for seed in range(number)]
    for p in (np.array([one.p_run for one in found]), np.array([one.p_each for one in found])):
        assert p.mean() == pytest.approx(0.5, abs=4 * math.sqrt(1 / 12 / number))
        assert p.min() > 1e-4
    sigma = np.array([one.angle / one.stderr for one in found])
    assert np.abs(sigma).max() < 5


def test_counts_that_scatter_too_much_are_called_so(tmp_path):
    """Power 49 of 50 of twice the variance."""
    (run,) = warned(tmp_path, alarms.twice_the_variance, 1)
    found = check(run, "scatter of the counts")
    assert found.passed is False
    assert found.finding.chi_square / found.finding.dof == pytest.approx(2, rel=0.4)
    assert "times what shot noise lets them" in found.text
    assert any(text.startswith("error bars hold shot noise and readout calibration only") for text in run.warnings)


# ---- what was declared ----


def test_other_parameters_than_declared_are_named_and_no_device_is_blamed(tmp_path):
    """A strength of 0.5 in place of 1, on an import."""
    path = file_of(exchange([0.0, 7.0], strength=0.5), tmp_path / "a.csv", 3000, 100)
    wrong, right = imported(path, strength=1.0), imported(path, strength=0.5)
    found = check(wrong, "energies and the ideal")
    assert found.finding.far
    assert "noisy device" not in found.text
    assert "more than the noise of a device does" in found.text
    (warning,) = wrong.warnings
    assert "Other parameters, another unit of time, labels or the order of bits do that" in warning
    assert right.warnings == ()
    assert not check(right, "energies and the ideal").finding.far


def test_a_device_with_white_noise_is_what_it_was_declared_to_be(tmp_path):
    """The ideal has the noise too; a device whose gates have errors does not warn of small deviations."""
    made = HeatExchange(time=np.linspace(0, 26, 4))
    run = execute(compile(made, made.points(), shots=1500), open_device("exact:white=0.05"), runs=tmp_path, seed=2)
    found = analyse(run, draws=2, intervals=alarms.FAST)
    ideal = check(found, "energies and the ideal")
    assert ideal.about == "declared"
    noisy = replace(ideal, finding=replace(ideal.finding, context=replace(ideal.finding.context, noisy=True)))
    assert noisy.about == ""
    far = replace(noisy, passed=False, finding=replace(noisy.finding, relative=0.3))
    assert far.about == "declared"
    assert "as those of a noisy device will" not in far.text
    # the run's own circuits have the parameters and labels that were declared
    assert "more than the noise of a device does" not in far.text
    said = rejected_declaration([far], far=True, own=True)
    assert "not those of an ideal device" in said
    assert "labels" not in said
    # what the device's noise model says needs no other explanation
    modelled = replace(far, finding=replace(far.finding, context=replace(far.finding.context, modelled=True)))
    assert modelled.about == ""
    assert "as the device's noise model says" in modelled.text


def test_where_the_ideal_hardly_moves_a_deviation_is_measured_by_the_gap(tmp_path):
    """Equal temperatures: energies rest at 1/(1 + e), the data lie 0.02 above it. An import warns all the same."""
    p = 1 / (1 + math.e) + 0.02
    state = np.kron(np.diag([1 - p, p]), np.diag([1 - p, p])).astype(complex)
    found = imported(file_of({0.0: state, 7.0: state}, tmp_path / "a.csv", 40_000, 6), T_A=1.0, T_B=1.0, strength=0.0)
    ideal = check(found, "energies and the ideal")
    assert not ideal.passed
    assert ideal.finding.still
    assert ideal.finding.relative == pytest.approx(0.02, abs=0.008)
    assert not ideal.finding.far
    assert "gap where it hardly moves itself" in ideal.text
    assert any("other parameters or labels than those declared" in text for text in found.warnings)


# ---- scaled errors ----


def test_the_ratio_of_clean_data_is_that_of_both_tests_together():
    """8 for 4 degrees of freedom happens in 9 % of clean runs: no reason to widen all bars by 1.41."""
    alone = {"deviance of members": (60.0, 60.0), "chi-square of sweep fits": (8.0, 4.0)}
    assert Scale(ratios=alone, fitted=None).factor == pytest.approx(math.sqrt(68 / 64))
    significant = {"deviance of members": (60.0, 60.0), "chi-square of sweep fits": (40.0, 4.0)}
    assert Scale(ratios=significant, fitted=None).factor == pytest.approx(math.sqrt(10))


def test_scaling_hardly_widens_clean_runs_and_all_of_dispersed_ones():
    """Of chi-squares of 60 and 4 degrees of freedom: mean 1.05 at most; 1.41 where all variances are twice."""
    rng = np.random.default_rng(9)

    def factors(variance: float) -> Array:
        drawn = variance * np.stack([rng.chisquare(60, 400), rng.chisquare(4, 400)], axis=1)
        return np.array([Scale(ratios={"a": (a, 60.0), "b": (b, 4.0)}, fitted=None).factor for a, b in drawn])

    clean, twice = factors(1.0), factors(2.0)
    assert np.median(clean) < 1.02
    assert clean.mean() < 1.06
    assert np.median(twice) == pytest.approx(math.sqrt(2), rel=0.05)


@pytest.mark.slow
def test_a_deviation_that_the_noise_model_says_is_not_what_the_run_is_warned_of(tmp_path):
    """Model of ibm_fez: far from ideal, or not, the energies are those of the model; chance of a rejection: 1e-3."""
    made = HeatExchange(time=[0.0, 7.0])
    program = compile(made, made.points({"preparation": "purified"}), shots=30_000)
    found = analyse(
        execute(program, open_device("aer:fake_fez"), runs=tmp_path, seed=3), draws=2, intervals=alarms.FAST
    )
    ideal = check(found, "energies and the ideal")
    assert ideal.passed is False
    assert check(found, "energies and the noise model").passed
    assert ideal.finding.context.modelled
    assert ideal.about == ""
    assert replace(ideal, finding=replace(ideal.finding, relative=0.9)).about == ""
