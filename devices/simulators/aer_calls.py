"""The calls of Aer: how each template is simulated, which share a call, what is given and what is answered.

A template is evolved once and then sampled wherever that is exact. Where qubits are read or reset on the way, it is
simulated with a fresh qubit after every read (`_unrolled`), in a tenth of the time that 20 000 single shots take.
Gates that depend on results leave no choice but those.
"""

from __future__ import annotations

import typing
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from devices.chip import outcome_of
from devices.model import Job, Plan, ResultAddress, addresses_of
from devices.simulators.unrolled import fresh_copies
from protocols import Program, RequestError

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.result import Result
    from qiskit_aer.backends.aerbackend import AerBackend

Kind = typing.Literal["final", "unrolled", "shots"]
"""How a template is simulated: as it is and sampled, with fresh qubits and sampled, or shot by shot."""
# A density matrix of more qubits than this takes longer than 20 000 single shots.
_MOST_MIXED = 10
MOST_SHOTS = 2**23
"""Shots of all rows in one call: Aer takes 60 bytes for each until the call is over, measured, so half a gigabyte."""
MOST_AMPLITUDES = 14
"""Qubits beyond which the state of a chain of neighbours is quicker as a product of matrices: measured with nothing or
one excitation, of 14 sites amplitudes are, of 16 products of matrices, by a factor of three."""
MOST_DENSITY = 12
"""Qubits whose density matrix fits into memory: 0.3 GB."""


def method_of(noisy: bool, kind: Kind = "final", qubits: int = 0) -> str:
    """Aer's name of what a template is evolved as.

    Args:
        noisy: Whether gates have errors.
        kind: How the template is simulated.
        qubits: Of the template.

    Examples:
        >>> method_of(noisy=True), method_of(noisy=True, kind="shots"), method_of(noisy=False)
        ('density_matrix', 'statevector', 'statevector')
        >>> method_of(noisy=False, qubits=20)
        'matrix_product_state'
    """
    # mixed-state evolution is exact per template and then sampled; trajectories cost 25 times the time
    mixed = kind == "unrolled" or (noisy and kind == "final")
    pure = "statevector" if noisy or qubits <= MOST_AMPLITUDES else "matrix_product_state"
    return "density_matrix" if mixed else pure


def check_density(program: Program, name: str) -> None:
    """Refuses more qubits than a density matrix can have, which noise takes.

    Args:
        program: What is to be simulated.
        name: Of the device, for the error.

    Raises:
        RequestError: With what to take instead.
    """
    qubits = max(len({outcome.qubit for outcome in block.setting.outcomes}) for block in program.blocks)
    counted = getattr(program.experiment, "counted", "") or program.experiment.axis
    if qubits > MOST_DENSITY:
        raise RequestError(
            f"Argument `{counted}` must leave at most {MOST_DENSITY} qubits in one circuit on {name}, whose noise "
            f"takes density matrices of 4^N numbers, but N is {qubits}. Take --device aer, or fewer {counted}."
        )


def fits_one_state(qubits: int) -> bool:
    """Whether one density matrix of so many qubits is quicker than single shots."""
    return qubits <= _MOST_MIXED


def kind_of(circuit: QuantumCircuit) -> Kind:
    """How a template is simulated."""
    copies = fresh_copies(circuit)
    names = circuit.count_ops()
    if copies is None:
        return "shots"
    kept = sum(outcome_of(circuit, instruction) is not None for instruction in circuit.data)
    if "reset" not in names and names.get("measure", 0) == kept:
        return "final"
    used = {q for i in circuit.data if i.operation.name != "barrier" for q in i.qubits}
    return "unrolled" if fits_one_state(len(used) + copies.total()) else "shots"


def enough_copies(circuits: Iterable[QuantumCircuit]) -> tuple[int, ...]:
    """Fresh copies that are enough for each of some templates, by the qubit they are copies of."""
    most: Counter[int] = Counter()
    for circuit in circuits:
        most |= fresh_copies(circuit) or Counter()
    return tuple(sorted(most.elements()))


def groups_of(
    program: Program, kinds: Sequence[Kind], copy: int = 0, alone: Sequence[Collection[int]] = ()
) -> list[tuple[ResultAddress, ...]]:
    """Slots that may share one call: same kind and shot count; calibration first, the sweep, then calibration.

    Slots of one template stand together, whatever their pass: Aer answers template by template.

    Args:
        program: What is to be run.
        kinds: How each of its blocks is simulated, shape (blocks,).
        copy: Number of the copy of the experiment that runs it.
        alone: The copies that run in each pass in which all others idle.

    Returns:
        The slots of each call; every slot with shots is in one of them.
    """
    grouped: dict[tuple[int, int, Kind], list[ResultAddress]] = {}
    for slot in addresses_of(program, (copy,), alone):
        stage = 2 * slot.pass_ if program.blocks[slot.block].prepared else 1
        grouped.setdefault((stage, slot.shots, kinds[slot.block]), []).append(slot)
    return [tuple(sorted(grouped[key], key=lambda slot: slot.block)) for key in sorted(grouped)]


def calls_of(job: Job) -> list[tuple[int, int]]:
    """The calls that a job takes: shots of each of its rows, and the seed.

    The first call has the seed of the job, so that a job of one call draws what it always drew.

    Args:
        job: All of its rows have the same number of shots.
    """
    shots = job.slots[0].shots
    largest = max(1, MOST_SHOTS // len(job.slots))
    divided = [min(largest, shots - done) for done in range(0, shots, largest)]
    children = np.random.SeedSequence(job.seed).generate_state(len(divided))
    return list(zip(divided, [job.seed, *children[1:].tolist()], strict=True))


def result_of(
    simulator: AerBackend,
    plan: Plan,
    items: Sequence[int],
    circuits: Sequence[QuantumCircuit],
    rows: Sequence[Sequence[int]],
    **options: typing.Any,
) -> Result:
    """Runs some rows of some templates in one call; Aer answers template by template, its rows within.

    Args:
        simulator: Aer, with the method and the noise that suit all of the templates.
        plan: A prepared plan; it has the angles [rad] of every row.
        items: Indices of the blocks, shape (items,).
        circuits: What is simulated for each of them, shape (items,): as executed, or unrolled.
        rows: Rows of each block to run, in the order of the answers.
        options: Of `AerBackend.run`: shots, seed_simulator.

    Returns:
        Results numbered from 0: all rows of the first item, then those of the next.
    """
    given, binds = given_of(plan, items, circuits, rows)
    if any(binds):
        options["parameter_binds"] = binds
    return simulator.run(given, **options).result()


def given_of(
    plan: Plan, items: Sequence[int], circuits: Sequence[QuantumCircuit], rows: Sequence[Sequence[int]]
) -> tuple[list[QuantumCircuit], list[dict[object, list[float]]]]:
    """What Aer is given for some rows of some templates: circuits, and for each the values of its parameters.

    Args:
        plan: A prepared plan; it has the angles [rad] of every row.
        items: Indices of the blocks, shape (items,).
        circuits: What is simulated for each of them, shape (items,).
        rows: Rows of each block to run, in the order of the answers.
    """
    given, binds = [], []
    for item, circuit, own in zip(items, circuits, rows, strict=True):
        bound = _binds(plan, item, circuit, own)
        # a template without parameters is answered once, however many rows it has
        times = 1 if bound else len(own)
        given += [circuit] * times
        binds += [bound] * times
    return given, binds


def _binds(plan: Plan, item: int, circuit: QuantumCircuit, rows: Sequence[int]) -> dict[object, list[float]]:
    names, values = plan.executed_angles(item)
    column = {name: values[list(rows), i].tolist() for i, name in enumerate(names)}
    return {parameter: column[parameter.name] for parameter in circuit.parameters}


def tally_of(circuit: QuantumCircuit, counts: typing.Any) -> dict[str, int]:
    """Counts of register "c" alone, first outcome first: qiskit has the last register and the last bit first.

    Args:
        circuit: What was simulated; its classical registers say which bits are those of "c".
        counts: As `Result.get_counts` gives them: bits of all registers, separated by blanks -> count.

    Examples:
        >>> from qiskit import ClassicalRegister, QuantumCircuit
        >>> circuit = QuantumCircuit(ClassicalRegister(2, "c"), ClassicalRegister(1, "discarded"))
        >>> tally_of(circuit, {"1 01": 5, "0 01": 3})
        {'10': 8}
    """
    registers = [register.name for register in circuit.cregs]
    at = registers.index("c")
    tally: Counter[str] = Counter()
    for bits, count in counts.items():
        tally[bits.split(" ")[::-1][at][::-1]] += count
    return dict(tally)
