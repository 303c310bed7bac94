"""A small chip whose errors a test makes up."""

from __future__ import annotations

from collections.abc import Mapping

from qiskit.transpiler import InstructionProperties, QubitProperties
from qiskit_ibm_runtime.fake_provider import FakeManilaV2

from devices.simulators.aer import Aer

PAIRS = [(0, 1), (1, 2), (2, 3), (3, 4)]


Errors = Mapping[tuple[int, int], float | None]
"""Of directed couplers."""


def doctored(
    couplers: Errors | None = None,
    readout: Mapping[int, float] | None = None,
    sx: Mapping[int, float] | None = None,
    lifetime: Mapping[int, float] | None = None,
) -> Aer:
    """Manila with errors of 0.02 of couplers, 0.03 of readout and lifetimes of 100 us, but for those given."""
    backend = FakeManilaV2()
    target = backend.target

    def say(gate: str, qubits: tuple[int, ...], duration: float, error: float | None) -> None:
        target.update_instruction_properties(gate, qubits, InstructionProperties(duration=duration, error=error))

    for pair in both_ways(dict.fromkeys(PAIRS, 0.02)):
        say("cx", pair, 3e-7, (couplers or {}).get(pair, 0.02))
    for q in range(5):
        say("measure", (q,), 5e-6, (readout or {}).get(q, 0.03))
        say("sx", (q,), 3.5e-8, (sx or {}).get(q, 2e-4))
    lives = [(lifetime or {}).get(q, 1e-4) for q in range(5)]
    target.qubit_properties = [QubitProperties(t1=life, t2=life, frequency=5e9) for life in lives]
    return Aer(backend=backend)


def both_ways(errors: Errors) -> dict[tuple[int, int], float | None]:
    return {pair: error for (a, b), error in errors.items() for pair in ((a, b), (b, a))}
