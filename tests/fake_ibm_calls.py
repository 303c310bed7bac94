"""A request to the local IBM platform as the function that answers it sees it, and its answer."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass

from fake_ibm_records import Instance, Refusal


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes = b""
    content: str = "application/json"


def told(content: object, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(status, json.dumps(content).encode())


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request."""

    names: tuple[str, ...]
    """What stands in the path where the route has a name."""
    query: Mapping[str, list[str]]
    body: bytes
    instance: Instance
    """The one that is asked; where none has to be, one without backends."""

    @property
    def json(self) -> dict[str, typing.Any]:
        return json.loads(self.body)

    def asked(self, name: str, otherwise: str = "") -> str:
        """One argument of the query."""
        return self.query.get(name, [otherwise])[0]

    def backend(self, name: str | None) -> str:
        """A backend of the instance.

        Raises:
            Refusal: For another.
        """
        if name not in self.instance.backends:
            raise Refusal(404, 1007, f"Backend {name} not found.")
        return name
