"""What an account can run on."""

from __future__ import annotations

import typing
from dataclasses import asdict, dataclass
from typing import Any

from devices.errors import PlatformError
from devices.ibm.account import open_cloud
from devices.ibm.cloud import Cloud
from devices.ibm.estimate import delay_of

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target
    from qiskit_ibm_runtime import IBMBackend


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One backend of the instance."""

    name: str
    qubits: int | None
    state: str
    """"active", or what it says of itself when it takes no jobs."""
    queue: int | None
    """Jobs that wait."""
    pair: tuple[int, int] | None
    """The qubits that heat-exchange would be placed on today."""
    score: float | None
    """Estimated probability that no error happens on them."""
    fractional: bool
    """Whether it has gates of any angle."""
    repetition_delay: float | None = None
    """Between executions by default [us]; None where it does not say."""
    error: float | None = None
    """Probability that a gate of the worst circuit of a heat exchange goes wrong, without them; None without them."""
    error_fractional: float | None = None
    """The same with them."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def backends() -> list[Offered]:
    """Every backend of the instance, the best first; one whose configuration does not come is there and says so.

    Raises:
        RequestError: If this machine has no account.
        PlatformError: If the platform does not answer.
    """
    cloud = open_cloud()
    found = {str(backend.name): _offered(cloud, backend) for backend in cloud.backends()}
    for name in cloud.names():
        if name not in found:
            try:
                found[name] = _offered(cloud, cloud.backend(name, fractional=None))
            except PlatformError as met:
                found[name] = _unknown(name, str(met))
    return sorted(found.values(), key=lambda offered: -(offered.score or 0.0))


def _offered(cloud: Cloud, backend: IBMBackend) -> Offered:
    from devices.chip import FRACTIONAL, best_pairs, without
    from devices.gain import gain_of_a_pair

    operational, message, waiting = cloud.condition(backend)
    target = typing.cast("Target", backend.target)
    pairs = best_pairs(without(target, FRACTIONAL))
    gained = gain_of_a_pair(target, str(backend.name))
    delay = delay_of(backend.configuration(), None, str(backend.name)).seconds
    return Offered(
        name=str(backend.name),
        qubits=backend.num_qubits,
        state=message or "active" if operational else f"down: {message or 'no reason given'}",
        queue=waiting,
        pair=pairs[0].qubits if pairs else None,
        score=pairs[0].score if pairs else None,
        fractional="rzz" in target.operation_names,
        repetition_delay=None if delay is None else 1e6 * delay,
        error=gained and gained.without.error,
        error_fractional=gained and gained.fractional.error,
    )


def _unknown(name: str, why: str) -> Offered:
    """A backend of which the instance tells the name and no more."""
    return Offered(
        name=name, qubits=None, state=f"not known: {why}", queue=None, pair=None, score=None, fractional=False
    )
