r"""Unequal gaps of two qubits, as given, and the unit that all their energies are in.

A qubit of gap $\varepsilon$ with excited population p has the energy $\varepsilon p$ and the inverse temperature
$\beta = \ln[(1-p)/p]/\varepsilon$, so that of two qubits the hotter one, of smaller beta, may be the less excited one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocols.types import RequestError
from protocols.units.gap import Gap, is_quantity

GAP = "gap"
"""The unit of energy where all gaps are equal."""
FARTHEST = 1e6
"""Ratio of two gaps beyond which a unit was mistyped."""
_DIGITS = 12
"""Of a ratio of quantities: 5 GHz and 5000 MHz are the same gap, whatever rounding does."""
_EXAMPLE = "A=1,B=0.75 or A=5GHz,B=4.8GHz"


@dataclass(frozen=True, kw_only=True)
class Gaps:
    """Gaps of qubits in one unit of energy.

    Examples:
        >>> gaps = Gaps.given({"A": "5GHz", "B": "4.8GHz"}, ("A", "B"))
        >>> gaps.of, gaps.unit, gaps.scale
        ({'A': 1.0, 'B': 0.96}, 'gap_A', '5GHz')
        >>> Gaps.given({"A": 3, "B": 2}, ("A", "B")).unit
        'unit'
    """

    of: Mapping[str, float]
    """Qubit -> gap. Of plain numbers these are they; of quantities, their ratios to that of the first qubit."""
    scale: str | None = None
    """The first qubit's gap as given, where it is a quantity."""

    @classmethod
    def given(cls, each: Mapping[str, str | float], qubits: Sequence[str]) -> Gaps:
        """Reads the gaps of all qubits: plain numbers in one unit, or quantities such as "5GHz".

        Args:
            each: Qubit -> its gap.
            qubits: Those that there are, all of which must have one.

        Raises:
            RequestError: For another qubit, a missing one, or a gap that is not positive.
        """
        if not isinstance(each, Mapping):
            raise _refused(f"must be a gap by the name of its qubit, but is {each!r}", qubits)
        for name in each:
            if name not in qubits:
                raise _refused(f"must name the qubits {', '.join(qubits)}, but names {name!r}", qubits)
        missing = [name for name in qubits if name not in each]
        if missing:
            raise _refused(f"must have a gap of every qubit, but has none of {', '.join(missing)}", qubits)
        texts = {name: str(each[name]).strip() for name in qubits}
        measured = [name for name in qubits if is_quantity(texts[name])]
        if measured and len(measured) < len(qubits):
            said = ", ".join(f"{name}={text}" for name, text in texts.items())
            raise _refused(f"must all be numbers or all have units, but are {said}", qubits)
        if not measured:
            return cls(of=_plausible({name: _number(name, text) for name, text in texts.items()}))
        joule = {name: _joule(name, text) for name, text in texts.items()}
        ratios = {name: float(f"{one / joule[qubits[0]]:.{_DIGITS}g}") for name, one in joule.items()}
        return cls(of=_plausible(ratios), scale=texts[qubits[0]])

    @property
    def equal(self) -> bool:
        """Whether they are the same: then the unit is the gap of both."""
        return len(set(self.of.values())) <= 1

    @property
    def unit(self) -> str:
        """What energies are in: "gap_A", A being the first qubit whose gap is 1, or else "unit", that of the gaps."""
        if self.equal:
            return GAP
        return next((f"gap_{name}" for name, gap in self.of.items() if gap == 1.0), "unit")

    def unit_of(self, natural: str) -> str:
        """A natural unit, such as "gap/k_B" or "hbar/gap", with the unit of these gaps in the place of "gap".

        Examples:
            >>> Gaps(of={"A": 1.0, "B": 0.75}).unit_of("gap/k_B")
            'gap_A/k_B'
        """
        return natural.replace(GAP, self.unit)

    @property
    def note(self) -> str:
        """One line for the run: which gaps, which unit, and what is hotter; empty where they are equal."""
        if self.equal:
            return ""
        each = ", ".join(f"{name} {gap:.6g}" for name, gap in self.of.items())
        if self.unit == "unit":
            said = "energies are in the unit of these numbers, called unit"
        else:
            said = f"energies are in units of the gap of {self.unit.removeprefix('gap_')}, called {self.unit}"
        said += f", which is {self.scale}" if self.scale else ""
        return (
            f"gaps: {each}; {said}, temperatures in {self.unit}/k_B; the hotter qubit is the one of smaller "
            "beta = ln((1-p)/p)/gap, p its excited population"
        )


def gaps_in(text: str) -> dict[str, str]:
    """What was typed, "A=1,B=0.75", by qubit.

    Raises:
        RequestError: For anything but different names with a value each.

    Examples:
        >>> gaps_in("A=5GHz, B=4.8GHz")
        {'A': '5GHz', 'B': '4.8GHz'}
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (one.strip() for one in part.partition("="))
        if not (name and equals and value):
            raise RequestError(f"Argument `gaps` must be a gap of each qubit, but is {text!r}. Give e.g. {_EXAMPLE}.")
        if name in found:
            raise RequestError(f"Argument `gaps` gives {name} twice, in {text!r}. Give each qubit once.")
        found[name] = value
    return found


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise RequestError(
            f"Argument `gaps` must be a number, or one with a unit of energy (Hz, eV, K, J), but {name} is {text!r}. "
            f"Give e.g. {_EXAMPLE}."
        ) from None
    if not (math.isfinite(value) and value > 0):
        raise RequestError(f"Argument `gaps` must be positive and finite, but {name} is {text}. Give e.g. {_EXAMPLE}.")
    return value


def _joule(name: str, text: str) -> float:
    try:
        return Gap.parse(text).joule
    except RequestError:
        raise RequestError(
            f"Argument `gaps` must be positive energies, but {name} is {text}. Give e.g. {_EXAMPLE}."
        ) from None


def _plausible(gaps: dict[str, float]) -> dict[str, float]:
    ratio = max(gaps.values()) / min(gaps.values())
    if ratio > FARTHEST:
        each = ", ".join(f"{name}={gap:.6g}" for name, gap in gaps.items())
        raise RequestError(
            f"Argument `gaps` must be within a factor of {FARTHEST:g} of each other, but they are {each}. Give them in "
            "one unit."
        )
    return gaps


def _refused(rule: str, qubits: Sequence[str]) -> RequestError:
    example = ",".join(f"{name}={gap}" for name, gap in zip(qubits, ("1", "0.75", *["1"] * len(qubits)), strict=False))
    return RequestError(f"Argument `gaps` {rule}. Give e.g. {example}.")
