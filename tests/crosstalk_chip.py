"""A chip on which neighbouring copies talk: the circuits of all copies, simulated jointly, with what is injected.

Copies are pairs along a line, each beside the next: the second wire of one faces the first of the other. Circuits are
those that hardware is sent (`devices.chip.together`). Three things can be injected: ZZ between facing wires after every
gate of two qubits of their copies; a readout that depends on the true bit of the facing wire; facing bits that are
misread at once. What idles is in its ground state. Amplitudes are exact, shots are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime.fake_provider import FakeFez

from devices import Placement, RunRecord, open_device
from devices.chip.crosstalk import WithinShots, alone_in_turns, apart_and_summed
from devices.chip.layout import lay_out
from devices.chip.together import Item, Read, circuits, items, values_of
from devices.model import Job, Plan
from devices.record import COUNTS, IDEAL, WITHIN, arrays, counts, exact_at
from devices.record.start import start_document
from devices.remote import jobs_by_pass
from protocols import Array, Program, compile, load

ERROR = 0.01
"""Of a bit that is read, in both directions."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Chip:
    """Copies that run one program side by side, and how they talk."""

    program: Program
    copies: int
    zz: float = 0.0
    """Angle between facing wires after every gate of two qubits of any copy [rad]: exp(-i zz ZZ/2)."""

    @cached_property
    def plan(self) -> Plan:
        """As a device would prepare it, on qubits 0 .. 2 copies - 1."""
        beside = [[c, c + 1] for c in range(self.copies - 1)]
        turns = alone_in_turns(self.copies, beside, self.program.alone) if self.program.alone else []
        layout = lay_out(self.program, FakeFez().target, "ibm_fez")
        return Plan(
            program=self.program,
            placements=tuple(
                Placement(copy=c, physical={"A": 2 * c, "B": 2 * c + 1}, score=1.0) for c in range(self.copies)
            ),
            jobs=jobs_by_pass(self.program, 1, range(self.copies), turns),
            executed=layout.executed,
            angles=layout.angles,
            packing={"number": self.copies, "neighbours": beside, "alone": turns},
        )

    @cached_property
    def probabilities(self) -> list[list[tuple[Item, Array]]]:
        """Of every job its items, each with the probabilities of true bits, (executions, 2**bits), first bit first."""
        return [[(item, self._of_item(item)) for item in items(self.plan, job)] for job in self.plan.jobs]

    def _of_item(self, item: Item) -> Array:
        (circuit,) = circuits(self.plan, [item], 2 * self.copies)
        values = values_of(self.plan, item, circuit) if circuit.parameters else np.zeros((len(item.rows), 0))
        distinct, which = np.unique(values, axis=0, return_inverse=True)
        bound = [self._talking(circuit.assign_parameters(row), item) for row in distinct]
        result = AerSimulator(method="statevector").run(bound, shots=1).result()
        found = np.array([np.asarray(result.data(i)["probabilities"]) for i in range(len(bound))])
        bits = 2 * len(item.copies)
        axes = np.arange(bits)[::-1]  # Aer has the first qubit last
        found = found.reshape(-1, *(2,) * bits).transpose(0, *(1 + axes)).reshape(len(found), -1)
        return found[which.ravel()]

    def _talking(self, circuit: QuantumCircuit, item: Item) -> QuantumCircuit:
        """The circuit with what is injected, and its probabilities in place of its measurements."""
        made = QuantumCircuit(circuit.num_qubits)
        for instruction in circuit.data:
            qubits = [circuit.find_bit(qubit).index for qubit in instruction.qubits]
            if instruction.name in ("measure", "barrier"):
                continue
            made.append(instruction.operation, qubits)
            if len(qubits) < 2:
                continue
            copy = qubits[0] // 2
            if self.zz:
                for left in {copy - 1, copy} & set(range(self.copies - 1)):
                    made.rzz(self.zz, 2 * left + 1, 2 * left + 2)
        made.save_probabilities([2 * copy + wire for copy in item.copies for wire in (0, 1)])
        return made

    def shots(self, job: Job, generator: np.random.Generator, readout: float, together: float) -> list[Read]:
        """One run of a job; see `measured`."""
        number, found = self.program.shots_per_row, []
        for item, probabilities in self.probabilities[job.index]:
            bits = 2 * len(item.copies)
            outcome = np.array([generator.choice(2**bits, size=number, p=p / p.sum()) for p in probabilities])
            true = (outcome[..., None] >> np.arange(bits)[::-1]) & 1
            read = true ^ (generator.random(true.shape) < ERROR)
            for left, (copy, other) in enumerate(zip(item.copies, item.copies[1:], strict=False)):
                if other != copy + 1:
                    continue
                a, b = 2 * left + 1, 2 * left + 2
                read[..., b] ^= (true[..., a] == 1) & (generator.random(outcome.shape) < readout)
                both = generator.random(outcome.shape) < together
                read[..., a] ^= both
                read[..., b] ^= both
            packed = [read[..., 2 * i] + 2 * read[..., 2 * i + 1] for i in range(len(item.copies))]
            found.append(Read(item, tuple(one[..., None].astype(np.uint8) for one in packed)))
        return found

    def measured(self, seed: int, *, readout: float = 0.0, together: float = 0.0) -> RunRecord:
        """A run, as the record that a run directory gives.

        Args:
            seed: Of its shots.
            readout: By how much more often a bit is misread if that of the facing wire of the copy before it is 1.
            together: How often both facing bits are misread at once.
        """
        generator = np.random.default_rng(seed)
        frames, total = [], WithinShots.none(self.copies, 2)
        for job in self.plan.jobs:
            tallies, own = apart_and_summed(self.plan, job, self.shots(job, generator, readout, together))
            frames.append(counts.rows(self.plan, job, tallies))
            total = total + own
        table = counts.table(self.program, frames).to_csv(index=False, lineterminator="\n")
        contents = {COUNTS: table.encode(), WITHIN: arrays(total.arrays()), IDEAL: self._ideal}
        return RunRecord(Path("simulated"), {**self._start, "seed": seed}, {}, contents)

    @cached_property
    def _start(self) -> Mapping[str, Any]:
        return start_document(self.plan, open_device("aer:fake_fez"), 1, "")

    @cached_property
    def _ideal(self) -> bytes:
        return arrays(exact_at(self.program.experiment, self.program.points))


def program_of(*, shots: int, calibration: int, alone: int = 2, passes: int = 2, row: int = 64) -> Program:
    """heat-exchange at its reference and its best time, in Z alone."""
    experiment = load("heat-exchange")(time=[0.0, 7.0])  # type: ignore[call-arg]
    return compile(
        experiment,
        experiment.points({"control": "none"}, "measured"),
        shots=shots,
        bases="ZZ",
        calibration_shots=calibration,
        shots_per_row=row,
        passes=passes,
        alone=alone,
    )
