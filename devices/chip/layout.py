"""Templates laid out on a chip: needs asked of its target, wires placed, every template in the chip's own gates.

What is executed is compact: wire i of `Layout.executed` is the i-th physical qubit of the placement. A simulator runs
it as it is; `on_chip` gives the circuit that hardware is sent.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from devices.chip.amid import wires_read_faster, with_faster
from devices.chip.copies import ONE, CopiesAsked, copies_of, named_copies, named_packing
from devices.chip.crosstalk import alone_in_turns, durations, neighbours
from devices.chip.executable import Angles, executable, folded
from devices.chip.folding import with_folds
from devices.chip.packing import Packing
from devices.chip.placement import fits, place, qubits_read, runs_on
from devices.chip.routing.rewriting import routed
from devices.chip.score import calibration_of, demand
from devices.chip.target import FRACTIONAL, able, coupled, sub_target, without
from devices.model import Placement
from protocols import Program, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

_NEEDS = {
    "reset": "reset within a circuit",
    "mid_circuit": "measure within a circuit, as measure_2, reset or if_else would show",
    "feedback": "if_else within a circuit",
}
"""The operations in words."""
_ROUND = {
    ("ancillas", "reset", "--ancillas fresh"): ("reset", "mid_circuit"),
    ("preparation", "measured", "--preparation ensemble"): ("mid_circuit",),
    ("first-reading", "measured", "--first-reading ancilla"): ("mid_circuit",),
    ("feedback", "measured", "--feedback deferred"): ("feedback",),
}
"""Option that asks for such operations, and the one that does without -> which: ancillas and records then have wires of
their own."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """A program on one place of a chip, or on several at once."""

    placements: tuple[Placement, ...]
    """One a copy; their qubits are in the same order of wires."""
    executed: tuple[QuantumCircuit, ...]
    """One template a block, on as many qubits as a placement has, the same for all copies."""
    angles: Mapping[int, Angles] = field(default_factory=dict)
    """Angles of the blocks whose executed template has others than the program: names, and values (rows, names)."""
    calibration: Mapping[str, object] = field(default_factory=dict)
    """Errors and lifetimes of the qubits used; under `score` what speaks for the place. These are those of the first
    copy; of several, `copies` has those of each."""
    packing: Mapping[str, Any] = field(default_factory=dict)
    """How copies were chosen; empty where there is one."""

    @property
    def placement(self) -> Placement:
        """Of the first copy."""
        return self.placements[0]


def lay_out(
    program: Program,
    target: Target,
    device_name: str,
    *,
    qubits: Sequence[int] | None = None,
    fractional: bool = False,
    copies: CopiesAsked = ONE,
) -> Layout:
    """Chooses qubits by calibration, or takes those named, and transpiles every template once.

    Args:
        program: What is to run.
        target: The device, with its calibration.
        device_name: For errors.
        qubits: Physical qubits named by the user: the first wire sits on the first, and so on. Wires are in the order
            of the circuits' registers, or along the line where the circuits had to be routed.
        fractional: Whether to use the device's gates of any angle; their rzz is then kept within 0 .. pi/2.
        copies: How many places are to run it side by side.

    Raises:
        RequestError: If the device cannot run the program, not on the named qubits, or not so often.
    """
    check_needs(program, target.operation_names, device_name)
    target = _with_or_without_fractional(target, device_name, fractional)
    circuits: Sequence[QuantumCircuit] = [block.circuit for block in program.blocks]
    if not fits(circuits, target):
        circuits = routed(circuits, qubits_read(program))
    named = _named(circuits, qubits, copies)
    choice = place(program, target, device_name, circuits, named[0] if named else None)
    physical = choice.placement.physical
    feedback = any("if_else" in circuit.count_ops() for circuit in circuits)
    sub, wires = sub_target(target, list(physical.values()), feedback=feedback), list(physical)
    if fractional:
        executed, angles = folded(program, circuits, sub, wires)
    else:
        executed, angles = executable(circuits, sub, wires), {}
    executed = with_faster(with_folds(program, executed), [sub])
    faster = {wires[index] for index in wires_read_faster(executed)}
    found = Layout(
        placements=(choice.placement,),
        executed=executed,
        angles=angles,
        calibration={**calibration_of(target, physical, faster), "score": choice.explained()},
    )
    if copies.number == 1:
        return found
    if named:
        each = [place(program, target, device_name, circuits, own).placement for own in named]
        _check_alike(each, runs_on(target, executed), device_name)
        packing = named_packing(each, target, max(choice.best, *(one.score for one in each)))
    else:
        packing = copies_of(program, target, device_name, circuits, executed, wires, copies)
    return _of_copies(found, packing, target, faster, copies.alone)


def _of_copies(one: Layout, packing: Packing, target: Target, faster: Container[str], alone: int) -> Layout:
    """The layout of one copy as that of all of them."""
    each = [calibration_of(target, placement.physical, faster) for placement in packing.placements]
    beside = neighbours(packing.placements, coupled(target), packing.spacing)
    turns = alone_in_turns(len(packing.placements), beside, alone)
    score = {"value": packing.placements[0].score}
    return replace(
        one,
        placements=packing.placements,
        calibration={**each[0], "score": score, "copies": each},
        packing={
            **packing.explained(),
            "couplers": _couplers(target),
            "neighbours": beside,
            "durations": durations(one.executed, packing.placements, target),
            **({"alone": turns} if alone else {}),
        },
    )


def _couplers(target: Target) -> list[list[int]]:
    """All of the chip, each once: for a drawing of where the copies are."""
    return [[qubit, other] for qubit, others in coupled(target).items() for other in sorted(others) if qubit < other]


def _check_alike(each: Sequence[Placement], runs: Callable[[Sequence[int]], bool], device_name: str) -> None:
    """Refuses named copies that cannot run the circuits that were made for the first."""
    for placement in each:
        qubits = list(placement.physical.values())
        if not runs(qubits):
            listed = ",".join(map(str, qubits))
            raise RequestError(
                f"Argument `qubits` must name copies with the same gates in the same directions, but {listed} of "
                f"{device_name} lacks one of those of the first copy. Try the other order of its qubits, or leave out "
                "--qubits."
            )


def _named(
    circuits: Sequence[QuantumCircuit], qubits: Sequence[int] | None, copies: CopiesAsked
) -> list[tuple[int, ...]]:
    """Qubits that the user named, copy by copy; nothing where none are."""
    if qubits is None:
        return []
    if copies.number == 1:
        return [tuple(qubits)]
    return named_copies(qubits, demand(circuits, ()).wires, copies.number)


def check_needs(program: Program, operations: Container[str], device_name: str) -> None:
    """Refuses what goes beyond gates and a final measurement, unless the target's operations say it can be done.

    Args:
        program: What is to run.
        operations: Names of the target's operations.
        device_name: For errors.

    Raises:
        RequestError: Naming the needs that are not met, and the options that do without.
    """
    missing = [need for need in sorted(program.experiment.needs(program.points)) if not able(need, operations)]
    if missing:
        what = "; ".join(_NEEDS[need] for need in missing)
        raise RequestError(
            f"Argument `device` must be capable of {' and '.join(missing)} ({what}), but {device_name} is not. "
            f"{_way_round(program, missing)}"
        )


def _way_round(program: Program, missing: Sequence[str]) -> str:
    """Which options of the program do without operations amid a circuit; all that there are where none is known."""
    known = [words for words, needs in _ROUND.items() if not set(needs).isdisjoint(missing)]
    experiment, options = program.experiment, getattr(program.points, "options", {})
    offers = getattr(experiment, "offers", {})
    words = [
        word
        for option, asking, word in known
        # what the points do not tell may have been asked for where the protocol offers it
        if options.get(option) == asking or (option not in options and asking in offers.get(option, ()))
    ]
    if not words:
        return f"Take {' or '.join(word for _, _, word in known)}, where the protocol has it."
    counted = getattr(experiment, "counted", "") or experiment.axis
    few = f", and few {counted}, each of which has wires of its own then" if "--ancillas fresh" in words else ""
    return f"Take {' '.join(words)}{few}; or another device."


def on_chip(circuit: QuantumCircuit, placement: Placement, width: int) -> QuantumCircuit:
    """A compact executed circuit on the physical qubits of the whole chip, as hardware is sent it.

    Args:
        circuit: On as many qubits as the placement has.
        placement: Where they are.
        width: Qubits of the chip.
    """
    return _renumbered(circuit, dict(enumerate(placement.physical.values())), width)


def off_chip(circuit: QuantumCircuit, placement: Placement) -> QuantumCircuit:
    """The inverse of `on_chip`: the circuit on the qubits of the placement alone.

    Args:
        circuit: On the qubits of the whole chip.
        placement: Where its wires are.

    Raises:
        ValueError: If the circuit acts on any other qubit.
    """
    place = {qubit: i for i, qubit in enumerate(placement.physical.values())}
    used = {circuit.find_bit(qubit).index for instruction in circuit.data for qubit in instruction.qubits}
    if not used <= set(place):
        raise ValueError(f"{circuit.name} acts on qubits {sorted(used - set(place))} outside its placement.")
    return _renumbered(circuit, place, len(place))


def _renumbered(circuit: QuantumCircuit, place: Mapping[int, int], width: int) -> QuantumCircuit:
    """The same operations on qubits renumbered, with the same classical registers and parameters."""
    from qiskit import QuantumCircuit, QuantumRegister

    moved = QuantumCircuit(
        QuantumRegister(width, "q"), *circuit.cregs, name=circuit.name, global_phase=circuit.global_phase
    )
    for instruction in circuit.data:
        qubits = [place[circuit.find_bit(qubit).index] for qubit in instruction.qubits]
        moved.append(instruction.operation, qubits, instruction.clbits)
    return moved


def _with_or_without_fractional(target: Target, device_name: str, fractional: bool) -> Target:
    """The target with its gates of any angle, or without."""
    if not fractional:
        return target if FRACTIONAL.isdisjoint(target.operation_names) else without(target, FRACTIONAL)
    if "rzz" not in target.operation_names:
        raise RequestError(
            f"Argument `fractional` must be off where a device has no rzz gate of any angle, but is on for "
            f"{device_name}. Leave it out."
        )
    return target
