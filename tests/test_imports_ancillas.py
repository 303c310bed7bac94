"""Importing counts of a collision protocol: ancilla columns, their letters, their calibration."""

import numpy as np
import pandas as pd
import pytest
from conftest import slow

from analysis import analyse
from devices import execute, open_device
from devices.imports import import_file
from protocols import RequestError, compile
from protocols.algorithmic_cooling import AlgorithmicCooling
from protocols.coherence_reversal import CoherenceReversal
from protocols.cooling_floor import CoolingFloor
from protocols.heat_pump import HeatPump
from protocols.program import build

CASES = {
    "fresh, two numbers of collisions": (CoherenceReversal(collisions=[1, 2], coherence=0.5), {"control": "none"}),
    "reset": (CoolingFloor(collisions=[0, 1, 3]), {}),
    "a register a cycle": (HeatPump(cycles=[0, 1, 2], relaxation=2, angle=1.0), {"control": "none"}),
    "cells that read no ancilla": (HeatPump(cycles=[0, 1], relaxation=[0, 2]), {}),
    "a register a cycle, fresh": (HeatPump(cycles=[0, 1, 2]), {"ancillas": "fresh"}),
    "two registers": (AlgorithmicCooling(rounds=[0, 1]), {"preparation": "measured"}),
}


def imported(path, experiment, runs, **options):
    fixed = {"collisions": "1"} if isinstance(experiment, CoherenceReversal) else {}
    if isinstance(experiment, CoherenceReversal):
        fixed["coherence"] = "0.5"
    if isinstance(experiment, HeatPump):
        swept = np.ndim(experiment.relaxation) > 0
        fixed |= {"angle": str(experiment.angle)} | ({} if swept else {"relaxation": str(experiment.relaxation)})
    kind = type(experiment)
    return import_file(
        path,
        protocol=kind,
        build=lambda columns: build(kind, {**fixed, **{name: repr(value) for name, value in columns.items()}}),
        runs=runs,
        **options,
    )


@pytest.mark.parametrize("case", [slow(name) if name == "a register a cycle" else name for name in CASES])
def test_counts_of_a_collision_run_come_back_to_the_identical_table(tmp_path, case):
    experiment, options = CASES[case]
    program = compile(experiment, experiment.points(options), shots=700, calibration_shots=300)
    run = execute(program, open_device("aer"), runs=tmp_path / "runs", seed=4)
    again = imported(run.path / "counts.csv", experiment, tmp_path / "again")
    assert again.start["registers"] == run.start["registers"]
    assert again.start["system"] == run.start["system"]
    pd.testing.assert_frame_equal(analyse(again, draws=50).table, analyse(run, draws=50).table, check_exact=True)


@pytest.fixture(scope="module")
def counts(tmp_path_factory):
    experiment = CoherenceReversal()
    program = compile(experiment, shots=300, bases="energies", calibration_shots=100)
    return execute(program, open_device("exact"), runs=tmp_path_factory.mktemp("runs"), seed=2).counts()


def refused(counts, tmp_path, change):
    rows = counts.copy()
    rows = rows.astype(dict.fromkeys(("bath_1", "prepared", "basis"), object))
    rows = change(rows)
    rows.to_csv(tmp_path / "f.csv", index=False)
    with pytest.raises(RequestError) as caught:
        imported(tmp_path / "f.csv", CoherenceReversal(), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
    assert str(caught.value).count("\n") == 0
    return str(caught.value)


def put(column, value, row=0):
    def change(rows):
        rows.loc[rows.index[row], column] = value
        return rows

    return change


def never_prepared(rows):
    return rows.assign(prepared=[f"{p[:2]}0" if isinstance(p, str) else p for p in rows["prepared"]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("bath_1", 2), "column `bath_1`"),
        (put("basis", "ZZ-"), "must be empty where the basis has -"),
        (put("basis", "ZZX"), "1 letters Z or -"),
        (put("basis", "ZZ"), "1 letters Z or -"),
        (put("prepared", "00", row=-1), "the 3 bits prepared"),
        (lambda rows: rows.rename(columns={"bath_1": "bath_0"}), "bath_0"),
        (never_prepared, "bath_1 as 0 and as 1"),
    ],
)
def test_what_is_wrong_with_an_ancilla_column_is_said(counts, tmp_path, change, said):
    assert said in refused(counts, tmp_path, change)
