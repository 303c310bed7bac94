"""Templates whose wires are not all neighbours, rewritten for one line of wires.

Heavy-hex chips have no triangles and at most three couplers a qubit. Here a template is read into what the search
for a route sees of it (`search`), and written again along the route that was found, with swaps alone or made in one
with gates (`gate_with_swap`).
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devices.chip.outcomes import outcome_of
from devices.chip.routing.gate_with_swap import CX, gate_then_swap
from devices.chip.routing.search import MOST_WIRES, SWAP, Route, Skeleton, Step, routes
from protocols import RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

# CX that any two-qubit gate takes at most.
_MOST_CX = 3


def routed(circuits: Sequence[QuantumCircuit], read: Sequence[str]) -> tuple[QuantumCircuit, ...]:
    """All templates on one line of wires, each two-qubit gate between neighbours.

    Every wire is named by the qubit that is read there. The order on the line has the least number of two-qubit
    gates, summed over the templates that differ in them; each template then has the least for that order. Resets,
    barriers and discarded measurements follow their qubits.

    Args:
        circuits: Templates on named one-qubit registers.
        read: Names of the qubits whose results in register "c" are wanted.

    Returns:
        The rewritten templates; registers are in the order of the line, those without an operation left out.

    Raises:
        RequestError: For more wires than can be ordered exactly, or gates on three and more.
    """
    names = tuple(dict.fromkeys(register.name for circuit in circuits for register in circuit.qregs))
    if len(names) > MOST_WIRES:
        raise RequestError(
            f"Argument `device` must couple all wires of the circuits directly, or the wires be at most {MOST_WIRES}, "
            f"but {', '.join(names)} are {len(names)}. Take --ancillas reset, fewer collisions, or --device aer."
        )
    read_wires = {names.index(name) for name in read if name in names}
    templates = [_read_template(circuit, names, read_wires) for circuit in circuits]
    distinct = tuple(dict.fromkeys(template.skeleton for template in templates))
    line, found = routes(distinct, len(names))
    on_line = tuple(names[wire] for wire in line)
    route = dict(zip(distinct, found, strict=True))
    return tuple(_write_along_route(template, names, on_line, route[template.skeleton]) for template in templates)


def cost(name: str) -> int:
    """CX that a two-qubit gate of this name is counted as; those known here absorb a swap for one more."""
    return CX.get(name, _MOST_CX)


@dataclass(frozen=True, eq=False)
class _Template:
    """A circuit with its skeleton."""

    circuit: QuantumCircuit
    skeleton: Skeleton
    indices: tuple[int, ...]
    """Where each step is in `circuit.data`."""
    final: tuple[int, ...]
    """And where the reads at the end are."""


def _read_template(circuit: QuantumCircuit, names: Sequence[str], read: set[int]) -> _Template:
    """A template with its steps picked out."""
    wire = {register[0]: names.index(register.name) for register in circuit.qregs}
    final = _final_reads(circuit, wire, read)
    steps: list[Step] = []
    indices: list[int] = []
    latest: dict[object, int] = {}
    for index, instruction in enumerate(circuit.data):
        alone = len(instruction.qubits) == 1 and not instruction.clbits
        if index in final or (alone and instruction.operation.name != "barrier"):
            continue
        bits = [*instruction.qubits, *instruction.clbits]
        after = functools.reduce(int.__or__, (1 << latest[bit] for bit in bits if bit in latest), 0)
        latest |= dict.fromkeys(bits, len(steps))
        steps.append(_step_of(circuit, instruction, tuple(wire[q] for q in instruction.qubits), read, after))
        indices.append(index)
    last = tuple(sorted(wire[circuit.data[index].qubits[0]] for index in final))
    return _Template(circuit, Skeleton(tuple(steps), last), tuple(indices), tuple(sorted(final)))


def _final_reads(circuit: QuantumCircuit, wire: Mapping[Any, int], read: set[int]) -> set[int]:
    """Indices of the measurements into "c" after which nothing happens to the wire and its bit."""
    final: set[int] = set()
    touched: set[object] = set()
    for index in reversed(range(len(circuit.data))):
        instruction = circuit.data[index]
        if instruction.operation.name == "barrier":
            continue
        bits = {*instruction.qubits, *instruction.clbits}
        if outcome_of(circuit, instruction) is not None and wire[instruction.qubits[0]] in read and not bits & touched:
            final.add(index)
        touched |= bits
    return final


def _step_of(circuit: QuantumCircuit, instruction: Any, wires: tuple[int, ...], read: set[int], after: int) -> Step:
    name = instruction.operation.name
    if outcome_of(circuit, instruction) is not None and wires[0] in read:
        return Step("read", wires, 0, 0, after)
    if name == "barrier" or len(wires) == 1:
        return Step("free", tuple(sorted(wires)), 0, 0, after)
    if len(wires) > 2:
        raise RequestError(
            f"Argument `device` must couple all wires of {circuit.name} directly, or its gates act on at most 2 wires, "
            f"but {name} acts on {len(wires)}. Take --device aer."
        )
    return Step("gate", wires, cost(name), cost(name) + (1 if name in CX else SWAP), after)


class _Rewriting:
    """The rewritten template while it grows: operations by place on the line."""

    def __init__(self, template: _Template, names: Sequence[str], route: Route) -> None:
        self.circuit = circuit = template.circuit
        self.wire = {register[0]: names.index(register.name) for register in circuit.qregs}
        self.at = list(route.start)
        self.operations: list[tuple[Any, list[int], Sequence[Any]]] = []
        self.waiting: dict[Any, list[int]] = {qubit: [] for qubit in circuit.qubits}
        for index, instruction in enumerate(circuit.data):
            for qubit in instruction.qubits if index not in template.final else ():
                self.waiting[qubit].append(index)
        self.steps = set(template.indices)
        for qubit in circuit.qubits:
            self.flush(qubit)

    def place(self, qubit: Any) -> int:
        """Where a qubit of the template is now."""
        return self.at.index(self.wire[qubit])

    def rename(self, place: int) -> None:
        """The qubits at a place and the next one have changed places."""
        self.at[place], self.at[place + 1] = self.at[place + 1], self.at[place]

    def flush(self, qubit: Any) -> None:
        """One-qubit operations up to the next step: early, so that a qubit that was read is reset before it moves."""
        waiting = self.waiting[qubit]
        while waiting and waiting[0] not in self.steps:
            self.add(waiting.pop(0))

    def add(self, index: int) -> None:
        """One instruction where its qubits are."""
        instruction = self.circuit.data[index]
        self.operations.append(
            (instruction.operation, [self.place(qubit) for qubit in instruction.qubits], instruction.clbits)
        )

    def step(self, index: int, merged: bool) -> None:
        """A step, with the swap that is merged with it, and the one-qubit operations after it.

        Args:
            index: Of the instruction in the template.
            merged: Whether its two wires change places with it.
        """
        instruction = self.circuit.data[index]
        places = [self.place(qubit) for qubit in instruction.qubits]
        if merged and instruction.operation.name in CX:
            self.operations += [(gate, at, ()) for gate, at in gate_then_swap(instruction.operation, *places)]
            self.rename(min(places))
        else:
            self.add(index)
            if merged:
                self.swap(min(places))
        for qubit in instruction.qubits:
            self.waiting[qubit].remove(index)
            self.flush(qubit)

    def swap(self, place: int) -> None:
        """A swap with the next place: three CX."""
        from qiskit.circuit.library import CXGate

        a, b = place, place + 1
        self.operations += [(CXGate(), places, ()) for places in ([a, b], [b, a], [a, b])]
        self.rename(place)

    def finished(self, line: Sequence[str]) -> QuantumCircuit:
        """The circuit on the wires that have an operation, in the order of the line."""
        from qiskit import QuantumCircuit, QuantumRegister

        used = sorted({p for operation, places, _ in self.operations if operation.name != "barrier" for p in places})
        number = {place: i for i, place in enumerate(used)}
        registers = [QuantumRegister(1, line[place]) for place in used]
        circuit = QuantumCircuit(*registers, *self.circuit.cregs, name=self.circuit.name)
        circuit.global_phase = self.circuit.global_phase
        for operation, places, clbits in self.operations:
            if operation.name == "barrier":
                circuit.barrier([number[p] for p in sorted(places) if p in number])
            else:
                circuit.append(operation, [number[p] for p in places], clbits)
        return circuit


def _write_along_route(
    template: _Template, names: Sequence[str], on_line: Sequence[str], route: Route
) -> QuantumCircuit:
    """One template along its route; what is read at the end is read after all swaps."""
    rewriting, skeleton = _Rewriting(template, names, route), template.skeleton

    def add_free_steps(done: int) -> int:
        """Adds the free steps that have become possible, each after its predecessors."""
        reached = skeleton.with_free_steps(done)
        for step, index in enumerate(template.indices):
            if (reached & ~done) >> step & 1:
                rewriting.step(index, merged=False)
        return reached

    done = add_free_steps(0)
    for move in route.moves:
        if move.step < 0:
            rewriting.swap(move.at)
        else:
            rewriting.step(template.indices[move.step], merged=move.at >= 0)
            done = add_free_steps(done | 1 << move.step)
    for index in template.final:
        rewriting.add(index)
    return rewriting.finished(on_line)
