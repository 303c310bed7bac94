"""How often the intervals of the heat statistics hold the truth, row by row, in simulated runs.

    uv run python benchmarks/heat_statistics.py [--runs 400]

Counts are multinomials of the exact probabilities of every member, read through bits that flip; each run has a readout
calibration of its own, of as many shots a pattern. The truth is the closed form. Table as in docs/heat-statistics.md;
nothing is drawn again for having failed. Four minutes of a processor.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from analysis.data import Counts
from analysis.data.ancillas import Ancillas
from analysis.intervals import Cells, Methods, estimates, stored_cells
from devices.record import exact_at
from protocols import Array, Observable, compile
from protocols.heat_exchange import HeatExchange
from protocols.pair.first_reading import BITS, READING

HALF_WAY = 3.9269908
STATES: Mapping[str, Mapping[str, Any]] = {
    "rank two": {"time": HALF_WAY},
    "strength 0.8": {"strength": 0.8, "T_A": 1.8, "T_B": 0.9, "correlation_phase": 0.7, "time": 5.0},
    "coherent": {
        "correlation": "coherent",
        "alpha": 0.9 * 0.20776060588,
        "T_A": 1.8,
        "T_B": 0.9,
        "correlation_phase": np.pi / 2,
        "time": 5.0,
    },
}
"""The default pair half way; one of full rank with both parts of q; one of thermal populations, at 0.9 of the bound."""
SHOTS = (200, 2_000, 20_000)
FLIPS = {"A": (0.01, 0.03), "B": (0.015, 0.02), READING: (0.02, 0.025)}
"""P(1|0) and P(0|1) of every wire."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulated:
    """Runs of one experiment at one point and its reference, through a readout with errors."""

    fields: Mapping[str, Any]
    """Of the experiment."""
    reading: str
    """A first reading: "none", "ancilla" or "measured"."""
    shots: int

    @cached_property
    def experiment(self) -> HeatExchange:
        """The pair."""
        return HeatExchange(**self.fields)

    @cached_property
    def program(self) -> Any:
        """Its circuits, which have the exact probabilities."""
        points = self.experiment.points({"control": "dephased", "first-reading": self.reading})
        return compile(self.experiment, points, shots=self.shots, bases="ZZ", calibration_shots=self.shots)

    @cached_property
    def cells(self) -> Cells:
        """Arms and points."""
        points = self.program.points
        return stored_cells(
            points, len(points.arms), exact_at(self.experiment, points), "", self.experiment, ("A", "B")
        )

    @cached_property
    def observables(self) -> tuple[Observable, ...]:
        """The rows of the heat statistics."""
        return tuple(o for o in self.experiment.observables(self.program.points) if o.resolved is not None)

    @property
    def truth(self) -> dict[tuple[str, str], float]:
        """The closed form of every row."""
        exact = self.cells.exact()
        return {o.key: float(o.exactly(exact)[self.there]) for o in self.observables if o.exactly and exact}

    @property
    def there(self) -> int:
        """The cell of the point in the main arm."""
        return int(np.flatnonzero(self.cells.parameters["time"] > 0)[0])

    @property
    def wires(self) -> tuple[str, ...]:
        """Everything that is calibrated."""
        return ("A", "B", READING) if self.reading == "ancilla" else ("A", "B")

    def runs(self, number: int, seed: int) -> Iterator[Counts]:
        """Counts of one run after the other.

        Args:
            number: How many.
            seed: Of all of them.
        """
        generator, calibration = np.random.default_rng(seed), _read_through(self.wires)
        for _ in range(number):
            prepared = generator.multinomial(self.shots, calibration.T)
            yield self._counted(generator, prepared.reshape(4, -1, 4, len(prepared) // 4))

    def _counted(self, generator: np.random.Generator, prepared: Array) -> Counts:
        """One run; calibration counts are (prepared pair, prepared ancilla, read pair, read ancilla)."""
        points, cells = self.program.points, len(self.cells.home)
        members = 1 + max(block.setting.member for block in self.program.blocks)
        observed, weight = np.zeros((cells, members, 1, 4, 2), dtype=np.int64), np.zeros((cells, members))
        read = np.zeros(cells, dtype=bool)
        for block in self.program.blocks:
            if block.prepared:
                continue
            cell = points.arms.index(block.setting.arm) * len(points) + block.point
            weight[cell, block.setting.member] = block.weight
            for row, (where, repeats) in enumerate(zip(cell, block.repeats, strict=True)):
                joint = len(block.probabilities[row]) == 8
                first = ("A" if self.reading == "measured" else READING,) if joint else ()
                p = _read_through(("A", "B", *first)) @ block.probabilities[row]
                found = generator.multinomial(repeats, p / p.sum()).reshape(4, -1)
                observed[where, block.setting.member, 0, :, : found.shape[1]] += found
                read[where] |= joint
        return Counts(
            bases=("ZZ",),
            observed=observed.sum(axis=-1),
            weight=weight,
            calibration=prepared.sum(axis=(1, 3)),
            ancillas=None if self.reading == "none" else self._ancillas(observed, read, prepared),
            joint={} if self.reading == "none" else {(BITS[self.reading],): observed * read[:, None, None, None, None]},
        )

    def _ancillas(self, observed: Array, read: Array, prepared: Array) -> Ancillas:
        once = (observed[..., 1] * read[:, None, None, None])[..., None]
        # of the ancilla itself, or of A, whose first bit is column 1 of (A, B)
        pair = prepared.sum(axis=(1, 3)).reshape(2, 2, 2, 2).sum(axis=(1, 3))
        wire = prepared.sum(axis=(0, 2)) if self.reading == "ancilla" else pair
        return Ancillas(
            registers=(READING,),
            columns=(BITS[self.reading],),
            gap=read[:, None, None].astype(float),
            unread=~read[:, None].astype(bool),
            once=once,
            twice=once.sum(axis=3)[..., None],
            wire=np.array([0]),
            calibration=wire[None],
            as_read=np.array([False]),
        )


def _read_through(wires: Sequence[str]) -> Array:
    """P(read | true) of some wires together."""
    each = [np.array([[1 - up, down], [up, 1 - down]]) for up, down in (FLIPS[wire] for wire in wires)]
    return reduce(np.kron, each)


def covered(simulated: Simulated, runs: int, seed: int) -> dict[tuple[str, str], float]:
    """How often the 95 % interval of every row holds the truth.

    Args:
        simulated: What is run.
        runs: How often.
        seed: Of the counts.
    """
    truth, there = simulated.truth, simulated.there
    hits = dict.fromkeys(truth, 0)
    for data in simulated.runs(runs, seed):
        for one in estimates(simulated.observables, data, simulated.cells, Methods(), 1):
            key = one.observable.key
            hits[key] += bool(one.low[there] - 1e-9 <= truth[key] <= one.high[there] + 1e-9)
    return {key: n / runs for key, n in hits.items()}


def main() -> None:
    """Prints the table and the processor's seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=400, help="of each state, reading and number of shots")
    asked, start = parser.parse_args(), time.process_time()
    found: dict[str, dict[int, list[float]]] = {}
    with threadpool_limits(1):
        for reading in ("ancilla", "measured"):
            for shots in SHOTS:
                for seed, fields in enumerate(STATES.values()):
                    each = covered(Simulated(fields=fields, reading=reading, shots=shots), asked.runs, seed)
                    for (name, _), share in each.items():
                        if reading == "ancilla" or "(measured)" in name:
                            found.setdefault(name, {}).setdefault(shots, []).append(share)
    print("| row | " + " | ".join(f"{shots} shots" for shots in SHOTS) + " |")
    print("|---" * (len(SHOTS) + 1) + "|")
    for name, by_shots in found.items():
        cells = [f"{100 * np.mean(v):.1f} ({100 * min(v):.1f}..{100 * max(v):.1f})" for v in by_shots.values()]
        print(f"| {name} | " + " | ".join(cells) + " |")
    print(f"{time.process_time() - start:.0f} s of a processor")


if __name__ == "__main__":
    main()
