"""All circuits of measured data, whatever their form: dictionaries inside dictionaries, lists, results of a library."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from devices.imports.formats.histograms import Histogram, is_histogram, outcome, with_numbers
from devices.imports.formats.labels import COLUMNS, Labels, of_key, of_metadata
from devices.imports.formats.primitives import is_primitive, primitive_circuits
from devices.imports.formats.providers import (
    aer_circuits,
    braket_circuits,
    ionq_circuits,
    is_aer,
    is_braket,
    is_ionq,
)
from devices.imports.formats.reading import Reading
from protocols import RequestError

RESULTS = (
    ("runtime", is_primitive, primitive_circuits),
    ("qiskit", is_aer, aer_circuits),
    ("braket", is_braket, braket_circuits),
    ("ionq", is_ionq, ionq_circuits),
)
"""Form as --from calls it, whether data have it, and how it is read."""
_COUNTED = ("counts", "histogram", "probabilities", "measurements", "bitstrings", "memory")
_TIME = re.compile(r"(?i:t|time)([_ (\[].*)?")
_DEEPEST = 12


def read_circuits(data: Any, name: str, reading: Reading) -> list[Histogram]:
    """The circuits in their order, each with labels that say what it measured.

    Args:
        data: What JSON holds, or objects in memory.
        name: Of the data, for errors.
        reading: How they are to be read.

    Raises:
        RequestError: Where nothing is counted, where labels are missing, and where two circuits have the same ones.
    """
    found = list(_walk(data, {}, name, reading, 0))
    if not found:
        raise RequestError(f"{name} has no circuits. Give at least one dictionary of counts, such as {{'00': 10}}.")
    if reading.labels:
        return _laid_out(found, name, reading)
    if not any("basis" in one.labels for one in found):
        found = _named_by_bases(found, name, reading)
    found = _without_constants(found, reading)
    _check_distinct(found, reading)
    return found


def _walk(data: Any, labels: Labels, name: str, reading: Reading, depth: int) -> Iterator[Histogram]:
    if depth > _DEEPEST:
        raise RequestError(f"{name}: counts must not be deeper than {_DEEPEST} dictionaries. Give them in fewer.")
    for form, fits, read in RESULTS:
        if fits(data):
            if reading.form not in ("auto", form):
                raise RequestError(
                    f"{name}: has the form {form}, but was to be read as {reading.form}. "
                    f"{'Use --from' if reading.typed else 'Use form='} {form}, or leave it out."
                )
            yield from _of_result(form, read, data, labels, name)
            return
    if isinstance(data, Mapping):
        data = with_numbers(data)
    if is_histogram(data):
        yield _plain(data, labels, name, reading)
    elif isinstance(data, Mapping):
        yield from _of_mapping(data, labels, name, reading, depth)
    elif isinstance(data, np.ndarray) or (isinstance(data, Sequence) and not isinstance(data, str | bytes)):
        if shots := _shots(data):
            yield _plain(Counter(shots), labels, name, reading)
            return
        for number, one in enumerate(data, 1):
            yield from _walk(one, labels, f"{name}, circuit {number}" if len(data) > 1 else name, reading, depth + 1)
    else:
        raise RequestError(
            f"{name}: must be counts of outcomes, such as {{'00': 503, '01': 487}}, but is {_shown(data)}. "
            "docs/your-own-counts.md has a recipe for every form."
        )


def _of_result(
    form: str, read: Callable[..., Iterator[Histogram]], data: Any, labels: Labels, name: str
) -> list[Histogram]:
    """The circuits of a library's result; a damaged one is refused as such."""
    try:
        return list(read(data, labels, name))
    except RequestError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
        raise RequestError(
            f"{name}: looks like a result of the form {form}, but parts of it are missing or damaged. Save it again."
        ) from None


def _plain(data: Mapping[Any, Any], labels: Labels, name: str, reading: Reading) -> Histogram:
    """A dictionary of counts; only that of IonQ fixes how its keys are read."""
    ionq = reading.form == "ionq"
    return Histogram(name=name, labels=labels, outcomes=data, numbers=ionq, order="last" if ionq else None)


def _of_mapping(
    data: Mapping[Any, Any], labels: Labels, name: str, reading: Reading, depth: int
) -> Iterator[Histogram]:
    counted = [key for key in _COUNTED if isinstance(data.get(key), Mapping | list | np.ndarray)]
    if counted:
        rest = {key: value for key, value in data.items() if key not in (*_COUNTED, "shots", "metadata")}
        own = {**of_metadata(data.get("metadata")), **of_metadata(rest), **labels}
        shots = data.get("shots") if isinstance(data.get("shots"), int) else None
        for one in _walk(data[counted[0]], own, name, reading, depth + 1):
            yield replace(one, shots=one.shots or shots)
        return
    for key, value in data.items():
        if not isinstance(value, Mapping | list | tuple | np.ndarray) and not _is_result(value):
            # an unread entry may be what was measured
            raise RequestError(
                f"{name}: the key {key!r} must lead to counts of outcomes, such as {{'00': 503}}, but leads to "
                f"{_shown(value)}. docs/your-own-counts.md has a recipe for every form."
            )
        yield from _walk(value, of_key(key, labels, reading), f"{name}, {key}", reading, depth + 1)


def _is_result(value: object) -> bool:
    return any(fits(value) for _, fits, _ in RESULTS)


def _shots(data: Any) -> list[Any]:
    """Outcomes of single shots, where data are a list of them: ["0x1", "0x3"] or [[0, 1], [1, 1]]."""
    rows = data.tolist() if isinstance(data, np.ndarray) else list(data)
    rows = [tuple(int(bit) if isinstance(bit, bool) else bit for bit in r) if isinstance(r, list) else r for r in rows]
    fits = all(isinstance(row, str | tuple) and outcome(row) is not None for row in rows)
    return rows if fits else []


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _laid_out(found: list[Histogram], name: str, reading: Reading) -> list[Histogram]:
    """Circuits with the labels of a layout, which takes the place of those in the data."""
    if len(reading.labels) != len(found):
        raise RequestError(
            f"The layout must have one row a circuit, but has {len(reading.labels)} and {name} has {len(found)} "
            "(every point of a circuit that was swept counts as one). Correct the layout."
        )
    return [
        replace(one, labels={column: text for column, text in row.items() if text != ""})
        for one, row in zip(found, reading.labels, strict=True)
    ]


def _named_by_bases(found: list[Histogram], name: str, reading: Reading) -> list[Histogram]:
    """Circuits without a name, named by a list of settings of the same length."""
    bases = [text.strip().upper() for text in (reading.bases or "").split(",") if text.strip()]
    settings = bases and all(not set(basis) - set("XYZ") for basis in bases)
    if settings and len(bases) == len(found):
        return [replace(one, labels={**one.labels, "basis": b}) for one, b in zip(found, bases, strict=True)]
    many = f"{len(found)} circuits without" if len(found) > 1 else "one circuit without"
    layout = "--layout FILE (a CSV with" if reading.typed else "labels=... (with"
    raise RequestError(
        f"{name}: has {many} the name of a setting. Add {reading.option('bases', 'XX,XY,...')} with one setting a "
        f"circuit in their order, or {layout} one row a circuit: basis, {reading.axis}, ...)."
    )


def _without_constants(found: list[Histogram], reading: Reading) -> list[Histogram]:
    """Labels that are no column of counts and the same for all circuits tell nothing apart; those that vary stay."""
    kept = {*COLUMNS, *reading.parameters}
    values: dict[str, set[str | None]] = {}
    named = {column for one in found for column in one.labels if not _TIME.fullmatch(column)}  # in whatever unit
    for column in named - kept:
        values[column] = {one.labels.get(column) for one in found}
    constant = {column for column, texts in values.items() if len(texts) == 1}
    return [replace(one, labels={c: t for c, t in one.labels.items() if c not in constant}) for one in found]


def _check_distinct(found: list[Histogram], reading: Reading) -> None:
    """Two circuits of the same labels may differ in what was swept: that is never pooled without being asked for."""
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    for one in found:
        key = tuple(sorted(one.labels.items()))
        if key in seen:
            said = ", ".join(f"{column} {text}" for column, text in one.labels.items())
            layout = "--layout FILE" if reading.typed else "labels=..."
            raise RequestError(
                f"{one.name}: has the same labels as {seen[key]} ({said}), and what differs between them is not said. "
                f"Name it, such as {reading.axis}=0.5 or pass=1 for a repetition, in the key, the metadata or {layout}."
            )
        seen[key] = one.name
