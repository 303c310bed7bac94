"""The noise of a stored calibration, for the qubits used only.

All errors equal those of the full device's model, at a fraction of the time (benchmarks/sweep.py has the ratio).
"""

from __future__ import annotations

import typing

from qiskit.providers import BackendV2, Options
from qiskit_aer.noise import NoiseModel

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target


def noise_model(target: Target) -> NoiseModel:
    """Aer's noise model of a (sub-)target: depolarisation, relaxation during gates, readout."""
    return NoiseModel.from_backend(_Calibrated(target))


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
