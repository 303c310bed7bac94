"""The noise of a stored calibration, for the qubits used only.

All errors equal those of the full device's model, at a fraction of the time (benchmarks/sweep.py has the ratio).
"""

from __future__ import annotations

import typing
from collections.abc import Collection, Sequence

import numpy as np
from qiskit.providers import BackendV2, Options
from qiskit_aer.noise import NoiseModel

from devices.chip import as_used, outcome_of
from protocols import Array

if typing.TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target


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
