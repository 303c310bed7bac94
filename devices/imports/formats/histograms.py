"""How often a circuit gave each outcome, in whatever way outcomes are written: bits, hexadecimal, integers, +-1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real

from devices.imports.formats.reading import Reading
from protocols import RequestError

Outcome = str | int | tuple[int, ...]
"""Bits as text, leftmost first; a number whose bit 0 is the last one; or the values +1 and -1 of the qubits."""
_BITS, _HEXADECIMAL, _DECIMAL, _SIGNS = (
    re.compile(pattern) for pattern in (r"(?:0[bB])?[01]+", r"0[xX][0-9a-fA-F]+", r"\d+", r"[+-]+")
)
_MOST_BITS = 64


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """The outcomes of one circuit, or of one point of a circuit that was swept."""

    name: str
    """What the data call it, for errors."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Column -> text: what was measured here."""
    outcomes: Mapping[object, object]
    """Outcome as the data write it -> count or probability."""
    order: str | None = None
    """What the form fixes: "first" or "last"; None: nothing."""
    wires: tuple[str, ...] = ()
    """Names of the measured bits, that of the first qubit first; none: they have no names."""
    width: int | None = None
    """How many bits were measured, where the form says so."""
    numbers: bool = False
    """Whether keys of digits are decimal numbers, as the form has it."""
    shots: int | None = None
    """Where the form says so."""

    @property
    def read(self) -> tuple[int, ...]:
        """Which qubits a setting with letters I reads, where outcomes have their bits alone; else none."""
        basis = self.labels.get("basis", "").upper()
        read = tuple(place for place, letter in enumerate(basis) if letter != "I")
        spelled = all(isinstance(key, str) and re.fullmatch(rf"[01]{{{len(read)}}}", key) for key in self.outcomes)
        return read if len(read) < len(basis) and (spelled or self.width == len(read)) else ()


def outcome(key: object) -> Outcome | None:
    """The outcome that a key of a dictionary of counts is; None if it is no outcome.

    >>> [outcome(key) for key in ("01", "0 1", "|01>", "0b01", "0x2", 2, (0, 1), (False, True), (1, -1), "+-", "XX")]
    ['01', '01', '01', '01', 2, 2, '01', '01', (1, -1), (1, -1), None]
    """
    if isinstance(key, str):
        text = re.sub(r"[\s_,|⟩>'\"]", "", key)
        if _BITS.fullmatch(text):
            return re.sub(r"^0[bB]", "", text)
        if _HEXADECIMAL.fullmatch(text):
            return int(text, 16)
        if _SIGNS.fullmatch(text):
            return tuple(1 if sign == "+" else -1 for sign in text)
        return text if _DECIMAL.fullmatch(text) else None
    if isinstance(key, Integral) and not isinstance(key, bool):
        return int(key) if int(key) >= 0 else None
    if isinstance(key, tuple) and key and all(isinstance(bit, Integral) and bit in (0, 1, -1) for bit in key):
        values = tuple(int(bit) for bit in key)
        return values if -1 in values else "".join(map(str, values))
    return None


def with_numbers(data: Mapping[object, object]) -> Mapping[object, object]:
    """Counts that were written as texts of digits as numbers; any other mapping as it is.

    >>> with_numbers({"00": "250", "01": "7"}), with_numbers({"00": "many"})
    ({'00': 250, '01': 7}, {'00': 'many'})
    """
    texts = [value for value in data.values() if isinstance(value, str) and re.fullmatch(r"\d{1,19}", value)]
    if not data or len(texts) < len(data) or not all(outcome(key) is not None for key in data):
        return data
    return {key: int(str(value)) for key, value in data.items()}


def is_histogram(data: object) -> bool:
    """Whether a mapping counts outcomes: every key is an outcome, every value a number."""
    return (
        isinstance(data, Mapping)
        and bool(data)
        and all(isinstance(value, Real) and not isinstance(value, bool) for value in data.values())
        and all(outcome(key) is not None for key in data)
    )


def bit_strings(histograms: Sequence[Histogram], reading: Reading) -> list[dict[str, int]]:
    """Bits of every outcome, leftmost first, -> how often, one mapping a circuit.

    How keys are written and whether values are probabilities is decided by all circuits together: "1" is a bit in one
    file and a decimal number in the next.

    Args:
        histograms: Of all circuits.
        reading: How they are to be read: number of shots and of qubits.

    Raises:
        RequestError: For keys that can be read in two ways, and values that are no counts.
    """
    found = [{outcome(key): value for key, value in one.outcomes.items()} for one in histograms]
    for one in histograms:
        for key in one.outcomes:
            if outcome(key) is None:
                raise RequestError(
                    f"{one.name}: outcomes must be bits such as 01 or numbers, but one is {key!r}. Correct it."
                )
    for one in histograms:
        _check_marginal(one)
    keys = {key for one, circuit in zip(found, histograms, strict=True) if not circuit.read for key in one}
    decimal = any(one.numbers for one in histograms) or _decimal(keys, histograms[0].name)
    signed = any(isinstance(key, tuple) for key in keys)
    numbers = [int(key) for key in keys if isinstance(key, int) or (decimal and isinstance(key, str))]
    least = max([len(reading.qubits), *(number.bit_length() for number in numbers)])
    wanted = _counts([one.values() for one in found], histograms, reading)
    result = []
    for one, spelled, counts in zip(histograms, found, wanted, strict=True):
        width = one.width or least
        texts = [_text(key, width, decimal and not one.read, signed) for key in spelled]
        _check_widths(one, texts)
        total: dict[str, int] = {}
        for text, count in zip(texts, counts, strict=True):
            total[text] = total.get(text, 0) + count
        result.append(total)
    return result


def _check_marginal(one: Histogram) -> None:
    """Refuses numbers as outcomes of a setting that reads few qubits: nothing says which of them is bit 0."""
    basis = one.labels.get("basis", "").upper()
    if "I" not in basis or one.read or one.width:
        return
    if all(isinstance(key := outcome(spelled), int) and key < 2 ** (len(basis) - 1) for spelled in one.outcomes):
        raise RequestError(
            f"{one.name}: the setting {basis} reads one qubit only where it has a letter I, and outcomes that are "
            "numbers do not say which bits were measured. Write bits: one a letter ('01'), or those that were read "
            "alone ('1')."
        )


def _decimal(keys: Iterable[Outcome | None], name: str) -> bool:
    """Whether keys of digits are decimal numbers rather than bits."""
    digits = [key for key in keys if isinstance(key, str)]
    if any(set(key) - set("01") for key in digits):
        return True
    lengths = {len(key) for key in digits}
    if len(lengths) > 1 or lengths == {1}:
        raise RequestError(
            f"{name}: the outcomes {', '.join(map(repr, sorted(digits)[:4]))} can be bits or decimal numbers. Write "
            "one bit a measured qubit, such as '00' and '01' (spreadsheets make 1 of 01: keep them as text), or "
            "numbers as numbers; the form ionq has decimal numbers."
        )
    return False


def _text(key: Outcome | None, width: int, decimal: bool, signed: bool) -> str:
    """Bits of an outcome, leftmost first."""
    if isinstance(key, tuple):
        return "".join("0" if value == 1 else "1" for value in key)
    assert key is not None
    if isinstance(key, str) and not decimal:
        # among values +1 and -1, the key (1, 1) looks like two bits
        return "".join("1" if bit == "0" else "0" for bit in key) if signed else key
    return format(int(key), f"0{width}b")


def _check_widths(one: Histogram, texts: Sequence[str]) -> None:
    lengths = {len(text) for text in texts}
    most = max(lengths, default=0)
    if most > (one.width or _MOST_BITS):
        said = f"measured {one.width} bits" if one.width else f"must have at most {_MOST_BITS} measured bits"
        raise RequestError(f"{one.name}: the circuit {said}, but an outcome has {most}. Give its counts as received.")
    if len(lengths) > 1:
        raise RequestError(
            f"{one.name}: all outcomes must have the same number of bits, but {min(texts, key=len)!r} and "
            f"{max(texts, key=len)!r} have not. Write every measured bit."
        )


def _counts(values: Sequence[Iterable[object]], histograms: Sequence[Histogram], reading: Reading) -> list[list[int]]:
    """Whole counts of every circuit, from counts or from probabilities and the number of shots."""
    numbers = [[float(value) for value in one if isinstance(value, Real)] for one in values]
    fractional = any(not number.is_integer() for one in numbers for number in one)
    given = reading.shots is not None
    whole = [all(isinstance(value, Integral) for value in one) for one in values]
    counts = []
    for one, circuit, exact, original in zip(numbers, histograms, whole, values, strict=True):
        probable = abs(sum(one) - 1) < 1e-3 and min(one, default=0) >= 0
        if (fractional or given or (circuit.shots not in (None, 1) and not exact)) and probable:
            counts.append(_of_probabilities(one, circuit, reading))
            continue
        for number, value in zip(one, original, strict=True):
            if number < 0 or not number.is_integer():
                raise RequestError(
                    f"{circuit.name}: counts must be whole numbers >= 0, but one is {value}. Mitigated and "
                    "quasi-probability counts have lost their shot noise: import the raw counts with calibration "
                    "circuits, or expectation values with errors (`pauli,value,stderr`)."
                )
        if given and sum(one) != reading.shots:
            percent = " Percentages are written as fractions of 1." if abs(sum(one) - 100) < 0.1 else ""
            raise RequestError(
                f"Argument `shots` is {reading.shots}, but the counts of {circuit.name} sum to {sum(one):g}.{percent} "
                "Leave it out where data are counts: it is for probabilities, which sum to 1."
            )
        counts.append([int(value) for value in original])  # type: ignore[call-overload]
    return counts


def _of_probabilities(values: Sequence[float], circuit: Histogram, reading: Reading) -> list[int]:
    """Counts of as many shots; relative frequencies are whole multiples of 1/shots, else they are no frequencies."""
    shots = circuit.shots or reading.shots
    if shots is None:
        raise RequestError(
            f"{circuit.name}: has probabilities, whose errors follow from the number of shots, and the data do not say "
            f"it. Add {reading.option('shots', 'N' if reading.typed else 1000)} with the shots of each circuit."
        )
    if reading.shots is not None and circuit.shots not in (None, reading.shots):
        raise RequestError(
            f"Argument `shots` is {reading.shots}, but {circuit.name} says that it had {circuit.shots}. Leave it out."
        )
    counts = [round(shots * value) for value in values]
    off = max(abs(shots * value - count) for value, count in zip(values, counts, strict=True))
    # probabilities are printed with six digits or more
    if off > min(0.2, 0.01 + 1e-6 * shots) or sum(counts) != shots:
        raise RequestError(
            f"{circuit.name}: probabilities must be frequencies of {shots} shots, but one is {off:.2g} counts away "
            "from a whole number. Correct the number of shots; if they are mitigated or simulated, import the "
            "raw counts instead."
        )
    return counts
