"""Heat-exchange with correlations that reverse it, and how often that is claimed beside the power of the plan."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.planning import plan
from devices import RunRecord, execute, open_device
from devices.imports import import_file
from protocols import compile
from protocols.heat_exchange import HeatExchange
from protocols.program import build
from worlds_study.said import CLAIMS, declared_as, said_of


@dataclass(frozen=True, kw_only=True)
class Right:
    """Heat-exchange with correlations that reverse it."""

    fields: Mapping[str, str]
    shots: int
    device: str = "exact"
    control: str = "off"
    imported: str = ""
    """"bare" or "declared": the run's counts.csv, imported; empty: the run itself."""
    bases: str = "ZZ"


COHERENT = {"correlation": "coherent", "coupling_phase": "pi/2", "T_A": "1.3", "T_B": "0.7", "alpha": "-0.12"}
RIGHT = (
    Right(fields={"time": "7"}, shots=120),
    Right(fields={"time": "7"}, shots=200),
    Right(fields={"time": "7"}, shots=2000, bases="x-state"),
    Right(fields={"time": "7"}, shots=300, imported="bare"),
    Right(fields={"time": "7", "strength": "0.5"}, shots=250),
    Right(fields={"time": "7", "strength": "0.5"}, shots=250, imported="declared"),
    Right(fields={"time": "4", "strength": "0.25"}, shots=1500),
    Right(fields={"time": "3", "strength": "0.15"}, shots=6000, control="none"),
    Right(fields={**COHERENT, "time": "4.5"}, shots=250),
    Right(fields={**COHERENT, "time": "4.5"}, shots=700, imported="bare", bases="x-state"),
    Right(fields={**COHERENT, "time": "4.5"}, shots=500, device="exact:white=0.03"),
    Right(fields={"time": "0:10:5"}, shots=150),
    Right(fields={"time": "0:31.4:9"}, shots=150),
    Right(fields={"time": "0:31.4:9", "strength": "0.4"}, shots=300, imported="declared"),
    Right(fields={"time": "0:14:4", "strength": "0.3"}, shots=600, device="exact:white=0.05"),
    Right(fields={"time": "7"}, shots=400, device="aer:fake_fez:gates"),
    Right(fields={"time": "7", "strength": "0.4"}, shots=700, device="aer:fake_fez:gates", control="none"),
    Right(fields={"time": "0:12:4"}, shots=300, device="aer:fake_fez:gates"),
    Right(fields={"T_A": "1", "T_B": "2", "time": "24.4"}, shots=200),
    Right(fields={"T_A": "3", "T_B": "0.6", "time": "5.4"}, shots=60),
)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """How often a reversal was claimed, beside the power of the plan."""

    right: Right
    planned: float
    runs: int
    claims: int
    example: str


def right_worlds(number: int, seed: int = 17, chosen: Sequence[Right] = RIGHT) -> list[Claimed]:
    """Runs of every right world, and the power that is planned for them.

    Args:
        number: Runs of each.
        seed: Of the first run of each.
        chosen: Which worlds.
    """
    return [_claimed(right, number, seed) for right in chosen]


def _claimed(right: Right, number: int, seed: int) -> Claimed:
    experiment, device = build(HeatExchange, dict(right.fields)), open_device(right.device)
    points = experiment.points({} if right.control == "off" else {"control": right.control})
    program = compile(experiment, points, shots=right.shots, bases=right.bases)
    (power,) = plan(program, device).asked_power
    said = []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(number):
            record = execute(program, device, runs=Path(folder) / str(k), seed=seed + 1000 * k)
            said.append(said_of(_imported(right, record, Path(folder) / f"again {k}") if right.imported else record))
    claims = sum(kind in CLAIMS for kind, _ in said)
    return Claimed(right=right, planned=power.verdict[3.0], runs=number, claims=claims, example=said[0][1])


def _imported(right: Right, record: RunRecord, runs: Path) -> RunRecord:
    bases = None if right.bases == "ZZ" else right.bases
    fields = right.fields if right.imported == "declared" else None
    return import_file(record.path / "counts.csv", bases=bases, runs=runs, **declared_as(fields))
