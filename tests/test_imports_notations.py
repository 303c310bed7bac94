"""The same counts in other notations: spreadsheets, wide tables, bit strings, eigenvalues, times with a unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alarms import FAST
from conftest import Call
from test_imports import rows_of, write

from analysis import analyse
from devices import RunRecord
from devices.imports import Sheet, import_file, import_sheet
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities, parse_bases
from protocols.program import build

TIMES = [0.0, 2.5]
BASES = parse_bases("x-state", 2)
FULL = parse_bases("full", 2)


def exchange(times: list[float]) -> dict[float, np.ndarray]:
    experiment = HeatExchange(strength=0.7, time=times)
    return dict(zip(times, experiment.state(experiment.points({}, reference="nominal")), strict=True))


PLAIN = rows_of(exchange(TIMES), BASES)
ROWS = [line.split(",") for line in PLAIN.splitlines()[1:]]


def joined(head: str, rows: list[list[str]]) -> str:
    return "\n".join([head, *(",".join(row) for row in rows)]) + "\n"


def wide(order: str) -> str:
    """One row a setting, one column an outcome; the second character of "last" is A."""
    tallies: dict[tuple[str, str], dict[str, str]] = {}
    for time, basis, a, b, count in ROWS:
        tallies.setdefault((time, basis), {})[a + b if order == "first" else b + a] = count
    outcomes = ["00", "01", "10", "11"]
    return joined("time,basis," + ",".join(outcomes), [[*key, *(n[o] for o in outcomes)] for key, n in tallies.items()])


NOTATIONS: dict[str, tuple[str | bytes, dict[str, Any]]] = {
    "semicolons and decimal commas": (PLAIN.replace(",", ";").replace(".", ","), {}),
    "tabs": (PLAIN.replace(",", "\t"), {}),
    "blanks": (PLAIN.replace(",", "  "), {}),
    "a spreadsheet's Unicode text": (PLAIN.replace(",", "\t").encode("utf-16"), {}),
    "UTF-16 without a mark": (PLAIN.replace(",", "\t").encode("utf-16-be"), {}),
    "a mark and carriage returns": (b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode(), {}),
    "sep=": ("sep=;\n" + PLAIN.replace(",", ";"), {}),
    "comments": ("# a chip, 3 qubits\n" + PLAIN.replace("2.5,ZZ,0,0", "# later\n2.5,ZZ,0,0") + "# end\n", {}),
    "a header that is a comment": ("# " + PLAIN, {}),
    "capitals": (PLAIN.replace("time,basis,A,B,count", "Time,BASIS,a,b,Count"), {}),
    "lower case": (PLAIN.replace("X", "x").replace("Y", "y").replace("Z", "z"), {}),
    "a trailing comma": (PLAIN.replace("\n", ",\n"), {}),
    "an index": (joined(",time,basis,A,B,count", [[str(i), *row] for i, row in enumerate(ROWS)]), {}),
    "a condition": (PLAIN.replace("\n", ",chip 7\n").replace("count,chip 7", "count,device", 1), {}),
    "eigenvalues": (
        joined(
            "time,basis,A,B,count", [[t, s, str(1 - 2 * int(a)), f"{1 - 2 * int(b):+d}", n] for t, s, a, b, n in ROWS]
        ),
        {},
    ),
    "truth values": (
        joined("time,basis,A,B,count", [[t, s, str(a == "1"), str(b == "1"), n] for t, s, a, b, n in ROWS]),
        {},
    ),
    "bit strings, last": (
        joined("time,basis,bitstring,count", [[t, s, b + a, n] for t, s, a, b, n in ROWS]),
        {"order": "last"},
    ),
    "bit strings, first": (
        joined("time,basis,outcome,count", [[t, s, a + b, n] for t, s, a, b, n in ROWS]),
        {"order": "first"},
    ),
    "bit strings under BA": (joined("time,basis,BA,count", [[t, s, b + a, n] for t, s, a, b, n in ROWS]), {}),
    "wide, first": (wide("first"), {"order": "first"}),
    "wide, last": (wide("last"), {"order": "last"}),
}


@pytest.mark.parametrize("name", NOTATIONS)
def test_the_same_counts_in_another_notation_are_the_same_rows(tmp_path: Path, name: str) -> None:
    content, options = NOTATIONS[name]
    plain = import_file(write(tmp_path, PLAIN), runs=tmp_path / "a").counts()
    other = import_file(write(tmp_path, content), runs=tmp_path / "b", **options).counts()
    assert sorted(other.to_csv(index=False).splitlines()) == sorted(plain.to_csv(index=False).splitlines())


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (wide("last"), {}, "--order last"),
        (joined("time,basis,key,count", [[t, s, b + a, n] for t, s, a, b, n in ROWS]), {}, "--order last"),
        (wide("last"), {"order": "little"}, "`order` must be first .* or last"),
        (
            joined("basis,bits,count", [["ZZ", "1", "7"]]),
            {"order": "last"},
            "can be bits or decimal numbers.*'00' and '01'",
        ),
        ("\n".join(PLAIN.splitlines()[1:]), {}, "there is no header.*such as time,basis,A,B,count"),
        ('{"ZZ": {"00": 3, "01": 2}}', {}, "--order last"),
        (PLAIN.replace("time", "time_ms"), {}, r"`time_ms` has a unit.*--set gap=5GHz"),
        (PLAIN.replace("time", "t [us]"), {}, r"`t \[us\]` has a unit"),
        (PLAIN.replace("0.0,ZZ,0,1", "0.0,ZZ,0,2", 1), {}, "readout of two levels"),
        ("pauli,value\nZI,0.5\nIZ,0.2\n", {}, "--stderr 0.01"),
        (PLAIN.replace("count", "probability", 1), {}, "count = probability times shots"),
        (PLAIN.replace("0.0,", "0." + "0" * 5000 + "x,", 1), {}, r"`time`.*finite number, but is '0.0+\.\.\.0+x'"),
        (PLAIN, {"stderr": 0.01}, "`stderr` is 0.01, but .* has counts"),
    ],
)
def test_what_a_file_leaves_open_is_asked_for(tmp_path: Path, content: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(RequestError, match=said) as refusal:
        import_file(write(tmp_path, content), runs=tmp_path / "runs", **options)
    assert not {"drop", "remove"} & set(str(refusal.value).lower().replace(".", " ").split())
    assert not (tmp_path / "runs").exists()


def swept(label: str, values: Callable[[int], str]) -> str:
    """Two states that differ in a column that nobody knows."""
    lines = [[values(TIMES.index(float(time))), *rest] for time, *rest in ROWS]
    return joined(f"{label},basis,A,B,count", lines)


def test_states_that_differ_in_an_unknown_column_are_never_pooled(tmp_path: Path) -> None:
    record = import_file(write(tmp_path, swept("theta", lambda i: f"{0.3 + i}")), runs=tmp_path / "a")
    assert len(record.points) == 2
    assert record.points.parameters["theta"].tolist() == [0.3, 1.3]
    assert any("`theta` is no parameter" in note for note in record.start["notes"])
    assert record.start["imported"]["shots"] == [999, 1000]  # of each: nothing is pooled
    experiment = HeatExchange(time=0)
    with pytest.raises(RequestError, match=r"`theta` is unknown..*one file for each value"):
        import_file(
            write(tmp_path, swept("theta", lambda i: f"{0.3 + i}")),
            protocol=HeatExchange,
            build=lambda columns: experiment,
            runs=tmp_path / "b",
        )
    with pytest.raises(RequestError, match="`day` is unknown"):
        import_file(write(tmp_path, swept("day", lambda i: f"day {i}")), runs=tmp_path / "b")
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(("column", "factor"), [("time_ms", 1.0), ("time_us", 1e3), ("Time (ms)", 1.0), ("t_s", 1e-3)])
def test_times_with_a_unit_are_converted_with_the_gap(tmp_path: Path, column: str, factor: float) -> None:
    """A gap of 1 kHz has hbar/gap = 1/(2 pi) ms."""
    text = rows_of({t / (2 * np.pi) * factor: rho for t, rho in exchange(TIMES).items()}, BASES).replace(
        "time", column, 1
    )
    record = imported(tmp_path, text, gap="1kHz")
    assert record.points.parameters["time"] == pytest.approx(TIMES, rel=1e-12)
    assert any("divided by hbar/gap with gap = 1kHz" in note for note in record.start["notes"])


def imported(tmp_path: Path, text: str, gap: str) -> RunRecord:
    return import_file(
        write(tmp_path, text),
        protocol=HeatExchange,
        build=lambda columns: build(HeatExchange, {name: repr(value) for name, value in columns.items()}),
        runs=tmp_path / "runs",
        about={"gap": gap},
    )


def test_rows_that_are_there_twice_are_told(tmp_path: Path) -> None:
    twice = PLAIN + PLAIN.partition("\n")[2]
    record = import_file(write(tmp_path, twice), runs=tmp_path / "a")
    (note,) = (note for note in record.start["notes"] if "several times" in note)
    assert note.startswith("10 of 10 settings and points have every count several times (row 42 repeats row 2)")
    assert not import_file(write(tmp_path, PLAIN), runs=tmp_path / "b").start["notes"]
    more = [[*row[:-1], str(int(row[-1]) + 7 + i % 3)] for i, row in enumerate(ROWS)]
    (note,) = import_file(write(tmp_path, PLAIN + joined("", more).lstrip("\n")), runs=tmp_path / "c").start["notes"]
    assert note == "10 of 10 settings and points are in the file several times; they are added up as shots of one state"


def test_different_states_whose_parameter_is_no_column_are_told_apart_by_their_counts(tmp_path: Path) -> None:
    path = write(tmp_path, joined("basis,A,B,count", [row[1:] for row in ROWS]))
    (note, *_) = import_file(path, runs=tmp_path / "runs").start["notes"]
    assert "5 of 5 settings and points are in the file several times" in note
    assert "differ by more than shots of one state do" in note
    assert "should be a column" in note
    rows = [row[1:] for row in ROWS]
    columns = dict(zip(("basis", "A", "B", "count"), zip(*rows, strict=True), strict=True))
    traced = replace(Sheet.of(columns, "three bits"), traced=True)  # rows that differed in a third bit
    notes = import_sheet(traced, b"", runs=tmp_path / "traced").start["notes"]
    assert not any("several times" in note for note in notes)


def test_sixteen_words_with_one_error(tmp_path: Path, call: Call) -> None:
    words = [a + b for a in "IXYZ" for b in "IXYZ"]
    values = {"II": 1.0, "ZI": 0.4, "IZ": 0.2, "ZZ": 0.1}
    text = "pauli,value\n" + "".join(f"{word},{values.get(word, 0.0)}\n" for word in words)
    said = call("import", write(tmp_path, text), "--stderr", "0.01", "--draws", "2", "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    (run,) = (tmp_path / "runs").iterdir()
    record = RunRecord.open(run)
    assert list(record.start["words"]) == words[1:]
    assert set(record.expectations()["stderr"]) == {0.01}
    assert any("standard error of every value is taken as 0.01" in note for note in record.start["notes"])


def test_a_bare_number_beside_a_gap_is_noted_for_an_import_too(tmp_path: Path, call: Call) -> None:
    path = write(tmp_path, PLAIN)
    words = ("--protocol", "heat-exchange", "--draws", "2", "--runs", tmp_path / "runs")
    said = call("import", path, *words, "--set", "gap=1kHz", "--set", "T_A=90")
    assert said.status == 0, said.err
    assert "note: T_A = 90 has no unit and is taken as 90 gap/k_B (4.319e-06 K)" in said.out


@pytest.mark.parametrize("named", [False, True])
def test_temperatures_in_columns_may_be_infinite_or_negative_and_beta_says_which_is_hotter(
    tmp_path: Path, named: bool
) -> None:
    """A hot qubit of -2 is hotter than a cold one of inf; one of inf is hotter than one of 1."""
    lines = ["T_A,T_B,time,basis,A,B,count"]
    for T_A, T_B in (("inf", "1"), ("-2", "inf")):
        experiment = HeatExchange(T_A=float(T_A), T_B=float(T_B), time=[0.0, 6.0])
        for time, rho in zip((0, 6), experiment.state(experiment.points({}, reference="nominal")), strict=True):
            for basis in BASES:
                tally = np.rint(4000 * outcome_probabilities(rho, basis)).astype(int)
                lines += [f"{T_A},{T_B},{time},{basis},{k >> 1},{k & 1},{n}" for k, n in enumerate(tally)]
    protocol: dict[str, Any] = {
        "protocol": HeatExchange,
        "build": lambda columns: build(HeatExchange, {name: repr(value) for name, value in columns.items()}),
    }
    record = import_file(write(tmp_path, "\n".join(lines)), runs=tmp_path / "runs", **(protocol if named else {}))
    assert record.points.parameters["T_A"].tolist() == [np.inf, np.inf, -2, -2]
    found = analyse(record, draws=2, intervals=FAST)
    assert len(found.verdicts) == 2
    assert all("reversed: hot A gained" in verdict.headline for verdict in found.verdicts)
    assert not found.warnings
    with pytest.raises(RequestError, match=r"column `time`: must be a finite number, but is 'inf'"):
        import_file(write(tmp_path, PLAIN.replace("2.5", "inf")), runs=tmp_path / "none")
