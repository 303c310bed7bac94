"""The quasiprobability of heat by an ancilla: operators, circuits, a planted error, runs, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import Call, examples
from hypothesis import given
from hypothesis import strategies as st
from test_pair_quasiprobability import swap, traces

from analysis.intervals import Methods, estimates
from analysis.pipeline import analyse
from analysis.prediction import predict
from devices import execute, open_device
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.pair.first_reading import (
    READING,
    READINGS,
    imaginary_part,
    imaginary_part_turned,
    read_probabilities,
    real_part,
)

MOVES = {"01->01": (1, 1), "01->10": (1, 2), "10->01": (2, 1), "10->10": (2, 2)}
OPERATORS = 1e-12


def read_by_operators(psi: np.ndarray, U: np.ndarray, letter: str) -> np.ndarray:
    """P(f, r) in ZZ, from the whole state of ancilla, A and B: H, CZ, the exchange, H or Sdg H."""
    H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    state = np.kron(H @ [1, 0], psi)
    CZ = np.kron(np.diag([1, 0]), np.eye(4)) + np.kron(np.diag([0, 1]), np.diag([1, 1, -1, -1]))
    turn = H if letter == "X" else H @ np.diag([1, -1j])
    final = np.kron(turn, U) @ CZ @ state
    return (np.abs(final) ** 2).reshape(2, 4).T


@given(st.integers(0, 2**32 - 1), st.floats(-3, 3), st.floats(-3, 3))
@examples(40)
def test_the_ancilla_gives_the_trace_of_operators(seed, angle, phi):
    """Of any mixture of pure states of one number of excitations, both parts to 1e-12."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(3))
    members = np.zeros((3, 4), complex)
    members[:2, 1:3] = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    members[2, 0] = 1.0
    members /= np.linalg.norm(members, axis=1, keepdims=True)
    U = swap(angle, phi)
    rho = np.einsum("m,mi,mj->ij", weights, members, members.conj())
    final = (U @ rho @ U.conj().T).diagonal().real
    q, joint = traces(rho, U), {}
    for letter, arm in zip("XY", READINGS["ancilla"], strict=True):
        each = [read_by_operators(psi, U, letter) for psi in members]
        joint[letter] = np.einsum("m,mfr->fr", weights, np.array(each))
        exact = [
            read_probabilities(psi[None], np.array([2 * angle]), np.array([phi]), arm, "ZZ")[0].reshape(4, 2)
            for psi in members
        ]
        np.testing.assert_allclose(np.array(exact), np.array(each), atol=OPERATORS)
    real, imaginary = real_part(joint["X"], final), imaginary_part(joint["Y"])
    for i, f in MOVES.values():
        assert real[i // 2, f] == pytest.approx(q[i, f].real, abs=OPERATORS)
        assert imaginary[i // 2, f] == pytest.approx(q[i, f].imag, abs=OPERATORS)
    by_measurement(members, weights, U, final, q)


def by_measurement(members, weights, U, final, q) -> None:
    """The same from A measured, and from A turned: projectors and S, written here."""
    excited = np.diag([0.0, 0.0, 1.0, 1.0])
    joint = np.zeros((4, 2))
    turned = np.zeros(4)
    for w, psi in zip(weights, members, strict=True):
        for bit, P in enumerate((np.eye(4) - excited, excited)):
            joint[:, bit] += w * np.abs(U @ P @ psi) ** 2
        turned += w * np.abs(U @ np.kron(np.diag([1, 1j]), np.eye(2)) @ psi) ** 2
    real, imaginary = real_part(joint, final), imaginary_part_turned(turned, joint.sum(axis=1))
    for i, f in MOVES.values():
        assert real[i // 2, f] == pytest.approx(q[i, f].real, abs=OPERATORS)
        assert imaginary[i // 2, f] == pytest.approx(q[i, f].imag, abs=OPERATORS)


READ = {"control": "dephased", "first-reading": "ancilla"}


@pytest.mark.parametrize("fields", [{"correlation_phase": 0.7}, {"strength": 0.6, "coupling_phase": -0.4}])
@pytest.mark.parametrize(
    ("reading", "bases"), [("ancilla", {"ZZX", "XYX", "ZZY", "XYY"}), ("measured", {"ZZZ", "XYZ", "ZZ", "XY"})]
)
def test_circuits_give_the_exact_probabilities(fields, reading, bases):
    experiment = HeatExchange(time=[0.0, 4.0], **fields)
    program = compile(experiment, experiment.points({"first-reading": reading}), shots=100, bases="ZZ,XY")
    read = [block for block in program.blocks if block.setting.arm in READINGS[reading]]
    assert {block.setting.basis for block in read} == bases
    for block in read:
        for row, values in enumerate(block.values):
            found = outcome_probabilities_of(block.circuit, dict(zip(block.names, values, strict=True)))
            np.testing.assert_allclose(found, block.probabilities[row], atol=OPERATORS)


def of_circuits(time: float, *, marginal: str, **fields: Any) -> dict[str, complex]:
    """q of the four values from circuits alone; p_f from the arm named, weighted over its members."""
    experiment = HeatExchange(time=time, **fields)
    points = experiment.points(READ, reference="nominal")
    program = compile(experiment, points, shots=100, bases="ZZ")
    joint: dict[str, Any] = {}
    for block in program.blocks:
        p = outcome_probabilities_of(block.circuit, dict(zip(block.names, block.values[0], strict=True)))
        joint[block.setting.arm] = joint.get(block.setting.arm, 0) + block.weight[0] * p.reshape(4, -1)
    real = real_part(joint["read"], joint[marginal].sum(axis=1))
    imaginary = imaginary_part(joint["read-phase"])
    return {move: complex(real[i // 2, f], imaginary[i // 2, f]) for move, (i, f) in MOVES.items()}


def test_the_numbers_of_the_reference_and_the_planted_error():
    """With the CZ left in the marginal the result is that of two readings, 0.0394 instead of 0.1520."""
    found = of_circuits(4.0, marginal="main", correlation_phase=0.7)
    assert found["01->10"].real == pytest.approx(0.1144129, abs=6e-8)
    assert found["10->01"].real == pytest.approx(-0.0163761, abs=6e-8)
    assert [found[move].imag for move in ("01->10", "10->01")] == pytest.approx([-0.0874153] * 2, abs=6e-8)
    right, planted = (of_circuits(3.9269908, marginal=arm)["01->10"].real for arm in ("main", "read"))
    assert right == pytest.approx(0.1520445, abs=6e-8)
    assert planted == pytest.approx(0.0393856, abs=6e-8)


def test_predict_has_both_parts():
    table = predict(HeatExchange(time=4.0, correlation_phase=0.7), {"first-reading": "ancilla"})
    rows = table[table["arm"] == "main"].set_index(["observable", "subject"])["ideal"]
    assert rows["quasiprobability", "10->01"] == pytest.approx(-0.0163761, abs=1e-7)
    assert rows["quasiprobability_imaginary", "10->01"] == pytest.approx(-0.0874153, abs=1e-7)
    assert rows["quasiprobability_imaginary", "10->10"] == pytest.approx(0.0874153, abs=1e-7)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(
    ("device", "within"),
    [("exact", 4.5), pytest.param("aer:fake_fez", 6.0, marks=pytest.mark.slow)],
)
def test_counts_give_what_the_parameters_do(tmp_path, device, within, reading):
    """Eight values within 4.5 standard errors: a false alarm in 6e-5 of seeds; gates of a chip take a little more."""
    experiment = HeatExchange(time=4.0, correlation_phase=0.7)
    program = compile(
        experiment, experiment.points({"first-reading": reading}), shots=8_000, bases="ZZ", calibration_shots=8_000
    )
    analysis = analyse(execute(program, open_device(device), runs=tmp_path, seed=4))
    table = analysis.table
    rows = table[(table["time"] > 0) & (table["interval"] == "stratified") & table["subject"].isin([*MOVES])]
    rows = rows[rows["observable"].str.startswith("quasiprobability")]
    assert len(rows) == 8
    assert ((rows["value"] - rows["ideal"]).abs() / rows["stderr"]).max() < within
    assert rows["stderr"].between(1e-3, 8e-3).all()
    assert analysis.closed
    details = "\n".join(analysis.verdicts[0].details)
    assert f"control arm {READINGS[reading][0]}: heat into A is -0.0" in details
    assert READINGS[reading][1] not in details
    assert "quasiprobability of heat is negative" in details


@pytest.mark.parametrize("reading", [pytest.param("ancilla", marks=pytest.mark.slow), "measured"])
def test_a_reading_shows_its_own_disturbance(tmp_path, reading):
    """Counts as if a tenth of the excitations of A had decayed during the reading; without that, 4.5 errors at most."""
    experiment = HeatExchange(time=4.0, correlation_phase=0.7)
    points = experiment.points({"first-reading": reading, "control": "dephased"})
    program = compile(experiment, points, shots=8_000, bases="ZZ")
    analysis = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=4), draws=10)
    own = [o for o in analysis.observables if o.name == "reading_disturbance"]
    assert [o.subject for o in own] == ["A", "B"]
    there = int(np.flatnonzero(analysis.view.parameters["time"] > 0)[0])
    plain = estimates(own, analysis.data, analysis.view, Methods(), 1)
    for one in plain:
        assert abs(one.value[there]) < 4.5 * one.stderr[there]
    assert "is not shown to do more than take the coherence" in "\n".join(analysis.verdicts[0].details)
    observed, arm = analysis.data.observed.copy(), analysis.view.arms.index(READINGS[reading][0])
    cell = arm * len(points) + there
    lost = observed[cell, ..., 2:] // 10
    observed[cell, ..., 2:] -= lost
    observed[cell, ..., :2] += lost
    decayed = estimates(own, replace(analysis.data, observed=observed), analysis.view, Methods(), 1)
    energy = plain[0].value[there] + 0.3616367  # of the dephased pair there
    assert decayed[0].value[there] == pytest.approx(plain[0].value[there] - energy / 10, abs=0.003)
    assert decayed[0].value[there] < -5 * decayed[0].stderr[there]
    assert decayed[1].value[there] == pytest.approx(plain[1].value[there], abs=1e-12)


def test_without_a_dephased_pair_there_is_nothing_to_compare_a_reading_with():
    points = HeatExchange(time=4.0).points({"first-reading": "measured"})
    assert not [o for o in HeatExchange.observables(points) if o.name == "reading_disturbance"]
    alone = HeatExchange(correlation="none", time=4.0)
    found = [o for o in alone.observables(alone.points({"first-reading": "measured"})) if "disturbance" in o.name]
    assert [o.arms for o in found] == [("measured",)] * 2


def test_a_pair_whose_phase_is_turned_is_no_control(tmp_path):
    """At phase 3 pi/4 turning A by pi/2 leaves the heat as it is: it would never be told apart."""
    experiment = HeatExchange(time=4.0, correlation_phase=3 * np.pi / 4)
    points = experiment.points({"first-reading": "measured"})
    main, turned = (experiment.state(points, arm)[:, [2, 3], [2, 3]].sum(axis=1).real for arm in ("main", "turned"))
    assert main == pytest.approx(turned, abs=1e-12)
    program = compile(experiment, points, shots=4_000, bases="ZZ")
    analysis = analyse(execute(program, open_device("exact"), runs=tmp_path, seed=4), draws=10)
    assert analysis.verdicts[0].kind == "reversed"


def test_a_run_without_it_is_as_it_was():
    points = HeatExchange(time=4.0).points({"control": "none", "first-reading": "none"})
    assert points.arms == ("main", "none")
    assert "first-reading" not in points.options
    assert HeatExchange(time=4.0).registers(points) == {}


@pytest.mark.parametrize(
    ("options", "named"),
    [({"merge": "yes"}, "merge=no"), ({"preparation": "purified"}, "preparation=ensemble")],
)
@pytest.mark.parametrize("reading", READINGS)
def test_what_a_reading_cannot_be_beside_is_refused(options, named, reading):
    with pytest.raises(RequestError, match=f"`first-reading` is {reading}, which needs {named}"):
        HeatExchange(time=4.0).points({"first-reading": reading, **options})


def test_the_command_line_knows_it(call: Call):
    said = call("predict", "heat-exchange", "--set", "time=4", "--first-reading", "ancilla")
    assert said.status == 0, said.err
    assert "quasiprobability_imaginary" in said.out
    refused = call("predict", "coherence-reversal", "--first-reading", "ancilla")
    assert refused.status == 2
    assert "`first-reading` does not apply to coherence-reversal" in refused.err
    unknown = call("predict", "heat-exchange", "--first-reading", "twice")
    assert unknown.status == 2
    assert "must be one of none, ancilla, measured for heat-exchange" in unknown.err


def test_the_ancilla_is_the_only_register():
    experiment = HeatExchange(time=[0.0, 4.0])
    points = experiment.points(READ)
    assert experiment.registers(points, "read")[READING] == pytest.approx(0.377541, abs=1e-6)
    assert experiment.registers(points, "read-phase")[READING] == pytest.approx(0.5)
    assert np.isnan(experiment.registers(points)[READING]).all()


@pytest.mark.slow
@pytest.mark.parametrize(("reading", "letters"), [("ancilla", "ZZX"), ("measured", "ZZZ")])
def test_its_counts_can_be_imported(call: Call, tmp_path, reading, letters):
    """The table is the run's, byte for byte, and a letter that no ancilla is read in is refused."""
    one = ["heat-exchange", "--set", "correlation_phase=0.7", "--draws", "10"]
    words = ["--device", "exact", "--set", "time=4", "--bases", "ZZ", "--shots", "500", "--calibration-shots", "500"]
    run = call("run", *one, *words, "--first-reading", reading, "--runs", tmp_path / "r").run
    again = ["--protocol", *one, "--runs", tmp_path / "i"]
    back = call("import", run / "counts.csv", *again)
    assert back.status == 0, back.err
    assert (back.run / "derived" / "table.csv").read_bytes() == (run / "derived" / "table.csv").read_bytes()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text((run / "counts.csv").read_text().replace(letters, "ZZI"))
    said = call("import", wrong, *again)
    assert said.status == 2
    assert "or -, one an ancilla column" in said.err


@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS)
def test_a_run_with_it_can_be_planned(call: Call, tmp_path, reading):
    """The power is that of the heat; what is proposed reads first, too."""
    words = ["heat-exchange", "--first-reading", reading, "--device", "exact", "--bases", "ZZ", "--set", "time=4"]
    said = call("plan", *words, "--out", tmp_path)
    assert said.status == 0, said.err
    assert said.last.endswith(f"--first-reading {reading}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reading", "lacking", "left"),
    [("ancilla", "read-phase", "quasiprobability"), ("ancilla", "read", "quasiprobability_imaginary"),
     ("measured", "turned", "quasiprobability"), ("measured", "measured", "")],
)  # fmt: skip
def test_counts_of_one_arm_of_a_reading_give_what_they_can(call: Call, tmp_path, reading, lacking, left):
    """The real part needs one arm, the imaginary part of an ancilla the other; by turning A both."""
    words = [
        "heat-exchange",
        "--device",
        "exact",
        "--set",
        "time=4",
        "--bases",
        "ZZ",
        "--shots",
        "200",
        "--draws",
        "10",
    ]
    run = call("run", *words, "--control", "off", "--first-reading", reading, "--runs", tmp_path / "r").run
    counts = pd.read_csv(run / "counts.csv")
    counts[counts["arm"] != lacking].to_csv(tmp_path / "one.csv", index=False)
    words = ["--protocol", "heat-exchange", "--draws", "10", "--runs", tmp_path / "i"]
    back = call("import", tmp_path / "one.csv", *words)
    assert back.status == 0, back.err
    table = pd.read_csv(back.run / "derived" / "table.csv")
    rows = table[table["scheme"] == reading] if "scheme" in table else table[:0]
    assert set(rows["observable"]) == ({left} if left else set())
