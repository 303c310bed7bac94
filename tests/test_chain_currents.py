"""Currents on the bonds of a chain: from both words where both were read, and as the slope of the energies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis import analyse
from devices import RunRecord, execute, open_device
from protocols import compile
from protocols.chain_exchange import ChainExchange

J = 0.1
FIELDS = {"T_1": 0.8, "T_2": 1.6, "T_3": 1.1}


def run(folder: Path, bases: str, seed: int, **fields: object) -> RunRecord:
    experiment = ChainExchange(**{"time": [3.0], **FIELDS, **fields})
    program = compile(experiment, experiment.points({}, "nominal"), shots=4000, bases=bases)
    return execute(program, open_device("exact"), runs=folder, seed=seed)


def word(record: RunRecord, letters: str) -> tuple[float, float]:
    """A moment of q1 q2 and its variance from the rows of counts.csv: members by weight, settings alike."""
    counts = record.counts()
    counts = counts[counts["basis"].str[:2] == letters]
    sign = 1 - 2 * (counts["q1"] ^ counts["q2"])
    value = variance = 0.0
    for weight, rows in counts.assign(sign=sign).groupby("weight"):
        shots = rows["count"].sum()
        mean = (rows["sign"] * rows["count"]).sum() / shots
        value, variance = value + weight * mean, variance + weight**2 * (1 - mean**2) / shots
    return value, variance


def row(record: RunRecord, subject: str = "q1q2") -> object:
    table = analyse(record, draws=2).table
    return table[(table["observable"] == "bond_current") & (table["subject"] == subject)].iloc[0]


def test_the_current_is_had_from_both_words_where_both_are_read(tmp_path: Path):
    record = run(tmp_path / "bonds", "bonds", 1)
    (XY, first), (YX, second) = word(record, "XY"), word(record, "YX")
    found = row(record)
    assert found["value"] == pytest.approx(-J / 2 * (XY - YX), abs=1e-12)
    both = J / 2 * np.sqrt(first + second)
    # a count more or less is in every error: a few parts in a hundred
    assert both < found["stderr"] < 1.03 * both
    # one setting alone reads one word, for which a conserved number supplies the other
    record = run(tmp_path / "conserving", "conserving", 1)
    value, variance = word(record, "XY")
    alone = row(record)
    assert alone["value"] == pytest.approx(-J * value, abs=1e-12)
    assert J * np.sqrt(variance) < alone["stderr"] < 1.03 * J * np.sqrt(variance)
    assert found["stderr"] < 0.75 * alone["stderr"]  # 1/sqrt 2


@pytest.mark.slow
def test_what_a_family_supplies_was_not_read(tmp_path: Path):
    """Of two sites the family of the pair has the other word, which no setting reads."""
    pair = run(tmp_path, "conserving", 1, sites=2, T_3=None, time=[0.0, 1.0, 3.0])
    assert "currents and the slope of the energies" in {check.name for check in analyse(pair, draws=2).checks}


@pytest.mark.slow
@pytest.mark.parametrize("bases", ["bonds", "conserving"])
def test_errors_of_currents_are_those_of_repeated_runs(tmp_path: Path, bases: str):
    """200 runs: the mean square of value over error is within 1 +- 4.5 sqrt(2/200), 1 in 150 000 a bond."""
    record = run(tmp_path, bases, 7, time=3.0 + 1e-9 * np.arange(1, 201))
    table = analyse(record, draws=2).table
    for bond in ("q1q2", "q2q3"):
        found = table[(table["observable"] == "bond_current") & (table["subject"] == bond)]
        z = (found["value"] - found["ideal"]) / found["stderr"]
        assert abs(z.mean()) < 4.5 / np.sqrt(200)
        assert abs((z**2).mean() - 1) < 4.5 * np.sqrt(2 / 200)


def test_what_post_selection_leaves_is_told_of_every_arm(tmp_path: Path):
    """A member of one arm is another state than that of the same name in another arm."""
    experiment = ChainExchange(correlation="coherent", time=[0.0, 3.0])
    program = compile(experiment, experiment.points({"control": "none"}), shots=500, bases="energies")
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2)
    kept = analyse(record, mitigation="symmetry", draws=2).mitigated.kept
    counts = record.counts()
    number = counts[["q1", "q2", "q3"]].sum(axis=1)
    expected = {key: int(rows.iloc[0]) for key, rows in number.groupby([counts["arm"], counts["member"]])}
    assert {(one.arm, one.member): one.excitations for one in kept} == expected
    assert [one.share for one in kept] == [1.0] * len(kept)
