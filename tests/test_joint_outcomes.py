"""Observables that see the member and joint outcomes of system and ancillas: a demon whose memory is an ancilla."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import slow
from planted_protocols import forget, plant
from predictions import read_off

from analysis import analyse, predict
from devices import execute, open_device
from devices.imports import import_file
from protocols import compile, load
from protocols.collisions import PREPARATIONS
from protocols.program import build
from protocols.quantities import excited_population

DEMON = '''"""ancilla-demon: an ancilla copies a thermal qubit, sometimes wrongly, and flips it where it reads 1."""

from __future__ import annotations

from typing import ClassVar
from dataclasses import dataclass

import numpy as np

from protocols.collisions import Collisions, Thermal, columns, computational, gate, members_per_start, thermal
from protocols.program import drawn, linear, parameter
from protocols.quantities import excited_population


@dataclass(frozen=True, kw_only=True, eq=False)
class AncillaDemon(Collisions):
    """S and one ancilla."""

    T: float = parameter(0.8, unit="gap/k_B", low=0, strict=True, meaning="temperature of S")
    error: float = parameter(0.15, low=0, high=1, meaning="probability that the record is wrong")
    feedback: float = parameter((0, 1), low=0, high=1, whole=True, meaning="0: no collision, 1: record and feedback")

    name: ClassVar[str] = "ancilla-demon"
    axis: ClassVar[str] = "feedback"
    counted: ClassVar[str] = "feedback"
    system: ClassVar[str] = "S"

    @property
    def qubits(self):
        return ("S",)

    def members(self, points, arm):
        return thermal(excited_population(points.parameters["T"]), 1)

    def prepare(self, member, arm):
        return computational(member, self.qubits)

    def collision(self, index, arm, structure):
        return [Thermal(register="memory", excited="eps"), gate("cx", "S", "memory"), gate("cx", "memory", "S")]

    def values(self, points, arm):
        return {"eps": points.parameters["error"]}

    @staticmethod
    def observables(points):
        read, strings = columns(points, "memory", 1), members_per_start(points, coins=1)

        def histories(sample):
            found = sample.resolved[read].weighted("Z", 2 * strings)  # member, S at the end, memory
            return found.reshape(*found.shape[:-3], 2, strings, 2, 2).sum(axis=-3)

        def information(sample):
            joint = np.maximum(histories(sample).sum(axis=-2), 0)
            apart = joint.sum(axis=-1, keepdims=True) * joint.sum(axis=-2, keepdims=True)
            with np.errstate(all="ignore"):
                return np.where(joint > 0, joint * np.log(joint / apart), 0.0).sum(axis=(-2, -1))

        def work(sample):
            P = histories(sample)
            return P[..., 1, :, :].sum(axis=(-2, -1)) - P[..., :, 1, :].sum(axis=(-2, -1))

        return (
            drawn("work", "S", ("Z",), work, unit="gap", resolved=read),
            drawn("information", "S", ("Z",), information, unit="nat", resolved=read),
            linear("energy", "memory", ("memory",), lambda s: s.moments["memory"]),
        )
'''


@pytest.fixture
def demon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type]:
    plant(monkeypatch, tmp_path, "ancilla-demon", DEMON)
    yield load("ancilla-demon")
    monkeypatch.undo()
    forget("ancilla-demon")


def expected(T, eps):
    """Work p - eps and I(s; record) from the joint distribution, written out."""
    p = float(excited_population(T))
    joint = np.array([[(1 - p) * (1 - eps), (1 - p) * eps], [p * eps, p * (1 - eps)]])
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    return p - eps, float((joint * np.log(joint / apart)).sum())


@pytest.mark.parametrize("supply", ["fresh", "reset"])
@pytest.mark.parametrize("preparation", PREPARATIONS)
def test_the_history_is_seen_for_every_preparation_and_supply(demon, preparation, supply):
    for T, eps in ((0.8, 0.15), (1.3, 0.22)):
        experiment = demon(T=T, error=eps)
        points = experiment.points({"preparation": preparation, "ancillas": supply})
        table = predict(experiment, dict(points.options))
        work, information = expected(T, eps)
        if preparation != "random":  # whose exact values are those of the flips that were drawn
            assert read_off(table, "work", "S")[-1] == pytest.approx(work, abs=1e-12)
            assert read_off(table, "information", "S")[-1] == pytest.approx(information, abs=1e-12)
            assert read_off(table, "information", "S")[0] == pytest.approx(0, abs=1e-12)
    assert expected(0.8, 0.15) == pytest.approx((0.0727001, 0.1930636), abs=1e-7)


@pytest.mark.parametrize(("preparation", "supply"), [("ensemble", "fresh"), slow("measured", "reset")])
def test_runs_agree_and_come_back_through_an_import(demon, tmp_path, preparation, supply):
    """Work and information within 5 standard errors; false alarms below 1e-5."""
    experiment = demon()
    points = experiment.points({"preparation": preparation, "ancillas": supply})
    record = execute(compile(experiment, points, shots=4000), open_device("aer"), runs=tmp_path / "runs", seed=3)
    table = analyse(record, draws=200).table
    for name, value in zip(("work", "information"), expected(0.8, 0.15), strict=True):
        row = table[(table["observable"] == name) & (table["feedback"] == 1)].iloc[0]
        assert row["ideal"] == pytest.approx(value, abs=1e-12)
        assert row["stderr"] > 0
        assert abs(row["value"] - value) < 5 * row["stderr"]
    if supply == "fresh":
        again = import_file(
            record.path / "counts.csv",
            protocol=demon,
            build=lambda columns: build(demon, {name: repr(value) for name, value in columns.items()}),
            runs=tmp_path / "again",
        )
        found = analyse(again, draws=200).table
        assert found[found["observable"] == "work"]["value"].tolist() == pytest.approx(
            table[table["observable"] == "work"]["value"].tolist(), abs=1e-12
        )
