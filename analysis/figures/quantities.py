"""Quantities of the protocol alone along the sweep, with the limits that theory sets them."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from analysis.figures.chain import IN_SITES, mapped
from analysis.figures.energies import limits_an_energy
from analysis.figures.panels import Sweep, sweep
from analysis.figures.series import Quantity, draw_quantities
from protocols.laws import CHANGE, FREE_ENERGY, MARGIN

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.result import Analysis
    from protocols import Observable

ELSEWHERE = (
    *("energy", "heat", "energy_change", "cumulative_heat", "energy_difference"),
    *(FREE_ENERGY, CHANGE, MARGIN),
)
"""What has a figure of its own, heat where it is that of a qubit or a side."""


def quantities(analysis: Analysis) -> Figure | None:
    """One panel a quantity; None where the protocol has none, or none was measured."""
    return draw_quantities(analysis, panels(analysis))


def panels(analysis: Analysis) -> list[Quantity]:
    """The protocol's measured quantities with their limits.

    Where there is a goal, theory limits what was measured, of the same subject and unit or else of the same unit. Where
    there are two sides it says what state reverses the heat between them: the one at the reference, so that heat is
    drawn against that.
    """
    along = sweep(analysis)
    found: dict[tuple[str, str], Quantity] = {}
    for o in analysis.own:
        if o.cycle or o.theory or _elsewhere(analysis, o) or not along.has(*o.key):
            continue
        unit = "" if o.unit == "1" else o.unit
        least = 0.0 if o.bounds[0] == 0 else -math.inf
        name = o.key[0]  # of a quantity in several schemes a panel for each
        new = Quantity(label=name.replace("_", " "), unit=unit, drawn=(), zero=None, least=least)
        known = found.get((name, o.unit), new)
        found[name, o.unit] = replace(known, drawn=(*known.drawn, o.key))
    if analysis.sides:
        return [*found.values(), *_thresholds(analysis, along)]
    for o in analysis.own:
        if o.theory:
            for key in _limited(analysis, o, found):
                found[key] = replace(found[key], limits=(*found[key].limits, (o.name, o.subject)))
    return list(found.values())


def _elsewhere(analysis: Analysis, observable: Observable) -> bool:
    """Whether a quantity is in another figure."""
    if observable.name == "heat" and not analysis.sides:
        return observable.subject in analysis.record.start["qubits"]
    if observable.name in IN_SITES and mapped(analysis):
        return True
    statistics = any(o.name == "heat_probability" for o in analysis.own)
    return observable.name in ELSEWHERE or (observable.resolved is not None and statistics)


def _limited(
    analysis: Analysis, theory: Observable, found: Mapping[tuple[str, str], Quantity]
) -> list[tuple[str, str]]:
    """Which panel theory belongs into, if any: that of the quantity it is named after, or else one of its unit."""
    if limits_an_energy(theory):
        return []
    named = [o.name for o in analysis.own if not o.theory and theory.name.startswith(f"{o.name}_")]
    near = [key for key in found if key[1] == theory.unit]
    if named:
        return [key for key in near if key[0] == max(named, key=len)]
    own = [key for key in near if theory.subject in dict(found[key].drawn).values()]
    return (own or near)[:1]


def _thresholds(analysis: Analysis, along: Sweep) -> list[Quantity]:
    """What the second side gained against what has a threshold, where the axis was held and another parameter swept."""
    own = [o for o in analysis.own if not o.theory and o.resolved is None and o.name not in ELSEWHERE]
    measured = {(o.subject, o.unit): o.name for o in own}
    known = [o for o in analysis.own if o.theory and (o.subject, o.unit) in measured]
    held = along.x != analysis.record.start["axis"] and len(along.panels) == 1
    if not held or analysis.sides is None or (analysis.record.points.reference < 0).any():
        return []
    second = analysis.sides[1]
    gain = analysis.estimates.gain_of(second)
    limits: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    for o in known:
        against = (measured[o.subject, o.unit], o.subject)
        if along.has(gain, second) and _spread(analysis, *against):
            limits[against] = (*limits.get(against, ()), (o.name, o.subject))
    return [
        Quantity(
            label=f"heat into {second}" if gain == "heat" else f"energy gained by {second}",
            unit="gap",
            drawn=((gain, second),),
            limits=of_it,
            against=against,
        )
        for against, of_it in limits.items()
    ]


def _spread(analysis: Analysis, observable: str, subject: str) -> bool:
    """Whether the references differ in a quantity at all."""
    reference = analysis.record.points.reference
    at = analysis.estimates.quantities[observable, subject].ideal[0, np.unique(reference[reference >= 0])]
    return bool(len(at) and np.ptp(at) > 1e-9)
