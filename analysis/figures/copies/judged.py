"""What is shown of every copy: the quantity that the verdict judges, at the measured point where it judges it."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.estimate_arrays import Name, split
from protocols import Array

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A quantity of the main arm at one measured point."""

    where: str
    """Values of the other swept parameters; empty if there are none."""
    key: Name
    point: int
    axis: str
    at: float
    """Of that point."""
    read_at: float | None
    """Where the verdict reads it off: a fit of the sweep is read between the points, too."""
    unit: str

    @property
    def name(self) -> str:
        """The quantity, as a label has it."""
        return f"{self.key[0].replace('_', ' ')} {self.key[1]}"

    @property
    def place(self) -> str:
        """Where that is, as a title has it."""
        here = f"{self.axis} = {self.at:.6g}"
        return f"{self.where}, {here}" if self.where else here


def judged(analysis: Analysis) -> tuple[Judged, ...]:
    """One for every verdict, in their order; none where nothing that has a value is judged.

    Args:
        analysis: What a run says.
    """
    found, axis = analysis.estimates, analysis.estimates.axis
    others = [name for name in found.swept if name != axis]
    shown = []
    for (named, points), verdict in zip(split(found.points, others), analysis.verdicts, strict=False):
        for key in _keys(analysis, verdict.hot):
            point = _point(found.quantities[key].value[0], found.x(axis), points, verdict.at)
            if point is None:
                continue
            shown.append(
                Judged(
                    where=", ".join(f"{name} = {value:.6g}" for name, value in named.items()),
                    key=key,
                    point=point,
                    axis=axis,
                    at=float(found.x(axis)[point]),
                    read_at=verdict.at,
                    unit=found.quantities[key].observable.unit,
                )
            )
            break
    return tuple(shown)


def places(analysis: Analysis) -> dict[int, tuple[int, ...]]:
    """Physical qubits of every copy, by its number, in the order of its wires; nothing where no chip is known.

    Args:
        analysis: What a run says.
    """
    placed = analysis.record.start["device"].get("placements", [])
    return {one["copy"]: tuple(one["physical"].values()) for one in placed if one["physical"]}


def _keys(analysis: Analysis, hot: str | None) -> Sequence[Name]:
    """What may be judged, that of the verdict first; only what has rows."""
    known = analysis.estimates.quantities
    sides = [hot] if hot else [*(analysis.sides or ())][:1]
    wanted = [(analysis.estimates.gain_of(side), side) for side in sides]
    if analysis.goal is not None:
        wanted.insert(0, (analysis.goal.observable, analysis.goal.subject))
    if analysis.machine is not None:
        wanted.insert(0, ("work", analysis.machine.work))
    wanted += [key for key in known if key[0] in ("heat", "energy_change", "energy")]
    return [key for key in dict.fromkeys(wanted) if key in known]


def _point(value: Array, x: Array, points: Array, at: float | None) -> int | None:
    """The measured point nearest to a place of the axis, or else where most was gained or lost; none that is 0."""
    here = points[np.isfinite(value[points]) & (value[points] != 0)]
    if not len(here):
        return None
    known = at is not None and np.isfinite(x[here]).any()
    best = np.nanargmin(np.abs(x[here] - at)) if known else np.argmax(np.abs(value[here]))
    return int(here[int(best)])
