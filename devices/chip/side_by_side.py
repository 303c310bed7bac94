"""Templates side by side in one circuit: prepared, evolved and read at the same time on all copies."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit

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
    from qiskit import QuantumCircuit, QuantumRegister

    parts = [_Part.of(template, copy) for copy, template in enumerate(templates)]
    whole = QuantumCircuit(QuantumRegister(width, "q"), name=name)
    whole.add_register(*(register for part in parts for register in part.registers))
    marked = [place[i] for part, place in zip(parts, places, strict=True) for i in part.mark]
    for part, place in zip(parts, places, strict=True):
        part.put(part.preparation, whole, place)
    if marked:
        whole.barrier(marked)
    for part, place in zip(parts, places, strict=True):
        part.put(part.evolution, whole, place)
    whole.barrier([qubit for place in places for qubit in place])
    for part, place in zip(parts, places, strict=True):
        part.put(part.readout, whole, place)
    return whole


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


@dataclass(frozen=True, kw_only=True, eq=False)
class _Part:
    """The template of one copy, cut where copies wait for each other."""

    template: QuantumCircuit
    """With the parameters of the copy."""
    registers: tuple[typing.Any, ...]
    """Classical, of the copy."""
    preparation: Sequence[typing.Any]
    mark: tuple[int, ...]
    """Qubits of the barrier after the preparation; none where the template has no such barrier."""
    evolution: Sequence[typing.Any]
    readout: Sequence[typing.Any]

    @classmethod
    def of(cls, template: QuantumCircuit, copy: int) -> _Part:
        """Cuts a template."""
        from qiskit.circuit import ClassicalRegister, Parameter

        own = template.assign_parameters({p: Parameter(name_of(copy, p.name)) for p in template.parameters})
        data = list(own.data)
        end = _last(data, lambda name: name.startswith("measure"))
        before = data[: _last(data[:end], lambda name: name == "barrier")]
        first = next((i for i, one in enumerate(before) if one.operation.name == "barrier"), None)
        return cls(
            template=own,
            registers=tuple(ClassicalRegister(each.size, register_of(copy, each.name)) for each in own.cregs),
            preparation=[] if first is None else before[:first],
            mark=() if first is None else tuple(own.find_bit(qubit).index for qubit in before[first].qubits),
            evolution=before if first is None else before[first + 1 :],
            readout=data[end:],
        )

    def put(self, data: Sequence[typing.Any], whole: QuantumCircuit, place: Sequence[int]) -> None:
        """Appends some of the instructions to the whole; conditions on bits and registers follow their bits."""
        if not data:
            return
        piece = self.template.copy_empty_like()
        piece.global_phase = 0
        for instruction in data:
            piece.append(instruction)
        bit = dict(
            zip((b for each in self.template.cregs for b in each), (b for r in self.registers for b in r), strict=True)
        )
        whole.compose(piece, qubits=list(place), clbits=[bit[b] for b in piece.clbits], inplace=True, copy=False)


def _last(data: Sequence[typing.Any], of: typing.Callable[[str], bool]) -> int:
    """Where the instructions of some name begin that a circuit ends with."""
    end = len(data)
    while end and of(data[end - 1].operation.name):
        end -= 1
    return end
