"""aer: the Aer simulator, ideal (`aer`) or with the noise of a stored calibration (`aer:fake_fez`).

That noise is of gates, of readout and of qubits that wait for others; `aer:fake_fez:gates` leaves out the last.

Templates are transpiled once and bound inside Aer; one `run` call per way to simulate and distinct shot count, or
several where shots are too many for the memory of one (`aer_calls`), each with its own seed (the seeded client-side
Sampler repeats its random stream in every item).
"""

from __future__ import annotations

import itertools
import typing
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from qiskit import transpile
from qiskit_aer.library import SaveDensityMatrix, SaveProbabilities

from devices.chip import ONE, CopiesAsked, plain, wires_read_faster, with_folds
from devices.chip.layout import Layout, lay_out
from devices.model import Job, Piece, Placement, Plan, ResultAddress, jobs_of
from devices.record import Tally
from devices.record import counts as _counts
from devices.simulators.aer_calls import (
    Kind,
    check_density,
    enough_copies,
    fits_one_state,
    groups_of,
    kind_of,
    method_of,
    result_of,
)
from devices.simulators.aer_pieces import Simulation, Templates, pieces_of, simulate, simulation_of, simulator_of
from devices.simulators.branches import branches_of, tested_outcomes
from devices.simulators.expected import read_through
from devices.simulators.idling import with_idling
from devices.simulators.noise import GATES, NO_IDLING, idling_of, noise_on, readout_errors, target_on
from devices.simulators.predicted import (
    ancillas_of,
    energy_blocks,
    excited_of,
    register_energies,
    system_states,
)
from devices.simulators.unrolled import unrolled
from devices.simulators.waiting import with_waits
from devices.snapshots import calibrated
from protocols import Array, Program, RequestError
from protocols.pauli import MANY

if typing.TYPE_CHECKING:
    import pandas as pd
    from qiskit import QuantumCircuit
    from qiskit.providers import BackendV2
    from qiskit.transpiler import Target
    from qiskit_aer.backends.aerbackend import AerBackend
    from qiskit_aer.noise import NoiseModel

_Saves: typing.TypeAlias = dict[str, tuple[typing.Callable[[int], typing.Any], typing.Callable[[int], Sequence[int]]]]
"""Key of a result -> what saves it, and of which outcomes of a block."""
_NONE = np.zeros((0, 0))
IDEAL_BASIS = ("cx", "rz", "ry", "rx", "x", "h", "p", "sdg")


@dataclass(frozen=True, kw_only=True, eq=False)
class Aer:
    """Aer, with or without the calibration of a real device."""

    backend: BackendV2 | None = None
    """A backend of the client's fake provider; None: no noise."""
    warned: tuple[str, ...] = ()
    """What the provider warned of when it opened the backend."""
    qubits: tuple[int, ...] | None = None
    """Physical qubits that the user named; None: the best of the calibration."""
    fractional: bool = False
    """Whether to use the backend's gates of any angle."""
    copies: CopiesAsked = ONE
    """How many places of the chip run the program; none of them knows of another."""
    idling: bool = True
    """Whether qubits that wait relax; False: noise of gates and readout alone."""

    @property
    def name(self) -> str:
        """ "aer", "aer:fake_fez" or, without relaxation of qubits that wait, "aer:fake_fez:gates"."""
        return f"aer:{self.backend.name}{'' if self.idling else GATES}" if self.backend else "aer"

    @property
    def noisy(self) -> bool:
        """Whether gates and readout have errors."""
        return self.backend is not None

    @property
    def white_noise(self) -> float:
        """None beyond what the calibration has."""
        return 0.0

    def describe(self) -> dict[str, object]:
        """Name, method and, for a stored calibration, the device it was taken from."""
        about: dict[str, object] = {"name": self.name, "noisy": self.noisy, "method": method_of(self.noisy)}
        if self.backend:
            about["qubits"] = self.backend.num_qubits
            about["calibrated"] = calibrated(self.backend)
            about["gates"] = sorted(self.backend.operation_names)
            about["idling"] = idling_of(self.backend) if self.idling else NO_IDLING
        return about

    def prepare(self, program: Program, seed: int) -> Plan:
        """Chooses qubits by calibration, transpiles every template once and makes the jobs.

        Raises:
            RequestError: If the device cannot run the program.
        """
        if self.backend is not None:
            check_density(program, self.name)
            layout = lay_out(
                program,
                typing.cast("Target", self.backend.target),
                self.name,
                qubits=self.qubits,
                fractional=self.fractional,
                copies=self.copies,
            )
        else:
            layout = _noiseless(program)
        return Plan(
            program=program,
            placements=layout.placements,
            jobs=jobs_of(program, seed, self._groups(program, layout)),
            executed=layout.executed,
            angles=layout.angles,
            calibration=layout.calibration,
            packing=layout.packing,
            notes=(*self.warned, *self._by_another_method(layout.executed)),
        )

    @staticmethod
    def _groups(program: Program, layout: Layout) -> list[tuple[ResultAddress, ...]]:
        """Slots that may share one call, copy by copy, for each has the noise of its own qubits."""
        kinds: list[Kind] = [kind_of(plain(circuit)) for circuit in layout.executed]
        alone = layout.packing.get("alone", ())
        return [group for place in layout.placements for group in groups_of(program, kinds, place.copy, alone)]

    def _by_another_method(self, executed: Sequence[QuantumCircuit]) -> tuple[str, ...]:
        """What the user should know of how circuits of many qubits are simulated."""
        most = max(circuit.num_qubits for circuit in executed)
        if (method := method_of(self.noisy, qubits=most)) == method_of(self.noisy):
            return ()
        return (f"the state of {most} qubits is simulated by Aer's {method}",)

    def submit(self, plan: Plan, job: Job, run: Path) -> str:
        """Runs one job piece by piece and writes the raw counts.

        Raises:
            FailedRun: If Aer reports a failure.
        """
        pieces, templates = self.pieces(plan, job), self.templates(plan, job)
        found = {piece: self.measure(self.task(plan, job, piece, templates)) for piece in pieces}
        _counts.store(job, _counts.joined(job, found), run)
        return f"aer-{job.index}"

    def pieces(self, plan: Plan, job: Job) -> list[Piece]:
        """What of a job is simulated at once; together every row with all of its shots."""
        return pieces_of(job, kind_of(self._in_time(plan.of_copy(job.slots[0].copy), [job.slots[0].block])[0]))

    def templates(self, plan: Plan, job: Job) -> Templates:
        """What simulates the templates of a job."""
        own = plan.of_copy(job.slots[0].copy)
        items = list(dict.fromkeys(slot.block for slot in job.slots))
        circuits = self._in_time(own, items)
        kind = kind_of(circuits[0])
        extra = enough_copies(circuits) if kind == "unrolled" else ()
        if kind == "unrolled":
            circuits = [unrolled(circuit, extra).measured for circuit in circuits]
        qubits = max(circuit.num_qubits for circuit in circuits)
        noise = None if self.backend is None else self._noise_of(own, extra)
        by_block = dict(zip(items, circuits, strict=True))
        return Templates(kind=kind, method=method_of(self.noisy, kind, qubits), noise=noise, circuits=by_block)

    def task(self, plan: Plan, job: Job, piece: Piece, templates: Templates) -> Simulation:
        """What a process is given of a piece, whichever it is."""
        return simulation_of(plan, job, piece, templates, self.name)

    @staticmethod
    def measure(task: Simulation) -> list[Tally]:
        """The counts of the slots of a piece."""
        return simulate(task)

    def collect(self, plan: Plan, job: Job, run: Path) -> Path:
        """Done as soon as it is submitted."""
        return _counts.raw_path(run, job)

    def decode(self, plan: Plan, job: Job, raw: bytes) -> pd.DataFrame:
        """Rows of counts.csv."""
        return _counts.rows(plan, job, _counts.load(raw))

    def expected_probabilities(self, plan: Plan) -> list[Array] | None:
        """Exact probabilities of what every template reads, readout errors included; None if one runs shot by shot.

        Of several copies those of the first: `plan.of_copy` has the others.
        """
        blocks = plan.program.blocks
        if self.backend is None:
            return [block.probabilities for block in blocks]
        noise = self._noise_of(plan)
        groups: dict[tuple[int, Kind], list[int]] = {}
        for index, block in enumerate(blocks):
            key = len(block.setting.outcomes), kind_of(plain(plan.executed[index]))
            groups.setdefault(key, []).append(index)
        found: dict[int, Array] = {}
        for items in groups.values():
            known = self.probabilities_before_readout(plan, items)
            if known is None:
                return None
            errors = self._errors_left(noise, [plain(plan.executed[item]) for item in items])
            found |= {item: read_through(p, e) for item, p, e in zip(items, known, errors, strict=True)}
        return [found[index] for index in range(len(blocks))]

    def probabilities_before_readout(self, plan: Plan, items: Sequence[int]) -> list[Array] | None:
        """Exact outcome probabilities under the noise of gates, without readout errors, first outcome first.

        Bits that something depends on are as they are read.

        Args:
            plan: A prepared plan of this device.
            items: Indices of blocks with equally many outcomes.

        Returns:
            Of each block (rows, 2**outcomes); None if a template only runs shot by shot.
        """
        number = len(plan.program.blocks[items[0]].setting.outcomes)
        saved = self._saved(plan, items, {"probabilities": (SaveProbabilities, lambda _: range(number))})
        if saved is None:
            return self._probabilities_by_branch(plan, items)
        return [_first_outcome_first(one["probabilities"], number) for one in saved]

    def _probabilities_by_branch(self, plan: Plan, items: Sequence[int]) -> list[Array] | None:
        """The same of templates that test results or go on after a read; None if one only runs shot by shot."""
        executed = self._in_time(plan, items)
        noise = self.backend and self._noise_of(plan)
        perfect = [[np.eye(2)] * len(plan.program.blocks[item].setting.outcomes) for item in items]
        errors = readout_errors(noise, executed) if noise else perfect
        each = [branches_of(circuit, own) for circuit, own in zip(executed, errors, strict=True)]
        if any(one is None or not fits_one_state(one[0].circuit.num_qubits) for one in each):
            return None
        flat = [(item, branch) for item, one in zip(items, each, strict=True) for branch in one or ()]
        circuits, rows = [], []
        for item, branch in flat:
            saving = branch.circuit.copy()
            saving.append(SaveProbabilities(len(branch.qubit)), list(branch.qubit.values()))
            circuits.append(saving)
            rows.append(range(len(plan.program.blocks[item].point)))
        simulator = simulator_of("density_matrix", noise)
        result = result_of(simulator, plan, [item for item, _ in flat], circuits, rows, shots=1)
        answered, total = itertools.count(), dict[int, Array]()
        for (item, branch), own in zip(flat, rows, strict=True):
            saved = np.array([np.asarray(result.data(next(answered))["probabilities"]) for _ in own])
            kept = branch.kept(_first_outcome_first(saved, len(branch.qubit)))
            total[item] = total.get(item, 0.0) + kept
        return [total[item] for item in items]

    @staticmethod
    def _errors_left(noise: NoiseModel, executed: Sequence[QuantumCircuit]) -> list[list[Array]]:
        """Readout errors of each outcome, but for bits that something depended on: these have theirs."""
        found = readout_errors(noise, executed)
        tested = [tested_outcomes(circuit) for circuit in executed]
        return [
            [np.eye(2) if i in done else error for i, error in enumerate(own)]
            for own, done in zip(found, tested, strict=True)
        ]

    def predicted(self, plan: Plan) -> dict[str, Array]:
        """Exact states of the system and energies of ancillas in the noise model, before readout.

        Nothing without noise, where a template only runs shot by shot, and of long chains, whose states are not kept.

        Returns:
            `state`, (arms, points, d, d), and `register_NAME`, (arms, points) [gap]; of several copies with an axis of
            copies before these.
        """
        if plan.copies > 1:
            each = [self.predicted(plan.of_copy(copy)) for copy in range(plan.copies)]
            return {name: np.stack([one[name] for one in each]) for name in each[0]}
        program = plan.program
        qubits = range(len(program.experiment.qubits))
        small = len(qubits) <= MANY and not any(block.drawn for block in program.blocks)
        chosen = energy_blocks(program) if self.noisy and small else {}
        # Aer is little-endian: the first outcome of a state has to be the last qubit listed
        wanted: _Saves = {"density_matrix": (SaveDensityMatrix, lambda _: qubits[::-1])}
        if any(ancillas_of(program, item) for item in chosen):
            wanted["probabilities"] = SaveProbabilities, lambda item: ancillas_of(program, item)
        saved = self._saved(plan, list(chosen), wanted) if chosen else None
        states = None if saved is None else system_states(program, chosen, [one["density_matrix"] for one in saved])
        if saved is None or states is None:
            return {}
        numbers = [len(ancillas_of(program, item)) for item in chosen]
        excited = [excited_of(one["probabilities"], k) if k else _NONE for one, k in zip(saved, numbers, strict=True)]
        registers = register_energies(program, chosen, excited)
        return {"state": states} | {f"register_{name}": energy for name, energy in registers.items()}

    def _saved(self, plan: Plan, items: Sequence[int], wanted: _Saves) -> list[dict[str, Array]] | None:
        """What templates end in, on the qubits that hold outcomes, by row; None if one runs shot by shot."""
        executed = [plain(plan.executed[item]) for item in items]
        kinds = {kind_of(circuit) for circuit in executed}
        if "shots" in kinds:
            return None
        extra = enough_copies(executed)
        circuits, rows = [], []
        for item, circuit in zip(items, self._in_time(plan, items), strict=True):
            opened = unrolled(circuit, extra)
            for save, outcomes in wanted.values():
                if qubits := [opened.qubit[i] for i in outcomes(item)]:
                    opened.circuit.append(save(len(qubits)), qubits)
            circuits.append(opened.circuit)
            rows.append(range(len(plan.program.blocks[item].point)))
        simulator = self._simulator(plan, "unrolled" if "unrolled" in kinds else "final", extra)
        result = result_of(simulator, plan, items, circuits, rows, shots=1)
        answered = itertools.count()
        found = [[result.data(next(answered)) for _ in own] for own in rows]
        return [
            {key: np.array([np.asarray(one[key]) for one in own]) for key in wanted if key in own[0]} for own in found
        ]

    def _in_time(self, plan: Plan, items: Sequence[int]) -> list[QuantumCircuit]:
        """Some templates as they are simulated: qubits that wait have delays, which relax in the noise model."""
        executed = [plan.executed[item] for item in items]
        if self.backend is None:
            return executed
        target = target_on(self.backend, tuple(plan.placements[0].physical.values()))
        return [plain(with_idling(one, target) if self.idling else with_waits(one, target)) for one in executed]

    def _simulator(self, plan: Plan, kind: Kind = "final", extra: Sequence[int] = ()) -> AerBackend:
        """Aer with the noise of the placed qubits, and of `extra` copies of some of them."""
        return simulator_of(method_of(self.noisy, kind), self._noise_of(plan, extra) if self.backend else None)

    def _noise_of(self, plan: Plan, extra: Sequence[int] = ()) -> NoiseModel:
        """The noise of the placed qubits, and of `extra` copies of some of them, read as the templates read them."""
        assert self.backend is not None
        placed = tuple(plan.placements[0].physical.values())
        wires, faster = (*range(len(placed)), *extra), wires_read_faster(plan.executed)
        chosen = frozenset(i for i, wire in enumerate(wires) if wire in faster)
        return noise_on(self.backend, tuple(placed[wire] for wire in wires), chosen)


def open_backend(name: str) -> Aer:
    """Aer with the stored calibration of one device of the client's fake provider.

    Args:
        name: As `FakeFez().name`, "fake_fez"; with ":gates" after it qubits that wait do not relax.

    Raises:
        RequestError: For a name that the provider does not have.
    """
    from qiskit_ibm_runtime import fake_provider

    name, gates, rest = name.partition(GATES)
    classes = {cls.backend_name: cls for cls in vars(fake_provider).values() if getattr(cls, "backend_name", None)}
    if rest or name not in classes:
        stem = name.partition(":")[0].split("_")[-1][:2]
        near = [known for known in classes if known.split("_")[-1][:2] == stem]
        raise RequestError(
            f"Argument `device` must be exact, aer, aer:fake_NAME or aer:fake_NAME{GATES} with a backend of the fake "
            f"provider, but is 'aer:{name}{gates}{rest}'. Try {', '.join(near or ['fake_fez'])}; hotward list has all "
            f"{len(classes)}."
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        backend = classes[name]()
    return Aer(backend=backend, warned=tuple(str(entry.message) for entry in caught), idling=not gates)


def _first_outcome_first(probabilities: Array, outcomes: int) -> Array:
    """Aer is little-endian, (rows, 2**outcomes)."""
    order = (0, *range(outcomes, 0, -1))
    return probabilities.reshape(-1, *(2,) * outcomes).transpose(order).reshape(len(probabilities), -1)


def _noiseless(program: Program) -> Layout:
    """Wire after wire on a simulator, which couples all of them and can do everything amid a circuit."""
    circuits = [block.circuit for block in program.blocks]
    wires = dict.fromkeys(register.name for circuit in circuits for register in circuit.qregs)
    return Layout(
        placements=(Placement(copy=0, physical={wire: i for i, wire in enumerate(wires)}, score=1.0),),
        executed=with_folds(program, transpile(circuits, basis_gates=list(IDEAL_BASIS), optimization_level=1)),
    )
