"""Physical fields of a protocol: how they are declared, read from text and checked.

A protocol declares each field once, with `parameter(...)`; the command line, `hotward list`, the errors
and the run record all read that declaration.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from protocols.types import Array, RequestError
from protocols.units import Dimension, Gap, is_quantity

Experimental = TypeVar("Experimental")
MOST_POINTS = 1_000_000
_NUMBER = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Declaration of one field: domain, unit and meaning."""

    name: str
    default: object
    unit: str
    """"" for a pure number, "gap" for the quantity that sets the scale."""
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    strict: bool = False
    """Whether the bounds themselves are excluded."""
    whole: bool = False
    """Whether only whole numbers are allowed."""
    inverted: bool = False
    """Of a temperature: whether it may be negative, an inverted population, or infinite, an equal one."""
    choices: tuple[str, ...] = ()
    belongs: tuple[str, tuple[str, ...]] | None = None
    """The choice that it goes with, and for which of its words: ("method", ("ppa",))."""
    automatic: str = ""
    """What "auto" stands for, where the default depends on the other fields."""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers that may be swept: no words, and not the scale of what is displayed."""
        return not self.choices and self.unit != "quantity"

    @property
    def domain(self) -> str:
        """The rule in words: "> 0", "0..1", "one of none, entangled"."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.unit == "quantity":
            return "a positive energy with its unit"
        if self.inverted:
            return "> 0, inf, or < 0 for an inverted population"
        kind = "whole, " if self.whole else ""
        if math.isinf(self.low) and math.isinf(self.high):
            return f"{kind}finite"
        if math.isinf(self.high):
            return f"{kind}{'>' if self.strict else '>='} {self.low:g} and finite"
        return f"{kind}{self.low:g}..{self.high:g}" + (" without the ends" if self.strict else "")

    def allows(self, values: Array) -> Array:
        """Which numbers are within the domain; finite, unless it is a temperature that may be inverted."""
        if self.inverted:
            return (values != 0) & ~np.isnan(values)
        if self.strict:
            inside = (values > self.low) & (values < self.high)
        else:
            inside = (values >= self.low) & (values <= self.high)
        return inside & np.isfinite(values) & (not self.whole or values == np.rint(values))

    @property
    def dimension(self) -> Dimension | None:
        """What a quantity with a unit may be given in; None for pure numbers and angles."""
        energies = ("gap/k_B", "gap/hbar", "gap")
        return "energy" if self.unit in energies else "time" if self.unit == "hbar/gap" else None


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Named values, as text that a user could type after --set."""

    values: Mapping[str, str]
    source: str
    """Where each number comes from."""
    verified: bool = True
    """False: not checked against the text of the paper; said wherever the numbers are shown."""


def parameter(default: Any, *, unit: str = "", meaning: str, **domain: Any) -> Any:
    """A dataclass field that knows its unit, meaning and domain (keywords of `Parameter`).

    Args:
        default: Value of the field unless it is given.
        unit: Of its values, "1" for a pure number.
        meaning: In a few words, for the list of parameters.
        domain: Further fields of `Parameter`: low, high, strict, whole, choices ..
    """
    return dataclasses.field(default=default, metadata={"unit": unit, "meaning": meaning, **domain})


def parameters(protocol: Any) -> tuple[Parameter, ...]:
    """The declared fields of a protocol (class or instance), in order."""
    return _declared(protocol if isinstance(protocol, type) else type(protocol))


@functools.cache
def _declared(protocol: Any) -> tuple[Parameter, ...]:
    fields = dataclasses.fields(protocol)
    return tuple(Parameter(name=f.name, default=f.default, **f.metadata) for f in fields)


def check(protocol: Any) -> None:
    """Checks every field of a protocol against its declared domain.

    Raises:
        RequestError: Naming the field, the rule, the offending value and the repair.
    """
    for declared in parameters(protocol):
        value = getattr(protocol, declared.name)
        if value is None and (declared.default is None):
            continue
        _check_belongs(protocol, declared)
        if declared.choices:
            if value not in declared.choices:
                raise RequestError(f"Argument `{declared.name}` must be {declared.domain}, but is {value!r}.")
        elif declared.unit != "quantity":
            _check_real(declared, value)


def check_single(protocol: Any, *names: str, changes: str = "circuit") -> None:
    """Checks that fields that change the circuit or its qubits are not swept.

    Args:
        protocol: The experiment.
        names: Of its fields; one that is None is left out.
        changes: What they change, as the message says it.

    Raises:
        RequestError: For the first that is more than one number.
    """
    for name in names:
        if np.ndim(given := np.asarray(getattr(protocol, name))):
            raise RequestError(
                f"Argument `{name}` must be one number, for it changes the {changes}, but is {given}. Give one, e.g. "
                f"{name}={given[0]:.6g}, and make a run for each."
            )


def _check_belongs(protocol: Any, declared: Parameter) -> None:
    if declared.belongs is None:
        return
    choice, words = declared.belongs
    if (chosen := getattr(protocol, choice)) not in words:
        raise RequestError(
            f"Argument `{declared.name}` belongs to {choice}={' or '.join(words)}, but {choice} is {chosen}. "
            f"Drop it (a preset's: --set {declared.name}=auto) or set {choice}={words[0]}."
        )


def build(protocol: type[Experimental], values: Mapping[str, str | Sequence[str]]) -> Experimental:
    """A protocol from text values, such as a preset merged with --set, or the fields of a run.

    Args:
        protocol: The class.
        values: Field name -> text: a number (`2`, `pi/2`, `2*pi`), a sweep (`0:pi/2:9`), a list (`0,5,7.5`), a
            quantity with a unit where `gap` is given (`4.3peV`, `1ms`), a word, or `auto`; or a list of such numbers.

    Raises:
        RequestError: For an unknown name, an unreadable text or a value outside the domain.
    """
    declared = {spec.name: spec for spec in parameters(protocol)}
    for name in values:
        if name not in declared:
            known = ", ".join(in_short(declared))
            raise RequestError(f"Argument `{name}` is not a parameter; choose from {known}.{_of_one_qubit(name)}")
    listed = {name: values[name] for name in values if not isinstance(values[name], str)}
    single = {name: text for name, text in values.items() if isinstance(text, str)}
    gap = Gap.parse(single["gap"]) if single.get("gap", "auto") != "auto" else None
    if "gap" not in declared:
        for name, text in single.items():
            if any(is_quantity(part.strip()) for part in re.split("[:,]", text)):
                raise RequestError(f"Argument `{name}` must be in natural units, for there is no gap, but is {text!r}.")
    fields = {name: _read(declared[name], text.strip(), gap) for name, text in single.items()}
    swept = {name: np.array([_number(declared[name], text, gap) for text in texts]) for name, texts in listed.items()}
    return protocol(**fields, **swept)


def in_short(names: Iterable[str]) -> list[str]:
    """Names in their order, those that count from 1 to some number as one.

    Args:
        names: Of parameters.

    Examples:
        >>> in_short(["sites", "T_1", "T_2", "T_3", "phase_1", "time"])
        ['sites', 'T_1..T_3', 'phase_1', 'time']
    """
    last: dict[str, str] = {}
    for name in names:
        found = re.fullmatch(r"(.+_)[1-9]\d*", name)
        last[found[1] if found else name] = name
    firsts = {stem: stem if stem == name else f"{stem}1" for stem, name in last.items()}
    return [name if firsts[stem] == name else f"{firsts[stem]}..{name}" for stem, name in last.items()]


def _of_one_qubit(name: str) -> str:
    """What to do about a gap of one qubit alone, which no protocol has."""
    if not name.startswith("gap_"):
        return ""
    return (
        " A protocol has one gap; what was measured of unequal ones is imported without a protocol: "
        "hotward import FILE --gaps A=5GHz,B=4.8GHz."
    )


def _read(declared: Parameter, text: str, gap: Gap | None) -> object:
    if text == "auto" and declared.default is None:
        return None
    if declared.choices or declared.unit == "quantity":
        return text
    if "," in text:
        return np.array([_number(declared, part, gap) for part in text.removesuffix(",").split(",")])
    if ":" not in text:
        return _number(declared, text, gap)
    parts = text.split(":")
    if len(parts) != 3 or not parts[2].strip().isdecimal() or not 2 <= int(parts[2]) <= MOST_POINTS:
        raise RequestError(
            f"Argument `{declared.name}` must be a sweep start:stop:count with a count from 2 to {MOST_POINTS}, "
            f"but is {text!r}."
        )
    start, stop = (_number(declared, part, gap) for part in parts[:2])
    if not (math.isfinite(start) and math.isfinite(stop)):
        raise RequestError(
            f"Argument `{declared.name}` must sweep between finite ends, but is {text!r}. Give inf alone, in a run of "
            "its own, or a list in Python."
        )
    return np.linspace(start, stop, int(parts[2]))


def _number(declared: Parameter, text: str, gap: Gap | None) -> float:
    """A number, a product or quotient with pi, or a quantity with a unit."""
    text = text.strip()
    if is_quantity(text):
        if declared.dimension is None:
            raise RequestError(f"Argument `{declared.name}` must be a pure number, but is {text!r}.")
        if gap is None:
            raise RequestError(f"Argument `{declared.name}` is {text!r}, but no gap is set: add --set gap=1kHz.")
        return gap.natural(text, declared.dimension, declared.name)
    if declared.inverted and text.lstrip("+-") == "inf":
        return math.inf  # beta = 0, whichever sign
    if text.lstrip("+-").lower() in ("inf", "infinity", "nan"):
        meant = " Where infinity is meant, 1e6 is as good." if declared.unit == "gap/k_B" and "inf" in text else ""
        raise RequestError(
            f"Argument `{declared.name}` must be {declared.domain}, but is {text!r}. It is the {declared.meaning}."
            f"{_repair(declared)}{meant}"
        )
    value = -1.0 if text.startswith("-") else 1.0
    body = text[1:] if text[:1] in ("-", "+") else text
    tokens = re.split(r"\s*([*/])\s*", body.strip())
    for operator, factor in zip(["*", *tokens[1::2]], tokens[::2], strict=True):
        if factor != "pi" and not _NUMBER.fullmatch(factor):
            raise RequestError(
                f"Argument `{declared.name}` must be a number such as 0.5 or -3*pi/4, or a sweep "
                f"start:stop:count, but is {text!r}."
            )
        number = math.pi if factor == "pi" else float(factor)
        if operator == "/" and number == 0:
            raise RequestError(f"Argument `{declared.name}` must be finite, but {text!r} divides by 0.")
        value = value * number if operator == "*" else value / number
    if declared.inverted and math.isinf(value):
        raise RequestError(f"Argument `{declared.name}` is {text!r}, which is too large. Give inf, if that is meant.")
    return value


def _repair(declared: Parameter) -> str:
    """A value of it that is allowed: the default, or the first of a swept one."""
    if declared.default is None:
        return f" Give e.g. {declared.name}=auto."
    try:
        first = float(np.atleast_1d(np.asarray(declared.default, dtype=float))[0])
    except (TypeError, ValueError):  # a default that is no number has no such repair
        return ""
    return f" Give e.g. {declared.name}={first:.6g}."


def _check_real(declared: Parameter, value: object) -> None:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        array = np.array(np.nan)
    if array.ndim > 1 or array.size == 0:
        raise RequestError(
            f"Argument `{declared.name}` must be a number or a list of numbers, but has shape {array.shape}."
        )
    inside = declared.allows(array)
    if not inside.all():
        first = np.atleast_1d(array)[~np.atleast_1d(inside)][0]
        shown = repr(value) if np.isnan(first) and not isinstance(value, np.ndarray) else f"{first:g}"
        unit = f" [{declared.unit}]" if declared.unit else ""
        frozen = " Near the ground state take e.g. 0.001."
        repair = frozen if declared.inverted and first == 0 else _repair(declared)
        raise RequestError(
            f"Argument `{declared.name}` must be {declared.domain}{unit}, but is {shown}. It is the {declared.meaning}."
            f"{repair}"
        )
    if len(np.unique(array)) != array.size:
        raise RequestError(f"Argument `{declared.name}` must not repeat a value, but is swept over {value}.")
