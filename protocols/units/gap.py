"""Quantities with a unit, for input and display only: inside, energies are in units of the gap.

One gap fixes every scale: an energy E is E/gap, a frequency f stands for the energy h f, a temperature T
for the energy k_B T, and a time t is t gap/hbar. Constants are CODATA's (scipy).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from protocols.types import RequestError

# SI 2019: exact by definition (scipy.constants has the same values and takes 0.1 s to import)
PLANCK = 6.62607015e-34
BOLTZMANN = 1.380649e-23
ELECTRONVOLT = 1.602176634e-19

_PREFIX = {"": 1.0, "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}
_ENERGY = {"eV": ELECTRONVOLT, "Hz": PLANCK, "K": BOLTZMANN, "J": 1.0}
_QUANTITY = re.compile(
    r"(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*(?P<prefix>[pnuµmkMG]?)(?P<unit>eV|Hz|K|J|s)"
)

Dimension = Literal["energy", "time"]


@dataclass(frozen=True)
class Gap:
    """The energy gap of the qubits, as given: the unit that natural units are measured in.

    Examples:
        >>> gap = Gap.parse("1kHz")
        >>> round(gap.natural("4.30peV", "energy"), 6)
        1.039735
        >>> round(gap.display(6.907734, "time", "ms"), 4)
        1.0994
    """

    joule: float
    """[J]"""
    text: str
    """As the user wrote it."""

    @classmethod
    def parse(cls, text: str) -> Gap:
        """Reads a gap such as "1kHz" (times h), "4.1357peV" or "48nK" (times k_B)."""
        joule = _si(text, "energy", "gap")
        if not (math.isfinite(joule) and joule > 0):
            raise RequestError(f"Argument `gap` must be a positive energy, but is {text!r}. Give e.g. 1kHz.")
        return cls(joule, text)

    def natural(self, text: str, dimension: Dimension, argument: str = "quantity") -> float:
        """A quantity with a unit as a number of gaps (energies) or of hbar/gap (times)."""
        value = _si(text, dimension, argument)
        return value / self.joule if dimension == "energy" else value * self.joule * 2 * math.pi / PLANCK

    def display(self, value: float, dimension: Dimension, unit: str) -> float:
        """A number in natural units as a quantity in `unit`, e.g. "peV", "nK", "Hz", "ms"."""
        return value / self.natural(f"1{unit}", dimension)

    def units(self, dimension: Dimension) -> tuple[str, ...]:
        """Units in which this gap (or hbar/gap) is a number between 0.1 and 100, for display."""
        if dimension == "time":
            return (_readable(self, "s", "time"),)
        return tuple(_readable(self, unit, "energy") for unit in ("eV", "K", "Hz"))


def is_quantity(text: str) -> bool:
    """Whether a text is a number with one of the units known here."""
    return _QUANTITY.fullmatch(text.strip()) is not None


def _si(text: str, dimension: Dimension, argument: str) -> float:
    match = _QUANTITY.fullmatch(text.strip())
    known = ", ".join(_ENERGY) if dimension == "energy" else "s"
    if match is None:
        raise RequestError(
            f"Argument `{argument}` must be a number with a unit ({known}; prefixes p n u m k M G), but is {text!r}. "
            "Give e.g. 1kHz."
        )
    unit = match["unit"]
    if (unit == "s") != (dimension == "time"):
        kind = "a time" if dimension == "time" else "an energy"
        raise RequestError(f"Argument `{argument}` must be {kind}, in {known}, but is {text!r}.")
    return float(match["number"]) * _PREFIX[match["prefix"]] * (1.0 if unit == "s" else _ENERGY[unit])


def _readable(gap: Gap, unit: str, dimension: Dimension) -> str:
    for prefix in ("p", "n", "u", "m", "", "k", "M"):
        if gap.display(1.0, dimension, prefix + unit) < 100:
            return prefix + unit
    return "G" + unit
