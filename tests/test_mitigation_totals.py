"""Symmetry on the total number of a system and its ancillas."""

from __future__ import annotations

import typing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import slow

from analysis import analyse
from analysis.mitigation import totals_of
from devices import RunRecord, execute, open_device
from protocols import RequestError, compile
from protocols.algorithmic_cooling import AlgorithmicCooling
from protocols.coherence_reversal import CoherenceReversal
from protocols.cooling_floor import CoolingFloor
from protocols.heat_pump import HeatPump
from protocols.two_stroke_engine import TwoStrokeEngine

if typing.TYPE_CHECKING:
    from conftest import Call

KEYS = ["point", "arm", "observable", "subject"]


def executed(tmp_path: Path, collisions: int, ancillas: str, calibration: int) -> RunRecord:
    experiment = CoherenceReversal(collisions=collisions)
    points = experiment.points({"control": "none", "ancillas": ancillas})
    program = compile(experiment, points, shots=50_000, bases="energies", calibration_shots=calibration)
    return execute(program, open_device("exact"), runs=tmp_path, seed=4)


class Flipped(RunRecord):
    """The same run as if every shot had been read a second time, with one bit flipped, beside 19 as they are."""

    def counts(self) -> pd.DataFrame:
        rows = super().counts()
        measured = rows["basis"] != "cal"
        wrong = rows[measured].assign(S1=1 - rows.loc[measured, "S1"])
        return pd.concat([rows.assign(count=np.where(measured, 19 * rows["count"], rows["count"])), wrong])


@pytest.mark.parametrize(
    ("collisions", "ancillas", "calibration"), [slow(1, "fresh", 20_000), slow(2, "fresh", 0), (2, "reset", 0)]
)
def test_single_flips_are_removed_exactly(collisions: int, ancillas: str, calibration: int, tmp_path: Path) -> None:
    record = executed(tmp_path, collisions, ancillas, calibration)
    flipped = Flipped(record.path, record.start, record.stop, record.contents)
    plain = analyse(record, mitigation="symmetry", draws=2).table
    noisy = analyse(flipped, mitigation="symmetry", draws=2).table
    raw = plain[plain["mitigation"] == "none"].set_index(KEYS)
    clean, found = (t[t["mitigation"] == "symmetry"].set_index(KEYS) for t in (plain, noisy))
    assert {"S1", "S2", "pair", "bath"} <= {subject for *_, subject in clean.index}
    # the balance of all that is read would be zero by construction
    assert not [key for key in clean.index if key[2:] == ("heat", "pairbath")]
    for key in clean.index:
        # every shot has its number already: nothing is changed, neither value nor error
        assert clean.loc[key, "value"] == pytest.approx(raw.loc[key, "value"], abs=1e-12)
        assert found.loc[key, "value"] == pytest.approx(raw.loc[key, "value"], abs=1e-12)
        if key[2] == "energy" and raw.loc[key, "stderr"] > 1e-3:
            assert clean.loc[key, "stderr"] == pytest.approx(raw.loc[key, "stderr"], rel=0.05)
            if not calibration:
                # 19 shots of 20 are left, and there are 20 times as many: the law of those that are left is the same
                assert found.loc[key, "stderr"] == pytest.approx(raw.loc[key, "stderr"] / np.sqrt(19), rel=0.01)
    off = noisy[noisy["mitigation"] == "none"].set_index(KEYS)
    assert abs(off.loc[(0, "main", "energy", "S1"), "value"] - raw.loc[(0, "main", "energy", "S1"), "value"]) > 0.01


def test_where_the_number_does_not_tell_it_is_refused(tmp_path: Path, call: Call) -> None:
    floor = CoolingFloor()
    with pytest.raises(RequestError, match="all ancillas read, but in cooling-floor"):
        totals_of(floor, floor.points({}), ("Z",), (0, 1))
    pump = HeatPump()
    with pytest.raises(RequestError, match="prepared with --preparation ensemble"):
        totals_of(pump, pump.points({}), ("ZZ",), (0,))
    for words in (("cooling-floor",), ("coherence-reversal", "--preparation", "purified")):
        said = call("run", *words, "--device", "exact", "--mitigation", "symmetry", "--runs", str(tmp_path))
        assert said.status == 2
        assert "Argument `mitigation` needs" in said.err
    said = call("run", "coherence-reversal", "--device", "exact", "--mitigation", "both", "--runs", str(tmp_path))
    assert "symmetry needs none" in said.err
    assert not list(tmp_path.iterdir())


def test_numbers_of_members_are_those_of_the_states() -> None:
    experiment = CoherenceReversal(collisions=1)
    points = experiment.points({}, "nominal")
    members = sorted({setting.member for setting in experiment.settings(points, ("ZZ",))})
    found = totals_of(experiment, points, ("ZZ",), members)
    # |00>, |psi+>, |11>, each with the ancilla in 0 and in 1; with full coherence |psi-> has no weight
    assert sorted(found.number[0].tolist()) == [0, 1, 1, 2, 2, 3]
    cooling = AlgorithmicCooling(method="hbac")
    points = cooling.points({})
    members = sorted({setting.member for setting in cooling.settings(points, ("Z" * len(cooling.qubits),))})
    totals_of(cooling, replace(points), ("Z" * len(cooling.qubits),), members)


def test_energies_of_ancillas_are_those_of_the_gap_of_their_point(tmp_path: Path) -> None:
    """Without errors every shot has its number, so that nothing is changed at any of the points, whose gaps differ."""
    experiment = TwoStrokeEngine(gap_c=[0.5, 1.5], cycles=1)
    points = experiment.points({"preparation": "ensemble", "ancillas": "fresh"})
    program = compile(experiment, points, shots=4000, bases="energies")
    record = execute(program, open_device("exact"), runs=tmp_path, seed=4)
    table = analyse(record, mitigation="symmetry", draws=2).table
    cold = table[(table["observable"] == "heat") & (table["subject"] == "cold") & (table["stroke"] == 2)]
    raw, mitigated = (cold[cold["mitigation"] == way].sort_values("point") for way in ("none", "symmetry"))
    assert set(mitigated["gap_c"]) == {0.5, 1.5}
    assert mitigated["value"].tolist() == pytest.approx(raw["value"].tolist(), abs=1e-9)
    assert mitigated["stderr"].tolist() == pytest.approx(raw["stderr"].tolist(), rel=1e-6)
