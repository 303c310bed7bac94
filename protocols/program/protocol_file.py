"""Mistakes in the file of a protocol: told with the file, the method, what is missing and the repair.

A protocol is written by its user as often as by us. What it does not say, or says in words that do not fit together,
is no fault of hotward, and much of it would otherwise show as a `KeyError` far away, or as rows that are silently not
there.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import traceback
import typing
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from protocols.program.experiment import Experiment
from protocols.program.observable import STATE, Goal, Observable
from protocols.program.points import Points
from protocols.program.sample import Sample
from protocols.types import ProtocolError, RequestError

Answer = TypeVar("Answer")
USUAL_NAMES = frozenset(
    (
        *("energy", "energy_change", "energy_difference", "heat", "effective_beta", "effective_temperature"),
        *("entropy", "entropy_change", "relative_entropy", "purity", "fidelity", "ergotropy"),
        *("mutual_information", "mutual_information_change", "discord", "geometric_discord"),
        *("concurrence", "signed_concurrence", "entanglement_of_formation", "negativity"),
        *("coherence_l1", "coherence_relative_entropy"),
    )
)
"""Rows that qubits and the system may have without a word of their protocol (analysis/quantities makes them)."""


def file_of(protocol: object) -> str:
    """Where a protocol is written, as its errors name it: "protocols/heat_exchange.py".

    Args:
        protocol: Its class or an experiment.

    Examples:
        >>> from protocols import load
        >>> file_of(load("heat-exchange"))
        'protocols/heat_exchange.py'
    """
    own = protocol if inspect.isclass(protocol) else type(protocol)
    module = own.__module__
    return module.replace(".", "/") + ".py" if module.startswith("protocols.") else f"the class {own.__name__}"


def mistake(protocol: object, text: str) -> ProtocolError:
    """The error for one mistake in the file of a protocol.

    Args:
        protocol: Its class or an experiment.
        text: What is wrong, and the repair.
    """
    return ProtocolError(f"{file_of(protocol)}: {text}")


def described(error: BaseException) -> str:
    """An exception of Python in a few words: "KeyError: 'half'"."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def asked(protocol: object, method: str, answer: Callable[[], Answer], where: str = "") -> Answer:
    """What a method of a protocol answers; whatever goes wrong inside is a mistake of its file.

    Args:
        protocol: An experiment.
        method: Name of the method that is asked.
        answer: Asks it.
        where: For what, in words: " for arm none".

    Raises:
        RequestError: As the protocol itself refuses values.
        ProtocolError: For every other exception.
    """
    try:
        return answer()
    except RequestError:
        raise
    except Exception as error:
        line = _line_in_catalogue(error)
        at = f", line {line[1]}" if line else ""
        raise mistake(protocol, f"`{method}` fails{where} with {described(error)}{at}. Correct it there.") from error


def mistake_in_a_protocol(error: BaseException) -> str | None:
    """The text for an unexpected exception that passed through the file of a protocol; None: it did not.

    Args:
        error: As it was caught, with its traceback.
    """
    line = _line_in_catalogue(error)
    if line is None:
        return None
    file, number, function = line
    return (
        f"{file}, line {number}, in `{function}`: {described(error)}. Correct the protocol there, or what it was "
        "given; --debug shows the whole way."
    )


def _line_in_catalogue(error: BaseException) -> tuple[str, int, str] | None:
    """File, line and function of the deepest call in the file of a protocol."""
    folders = {Path(folder).resolve() for folder in importlib.import_module("protocols").__path__}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.resolve().parent in folders and not path.name.startswith("_"):
            return f"protocols/{path.name}", frame.lineno or 0, frame.name
    return None


def check_quantities(experiment: Experiment, points: Points, registers: Collection[str] | None = None) -> None:
    """That the quantities of a protocol read what there is, and that its goal compares what there is.

    Rows that read nothing which is measured would be missing from the table without a word.

    Args:
        experiment: A protocol with its fields.
        points: Its sweep.
        registers: Names of its ancillas' registers; None: unknown, any name may be one.

    Raises:
        ProtocolError: Otherwise.
    """
    own = tuple(asked(experiment, "observables", lambda: experiment.observables(points)))
    seen = set[tuple[str, str]]()
    for observable in own:
        if not isinstance(observable, Observable):
            text = f"`observables` must give linear(...), drawn(...) or theory(...), but gives {observable!r}"
            raise mistake(experiment, f"{text}. Correct it.")
        row = observable.key
        if row in seen:
            raise mistake(experiment, f"`observables` gives {' '.join(row)} twice. Give each name and subject once.")
        seen.add(row)
        for word in observable.reads:
            if not _can_be_read(word, experiment.qubits, registers):
                raise mistake(experiment, _unreadable(row, word, experiment.qubits, registers))
        _check_reads(experiment, observable, points)
    goal = asked(experiment, "goal", lambda: experiment.goal(points))
    if goal is not None:
        _check_goal(experiment, goal, own)
        if goal.where is not None and len(goal.where) != len(points):
            raise mistake(
                experiment,
                f"`goal` says of {len(goal.where)} points where it is, but there are {len(points)}. Give True or "
                "False for each, made of arrays of points.parameters.",
            )


def is_word(text: str, qubits: int) -> bool:
    """Whether a text is a Pauli word of so many qubits, not the identity.

    Args:
        text: "ZI".
        qubits: How many.
    """
    return len(text) == qubits and set(text) <= set("IXYZ") and set(text) != {"I"}


def _can_be_read(word: str, qubits: Sequence[str], registers: Collection[str] | None) -> bool:
    if word == STATE or is_word(word, len(qubits)):
        return True
    return not set(word) <= set("IXYZ") if registers is None else word in registers


def _unreadable(row: tuple[str, str], word: str, qubits: Sequence[str], registers: Collection[str] | None) -> str:
    example = "I" * (len(qubits) - 1) + "Z"
    ancillas = f", and the registers are {', '.join(registers)}" if registers else ""
    return (
        f"`observables`: {' '.join(row)} reads {word!r}, which no setting measures: a word has one letter of I X Y Z "
        f"for each of {', '.join(qubits)}, such as {example}{ancillas}. Correct `reads`."
    )


class _Moments(dict[str, typing.Any]):
    """Moments that are all there, 0, and which of them were taken without being in `reads`."""

    def __init__(self, reads: Sequence[str], size: int) -> None:
        super().__init__({word: np.zeros(size) for word in reads})
        self.size, self.more = size, dict[str, None]()

    def __missing__(self, word: str) -> typing.Any:
        self.more[word] = None
        return np.zeros(self.size)


_READ_RIGHTLY: set[tuple[type, tuple[str, str], tuple[str, ...]]] = set()
"""Class, quantity and its reads that were looked at: a class is made anew at every point of an import."""


def _check_reads(experiment: Experiment, observable: Observable, points: Points) -> None:
    """Refuses a quantity that takes a moment which its `reads` lack: a run would fail after it has measured."""
    seen = (type(experiment), observable.key, observable.reads)
    if observable.theory or STATE in observable.reads or seen in _READ_RIGHTLY:
        return
    few = points.at(np.arange(min(len(points), 2)))
    moments, before = (_Moments(observable.reads, len(few)) for _ in range(2))
    reference = Sample(parameters=few.parameters, moments=before)
    sample = Sample(parameters=few.parameters, moments=moments, reference=reference)
    # states, members and other arms are not there: what needs them stops, after the moments that it took
    with contextlib.suppress(Exception), np.errstate(all="ignore"):
        observable.of(sample)
    for word in (*moments.more, *before.more):
        said = ", ".join(map(repr, (*observable.reads, word)))
        raise mistake(
            experiment,
            f"`observables`: {' '.join(observable.key)} takes the moment {word!r}, which is missing from its `reads`. "
            f"Write reads=({said},), or correct the name.",
        )
    _READ_RIGHTLY.add(seen)


def _check_goal(experiment: Experiment, goal: Goal, own: Sequence[Observable]) -> None:
    limits = {(o.name, o.subject) for o in own if o.theory}
    if (goal.limit, goal.subject) not in limits:
        known = ", ".join(sorted(" ".join(row) for row in limits)) or "none"
        raise mistake(
            experiment,
            f"`goal` compares with {goal.limit} {goal.subject}, but no theory(...) of `observables` has that name and "
            f"subject (there are: {known}). Correct `limit`, or add theory({goal.limit!r}, {goal.subject!r}, ...).",
        )
    measured = {(o.name, o.subject) for o in own if not o.theory}
    # the usual rows of a table belong to its qubits and to all of them
    usual = goal.subject in (*experiment.qubits, experiment.system) and goal.observable in USUAL_NAMES
    if (goal.observable, goal.subject) not in measured and not usual:
        known = ", ".join(sorted(" ".join(row) for row in measured)) or "none"
        raise mistake(
            experiment,
            f"`goal` is about {goal.observable} {goal.subject}, which is no quantity of the table (own ones: {known}). "
            "Correct `observable` or `subject`.",
        )
    for name, subject in goal.balances:
        if (name, subject) not in measured:
            raise mistake(
                experiment,
                f"`goal` has the balance {name} {subject}, which is not among `observables`. Correct it or add it.",
            )
