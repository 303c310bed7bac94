"""Files measured elsewhere: what is read, what is refused and how it is said, and that the numbers survive."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Call, slow

from analysis import analyse
from analysis.data import Counts
from devices import FailedRun, RunRecord, execute, open_device, status
from devices.imports import Sheet, import_file, import_sheet
from devices.record import disk as _disk
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange
from protocols.pauli import moments, outcome_probabilities, parse_bases

PARSE_FULL = parse_bases("full", 2)
X_STATE = ("ZZ", "XX", "YY", "XY", "YX")


def write(folder: Path, content: str | bytes, name: str = "elsewhere.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows_of(states: dict[float, np.ndarray], bases: Sequence[str], shots: int = 1000, bits: str = "A,B") -> str:
    """A file with the counts that these states give, to the nearest whole number."""
    lines = [f"time,basis,{bits},count"]
    for time, rho in states.items():
        for basis in bases:
            expected = np.rint(shots * outcome_probabilities(rho, basis)).astype(int)
            lines += [f"{time!r},{basis},{k >> 1},{k & 1},{n}" for k, n in enumerate(expected)]
    return "\n".join(lines) + "\n"


def partial_swap(times: Sequence[float], **fields: Any) -> dict[float, np.ndarray]:
    """Exact states of the protocol."""
    experiment = HeatExchange(**{"strength": 0.7, "time": list(times), **fields})
    points = experiment.points({}, reference="nominal")
    return dict(zip(times, experiment.state(points), strict=True))


def table_of(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "derived" / "table.csv")


def start_of(run: Path) -> dict[str, Any]:
    return json.loads((run / "start.json").read_text())


def value(table: pd.DataFrame, observable: str, subject: str) -> pd.DataFrame:
    rows = table[(table["observable"] == observable) & (table["subject"] == subject)]
    assert len(rows), (observable, subject)
    return rows.set_index("time").sort_index()


# ---- what is refused ----

SMALL = """\
time,arm,role,member,weight,basis,prepared,A,B,count
0,main,point,0,0.75,ZZ,,0,0,60
0,main,point,0,0.75,ZZ,,1,0,15
0,main,point,1,0.25,ZZ,,0,1,25
0,main,point,0,0.75,XX,,0,0,40
0,main,point,0,0.75,XX,,1,1,35
0,main,point,1,0.25,XX,,0,1,25
3,main,point,0,0.75,ZZ,,0,0,75
3,main,point,1,0.25,ZZ,,0,1,25
3,main,point,0,0.75,XX,,0,0,75
3,main,point,1,0.25,XX,,0,1,25
,main,calibration,0,1,cal,00,0,0,10
,main,calibration,0,1,cal,01,0,1,10
,main,calibration,0,1,cal,10,1,0,10
,main,calibration,0,1,cal,11,1,1,10
"""


def edited(*edits: tuple[int, str, str], text: str = SMALL) -> str:
    """The file with cells changed: (line of the file, column, text)."""
    lines = [line.split(",") for line in text.splitlines()]
    for line, column, cell in edits:
        lines[line - 1][lines[0].index(column)] = cell
    return "\n".join(",".join(cells) for cells in lines) + "\n"


def without(*lines: int, text: str = SMALL) -> str:
    return "\n".join(line for i, line in enumerate(text.splitlines(), 1) if i not in lines) + "\n"


def missing(column: str) -> str:
    lines = [line.split(",") for line in SMALL.splitlines()]
    place = lines[0].index(column)
    return "\n".join(",".join(cells[:place] + cells[place + 1 :]) for cells in lines) + "\n"


BAD_CELLS: list[tuple[str, tuple[str, ...]]] = [
    (edited((4, "count", "-3")), ("row 4", "`count`", "'-3'", ">= 0")),
    (edited((4, "count", "2.5")), ("row 4", "`count`", "'2.5'", "whole", "pauli,value,stderr")),
    (edited((4, "count", "3.521")), ("row 4", "`count`", "'3.521'", "whole", "thousands")),
    (edited((4, "count", "1.000")), ("row 4", "`count`", "'1.000'", "thousands")),
    (edited((4, "count", "many")), ("row 4", "`count`", "'many'")),
    (edited((4, "count", "")), ("row 4", "`count`", "''")),
    (edited((4, "count", "nan")), ("row 4", "`count`", "'nan'")),
    (edited((4, "count", "1_0")), ("row 4", "`count`", "'1_0'")),
    (edited((4, "count", "9223372036854775808")), ("row 4", "`count`", "2**63")),
    (edited((4, "count", "1" + "0" * 500)), ("row 4", "`count`")),
    (edited((2, "count", "9" * 18), (3, "count", str(2**63 - 1))), ("row 3", "`count`", "2**63")),
    (edited((2, "A", "2")), ("row 2", "`A`", "0 or 1", "'2'", "two levels", "selection")),
    (edited((2, "B", "0.5")), ("row 2", "`B`", "0 or 1", "'0.5'")),
    (edited((2, "B", "")), ("row 2", "`B`", "0 or 1")),
    (edited((2, "basis", "ZQ")), ("row 2", "`basis`", "X Y Z", "'ZQ'")),
    (edited((2, "basis", "ZI")), ("row 2", "`basis`", "'ZI'", "pauli,value,stderr")),
    (edited((2, "basis", "Z")), ("row 2", "`basis`", "2 letters", "'Z'")),
    (edited((2, "basis", "ZZZ")), ("row 2", "`basis`", "'ZZZ'")),
    (edited((2, "time", "nan")), ("row 2", "`time`", "'nan'", "finite")),
    (edited((2, "time", "inf")), ("row 2", "`time`", "'inf'", "finite")),
    (edited((2, "time", "1e999")), ("row 2", "`time`", "finite")),
    (edited((2, "time", "")), ("row 2", "`time`", "''")),
    (edited((2, "time", "-1")), ("row 2", "`time`", ">= 0", "-1")),
    (edited((2, "role", "controll")), ("row 2", "`role`", "'controll'")),
    (edited((2, "role", "control")), ("row 2", "`role`", "arm")),
    (edited((2, "role", "reference")), ("row 3", "`role`", "reference", "point")),
    (edited((12, "role", "point")), ("row 12", "`role`", "calibration")),
    (edited((2, "arm", "a;b")), ("row 2", "`arm`", "'a;b'")),
    (edited((2, "arm", "NA")), ("row 2", "`arm`", "'NA'")),
    (edited((2, "member", "-1")), ("row 2", "`member`", "'-1'")),
    (edited((2, "member", "a")), ("row 2", "`member`", "'a'")),
    (edited((2, "weight", "1.5"), (3, "weight", "1.5")), ("row 2", "`weight`", "1.5", "0 to 1")),
    (edited((2, "weight", "-0.1"), (3, "weight", "-0.1")), ("row 2", "`weight`", "-0.1")),
    (edited((2, "weight", "")), ("row 2", "`weight`", "''")),
    (edited((3, "weight", "0.7")), ("row 3", "`weight`", "member 0", "0.75", "0.7")),
    (edited((8, "weight", "0.7"), (10, "weight", "0.7")), ("row 8", "`weight`", "sum to 0.95", "time = 3", "member 0")),
    (missing("weight"), ("row 2", "`weight`", "sum to 2")),
    (edited((2, "prepared", "00")), ("row 2", "`prepared`", "'00'")),
    (edited((12, "prepared", "0")), ("row 12", "`prepared`", "'0'", "text")),
    (edited((12, "prepared", "")), ("row 12", "`prepared`", "2 bits")),
    (edited((12, "prepared", "0X")), ("row 12", "`prepared`", "'0X'")),
    (missing("prepared"), ("row 12", "prepared")),
    (without(14, 15), ("`prepared`", "prepare A as 0 and as 1", "Add the rows")),
    (edited((14, "count", "0"), (15, "count", "0")), ("`prepared`", "prepare A as 0 and as 1")),
    (edited((13, "prepared", "10"), (14, "prepared", "01")), ("row 12", "`prepared`", "in the other order (Qiskit's")),
    (edited((12, "prepared", "11"), (15, "prepared", "00")), ("`prepared`", "11 was read as 00 in 100%", "A, B")),
    (
        edited(*((12 + k, "prepared", f"{3 - k:02b}") for k in range(4))),
        ("`prepared`", "0 and 1 are exchanged", "--ground 1"),
    ),
    (missing("count"), ("row 1", "`count`", "missing")),
    (missing("basis"), ("row 1", "`basis`", "missing")),
    (missing("B"), ("row 1", "`B`", "missing")),
    (SMALL.replace("count", "counts", 1), ("row 1", "`counts`", "unknown", "`count`")),
    (SMALL.replace("time", "times", 1), ("row 1", "`times`", "if `time` is meant")),
    (
        edited((2, "zebra", "x"), text=SMALL.replace("arm", "zebra", 1)),
        ("row 1", "`zebra`", "unknown", "apart", "copy"),
    ),
    (SMALL.replace("role", "arm", 1), ("row 1", "`arm`", "twice")),
    (SMALL.replace("role", "", 1), ("row 1", "column 3")),
    (SMALL.replace("role", "pauli", 1), ("row 1", "`pauli`", "`basis`")),
    (without(4), ("row 6", "`member`", "member 1", "0.25", "ZZ", "time = 0")),
    (without(4, 7), ("row 2", "`weight`", "sum to 0.75")),
    (without(9), ("row 10", "`member`", "member 1", "0.25", "ZZ", "time = 3")),
    (without(10, 11), ("row 8", "`basis`", "XX", "time = 3", "no shots")),
    (edited((10, "count", "0"), (11, "count", "0")), ("row 8", "`basis`", "XX", "no shots")),
    (without(*range(2, 12)), ("calibration rows only",)),
    (without(*range(2, 16)), ("no rows",)),
    ("", ("empty",)),
    ("\n \n", ("empty",)),
    (SMALL + "3,main\n", ("row 16", "10 cells", "2")),
    (SMALL + '3,"main\n', ("row 16", "CSV")),
]


@pytest.mark.parametrize(("content", "named"), BAD_CELLS)
def test_a_bad_row_is_refused_with_row_column_and_repair(tmp_path: Path, content: str, named: Sequence[str]) -> None:
    path = write(tmp_path, content)
    with pytest.raises(RequestError) as refused:
        import_file(path, runs=tmp_path / "runs")
    text = str(refused.value)
    assert path.name in text
    assert "\n" not in text
    assert text.endswith(".")
    for part in named:
        assert part in text
    assert not (tmp_path / "runs").exists(), "nothing is left on disk"


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path, call: Call) -> None:
    for path, named in [
        (tmp_path / "nothing.csv", ("`file`", "nothing.csv")),
        (tmp_path, ("`file`",)),
        (write(tmp_path, SMALL.replace("main", "m\xe4in", 1).encode("latin-1")), ("row 2", "UTF-8", "0xe4")),
    ]:
        said = call("import", path, "--runs", tmp_path / "runs")
        assert (said.status, said.out) == (2, "")
        assert len(said.err.splitlines()) == 1
        for text in named:
            assert text in said.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("--preset micadei", ("preset", "--protocol")),
        ("--set T_A=2", ("set", "--protocol")),
        ("--reference nominal", ("reference", "--protocol")),
        ("--reference yesterday", ("reference", "yesterday")),
        ("--ground 2", ("ground", "'2'")),
        ("--ground X", ("row 12", "`basis`", "readout")),
        ("--seed -1", ("seed", "-1")),
        ("--draws 1", ("draws", "1")),
        ("--protocol nope", ("protocol", "nope", "heat-exchange")),
        ("--protocol heat-exchange --preset nope", ("preset", "nope")),
        ("--protocol heat-exchange --set T_A=0:1:3", ("T_A", "0")),
        ("--protocol heat-exchange --set T_A=1:2:3", ("T_A", "no column", "3 values")),
        ("--protocol heat-exchange --set T_A=warm", ("T_A", "warm")),
        ("--protocol heat-exchange --set time", ("set", "name=value", "'time'")),
        ("--protocol heat-exchange --set temperature=1", ("temperature", "T_A")),
        ("--bases full", ("bases", "YX", "--bases ZZ,XX")),
        ("--bases x-state", ("bases", "YY, XY, YX")),
        ("--bases minimal", ("bases", "XY")),
        ("--bases ZZ,YY", ("bases", "YY")),
        ("--bases XX", ("bases", "Z at least once")),
        ("--bases QQ", ("bases", "QQ")),
    ],
)
def test_a_bad_request_is_refused_and_named(tmp_path: Path, call: Call, options: str, named: Sequence[str]) -> None:
    said = call("import", write(tmp_path, SMALL), *options.split(), "--runs", tmp_path / "runs")
    assert (said.status, said.out) == (2, ""), said.err
    assert 1 <= len(said.err.splitlines()) <= 2
    assert "fault of hotward" not in said.err
    for text in named:
        assert text in said.err
    assert not (tmp_path / "runs").exists()


def test_what_is_missing_for_the_declared_state_is_named(tmp_path: Path) -> None:
    states = partial_swap([0.0, 5.0])
    for lacking, words in [("YX", ["YX"]), ("XZ", ["XZ"]), ("ZZ", ["ZZ"])]:
        bases = [basis for basis in PARSE_FULL if basis != lacking]
        path = write(tmp_path, rows_of(states, bases))
        with pytest.raises(RequestError, match=f"words {', '.join(words)} are not determined"):
            import_file(path, bases="full", runs=tmp_path / "runs")
    some = rows_of({0.0: states[0.0]}, PARSE_FULL) + rows_of({5.0: states[5.0]}, PARSE_FULL[1:]).partition("\n")[2]
    with pytest.raises(RequestError, match=r"row 38, column `basis`.* time = 5 has no shots in XX: .* XX are not"):
        import_file(write(tmp_path, some), runs=tmp_path / "runs")
    assert import_file(write(tmp_path, some), bases="ZZ,ZX", runs=tmp_path / "runs").start["bases"] == ["ZX", "ZZ"]


def test_arms_need_the_same_points_and_a_main_arm(tmp_path: Path) -> None:
    head = "time,arm,basis,A,B,count\n"
    both = head + "0,main,ZZ,0,0,5\n1,main,ZZ,0,0,5\n0,none,ZZ,0,0,5\n"
    with pytest.raises(RequestError, match=r"row 3, column `arm`.*time = 1 \(arm none\) has no rows"):
        import_file(write(tmp_path, both), runs=tmp_path)
    with pytest.raises(RequestError, match=r"row 2, column `arm`.*must be main"):
        import_file(write(tmp_path, head + "0,other,ZZ,0,0,5\n"), runs=tmp_path)
    experiment = HeatExchange(time=0)
    arms = write(tmp_path, head + "0,other,ZZ,0,0,5\n0,main,ZZ,0,0,5\n")
    with pytest.raises(RequestError, match=r"row 2, column `arm`.*main, none, dephased.*'other'"):
        import_file(arms, protocol=HeatExchange, build=lambda columns: experiment, runs=tmp_path)
    assert import_file(arms, runs=tmp_path / "runs").start["arms"] == ["main", "other"]


def test_a_disk_that_fails_leaves_a_run_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _disk.write

    def full(path: Path, content: bytes | str) -> None:
        if path.name == "counts.csv":
            raise OSError(28, "No space left on device")
        whole(path, content)

    monkeypatch.setattr(_disk, "write", full)
    with pytest.raises(FailedRun, match="No space left"):
        import_file(write(tmp_path, SMALL), runs=tmp_path / "runs")
    (run,) = (tmp_path / "runs").iterdir()
    assert status(run)[0] == "failed"
    assert "imported.csv" in status(run)[1]
    assert (run / "raw" / "imported.csv").read_text() == SMALL


# ---- what is accepted ----


def test_columns_with_one_value_may_be_missing_and_rows_of_one_outcome_add_up(tmp_path: Path) -> None:
    text = "count,basis,B,A\n40,ZZ,0,0\n20,ZZ,0,0\n0,ZZ,1,0\n30,ZZ,0,1\n10,ZZ,1,1\n"
    table = analyse(import_file(write(tmp_path, text), runs=tmp_path / "runs"), draws=2).table
    found = table.set_index(["observable", "subject"])["value"]
    assert found["population", "00"] == pytest.approx(0.6)
    assert found["population", "01"] == 0
    assert found["energy", "A"] == pytest.approx(0.4)
    assert table["time"].isna().all()
    assert not set(table["observable"]) & {"heat", "clausius_sum", "mutual_information"}


def test_byte_order_marks_line_ends_blanks_and_blank_lines_do_not_matter(tmp_path: Path) -> None:
    plain = import_file(write(tmp_path, SMALL), runs=tmp_path / "a").path
    odd = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").replace(",0,0,", ", 0 ,0, ").encode() + b"\r\n  \r\n"
    other = import_file(write(tmp_path, odd), runs=tmp_path / "b").path
    assert (other / "counts.csv").read_bytes() == (plain / "counts.csv").read_bytes()
    assert (other / "raw" / "imported.csv").read_bytes() == odd
    assert start_of(other)["imported"]["sha256"] == hashlib.sha256(odd).hexdigest()


def test_an_import_is_a_sealed_run(tmp_path: Path) -> None:
    record = import_file(write(tmp_path, SMALL), runs=tmp_path / "runs", about={"draws": 7}, command="hotward import x")
    assert status(record.path)[0] == "done"
    start = record.start
    assert (start["protocol"], start["qubits"], start["axis"], start["jobs"]) == (None, ["A", "B"], "time", [])
    assert (start["arms"], start["bases"], start["shots"], start["calibration_shots"]) == (
        ["main"],
        ["ZZ", "XX"],
        100,
        10,
    )
    assert (start["draws"], start["ground"], start["command"]) == (7, "0", "hotward import x")
    assert start["imported"]["file"] == "elsewhere.csv"
    assert start["imported"]["shots"] == [100, 100]
    assert start["points"]["reference"] == [0, 0]
    assert record.ideal() == {}
    assert record.expectations() is None
    assert list(start["columns"]) == list(record.counts().columns)
    (record.path / "raw" / "imported.csv").write_text("changed")
    assert status(record.path)[0] == "damaged"


def test_huge_counts_are_read_exactly(tmp_path: Path) -> None:
    text = f"basis,A,B,count\nZZ,0,0,{2**62}\nZZ,1,1,{2**61 + 1}\n"
    record = import_file(write(tmp_path, text), runs=tmp_path / "runs")
    assert record.counts()["count"].tolist() == [2**62, 2**61 + 1]
    assert record.start["shots"] == 2**62 + 2**61 + 1


def test_weights_are_renormalised_only_within_the_tolerance_and_that_is_said(tmp_path: Path) -> None:
    near = SMALL.replace(",0.25,", ",0.25004,")
    record = import_file(write(tmp_path, near), runs=tmp_path / "runs")
    rows = record.counts().query("basis != 'cal'").drop_duplicates(["time", "member"])
    np.testing.assert_allclose(rows.groupby("time")["weight"].sum(), 1, atol=1e-15)
    assert any("weights" in note for note in record.start["notes"])
    exact = import_file(write(tmp_path, SMALL), runs=tmp_path / "runs")
    assert exact.start["notes"] == []
    with pytest.raises(RequestError, match=r"sum to 1\.0002"):
        import_file(write(tmp_path, SMALL.replace(",0.25,", ",0.2502,")), runs=tmp_path / "runs")


def test_of_more_settings_than_declared_only_those_are_used(tmp_path: Path) -> None:
    states = partial_swap([0.0, 5.0])
    path = write(tmp_path, rows_of(states, PARSE_FULL))
    for name, bases in (("x-state", X_STATE), ("minimal", ("ZZ", "XX", "XY"))):
        record = import_file(path, bases=name, runs=tmp_path / "runs")
        assert record.start["bases"] == [basis for basis in PARSE_FULL if basis in bases]
        assert set(record.counts()["basis"]) == set(bases)
        assert any("ZX" in note for note in record.start["notes"])
        assert analyse(record, draws=2).assumption == name
    assert analyse(import_file(path, runs=tmp_path / "runs"), draws=2).assumption == "full"


def test_a_member_declared_in_an_unused_setting_only_keeps_its_weight(tmp_path: Path) -> None:
    text = "member,weight,basis,A,B,count\n0,0.995,ZZ,0,0,50\n0,0.995,ZZ,1,1,50\n0,0.995,XX,0,0,9\n1,0.005,XX,0,1,1\n"
    record = import_file(write(tmp_path, text), bases="ZZ", runs=tmp_path / "runs")
    assert record.counts().query("member == 1")[["weight", "basis", "count"]].to_numpy().tolist() == [[0.005, "ZZ", 0]]
    assert any("0.005" in note for note in record.start["notes"])
    energy = analyse(record, draws=2).table.query("observable == 'energy'")
    np.testing.assert_allclose(energy["value"], 0.5)


def test_what_one_setting_determines_is_said_and_the_rest_left_out(tmp_path: Path, call: Call) -> None:
    path = write(tmp_path, rows_of(partial_swap([0.0, 5.0]), ["ZZ"]))
    said = call("import", path, "--draws", 2, "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    assert "determine no state" in said.out
    assert {"energy", "energy_change", "population"} <= set(table_of(said.run)["observable"])
    assert "concurrence" not in set(table_of(said.run)["observable"])


# ---- a run of hotward's own, and back ----


def sealed(runs: Path, device: str, shots: int, bases: str, calibration: int, control: str, **fields: Any) -> Path:
    experiment = HeatExchange(**fields)
    program = compile(
        experiment, experiment.points({"control": control}), shots=shots, bases=bases, calibration_shots=calibration
    )
    record = execute(program, open_device(device), runs=runs, seed=5, about={"draws": 5})
    from analysis import write as derive

    derive(analyse(record))
    return record.path


OWN = {
    "arms": (("exact", 100, "full", 0, "none,dephased"), {"strength": 0.7, "time": [0.0, 5.0]}, ["strength=0.7"]),
    "added reference": (("exact", 90, "x-state", 0, ""), {"time": [5.0, 2.0]}, []),
    "grid": (
        ("exact", 80, "minimal", 20, "none"),
        {"T_A": [2.0, 1 / 3], "dephasing": [0.1, 0.3], "time": [0.1 + 0.2, 5.0]},
        ["T_A=1:2:2"],
    ),
    "noisy": (("aer:fake_fez", 64, "minimal", 30, "none"), {"time": [0.0, 9.0]}, []),
    "pure": (("exact", 50, "x-state", 0, "none"), {"T_A": [0.01, 1.0], "time": [0.0, 2.0]}, []),
}


@pytest.mark.parametrize("name", ["added reference", *map(slow, sorted({*OWN} - {"added reference"}))])
def test_the_counts_of_a_run_import_to_the_identical_table(tmp_path: Path, call: Call, name: str) -> None:
    how, fields, values = OWN[name]
    run = sealed(tmp_path / "own", *how, **fields)
    words = ["--protocol", "heat-exchange", *(word for text in values for word in ("--set", text))]
    said = call("import", run / "counts.csv", *words, "--draws", 5, "--runs", tmp_path / "again")
    assert said.status == 0, said.err
    assert (said.run / "counts.csv").read_bytes() == (run / "counts.csv").read_bytes()
    assert (said.run / "derived" / "table.csv").read_bytes() == (run / "derived" / "table.csv").read_bytes()
    for first, second in zip(
        RunRecord.open(run).points.parameters.items(), start_of(said.run)["points"]["parameters"].items(), strict=True
    ):
        assert (first[0], first[1].tolist()) == second
    alone = call("import", run / "counts.csv", "--draws", 5, "--runs", tmp_path / "alone")
    assert alone.status == 0, alone.err
    own, bare = table_of(run), table_of(alone.run)
    assert bare["ideal"].isna().all()
    keys = ["point", "role", "observable", "subject", *(["arm"] if "arm" in own else [])]
    # without a protocol nobody says that what was gained is heat, and Clausius rows weigh heat
    only = {"fidelity", "clausius_sum", "clausius_slack", "efficiency"}
    only |= {"divergence", "clausius_residual", "conditional_entropy_heat"}
    only |= {*(observable.name for observable in HeatExchange.observables(RunRecord.open(run).points))}
    # rows of a fit along the sweep, which knows the protocol's frequency or not, are no measured points
    measured = ["point", "reference", "control"]
    shared = own[own["role"].isin(measured) & ~own["observable"].isin(only)].drop(columns="ideal")
    shared = shared.replace({"observable": {"heat": "energy_change"}})
    kept = bare[bare["role"].isin(measured)].drop(columns="ideal")
    assert not {"heat", "clausius_sum", "clausius_slack", "efficiency"} & {*kept["observable"]}
    assert set(map(tuple, kept[keys].to_numpy())) == set(map(tuple, shared[keys].to_numpy()))
    both = shared.merge(kept, on=keys, suffixes=("", "_alone"))
    for column in ("value", "stderr", "low", "high"):
        # sums over more words may be added in another order
        np.testing.assert_allclose(both[column], both[f"{column}_alone"], rtol=1e-11, atol=1e-13)


def test_the_command_of_an_import_is_recorded(tmp_path: Path, call: Call) -> None:
    path = write(tmp_path, SMALL)
    said = call("import", path, "--draws", 3, "--seed", 4, "--runs", tmp_path / "runs", "--json")
    answer = json.loads(said.out)
    start = start_of(Path(answer["run"]))
    assert start["command"] == f"hotward import {path} --draws 3 --seed 4 --runs {tmp_path / 'runs'}"
    assert (start["seed"], start["draws"]) == (4, 3)
    assert answer["draws"] == 3


@pytest.mark.slow
def test_the_order_of_the_rows_does_not_change_a_value(tmp_path: Path) -> None:
    run = sealed(tmp_path / "own", "exact", 60, "x-state", 10, "none", strength=0.7, time=[0.0, 5.0], T_A=[1.0, 2.0])
    text = (run / "counts.csv").read_text().splitlines()
    generator = np.random.default_rng(3)
    shuffled = [text[0], *(text[1:][i] for i in generator.permutation(len(text) - 1))]
    keys = ["T_A", "time", "arm", "observable", "subject"]
    tables = [
        analyse(import_file(write(tmp_path, "\n".join(lines)), runs=tmp_path / "runs"), draws=5)
        .table.set_index(keys)
        .sort_index()
        for lines in (text, shuffled)
    ]
    assert set(tables[0].index) == set(tables[1].index)
    np.testing.assert_allclose(tables[0]["value"], tables[1]["value"].reindex(tables[0].index), atol=1e-5)
    linear = tables[0].index.get_level_values("observable").isin(["energy", "heat", "population", "energy_difference"])
    for column in ("stderr", "low", "high"):
        one, two = (table[column] for table in (tables[0][linear], tables[1].reindex(tables[0].index)[linear]))
        np.testing.assert_allclose(one, two, atol=1e-12)


def test_an_imported_run_can_be_shown_listed_and_analysed_again(tmp_path: Path, call: Call) -> None:
    said = call("import", write(tmp_path, SMALL), "--draws", 3, "--runs", tmp_path / "runs")
    before = (said.run / "derived" / "table.csv").read_bytes()
    again = call("analyse", said.run)
    assert again.status == 0
    assert again.out == said.out
    assert (said.run / "derived" / "table.csv").read_bytes() == before
    assert call("show", said.run).status == call("runs", "--runs", tmp_path / "runs").status == 0
    page = (said.run / "derived" / "report.html").read_text()
    assert "elsewhere.csv" in page
    assert "None" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)


# ---- references ----


def heats(run: Path) -> pd.DataFrame:
    table = table_of(run)
    return table[table["observable"] == "heat"]


def test_without_time_zero_heat_is_left_out_with_one_line_unless_nominal(tmp_path: Path, call: Call) -> None:
    states = partial_swap([4.0, 5.0])
    path = write(tmp_path, rows_of(states, X_STATE, shots=10**6))
    protocol = ("--protocol", "heat-exchange", "--set", "strength=0.7", "--draws", 5, "--runs", tmp_path / "runs")
    for words in [("--draws", 5, "--runs", tmp_path / "runs"), protocol]:
        said = call("import", path, *words)
        assert said.status == 0, said.err
        assert heats(said.run).empty
        assert sum("heat" in line and "left out" in line for line in said.out.splitlines()) == 1
    energy = value(table_of(said.run), "energy", "A")
    np.testing.assert_allclose(energy["ideal"], energy["value"], atol=1e-5)
    nominal = call("import", path, *protocol, "--reference", "nominal")
    assert nominal.status == 0, nominal.err
    found = value(table_of(nominal.run), "heat", "A")
    np.testing.assert_allclose(found["value"], found["ideal"], atol=1e-5)
    assert any("nominal" in note for note in start_of(nominal.run)["notes"])


def test_a_sweep_that_lacks_time_zero_somewhere_is_named(tmp_path: Path) -> None:
    head = "T_A,time,basis,A,B,count\n"
    record = import_file(write(tmp_path, head + "1,0,ZZ,0,0,5\n1,2,ZZ,0,0,5\n2,2,ZZ,0,1,5\n"), runs=tmp_path / "runs")
    assert record.start["points"]["reference"] == [-1, -1, -1]
    assert any("T_A = 2" in note for note in record.start["notes"])
    whole = import_file(
        write(tmp_path, head + "1,2,ZZ,0,0,5\n2,0,ZZ,0,1,5\n2,2,ZZ,0,0,5\n1,0,ZZ,0,0,5\n"), runs=tmp_path / "runs"
    )
    assert whole.start["points"]["reference"] == [3, 1, 1, 3]


def test_columns_of_the_file_go_before_what_is_set(tmp_path: Path, call: Call) -> None:
    text = rows_of(partial_swap([0.0, 5.0], T_A=1.5), X_STATE).replace("time,", "T_A,time,", 1)
    text = re.sub(r"^(\d)", r"1.5,\1", text, flags=re.MULTILINE)
    words = ("--protocol", "heat-exchange", "--set", "strength=0.7", "--draws", 2, "--runs", tmp_path / "runs")
    said = call("import", write(tmp_path, text), *words, "--set", "T_A=2")
    assert said.status == 0, said.err
    assert start_of(said.run)["points"]["parameters"]["T_A"] == [1.5, 1.5]
    assert any("T_A" in note and "--set" in note for note in start_of(said.run)["notes"])
    assert start_of(said.run)["points"]["parameters"]["coupling"] == [0.1, 0.1]
    beyond = call(
        "import", write(tmp_path, text.replace("T_A", "alpha", 1)), *words[:2], "--set", "correlation=coherent"
    )
    assert beyond.status == 2
    assert "alpha" in beyond.err


def test_a_time_that_is_no_column_must_be_set_with_a_protocol(tmp_path: Path, call: Call) -> None:
    states = partial_swap([5.0])
    text = rows_of(states, X_STATE, 10**6).replace("time,", "", 1).replace("5.0,", "")
    words = ("--protocol", "heat-exchange", "--set", "strength=0.7", "--draws", 2, "--runs", tmp_path / "runs")
    refused = call("import", write(tmp_path, text), *words)
    assert refused.status == 2
    assert "--set time=" in refused.err
    said = call("import", write(tmp_path, text), *words, "--set", "time=5")
    assert said.status == 0, said.err
    energy = value(table_of(said.run), "energy", "A")
    np.testing.assert_allclose(energy["ideal"], energy["value"], atol=1e-5)


# ---- members of different shots ----


def test_members_of_unequal_shots_and_one_never_measured(tmp_path: Path, call: Call) -> None:
    experiment = HeatExchange(
        T_A=2,
        T_B=0.5,
        coupling=1,
        correlation="coherent",
        alpha=0.157,
        correlation_phase=-np.pi / 2,
        time=[0, 0.6, 1.2],
    )
    points = experiment.points({}, reference="nominal")
    generator = np.random.default_rng(11)
    lines = ["time,member,weight,basis,A,B,count"]
    for setting in experiment.settings(points, PARSE_FULL):
        weight = experiment.weights(setting, points)
        shots = int(np.rint(1000 * weight[0]))
        assert shots in (0, 45, 407, 548)
        for i, probabilities in enumerate(experiment.exact(setting, points)):
            drawn = generator.multinomial(shots, probabilities / probabilities.sum())
            start = f"{points.parameters['time'][i]},{setting.member},{float(weight[i])!r},{setting.basis}"
            lines += [f"{start},{k >> 1},{k & 1},{n}" for k, n in enumerate(drawn) if n or not shots]
    path = write(tmp_path, "\n".join(lines))
    said = call("import", path, "--draws", 60, "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    assert "1000 shots" in said.out
    assert any("6e-05" in note for note in start_of(said.run)["notes"])
    table = table_of(said.run)
    rho = experiment.state(points)
    exact = moments(rho, ["ZI", "IZ"])
    from protocols.quantities import mutual_information

    truth = {
        ("energy", "A"): (1 - exact["ZI"]) / 2,
        ("energy", "B"): (1 - exact["IZ"]) / 2,
        ("energy_change", "A"): (exact["ZI"][0] - exact["ZI"]) / 2,
        ("mutual_information", "AB"): mutual_information(rho),
    }
    for key, wanted in truth.items():
        rows = value(table, *key)
        assert np.isfinite(rows[["value", "stderr", "low", "high"]]).all(axis=None), key
        later = rows["stderr"] > 0 if key[0] != "heat" else rows.index > 0
        assert ((rows["value"] - wanted).abs() < 5 * rows["stderr"])[later].all(), key
        assert (rows["low"] < rows["high"])[later].all()
    # stratified errors are those of the strata: here far below those of a pooled binomial at most
    energy = value(table, "energy", "A")
    assert (energy["stderr"] < np.sqrt(0.25 / (9 * 1000)) * 3).all()


def test_a_setting_without_a_light_member_is_the_mean_of_the_others() -> None:
    counts = Counts(
        bases=("ZZ",),
        observed=np.array([[[[10, 10, 0, 0]], [[0, 0, 30, 10]], [[0, 0, 0, 0]]]]),
        weight=np.array([[0.6, 0.39, 0.01]]),
        calibration=np.zeros((4, 4), dtype=int),
    )
    found = counts.frequencies
    first, second = 0.6 / 0.99, 0.39 / 0.99
    np.testing.assert_allclose(found.read[0, 0], [first / 2, first / 2, second * 0.75, second * 0.25], atol=1e-15)
    np.testing.assert_allclose(found.shots, 1 / (first**2 / 20 + second**2 / 40))
    heavy = Counts(
        bases=("ZZ",), observed=counts.observed, weight=np.array([[0.6, 0.38, 0.02]]), calibration=counts.calibration
    )
    assert heavy.frequencies.shots.tolist() == [[0]]


# ---- the ground state ----


@pytest.fixture
def states() -> dict[float, np.ndarray]:
    """No X states, so that every word matters."""
    generator = np.random.default_rng(8)
    found = {}
    for time in (0.0, 3.0):
        root = generator.normal(size=(4, 4)) + 1j * generator.normal(size=(4, 4)) + np.diag([3, 1, 0, 0])
        rho = root @ root.conj().T
        found[time] = rho / np.trace(rho).real
    return found


def test_inverted_labels_are_undone(tmp_path: Path, states: dict[float, np.ndarray]) -> None:
    calibration = [",cal,00,{},{},90", ",cal,00,{},{},10", ",cal,01,{},{},80", ",cal,10,{},{},70", ",cal,11,{},{},60"]
    bits = [(0, 0), (0, 1), (0, 1), (1, 0), (1, 1)]
    text = rows_of(states, PARSE_FULL).replace("basis,", "basis,prepared,").replace(",count", ",count")
    text = re.sub(r"([XYZ]{2}),", r"\1,,", text)
    plain = text + "".join(row.format(*b) + "\n" for row, b in zip(calibration, bits, strict=True))

    def invert(line: str) -> str:
        cells = line.split(",")
        cells[3:5] = [str(1 - int(bit)) for bit in cells[3:5]]
        cells[2] = "".join(str(1 - int(bit)) for bit in cells[2])
        return ",".join(cells)

    head, *rows = plain.splitlines()
    inverted = "\n".join([head, *map(invert, rows)])
    one = import_file(write(tmp_path, plain), runs=tmp_path / "runs")
    two = import_file(write(tmp_path, inverted), ground="1", runs=tmp_path / "runs")
    assert (one.path / "counts.csv").read_bytes() == (two.path / "counts.csv").read_bytes()
    assert two.start["ground"] == "1"
    assert any("inverted" in note for note in two.start["notes"])
    assert analyse(two, draws=3).table.equals(analyse(one, draws=3).table)


def test_a_ground_state_prepared_by_x_gates_is_undone(tmp_path: Path, states: dict[float, np.ndarray]) -> None:
    X = np.kron([[0, 1], [1, 0]], [[0, 1], [1, 0]])
    flipped = {time: X @ rho @ X for time, rho in states.items()}
    one = import_file(write(tmp_path, rows_of(states, PARSE_FULL, 10**6)), runs=tmp_path / "runs")
    two = import_file(write(tmp_path, rows_of(flipped, PARSE_FULL, 10**6)), ground="X", runs=tmp_path / "runs")
    keys = ["time", "basis", "A", "B"]
    counts = [record.counts().sort_values(keys).reset_index(drop=True) for record in (one, two)]
    pd.testing.assert_frame_equal(*counts)
    assert any("X gate" in note for note in two.start["notes"])
    wrong = import_file(write(tmp_path, rows_of(flipped, PARSE_FULL, 10**6)), ground="1", runs=tmp_path / "runs")
    found = [value(analyse(record, draws=2).table, "coherence_l1", "A")["value"] for record in (one, two, wrong)]
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    energies = [value(analyse(record, draws=2).table, "energy", "A")["value"] for record in (one, two)]
    np.testing.assert_allclose(*energies)
    moment = [(1 - 2 * c["A"]) * c["count"] * (c["basis"] == "XX") for c in (counts[0], wrong.counts())]
    assert moment[0].sum() == pytest.approx(-moment[1].sum()), "inverting all labels is something else"


# ---- expectation values ----


def values_of(
    states: dict[float, np.ndarray], words: Sequence[str], signs: Callable[[str], int] = lambda word: 1
) -> str:
    lines = ["time,pauli,value,stderr"]
    for time, rho in states.items():
        lines += [f"{time!r},{w},{signs(w) * float(v)!r},0.013" for w, v in moments(rho, words).items()]
    return "\n".join(lines) + "\n"


SEVEN = ("ZI", "IZ", "ZZ", "XX", "YY", "XY", "YX")


def test_expectation_values_are_kept_as_written(tmp_path: Path, states: dict[float, np.ndarray]) -> None:
    path = write(tmp_path, values_of(states, SEVEN))
    record = import_file(path, bases="x-state", runs=tmp_path / "runs")
    assert (record.start["bases"], record.start["words"]) == ([], list(SEVEN))
    assert not (record.path / "counts.csv").exists()
    rows = record.expectations()
    assert rows is not None
    assert list(rows.columns) == ["time", "arm", "role", "pauli", "value", "stderr"] == list(record.start["columns"])
    for time, rho in states.items():
        wanted = [float(v) for v in moments(rho, SEVEN).values()]
        assert rows[rows["time"] == time]["value"].tolist() == wanted
    assert set(rows["stderr"]) == {0.013}
    assert set(rows["role"]) == {"point"}
    assert status(record.path)[0] == "done"


@pytest.mark.parametrize(
    ("ground", "letters"), [("1", "XYZ"), ("X", "YZ")], ids=["inverted labels", "prepared by X gates"]
)
def test_the_ground_state_changes_the_signs_of_words(
    tmp_path: Path, states: dict[float, np.ndarray], ground: str, letters: str
) -> None:
    words = tuple(a + b for a in "IXYZ" for b in "IXYZ")[1:]
    plain = import_file(write(tmp_path, values_of(states, words)), runs=tmp_path / "runs")
    signed = values_of(states, words, lambda word: (-1) ** sum(letter in letters for letter in word))
    undone = import_file(write(tmp_path, signed), ground=ground, runs=tmp_path / "runs")
    assert (undone.path / "expectations.csv").read_bytes() == (plain.path / "expectations.csv").read_bytes()
    # and these are the signs that inverted labels and X gates make
    if ground == "X":
        X = np.kron([[0, 1], [1, 0]], [[0, 1], [1, 0]])
        flipped = {time: X @ rho @ X for time, rho in states.items()}
        found = pd.read_csv(write(tmp_path, values_of(flipped, words)))
        np.testing.assert_allclose(found["value"], pd.read_csv(write(tmp_path, signed))["value"], atol=1e-15)


VALUES = "time,pauli,value,stderr\n0,ZI,0.5,0.01\n0,IZ,0.4,0.01\n0,ZZ,0.2,0.01\n0,XX,0.1,0.01\n0,XY,0,0.01\n"


@pytest.mark.parametrize(
    ("content", "asked", "named"),
    [
        (VALUES.replace("0.5,", "1.06,"), None, ("row 2", "`value`", "1.06")),
        (VALUES.replace("0.5,", "nan,"), None, ("row 2", "`value`", "'nan'")),
        (VALUES.replace("ZI,0.5,0.01", "ZI,0.5,0"), None, ("row 2", "`stderr`", "1e-09..10")),
        (VALUES.replace("ZI,0.5,0.01", "ZI,0.5,1e-200"), None, ("row 2", "`stderr`", "1e-200")),
        (VALUES.replace("ZI,0.5,0.01", "ZI,0.5,-1"), None, ("row 2", "`stderr`", "-1")),
        (VALUES.replace("ZI,0.5,0.01", "ZI,0.5,"), None, ("row 2", "`stderr`", "''")),
        (VALUES.replace("XX", "QX"), None, ("row 5", "`pauli`", "'QX'")),
        (VALUES.replace("XX", "II"), None, ("row 5", "`value`", "must be 1 for II", "0.1")),
        (VALUES.replace("ZI,0.5,0.01", "ZI,0.5,1e300"), None, ("row 2", "`stderr`", "1e-09..10", "1e+300")),
        (VALUES.replace("XX", "Z"), None, ("row 5", "`pauli`", "'Z'")),
        (VALUES.replace("XX", "XY"), None, ("row 6", "`pauli`", "XY", "row 5")),
        (VALUES.replace("ZI", "XI"), None, ("`pauli`", "ZI")),
        (VALUES + "1,ZI,0.5,0.01\n", None, ("row 7", "`pauli`", "time = 1", "IZ")),
        (VALUES, "x-state", ("bases", "YY, YX", "--bases minimal")),
        (VALUES, "full", ("bases", "IX", "YY", "ZY")),
        (VALUES.replace("0,XY,0,0.01\n", ""), "minimal", ("bases", "XY")),
        (VALUES, "ZZ,XX", ("bases", "'ZZ,XX'")),
        (VALUES.replace("stderr", "std_err"), None, ("row 1", "`std_err`", "`stderr`")),
        (VALUES.replace("time,", "weight,"), None, ("row 1", "`weight`", "unknown")),
        (VALUES.replace("time,", "basis,"), None, ("row 1", "`pauli`", "`basis`")),
        ("pauli,value\nZI,1\n", None, ("row 1", "`stderr`", "missing")),
    ],
)
def test_a_bad_expectation_value_is_refused(
    tmp_path: Path, content: str, asked: str | None, named: Sequence[str]
) -> None:
    with pytest.raises(RequestError) as refused:
        import_file(write(tmp_path, content), bases=asked, runs=tmp_path / "runs")
    for text in named:
        assert text in str(refused.value)
    assert not (tmp_path / "runs").exists()


def test_values_a_little_beyond_one_are_accepted_and_words_not_declared_are_named(tmp_path: Path) -> None:
    text = VALUES.replace("0.5,", "1.04,") + "0,XZ,0,0.01\n"
    record = import_file(write(tmp_path, text), bases="minimal", runs=tmp_path / "runs")
    assert record.start["words"] == ["ZI", "IZ", "ZZ", "XX", "XY"]
    assert any("XZ" in note for note in record.start["notes"])


def test_expectation_values_have_no_members_to_fit_and_nothing_is_left(tmp_path: Path, call: Call) -> None:
    said = call("import", write(tmp_path, VALUES), "--estimator", "per-member", "--runs", tmp_path / "runs")
    assert said.status == 2
    assert "per-member" in said.err
    assert not (tmp_path / "runs").exists()


def test_a_calibration_that_tells_nothing_apart_is_refused(tmp_path: Path, states: dict[float, np.ndarray]) -> None:
    lines = rows_of(states, ("ZZ",)).rstrip("\n").split("\n")
    head = [*lines[0].split(","), "prepared"]
    flat = [
        ",".join(
            {"basis": "cal", "prepared": f"{i:02b}", "A": str(a), "B": str(b), "count": "25"}.get(c, "") for c in head
        )
        for i in range(4)
        for a in (0, 1)
        for b in (0, 1)
    ]
    text = "\n".join([",".join(head), *(line + "," for line in lines[1:]), *flat]) + "\n"
    with pytest.raises(RequestError, match=r"`prepared`.*tell the patterns apart"):
        import_file(write(tmp_path, text), runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


# ---- an unknown time ----


@pytest.mark.parametrize("bases", [("ZZ",), PARSE_FULL], ids=["one setting", "all settings"])
@pytest.mark.parametrize("temperatures", [1, 2])
def test_a_file_without_time_has_a_table_and_a_report(
    tmp_path: Path, call: Call, states: dict[float, np.ndarray], bases: Sequence[str], temperatures: int
) -> None:
    text = rows_of(dict(list(states.items())[:temperatures]), bases)
    if temperatures == 1:
        text = text.replace("time,", "", 1).replace("\n0.0,", "\n")
    else:
        text = text.replace("time", "T_A", 1).replace("\n0.0,", "\n1.0,")
    said = call("import", write(tmp_path, text), "--draws", 5, "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    assert any("no column time" in line for line in said.out.splitlines())
    table = table_of(said.run)
    assert table["time"].isna().all()
    assert "heat" not in set(table["observable"])
    assert len(table.query("observable == 'energy'")) == 2 * temperatures
    assert start_of(said.run)["points"]["parameters"]["time"] == [None] * temperatures
    before = (said.run / "derived" / "table.csv").read_bytes()
    assert call("analyse", said.run).status == 0
    assert (said.run / "derived" / "table.csv").read_bytes() == before


def test_the_expectation_values_of_one_point_need_no_column(tmp_path: Path) -> None:
    record = import_file(write(tmp_path, VALUES.replace("time,", "").replace("\n0,", "\n")), runs=tmp_path / "runs")
    rows = record.expectations()
    assert rows is not None
    assert rows["time"].isna().all()
    assert rows["value"].tolist() == [0.5, 0.4, 0.2, 0.1, 0]


def test_rows_in_memory_give_the_run_that_their_file_gives(tmp_path: Path) -> None:
    text = rows_of(partial_swap([0.0, 2.5]), PARSE_FULL)
    head, *lines = (line.split(",") for line in text.splitlines())
    columns: dict[str, list[object]] = {
        name: [row[place] if name == "basis" else float(row[place]) for row in lines] for place, name in enumerate(head)
    }
    sheet = Sheet.of(columns, "memory", ["made of floats"])
    record = import_sheet(sheet, text.encode(), runs=tmp_path / "a")
    filed = import_file(write(tmp_path, text), runs=tmp_path / "b")
    assert (record.path / "counts.csv").read_bytes() == (filed.path / "counts.csv").read_bytes()
    assert record.start["imported"]["file"] == "memory"
    assert "made of floats" in record.start["notes"]
    with pytest.raises(RequestError, match="no rows"):
        Sheet.of({"basis": []}, "memory")
    with pytest.raises(RequestError, match="basis: 2, count: 1"):
        Sheet.of({"basis": ["ZZ", "XX"], "count": [1]}, "memory")
