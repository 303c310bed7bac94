"""What is said of a world: its counts as a file, imported and analysed as a user does it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from analysis import analyse
from analysis.verdict import Kind
from devices import RunRecord
from devices.imports import import_file
from protocols.heat_exchange import HeatExchange
from protocols.pauli import outcome_probabilities
from protocols.program import build
from worlds_study.pairs import World

CLAIMS = (Kind.REVERSED, Kind.FORWARD_THEN_REVERSED)
SWAP = np.eye(4)[[0, 2, 1, 3]]


def rows_of(world: World, rng: np.random.Generator) -> str:
    """A file as a user has it: time, arm, basis, A, B, count."""
    lines = ["time,arm,basis,A,B,count"]
    for arm, states in world.states.items():
        for basis in world.settings:
            p = np.clip(outcome_probabilities(states, basis), 0, None)
            p = p / p.sum(axis=-1, keepdims=True)
            if world.misread is not None:
                p = np.einsum("nij,nj->ni", world.misread, p)
            p = p @ SWAP if basis in world.swapped else p
            flips = sum(2 >> qubit for qubit in world.inverted.get(basis, ()))
            p = p[:, np.arange(4) ^ flips]
            for time, row in zip(world.times * world.unit, rng.multinomial(world.shots, p), strict=True):
                lines += [f"{float(time)!r},{arm},{basis},{o >> 1},{o & 1},{n}" for o, n in enumerate(row)]
    return "\n".join(lines) + "\n"


def headline_of(world: World, rng: np.random.Generator, folder: Path) -> tuple[Kind, str]:
    """What the analysis of the imported file says first.

    Args:
        world: The pair and what it is taken for.
        rng: Of the counts.
        folder: Where the file and the run go.
    """
    path = folder / "counts.csv"
    path.write_text(rows_of(world, rng))
    bases = {1: None, 5: "x-state", 9: "full"}[len(world.settings)]
    return said_of(import_file(path, bases=bases, runs=folder / "runs", **declared_as(world.declared)))


def declared_as(fields: Mapping[str, str] | None) -> dict[str, Any]:
    """Arguments of an import with heat-exchange of such fields; of one without a protocol."""
    if fields is None:
        return {}
    own = dict(fields)

    def experiment(given: Mapping[str, Any]) -> HeatExchange:
        return build(HeatExchange, {**own, **{name: repr(float(value)) for name, value in given.items()}})

    return {"protocol": HeatExchange, "build": experiment}


def said_of(record: RunRecord) -> tuple[Kind, str]:
    """Kind and headline of a run's verdict."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = analyse(record, draws=2)
    return found.verdict.kind, found.headline
