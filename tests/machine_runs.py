"""What tests of machines share: runs of one experiment over many seeds, gates that a chip executes, imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from conftest import Call

from analysis import Analysis, analyse
from devices import RunRecord, execute, open_device
from devices.record import is_entangling
from protocols import Experiment, compile


def measured(
    runs: Path,
    experiment: Experiment,
    options: dict[str, str] | None = None,
    *,
    device: str = "exact",
    shots: int = 4000,
    seed: int = 1,
    draws: int = 5,
    **asked: Any,
) -> Analysis:
    """One run, analysed; with a calibration of its readout where the device has errors."""
    calibration = {} if device == "exact" else {"calibration_shots": shots}
    program = compile(experiment, experiment.points(options or {}), shots=shots, **calibration, **asked)
    return analyse(execute(program, open_device(device), runs=runs, seed=seed, about={"draws": draws}))


def rows_of(result: Analysis, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
    """Rows of the table that have an error of more than one count."""
    table = result.table
    table = table[table["arm"] == arm] if "arm" in table else table
    return table[(table["observable"] == observable) & (table["subject"] == subject) & (table["stderr"] > 1e-3)]


def pulls_over_seeds(
    runs: Path, experiment: Experiment, options: dict[str, str], rows: list[tuple[str, str]], number: int = 40
) -> dict[tuple[str, str], np.ndarray]:
    """(value - ideal)/stderr of some rows in every arm, (seeds, pulls), from as many runs on exact probabilities."""
    found: dict[tuple[str, str], list[np.ndarray]] = {row: [] for row in rows}
    for seed in range(number):
        table = measured(runs, experiment, options, seed=seed, shots=2000).table
        for row in rows:
            mine = table[(table["observable"] == row[0]) & (table["subject"] == row[1]) & (table["stderr"] > 1e-3)]
            found[row].append(((mine["value"] - mine["ideal"]) / mine["stderr"]).to_numpy())
    return {row: np.array(each) for row, each in found.items()}


def assert_standard(pulls: np.ndarray) -> None:
    """That pulls over 40 seeds have a mean of 0 within 4.5 standard errors, and a variance of 0.75..1.3.

    Rows of one run may share counts, so that the effective number of pulls is between 40 and all of them; seeds are
    fixed.
    """
    assert pulls.size >= 40
    assert abs(pulls.mean()) < 4.5 / np.sqrt(len(pulls))
    assert 0.75 < np.mean(pulls**2) < 1.3


def executed_entangling(
    experiment: Experiment, options: dict[str, str] | None = None, device: str = "aer:fake_fez"
) -> list[tuple[str, dict[str, int], int]]:
    """Arm, structure and number of entangling gates of every circuit that a device would execute."""
    program = compile(experiment, experiment.points(options or {}), shots=4096)
    plan = open_device(device).prepare(program, 0)
    return [
        (block.setting.arm, dict(block.setting.structure), sum(is_entangling(i) for i in executed.data))
        for block, executed in zip(program.blocks, plan.executed, strict=True)
    ]


def assert_imported_alike(call: Call, run: Path, protocol: str, values: list[str], runs: Path) -> None:
    """That hotward's own counts.csv is imported to the same counts and the same table, byte for byte."""
    words = [word for text in values for word in ("--set", text)]
    said = call("import", run / "counts.csv", "--protocol", protocol, *words, "--draws", 5, "--runs", runs)
    assert said.status == 0, said.err
    assert (said.run / "counts.csv").read_bytes() == (run / "counts.csv").read_bytes()
    assert (said.run / "derived" / "table.csv").read_bytes() == (run / "derived" / "table.csv").read_bytes()
    assert RunRecord.open(said.run).start["registers"] == RunRecord.open(run).start["registers"]
