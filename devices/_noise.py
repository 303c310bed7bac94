"""The noise of a stored calibration, for the qubits used only.

All errors equal those of the full device's model, at a fraction of the time (benchmarks/sweep.py has the ratio).
"""

from __future__ import annotations

import itertools
import typing
from collections.abc import Sequence

from qiskit.providers import BackendV2, Options
from qiskit.transpiler import Target
from qiskit_aer.noise import NoiseModel

from devices._placement import usable


def noise_model(target: Target) -> NoiseModel:
    """Aer's noise model of a (sub-)target: depolarisation, relaxation during gates, readout."""
    return NoiseModel.from_backend(_Calibrated(target))


def sub_target(target: Target, qubits: Sequence[int], *, feedback: bool = False) -> Target:
    """The same device with the given qubits only, renumbered from 0, and only the gates that are usable there.

    Args:
        target: The device.
        qubits: Its qubits in their new order; one given twice becomes two with the same calibration.
        feedback: Whether to keep control flow.
    """
    number: dict[int, list[int]] = {}
    for i, qubit in enumerate(qubits):
        number.setdefault(qubit, []).append(i)
    properties = target.qubit_properties
    sub = Target(
        num_qubits=len(qubits),
        dt=target.dt,
        granularity=target.granularity,
        qubit_properties=[properties[q] for q in qubits] if properties else None,
    )
    for name in target.operation_names:
        operation = target.operation_from_name(name)
        known = target[name]
        if isinstance(operation, type) and feedback:
            sub.add_instruction(operation, name=name)
        # control flow has no calibration
        if isinstance(operation, type) or not known or None in known:
            continue
        kept = {
            copies: properties
            for place, properties in known.items()
            if all(q in number for q in place) and usable(properties)
            for copies in itertools.product(*(number[q] for q in place))
        }
        if kept:
            sub.add_instruction(operation, kept)
    return sub


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
