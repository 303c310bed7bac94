"""Files of millions of rows: added up as they are read, in bounded memory, with a word of how far that is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import Call
from test_imports import rows_of, write
from test_imports_notations import BASES, PLAIN, exchange

from analysis import analyse
from analysis.data import Counts
from devices import RunRecord
from devices.imports import Reading, import_data, import_file
from devices.imports.formats.files import read_file
from devices.imports.sheet import read_sheet
from hotward.terminal import progress
from protocols import RequestError

PIECES = 6


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are large from their first byte on, and rows are added up from the first on."""
    monkeypatch.setattr("devices.imports.text.sums.MANY", 1)
    monkeypatch.setattr("devices.imports.dialect.LARGE", 1)
    monkeypatch.setattr("devices.imports.dialect._BLOCK", 50)
    monkeypatch.setattr("devices.imports.formats.files.LARGE", 1)


def divided(text: str, *, seed: int = 1, end: str = "") -> str:
    """The rows of a table with their counts divided among several rows, in an order of no meaning."""
    generator = np.random.default_rng(seed)
    head, *rows = text.splitlines()
    pieces = []
    for row in rows:
        label, _, count = row.rpartition(",")
        for part in generator.multinomial(int(count), np.full(PIECES, 1 / PIECES)).tolist():
            pieces.append(f"{label},{part}{end}")
    generator.shuffle(pieces)
    return "\n".join([head, *pieces]) + "\n"


def measured(record: RunRecord) -> tuple[np.ndarray, str, str]:
    found = analyse(record, draws=2)
    assert isinstance(found.data, Counts)
    return found.data.observed, found.headline, found.table.to_csv()


def test_many_rows_that_add_up_are_what_few_rows_are(
    tmp_path: Path, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, divided(PLAIN))
    added = import_file(path, runs=tmp_path / "added")
    monkeypatch.setattr("devices.imports.text.sums.MANY", 10**9)
    kept = import_file(path, runs=tmp_path / "kept")
    assert len(added.counts()) == len(PLAIN.splitlines()) - 1
    assert len(kept.counts()) == PIECES * len(added.counts())
    assert added.start["imported"] == kept.start["imported"]
    counts, *said_of_sums = measured(added)
    counts_of_rows, *said_of_rows = measured(kept)
    np.testing.assert_array_equal(counts, counts_of_rows)
    assert said_of_sums == said_of_rows
    said, *rest = added.start["notes"]
    assert said == "240 rows are added up to 40, which differ in more than their counts"
    assert rest == kept.start["notes"]
    assert rest == [
        "10 of 10 settings and points are in the file several times; they are added up as shots of one state"
    ]
    assert (added.path / "raw" / "imported.csv").read_bytes() == path.read_bytes()


def test_labels_are_never_added_up(tmp_path: Path, many: None) -> None:
    """Passes and controls are told apart, and a column that numbers the rows is no label."""
    head, *rows = PLAIN.splitlines()
    tables = [
        f"{number},{row.rpartition(',')[0]},{arm},{pass_},{row.rpartition(',')[2]}"
        for number, (row, arm, pass_) in enumerate(
            (row, arm, pass_) for arm in ("main", "none") for pass_ in (0, 1, 1, 1) for row in rows
        )
    ]
    path = write(tmp_path, "\n".join([f",{head.rpartition(',')[0]},arm,pass,count", *tables]))
    record = import_file(path, runs=tmp_path / "runs")
    counts = record.counts()
    assert len(counts) == 4 * len(rows)
    assert counts.groupby(["arm", "pass"])["count"].sum().nunique() == 2
    assert "the column `` numbers the rows and is not read" in record.start["notes"]
    assert any("have every count several times (row 82 repeats row 42)" in note for note in record.start["notes"])


@pytest.mark.parametrize(
    ("column", "wrong", "said"),
    [
        ("count", "few", "must be a whole number >= 0, but is 'few'"),
        ("count", "-3", "must be a whole number >= 0"),
        ("count", str(2**63), "must be a whole number >= 0 below 2\\*\\*63"),
        ("A", "2", "must be 0 or 1, but is '2'"),
        ("basis", "ZQ", "must be 2 letters X Y Z"),
        ("time", "soon", "must be a finite number, but is 'soon'"),
    ],
)
def test_what_is_wrong_is_named_by_its_row(tmp_path: Path, many: None, column: str, wrong: str, said: str) -> None:
    head, *rows = divided(PLAIN).splitlines()
    cells = rows[136].split(",")
    cells[head.split(",").index(column)] = wrong
    rows[136] = ",".join(cells)
    with pytest.raises(RequestError, match=f"row 138, column `{column}`: {said}"):
        import_file(write(tmp_path, "\n".join([head, *rows])), runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("wrong", ["2.5,ZZ,0", "2.5,ZZ,0,0,3,4"])
def test_rows_of_another_width_are_named(tmp_path: Path, many: None, wrong: str) -> None:
    head, *rows = divided(PLAIN).splitlines()
    with pytest.raises(RequestError, match=r"row 102: must have 5 cells like the header \(.*\), but has [36]\. "):
        read_sheet("\n".join([head, *rows[:100], wrong, *rows[100:]]).encode(), "x.csv")


def test_empty_rows_and_trailing_separators_do_not_count(many: None) -> None:
    head, *rows = divided(PLAIN, end=",").splitlines()
    text = "\n".join([head, "", *rows[:70], " , ,,,", "", *rows[70:]])
    sheet = read_sheet(text.encode(), "x.csv")
    assert sheet.rows_read == len(rows)
    assert sum(map(int, sheet.cells["count"])) == sum(int(row.split(",")[-1]) for row in PLAIN.splitlines()[1:])


def test_sums_are_exact_beyond_64_bits(many: None) -> None:
    text = "basis,A,B,count\n" + f"ZZ,0,0,{2**63 - 1}\n" * 4
    assert read_sheet(text.encode(), "x.csv").cells["count"] == [str(4 * (2**63 - 1))]


def test_the_reading_of_a_large_file_is_told(tmp_path: Path, many: None) -> None:
    told: list[tuple[str, int, int]] = []
    path = write(tmp_path, divided(PLAIN))
    import_data(path, Reading(), lambda *said: told.append(said), runs=tmp_path / "runs")
    assert {said[0] for said in told} == {f"reading {path.name}"}
    percents = [done for _, done, _ in told]
    assert len(percents) >= 240 // 50
    assert percents == sorted(percents)
    assert percents[-1] == 100


ROWS = [
    dict(zip(PLAIN.splitlines()[0].split(","), line.split(","), strict=True))
    for line in divided(PLAIN).splitlines()[1:]
]
TYPED = [{**row, "time": float(row["time"]), "A": int(row["A"]), "count": int(row["count"])} for row in ROWS]


@pytest.mark.parametrize(
    "rows",
    [ROWS, TYPED, [*TYPED[:99], {**TYPED[99], "arm": "none", "B": None}, *TYPED[100:]]],
    ids=["texts", "numbers", "a column that begins later"],
)
def test_rows_in_json_are_read_one_by_one_as_they_are_at_once(
    rows: list[dict[str, object]], many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.imports.text.json_rows._BLOCK", 64)
    content = json.dumps(rows, indent=1).encode()
    monkeypatch.setattr("devices.imports.text.sums.MANY", 10**9)
    streamed = read_file(content, "rows.json", Reading())
    monkeypatch.setattr("devices.imports.formats.files.LARGE", 10**9)
    whole = read_file(content, "rows.json", Reading())
    assert (streamed.cells, list(streamed.lines)) == (whole.cells, list(whole.lines))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[{"basis": "ZZ", "A": 0, "B": 0, "count": 1, "count": 2}]', "'count' is there twice"),
        (b'[{"basis": "ZZ", "A": 0, "B": 0, "count": 1}', "is not JSON"),
        (b'[{"basis": "ZZ", "A": 0, "B": 0, "count": 1}] 7', "is not JSON"),
        (b'[{"basis": "ZZ", "A": 0, "B": 0, "count": [1]}]', "."),
    ],
)
def test_json_that_is_no_table_of_rows_is_refused_as_ever(content: bytes, said: str, many: None) -> None:
    with pytest.raises(RequestError, match=said):
        read_file(content, "rows.json", Reading())


def test_what_energies_say_is_what_the_whole_says_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = import_file(write(tmp_path, rows_of(exchange(np.linspace(0, 3, 8).tolist()), BASES)), runs=tmp_path)
    told: list[str] = []
    found = analyse(record, draws=2, told=told.append)
    assert not told
    monkeypatch.setattr("analysis.pipeline.MANY_CELLS", 8)
    assert analyse(record, draws=2, told=told.append).table.equals(found.table)
    assert told == [found.headline]


@pytest.mark.slow
def test_what_energies_say_is_said_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    path = write(tmp_path, rows_of(exchange(np.linspace(0, 3, 8).tolist()), BASES))
    monkeypatch.setattr("analysis.pipeline.MANY_CELLS", 8)
    done = call("import", path, "--runs", tmp_path / "runs", "--draws", 2)
    first, *rest = done.out.splitlines()
    assert first.startswith("from energies alone: ")
    assert first.removeprefix("from energies alone: ") in rest
    assert done.err == "estimating the states of all points\n"
    monkeypatch.setattr("analysis.pipeline.MANY_CELLS", 9)
    assert "from energies alone" not in call("import", path, "--runs", tmp_path / "runs", "--draws", 2).out


IMPORTING = """
import sys
from pathlib import Path
from devices.imports import import_file
record = import_file(Path(sys.argv[1]), runs=sys.argv[2])
(most,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(record.start["imported"]["rows"], most)
"""
"""The peak is that of the program itself: what wait() tells is at least that of the process that started it."""
MOST_MEMORY = 2**20 * 450
"""Bytes for a file of 20 MB; before rows were added up as they are read it was a gigabyte and more."""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel does not tell the peak")
def test_a_million_rows_take_little_memory(tmp_path: Path) -> None:
    few = rows_of(exchange(np.linspace(0, 3, 100).round(9).tolist()), BASES, shots=100_000)
    head, *rows = few.splitlines()
    path = tmp_path / "many.csv"
    generator = np.random.default_rng(1)
    with path.open("w") as file:
        file.write(head + "\n")
        for _ in range(500):
            counts = generator.integers(0, 9, len(rows)).tolist()
            file.writelines(f"{row.rpartition(',')[0]},{n}\n" for row, n in zip(rows, counts, strict=True))
    script = tmp_path / "importing.py"
    script.write_text(IMPORTING)
    done = subprocess.run(
        [sys.executable, script, path, tmp_path / "runs"], capture_output=True, text=True, check=True, timeout=300
    )
    rows_read, peak = map(int, done.stdout.split())
    assert rows_read == 500 * len(rows)
    assert path.stat().st_size > 14e6
    assert peak * 1024 < MOST_MEMORY


def test_a_long_reading_has_lines_in_between(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress("percent") as report:
        for done in (0, 1, 2):
            report("reading x.csv", done, 100)
        monkeypatch.setattr("hotward.terminal.BETWEEN_LINES", 0.0)
        report("reading x.csv", 3, 100)
        monkeypatch.setattr("hotward.terminal.BETWEEN_LINES", 3600.0)
        report("reading x.csv", 4, 100)
        report("reading x.csv", 100, 100)
    said = [f"reading x.csv: {done} of 100 percent" for done in (0, 3, 100)]
    assert capsys.readouterr().err.splitlines() == said
