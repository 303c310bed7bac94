"""aer: the Aer simulator, ideal (`aer`) or with the noise of a stored calibration (`aer:fake_fez`).

Templates are transpiled once and bound inside Aer; one `run` call per distinct shot count, each with its
own seed (the seeded client-side Sampler repeats its random stream in every item).
"""

from __future__ import annotations

import functools
import typing
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from qiskit import transpile
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveDensityMatrix, SaveProbabilities

from devices import _counts
from devices._job import FailedRun, Job, Placement, Plan, Slot, jobs_of, slots_of
from devices._noise import noise_model, sub_target
from devices._placement import calibration_of, place
from protocols import Array, Program, RequestError

if typing.TYPE_CHECKING:
    import pandas as pd
    from qiskit import QuantumCircuit
    from qiskit.providers import BackendV2
    from qiskit.transpiler import Target
    from qiskit_aer.backends.aerbackend import AerBackend
    from qiskit_aer.noise import NoiseModel

IDEAL_BASIS = ("cx", "rz", "ry", "rx", "x", "h", "p", "sdg")


@dataclass(frozen=True, kw_only=True, eq=False)
class Aer:
    """Aer, with or without the calibration of a real device."""

    backend: BackendV2 | None = None
    """A backend of the client's fake provider; None: no noise."""
    warned: tuple[str, ...] = ()
    """What the provider warned of when it opened the backend."""

    @property
    def name(self) -> str:
        """ "aer" or "aer:fake_fez"."""
        return f"aer:{self.backend.name}" if self.backend else "aer"

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
        about: dict[str, object] = {"name": self.name, "noisy": self.noisy, "method": _method(self.noisy)}
        if self.backend:
            about["qubits"] = self.backend.num_qubits
            about["gates"] = sorted(self.backend.operation_names)
        return about

    def prepare(self, program: Program, seed: int) -> Plan:
        """Chooses qubits by calibration, transpiles every template once and makes the jobs.

        Raises:
            RequestError: If the device cannot run the program.
        """
        needs = program.experiment.needs()
        if needs:
            raise RequestError(f"Argument `device`: {self.name} cannot do {', '.join(sorted(needs))} yet.")
        circuits = [block.circuit for block in program.blocks]
        jobs = jobs_of(program, seed, _groups(program))
        if self.backend is None:
            executed = transpile(circuits, basis_gates=list(IDEAL_BASIS), optimization_level=1)
            wires = dict.fromkeys(r.name for circuit in circuits for r in circuit.qregs)
            placement = Placement(copy=0, physical={w: i for i, w in enumerate(wires)}, score=1.0)
            return Plan(
                program=program,
                placements=(placement,),
                jobs=jobs,
                executed=tuple(executed),
                notes=self.warned,
            )
        placement = place(program, _target(self.backend), self.name)
        sub = sub_target(_target(self.backend), list(placement.physical.values()))
        return Plan(
            program=program,
            placements=(placement,),
            jobs=jobs,
            executed=_executable(circuits, sub, list(placement.physical)),
            calibration=calibration_of(_target(self.backend), placement),
            notes=self.warned,
        )

    def submit(self, plan: Plan, job: Job, run: Path) -> str:
        """Runs one job in one call of the simulator and writes the raw counts.

        Raises:
            FailedRun: If Aer reports a failure.
        """
        simulator = self._simulator(plan)
        items = list(dict.fromkeys(slot.block for slot in job.slots))
        rows = {item: [slot.block_row for slot in job.slots if slot.block == item] for item in items}
        circuits = [plan.executed[item] for item in items]
        binds = [_binds(plan, item, rows[item]) for item in items]
        bound = {"parameter_binds": binds} if any(binds) else {}
        result = simulator.run(circuits, shots=job.slots[0].shots, seed_simulator=job.seed, **bound).result()
        if not result.success:
            raise FailedRun(f"{self.name} failed on job {job.index}: {result.status}")
        # Aer answers template by template, its rows within; qiskit's strings have classical bit 0 last
        counted = [result.get_counts(i) for i in range(len(job.slots))]
        _counts.store(job, [{bits[::-1]: n for bits, n in tally.items()} for tally in counted], run)
        return f"aer-{job.index}"

    def collect(self, plan: Plan, job: Job, run: Path) -> Path:
        """Done as soon as it is submitted."""
        return _counts.raw_path(run, job)

    def decode(self, plan: Plan, job: Job, raw: Path) -> pd.DataFrame:
        """Rows of counts.csv."""
        return _counts.rows(plan, job, _counts.load(raw))

    def noisy_probabilities(self, plan: Plan, index: int) -> Array:
        """Exact noisy outcome probabilities of one template, without readout error.

        The prediction that a run is compared with: the density matrix of the same executed template under
        the same noise model, without readout error.

        Args:
            plan: A prepared plan of this device.
            index: Which block.

        Returns:
            Outcome probabilities of the qubits read, (rows, 2**outcomes).
        """
        block, executed = plan.program.blocks[index], plan.executed[index].copy()
        bit = {q: c for c, q in _measured(executed)}
        executed.remove_final_measurements(inplace=True)
        ordered = [q for q, _ in sorted(bit.items(), key=lambda item: item[1])]
        executed.append(SaveProbabilities(len(ordered)), ordered)
        binds = _binds(replace(plan, executed=(*plan.executed[:index], executed)), index, range(len(block.point)))
        result = self._simulator(plan).run([executed], parameter_binds=[binds], shots=1).result()
        saved = [np.asarray(result.data(row)["probabilities"]) for row in range(len(block.point))]
        outcomes = len(block.setting.outcomes)
        # little-endian to first outcome first
        return (
            np.array(saved).reshape(-1, *(2,) * outcomes).transpose(0, *range(outcomes, 0, -1)).reshape(len(saved), -1)
        )

    def predicted_states(self, plan: Plan) -> Array | None:
        """Exact states of the noise model before readout, (arms, points, d, d); None without noise.

        The density matrix of the qubits read, from the template read in Z (whose readout needs no gates), over
        the ensemble with its exact weights.
        """
        program = plan.program
        arms, size = program.points.arms, 2 ** len(program.experiment.qubits)
        energies = "Z" * len(program.experiment.qubits)
        chosen = [i for i, b in enumerate(program.blocks) if not b.prepared and b.setting.basis == energies]
        if not self.noisy or not chosen:
            return None
        states = np.zeros((len(arms), len(program.points), size, size), dtype=complex)
        for index in chosen:
            block = program.blocks[index]
            weight = block.weight[:, None, None]
            states[arms.index(block.setting.arm), block.point] += weight * self._evolved(plan, index)
        return states

    def _evolved(self, plan: Plan, index: int) -> Array:
        """Density matrices of the qubits that one template reads, (rows, d, d), first outcome first."""
        executed = plan.executed[index].copy()
        bit = dict(_measured(executed))
        executed.remove_final_measurements(inplace=True)
        # Aer is little-endian: the first outcome has to be the last qubit listed
        executed.append(SaveDensityMatrix(len(bit)), [bit[i] for i in sorted(bit, reverse=True)])
        rows = range(len(plan.program.blocks[index].point))
        binds = _binds(replace(plan, executed=(*plan.executed[:index], executed)), index, rows)
        result = self._simulator(plan).run([executed], parameter_binds=[binds], shots=1).result()
        return np.array([np.asarray(result.data(row)["density_matrix"]) for row in rows])

    def _simulator(self, plan: Plan) -> AerBackend:
        if self.backend is None:
            return AerSimulator(method=_method(False))
        noise = _noise(self.backend, tuple(plan.placements[0].physical.values()))
        return AerSimulator(method=_method(True), noise_model=noise)


def open_backend(name: str) -> Aer:
    """Aer with the stored calibration of one device of the client's fake provider.

    Args:
        name: As `FakeFez().name`: "fake_fez".

    Raises:
        RequestError: For a name that the provider does not have.
    """
    from qiskit_ibm_runtime import fake_provider

    classes = {cls.backend_name: cls for cls in vars(fake_provider).values() if getattr(cls, "backend_name", None)}
    if name not in classes:
        near = [known for known in classes if known.split("_")[-1][:2] == name.split("_")[-1][:2]]
        raise RequestError(
            f"Argument `device` must be exact, aer or aer:fake_NAME with a backend of the fake provider, but is "
            f"'aer:{name}'. Try {', '.join(near or ['fake_fez'])}; hotward list has all {len(classes)}."
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        backend = classes[name]()
    return Aer(backend=backend, warned=tuple(str(entry.message) for entry in caught))


def _target(backend: BackendV2) -> Target:
    return typing.cast("Target", backend.target)


@functools.lru_cache(maxsize=4)
def _noise(backend: BackendV2, qubits: tuple[int, ...]) -> NoiseModel:
    """Made once for all jobs of a run."""
    return noise_model(sub_target(_target(backend), qubits))


def _method(noisy: bool) -> str:
    # mixed-state evolution is exact per template and then sampled; trajectories cost 25 times the time
    return "density_matrix" if noisy else "statevector"


def _groups(program: Program) -> list[tuple[Slot, ...]]:
    """Slots that may share one call: same shot count; calibration first, then the sweep, then calibration."""
    grouped: dict[tuple[int, int], list[Slot]] = {}
    for slot in slots_of(program):
        stage = 2 * slot.pass_ if program.blocks[slot.block].prepared else 1
        grouped.setdefault((stage, slot.shots), []).append(slot)
    return [tuple(grouped[key]) for key in sorted(grouped)]


def _binds(plan: Plan, item: int, rows: Sequence[int]) -> dict[object, list[float]]:
    block = plan.program.blocks[item]
    column = {name: block.values[list(rows), i].tolist() for i, name in enumerate(block.names)}
    return {parameter: column[parameter.name] for parameter in plan.executed[item].parameters}


def _measured(circuit: QuantumCircuit) -> list[tuple[int, int]]:
    """(classical bit, qubit) of every final measurement."""
    return [
        (circuit.find_bit(i.clbits[0]).index, circuit.find_bit(i.qubits[0]).index)
        for i in circuit.data
        if i.operation.name == "measure"
    ]


def _executable(circuits: Sequence[QuantumCircuit], target: Target, wires: Sequence[str]) -> tuple[QuantumCircuit, ...]:
    """Transpiles each template onto its placed wires, all templates of one wiring in one call."""
    executed: dict[int, QuantumCircuit] = {}
    wirings: dict[tuple[int, ...], list[int]] = {}
    for index, circuit in enumerate(circuits):
        layout = tuple(wires.index(register.name) for register in circuit.qregs)
        wirings.setdefault(layout, []).append(index)
    for layout, members in wirings.items():
        done = transpile(
            [circuits[index] for index in members],
            target=target,
            initial_layout=list(layout),
            optimization_level=1,
            seed_transpiler=0,
        )
        executed |= dict(zip(members, done, strict=True))
    for index, circuit in enumerate(circuits):
        layout = executed[index].layout
        if layout is not None and layout.routing_permutation() != list(range(executed[index].num_qubits)):
            raise RequestError(f"{circuit.name} needs swaps where it was placed; choose another device.")
    return tuple(executed[index] for index in range(len(circuits)))
