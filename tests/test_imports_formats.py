"""Data of other programs: every form gives the table of the same counts, and no bit order is ever guessed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Call
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from qiskit.quantum_info import DensityMatrix
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2
from qiskit_ibm_runtime import RuntimeEncoder

from devices import RunRecord
from devices.imports import Reading, import_counts, import_data, import_file
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.pauli import moments, outcome_probabilities, parse_bases

NINE = parse_bases("full", 2)
TIMES = (0.0, 3.927)


# ---- the same counts in every form ----


def states() -> dict[float, np.ndarray]:
    """Exact states at two times; A and B differ, so that their exchange is seen."""
    experiment = HeatExchange(time=list(TIMES), strength=0.7)
    return dict(zip(TIMES, experiment.state(experiment.points({}, reference="nominal")), strict=True))


def counts() -> dict[tuple[float, str], dict[str, int]]:
    """(time, setting) -> counts, the leftmost character A: to the nearest whole number, 1000 or so a setting."""
    return {
        (time, basis): {
            format(k, "02b"): int(n) for k, n in enumerate(np.rint(1000 * outcome_probabilities(rho, basis)))
        }
        for time, rho in states().items()
        for basis in NINE
    }


CALIBRATION = {
    "00": {"00": 95, "01": 3, "10": 2, "11": 0},
    "01": {"00": 8, "01": 90, "10": 0, "11": 2},
    "10": {"00": 6, "01": 0, "10": 93, "11": 1},
    "11": {"00": 0, "01": 7, "10": 5, "11": 88},
}
"""Prepared -> counts, the leftmost character A."""


def swapped(counts: dict[str, int]) -> dict[str, int]:
    """As Qiskit prints them: the last character A."""
    return {text[::-1]: count for text, count in counts.items()}


def nested(leaf: Callable[[dict[str, int]], Any]) -> dict[str, Any]:
    """Time -> setting -> what `leaf` makes of the counts."""
    return {str(time): {b: leaf(one) for (t, b), one in counts().items() if t == time} for time in TIMES}


def table(record: RunRecord) -> pd.DataFrame:
    """Rows with shots, in a fixed order."""
    found = record.counts().query("count > 0")
    return found.sort_values(["time", "basis", "A", "B"]).reset_index(drop=True)


@pytest.fixture
def wanted(tmp_path: Path) -> pd.DataFrame:
    """The same counts imported as hotward's own table."""
    lines = ["time,basis,A,B,count"]
    lines += [f"{t!r},{b},{k[0]},{k[1]},{n}" for (t, b), one in counts().items() for k, n in one.items()]
    (tmp_path / "own.csv").write_text("\n".join(lines))
    return table(import_file(tmp_path / "own.csv", runs=tmp_path / "own"))


def shots_of(one: dict[str, int]) -> list[str]:
    """Single shots, the last character A."""
    return [text[::-1] for text, n in one.items() for _ in range(n)]


def bit_array(one: dict[str, int]) -> BitArray:
    return BitArray.from_samples(shots_of(one), num_bits=2)


def primitive_result(metadata: bool = True) -> PrimitiveResult[Any]:
    """As a Sampler returns it, with what was measured in the metadata of the circuits."""
    return PrimitiveResult(
        [
            SamplerPubResult(
                DataBin(meas=bit_array(one), shape=()),
                {"circuit_metadata": {"time": time, "basis": basis}} if metadata else {},
            )
            for (time, basis), one in counts().items()
        ]
    )


def braket(one: dict[str, int], **more: Any) -> dict[str, Any]:
    """As amazon-braket-schemas 1.x writes the result of a task on gates."""
    return {
        "braketSchemaHeader": {"name": "braket.task_result.gate_model_task_result", "version": "1"},
        "measurements": [[int(bit) for bit in text] for text, n in one.items() for _ in range(n)],
        "measurementProbabilities": None,
        "resultTypes": [],
        "measuredQubits": [0, 1],
        "outputs": None,
        "taskMetadata": {
            "braketSchemaHeader": {"name": "braket.task_result.task_metadata", "version": "1"},
            "id": "task",
            "shots": sum(one.values()),
            "deviceId": "device",
        },
        "additionalMetadata": {"action": {"source": "OPENQASM 3.0;"}},
        **more,
    }


def fractions(one: dict[str, int]) -> dict[str, float]:
    return {text: count / sum(one.values()) for text, count in one.items()}


def braket_probabilities(one: dict[str, int]) -> dict[str, Any]:
    return braket(one, measurements=None, measurementProbabilities=fractions(one))


def ionq_job(one: dict[str, int]) -> dict[str, Any]:
    """A job of IonQ: decimal keys, bit 0 is qubit 0."""
    histogram = {str(int(text[::-1], 2)): p for text, p in fractions(one).items()}
    return {"status": "completed", "qubits": 2, "shots": sum(one.values()), "data": {"histogram": histogram}}


def rest_reply() -> dict[str, Any]:
    """Results of a job as the platform sends them, with the metadata of the circuits."""
    results = [
        {
            "data": {"c": {"samples": [hex(int(text, 2)) for text in shots_of(one)], "num_bits": 2}},
            "metadata": {"circuit_metadata": {"time": time, "basis": basis}},
        }
        for (time, basis), one in counts().items()
    ]
    return {"results": results, "metadata": {"version": 2}}


FORMS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "bit strings": (lambda: nested(dict), {"order": "first"}),
    "Qiskit's bit strings": (lambda: nested(swapped), {"order": "last"}),
    "spaced registers": (lambda: nested(lambda one: {f"{k[1]} {k[0]}": n for k, n in one.items()}), {"order": "last"}),
    "hexadecimal": (lambda: nested(lambda one: {hex(int(k[::-1], 2)): n for k, n in one.items()}), {"order": "last"}),
    "integers, A first": (lambda: nested(lambda one: {str(int(k, 2)): n for k, n in one.items()}), {"order": "first"}),
    "frequencies": (
        lambda: nested(lambda one: {"probabilities": fractions(one), "shots": sum(one.values())}),
        {"order": "first"},
    ),
    "records": (
        lambda: [{"time": t, "basis": b, "counts": one, "shots": 1} for (t, b), one in counts().items()],
        {"order": "first"},
    ),
    "rows": (
        lambda: [
            {"time": t, "basis": b, "A": int(k[0]), "B": int(k[1]), "count": n}
            for (t, b), one in counts().items()
            for k, n in one.items()
        ],
        {},
    ),
    "shots": (lambda: nested(shots_of), {"order": "last"}),
    "PrimitiveResult": (primitive_result, {}),
    "platform": (rest_reply, {}),
    "Braket": (lambda: nested(braket), {}),
    "Braket, frequencies": (lambda: nested(braket_probabilities), {}),
    "IonQ jobs": (lambda: nested(ionq_job), {}),
    "IonQ, by register": (
        lambda: nested(lambda one: {"histogram": {"registers": {"output_all": swapped(one)}}}),
        {"order": "last"},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_table_from_a_file(tmp_path: Path, wanted: pd.DataFrame, form: str) -> None:
    made, options = FORMS[form]
    path = tmp_path / "measured.json"
    path.write_text(json.dumps(made(), cls=RuntimeEncoder))
    record = import_data(path, Reading(**options), runs=tmp_path / "runs")
    pd.testing.assert_frame_equal(table(record), wanted)
    if form != "rows":
        assert any("bit order" in note for note in record.start["notes"]), "what was understood is said"
    assert record.start["imported"]["file"] == "measured.json"


IN_MEMORY: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    **{name: FORMS[name] for name in ("bit strings", "rows", "PrimitiveResult", "platform", "Braket", "IonQ jobs")},
    "tuples as keys": (counts, {"order": "first"}),
    "BitArray": (lambda: {key: bit_array(one) for key, one in counts().items()}, {}),
    "integers as keys": (
        lambda: {key: {int(k[::-1], 2): n for k, n in one.items()} for key, one in counts().items()},
        {"order": "last"},
    ),
    "bits as keys": (
        lambda: {key: {(int(k[0]), int(k[1])): n for k, n in one.items()} for key, one in counts().items()},
        {"order": "first"},
    ),
    "values +1 and -1": (
        lambda: {
            key: {(1 - 2 * int(k[0]), 1 - 2 * int(k[1])): n for k, n in one.items()} for key, one in counts().items()
        },
        {"order": "first"},
    ),
    "array of shots": (
        lambda: {key: np.array([[int(b) for b in k] for k in shots_of(one)]) for key, one in counts().items()},
        {"order": "last"},
    ),
    "data frame": (lambda: pd.DataFrame(FORMS["rows"][0]()), {}),
    "columns": (lambda: pd.DataFrame(FORMS["rows"][0]()).to_dict("list"), {}),
    "labels beside": (
        lambda: primitive_result(metadata=False),
        {"labels": [{"time": time, "basis": basis} for time, basis in counts()]},
    ),
    "list with labels in a data frame": (
        lambda: list(counts().values()),
        {"order": "first", "labels": pd.DataFrame(list(counts()), columns=["time", "basis"])},
    ),
}


@pytest.mark.parametrize("form", IN_MEMORY)
def test_every_form_gives_the_same_table_from_memory(tmp_path: Path, wanted: pd.DataFrame, form: str) -> None:
    made, options = IN_MEMORY[form]
    record = import_counts(made(), **options, runs=tmp_path / "runs")
    pd.testing.assert_frame_equal(table(record), wanted)
    again = import_file(record.path / "raw" / "imported.csv", runs=tmp_path / "again")
    pd.testing.assert_frame_equal(table(again), wanted)  # what the run keeps can be imported again


# ---- the genuine libraries, with circuits whose qubits are told apart ----


def tomography(registers: str = "one", width: int = 2) -> list[QuantumCircuit]:
    """A is excited with 0.25 and B with 0.5; nine settings, named as people do. Bit 0 reads A."""
    circuits = []
    for basis in NINE:
        q = QuantumRegister(width, "q")
        own = [ClassicalRegister(1, "alpha"), ClassicalRegister(1, "beta")]
        c = own if registers == "two" else [ClassicalRegister(width, "c")]
        circuit = QuantumCircuit(q, *c, name=f"circ-{basis}", metadata={"basis": basis, "time": 0.0})
        circuit.ry(np.pi / 3, 0)
        circuit.ry(np.pi / 2, 1)
        for qubit, letter in enumerate(basis):
            if letter == "Y":
                circuit.sdg(qubit)
            if letter in "XY":
                circuit.h(qubit)
        if width > 2:
            circuit.x(2)
        circuit.measure(q, circuit.clbits)
        circuits.append(circuit)
    return circuits


def excited(record: RunRecord, qubit: str, basis: str = "ZZ") -> float:
    rows = record.counts().query("basis == @basis")
    return float((rows[qubit] * rows["count"]).sum() / rows["count"].sum())


def check_prepared(record: RunRecord) -> None:
    """Five standard errors of 4000 shots."""
    assert record.start["bases"] == list(NINE)
    assert excited(record, "A") == pytest.approx(0.25, abs=0.035)
    assert excited(record, "B") == pytest.approx(0.5, abs=0.04)
    assert excited(record, "A", "XZ") == pytest.approx((1 - np.sin(np.pi / 3)) / 2, abs=0.03)
    assert excited(record, "B", "ZX") == pytest.approx(0, abs=0.002)


def test_a_result_of_aer_as_object_dictionary_and_file(tmp_path: Path) -> None:
    result = AerSimulator(seed_simulator=3).run(tomography(), shots=4000).result()
    check_prepared(import_counts(result, runs=tmp_path / "a"))
    check_prepared(import_counts(result.to_dict(), runs=tmp_path / "b"))
    plain = {basis: result.get_counts(i) for i, basis in enumerate(NINE)}
    check_prepared(import_counts(plain, order="last", runs=tmp_path / "c"))
    check_prepared(import_counts(result.get_counts(), order="last", bases=",".join(NINE), runs=tmp_path / "d"))
    for name, content in (
        ("dictionary.json", json.dumps(result.to_dict(), default=str)),
        ("encoded.json", json.dumps(result, cls=RuntimeEncoder)),
    ):
        (tmp_path / name).write_text(content)
        check_prepared(import_data(tmp_path / name, Reading(), runs=tmp_path / "e"))
    # and as Python prints it
    (tmp_path / "printed.txt").write_text(str(plain))
    check_prepared(import_data(tmp_path / "printed.txt", Reading(order="last"), runs=tmp_path / "f"))


@pytest.mark.parametrize("registers", ["one", "two"])
def test_a_sampler_s_own_result(tmp_path: Path, registers: str) -> None:
    result = SamplerV2(seed=5).run(tomography(registers), shots=4000).result()
    check_prepared(import_counts(result, runs=tmp_path / "a"))
    (tmp_path / "saved.json").write_text(json.dumps(result, cls=RuntimeEncoder))
    check_prepared(import_data(tmp_path / "saved.json", Reading(form="runtime"), runs=tmp_path / "b"))
    pub = result[0].data
    both = pub if registers == "two" else pub.c
    one = import_counts({"ZZ": both}, runs=tmp_path / "c").counts()
    assert one["count"].sum() == 4000


def test_a_swept_circuit_has_a_label_for_every_point(tmp_path: Path) -> None:
    from qiskit.circuit import Parameter

    angle = Parameter("angle")
    circuit = QuantumCircuit(2)
    circuit.ry(angle, 0)
    circuit.measure_all()
    values = np.array([0.0, np.pi / 2, np.pi])
    result = SamplerV2(seed=1).run([(circuit, values[:, None])], shots=2000).result()
    labels = [{"basis": "ZZ", "time": float(time)} for time in (0, 1, 2)]
    record = import_counts(result, labels=labels, runs=tmp_path / "runs")
    found = [excited_at(record, "A", time) for time in (0, 1, 2)]
    np.testing.assert_allclose(found, [0, 0.5, 1], atol=0.06)
    assert excited_at(record, "B", 2) == 0
    with pytest.raises(RequestError, match=r"3 circuits without the name of a setting\. Add bases='XX,XY"):
        import_counts(result, runs=tmp_path / "none")
    with pytest.raises(RequestError, match=r"has the same labels as counts, ZZ, point 0"):
        import_counts({"ZZ": result[0].data.meas}, runs=tmp_path / "none")
    with pytest.raises(RequestError, match=r"must have one row a circuit, but has 2 and counts has 3"):
        import_counts(result, labels=labels[:2], runs=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def excited_at(record: RunRecord, qubit: str, time: float) -> float:
    rows = record.counts().query("time == @time")
    return float((rows[qubit] * rows["count"]).sum() / rows["count"].sum())


# ---- the bit order ----


@pytest.mark.parametrize(
    "data",
    [
        {"ZZ": {"00": 5, "01": 3, "10": 1}},
        {"ZZ": {"0x0": 5, "0x1": 3, "0x2": 1}},
        {"ZZ": {0: 5, 1: 3, 2: 1}},
        {"ZZ": {"0 0": 5, "0 1": 3, "1 0": 1}},
        {"ZZ": [[0, 0], [0, 1], [0, 1]]},
        {"ZZ": {"00": 5, "11": 1}, "cal": {"01": {"01": 9}, "10": {"10": 9}, "00": {"00": 9}, "11": {"11": 9}}},
        {"ZZ": {"probabilities": {"registers": {"output_all": {"00": 0.5, "01": 0.5}}}, "shots": 4}},
    ],
)
def test_an_order_that_nothing_decides_must_be_said(tmp_path: Path, data: Any) -> None:
    with pytest.raises(RequestError, match=r"`order` must say .* Add order='last' if .*get_counts.*, order='first' if"):
        import_counts(data, runs=tmp_path / "runs")
    path = tmp_path / "data.json"
    path.write_text(json.dumps(data))
    for form in ("auto",) if "registers" in str(data) else ("auto", "qiskit"):
        with pytest.raises(RequestError, match=r"Add --order last if .*, --order first if"):
            import_data(path, Reading(form=form), runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
    for order in ("first", "last"):
        assert (
            import_counts(data, order=order, runs=tmp_path / "runs").start["notes"][0].startswith(f"bit order {order}")
        )


def test_counts_that_an_exchange_of_qubits_leaves_alone_need_no_order(tmp_path: Path) -> None:
    record = import_counts({"ZZ": {"00": 7, "01": 2, "10": 2}}, runs=tmp_path / "runs")
    assert record.counts()["count"].tolist() == [7, 2, 2]


def test_patterns_prepared_are_written_like_outcomes(tmp_path: Path) -> None:
    own = {key: dict(one) for key, one in counts().items()} | {("cal", k): one for k, one in CALIBRATION.items()}
    qiskit = {key: swapped(one) for key, one in counts().items()}
    qiskit |= {("cal", prepared[::-1]): swapped(one) for prepared, one in CALIBRATION.items()}
    first = import_counts(own, order="first", runs=tmp_path / "a")
    last = import_counts(qiskit, order="last", runs=tmp_path / "b")
    assert (first.path / "counts.csv").read_bytes() == (last.path / "counts.csv").read_bytes()
    rows = first.counts().query("basis == 'cal' and prepared == '01'").set_index(["A", "B"])["count"]
    assert rows[0, 1] == 90
    nested_keys = {"0": {b: one for (t, b), one in own.items() if t == 0}, "cal": CALIBRATION}
    assert (
        import_counts(nested_keys, order="first", runs=tmp_path / "c").counts().query("basis == 'cal'")["count"].sum()
    )


def test_an_order_against_the_form_is_done_and_said(tmp_path: Path) -> None:
    native = import_counts(primitive_result(), runs=tmp_path / "a")
    turned = import_counts(primitive_result(), order="first", runs=tmp_path / "b")
    assert any("against what its form says" in note for note in turned.start["notes"])
    exchanged = table(turned).rename(columns={"A": "B", "B": "A"})
    assert (
        exchanged.query("basis == 'ZZ'").sort_values(["time", "A", "B"])["count"].tolist()
        == table(native).query("basis == 'ZZ'")["count"].tolist()
    )


# ---- more bits than qubits ----


def test_bits_are_chosen_by_name_and_the_rest_is_traced_out(tmp_path: Path) -> None:
    data = {"XYZ": {"000": 5, "001": 7, "010": 3, "011": 1, "101": 2}, "ZZZ": {"110": 4, "011": 6}}
    with pytest.raises(RequestError, match=r"3 measured bits \(A, B, C\), but the qubits are A, B\. .*read='A,B'"):
        import_counts(data, order="first", runs=tmp_path / "none")
    with pytest.raises(RequestError, match=r"`read` must name measured bits .* A, B, C, but has 'D'"):
        import_counts(data, order="first", read="A,D", runs=tmp_path / "none")
    with pytest.raises(RequestError, match="`read` must name 2 different"):
        import_counts(data, order="first", read="A,A", runs=tmp_path / "none")
    record = import_counts(data, order="first", read="A,C", bases="ZZ,XZ", runs=tmp_path / "a")
    assert record.start["bases"] == ["XZ", "ZZ"]
    rows = record.counts().query("basis == 'XZ'").set_index(["A", "B"])["count"].to_dict()
    assert rows == {(0, 0): 8, (0, 1): 8, (1, 1): 2}
    assert any("A is A, B is C; B traced out" in note for note in record.start["notes"])
    # letters are those of the qubits, first one first, in either order of the outcomes
    turned = {basis: {k[::-1]: n for k, n in one.items()} for basis, one in data.items()}
    last = import_counts(turned, order="last", read=["0", "2"], bases="ZZ,XZ", runs=tmp_path / "b")
    assert (last.path / "counts.csv").read_bytes() == (record.path / "counts.csv").read_bytes()


def test_registers_and_qubits_of_a_form_have_their_own_names(tmp_path: Path) -> None:
    result = SamplerV2(seed=5).run(tomography(width=3), shots=4000).result()
    with pytest.raises(RequestError, match="3 measured bits"):
        import_counts(result, runs=tmp_path / "none")
    check_prepared(import_counts(result, read="0,1", runs=tmp_path / "a"))
    pair = SamplerV2(seed=5).run(tomography("two"), shots=4000).result()
    turned = import_counts(pair, read="beta,alpha", runs=tmp_path / "b")
    assert excited(turned, "A") == pytest.approx(0.5, abs=0.04)
    assert any("A is beta, B is alpha" in note for note in turned.start["notes"])
    three = braket({"011": 3, "010": 1}, measuredQubits=[4, 7, 9])
    record = import_counts({"ZZ": three}, read="9,4", runs=tmp_path / "c")
    assert record.counts().set_index(["A", "B"])["count"].to_dict() == {(0, 0): 1, (1, 0): 3}
    with pytest.raises(RequestError, match=r"in the order 1, 0, .* Add read='0,1' if it is the first"):
        import_counts({"ZZ": braket({"01": 3}, measuredQubits=[1, 0])}, runs=tmp_path / "none")


def test_columns_of_a_table_are_chosen_by_name(tmp_path: Path) -> None:
    (tmp_path / "three.csv").write_text(
        "basis,q0,q1,q2,count\nZXZ,0,1,1,5\nZXZ,0,0,1,4\nZXZ,1,0,0,3\nXZX,0,1,0,2\nXXX,1,1,0,1\n"
    )
    record = import_data(tmp_path / "three.csv", Reading(read=("q2", "q0")), bases="ZZ,XX", runs=tmp_path / "runs")
    found = record.counts().set_index(["basis", "A", "B"])["count"]
    assert found.groupby(level=[0, 1, 2]).sum().to_dict() == {
        ("XX", 0, 0): 2,
        ("XX", 0, 1): 1,
        ("ZZ", 0, 1): 3,
        ("ZZ", 1, 0): 9,
    }
    assert any("A is q2, B is q0; q1 traced out" in note for note in record.start["notes"])
    with pytest.raises(RequestError, match=r"`read` must name columns of 0 and 1 .* q0, q1, q2, but has 'q3'"):
        import_data(tmp_path / "three.csv", Reading(read=("q0", "q3")), runs=tmp_path / "none")


@pytest.mark.parametrize("order", ["first", "last"])
@pytest.mark.parametrize("shape", ["narrow", "wide", "frame"])
def test_tables_of_bit_strings_need_the_order_too(tmp_path: Path, wanted: pd.DataFrame, shape: str, order: str) -> None:
    turned = swapped if order == "last" else dict
    rows = [(t, b, k, n) for (t, b), one in counts().items() for k, n in turned(one).items()]
    frame = pd.DataFrame(rows, columns=["time", "basis", "bitstring", "count"])
    if shape == "wide":
        frame = frame.pivot(index=["time", "basis"], columns="bitstring", values="count").reset_index()
    if shape == "frame":
        with pytest.raises(RequestError, match=r"Add order='last'"):
            import_counts(frame, runs=tmp_path / "none")
        found = import_counts(frame, order=order, runs=tmp_path / "runs")
    else:
        frame.to_csv(tmp_path / "strings.csv", index=False)
        with pytest.raises(RequestError, match=r"Add --order last"):
            import_data(tmp_path / "strings.csv", Reading(), runs=tmp_path / "none")
        found = import_data(tmp_path / "strings.csv", Reading(order=order), runs=tmp_path / "runs")
    pd.testing.assert_frame_equal(table(found), wanted)


def test_a_table_of_bit_strings_has_calibration_and_more_bits(tmp_path: Path) -> None:
    path = tmp_path / "strings.csv"
    head = "basis,prepared,bitstring,count\n"
    path.write_text(head + "ZZ,,00,5\nZZ,,01,4\nZZ,,01,3\ncal,00,00,9\ncal,01,01,8\ncal,10,10,7\ncal,11,11,6\n")
    record = import_data(path, Reading(order="last"), runs=tmp_path / "runs")
    assert record.counts().query("basis == 'ZZ'").set_index(["A", "B"])["count"].to_dict() == {(0, 0): 5, (1, 0): 7}
    calibration = record.counts().query("basis == 'cal'")
    assert dict(zip(calibration["prepared"], calibration["count"], strict=True)) == {"00": 9, "10": 8, "01": 7, "11": 6}
    path.write_text("basis,bitstring,count\nZZX,010,5\nZZX,110,2\nZZX,100,1\n")
    record = import_data(path, Reading(order="first", read=("A", "B")), runs=tmp_path / "runs")
    assert record.counts()["count"].tolist() == [5, 1, 2]
    for text, named in (
        ("bitstring,count\n00,5\n", "column `basis`"),
        ("basis,bitstring,count\nZZ,0a,5\n", "row 2, column `bitstring`: must be an outcome"),
        ("basis,00,01\nZZ,5,few\n", "row 2, column `01`: must be a number"),
        ("basis,00,01\nZZ,5.5,2\n", "raw counts"),
    ):
        path.write_text(text)
        with pytest.raises(RequestError, match=named):
            import_data(path, Reading(order="first"), runs=tmp_path / "none")


# ---- probabilities ----


def test_probabilities_need_shots_that_make_them_frequencies(tmp_path: Path) -> None:
    data = {"ZZ": {"0": 0.498, "1": 0.252, "3": 0.25}}
    with pytest.raises(RequestError, match=r"probabilities, whose errors .* Add shots=1000"):
        import_counts(data, form="ionq", runs=tmp_path / "none")
    record = import_counts(data, form="ionq", shots=1000, runs=tmp_path / "runs")
    assert record.counts().set_index(["A", "B"])["count"].to_dict() == {(0, 0): 498, (1, 0): 252, (1, 1): 250}
    with pytest.raises(RequestError, match=r"frequencies of 999 shots, but one is 0\.5 counts away"):
        import_counts(data, form="ionq", shots=999, runs=tmp_path / "none")
    with pytest.raises(RequestError, match=r"one is 522\.74\. .*raw counts with calibration"):
        import_counts({"ZZ": {"00": 522.74, "01": 3.0}}, order="first", runs=tmp_path / "none")
    with pytest.raises(RequestError, match=r"one is 1\.02"):
        import_counts({"ZZ": {"00": 1.02, "01": -0.02}}, order="first", shots=100, runs=tmp_path / "none")
    with pytest.raises(RequestError, match=r"`shots` is 5, but .* says that it had 4"):
        import_counts({"ZZ": braket_probabilities({"00": 1, "01": 3})}, shots=5, runs=tmp_path / "none")


def test_what_was_swept_under_a_name_of_one_s_own_is_never_pooled(tmp_path: Path) -> None:
    data = {"ZZ my_angle=1": {"00": 5}, "ZZ my_angle=2": {"11": 5}}
    record = import_counts(data, order="first", runs=tmp_path / "runs")
    assert record.counts().set_index("my_angle")["A"].to_dict() == {1.0: 0, 2.0: 1}


# ---- what is refused, and with which repair ----


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"ZZ": {"0": 5, "1": 2}}, "can be bits or decimal numbers"),
        ({"ZZ": {"0": 5, "10": 2}}, "can be bits or decimal numbers"),
        ({"ZZ": {"00": 5, "0x1": 2, "000": 1}}, "can be bits or decimal"),
        ({"ZZ": "00"}, r"'ZZ' must lead to counts"),
        ({"ZZ": {}}, "has no circuits"),
        ([], "has no circuits"),
        (5, r"must be counts of outcomes, .* but is 5\. docs/your-own-counts\.md"),
        ({"setting one": {"00": 5}}, "The key 'setting one' does not say what was measured"),
        ({"ZZ": {"XX": {"00": 5}}}, "says basis XX, but ZZ was said before"),
        ({"00": 5, "01": 2}, r"one circuit without the name of a setting"),
        ([{"00": 5}, {"01": 2}], r"2 circuits without the name of a setting"),
        (
            [{"basis": "ZZ", "counts": {"00": 5}}, {"basis": "ZZ", "counts": {"00": 6}}],
            "same labels as counts, circuit 1",
        ),
        ({"Z": {"00": 1}}, r"counts, Z, `basis`: must be 2 letters"),
        ({"ZZ": {"00": 2**70}}, r"counts, ZZ, `count`: must be .* below 2\*\*63"),
        ({"__type__": "PrimitiveResult", "__value__": {}}, "form runtime, but parts of it are missing"),
        ({"results": [{"data": {"counts": {"0x1": 5}}, "header": 5}]}, "form qiskit, but parts of it are missing"),
        ({"results": [{"data": {"counts": {"zz": 5}}, "header": {"name": "ZZ"}}]}, "outcomes must be bits such as 01"),
        ({"results": [{"success": False, "status": "ERROR: no memory", "data": {"counts": {}}}]}, "no memory"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_repair(tmp_path: Path, data: Any, named: str) -> None:
    with pytest.raises(RequestError, match=named) as refused:
        import_counts(data, order="first", runs=tmp_path / "none")
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith(".")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("content", "form", "named"),
    [
        (b'{"ZZ": {"00": 5}, "ZZ": {"00": 6}}', "auto", "'ZZ' is there twice"),
        (b"{'ZZ': {'00': 5, '00': 6}}", "auto", "is there twice"),
        (b'{"ZZ": {"00": 5', "auto", r"row 1: is not JSON"),
        (b"[" * 100_000, "auto", "JSON|without end"),
        (b'{"ZZ": {"00": NaN}}', "auto", "nan"),
        (b'{"ZZ": {"00": 1e999}}', "auto", "inf"),
        (b"\x80\x04\x95", "auto", "pickle, which can run any program"),
        (b"PK\x03\x04 a spreadsheet", "auto", "Save a spreadsheet as CSV"),
        (b"\x93NUMPY", "auto", "no file of NumPy arrays"),
        (b'{"ZZ": {"00": 5}}', "csv", "is JSON"),
        (b"basis,A,B,count\nZZ,0,0,5\n", "runtime", "but is no JSON"),
        (b"basis,A,B,count\nZZ,0,0,5\n", "states", "columns i, j, re, im"),
        (b'{"__type__": "PrimitiveResult", "__value__": {"pub_results": []}}', "braket", "has the form runtime"),
        (
            b'{"__type__": "BitArray", "__value__": {"num_bits": 2, "array": {"__type__": "x", "__value__": "A"}}}',
            "auto",
            "cannot be unpacked",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, form: str, named: str) -> None:
    path = tmp_path / "measured"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=named):
        import_data(path, Reading(form=form, order="first"), runs=tmp_path / "none")
    assert not (tmp_path / "none").exists()


# ---- density matrices ----


def test_density_matrices_from_arrays_libraries_and_tables(tmp_path: Path) -> None:
    import qutip

    found = states()
    words = {time: moments(rho, ["ZI", "IZ", "XY", "ZZ"]) for time, rho in found.items()}

    def check(record: RunRecord) -> None:
        rows = record.expectations()
        assert rows is not None
        for time, exact in words.items():
            values = rows[np.isclose(rows["time"], time)].set_index("pauli")
            for word, value in exact.items():
                assert values.loc[word, "value"] == pytest.approx(float(value), abs=1e-9), word
            shots = 3 * 2000
            shrunk = float(exact["ZI"]) * shots / (shots + 2)
            assert values.loc["ZI", "stderr"] == pytest.approx(np.sqrt((1 - shrunk**2) / shots), rel=1e-9)
        assert any("2000 shots" in note for note in record.start["notes"])

    check(import_counts(found, form="states", order="first", shots=2000, runs=tmp_path / "a"))
    rho = np.array(list(found.values()))
    labels = [{"time": time} for time in TIMES]
    check(import_counts(rho, form="states", order="first", shots=2000, labels=labels, runs=tmp_path / "b"))
    objects = {time: qutip.Qobj(rho, dims=[[2, 2], [2, 2]]) for time, rho in found.items()}
    check(import_counts(objects, shots=2000, runs=tmp_path / "c"))
    ends = [0, 2, 1, 3]
    qiskit = {time: DensityMatrix(rho[np.ix_(ends, ends)]) for time, rho in found.items()}
    check(import_counts(qiskit, shots=2000, runs=tmp_path / "d"))
    np.savez(tmp_path / "rho.npz", rho=rho, time=np.array(TIMES))
    check(import_data(tmp_path / "rho.npz", Reading(order="first", shots=2000), runs=tmp_path / "e"))
    lines = ["time,i,j,re,im"]
    lines += [f"{t!r},{i},{j},{z.real!r},{z.imag!r}" for t, r in found.items() for (i, j), z in np.ndenumerate(r)]
    (tmp_path / "rho.csv").write_text("\n".join(lines).replace("np.float64(", "").replace(")", ""))
    check(import_data(tmp_path / "rho.csv", Reading(order="first", shots=2000), runs=tmp_path / "f"))
    with pytest.raises(RequestError, match=r"`order` must say which bit of an index"):
        import_counts(found, form="states", shots=2000, runs=tmp_path / "none")
    with pytest.raises(RequestError, match=r"no errors of their own\. Add shots=1000"):
        import_counts(found, form="states", order="first", runs=tmp_path / "none")


def test_a_covariance_gives_the_errors_and_what_it_leaves_out_is_said(tmp_path: Path) -> None:
    rho = states()[0.0]
    covariance = np.diag(np.linspace(0.01, 0.02, 15) ** 2)
    covariance[0, 1] = covariance[1, 0] = 0.5 * np.sqrt(covariance[0, 0] * covariance[1, 1])
    record = import_counts({0: rho}, form="states", order="first", covariance=covariance, runs=tmp_path / "runs")
    rows = record.expectations()
    assert rows is not None
    np.testing.assert_allclose(rows["stderr"], np.linspace(0.01, 0.02, 15))
    assert any("up to 0.5 are not used" in note for note in record.start["notes"])


@pytest.mark.parametrize(
    ("matrix", "named"),
    [
        (np.diag([0.6, 0.5, -0.05, -0.05]), "negative eigenvalue"),
        (np.diag([0.1, -0.1, 0.2, -0.2]), r"trace 1, but one has .* deviation matrix"),
        (np.diag([0.5, 0.3, 0.1, 0.1]) + np.diag([0.1, 0, 0], 1), "Hermitian"),
        (np.eye(8) / 8, "4 x 4, but is 8 x 8"),
        (np.ones((2, 3)), "square arrays"),
        (np.full((4, 4), np.nan), "Hermitian"),
    ],
)
def test_what_is_no_state_is_refused(tmp_path: Path, matrix: np.ndarray, named: str) -> None:
    with pytest.raises(RequestError, match=named):
        import_counts(matrix, form="states", order="first", shots=10**6, runs=tmp_path / "none")
    assert not (tmp_path / "none").exists()


# ---- the command ----


def test_the_command_reads_what_it_is_told_to_read(tmp_path: Path, call: Call) -> None:
    path, layout = tmp_path / "list.json", tmp_path / "layout.csv"
    path.write_text(json.dumps([swapped(one) for one in counts().values()]))
    layout.write_text("time,basis\n" + "".join(f"{time!r},{basis}\n" for time, basis in counts()))
    words = ("import", path, "--runs", tmp_path / "runs", "--draws", 2)
    refused = call(*words)
    assert refused.status == 2
    assert "--layout FILE" in refused.err
    refused = call(*words, "--layout", layout)
    assert refused.status == 2
    assert "--order last" in refused.err
    for name, value in (("order", "left"), ("from", "excel"), ("shots", 0), ("read", "A")):
        refused = call(*words, f"--{name}", value)
        assert (refused.status, refused.out) == (2, "")
        assert f"`{name}`" in refused.err
    assert call(*words, "--layout", tmp_path / "nothing.csv").status == 2
    assert not (tmp_path / "runs").exists()
    protocol = ("--protocol", "heat-exchange", "--set", "strength=0.7")
    said = call(*words, "--layout", layout, "--order", "last", *protocol)
    assert said.status == 0, said.err
    assert "note: bit order last: the last character of an outcome is A" in said.out
    found = pd.read_csv(said.run / "derived" / "table.csv").query("observable == 'energy' and subject == 'A'")
    np.testing.assert_allclose(found["value"].dropna()[:2], found["ideal"].dropna()[:2], atol=2e-3)


def test_a_protocol_in_memory_gives_ideal_values(tmp_path: Path) -> None:
    from analysis import analyse

    record = import_counts(
        counts(), order="first", experiment=HeatExchange(strength=0.7), runs=tmp_path / "runs", reference="measured"
    )
    found = analyse(record, draws=2).table.query("observable == 'energy' and subject == 'B' and role == 'point'")
    np.testing.assert_allclose(found["value"], found["ideal"], atol=2e-3)
    assert Counter(record.start["arms"]) == {"main": 1}
