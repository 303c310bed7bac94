"""The noise of a stored calibration, for the qubits used only.

All errors equal those of the full device's model, at a fraction of the time (benchmarks/sweep.py has the ratio).
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Collection, Sequence

import numpy as np
from qiskit.providers import BackendV2, Options
from qiskit_aer.noise import NoiseModel

from devices.chip import as_used, outcome_of, sub_target
from protocols import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target


GATES = ":gates"
"""After the name of a stored calibration: noise of gates and readout alone, as it was before December 2026."""
NO_IDLING = "none: qubits that wait do not relax"


def idling_of(backend: BackendV2) -> str:
    """What the noise has of qubits that wait, in words.

    Args:
        backend: With its calibration; one that reports no durations has no waits.
    """
    timed = "qubits that wait for others relax by their T1 and T2, every operation being as late as possible"
    return timed if _target(backend).dt else NO_IDLING


@functools.lru_cache(maxsize=128)
def target_on(backend: BackendV2, qubits: tuple[int, ...]) -> Target:
    """The calibration of some qubits of a device, made once for all jobs of a run.

    Args:
        backend: With its calibration.
        qubits: Physical qubits in their new order; one given twice becomes two.
    """
    return sub_target(_target(backend), qubits)


@functools.lru_cache(maxsize=128)
def noise_on(backend: BackendV2, qubits: tuple[int, ...], faster: frozenset[int] = frozenset()) -> NoiseModel:
    """Their noise, likewise.

    Args:
        backend: With its calibration.
        qubits: Physical qubits in their new order; one given twice becomes two.
        faster: Places among them that `measure_2` reads.
    """
    return noise_model(target_on(backend, qubits), faster)


def noise_model(target: Target, faster: Collection[int] = ()) -> NoiseModel:
    """Aer's noise model of a (sub-)target: depolarisation, relaxation during gates, readout.

    Args:
        target: Of the qubits that are simulated.
        faster: Those that `measure_2` reads, with its errors.
    """
    return NoiseModel.from_backend(_Calibrated(as_used(target, faster)))


def readout_errors(noise: NoiseModel, circuits: Sequence[QuantumCircuit]) -> list[list[Array]]:
    """P(read | true) of each outcome of each executed circuit.

    Args:
        noise: With qubits numbered as in the circuits; a qubit without a readout error in it is read perfectly.
        circuits: As executed; their outcomes are the bits of register "c".

    Returns:
        Of each circuit, in the order of its outcomes, arrays of shape (2, 2) [read, true].

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> from qiskit_aer.noise import ReadoutError
        >>> circuit, noise = QuantumCircuit(1, 1), NoiseModel()
        >>> _ = circuit.measure(0, 0)
        >>> noise.add_readout_error(ReadoutError([[0.9, 0.1], [0.2, 0.8]]), [0])
        >>> readout_errors(noise, [circuit])[0][0].tolist()
        [[0.9, 0.2], [0.1, 0.8]]
    """
    errors = [error for error in noise.to_dict()["errors"] if error["type"] == "roerror"]
    # Aer lists P(read) by true bit
    known = {tuple(e["gate_qubits"][0]): np.asarray(e["probabilities"], dtype=float).T for e in errors}
    found: list[list[Array]] = []
    for circuit in circuits:
        own: dict[int, Array] = {}
        for instruction in circuit.data:
            outcome = outcome_of(circuit, instruction)
            if outcome is not None:
                own[outcome] = known.get((circuit.find_bit(instruction.qubits[0]).index,), np.eye(2))
        found.append([own[outcome] for outcome in sorted(own)])
    return found


def _target(backend: BackendV2) -> Target:
    return typing.cast("Target", backend.target)


class _Calibrated(BackendV2):
    """The least that `NoiseModel.from_backend` asks for: a target."""

    def __init__(self, target: Target) -> None:
        super().__init__(name="calibrated")
        self._target = target

    @property
    def target(self) -> typing.Any:
        return self._target

    @property
    def max_circuits(self) -> None:
        return None

    @classmethod
    def _default_options(cls) -> typing.Any:
        return Options()

    def run(self, run_input: object, **options: object) -> typing.NoReturn:
        raise NotImplementedError("A calibration does not run circuits; AerSimulator does.")
