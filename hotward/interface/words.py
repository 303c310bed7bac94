"""Keywords of Python as the words of the command line: one request, one set of checks, one record of what was asked."""

from __future__ import annotations

import dataclasses
import difflib
import numbers
import typing
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import typer

from hotward.typer_commands import request_words
from protocols import Experiment, RequestError, load
from protocols.program import parameters

Asked = TypeVar("Asked")
Field = float | str | Iterable[float]
"""What a protocol's parameter may be: a number, a text as after --set, or numbers that are swept."""
NO_OPTIONS = ("protocol", "preset", "values")
"""Fields of a request that are no keywords of options."""
NOT_REPEATED = ("yes", "workers")
"""That it costs is asked again; who does the work changes nothing."""


def requested(
    kind: type[Asked], experiment: Experiment | str, fields: Mapping[str, Field], words: Mapping[str, Any]
) -> Asked:
    """The request that the command line would have made.

    Args:
        kind: A request of `hotward.requests`.
        experiment: The experiment, or the name of a protocol.
        fields: Parameters of the protocol that is named.
        words: Fields of the request as they were given in Python.

    Raises:
        RequestError: For a keyword that is neither an option nor a parameter, or a value of the wrong kind.
    """
    known = [word.name for word in request_words(kind) if word.name not in NO_OPTIONS]
    if isinstance(experiment, str):
        offered = load(experiment)
        _check_known(fields, ["preset", *known, *(spec.name for spec in parameters(offered))])
        values = [f"{name}={as_text(value)}" for name, value in fields.items()]
    else:
        _check_is_offered(experiment)
        if own := {*fields} & {spec.name for spec in parameters(experiment)}:
            name = sorted(own)[0]
            raise RequestError(
                f"Argument `{name}` is a parameter of the experiment, which is given. Write {type(experiment).__name__}"
                f"(..., {name}={as_text(fields[name])})."
            )
        _check_known(fields, known)
        values, experiment = values_of(experiment), experiment.name
        if words.get("preset") is not None:
            raise RequestError(
                f"Argument `preset` goes with a protocol's name, but an experiment is given. Give "
                f"{experiment!r} in its place."
            )
    named: dict[str, Any] = {"protocol": experiment, "values": values}
    return kind(**named, **checked_words(kind, words))


def values_of(experiment: Experiment) -> list[str]:
    """The parameters of an experiment that differ from its defaults, as texts after --set.

    >>> from protocols.heat_exchange import HeatExchange
    >>> values_of(HeatExchange(T_A=3, strength=[0.5, 0.9], time=np.linspace(0, 10, 5)))
    ['T_A=3', 'strength=0.5,0.9', 'time=0:10:5']

    Args:
        experiment: Of the catalogue.
    """
    said = []
    for spec in parameters(experiment):
        value = getattr(experiment, spec.name)
        if value is not None and not np.array_equal(value, typing.cast("Any", spec.default)):
            said.append(f"{spec.name}={as_text(value)}")
    return said


def as_text(value: object) -> str:
    """A value as it is typed after --set; it is read back bit for bit.

    >>> as_text(0.1), as_text("pi/2"), as_text(np.arange(4) / 2), as_text([0, 5, 7.5]), as_text([5])
    ('0.1', 'pi/2', '0:1.5:4', '0,5,7.5', '5,')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        listed = list(value)
        if any(isinstance(one, str) for one in listed):
            return ",".join(as_text(one) for one in listed)
        try:
            swept = np.asarray(listed, dtype=float)
        except (TypeError, ValueError):
            raise RequestError(f"Argument `experiment` must sweep over numbers, but has {value!r}.") from None
        if swept.ndim != 1 or swept.size == 0:
            raise RequestError(f"Argument `experiment` must sweep over a list of numbers, but has shape {swept.shape}.")
        even = swept.size > 2 and np.array_equal(np.linspace(swept[0], swept[-1], swept.size), swept)
        if even:
            return f"{_number(swept[0])}:{_number(swept[-1])}:{swept.size}"
        return ",".join(map(_number, swept)) + ("," if swept.size == 1 else "")
    return _number(value) if isinstance(value, numbers.Real) else str(value)


def _number(value: Any) -> str:
    """A number in the fewest digits that give it back."""
    real = float(value)
    return str(int(real)) if real.is_integer() and abs(real) < 1e15 else repr(real)


def checked_words(kind: type[Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request as the command line would have read them.

    >>> from hotward.requests import RunRequest
    >>> checked_words(RunRequest, {"shots": np.int64(10), "qubits": (4, 5), "copies": 2, "runs": "here"})["qubits"]
    '4,5'

    Args:
        kind: A request of `hotward.requests`.
        words: Its fields as they were given; a list stands for a text with commas.

    Raises:
        RequestError: For a value of the wrong kind.
    """
    hints = typing.get_type_hints(kind)
    return {name: _as_declared(name, value, hints[name]) for name, value in words.items()}


def _as_declared(name: str, value: Any, hint: Any) -> Any:
    """One of them; `hint` is a type, or it and None."""
    if value is None or (name == "workers" and isinstance(value, Executor)):  # which has no word
        return value
    kinds = [one for one in (typing.get_args(hint) or (hint,)) if one is not type(None)]
    if bool in kinds or isinstance(value, bool):
        if bool in kinds and isinstance(value, bool | np.bool):
            return bool(value)
        rule = "True or False" if bool in kinds else "no truth value"
    elif int in kinds:
        if isinstance(value, numbers.Integral):
            return int(value)
        rule = "a whole number"
    elif float in kinds:
        if isinstance(value, numbers.Real):
            return float(value)
        rule = "a number"
    elif Path in kinds:
        if isinstance(value, str | Path):
            return Path(value)
        rule = "a path"
    else:
        if isinstance(value, str | numbers.Integral):
            return str(value)
        if isinstance(value, Iterable):
            return ",".join(map(str, value))
        rule = "a text, or a list"
    raise RequestError(f"Argument `{name}` must be {rule}, but is {value!r}.")


def repeated_words(request: Any) -> list[str]:
    """The words after `hotward run` or `hotward import` that ask for the same.

    >>> from hotward.requests import RunRequest
    >>> repeated_words(RunRequest(protocol="heat-exchange", values=["T_A=3"], shots=100, merge=True))
    ['heat-exchange', '--set', 'T_A=3', '--shots', '100', '--merge']

    Args:
        request: Of a run or an import.
    """
    first, others = [], []
    for word in request_words(type(request)):
        value, declared = getattr(request, word.name), typing.get_args(word.annotation)[1]
        if value == word.default or word.name in NOT_REPEATED:
            continue
        values = value if isinstance(value, list) else [value]
        if isinstance(declared, typer.models.ArgumentInfo):
            first += map(str, values)
            continue
        flag = _flag(word.name, declared)
        for one in values:
            others += [flag] if one is True else [flag, str(one)]
    return [*first, *others]


def _flag(name: str, declared: Any) -> str:
    """How an option is spelled: as declared, or by the name of its field."""
    spelled = [one for one in (declared.default, *(declared.param_decls or ())) if isinstance(one, str)]
    return spelled[0] if spelled else f"--{name.replace('_', '-')}"


def _check_known(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuses a keyword that is not known, or that belongs into the experiment, and says what was perhaps meant."""
    known = list(known)
    for name in given:
        if name not in known:
            near = [one for one in known if one.casefold() == name.casefold()]
            near = near or difflib.get_close_matches(name, known, 1, 0.5)
            meant = f"Did you mean `{near[0]}`?" if near else f"Choose from {', '.join(known)}."
            raise RequestError(f"Argument `{name}` is no option or parameter here. {meant}")


def _check_is_offered(experiment: object) -> None:
    """Refuses what is no experiment of the catalogue, whose record could not be read again."""
    name = getattr(type(experiment), "name", None)
    if not isinstance(name, str) or not dataclasses.is_dataclass(experiment):
        raise RequestError(
            f"Argument `experiment` must be an experiment such as HeatExchange(T_A=2), or the name of a protocol, but "
            f"is {experiment!r}."
        )
    if load(name) is not type(experiment):
        raise RequestError(f"Argument `experiment` must be of the class {load(name).__name__}, but is {experiment!r}.")
