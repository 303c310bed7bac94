"""A protocol as a newcomer writes it, and further files in the catalogue for the time of a test."""

from __future__ import annotations

import importlib
import sys
import typing
from collections.abc import Callable
from pathlib import Path

from protocols import names

if typing.TYPE_CHECKING:
    import pytest

CHAIN = '''"""xx-chain: an excitation walks along three sites, which a cold ancilla watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from protocols.collisions.ancillas import Thermal
from protocols.collisions.collisions import Collisions, Structure
from protocols.collisions.evolution import Step
from protocols.collisions.operations import Operation, exchange, gate
from protocols.program.observable import Goal, Observable, linear, theory
from protocols.program.parameters import Preset, parameter
from protocols.program.points import Points
from protocols.types.arrays import Array

Real = float | Array | Sequence[float]


@dataclass(frozen=True, kw_only=True, eq=False)
class XxChain(Collisions):
    """Three sites; the excitation starts on the first."""

    hop: Real = parameter(0.4, unit="rad", meaning="angle of one step of each bond")
    excitation: Real = parameter(0.1, low=0, high=1, meaning="excited population of the ancilla")
    steps: Real = parameter((0, 1, 2), low=0, high=1000, whole=True, meaning="number of steps")

    name: ClassVar[str] = "xx-chain"
    axis: ClassVar[str] = "steps"
    counted: ClassVar[str] = "steps"
    controls: ClassVar[tuple[str, ...]] = ("none",)
    system: ClassVar[str] = "chain"
    without: ClassVar[tuple[str | tuple[str, str], ...]] = (("energy_change", "site_2"),)
    presets: ClassVar[Mapping[str, Preset]] = {"slow": Preset(values={"hop": "0.1"}, source="chosen here")}

    @property
    def qubits(self) -> tuple[str, ...]:
        """The sites."""
        return ("site_1", "site_2", "site_3")

    def members(self, points: Points, arm: str) -> Array:
        """One pure start."""
        return np.ones((len(points), 1))

    def prepare(self, member: int, arm: str) -> Sequence[Operation]:
        """The excitation on the first site."""
        return [gate("x", "site_1")]

    def collision(self, index: int, arm: str, structure: Structure) -> Sequence[Step]:
        """Both bonds, then the ancilla."""
        bonds = [exchange("site_1", "site_2", "half"), exchange("site_2", "site_3", "half")]
        return [Thermal(register="bath", excited="p"), *bonds, exchange("site_3", "bath", "watch")]

    def values(self, points: Points, arm: str) -> Mapping[str, Array]:
        """Angles and the population of the ancilla; arm "none" does not watch."""
        hop = points.parameters["hop"]
        return {"half": hop / 2, "watch": 0 * hop if arm == "none" else hop, "p": points.parameters["excitation"]}

    @staticmethod
    def goal(points: Points) -> Goal | None:
        """More than nothing arrives."""
        return Goal("arrived", "site_3", "nothing", "an excitation arrives", "no arrival is shown")

    @staticmethod
    def observables(points: Points) -> tuple[Observable, ...]:
        """What arrives, and what the ancilla took."""
        return (
            linear("arrived", "site_3", ("IIZ",), lambda s: (1 - s.moments["IIZ"]) / 2, unit="1"),
            linear("energy", "bath", ("bath",), lambda s: s.moments["bath"]),
            theory("nothing", "site_3", lambda s: 0 * s.parameters["hop"]),
        )
'''


def plant(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, text: str) -> None:
    """Puts a file into the catalogue until the test ends.

    Args:
        monkeypatch: Takes it out again.
        folder: Where the file is written.
        name: Of the protocol: "xx-chain".
        text: What the file says.
    """
    protocols = importlib.import_module("protocols")
    (folder / f"{name.replace('-', '_')}.py").write_text(text)
    monkeypatch.setattr(protocols, "__path__", [*protocols.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, f"protocols.{name.replace('-', '_')}", raising=False)
    importlib.invalidate_caches()
    names.cache_clear()


def forget(name: str) -> None:
    """The catalogue without a planted protocol, after its folder has left the path.

    Args:
        name: Of the protocol.
    """
    sys.modules.pop(f"protocols.{name.replace('-', '_')}", None)
    vars(importlib.import_module("protocols")).pop(name.replace("-", "_"), None)
    names.cache_clear()


Plant = Callable[[str, str], None]
