"""A chain of sites measured elsewhere: how many its columns are, and the exact curve of what was counted at time 0.

Energies in Z tell no correlations. So a chain that nobody declared is compared with the evolution of the product that
has its counted energies: C_ii = p_i, and nothing beside the diagonal.
"""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from devices.imports.points import Foreign
from devices.imports.sheet import Sheet
from protocols import Array, Experiment, RequestError
from protocols.program import parameters

if typing.TYPE_CHECKING:
    import pandas as pd

Build = Callable[[Mapping[str, Any]], Experiment]
_SAID = (
    "exact values are the free-fermion evolution of {} without correlations (C diagonal): Z alone tells none; declare "
    "another start with --set correlation=..."
)
FEWEST = 3
"""Sites of a chain without a protocol; two qubits are A and B, named with --read."""
COUNTED = "the energies counted"
"""Of which the note speaks where exact values start from them."""
OF_A_RUN = {"role", "pass"}
"""Columns of counts.csv that only a run writes: what was declared of it is how it started, defaults included."""
_SITE = re.compile(r"q([1-9]\d*)")


def sites_of(sheet: Sheet) -> tuple[str, ...]:
    """q1..qN of the columns, N the largest number that one has: a site that is missing is asked for by its name.

    Args:
        sheet: The rows.

    Examples:
        >>> sites_of(Sheet.of({"basis": ["ZZZ"], "q1": [0], "q3": [1], "q2": [0], "count": [5]}, "counts"))
        ('q1', 'q2', 'q3')
    """
    numbers = [int(found[1]) for column in sheet.cells if (found := _SITE.fullmatch(column))]
    return tuple(f"q{i + 1}" for i in range(max(numbers))) if numbers and max(numbers) <= 4 * len(numbers) else ()


def in_order(sheet: Sheet, sites: Sequence[str]) -> Sheet:
    """The rows with a note where the columns of the sites stand in another order than their numbers.

    Args:
        sheet: The rows.
        sites: Names along the line.
    """
    found = [column for column in sheet.cells if column in sites]
    if found == [site for site in sites if site in sheet.cells]:
        return sheet
    note = f"columns stand in the order {', '.join(found)}; they are read by their names, letters of a basis from q1 on"
    return dataclasses.replace(sheet, notes=(*sheet.notes, note))


def with_sites(protocol: Any, build: Build | None, fixed: Collection[str], sheet: Sheet) -> Build | None:
    """The experiment with as many sites as there are columns, where nothing says how many.

    Args:
        protocol: Its class, or None.
        build: Makes the experiment of a point.
        fixed: Parameters that were set.
        sheet: The rows.

    Raises:
        RequestError: For more or fewer columns than the sites that are declared, or than a chain can have.
    """
    if build is None or protocol is None or not _counts_sites(protocol):
        return build
    number = len(sites_of(sheet))
    default = next(spec.default for spec in parameters(protocol) if spec.name == "sites")
    declared = int(typing.cast("Any", build({})).sites)
    if not number or number == declared:
        return build
    if "sites" in fixed or declared != default:
        rule = f"has the columns q1..q{number}, but {protocol.name} was declared with {declared} sites"
        raise RequestError(f"{sheet.name}, row 1: it {rule}. Set sites={number}, or leave the others out.")
    most = next(spec.high for spec in parameters(protocol) if spec.name == "sites")
    if number > most:
        raise RequestError(
            f"{sheet.name}, row 1: it has the columns q1..q{number}, but {protocol.name} has {most:.0f} sites at most. "
            "Leave --protocol out, which gives the energy of every site, or import fewer sites."
        )
    return lambda values: build({"sites": number, **values})


def as_counted(
    protocol: Any, build: Build | None, fixed: Collection[str], found: Foreign, sheet: Sheet
) -> tuple[Build | None, str]:
    """The experiment with the energies that were counted at time 0, C diagonal, where nothing says how it started.

    Args:
        protocol: Its class, or None.
        build: Makes the experiment of a point.
        fixed: Parameters that were set.
        found: What was read.
        sheet: The rows.

    Returns:
        What makes it, and a note; unchanged where the start was declared, members were told apart or arms measured, or
        more than Z was read.

    Raises:
        RequestError: Where there is nothing to start from.
    """
    kinds = getattr(protocol, "counted_start", ())
    only_energies = bool(found.bases) and all(set(basis) == {"Z"} for basis in found.bases)
    if build is None or not kinds or not only_energies or found.members > 1 or len(found.arms) > 1:
        return build, ""
    bare = build({})
    named = {*fixed, *found.parameters, *_changed(protocol, bare)}
    if getattr(bare, "correlation", "") == "none" and not ("correlation" in fixed and {*sheet.cells} >= OF_A_RUN):
        named.discard("correlation")  # what populations alone are; of a run that was made so they are the protocol's
    started = sorted(name for name in named if name.rpartition("_")[0] in kinds or name in ("correlation", "strength"))
    if started and not all(name.startswith("excitation_") for name in started):
        return build, ""
    if started:
        _check_every(started, len(found.bases[0]), protocol.axis)
        return lambda values: build({"correlation": "none", **values}), _SAID.format("the declared excitations")
    known = _energies(found, len(found.bases[0]), protocol.axis)
    if not known:
        raise RequestError(
            f"{sheet.name} has no row at {protocol.axis} = 0, whose energies the exact curve would start from. Add "
            "them, or give --set excitation_1=... of every site (T_1=..., correlation=... of a declared start)."
        )
    others = [name for name in found.parameters if name != protocol.axis]

    def of_point(values: Mapping[str, Any]) -> Experiment:
        own = known.get(tuple(values[name] for name in others), next(iter(known.values()))) if values else ()
        counted = {f"excitation_{i + 1}": float(p) for i, p in enumerate(own)}
        return build({"correlation": "none", **counted, **values})

    return of_point, _SAID.format(f"{COUNTED} at {protocol.axis} = 0")


def _check_every(started: Collection[str], sites: int, axis: str) -> None:
    """Refuses populations of some sites: the others would have temperatures that nobody declared."""
    missing = [i + 1 for i in range(sites) if f"excitation_{i + 1}" not in started]
    if missing:
        named = ", ".join(started)
        raise RequestError(
            f"Argument `excitation_{missing[0]}` must be given where the exact curve starts from declared populations, "
            f"but of those there is only {named}. Give excitation_1..excitation_{sites}, or none of them: then it "
            f"starts from the energies counted at {axis} = 0."
        )


def _counts_sites(protocol: Any) -> bool:
    return any(spec.name == "sites" and spec.whole for spec in parameters(protocol))


def _changed(protocol: Any, experiment: Experiment) -> set[str]:
    """Fields that are not what they are by default."""
    given = {spec.name: (getattr(experiment, spec.name), spec.default) for spec in parameters(protocol)}
    return {name for name, (value, default) in given.items() if np.ndim(value) or value != default}


def _energies(found: Foreign, sites: int, axis: str) -> dict[tuple[float, ...], Array]:
    """Excited population of every site at 0 of the axis, readout corrected, by the other columns of the file."""
    others = [column for name, column in found.parameters.items() if name != axis]
    rows, names = found.rows, [f"q{i + 1}" for i in range(sites)]
    energies: dict[tuple[float, ...], Array] = {}
    for point in np.flatnonzero(found.parameters.get(axis, np.array([np.nan])) == 0):
        here = rows[rows["point"] == point]
        counted = here[names].to_numpy(dtype=float).T @ here["count"].to_numpy(dtype=float) / here["count"].sum()
        energies[tuple(float(column[point]) for column in others)] = _corrected(counted, rows, names)
    return energies


def _corrected(counted: Array, rows: pd.DataFrame, names: Sequence[str]) -> Array:
    """Without the errors of reading each site, as far as calibration rows tell them."""
    patterns = rows[rows["basis"] == "cal"]
    if not len(patterns):
        return counted
    count, true = patterns["count"].to_numpy(dtype=float), list(patterns["prepared"])
    corrected = []
    for i, name in enumerate(names):
        bit = np.array([text[i] == "1" for text in true])
        read = patterns[name].to_numpy(dtype=float)
        false, right = (float((read * count)[chosen].sum() / count[chosen].sum()) for chosen in (~bit, bit))
        corrected.append((counted[i] - false) / (right - false))
    return np.clip(corrected, 0.0, 1.0)
