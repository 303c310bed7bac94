"""What the submission and the collection of jobs ask of a platform, whoever runs it."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from typing import Any

from devices.model import JobStatus
from devices.remote.patience import Patience


class Platform(typing.Protocol):
    """An open account on a platform whose jobs have ids and carry tags that can be asked for."""

    patience: Patience
    """How long to wait for what."""

    def submit(self, send: Callable[[Any], Any], mode: Any) -> str:
        """Hands one job over, once, and returns the id that was answered.

        Args:
            send: Makes the submission to a mode, and returns the job of the client.
            mode: Where to.
        """
        ...

    def tagged(self, tag: str) -> Mapping[str, frozenset[str]]:
        """All tags of every job that itself carries one of them, by id, oldest first; asked for once.

        Raises:
            Unintelligible: If the answer leaves open whether there are more.
        """
        ...

    def tags_of(self, identifier: str) -> frozenset[str]:
        """All tags that a job itself carries, asked for once."""
        ...

    def look(self, identifier: str) -> JobStatus:
        """The state of a job, asked for once."""
        ...

    def result(self, identifier: str) -> bytes:
        """The result of a finished job as it was received."""
        ...

    def cancel(self, identifier: str) -> JobStatus:
        """Cancels a job and says what became of it."""
        ...
