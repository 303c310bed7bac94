"""Density matrices -> rows `pauli, value, stderr`, with errors from a number of shots or a covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from devices.imports.formats.labels import Labels, of_key
from devices.imports.formats.reading import Reading
from devices.imports.formats.rows import CircuitSheet
from protocols import Array, RequestError
from protocols.pauli import moments, words

_PRINTED = 2e-5
"""Matrices are printed with five digits or more."""
_SIGMAS = 5.0
"""By how many standard errors an eigenvalue may be negative: linear inversion gives such matrices."""


def state_sheet(
    states: Sequence[tuple[Labels, Array]],
    name: str,
    reading: Reading,
    covariance: Array | None,
    order: str | None = None,
) -> CircuitSheet:
    """The rows of density matrices, one a Pauli word and point.

    Args:
        states: Labels of every point, and its matrix (d, d), d = 2^qubits.
        name: Of the data, for errors and the record.
        reading: Number of shots of each setting, and the order of the qubits in an index.
        covariance: Of the expectation values of all words but I...I in the order of the alphabet, (words, words), or
            one a point, (points, words, words).
        order: What the form fixes of the order; None: nothing.

    Raises:
        RequestError: For a matrix that is no state, and where errors or the order of the qubits are not known.
    """
    size = len(reading.qubits)
    measured = [word for word in words(size) if set(word) != {"I"}]
    matrices = [_checked(matrix, size, name) for _, matrix in states]
    notes, last = _ordered(matrices, reading, order, name)
    if last:
        matrices = [_reversed(matrix, size) for matrix in matrices]
    values = np.stack(list(moments(np.array(matrices), measured).values()), axis=-1)
    stderr = _errors(values, measured, covariance, reading, name, notes)
    for number, (matrix, errors) in enumerate(zip(matrices, stderr, strict=True), 1):
        _check_positive(matrix, errors, f"{name}, matrix {number}")
    columns = list(dict.fromkeys(column for labels, _ in states for column in labels))
    repeated = [(labels, number) for number, (labels, _) in enumerate(states, 1) for _ in measured]
    circuits = [f"{name}, matrix {number}" for _, number in repeated]
    cells = {column: [labels.get(column, "") for labels, _ in repeated] for column in columns}
    cells |= {"pauli": measured * len(states)}
    cells |= {"value": [repr(float(v)) for v in values.ravel()], "stderr": [repr(float(e)) for e in stderr.ravel()]}
    lines = range(1, len(circuits) + 1)
    return CircuitSheet(name=name, cells=cells, lines=lines, notes=tuple(notes), circuits=circuits)


def states_in(data: Any, labels: Labels, reading: Reading) -> list[tuple[Labels, Array]]:
    """Matrices in memory with their labels: arrays, lists of complex numbers, objects of Qiskit and QuTiP, by key.

    Args:
        data: One matrix, several along leading axes, or a mapping from keys to them.
        labels: Of all of them.
        reading: How keys are read.
    """
    if isinstance(data, Mapping) and {"real", "imag"} <= set(data):
        data = np.array(data["real"]) + 1j * np.array(data["imag"])
    if isinstance(data, Mapping):
        return [one for key, value in data.items() for one in states_in(value, of_key(key, labels, reading), reading)]
    if isinstance(data, Sequence) and data and (is_state(data[0]) or isinstance(data[0], np.ndarray | Mapping)):
        return [one for matrix in data for one in states_in(matrix, labels, reading)]
    array = _array(data)
    return [(labels, matrix) for matrix in array.reshape(-1, *array.shape[-2:])]


def is_state(data: object) -> bool:
    """Whether an object in memory is a density matrix of a library."""
    return any(
        (c.__module__.split(".")[0], c.__name__) in (("qiskit", "DensityMatrix"), ("qutip", "Qobj"))
        for c in type(data).__mro__
    )


def holds_states(data: object) -> bool:
    """Whether data in memory are density matrices: objects of a library, or square arrays of no whole numbers."""
    first = _first(data)
    if isinstance(first, np.ndarray):
        return first.ndim >= 2 and first.shape[-1] == first.shape[-2] and first.dtype.kind in "fc"
    return is_state(first)


def _first(data: object) -> object:
    """The first of what mappings and lists hold, one inside another."""
    while isinstance(data, Mapping | list | tuple) and data:
        data = next(iter(data.values())) if isinstance(data, Mapping) else data[0]
    return data


def order_of_state(data: object) -> str | None:
    """The order that the library of an object fixes: Qiskit's first qubit is the last one of an index."""
    first = _first(data)
    if not is_state(first):
        return None
    return "last" if any(c.__module__.startswith("qiskit") for c in type(first).__mro__) else "first"


def states_of_table(cells: Mapping[str, Sequence[str]], name: str) -> list[tuple[Labels, Array]]:
    """Matrices of a table with the columns i, j, re and im (and swept ones); entries that are not listed are zero.

    Args:
        cells: Column -> texts.
        name: For errors.

    Raises:
        RequestError: For an entry that is no number, or listed twice.
    """
    swept = [column for column in cells if column not in ("i", "j", "re", "im")]
    found: dict[tuple[str, ...], dict[tuple[int, int], complex]] = {}
    imaginary = cells.get("im", ["0"] * len(cells["i"]))
    for row, (i, j, re, im) in enumerate(zip(cells["i"], cells["j"], cells["re"], imaginary, strict=True), 2):
        entries = found.setdefault(tuple(cells[column][row - 2] for column in swept), {})
        try:
            place, value = (int(i), int(j)), complex(float(re), float(im))
        except ValueError:
            raise RequestError(
                f"{name}, row {row}: i, j, re and im must be numbers, but are {i!r}, {j!r}, {re!r}, {im!r}. Correct it."
            ) from None
        if place in entries:
            raise RequestError(f"{name}, row {row}: the entry {place} is there twice. Name what differs in a column.")
        entries[place] = value
    size = 1 + max(max(place) for entries in found.values() for place in entries)
    if min(min(place) for entries in found.values() for place in entries) < 0 or size > 64:
        raise RequestError(f"{name}: i and j must be the indices of a matrix, from 0 on. Correct them.")
    result = []
    for key, entries in found.items():
        matrix = np.zeros((size, size), dtype=complex)
        for place, value in entries.items():
            matrix[place] = value
        result.append((dict(zip(swept, key, strict=True)), matrix))
    return result


def _array(data: Any) -> Array:
    full = data.full() if hasattr(data, "full") else getattr(data, "data", data) if is_state(data) else data
    try:
        array = np.asarray(full)
        if array.ndim >= 3 and array.shape[-1] == 2 and array.shape[-2] == array.shape[-3]:
            array = array[..., 0] + 1j * array[..., 1]  # [re, im], as JSON has complex numbers
        array = array.astype(complex)
    except (TypeError, ValueError):
        array = np.empty((0, 1))
    if array.ndim < 2 or array.shape[-1] != array.shape[-2]:
        raise RequestError("Density matrices must be square arrays of numbers, (..., d, d). Give rows of equal length.")
    return array


def _checked(matrix: Array, size: int, name: str) -> Array:
    if matrix.shape != (2**size, 2**size):
        raise RequestError(
            f"{name}: a density matrix of {size} qubits must be {2**size} x {2**size}, but is {matrix.shape[0]} x "
            f"{matrix.shape[1]}. Trace out the other qubits first."
        )
    if not np.isfinite(matrix).all() or np.abs(matrix - matrix.conj().T).max() > _PRINTED:
        raise RequestError(f"{name}: a density matrix must be Hermitian, but one is not. Correct rho_ij = rho_ji*.")
    trace = float(np.trace(matrix).real)
    if abs(trace - 1) > 2**size * _PRINTED:
        raise RequestError(
            f"{name}: a density matrix must have trace 1, but one has {trace:.6g}. Divide it by its trace; a deviation "
            f"matrix becomes a state as 1/{2**size} + epsilon times itself."
        )
    return (matrix + matrix.conj().T) / (2 * trace)


def _reversed(matrix: Array, size: int) -> Array:
    axes = range(size - 1, -1, -1)
    return matrix.reshape((2,) * 2 * size).transpose(*axes, *(size + axis for axis in axes)).reshape(matrix.shape)


def _ordered(matrices: Sequence[Array], reading: Reading, fixed: str | None, name: str) -> tuple[list[str], bool]:
    """What is to be said of the order, and whether the first qubit is the last one of an index."""
    first = reading.qubits[0]
    order = reading.order or fixed
    if order is None:
        if all(np.allclose(one, _reversed(one, len(reading.qubits)), atol=_PRINTED) for one in matrices):
            return [], False
        raise RequestError(
            f"Argument `order` must say which bit of an index such as 01 is {first}, which {name} does not decide. Add "
            f"{reading.option('order', 'first')} for tensor products with {first} on the left, "
            f"{reading.option('order', 'last')} for Qiskit's (the last bit is the first qubit)."
        )
    place = "leftmost" if order == "first" else "last"
    return [f"bit order {order}: the {place} bit of an index of the matrices is {first}"], order == "last"


def _errors(
    values: Array, measured: Sequence[str], covariance: Array | None, reading: Reading, name: str, notes: list[str]
) -> Array:
    """Standard errors, (points, words)."""
    if covariance is not None:
        matrix = np.broadcast_to(np.asarray(covariance, dtype=float), (len(values), len(measured), len(measured)))
        spread = np.sqrt(np.einsum("pii->pi", matrix))
        with np.errstate(divide="ignore", invalid="ignore"):
            correlation = np.abs(matrix / (spread[:, :, None] * spread[:, None, :]) - np.eye(len(measured)))
        notes.append(
            f"errors are those of the covariance; correlations of up to {np.nanmax(correlation):.2g} are not used"
        )
        return spread
    if reading.shots is None:
        raise RequestError(
            f"{name}: density matrices have no errors of their own. Add {reading.option('shots', 1000)} with the shots "
            "of each setting of the tomography, or give the covariance of the expectation values."
        )
    # two counts are added, one of either sign, so that no error vanishes; a letter I is read in X, Y and Z
    shots = reading.shots * 3.0 ** np.array([word.count("I") for word in measured])
    shrunk = np.clip(values, -1, 1) * shots / (shots + 2)
    notes.append(
        f"errors are those of {reading.shots} shots in each of the {3 ** len(reading.qubits)} settings of a tomography"
    )
    return np.sqrt((1 - shrunk**2) / shots)


def _check_positive(matrix: Array, stderr: Array, name: str) -> None:
    lowest = float(np.linalg.eigvalsh(matrix)[0])
    scatter = float(np.sqrt((stderr**2).sum())) / len(matrix)
    if lowest < -_SIGMAS * scatter - _PRINTED:
        raise RequestError(
            f"{name}: must have no negative eigenvalue beyond its errors, but has {lowest:.4g} where {scatter:.2g} is "
            "the error. Correct the matrix or its number of shots, or import the counts themselves."
        )
