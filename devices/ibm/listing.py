"""What an account can run on."""

from __future__ import annotations

import typing
from dataclasses import asdict, dataclass
from typing import Any

from devices.ibm.account import open_cloud

if typing.TYPE_CHECKING:
    from qiskit.transpiler import Target


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One backend of the instance."""

    name: str
    qubits: int
    state: str
    """"active", or what it says of itself when it takes no jobs."""
    queue: int
    """Jobs that wait."""
    pair: tuple[int, int] | None
    """The qubits that heat-exchange would be placed on today."""
    score: float | None
    """Estimated probability that no error happens on them."""
    fractional: bool
    """Whether it has gates of any angle."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def backends() -> list[Offered]:
    """Every backend of the instance, the best first.

    Raises:
        RequestError: If this machine has no account.
        PlatformError: If the platform does not answer.
    """
    from devices.chip import FRACTIONAL, best_pairs, without

    cloud = open_cloud()
    found = []
    for backend in cloud.backends():
        operational, message, waiting = cloud.condition(backend)
        target = typing.cast("Target", backend.target)
        pairs = best_pairs(without(target, FRACTIONAL))
        found.append(
            Offered(
                name=str(backend.name),
                qubits=backend.num_qubits,
                state=message or "active" if operational else f"down: {message or 'no reason given'}",
                queue=waiting,
                pair=pairs[0].qubits if pairs else None,
                score=pairs[0].score if pairs else None,
                fractional="rzz" in target.operation_names,
            )
        )
    return sorted(found, key=lambda offered: -(offered.score or 0.0))
