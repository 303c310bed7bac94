"""Files as people have them (tests/inputs): each gives the right value, or a refusal whose repair leads to it.

What was measured in most of them is one sweep, of which `comment.csv` has the plain rows; energies are counted from
these here, with nothing of hotward's. States are those of an independent R rho R, or of a closed form.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from alarms import FAST
from test_imports_marginal import most_likely

from analysis import Analysis, analyse
from devices import RunRecord
from devices.imports import Reading, import_data
from hotward.experiment import build_experiment
from protocols import RequestError
from protocols.heat_exchange import HeatExchange
from protocols.program import build

INPUTS = Path(__file__).parent / "inputs"
SETTINGS = "XX,XY,XZ,YX,YY,YZ,ZX,ZY,ZZ"
Energies = dict[float | None, tuple[float, float]]


def text_of(name: str) -> str:
    return (INPUTS / name).read_text(encoding="utf-8-sig")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(line for line in io.StringIO(text) if not line.startswith("#")))


def excited(rows: list[dict[str, str]]) -> Energies:
    """Share of ones read in Z of A and of B at every time, over all settings that read it in Z, by plain counting."""
    found: Energies = {}
    rows = [row for row in rows if row["basis"] != "cal"]
    for time in dict.fromkeys(row.get("time") for row in rows):
        here = [row for row in rows if row.get("time") == time]
        shares = []
        for place, qubit in enumerate("AB"):
            read = [row for row in here if row["basis"][place] == "Z"]
            ones = sum(float(row["count"]) for row in read if row[qubit] == "1")
            shares.append(ones / sum(float(row["count"]) for row in read))
        found[None if time is None else float(time)] = (shares[0], shares[1])
    return found


SWEEP = excited(rows_of(text_of("comment.csv")))
START: Energies = {None: SWEEP[0.0]}
"""The first point alone, without a time."""


# ---- what each is asked, what it says, and what following it gives ----


class Case(NamedTuple):
    """One file and what it has to give."""

    energies: Energies | None = None
    """Right values; None: those counted in the file itself."""
    noted: str = ""
    """What a note has to say."""


class Refusal(NamedTuple):
    """A file that is refused as it is; what it prints, and the file or the words after following that."""

    said: str
    repaired: Callable[[str], str]
    words: Mapping[str, Any]
    energies: Energies | None = None


def same(text: str) -> str:
    return text


def turned(text: str) -> str:
    """Every label of the calibration in the order A, B, as the refusal of cal_prepswap.csv says."""
    return re.sub(r"cal,([01])([01]),", r"cal,\2\1,", text)


def as_values(text: str) -> str:
    """Corrected counts as expectation values with errors of the raw shots: quasi.csv says so."""
    lines = ["time,pauli,value,stderr"]
    rows = rows_of(text)
    for time in dict.fromkeys(row["time"] for row in rows):
        here = [row for row in rows if row["time"] == time]
        for word in ("ZI", "IZ", "ZZ", "XX", "YY", "XY", "YX"):
            read = [r for r in here if all(w in ("I", b) for w, b in zip(word, r["basis"], strict=True))]
            signs = [np.prod([1 - 2 * int(r[q]) for q, w in zip("AB", word, strict=True) if w != "I"]) for r in read]
            counts = np.array([float(r["count"]) for r in read])
            lines.append(f"{time},{word},{np.dot(signs, counts) / counts.sum():.8f},0.02")
    return "\n".join(lines) + "\n"


def in_natural_units(text: str) -> str:
    """time = 2 pi f t: timeunits.csv has gaps for which that is the number itself."""
    return text.replace("time_ms", "time", 1)


ACCEPTED = {
    "aer.json": Case(energies=START, noted="bit order last, as its form says"),
    "runtime.json": Case(energies=START, noted="bit order last, as its form says"),
    "angle.csv": Case(),
    "bell.csv": Case(),
    "bell_cal2.csv": Case(noted="calibration prepared 00, 11 only: readout errors are taken as independent"),
    "cal_good.csv": Case(),
    "comment.csv": Case(energies=SWEEP, noted="comments are not read: 'measured 2025-03-01, a chip'"),
    "corr_readout.csv": Case(),
    "cov0.csv": Case(),
    "dup.csv": Case(energies=SWEEP, noted="have every count several times (row 110 repeats row 2)"),
    "excel_de.csv": Case(energies=SWEEP, noted="decimal commas are read as points"),
    "hand_import.csv": Case(),
    "leaked3.csv": Case(),
    "plus0.csv": Case(),
    "single.csv": Case(noted="the settings ZI, IZ read one qubit only"),
    "unequal.csv": Case(),
}
REFUSED = {
    "bitstring.csv": Refusal("--order first if the leftmost", same, {"order": "first"}, START),
    "counts.json": Refusal("--order first if the leftmost", same, {"order": "first"}, START),
    "hex.json": Refusal(
        r"Add --bases XX,XY,.*one setting a circuit", same, {"order": "last", "bases": SETTINGS}, START
    ),
    "cal_prepswap.csv": Refusal("character 2 is A, character 1 is B. Write every label in the order A, B", turned, {}),
    "headerless.csv": Refusal("such as time,basis,A,B,count", lambda text: "time,basis,A,B,count\n" + text, {}),
    "timeunits.csv": Refusal("or write time = 2 pi f t", in_natural_units, {}, SWEEP),
}


def imported(path: Path, runs: Path, words: Mapping[str, Any]) -> RunRecord:
    reading = {name: value for name, value in words.items() if name in ("order", "shots", "bases")}
    rest = {name: value for name, value in words.items() if name not in ("order", "shots")}
    return import_data(path, Reading(**reading), **rest, runs=runs)


def energies_of(record: RunRecord) -> Energies:
    """Shares of ones in the imported rows."""
    rows = record.counts().astype(object).where(lambda frame: frame.notna(), None)
    axis = "time" if rows["time"].notna().any() else ""
    listed = [
        {
            "basis": row["basis"],
            "count": str(row["count"]),
            **{q: str(int(row[q])) if row[q] is not None else "" for q in "AB"},
            **({"time": str(row["time"])} if axis else {}),
        }
        for row in rows.to_dict("records")
    ]
    return excited(listed)


def check_energies(record: RunRecord, wanted: Energies) -> None:
    found = energies_of(record)
    assert list(found) == pytest.approx(list(wanted)) if None not in wanted else list(found) == [None]
    for (a, b), (own_a, own_b) in zip(wanted.values(), found.values(), strict=True):
        assert (own_a, own_b) == pytest.approx((a, b), abs=1e-12)


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_gives_the_right_energies_and_says_what_was_understood(tmp_path: Path, name: str) -> None:
    case = ACCEPTED[name]
    record = imported(INPUTS / name, tmp_path / "runs", {})
    if name == "angle.csv":  # three states, never pooled
        assert record.points.parameters["angle"].tolist() == [0, 0.7854, 1.402]
        assert record.start["imported"]["shots"] == [2000, 2000]
        return
    check_energies(record, case.energies or excited(rows_of(text_of(name))))
    assert case.noted in " ".join(record.start["notes"])


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_says_a_repair_that_leads_to_the_right_data(tmp_path: Path, name: str) -> None:
    case = REFUSED[name]
    with pytest.raises(RequestError, match=case.said) as refused:
        imported(INPUTS / name, tmp_path / "none", {})
    assert not {"drop", "remove"} & set(re.findall(r"[a-z]+", str(refused.value).lower()))
    assert not (tmp_path / "none").exists()
    repaired = tmp_path / name
    repaired.write_text(case.repaired(text_of(name)))
    record = imported(repaired, tmp_path / "runs", case.words)
    check_energies(record, case.energies or excited(rows_of(repaired.read_text())))
    if name == "cal_prepswap.csv":
        good = imported(INPUTS / "cal_good.csv", tmp_path / "good", {})
        assert record.counts().equals(good.counts())


def test_states_and_corrected_counts_are_asked_for_their_errors(tmp_path: Path) -> None:
    """rho.csv needs the order and then the shots; quasi.csv becomes expectation values."""
    words: dict[str, Any] = {}
    for said, added in (
        (r"Add --order first for tensor products", {"order": "first"}),
        (r"Add --shots", {"shots": 2048}),
    ):
        with pytest.raises(RequestError, match=said):
            imported(INPUTS / "rho.csv", tmp_path / "none", words)
        words |= added
    check_values(imported(INPUTS / "rho.csv", tmp_path / "rho", words), {0.0: (0.377541, 0.268941)})
    with pytest.raises(
        RequestError, match=r"corrected or quasi-counts go in as expectation values, `pauli,value,stderr`"
    ):
        imported(INPUTS / "quasi.csv", tmp_path / "none", {})
    (tmp_path / "quasi.csv").write_text(as_values(text_of("quasi.csv")))
    record = imported(tmp_path / "quasi.csv", tmp_path / "quasi", {})
    check_values(record, excited(rows_of(text_of("quasi.csv"))))
    assert not (tmp_path / "none").exists()


def check_values(record: RunRecord, wanted: Energies) -> None:
    rows = record.expectations()
    assert rows is not None
    values = rows.set_index(["time", "pauli"])["value"]
    for time, (a, b) in wanted.items():
        assert (1 - values[time, "ZI"]) / 2 == pytest.approx(a, abs=2e-6)
        assert (1 - values[time, "IZ"]) / 2 == pytest.approx(b, abs=2e-6)


def test_a_sweep_that_a_protocol_does_not_know_is_a_file_a_state(tmp_path: Path) -> None:
    """angle.csv with a protocol: refused, and each of the files it asks for has its own energies."""
    words = {"protocol": HeatExchange, "build": lambda columns: build(HeatExchange, {**told(columns), "time": "0"})}
    with pytest.raises(
        RequestError, match=r"`angle` is unknown\. Keep states apart .* one file for each value of `angle`"
    ):
        imported(INPUTS / "angle.csv", tmp_path / "none", words)
    rows = rows_of(text_of("angle.csv"))
    for angle in dict.fromkeys(row["angle"] for row in rows):
        here = [{**row, "time": "0"} for row in rows if row["angle"] == angle]
        lines = ["angle,basis,A,B,count"] + [
            ",".join(row[c] for c in ("angle", "basis", "A", "B", "count")) for row in here
        ]
        (tmp_path / f"{angle}.csv").write_text("\n".join(lines))
        record = imported(tmp_path / f"{angle}.csv", tmp_path / "runs", words)
        check_energies(record, excited(here))
        assert f"`angle` is '{angle}' in every row" in " ".join(record.start["notes"])


def told(columns: Mapping[str, float]) -> dict[str, str]:
    return {name: repr(value) for name, value in columns.items()}


# ---- what an analysis makes of them ----


def analysed(path: Path, runs: Path, **words: Any) -> Analysis:
    return analyse(imported(path, runs, words), draws=20)


def value(found: Analysis, observable: str, subject: str, point: int = 0) -> Any:
    (row,) = found.table.query("observable == @observable and subject == @subject and point == @point").itertuples()
    return row


@pytest.mark.slow
def test_states_are_those_of_an_independent_likelihood(tmp_path: Path) -> None:
    """Bell pairs, plain and with two patterns prepared; readout errors that go together; a pure state."""
    for name, patterns in (("bell.csv", 0), ("bell_cal2.csv", 2), ("corr_readout.csv", 4)):
        found, rows = analysed(INPUTS / name, tmp_path), rows_of(text_of(name))
        confusion = np.kron(*(of_one(rows, qubit) for qubit in "AB")) if patterns == 2 else of_all(rows)
        best = most_likely(tallies(rows), confusion if patterns else None)
        assert found.states is not None
        np.testing.assert_allclose(found.states[0, 0], best, atol=1e-6, err_msg=name)
    assert value(found, "mutual_information", "AB").value == pytest.approx(0.376456, abs=1e-6)
    assert value(found, "concurrence", "AB").value == pytest.approx(0.386029, abs=1e-6)
    pure = analysed(INPUTS / "plus0.csv", tmp_path)
    assert value(pure, "purity", "AB").value == pytest.approx(1, abs=5e-3)
    assert not pure.warnings


def tallies(rows: list[dict[str, str]]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for row in rows:
        if row["basis"] != "cal":
            found.setdefault(row["basis"], np.zeros(4))[2 * int(row["A"]) + int(row["B"])] += int(row["count"])
    return found


def of_one(rows: list[dict[str, str]], qubit: str) -> np.ndarray:
    """P(read | true) of one qubit, from patterns in which it was prepared as 0 and as 1."""
    table = np.zeros((2, 2))
    for row in rows:
        if row["basis"] == "cal":
            table[int(row[qubit]), int(row["prepared"]["AB".index(qubit)])] += int(row["count"])
    return table / table.sum(axis=0)


def of_all(rows: list[dict[str, str]]) -> np.ndarray:
    """P(read | true) of both, from all patterns."""
    table = np.zeros((4, 4))
    for row in rows:
        if row["basis"] == "cal":
            table[2 * int(row["A"]) + int(row["B"]), int(row["prepared"], 2)] += int(row["count"])
    return table / np.maximum(table.sum(axis=0), 1)


@pytest.mark.slow
def test_limits_of_correlations_hold_where_settings_have_unequal_shots(tmp_path: Path) -> None:
    """Explicit states that the likelihood does not reject have that much: limits below them are too low."""
    one = value(analysed(INPUTS / "cov0.csv", tmp_path), "mutual_information", "AB")
    assert 3.3e-4 <= one.high < 5e-3
    last = value(analysed(INPUTS / "unequal.csv", tmp_path), "mutual_information", "AB", point=1)
    assert 5.1e-4 * 0.98 <= last.high < 5e-3


@pytest.mark.slow
def test_verdicts_are_those_of_the_data_and_say_what_does_not_fit(tmp_path: Path) -> None:
    """Each repair is followed, and then the sentence is that of the right data."""

    def said(name: str, request: Mapping[str, Any] | None = None, text: str | None = None) -> str:
        path = INPUTS / name
        if text is not None:
            path = tmp_path / name
            path.write_text(text)
        found = analyse(imported(path, tmp_path / "runs", request or {}), draws=2, intervals=FAST)
        (verdict,) = found.verdicts
        lines = [*found.record.start["notes"], verdict.headline, *verdict.details, *found.warnings]
        return "\n".join(line.rstrip(".") for line in lines)

    # E_A - E_B = 0.1086 and a gain of 0.2689 are exact
    right = said("cal_good.csv")
    assert "reversed: hot A gained 0.259 +- 0.011" in right
    lines = [line for line in right.splitlines() if "sigma" in line]
    mended = said("cal_prepswap.csv", text=turned(text_of("cal_prepswap.csv")))
    assert all(line in mended for line in lines)
    assert "(43.8 sigma)" in said("dup.csv")
    once = text_of("dup.csv").splitlines()
    assert "(31.0 sigma)" in said("dup.csv", text="\n".join(once[: 1 + len(once) // 2]) + "\n")
    assert "leaked of A, mean of all points = 0.0542 +- 0.0032" in said("leaked3.csv", protocol(None))
    assert "reversed: hot A gained 0.175 +- 0.016" in said("hand_import.csv")
    # times: 2 pi nu0 t in hbar/gap; the file in milliseconds says so in a note, whose repair is followed
    micadei = protocol("micadei", gap="1kHz")
    natural = said("nmr15_nat.csv", micadei)
    assert "tomography sees 1.003 +- 0.020 times" in natural
    assert "chi-square 3.0 for 5 degrees of freedom" in natural
    assert "at time = 6.92407" in natural
    slip = said("nmr15_ms.csv", micadei)
    assert "in ms, with the gap 1kHz, they would be 1.57. If that is meant, call the column time_ms" in slip
    assert "the unit of time or the readout are not as assumed" in slip
    assert "Other parameters, another unit of time" in slip
    mended = said("nmr15_ms.csv", micadei, text=text_of("nmr15_ms.csv").replace("time", "time_ms", 1))
    assert re.search(r"at time = 6\.9\d* \(", mended)  # exact: 6.908, the nearest point of the sweep is 6.247
    (ratio, error) = re.findall(r"tomography sees ([\d.]+) \+- ([\d.]+) times", mended)[0]
    assert float(ratio) == pytest.approx(1, abs=3 * float(error))
    assert "call the column" not in mended
    # a gap of 159.15 Hz has hbar/gap = 1 ms
    assert "at time = 7.01006 (31.0 sigma)" in said("timeunits.csv", protocol(None, gap="159.15494309Hz"))


def assigned(columns: Mapping[str, float]) -> list[str]:
    return [f"{name}={value!r}" for name, value in columns.items()]


def protocol(preset: str | None, gap: str | None = None) -> dict[str, Any]:
    """The request of heat-exchange, as the command makes it."""
    kept = [f"gap={gap}"] if gap else []
    return {
        "protocol": HeatExchange,
        "build": lambda columns: build_experiment(
            "heat-exchange", preset, [*kept, *(f"{n}={columns[n]!r}" for n in columns)]
        ),
        "about": {"gap": gap},
    }


def test_every_input_is_tested() -> None:
    others = {"rho.csv", "quasi.csv", "nmr15_ms.csv", "nmr15_nat.csv"}
    assert {path.name for path in INPUTS.iterdir()} == {*ACCEPTED, *REFUSED, *others}
