"""Both samplers of the client behind one call: the client's own (`executor`) and the platform's (`legacy`).

The platform's is deprecated since 0.50 of the client; it takes the same items and gives the same result.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any

from devices.ibm.options import HardwareOptions

if typing.TYPE_CHECKING:
    from qiskit_ibm_runtime import RuntimeJobV2

PROGRAMS = {"executor": "executor", "legacy": "sampler"}
"""Sampler -> program on the platform, which is what decodes its result."""
RANDOMIZATIONS = 16
"""Twirls of an executed row at most; a divisor of its shots is taken."""


def send(
    mode: Any, pubs: Sequence[Any], shots: int, options: HardwareOptions, tags: list[str], most: int
) -> RuntimeJobV2:
    """Submits one job; called within `ask`, for the client may block, raise anything, or submit several times.

    Args:
        mode: Backend or batch.
        pubs: Circuits, with values where there are parameters.
        shots: Of every row.
        options: Decoupling, twirling and which sampler.
        tags: Of the job.
        most: QPU seconds at which the platform stops it.
    """
    sampler = _client_sampler(mode, options.sampler)
    chosen = typing.cast("Any", sampler.options)
    chosen.environment.job_tags = tags
    chosen.max_execution_time = most
    chosen.execution.init_qubits = True
    if options.dynamical_decoupling != "off":
        chosen.dynamical_decoupling.enable = True
        chosen.dynamical_decoupling.sequence_type = options.dynamical_decoupling
    chosen.twirling.enable_gates = options.twirling in ("gates", "all")
    chosen.twirling.enable_measure = options.twirling in ("measure", "all")
    if options.twirling != "off":
        number = next(n for n in range(min(RANDOMIZATIONS, shots), 0, -1) if shots % n == 0)
        chosen.twirling.num_randomizations = number
        chosen.twirling.shots_per_randomization = shots // number
    return sampler.run(list(pubs), shots=shots)


def _client_sampler(mode: Any, which: str) -> Any:
    if which == "legacy":
        from qiskit_ibm_runtime import SamplerV2

        return SamplerV2(mode=mode)
    from qiskit_ibm_runtime.executor_sampler import Sampler

    return Sampler(mode=mode)
