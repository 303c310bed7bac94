"""Aer in the place of a processor.

A circuit falls apart into parts that nothing connects; each is simulated alone, on its own qubits, with the noise of
those. So a few qubits of 156 cost what a few qubits cost, and so do many copies of a pair side by side.
"""

from __future__ import annotations

import functools
import threading
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import rustworkx
from qiskit.circuit import ControlFlowOp, Measure, Operation, QuantumCircuit, Reset
from qiskit.providers import BackendV2, Options
from qiskit.transpiler import Target
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

# Simulators are reused, and each call has all cores anyway: calls take turns.
_ONE_AT_A_TIME = threading.Lock()


class Pub(typing.NamedTuple):
    """A circuit with its parameters."""

    circuit: QuantumCircuit
    """On physical qubits."""
    values: np.ndarray
    """In the order of `circuit.parameters`, (rows, parameters)."""


def sample(pubs: Sequence[Pub], shots: int, random: np.random.Generator, noise: Target | None) -> list[np.ndarray]:
    """Every classical bit of every shot.

    Args:
        pubs: What runs; all of it in one call of Aer for each set of qubits.
        shots: Of each row.
        random: Seeds every call, so that no two repeat each other, and puts the shots in order.
        noise: A processor whose calibration gives the noise; None: no noise.

    Returns:
        Booleans for each of `pubs`, (rows, shots, classical bits).
    """
    bits = [np.zeros((len(values), shots, circuit.num_clbits), dtype=bool) for circuit, values in pubs]
    calls: dict[tuple[int, ...], list[tuple[int, _Part]]] = {}
    for index, pub in enumerate(pubs):
        if not len(pub.values):
            continue
        for part in _parts(pub):
            calls.setdefault(part.qubits if noise else (), []).append((index, part))
    for qubits, called in calls.items():
        drawn = _sampled([part for _, part in called], shots, random, _simulator(noise, qubits))
        for (index, part), own in zip(called, drawn, strict=True):
            bits[index][..., part.clbits] = own
    return bits


@dataclass(frozen=True, eq=False)
class _Part:
    """Qubits that nothing connects with others, and that are read."""

    circuit: QuantumCircuit
    """On these qubits only; classical bits are those of the whole."""
    values: np.ndarray
    """Of its own parameters."""
    qubits: tuple[int, ...]
    clbits: list[int]


def _parts(pub: Pub) -> Iterator[_Part]:
    """Takes a circuit apart; what is never read is left out."""
    if pub.circuit.num_vars:
        raise ValueError("variables are not supported by this local platform, for Aer knows none of type bool")
    column = {parameter: i for i, parameter in enumerate(pub.circuit.parameters)}
    for qubits, clbits in _components(pub.circuit):
        reduced = _reduced(pub.circuit, qubits)
        values = pub.values[:, [column[parameter] for parameter in reduced.parameters]]
        yield _Part(reduced, values, qubits, clbits)


def _components(circuit: QuantumCircuit) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """Qubits and classical bits of each part."""
    number = {bit: i for i, bit in enumerate([*circuit.qubits, *circuit.clbits])}
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(len(number)))
    for instruction in circuit.data:
        if instruction.operation.name != "barrier":
            first, *others = [number[bit] for bit in (*instruction.qubits, *instruction.clbits)] or [0]
            graph.add_edges_from_no_data([(first, other) for other in others])
    found = [sorted(component) for component in rustworkx.connected_components(graph)]
    # classical bits come after qubits: a component is read if both are in it
    read = [component for component in found if component[0] < circuit.num_qubits <= component[-1]]
    for component in read:
        qubits = tuple(i for i in component if i < circuit.num_qubits)
        yield qubits, [i - circuit.num_qubits for i in component[len(qubits) :]]


def _reduced(circuit: QuantumCircuit, qubits: Sequence[int]) -> QuantumCircuit:
    """The operations on some qubits, which are renumbered from 0."""
    kept = [circuit.qubits[i] for i in qubits]
    reduced = QuantumCircuit(kept, circuit.clbits, *circuit.cregs)
    for instruction in circuit.data:
        if instruction.operation.name != "barrier" and set(kept).issuperset(instruction.qubits):
            reduced.append(_plain(instruction.operation), instruction.qubits, instruction.clbits)
    return reduced


def _plain(operation: Operation) -> Operation:
    """Measure and reset in place of the hardware's variants (measure_2), which Aer does not know."""
    if operation.name.startswith("measure_"):
        return Measure()
    if operation.name.startswith("reset_"):
        return Reset()
    if isinstance(operation, ControlFlowOp):
        blocks = [block.copy_empty_like() for block in operation.blocks]
        for plain, block in zip(blocks, operation.blocks, strict=True):
            for instruction in block.data:
                plain.append(_plain(instruction.operation), instruction.qubits, instruction.clbits)
        return operation.replace_blocks(blocks)
    return operation


def _sampled(
    parts: Sequence[_Part], shots: int, random: np.random.Generator, simulator: AerSimulator
) -> Iterator[np.ndarray]:
    """Bits of each part, (rows, shots, its bits), in one call."""
    circuits, binds = [], []
    for part in parts:
        bound = {parameter: part.values[:, i].tolist() for i, parameter in enumerate(part.circuit.parameters)}
        # without parameters a circuit is answered once, however many rows it has
        times = 1 if bound else len(part.values)
        circuits += [part.circuit] * times
        binds += [bound] * times
    with _ONE_AT_A_TIME:
        seed = int(random.integers(2**31))
        result = simulator.run(
            circuits, shots=shots, seed_simulator=seed, parameter_binds=binds if any(binds) else None
        ).result()
    if not result.success:
        raise RuntimeError(f"Aer: {result.status}")
    tallies = (experiment.data.counts for experiment in result.results)
    return (_drawn([next(tallies) for _ in part.values], part.clbits, random) for part in parts)


def _drawn(tallies: Sequence[Mapping[str, int]], clbits: Sequence[int], random: np.random.Generator) -> np.ndarray:
    """Shots of each row from what Aer counted, in any order, as they are independent."""
    codes = [int(code, 16) for tally in tallies for code in tally]
    outcomes = np.array([[code >> bit & 1 for bit in clbits] for code in codes], dtype=bool)
    times = [count for tally in tallies for count in tally.values()]
    bits = np.repeat(outcomes, times, axis=0).reshape(len(tallies), -1, len(clbits))
    order = random.random(bits.shape[:2]).argsort(axis=1)
    return np.take_along_axis(bits, order[..., None], axis=1)


@functools.lru_cache(maxsize=256)
def _simulator(noise: Target | None, qubits: tuple[int, ...]) -> AerSimulator:
    """Aer with the noise of some qubits: the model of 156 takes 4 s to make, that of two 0.02 s."""
    model = NoiseModel.from_backend(_Calibrated(_only(noise, qubits))) if noise else None
    return AerSimulator(noise_model=model, max_parallel_experiments=0)


def _only(target: Target, qubits: Sequence[int]) -> Target:
    """What a processor can do on some of its qubits, renumbered from 0."""
    number = {qubit: i for i, qubit in enumerate(qubits)}
    known = target.qubit_properties
    only = Target(
        num_qubits=len(qubits), dt=target.dt, qubit_properties=[known[qubit] for qubit in qubits] if known else None
    )
    for name in target.operation_names:
        # control flow has no calibration
        places = (target[name] or {}).items()
        kept = {tuple(number[q] for q in place): it for place, it in places if place and number.keys() >= set(place)}
        if kept:
            only.add_instruction(target.operation_from_name(name), kept)
    return only


class _Calibrated(BackendV2):
    """The least that `NoiseModel.from_backend` asks for: a target."""

    def __init__(self, target: Target) -> None:
        super().__init__(name="calibrated")
        self._target = target

    @property
    def target(self) -> Target:
        return self._target

    @property
    def max_circuits(self) -> None:
        return None

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: object, **options: object) -> typing.NoReturn:
        raise NotImplementedError("A calibration does not run circuits; AerSimulator does.")
