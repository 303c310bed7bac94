"""From histograms to rows of counts.csv: which character is which qubit, which bits are read, which traced out."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.imports.formats.histograms import Histogram, bit_strings
from devices.imports.formats.reading import Reading
from devices.imports.sheet import Sheet
from protocols import RequestError


@dataclass(frozen=True, kw_only=True, eq=False)
class CircuitSheet(Sheet):
    """Rows that were made of circuits; an error names the circuit."""

    circuits: Sequence[str]
    """Name of the circuit of every row."""

    def wrong(self, row: int, column: str, rule: str) -> RequestError:
        """What to raise for one cell: `rule` is what it must be, what it is and the repair."""
        return RequestError(f"{self.circuits[row]}, `{column}`: {rule}")


def circuit_sheet(histograms: Sequence[Histogram], name: str, reading: Reading) -> CircuitSheet:
    """The rows of circuits, one an outcome.

    Args:
        histograms: Of every circuit, labelled.
        name: Of the data, for errors and the record.
        reading: Bit order, bits to read and names of the qubits.

    Raises:
        RequestError: Where the bit order is not known, or which of the measured bits are the qubits.
    """
    counted = bit_strings(histograms, reading)
    _check_prepared(histograms, counted)
    order, notes = _order(histograms, counted, reading)
    columns = list(dict.fromkeys(column for one in histograms for column in one.labels))
    cells: dict[str, list[str]] = {column: [] for column in (*columns, *reading.qubits, "count")}
    circuits: list[str] = []
    for one, counts in zip(histograms, counted, strict=True):
        width = len(next(iter(counts), ""))
        places, said = _places(one, width, order, reading)
        notes += [note for note in said if note not in notes]
        labels = _labels(one, places, width, order, reading)
        for bits, count in _traced(counts, places, order).items():
            circuits.append(one.name)
            for column in columns:
                cells[column].append(labels.get(column, ""))
            for qubit, bit in zip(reading.qubits, _of_all(bits, one, len(reading.qubits)), strict=True):
                cells[qubit].append(bit)
            cells["count"].append(str(count))
    lines = range(1, len(circuits) + 1)
    return CircuitSheet(name=name, cells=cells, lines=lines, notes=tuple(notes), circuits=circuits)


def _check_prepared(histograms: Sequence[Histogram], counted: Sequence[Mapping[str, int]]) -> None:
    """Refuses patterns that are written the other way round than outcomes: a correction would exchange qubits."""
    seen = [
        (one, one.labels["prepared"], max(counts, key=lambda text: counts[text]))
        for one, counts in zip(histograms, counted, strict=True)
        if one.labels.get("prepared") and counts and len(one.labels["prepared"]) == len(next(iter(counts)))
    ]
    turned = [case for case in seen if case[1] == case[2][::-1] != case[2]]
    if turned and all(label == read[::-1] for _, label, read in seen):
        one, label, read = turned[0]
        raise RequestError(
            f"{one.name}: patterns prepared must be written like outcomes, but {label} was read mostly as {read}: they "
            "are in the other order (Qiskit's strings are last qubit first). Reverse every label of the calibration."
        )


def _order(
    histograms: Sequence[Histogram], counted: Sequence[Mapping[str, int]], reading: Reading
) -> tuple[str, list[str]]:
    """The bit order of all outcomes, and what is to be said of it."""
    a = reading.qubits[0]
    fixed = {one.order for one in histograms}
    native = next(iter(fixed)) if len(fixed) == 1 else None
    said = {"first": f"the leftmost character of an outcome is {a}", "last": f"the last character of an outcome is {a}"}
    letters = f"in the order {', '.join(reading.qubits)}"
    if reading.order is not None:
        contrary = native is not None and native != reading.order
        return reading.order, [
            f"bit order {reading.order}: {said[reading.order]}; the letters of a setting are {letters}"
            + (", against what its form says (its first bit would be the first qubit)" if contrary else "")
        ]
    if native is not None:
        other = reading.option("order", "first" if native == "last" else "last")
        return native, [f"bit order {native}, as its form says: {said[native]} (the other way round: {other})"]
    if not any("prepared" in one.labels for one in histograms) and all(
        counts.get(bits[::-1], 0) == count for counts in counted for bits, count in counts.items()
    ):
        return "first", []
    raise RequestError(
        f"Argument `order` must say which character of an outcome such as '01' is {a}, which the data "
        f"do not decide. Add {reading.option('order', 'last')} if they are as Qiskit's get_counts gives them (the "
        f"last character is the first qubit), {reading.option('order', 'first')} if the leftmost character is {a}."
    )


def _of_all(bits: str, one: Histogram, size: int) -> Sequence[str]:
    """The bit of every qubit; empty where a setting does not read it and outcomes leave it out."""
    return [bits[one.read.index(place)] if place in one.read else "" for place in range(size)] if one.read else bits


def _names(one: Histogram, width: int, order: str) -> list[tuple[str, ...]]:
    """What each measured bit may be called, that of the first qubit first: as its form says, by letter, by number."""
    own = one.wires if len(one.wires) == width else ("",) * width
    numbers = [""] * width if any(name.isdigit() for name in own) else [str(i) for i in range(width)]
    if one.order not in (None, order):
        own, numbers = own[::-1], numbers[::-1]
    letters = string.ascii_uppercase[:width] if width <= 26 else ("",) * width
    return [
        tuple(name for name in spelled if name and (name == spelled[0] or name not in own))
        for spelled in zip(own, letters, numbers, strict=True)
    ]


def _places(one: Histogram, width: int, order: str, reading: Reading) -> tuple[list[int], list[str]]:
    """Which of the measured bits the qubits are, counted from that of the first qubit, and what is said of it."""
    if one.read:
        return list(range(width)), []
    names = _names(one, width, order)
    listed = ", ".join(kinds[0] for kinds in names)
    if not reading.read:
        if width != len(reading.qubits):
            few = "Measure both" if width < len(reading.qubits) else _which(names, reading)
            raise RequestError(
                f"{one.name}: has {width} measured bits ({listed}), but the qubits are {', '.join(reading.qubits)}. "
                f"{few}; the others are traced out."
            )
        if one.order == "first" and list(one.wires) != sorted(one.wires, key=_natural):
            raise RequestError(
                f"{one.name}: measured its qubits in the order {listed}, and which is {reading.qubits[0]} is not said. "
                f"Add {reading.option('read', ','.join(sorted(one.wires, key=_natural)))} if it is the first of these, "
                "or name them in another order."
            )
        return list(range(width)), []
    places = []
    for name in reading.read:
        fitting = [place for place, kinds in enumerate(names) if name in kinds]
        if len(fitting) != 1:
            raise RequestError(
                f"Argument `read` must name measured bits of {one.name}, which are {listed}, but has {name!r}. "
                "Name them as they are listed, or by their numbers from 0."
            )
        places += fitting
    return places, _said_of_reading(places, [kinds[0] for kinds in names], reading)


def _which(names: Sequence[tuple[str, ...]], reading: Reading) -> str:
    """How to say which bits are the qubits; those that are called like the qubits are named, else none is proposed."""
    alike = [next((kinds[0] for kinds in names if kinds[0].lower() == q.lower()), "") for q in reading.qubits]
    if all(alike):
        return f"Say which they are, such as {reading.option('read', ','.join(alike))}"
    option = reading.option("read", ",".join(f"<bit of {q}>" for q in reading.qubits))
    return f"Say which they are: add {option} with their names"


def _natural(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdigit() else (0, name)


def _said_of_reading(places: Sequence[int], names: Sequence[str], reading: Reading) -> list[str]:
    read = ", ".join(f"{q} is {names[place]}" for q, place in zip(reading.qubits, places, strict=True))
    rest = [name for place, name in enumerate(names) if place not in places]
    return [f"of the measured bits {', '.join(names)}: {read}" + (f"; {', '.join(rest)} traced out" if rest else "")]


def _labels(one: Histogram, places: Sequence[int], width: int, order: str, reading: Reading) -> dict[str, str]:
    """Labels with the letters and the prepared bits of the qubits alone, in their order."""
    labels = dict(one.labels)
    basis, prepared = labels.get("basis", ""), labels.get("prepared", "")
    if basis != "cal" and len(basis) == width != len(reading.qubits):  # else letters are those of the qubits
        labels["basis"] = "".join(basis[place] for place in places)
    if prepared and order == "last":
        prepared = prepared[::-1]
    if len(prepared) == width:
        prepared = "".join(prepared[place] for place in places)
    return labels | ({"prepared": prepared} if prepared else {})


def _traced(counts: Mapping[str, int], places: Sequence[int], order: str) -> dict[str, int]:
    """Counts of the read bits, in the order of the qubits, summed over all others."""
    found: dict[str, int] = {}
    for text, count in counts.items():
        ordered = text if order == "first" else text[::-1]
        bits = "".join(ordered[place] for place in places)
        found[bits] = found.get(bits, 0) + count
    return dict(sorted(found.items()))
