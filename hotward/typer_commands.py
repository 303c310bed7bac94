"""From a function that takes a request to a command for typer."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from hotward.options import ORDER

BY_NAME = inspect.Parameter.KEYWORD_ONLY


def request_words(kind: type[Any]) -> list[inspect.Parameter]:
    """The words of a request as parameters, in the order of `--help`: name, default and annotation of every field.

    >>> from hotward.requests import PredictionRequest
    >>> [word.name for word in request_words(PredictionRequest)]
    ['protocol', 'preset', 'values', 'first_reading', 'feedback', 'control', 'workers']
    """
    hints = typing.get_type_hints(kind, include_extras=True)
    words = (inspect.Parameter(f.name, BY_NAME, default=_default_of(f), annotation=hints[f.name]) for f in fields(kind))
    return _in_order(words)


def from_request(command: Callable[..., None]) -> Callable[..., None]:
    """Makes a command for typer of one that takes a request: the fields of the request become its words.

    Args:
        command: A function of which one parameter is annotated with a request, the others with words of
            `hotward.options`.

    Returns:
        The same command with a parameter for every word, in the order of `ORDER`.
    """
    hints = typing.get_type_hints(command, include_extras=True)
    ((name, kind),) = ((name, hint) for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint))
    others = [p for p in inspect.signature(command).parameters.values() if p.name != name]
    own = [p.replace(kind=BY_NAME, annotation=hints[p.name]) for p in others]
    words = _in_order([*request_words(kind), *own])

    @functools.wraps(command)
    def called(**given: Any) -> None:
        request = kind(**{f.name: given.pop(f.name) for f in fields(kind)})
        command(**{name: request}, **given)

    called.__signature__ = inspect.Signature(words)  # type: ignore[attr-defined]
    called.__annotations__ = {word.name: word.annotation for word in words}
    return called


def _in_order(words: Iterable[inspect.Parameter]) -> list[inspect.Parameter]:
    return sorted(words, key=lambda word: ORDER.index(word.annotation))


def _default_of(declared: Field[Any]) -> Any:
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return inspect.Parameter.empty if declared.default is MISSING else declared.default
