"""Templates side by side in one circuit: prepared, evolved and read at the same time on all copies."""

from __future__ import annotations

import itertools
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from devices.chip.together.order import Item
from devices.model import Plan
from protocols import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import ClassicalRegister, QuantumRegister, Qubit

REGISTER = "c"
"""Classical register with the outcomes that are wanted; others hold what is discarded."""


def side_by_side(
    templates: Sequence[QuantumCircuit], places: Sequence[Sequence[int]], width: int, name: str = "copies"
) -> QuantumCircuit:
    """One circuit of several templates: prepared, then evolved, then read, each at the same time on all copies.

    The first barrier of a template parts preparation from evolution and becomes one with those of the other copies.
    What a template reads at its end is read after one barrier over all qubits used; what it reads, resets or decides
    on its way stays there. Copy c has the parameters "c3_theta" and the registers "c3", "c3_discarded" in place of
    "theta", "c", "discarded". A global phase is left out.

    Args:
        templates: Of each copy, on as many qubits as it has.
        places: Qubits of each copy, in the order of the qubits of its template.
        width: Qubits of the whole.
        name: Of the circuit.

    Returns:
        On one register "q".

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister
        >>> pair = QuantumCircuit(QuantumRegister(1), ClassicalRegister(1, "c"))
        >>> pair.rz(Parameter("theta"), 0)  # doctest: +ELLIPSIS
        <qiskit...>
        >>> pair.measure(0, 0)  # doctest: +ELLIPSIS
        <qiskit...>
        >>> whole = side_by_side([pair, pair], [[4], [2]], 5)
        >>> [parameter.name for parameter in whole.parameters], [register.name for register in whole.cregs]
        (['c0_theta', 'c1_theta'], ['c0', 'c1'])
    """
    chip = _chip(width)
    return _joined(
        [_part(*one, chip) for one in zip(templates, range(len(templates)), places, strict=True)], chip, name
    )


def name_of(copy: int, name: str) -> str:
    """A free angle, or anything else that has a name, of a copy in the circuit of all copies.

    Examples:
        >>> name_of(3, "theta")
        'c3_theta'
    """
    return f"c{copy}_{name}"


def register_of(copy: int, name: str = REGISTER) -> str:
    """Classical register of a copy in the circuit of all copies.

    Examples:
        >>> register_of(3), register_of(3, "discarded")
        ('c3', 'c3_discarded')
    """
    return f"c{copy}" if name == REGISTER else name_of(copy, name)


def circuits(plan: Plan, found: Iterable[Item], width: int) -> Iterator[QuantumCircuit]:
    """The circuit of each item on the qubits of the whole chip; of one copy alone, its template as it is.

    Args:
        plan: With templates that are on the qubits of a placement alone, where there are several copies.
        found: Some of its items.
        width: Qubits of the chip.
    """
    chip, known = _chip(width), dict[tuple[int, int], _Part]()
    for item in found:
        if plan.copies == 1:
            yield plan.executed[item.blocks[0]]
            continue
        for copy, block in zip(item.copies, item.blocks, strict=True):
            if (copy, block) not in known:
                place = tuple(plan.placements[copy].physical.values())
                known[copy, block] = _part(plan.executed[block], copy, place, chip)
        yield _joined([known[one] for one in zip(item.copies, item.blocks, strict=True)], chip, "copies")


def parameters_of(plan: Plan, item: Item) -> bool:
    """Whether any template of an item has free angles."""
    return any(plan.executed_angles(block)[0] for block in item.blocks)


def values_of(plan: Plan, item: Item, circuit: QuantumCircuit) -> Array:
    """Angles of all copies, in the order of the parameters of the item's circuit.

    Args:
        plan: With the angles of every template.
        item: One of its items.
        circuit: Of that item.

    Returns:
        Shape (executions, parameters) [rad].
    """
    column = {}
    for copy, block, rows in zip(item.copies, item.blocks, item.rows.T, strict=True):
        names, values = plan.executed_angles(block)
        own = names if plan.copies == 1 else [name_of(copy, name) for name in names]
        column |= dict(zip(own, values[rows].T, strict=True))
    return np.stack([column[parameter.name] for parameter in circuit.parameters], axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """The template of one copy on the qubits of the chip, cut where copies wait for each other."""

    qubits: Sequence[Qubit]
    registers: Sequence[ClassicalRegister]
    preparation: Sequence[typing.Any]
    mark: Sequence[Qubit]
    """Qubits of the barrier after the preparation; none where the template has no such barrier."""
    evolution: Sequence[typing.Any]
    readout: Sequence[typing.Any]


def _part(template: QuantumCircuit, copy: int, place: Sequence[int], chip: QuantumRegister) -> _Part:
    """Cuts a template, and puts it on its qubits."""
    from qiskit.circuit import ClassicalRegister, Parameter, QuantumCircuit

    own = template.assign_parameters({p: Parameter(name_of(copy, p.name)) for p in template.parameters})
    own.global_phase = 0
    registers = [ClassicalRegister(each.size, register_of(copy, each.name)) for each in own.cregs]
    bit = dict(zip(itertools.chain(*own.cregs), itertools.chain(*registers), strict=True))
    moved = QuantumCircuit([chip[qubit] for qubit in place], *registers)
    # conditions on bits and registers follow their bits
    moved.compose(own, qubits=range(len(place)), clbits=[bit[b] for b in own.clbits], inplace=True)
    data = list(moved.data)
    end = _last(data, lambda name: name.startswith("measure"))
    before = data[: _last(data[:end], lambda name: name == "barrier")]
    first = next((i for i, one in enumerate(before) if one.operation.name == "barrier"), None)
    return _Part(
        qubits=moved.qubits,
        registers=registers,
        preparation=[] if first is None else before[:first],
        mark=[] if first is None else before[first].qubits,
        evolution=before if first is None else before[first + 1 :],
        readout=data[end:],
    )


def _joined(parts: Sequence[_Part], chip: QuantumRegister, name: str) -> QuantumCircuit:
    """Templates in one circuit, between barriers of all of them."""
    from qiskit.circuit import Barrier, CircuitInstruction, QuantumCircuit

    def barrier(qubits: Sequence[Qubit]) -> list[typing.Any]:
        return [CircuitInstruction(Barrier(len(qubits)), qubits)] if qubits else []

    registers = [register for part in parts for register in part.registers]
    data = itertools.chain(
        itertools.chain.from_iterable(part.preparation for part in parts),
        barrier([qubit for part in parts for qubit in part.mark]),
        itertools.chain.from_iterable(part.evolution for part in parts),
        barrier([qubit for part in parts for qubit in part.qubits]),
        itertools.chain.from_iterable(part.readout for part in parts),
    )
    # instructions are on their bits already, which need not be looked up again
    whole = QuantumCircuit.from_instructions(data, qubits=chip, clbits=itertools.chain(*registers), name=name)
    whole.add_register(chip, *registers)
    return whole


def _chip(width: int) -> QuantumRegister:
    from qiskit.circuit import QuantumRegister

    return QuantumRegister(width, "q")


def _last(data: Sequence[typing.Any], of: Callable[[str], bool]) -> int:
    """Where the instructions of some name begin that a circuit ends with."""
    end = len(data)
    while end and of(data[end - 1].operation.name):
        end -= 1
    return end
