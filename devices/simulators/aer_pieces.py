"""The calls of Aer cut into pieces that any process can simulate; the counts are the same however they are cut.

Aer draws the counts of circuit n of a call from a generator seeded with the seed of the call and 2113 n. So rows n to
m of a call are a call of their own, with 2113 n added to the seed.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

from qiskit_aer import AerSimulator

from devices.errors import FailedRun
from devices.model import Job, Piece, Plan
from devices.record import Tally
from devices.simulators.aer_calls import Kind, calls_of, given_of, tally_of

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit_aer.noise import NoiseModel

SEED_STEP = 2113
"""Between the seeds of two circuits of one call, a constant of Aer; a test compares calls with their pieces."""
THREADS = 1
"""Of Aer in one process. Two make nothing faster that runs here, from density matrices of two qubits to states of 14
sites, and take up to twice the processor: they wait for each other busily. Counts do not depend on it."""
MOST_ROWS = 256
"""In a piece; a constant, so that what is on disk of a run fits the pieces of whoever goes on with it."""
PIECE_SHOTS: typing.Final[dict[Kind, int]] = {"final": 2**21, "unrolled": 2**20, "shots": 2**16}
"""Of all rows of a piece: a few seconds of one core, whichever way they are simulated."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Templates:
    """What simulates the templates of one job, chosen for all of them together."""

    kind: Kind
    method: str
    noise: NoiseModel | None
    circuits: dict[int, QuantumCircuit]
    """By block."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Simulation:
    """One piece with everything that its simulation needs, small enough to be sent to another process."""

    name: str
    """Of the device and the job, for an error."""
    method: str
    noise: NoiseModel | None
    circuits: Sequence[QuantumCircuit]
    """As they are given, each as often as it is answered but for its rows of angles."""
    binds: Sequence[dict[object, list[float]]]
    rows: Sequence[int]
    """Of each of the given circuits how many answers."""
    shots: int
    seed: int


def simulator_of(method: str, noise: NoiseModel | None) -> AerSimulator:
    """Aer as it runs everywhere here.

    Args:
        method: Aer's name of what a circuit is evolved as.
        noise: Of its qubits; None: no errors.
    """
    known: dict[str, typing.Any] = {} if noise is None else {"noise_model": noise}
    return AerSimulator(method=method, max_parallel_threads=THREADS, **known)


def pieces_of(job: Job, kind: Kind) -> list[Piece]:
    """The pieces of a job, in the order of its calls and rows.

    Args:
        job: All of its rows have the same number of shots.
        kind: How its templates are simulated.

    Examples:
        >>> from devices.model import ResultAddress
        >>> slot = ResultAddress(item=0, row=0, block=0, block_row=0, pass_=0, shots=2**15)
        >>> job = Job(index=0, seed=5, slots=(slot,) * 5, digest="")
        >>> [(piece.first, piece.end) for piece in pieces_of(job, "shots")]
        [(0, 2), (2, 4), (4, 5)]
    """
    found = []
    for call, (shots, _) in enumerate(calls_of(job)):
        rows = max(1, min(MOST_ROWS, PIECE_SHOTS[kind] // shots))
        for first in range(0, len(job.slots), rows):
            found.append(Piece(job=job.index, call=call, first=first, end=min(first + rows, len(job.slots))))
    return found


def simulation_of(plan: Plan, job: Job, piece: Piece, templates: Templates, name: str) -> Simulation:
    """What another process is given of a piece.

    Args:
        plan: A prepared plan; it has the angles [rad] of every row.
        job: Whose slots the piece has some of.
        piece: Which.
        templates: Of the whole job.
        name: Of the device.
    """
    shots, seed = calls_of(job)[piece.call]
    slots = job.slots[piece.first : piece.end]
    items = list(dict.fromkeys(slot.block for slot in slots))
    rows = [[slot.block_row for slot in slots if slot.block == item] for item in items]
    circuits, binds = given_of(plan, items, [templates.circuits[item] for item in items], rows)
    answered = [len(next(iter(bound.values()))) if bound else 1 for bound in binds]
    return Simulation(
        name=f"{name} failed on job {job.index}",
        method=templates.method,
        noise=templates.noise,
        circuits=circuits,
        binds=binds,
        rows=answered,
        shots=shots,
        seed=seed + SEED_STEP * piece.first,
    )


def simulate(given: Simulation) -> list[Tally]:
    """The counts of each row of a piece, in order.

    Args:
        given: What to simulate.

    Raises:
        FailedRun: If Aer reports a failure.
    """
    simulator = simulator_of(given.method, given.noise)
    bound = {"parameter_binds": list(given.binds)} if any(given.binds) else {}
    result = simulator.run(list(given.circuits), shots=given.shots, seed_simulator=given.seed, **bound).result()
    if not result.success:
        raise FailedRun(f"{given.name}: {result.status}")
    answers = [circuit for circuit, number in zip(given.circuits, given.rows, strict=True) for _ in range(number)]
    return [tally_of(circuit, result.get_counts(i)) for i, circuit in enumerate(answers)]
