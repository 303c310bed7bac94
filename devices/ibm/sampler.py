"""The one seam with the client's samplers: everything that knows which there are, and what their results are read with.

`executor` is the client's own sampler, which prepares the job here and has the platform's program of that name run it;
it is the way that stays. `legacy` is the platform's sampler, deprecated since 0.50 of the client: it takes the same
items and gives the same result. A client that no longer has it, or whose class of that name is the other one, is told
before anything is written or sent.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from devices.errors import Unintelligible
from devices.ibm.options import HardwareOptions
from protocols import RequestError

if typing.TYPE_CHECKING:
    from qiskit_ibm_runtime import RuntimeJobV2

PROGRAMS = {"executor": "executor", "legacy": "sampler"}
"""Sampler -> program on the platform, which is what decodes its result."""
WITHDRAWN = (
    "--sampler legacy is the platform's own sampler, which IBM has deprecated; --sampler executor, the default, stays"
)
"""What is remarked where it is asked for and still there."""
_FLIPS = "measurement_flips."
"""How the client names what it flipped in a register, to undo its twirling."""
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
        options: Decoupling, twirling, repetition delay and which sampler.
        tags: Of the job.
        most: QPU seconds at which the platform stops it.
    """
    sampler = _sampler_class(options.sampler)(mode=mode)
    chosen = typing.cast("Any", sampler.options)
    chosen.environment.job_tags = tags
    chosen.max_execution_time = most
    chosen.execution.init_qubits = True
    if options.rep_delay is not None:
        chosen.execution.rep_delay = options.rep_delay * 1e-6
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


def check_sampler(which: str) -> tuple[str, ...]:
    """Refuses a sampler that the installed client does not have; remarks on the one that is going.

    Args:
        which: "executor" or "legacy".

    Raises:
        RequestError: Naming the other one.
    """
    _sampler_class(which)
    return (WITHDRAWN,) if which == "legacy" else ()


def decoded(text: str, program: str, registers: Collection[str] | None = None) -> Any:
    """A raw result through the client's own decoders, offline.

    Args:
        text: The result as it was received.
        program: Program on the platform that made it: "executor" or "sampler".
        registers: Names of those that are read; by default all that there are.

    Raises:
        Unintelligible: If they cannot read it, or a register has values other than 0 and 1.
    """
    value: Any = text
    try:
        json.loads(text)
        for decoder in decoders(program):
            if decoder.is_applicable(value):
                value = decoder.decode(value)
                _check_bits(value, registers)
    except Unintelligible:
        raise
    except Exception as error:
        raise Unintelligible(f"a result that cannot be decoded: {type(error).__name__}") from error
    return value


def _check_bits(result: Any, registers: Collection[str] | None) -> None:
    """The client makes a one of whatever is not zero, NaN and 255 too: values are looked at before they are bits."""
    from qiskit_ibm_runtime.results import QuantumProgramResult

    for item in result if isinstance(result, QuantumProgramResult) else ():
        for name, values in item.items():
            if registers is not None and name.removeprefix(_FLIPS) not in registers:
                continue
            if values.dtype.kind not in "biu" or np.any((values != 0) & (values != 1)):
                raise Unintelligible(f"a result with values other than 0 and 1 in {name} ({values.dtype})")


def decoders(program: str) -> Sequence[Any]:
    """What the client reads the raw result of a program with, applied one after the other.

    Args:
        program: "executor" or "sampler".

    Raises:
        Unintelligible: If the client knows the program no more.
    """
    from qiskit_ibm_runtime import __version__
    from qiskit_ibm_runtime.decoders.defaults import DEFAULT_DECODERS

    if program not in DEFAULT_DECODERS:
        raise Unintelligible(
            f"qiskit-ibm-runtime {__version__} cannot read results of the program {program}: the raw result is kept; "
            "install the version that start.json names, and collect again"
        )
    return typing.cast("Sequence[Any]", DEFAULT_DECODERS[typing.cast("Any", program)])


def _sampler_class(which: str) -> Any:
    import qiskit_ibm_runtime as client

    own = _sampler_of_the_client()
    if which == "executor":
        if own is None:
            raise RequestError(
                f"Argument `sampler` executor is not in qiskit-ibm-runtime {client.__version__}. Install the version "
                "that hotward is tested with, or take --sampler legacy."
            )
        return own
    legacy = getattr(client, "SamplerV2", None)
    if legacy is None or legacy is own or not hasattr(legacy, "_program_id"):
        raise RequestError(
            f"Argument `sampler` must be executor, for qiskit-ibm-runtime {client.__version__} has the platform's "
            "legacy sampler no more. Leave out --sampler."
        )
    return legacy


def _sampler_of_the_client() -> Any:
    try:
        from qiskit_ibm_runtime.executor_sampler import Sampler
    except ImportError:
        import qiskit_ibm_runtime as client

        # once the legacy one is gone, the name at the top is to be this one's
        return getattr(client, "Sampler", None)
    return Sampler
