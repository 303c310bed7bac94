"""One measurement in the forms of every library: the same table of an analysis from each, to the last digit.

The counts are those of one run of Aer. From them every other form is made by the library whose form it is, where that
is installed (qiskit, qiskit-aer, qiskit-ibm-runtime, ibm-quantum-schemas, pandas, NumPy); Braket's and IonQ's as
their documents are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from alarms import FAST
from conftest import Call
from ibm_quantum_schemas.common.tensor import CompressedTensorModel
from qiskit import QuantumCircuit
from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult
from qiskit.result import Result
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime import RuntimeEncoder
from test_imports_formats import NINE, braket, ionq_job

from analysis import analyse
from devices import RunRecord
from devices.imports import Reading, import_counts, import_data
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.program import build

TIMES = (0.0, 7.0)
SHOTS = 500
PATTERNS = ("00", "01", "10", "11")
Key = tuple[float, str] | tuple[str, str]
Labelled = tuple[dict[str, Any], dict[str, int]]


class Measured(NamedTuple):
    """What Aer gave, and its counts with A leftmost."""

    result: Result
    counts: dict[Key, dict[str, int]]


def circuit(time: float, basis: str) -> QuantumCircuit:
    """A correlated pair whose qubits differ, exchanged for a time; bit 0 reads A."""
    made = QuantumCircuit(2, name=f"{basis}_time={time}", metadata={"basis": basis, "time": time})
    made.ry(1.3, 0)
    made.ry(0.7, 1)
    made.rxx(0.2 * time, 0, 1)
    made.ryy(0.2 * time, 0, 1)
    for qubit, letter in enumerate(basis):
        if letter == "Y":
            made.sdg(qubit)
        if letter in "XY":
            made.h(qubit)
    made.measure_all()
    return made


def prepared(pattern: str) -> QuantumCircuit:
    """A calibration of A and B; its label is written like outcomes of Qiskit, B first."""
    metadata = {"basis": "cal", "prepared": pattern[::-1]}
    made = QuantumCircuit(2, name=f"cal_{pattern[::-1]}", metadata=metadata)
    for qubit, bit in enumerate(pattern):
        if bit == "1":
            made.x(qubit)
    made.measure_all()
    return made


@pytest.fixture(scope="module")
def measured() -> Measured:
    from qiskit_aer.noise import NoiseModel, ReadoutError

    noise = NoiseModel()
    noise.add_readout_error(ReadoutError([[0.98, 0.02], [0.06, 0.94]]), [0])
    noise.add_readout_error(ReadoutError([[0.96, 0.04], [0.09, 0.91]]), [1])
    keys: list[Key] = [*((t, b) for t in TIMES for b in NINE), *(("cal", p) for p in PATTERNS)]
    circuits = [*(circuit(t, b) for t in TIMES for b in NINE), *(prepared(p) for p in PATTERNS)]
    result = AerSimulator(noise_model=noise, seed_simulator=7).run(circuits, shots=SHOTS, memory=True).result()
    counts = [{text[::-1]: n for text, n in one.items()} for one in result.get_counts()]
    return Measured(result, dict(zip(keys, counts, strict=True)))


def of_points(
    counts: Mapping[Key, dict[str, int]], order: str = "first"
) -> Iterator[tuple[dict[str, Any], dict[str, int]]]:
    """Labels of every circuit with its counts; patterns written like outcomes."""
    turn = slice(None) if order == "first" else slice(None, None, -1)
    for (first, second), one in counts.items():
        labels = {"basis": "cal", "prepared": second[turn]} if first == "cal" else {"time": first, "basis": second}
        yield labels, {text[turn]: n for text, n in one.items()}


def nested(
    counts: Mapping[Key, dict[str, int]], leaf: Callable[[dict[str, int]], Any], order: str, patterns: str = ""
) -> dict[str, Any]:
    """Keys as texts; `leaf` gets outcomes in an order, and patterns are written in it, or in another one."""
    labels = [labels for labels, _ in of_points(counts, patterns or order)]
    keys = [f"cal {one['prepared']}" if one["basis"] == "cal" else f"{one['time']} {one['basis']}" for one in labels]
    return {key: leaf(one) for key, (_, one) in zip(keys, of_points(counts, order), strict=True)}


def registers(measured: Measured, split: bool = False) -> PrimitiveResult[Any]:
    """As a Sampler returns it: single shots in bit arrays."""
    pubs = []
    for i, (labels, _) in enumerate(of_points(measured.counts, "last")):
        shots = measured.result.get_memory(i)
        if split:
            fields = {
                n: BitArray.from_samples([s[-1 - k] for s in shots], num_bits=1) for k, n in enumerate(("A", "B"))
            }
        else:
            fields = {"meas": BitArray.from_samples(shots, num_bits=2)}
        pubs.append(SamplerPubResult(DataBin(**fields, shape=()), {"circuit_metadata": labels}))
    return PrimitiveResult(pubs)


def executor(measured: Measured, twirled: bool) -> dict[str, Any]:
    """What the platform sends of an executor job, with flips of a twirled readout beside the bits."""
    generator, data, metadata = np.random.default_rng(1), [], []
    for i, (labels, _) in enumerate(of_points(measured.counts, "last")):
        bits = np.array([[s[-1] == "1", s[-2] == "1"] for s in measured.result.get_memory(i)])
        results = {"meas": bits}
        if twirled:
            flips = generator.random((5, 1, 2)) < 0.5
            results = {"meas": bits.reshape(5, -1, 2) ^ flips, "measurement_flips.meas": flips}
        packed = {name: CompressedTensorModel.from_numpy(one).model_dump() for name, one in results.items()}
        data.append({"results": packed, "metadata": {}})
        metadata.append(labels)
    said = {"post_processor": {"twirling": twirled, "circuits_metadata": metadata}}
    return {"schema_version": "v2.0", "data": data, "metadata": {}, "passthrough_data": said}


def frame(counts: Mapping[Key, dict[str, int]]) -> pd.DataFrame:
    """Rows as in counts.csv."""
    head = ["time", "prepared", "basis", "A", "B", "count"]
    rows = [
        (labels.get("time"), labels.get("prepared"), labels["basis"], int(k[0]), int(k[1]), n)
        for labels, one in of_points(counts)
        for k, n in one.items()
    ]
    return pd.DataFrame(rows, columns=head)


def strings(counts: Mapping[Key, dict[str, int]]) -> pd.DataFrame:
    made = frame(counts)
    turned = made.assign(bitstring=made["B"].astype(str) + made["A"].astype(str), prepared=made["prepared"].str[::-1])
    return turned.drop(columns=["A", "B"])


def wide(counts: Mapping[Key, dict[str, int]]) -> pd.DataFrame:
    made = strings(counts).astype(object).fillna("")
    return made.pivot(index=["time", "basis", "prepared"], columns="bitstring", values="count").reset_index()


def shares(one: dict[str, int]) -> dict[str, float]:
    return {text: n / sum(one.values()) for text, n in one.items()}


def excel(made: pd.DataFrame) -> bytes:
    """As a spreadsheet in Germany saves it."""
    return b"\xef\xbb\xbf" + made.to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n").encode()


def signs(made: pd.DataFrame) -> pd.DataFrame:
    return made.assign(A=1 - 2 * made["A"], B=1 - 2 * made["B"])


FILES: dict[str, tuple[Callable[[Measured], str | bytes], dict[str, Any]]] = {
    "counts.csv": (lambda m: frame(m.counts).to_csv(index=False), {}),
    "get_counts of Qiskit": (lambda m: json.dumps(nested(m.counts, dict, "last")), {"order": "last"}),
    "get_counts as printed": (lambda m: str(nested(m.counts, dict, "last")), {"order": "last"}),
    "hexadecimal": (
        lambda m: json.dumps(nested(m.counts, lambda one: {hex(int(k, 2)): n for k, n in one.items()}, "last")),
        {"order": "last"},
    ),
    "integers": (
        lambda m: json.dumps(nested(m.counts, lambda one: {str(int(k, 2)): n for k, n in one.items()}, "last")),
        {"order": "last"},
    ),
    "spaced registers": (
        lambda m: json.dumps(nested(m.counts, lambda one: {f"{k[0]} {k[1]}": n for k, n in one.items()}, "last")),
        {"order": "last"},
    ),
    "Aer's to_dict": (lambda m: json.dumps(m.result.to_dict(), default=str), {}),
    "Aer's result by RuntimeEncoder": (lambda m: json.dumps(m.result, cls=RuntimeEncoder), {}),
    "a Sampler's result by RuntimeEncoder": (lambda m: json.dumps(registers(m), cls=RuntimeEncoder), {}),
    "a Sampler's result, two registers": (
        lambda m: json.dumps(registers(m, split=True), cls=RuntimeEncoder),
        {},
    ),
    "the platform's executor": (lambda m: json.dumps(executor(m, twirled=False)), {}),
    "the platform's executor, twirled": (lambda m: json.dumps(executor(m, twirled=True)), {}),
    "Braket": (lambda m: json.dumps(nested(m.counts, braket, "first")), {}),
    "IonQ": (lambda m: json.dumps(nested(m.counts, ionq_job, "first", "last")), {}),
    "frequencies with shots": (
        lambda m: json.dumps(nested(m.counts, shares, "first")),
        {"order": "first", "shots": SHOTS},
    ),
    "bit strings": (lambda m: strings(m.counts).to_csv(index=False), {"order": "last"}),
    "one column an outcome": (lambda m: wide(m.counts).to_csv(), {"order": "last"}),
    "a spreadsheet's semicolons": (lambda m: excel(frame(m.counts)), {}),
    "a spreadsheet's Unicode text": (lambda m: frame(m.counts).to_csv(index=False, sep="\t").encode("utf-16"), {}),
    "eigenvalues": (lambda m: signs(frame(m.counts)).to_csv(index=False), {}),
}

MEMORY: dict[str, tuple[Callable[[Measured], Any], dict[str, Any]]] = {
    "get_counts of Qiskit": (
        lambda m: {tuple(labels.values()): one for labels, one in of_points(m.counts, "last")},
        {"order": "last"},
    ),
    "Result": (lambda m: m.result, {}),
    "PrimitiveResult": (registers, {}),
    "BitArray": (
        lambda m: {
            tuple(labels.values()): pub.data.meas
            for (labels, _), pub in zip(of_points(m.counts, "last"), registers(m), strict=True)
        },
        {},
    ),
    "a data frame": (lambda m: frame(m.counts), {}),
    "a data frame of bit strings": (lambda m: strings(m.counts), {"order": "last"}),
    "a list with labels": (
        lambda m: m.result.get_counts(),
        {"order": "last", "labels": "beside"},
    ),
}


def table(record: RunRecord) -> pd.DataFrame:
    """Of the analysis, but for intervals that take long; draws and their seeds follow from the counts."""
    return analyse(record, draws=2, intervals=FAST).table


@pytest.fixture(scope="module")
def wanted(measured: Measured, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """From counts.csv, with every count by its own outcome."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "counts.csv").write_text(frame(measured.counts).to_csv(index=False))
    return table(import_data(folder / "counts.csv", Reading(), runs=folder / "runs"))


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "measured"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("form", FILES)
def test_a_file_of_every_form_is_analysed_to_the_same_table(
    tmp_path: Path, measured: Measured, wanted: pd.DataFrame, form: str
) -> None:
    made, words = FILES[form]
    record = import_data(written(tmp_path, made(measured)), Reading(**words), runs=tmp_path / "runs")
    pd.testing.assert_frame_equal(table(record), wanted, check_exact=True)


@pytest.mark.slow
@pytest.mark.parametrize("form", MEMORY)
def test_data_in_memory_of_every_form_are_analysed_to_the_same_table(
    tmp_path: Path, measured: Measured, wanted: pd.DataFrame, form: str
) -> None:
    made, words = MEMORY[form]
    if "labels" in words:
        words = {**words, "labels": [labels for labels, _ in of_points(measured.counts, "last")]}
    record = import_counts(made(measured), **words, runs=tmp_path / "runs")
    pd.testing.assert_frame_equal(table(record), wanted, check_exact=True)


@pytest.mark.slow
def test_a_folder_of_results_is_one_measurement(
    tmp_path: Path, measured: Measured, wanted: pd.DataFrame, call: Call
) -> None:
    """Tasks of Braket, one file each, by the command: as a folder, and one by one."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    for key, task in nested(measured.counts, braket, "first").items():
        name = key.replace(" ", "_") if key.startswith("cal") else "{1}_time={0}".format(*key.split())
        (folder / f"{name}.json").write_text(json.dumps(task))
    record = import_data(folder, Reading(), runs=tmp_path / "folder")
    pd.testing.assert_frame_equal(table(record), wanted, check_exact=True)
    said = call("import", *sorted(folder.iterdir()), "--draws", 2, "--runs", tmp_path / "files")
    assert said.status == 0, said.err
    assert "22 files are read as one" in said.out
    again = import_data(said.run / "raw" / "imported.json", Reading(), runs=tmp_path / "again")
    for other in (said.run, again.path):
        lines = [(path / "counts.csv").read_text().splitlines() for path in (other, record.path)]
        assert sorted(lines[0]) == sorted(lines[1])


ORDERED = [name for name, (_, words) in FILES.items() if "order" in words]


@pytest.mark.slow
@pytest.mark.parametrize("form", ORDERED)
def test_no_order_is_asked_for_and_a_wrong_one_is_never_silent(tmp_path: Path, measured: Measured, form: str) -> None:
    """Without calibration, which would be refused; then the protocol sees it, or the note says what was taken."""
    made, words = FILES[form]
    plain = Measured(measured.result, {key: one for key, one in measured.counts.items() if key[0] != "cal"})
    path = written(tmp_path, made(plain))
    with pytest.raises(RequestError, match=r"--order last.*--order first"):
        import_data(path, Reading(**{**words, "order": None}), runs=tmp_path / "none")
    wrong = "first" if words["order"] == "last" else "last"
    record = import_data(
        path,
        Reading(**{**words, "order": wrong}),
        protocol=HeatExchange,
        build=lambda columns: build(HeatExchange, {name: repr(value) for name, value in columns.items()}),
        runs=tmp_path / "runs",
    )
    place = "leftmost" if wrong == "first" else "last"
    assert any(f"bit order {wrong}: the {place} character of an outcome is A" in note for note in record.start["notes"])
    assert any("order of bits" in one for one in analyse(record, draws=2, intervals=FAST).warnings)
    labels = [labels for labels, _ in of_points(measured.counts)]
    assert {label["basis"] for label in labels} >= {"cal"}
    turned = {("cal", p[::-1]): one for (c, p), one in measured.counts.items() if c == "cal"}
    with pytest.raises(RequestError, match="written like outcomes"):
        import_counts(dict(plain.counts) | turned, order="first", runs=tmp_path / "none")


@pytest.mark.parametrize("form", ["a Sampler's result, two registers", "the platform's executor, twirled", "wide"])
def test_some_forms_give_the_same_rows(tmp_path: Path, measured: Measured, form: str) -> None:
    """What is fast of the above."""
    made, words = FILES.get(form) or FILES["one column an outcome"]
    record = import_data(written(tmp_path, made(measured)), Reading(**words), runs=tmp_path / "runs")
    rows = record.counts()
    for (first, second), one in measured.counts.items():
        other, setting = rows["basis"] != "cal", rows["basis"] == second
        here = rows[rows["prepared"] == second] if first == "cal" else rows[other & setting & (rows["time"] == first)]
        found = here.query("count > 0").set_index(["A", "B"])["count"].to_dict()
        assert found == {(int(k[0]), int(k[1])): n for k, n in one.items()}


def test_folders_that_are_no_measurement_are_refused(tmp_path: Path, measured: Measured) -> None:
    """Runs, tables in several files, two files of one setting, and names that say nothing, with what to do."""
    task = next(iter(nested(measured.counts, braket, "first").values()))
    run = import_counts({"ZZ": {"00": 5, "11": 4}}, runs=tmp_path / "runs").path
    with pytest.raises(RequestError, match="is a run of hotward's"):
        import_data(run, Reading(), runs=tmp_path / "none")
    folder = tmp_path / "tasks"
    folder.mkdir()
    with pytest.raises(RequestError, match="must have 1 to 100000 results as JSON"):
        import_data(folder, Reading(), runs=tmp_path / "none")
    for name in ("a-ZZ.json", "b-ZZ.json"):
        (folder / name).write_text(json.dumps(task))
    with pytest.raises(RequestError, match=r"b-ZZ\.json and a-ZZ\.json are both ZZ\. Name .* such as ZZ_time="):
        import_data(folder, Reading(), runs=tmp_path / "none")
    (folder / "b-ZZ.json").rename(folder / "b.json")
    with pytest.raises(RequestError, match="has 2 circuits without the name of a setting"):
        import_data(folder, Reading(), runs=tmp_path / "none")
    rows = import_data(folder, Reading(bases="ZZ,XX"), bases="ZZ,XX", runs=tmp_path / "own").counts()
    assert set(rows["basis"]) == {"ZZ", "XX"}
    (folder / "c.csv").write_text("basis,A,B,count")
    with pytest.raises(RequestError, match=r"c\.csv is not\. Put the rows of tables into one file"):
        import_data([folder / "b.json", folder / "c.csv"], Reading(), runs=tmp_path / "none")
    assert not (tmp_path / "none").exists()
