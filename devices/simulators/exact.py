"""exact: samples the exact outcome probabilities of every member with numpy; no qiskit.

`exact:white=0.02` mixes every state with white noise, rho -> (1 - w) rho + w 1/d, a known state of full rank: the
exact values of the run are those of the mixture.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from devices.model import Job, Placement, Plan, addresses_of, jobs_of
from devices.record import counts as _counts
from devices.simulators.expected import check_known
from protocols import Array, Program

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Exact:
    """The ideal device: multinomial samples of Tr(rho_m Pi), one job."""

    name: str = "exact"
    white_noise: float = 0.0
    """Fraction of 1/d in every state, 0..1."""
    noisy: bool = False

    def describe(self) -> dict[str, object]:
        """Name and method."""
        about: dict[str, object] = {"name": self.name, "noisy": self.noisy, "method": "numpy multinomial"}
        return {**about, "white_noise": self.white_noise} if self.white_noise else about

    def prepare(self, program: Program, seed: int) -> Plan:
        """One job with every row that has shots.

        Raises:
            RequestError: For more reads than outcomes can be kept of.
        """
        check_known(program)
        wires = Placement(copy=0, physical={}, score=1.0)
        return Plan(program=program, placements=(wires,), jobs=jobs_of(program, seed, [tuple(addresses_of(program))]))

    def predicted(self, plan: Plan) -> dict[str, Array]:
        """Nothing beyond the ideal states."""
        return {}

    def expected_probabilities(self, plan: Plan) -> list[Array]:
        """Exact probabilities of what every template reads, (rows, 2**outcomes) each."""
        return [self._mixed(block.probabilities) for block in plan.program.blocks]

    def submit(self, plan: Plan, job: Job, run: Path) -> str:
        """Samples, and writes the raw counts."""
        generator = np.random.default_rng(job.seed)
        known = self.expected_probabilities(plan)
        tallies = []
        for slot in job.slots:
            sampled = generator.multinomial(slot.shots, known[slot.block][slot.block_row])
            bits = len(plan.program.blocks[slot.block].setting.outcomes)
            tallies.append({f"{k:0{bits}b}": int(n) for k, n in enumerate(sampled) if n})
        _counts.store(job, tallies, run)
        return f"exact-{job.index}"

    def collect(self, plan: Plan, job: Job, run: Path) -> Path:
        """Done as soon as it is submitted."""
        return _counts.raw_path(run, job)

    def decode(self, plan: Plan, job: Job, raw: bytes) -> pd.DataFrame:
        """Rows of counts.csv."""
        return _counts.rows(plan, job, _counts.load(raw))

    def _mixed(self, probabilities: Array) -> Array:
        normalised = (1 - self.white_noise) * probabilities / probabilities.sum(axis=1, keepdims=True)
        return normalised + self.white_noise / probabilities.shape[1]
