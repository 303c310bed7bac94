"""Runs that an earlier version made (e4a2899, before fields were recorded): they load, analyse and report as then.

`tests/frozen/NAME` is the run as it was sealed, `tests/frozen/NAME-analysed` what that version made of it. Draws are
seeded by the data, so that numbers agree to 1e-12 where versions and kernels are those of the pins.
"""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pins import PINS, key

from analysis import analyse, write
from analysis.consistency import carried_out
from devices import RunRecord
from devices.record import fields_of, seal

FROZEN = Path(__file__).with_name("frozen")
NAMES = ("coherence-reversal", "heat-exchange")
MADE_ON = "Linux, x86_64, Haswell, Python 3.11.7"
LAST_BITS = 1e-12


def copied(name: str, to: Path) -> Path:
    return Path(shutil.copytree(FROZEN / name, to / name))


def numbers(found: object) -> list[float]:
    """All numbers of a JSON document, in order."""
    if isinstance(found, dict):
        return [number for value in found.values() for number in numbers(value)]
    if isinstance(found, list):
        return [number for value in found for number in numbers(value)]
    return [float(found)] if isinstance(found, int | float) and not isinstance(found, bool) else []


def close(value: float, stored: float) -> bool:
    return math.isclose(value, stored, rel_tol=LAST_BITS, abs_tol=LAST_BITS)


def test_a_frozen_run_is_complete_and_reads_back() -> None:
    record = RunRecord.open(FROZEN / "heat-exchange")
    assert "fields" not in record.start
    assert record.start["arms"] == ["main", "none"]
    counts = record.counts()
    assert counts.query("basis != 'cal'").groupby(["arm", "time", "basis"])["count"].sum().unique().tolist() == [300]
    assert counts.query("basis == 'cal'").groupby("prepared")["count"].sum().tolist() == [300] * 4
    assert record.ideal()["state"].shape == (2, 3, 4, 4)


def test_words_that_were_not_recorded_are_found_by_trying() -> None:
    found = carried_out(RunRecord.open(FROZEN / "coherence-reversal"))
    assert found is not None
    assert found.contact == "star"  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("name", [NAMES[0], pytest.param(NAMES[1], marks=pytest.mark.slow)])
@pytest.mark.usefixtures("real_figures")
def test_a_frozen_run_is_analysed_and_reported_as_it_was(name: str, tmp_path: Path) -> None:
    result = analyse(copied(name, tmp_path))
    derived = write(result)
    assert (derived / "report.html").stat().st_size > 100_000
    stored = json.loads((FROZEN / f"{name}-analysed" / "verdict.json").read_text())
    assert json.loads((derived / "verdict.json").read_text())["headline"] == stored["headline"]
    # energies are sums of counts, alike on every machine; states are fitted, and follow the kernels of linear algebra
    then, now = pd.read_csv(FROZEN / f"{name}-analysed" / "table.csv"), result.table
    for column in ("value", "stderr"):
        before, after = (t.loc[t["observable"] == "energy", column].to_numpy() for t in (then, now))
        np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-12)
    if not (key().startswith(MADE_ON) and key() in json.loads(PINS.read_text())):
        pytest.skip(f"numbers are not compared to the last bits: they were made on {MADE_ON}, this is {key()}")
    verdict = json.loads((derived / "verdict.json").read_text())
    for now, before in zip(verdict["verdicts"], stored["verdicts"], strict=True):
        # keys may be added; those of then keep their numbers
        of_then = numbers({field: now[field] for field in before})
        assert all(map(close, of_then, numbers(before)))
        assert len(of_then) == len(numbers(before))
    table, old = pd.read_csv(derived / "table.csv"), pd.read_csv(FROZEN / f"{name}-analysed" / "table.csv")
    # columns and rows may be added; those of then keep their places and their numbers
    known = set(zip(old["observable"], old["subject"], strict=True))
    of_then = [(name, subject) in known for name, subject in zip(table["observable"], table["subject"], strict=True)]
    table = table[of_then]
    assert [name for name in table.columns if name in old.columns] == list(old.columns)
    for column in old.columns:
        if old[column].dtype.kind == "f":
            both = zip(table[column].fillna(-1.0), old[column].fillna(-1.0), strict=True)
            assert all(close(value, before) for value, before in both), column
        else:
            assert table[column].fillna("").tolist() == old[column].fillna("").tolist()


def test_recorded_fields_give_the_analysis_that_trying_gives(tmp_path: Path) -> None:
    guessed = copied(NAMES[0], tmp_path / "guessed")
    recorded = copied(NAMES[0], tmp_path / "recorded")
    experiment = carried_out(RunRecord.open(guessed))
    assert experiment is not None
    start = json.loads((recorded / "start.json").read_text())
    start["fields"] = fields_of(experiment)
    (recorded / "start.json").write_text(json.dumps(start))
    seal(recorded, "done")
    one, other = (analyse(run, draws=20) for run in (guessed, recorded))
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.verdicts == other.verdicts
    assert one.checks == other.checks
