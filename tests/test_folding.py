"""The check arm: circuits three times as long as executed, and what is extrapolated from them."""

from __future__ import annotations

import json
import typing
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator
from qiskit_ibm_runtime.fake_provider import FakeFez
from test_mitigation import MEMBERS, counts_of, planted

from analysis.intervals import view
from analysis.mitigation import folded_value, line_weights, measured_survival, mitigated_moments
from analysis.quantities import catalogue
from devices.chip import fold_whole
from devices.chip.layout import lay_out
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.program import fold_scales

if typing.TYPE_CHECKING:
    from conftest import Call
    from fake_ibm import LocalPlatform


def gates_of(circuit: QuantumCircuit) -> Counter[str]:
    return Counter(one.operation.name for one in circuit.data)


def test_executed_circuits_are_three_times_as_long_and_do_the_same() -> None:
    experiment = HeatExchange(time=[7.0])
    program = compile(experiment, experiment.points({"control": "fold_3"}), shots=100, bases="ZZ,XY")
    executed = lay_out(program, FakeFez().target, "ibm_fez").executed
    of_arm = {(b.setting.arm, b.setting.member, b.setting.basis): i for i, b in enumerate(program.blocks)}
    compared = 0
    for (arm, member, basis), index in of_arm.items():
        if arm != "fold_3":
            continue
        plain, folded = executed[of_arm["main", member, basis]], executed[index]
        short, long = gates_of(plain), gates_of(folded)
        for name in ("cz", "sx", "x"):
            assert long[name] == 3 * short[name]
        assert long["cz"] == {0: 6, 1: 9}[member]
        assert long["measure"] == short["measure"] == 2
        unread = [one.remove_final_measurements(inplace=False) for one in (plain, folded)]
        names = program.blocks[index].names
        bound = [one.assign_parameters(dict(zip(names, (0.3, 1.1, -0.7, 2.0), strict=False))) for one in unread]
        assert Operator(bound[0]).equiv(Operator(bound[1]))
        compared += 1
    assert compared == 4


def test_every_gate_of_the_simulators_has_its_inverse() -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.p(0.3, 0)
    circuit.sdg(1)
    circuit.ry(0.4, 1)
    circuit.rx(-0.2, 0)
    circuit.cx(0, 1)
    circuit.ecr(1, 0)
    plain = Operator(circuit)
    circuit.measure([0, 1], [0, 1])
    folded = fold_whole(circuit, 5).remove_final_measurements(inplace=False)
    assert Operator(folded).equiv(plain)


def test_what_cannot_be_inverted_is_refused() -> None:
    amid = QuantumCircuit(1, 2)
    amid.measure(0, 0)
    amid.x(0)
    amid.measure(0, 1)
    with pytest.raises(RequestError, match="read at their end alone"):
        fold_whole(amid, 3)
    fractional = QuantumCircuit(2, 2)
    fractional.rzz(0.3, 0, 1)
    with pytest.raises(RequestError, match=r"rzz has none\. Leave out --fractional"):
        fold_whole(fractional, 3)


@pytest.mark.parametrize("text", ["1,2", "3", "1", "0,1", "1,-3", "1,3.0", "1,17", "", "1;3"])
def test_scales_that_are_not_odd_are_refused_in_one_line(text: str) -> None:
    with pytest.raises(RequestError, match=r"Argument `fold` must .* Try --fold 1,3\.$"):
        fold_scales(text)


def test_the_line_is_that_of_least_squares() -> None:
    # weights of frontier section C; any straight line is read at 0, and noise does not matter to the weights
    np.testing.assert_allclose(line_weights([1, 3, 5]), [13 / 12, 1 / 3, -5 / 12])
    for scales in ([1, 3], [1, 3, 5], [1, 5, 7, 9]):
        fitted = np.polyfit(scales, [0.2, -0.1, 0.4, 0.7][: len(scales)], 1)[1]
        assert line_weights(scales) @ [0.2, -0.1, 0.4, 0.7][: len(scales)] == pytest.approx(fitted)


@pytest.mark.slow
def test_the_error_of_the_difference_is_its_scatter() -> None:
    # of 80 runs a standard deviation is known to 8 %: a limit of 4 of these errs in 1 of 16 000
    experiment = HeatExchange(time=[0.0, 7.010056])
    points = experiment.points()
    cells = view(points, 1, experiment.state(points)[None], experiment.reference_state(points)[None])
    heat = next(o for o in catalogue(("A", "B"), "AB", (), experiment) if o.name == "heat" and o.subject == "A")
    (main, weight), (long, _), rng = planted(0.99), planted(0.99**3), np.random.default_rng(3)
    found, inverse = [], None
    for _ in range(80):
        one, other = counts_of(main, weight, 2000, rng), counts_of(long, weight, 2000, rng)
        other = type(one)(bases=one.bases, observed=other.observed, weight=weight, calibration=one.calibration)
        inverse = np.linalg.inv(one.confusion)
        moments = mitigated_moments(one, MEMBERS, "both", measured_survival(one, MEMBERS, inverse), ("ZI",))
        error = float(np.sqrt(moments.variance(np.array([[0.0], [-0.5]]), np.array([[0.0], [0.5]]), cells.home)[1]))
        clean = (moments.values["ZI"][0] - moments.values["ZI"][1]) / 2, error, 0.0
        found.append(folded_value(one, [(1, one), (3, other)], cells, heat, 1, moments, clean))
    difference = np.array([one.difference for one in found])
    assert np.std(difference) == pytest.approx(np.sqrt(np.mean([one.difference_stderr**2 for one in found])), rel=0.32)
    values = np.array([one.value for one in found])
    assert np.std(values) == pytest.approx(np.sqrt(np.mean([one.stderr**2 for one in found])), rel=0.32)
    # a line through f and f^3 of a loss of some per cent leaves its square: within 4 errors of the mean and that
    assert abs(values.mean() - 0.2689414) < 0.002 + 4 * np.std(values) / np.sqrt(80)


@pytest.mark.slow
def test_a_run_with_a_check_arm(tmp_path: Path, call: Call) -> None:
    words = ("heat-exchange", "--set", "time=7.010056", "--bases", "ZZ", "--shots", "20000", "--seed", "3")
    said = call("run", *words, "--device", "aer:fake_fez", "--fold", "1,3", "--runs", str(tmp_path / "runs"))
    assert said.status == 0, said.err
    assert "check by folding: circuits 1 and 3 times as long give" in said.out
    assert "control arm fold_3" not in said.out
    table = pd.read_csv(said.run / "derived" / "table.csv")
    assert set(table["arm"]) == {"main", "none", "fold_3"}
    plain, long = (
        table[(table["arm"] == arm) & (table["observable"] == "heat") & (table["subject"] == "A")].iloc[0]
        for arm in ("main", "fold_3")
    )
    # three times the loss of 0.005: by 0.009 with an error of 0.004
    assert 0 < plain["value"] - long["value"] < 0.025
    found = json.loads((said.run / "derived" / "verdict.json").read_text())["mitigation"]["folded"][0]
    assert found["scales"] == [1, 3]
    assert found["values"] == pytest.approx([plain["value"], long["value"]])
    assert found["value"] == pytest.approx(1.5 * plain["value"] - 0.5 * long["value"])
    assert abs(found["sigma"]) < 4
    # its counts are imported like any other, with the same rows
    again = call(
        "import", str(said.run / "counts.csv"), "--protocol", "heat-exchange", "--runs", str(tmp_path / "imported")
    )
    assert again.status == 0, again.err
    assert (again.run / "derived" / "table.csv").read_text() == (said.run / "derived" / "table.csv").read_text()


@pytest.mark.slow
def test_hardware_is_sent_the_long_circuits(platform: LocalPlatform, call: Call, tmp_path: Path) -> None:
    words = ("heat-exchange", "--set", "time=7.010056", "--bases", "ZZ", "--shots", "512", "--seed", "3")
    said = call(
        "run", *words, "--device", "ibm:ibm_fez", "--fold", "1,3", "--mitigation", "both", "--runs", str(tmp_path)
    )
    assert said.status == 0, said.err
    assert not platform.open_sessions()
    circuits = json.loads((said.run / "start.json").read_text())["device"]["circuits"]
    sizes = {(one["arm"], one["member"]): one["two_qubit_gates"] for one in circuits}
    assert [sizes["fold_3", member] for member in (0, 1)] == [3 * sizes["main", member] for member in (0, 1)] == [6, 9]
    table = pd.read_csv(said.run / "derived" / "table.csv")
    assert set(table["arm"]) == {"main", "none", "fold_3"}
    assert set(table["mitigation"]) == {"none", "both"}
    # the platform is noiseless: 5 errors
    rows = table[(table["observable"] == "heat") & (table["subject"] == "A") & (table["point"] == 0)]
    assert (abs(rows["value"] - rows["ideal"]) < 5 * rows["stderr"]).all()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--device", "exact"), "samples probabilities"),
        (("--device", "aer", "--preparation", "purified"), "has none here"),
        (("--device", "aer", "--set", "correlation=none"), "correlation is none"),
    ],
)
def test_where_folding_says_nothing_it_is_refused(
    words: tuple[str, ...], reason: str, tmp_path: Path, call: Call
) -> None:
    said = call("run", "heat-exchange", "--fold", "1,3", *words, "--runs", str(tmp_path))
    assert said.status == 2
    assert reason in said.err
    assert not list(tmp_path.iterdir())
