"""Qubits of unequal gaps: energies and temperatures by their gaps, the hotter one by beta, what work can explain."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Call

from analysis import Analysis, analyse
from analysis.evaluation import exact_estimates
from analysis.figures.captions import caption
from analysis.figures.energies import energies
from analysis.intervals.cells import betas_of, view
from analysis.quantities import catalogue
from analysis.report import compare
from analysis.verdict.unequal_gaps import Thermometer, excess_of
from devices.imports import import_counts
from protocols import Points, RequestError
from protocols.quantities import effective_beta, energy, ergotropy, mutual_information, reduced, relative_entropy
from protocols.quantities.gradients import ergotropy_gradient
from protocols.units import Gaps

SHOTS = 400_000


def excited(beta: float, gap: float) -> float:
    """Population of |1> of a qubit in a Gibbs state."""
    return 1 / (1 + math.exp(beta * gap))


def product(A: float, B: float) -> np.ndarray:
    """Populations 00, 01, 10, 11 of a product state with these excited populations."""
    return np.outer([1 - A, A], [1 - B, B]).ravel()


def moved(populations: np.ndarray, share: float) -> np.ndarray:
    """So much of 01 and 10 exchanged, as a partial swap does it without coherence."""
    _, ab, ba, _ = populations
    return populations + share * np.array([0, ba - ab, ab - ba, 0])


def counted(states: Mapping[float, np.ndarray], shots: int = SHOTS, seed: int | None = None) -> dict[Any, Any]:
    """Counts of ZZ by time: drawn, or the nearest whole numbers to what is expected."""
    rng = np.random.default_rng(seed)
    found = {}
    for time, p in states.items():
        n = np.rint(shots * p).astype(int) if seed is None else rng.multinomial(shots, p)
        found[time, "ZZ"] = {format(k, "02b"): int(one) for k, one in enumerate(n)}
    return found


def analysed(runs: Path, states: Mapping[float, np.ndarray], gaps: Any, **more: Any) -> Analysis:
    return analyse(import_counts(counted(states, **more), order="first", gaps=gaps, runs=runs), draws=2)


def value(result: Analysis, name: str, subject: str, time: float = 0.0) -> pd.Series:
    table = result.table
    chosen = (table["observable"] == name) & (table["subject"] == subject) & (table["time"] == time)
    return table[chosen].iloc[0]


FRIDGE = product(excited(0.5, 1.0), excited(1.0, 0.4))
"""Gaps 1 and 0.4, temperatures 2 and 1: A is hotter and less excited."""
ENGINE = product(excited(0.5, 1.0), excited(1.0, 0.75))
"""Gaps 1 and 0.75, the same temperatures: A is hotter and more excited."""
OF_FRIDGE, OF_ENGINE = {"A": 1, "B": 0.4}, {"A": 1, "B": 0.75}


# ---- numbers ----


@pytest.mark.parametrize(
    ("given", "A", "B", "unit"),
    [
        ({"A": 1, "B": 0.75}, 1.0, 0.75, "gap_A"),
        ({"A": "0.75", "B": "1"}, 0.75, 1.0, "gap_B"),
        ({"A": "5GHz", "B": "3750MHz"}, 1.0, 0.75, "gap_A"),
        ({"A": "20.678ueV", "B": "0.1K"}, 1.0, 0.41674, "gap_A"),
        ({"A": 5, "B": 4.8}, 5.0, 4.8, "unit"),
    ],
)
def test_energies_temperatures_and_their_units_are_those_of_each_gap(tmp_path, given, A, B, unit):
    result = analysed(tmp_path, {0.0: ENGINE, 1.0: moved(ENGINE, 1.0)}, given)
    for qubit, gap, p in (("A", A, excited(0.5, 1.0)), ("B", B, excited(1.0, 0.75))):
        expected = {
            "energy": (gap * p, unit),
            "effective_beta": (math.log((1 - p) / p) / gap, f"1/{unit}"),
            "effective_temperature": (gap / math.log((1 - p) / p), f"{unit}/k_B"),
        }
        for name, (number, of) in expected.items():
            row = value(result, name, qubit)
            assert row["value"] == pytest.approx(number, rel=3e-5)
            assert row["unit"] == of
            assert row["low"] < number < row["high"]
        assert value(result, "energy", qubit)["stderr"] == pytest.approx(gap * math.sqrt(p * (1 - p) / SHOTS), rel=1e-4)
    change = excited(1.0, 0.75) - excited(0.5, 1.0)
    assert value(result, "energy_change", "A", 1.0)["value"] == pytest.approx(A * change, rel=1e-4)
    assert value(result, "energy_change", "B", 1.0)["value"] == pytest.approx(-B * change, rel=1e-4)
    assert value(result, "energy_change", "AB", 1.0)["value"] == pytest.approx((A - B) * change, rel=2e-4)
    assert value(result, "excitation_change", "AB", 1.0)["value"] == pytest.approx(0, abs=1e-5)
    assert value(result, "energy_difference", "AB")["value"] == pytest.approx(
        A * excited(0.5, 1.0) - B * excited(1.0, 0.75), rel=1e-4
    )


def test_ergotropy_is_the_work_between_levels_of_unequal_gaps(tmp_path):
    rho = np.diag(ENGINE).astype(complex)
    record = import_counts(rho, form="states", order="first", shots=10**6, gaps=OF_ENGINE, runs=tmp_path)
    table = analyse(record, draws=2).table.query("observable == 'ergotropy'").set_index("subject")
    _, ab, ba, _ = ENGINE
    assert table.loc["AB", "value"] == pytest.approx(0.25 * (ba - ab), abs=1e-6)  # swap of levels 1 and 0.75
    assert table.loc["AB", "unit"] == "gap_A"
    rng = np.random.default_rng(1)
    half = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    rho = half @ half.conj().T / np.trace(half @ half.conj().T)
    step = half + half.conj().T
    step -= np.eye(4) * np.trace(step) / 4
    slope = (ergotropy(rho + 1e-6 * step, gaps=(1, 0.4)) - ergotropy(rho - 1e-6 * step, gaps=(1, 0.4))) / 2e-6
    gradient = ergotropy_gradient(rho, gaps=(1, 0.4))
    assert np.trace(gradient @ step).real == pytest.approx(slope, rel=1e-6)


def test_whatever_is_done_to_two_thermal_qubits_the_clausius_sum_is_what_correlations_leave():
    """sum beta_i Q_i = Delta I + sum S(rho_i'||rho_i) for any unitary, at any gaps: negative by correlations alone."""
    rng = np.random.default_rng(2)
    gaps, betas = (1.0, 0.4), (0.5, 1.0)
    populations = product(*(excited(b, w) for b, w in zip(betas, gaps, strict=True)))
    for coherence in (0.0, 0.9):
        before = np.diag(populations).astype(complex)
        before[1, 2] = before[2, 1] = coherence * math.sqrt(populations[1] * populations[2])
        for _ in range(20):
            unitary = np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]
            after = unitary @ before @ unitary.conj().T
            spent, apart = 0.0, mutual_information(after) - mutual_information(before)
            for i, gap in enumerate(gaps):
                beta = effective_beta(energy(before, i, gap=gap), gap=gap)
                assert beta == pytest.approx(betas[i])
                spent += beta * (energy(after, i, gap=gap) - energy(before, i, gap=gap))
                apart += relative_entropy(reduced(after, i), reduced(before, i))
            assert spent == pytest.approx(apart, abs=1e-10)
            assert coherence or spent > 0


def test_gaps_that_are_parameters_make_energies_temperatures_and_clausius_sums_of_every_point():
    """A pair whose second gap is swept: beta_A Q_A + beta_B Q_B in one unit, with the temperatures that are known."""
    swept, T_A, T_B = np.array([0.4, 1.0, 1.7]), 1.3, 0.6
    known = {"T_A": np.full(3, T_A), "T_B": np.full(3, T_B), "gap_B": swept}
    protocol: Any = types.SimpleNamespace(
        gaps={"B": "gap_B"},
        heated=("A", "B", "AB"),
        without=(),
        inverse_temperatures=lambda p: {"A": 1 / p["T_A"], "B": 1 / p["T_B"]},
    )
    points = Points(parameters=known, options={}, reference=np.full(3, -1), reference_only=np.zeros(3, dtype=bool))
    populations = [(excited(1 / T_A, 1.0), excited(1 / T_B, gap)) for gap in swept]
    before = np.array([np.diag(product(*both)) for both in populations], dtype=complex)
    rng = np.random.default_rng(3)
    unitary = np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))[0]
    after = unitary @ before @ unitary.conj().T
    cells = view(points, 1, after[None], before[None], betas=betas_of(protocol, points, ("A", "B")))
    found = exact_estimates(catalogue(("A", "B"), "AB", (), protocol), cells, points, ("main",), "gap_B").quantities

    def row(observable, subject):
        return found[observable, subject].ideal[0]

    E_B = swept * np.array([energy(rho, 1) for rho in after])
    Q_A = energy(after, 0) - energy(before, 0)
    Q_B = swept * (energy(after, 1) - energy(before, 1))
    np.testing.assert_allclose(row("energy", "B"), E_B, atol=1e-12)
    np.testing.assert_allclose(row("heat", "B"), Q_B, atol=1e-12)
    np.testing.assert_allclose(row("heat", "AB"), Q_A + Q_B, atol=1e-12)
    np.testing.assert_allclose(row("clausius_sum", "AB"), Q_A / T_A + Q_B / T_B, atol=1e-12)
    np.testing.assert_allclose(row("effective_temperature", "B"), 1 / row("effective_beta", "B"), atol=1e-10)
    expected = [float(effective_beta(E, gap=gap)) for E, gap in zip(E_B, swept, strict=True)]
    np.testing.assert_allclose(row("effective_beta", "B"), expected, atol=1e-10)
    pairs = list(zip(after, before, strict=True))
    apart = [sum(relative_entropy(reduced(a, i), reduced(b, i)) for i in (0, 1)) for a, b in pairs]
    left = np.array(apart) + [mutual_information(a) for a in after]
    np.testing.assert_allclose(row("clausius_sum", "AB"), left, atol=1e-10)
    assert ("efficiency", "AB") not in found
    assert ("ergotropy", "AB") not in found


# ---- which is hotter ----


def test_the_hotter_qubit_may_be_the_less_excited_one(tmp_path):
    states = {0.0: FRIDGE, 1.0: moved(FRIDGE, 1.0)}
    said = analysed(tmp_path, states, OF_FRIDGE, seed=1).verdict
    assert said.hot == "A"
    assert "A is hotter at time 0: T_A = 2.022 +- 0.013, T_B = 0.9966 +- 0.0080 gap_A/k_B" in said.details[0]
    assert said.details[0].endswith("although A is the less excited one")
    assert said.unit == "gap_A"
    assert analysed(tmp_path, states, None, seed=1).verdict.hot == "B", "equal gaps: the more excited one"


def test_an_inverted_qubit_is_hotter_than_any_temperature(tmp_path):
    inverted = product(excited(1.0, 1.0), excited(-0.3, 0.4))
    result = analysed(tmp_path, {0.0: inverted, 1.0: moved(inverted, 1.0)}, OF_FRIDGE, seed=2)
    said = result.verdict
    assert said.hot == "B"
    assert "beta_B = -0.30" in said.details[0]
    assert said.details[0].endswith("it is inverted, which is hotter than any temperature above 0")
    assert value(result, "effective_temperature", "B")["value"] == pytest.approx(-1 / 0.3, rel=0.02)
    assert said.reversed is False
    both = product(excited(-1.0, 1.0), excited(-0.3, 0.4))
    said = analysed(tmp_path, {0.0: both, 1.0: moved(both, 1.0)}, OF_FRIDGE, seed=2).verdict
    assert said.hot is None
    assert "--ground 1" in said.headline


def test_equally_hot_qubits_are_not_told_apart(tmp_path):
    alike = product(excited(0.7, 1.0), excited(0.7, 0.4))
    said = analysed(tmp_path, {0.0: alike, 1.0: moved(alike, 1.0)}, OF_FRIDGE, shots=20_000, seed=3).verdict
    assert said.hot is None
    assert said.headline.startswith("no direction to reverse: T_B = 1.465 +- 0.077, T_A = 1.450 +- 0.032 gap_A/k_B")
    assert "sigma apart" in said.headline


def test_equally_hot_qubits_seem_apart_as_seldom_as_three_sigma_say():
    """At most 2.7 in 1000, of 8000 draws with few excitations: fails by chance in 1 of 10^5 runs."""
    rng = np.random.default_rng(4)
    shots, gaps = 2000, (1.0, 0.4)
    p = [excited(0.5, gap) for gap in gaps]
    alarms = 0
    draws = rng.multinomial(shots, product(*p), size=8000) / shots
    for _, ab, ba, both in draws:
        found = []
        for share, gap in zip((ba + both, ab + both), gaps, strict=True):
            error = math.sqrt(share * (1 - share) / shots + 2 / shots**2)
            found.append(Thermometer(gap=gap, odds=math.log((1 - share) / share), error=error))
        covariance = (both - (ba + both) * (ab + both)) / shots
        alarms += abs(float(excess_of(*found, covariance).sigmas)) > 3
    assert alarms < 21.6 + 4.3 * math.sqrt(21.6)


# ---- what may be claimed ----


def test_heat_pumped_by_work_is_no_reversal(tmp_path):
    result = analysed(tmp_path, {0.0: FRIDGE, 1.0: moved(FRIDGE, 1.0)}, OF_FRIDGE, seed=5)
    said = result.verdict
    assert said.kind.value == "pumped"
    assert said.reversed is False
    assert said.heat == pytest.approx(excited(1.0, 0.4) - excited(0.5, 1.0), abs=5 * said.stderr)
    assert "; A was the less excited one, p_A - p_B = -0.02" in said.headline
    assert "as in a refrigerator: Q_A + Q_B = 0.01" in said.headline
    beside = next(text for text in said.details if text.startswith("excitations"))
    assert "work done on the pair" in beside
    assert not any("energy balance" in text for text in said.details)


def test_between_equally_excited_qubits_a_reversal_is_undecided(tmp_path):
    """Coherence may move excitations either way; whether the hot one was more excited is not seen."""
    alike = product(excited(0.5, 1.0), excited(1.249, 0.4))
    after = alike + np.array([0, -0.1, 0.1, 0])
    said = analysed(tmp_path, {0.0: alike, 1.0: after}, OF_FRIDGE, seed=6).verdict
    assert said.kind.value == "undecided"
    assert said.reversed is False
    assert "work between unequal gaps can do that unless A was the more excited one as well" in said.headline


def test_an_engine_gives_work_and_is_not_reversed(tmp_path):
    said = analysed(tmp_path, {0.0: ENGINE, 1.0: moved(ENGINE, 1.0)}, OF_ENGINE, seed=7).verdict
    assert said.kind.value == "not reversed"
    assert said.headline.startswith("not reversed: hot A lost 0.05")
    assert " gap_A at time = 1" in said.headline
    assert any("work done by the pair" in text for text in said.details)


def test_correlations_reverse_what_work_cannot(tmp_path):
    """Excitations go from the less excited colder qubit into the more excited hotter one."""
    after = ENGINE + np.array([0, -0.1, 0.1, 0])
    said = analysed(tmp_path, {0.0: ENGINE, 1.0: after}, OF_ENGINE, seed=8).verdict
    assert said.kind.value == "reversed"
    assert said.reversed
    assert "; A was the more excited one as well, p_A - p_B = 0.05" in said.headline
    assert said.headline.endswith("and no work takes excitations that way between uncorrelated thermal qubits")


def test_a_control_that_does_the_same_leaves_a_pump_undecided(tmp_path):
    states = {"main": moved(FRIDGE, 1.0), "none": moved(FRIDGE, 0.9)}
    counts = {
        (f"arm={arm}", *key): one
        for number, (arm, after) in enumerate(states.items())
        for key, one in counted({0.0: FRIDGE, 1.0: after}, seed=15 + number).items()
    }
    found = analyse(import_counts(counts, order="first", gaps=OF_FRIDGE, runs=tmp_path), draws=2).verdict
    assert found.headline.startswith("undecided: not told apart from the control")
    assert " gap_A there" in found.headline
    assert "refrigerator" not in found.headline
    counts = {key: one for key, one in counts.items() if key[0] == "arm=main"}
    counts |= {("arm=none", *key): one for key, one in counted({0.0: FRIDGE, 1.0: FRIDGE}, seed=17).items()}
    found = analyse(import_counts(counts, order="first", gaps=OF_FRIDGE, runs=tmp_path), draws=2).verdict
    assert found.kind.value == "pumped"
    assert any(text.startswith("control arm none") and " gap_A at time = 1" in text for text in found.details)


def test_relaxation_of_the_cold_qubit_makes_no_reversal_of_a_pump(tmp_path):
    """It takes excitations from the cold one, which lowers beta_A Q_A + beta_B Q_B below zero all by itself."""
    after = moved(FRIDGE, 1.0)
    lost = 0.3 * (after[2] + after[3] - FRIDGE[2] - FRIDGE[3])
    after = after + lost * np.array([0.6, -0.6, 0.4, -0.4])
    result = analysed(tmp_path, {0.0: FRIDGE, 1.0: after}, OF_FRIDGE, shots=10**8)
    x = [value(result, "effective_beta", qubit)["value"] for qubit in "AB"]
    q = [value(result, "energy_change", qubit, 1.0)["value"] for qubit in "AB"]
    assert np.dot(x, q) < 0
    assert result.verdict.kind.value == "pumped"


def test_what_keeps_no_excitations_is_no_exchange(tmp_path):
    """The energies balance, A -0.048 and B 0.12 times 0.4, but excitations do not: nothing went over by an exchange."""
    A, B = excited(2.0, 1.0), excited(0.2, 0.4)
    states = {0.0: product(A, B), 1.0: product(A - 0.048, B + 0.12)}
    result = analysed(tmp_path, states, OF_FRIDGE, seed=9)
    balance = value(result, "energy_change", "AB", 1.0)
    assert abs(balance["value"]) < 3 * balance["stderr"]
    said = result.verdict
    assert said.hot == "B"
    assert said.kind.value == "not balanced"
    assert "; p_B + p_A changed by 0.07" in said.headline
    assert "Q_B + Q_A" not in said.headline


def test_both_gained_is_said_in_the_unit_of_the_gaps(tmp_path):
    p = [excited(0.5, 1.0), excited(1.0, 0.4)]
    states = {0.0: product(*p), 1.0: product(p[0] + 0.1, p[1] + 0.1)}
    said = analysed(tmp_path, states, OF_FRIDGE, seed=10).verdict
    assert said.kind.value == "both gained"
    assert "(A 0.10" in said.headline
    assert "B 0.040" in said.headline
    assert " gap_A at time = 1" in said.headline


# ---- units wherever they stand ----


def test_captions_figures_fits_and_verdict_json_have_the_unit(tmp_path):
    times = np.linspace(0, 2 * math.pi, 10)
    states = {float(t): moved(ENGINE, math.sin(t / 2) ** 2) for t in times}
    result = analysed(tmp_path, states, {"A": "5GHz", "B": "3.75GHz"}, seed=12)
    assert "in units of the gap of A (gaps: A 1, B 0.75)" in caption("energies", result)
    figure = energies(result)
    assert figure is not None
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels == ["energy [gap$_\\mathrm{A}$]", "energy gained [gap$_\\mathrm{A}$]"]
    right = [child.get_ylabel() for axes in figure.axes for child in axes.child_axes]
    assert right.count("[µeV]") == 2
    fits = result.table[result.table["role"] == "fit"]
    assert set(fits["unit"]) == {"rad", "gap_A", "gap_A/hbar"}
    assert result.verdict.as_dict()["unit"] == "gap_A"
    assert "interaction time [hbar/gap_A]" in result.record.start["columns"]["time"]
    assert any("which is 5GHz" in note for note in result.record.start["notes"])


def test_times_with_a_unit_are_converted_with_the_gap_of_the_first_qubit(tmp_path):
    rows = [
        {"time_ns": time, "basis": "ZZ", "A": k >> 1, "B": k & 1, "count": 100} for time in (0, 2) for k in range(4)
    ]
    record = import_counts(pd.DataFrame(rows), gaps={"A": "5GHz", "B": "4GHz"}, runs=tmp_path)
    np.testing.assert_allclose(record.points.parameters["time"], [0, 2 * math.pi * 5 * 2])
    with pytest.raises(RequestError, match="no gap is known"):
        import_counts(pd.DataFrame(rows), gaps={"A": 1, "B": 0.8}, runs=tmp_path)


def test_drift_of_an_energy_is_in_the_unit_of_the_gaps(tmp_path):
    rows = [
        {"pass": number, "time": 0, "basis": "ZZ", "A": k >> 1, "B": k & 1, "count": int(n)}
        for number, B in ((1, 0.2), (2, 0.3))
        for k, n in enumerate(np.rint(20_000 * product(0.3, B)))
    ]
    shift, said = {}, {}
    for name, gaps in (("equal", None), ("unequal", OF_FRIDGE)):
        record = import_counts(pd.DataFrame(rows), gaps=gaps, runs=tmp_path / name)
        check = next(c for c in analyse(record, draws=2).checks if c.name == "drift between passes")
        shift[name], said[name] = check.finding.worst, check.text
    assert shift["equal"].label == shift["unequal"].label == "E_B"
    assert shift["unequal"].value == pytest.approx(0.4 * shift["equal"].value)
    assert " gap before readout correction" in said["equal"]
    assert " gap_A before readout correction" in said["unequal"]
    assert " gap_A, and heat with them" in said["unequal"]


# ---- the record ----


@pytest.mark.parametrize("gaps", [{"A": 1, "B": 1}, {"A": 2.5, "B": 2.5}])
def test_equal_gaps_change_nothing(tmp_path, gaps):
    states = {0.0: ENGINE, 1.0: moved(ENGINE, 1.0)}
    plain, equal = (analysed(tmp_path, states, one, seed=13) for one in (None, gaps))
    pd.testing.assert_frame_equal(plain.table, equal.table, check_exact=True)
    assert plain.verdict.as_dict() == equal.verdict.as_dict()
    assert plain.record.start["notes"] == equal.record.start["notes"]
    assert "gaps" not in plain.record.start
    assert equal.record.start["gaps"] == gaps


def test_runs_of_different_units_are_not_compared(tmp_path):
    states = {0.0: ENGINE, 1.0: moved(ENGINE, 1.0)}
    runs = [analysed(tmp_path, states, gaps, seed=14).record.path for gaps in (None, OF_ENGINE)]
    with pytest.raises(RequestError, match=r"the same unit of energy, but it is gap in .*gap_A in"):
        compare(runs)


def test_the_command_line_takes_gaps_and_keeps_them(tmp_path: Path, call: Call) -> None:
    file = tmp_path / "pair.json"
    states = {0.0: FRIDGE, 1.0: moved(FRIDGE, 1.0)}
    counts = counted(states, seed=1)
    file.write_text(json.dumps({str(time): {"ZZ": counts[time, "ZZ"]} for time in states}))
    words = ("import", file, "--order", "first", "--runs", tmp_path / "runs")
    said = call(*words, "--gaps", "A=1,B=0.4")
    assert said.status == 0, said.err
    assert "note: gaps: A 1, B 0.4; energies are in units of the gap of A, called gap_A" in said.out
    assert "A is hotter at time 0" in said.out
    assert "--gaps A=1,B=0.4" in json.loads((said.run / "start.json").read_text())["command"]
    again = call("analyse", said.run, "--draws", 2)
    assert "A is hotter at time 0" in again.out
    assert "both qubits have the same gap (else --gaps" not in said.out
    assert "both qubits have the same gap (else --gaps" in call(*words).out


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("A=1", "none of B"),
        ("A=1,B=1,C=1", "names 'C'"),
        ("A=1,b=0.75", "names 'b'"),
        ("A=1,A=2,B=1", "gives A twice"),
        ("A=1,B=0", "positive and finite, but B is 0"),
        ("A=1,B=-0.75", "positive and finite, but B is -0.75"),
        ("A=nan,B=1", "positive and finite, but A is nan"),
        ("A=1,B=inf", "positive and finite, but B is inf"),
        ("A=1,B=two", "must be a number"),
        ("A=1,B=5GHz", "all be numbers or all have units"),
        ("A=5GHz,B=-4.8GHz", "positive energies, but B is -4.8GHz"),
        ("A=5GHz,B=4ns", "positive energies, but B is 4ns"),
        ("A=5e9,B=4.8", "within a factor of 1e+06"),
        ("1,0.75", "must be a gap of each qubit"),
        ("", "must be a gap of each qubit"),
        ("A=,B=1", "must be a gap of each qubit"),
    ],
)
def test_what_is_no_gap_of_each_qubit_is_refused(tmp_path: Path, call: Call, given: str, rule: str) -> None:
    file = tmp_path / "pair.csv"
    file.write_text("time,basis,A,B,count\n0,ZZ,0,0,10\n")
    said = call("import", file, "--gaps", given, "--runs", tmp_path / "runs")
    assert said.status == 2
    assert "Argument `gaps`" in said.err
    assert rule in said.err
    assert "Give" in said.err
    assert not (tmp_path / "runs").exists()


def test_gaps_of_something_else_are_refused_in_python(tmp_path):
    for given in (0.75, [1, 0.75], {"A": 1, "B": True}):
        with pytest.raises(RequestError, match="Argument `gaps`"):
            import_counts(counted({0.0: ENGINE}), order="first", gaps=given, runs=tmp_path)
    assert Gaps(of={}).equal


def test_a_protocol_has_one_gap(tmp_path: Path, call: Call) -> None:
    file = tmp_path / "pair.csv"
    file.write_text("time,basis,A,B,count\n0,ZZ,0,0,10\n")
    words = ("import", file, "--runs", tmp_path / "runs")
    for more, repair in (
        (("--protocol", "heat-exchange", "--gaps", "A=1,B=0.75"), "Import without a protocol"),
        (("--protocol", "heat-exchange", "--gaps", "A=5GHz,B=5GHz"), "Give it as --set gap=5GHz"),
        (("--protocol", "heat-exchange", "--set", "gap_B=4.8GHz"), "--gaps A=5GHz,B=4.8GHz"),
        (("--set", "gap_B=4.8GHz"), "--gaps A=5GHz,B=4.8GHz"),
    ):
        said = call(*words, *more)
        assert said.status == 2
        assert repair in said.err
