"""The line beside a verdict: what its heat is once the errors of gates are removed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from analysis.estimate_arrays import Estimates, split
from analysis.mitigation import Folded, Mitigated
from analysis.verdict.numbers import finite
from analysis.verdict.wording.numbers import pm, sigmas


def fold_in_words(heat: MitigatedHeat, folded: Folded) -> str:
    """The line of the check arm.

    Args:
        heat: What it is compared with.
        folded: What the folded arms give at the same point.
    """
    scales = " and ".join([", ".join(map(str, folded.scales[:-1])), str(folded.scales[-1])])
    read = ", ".join(f"{value:.4f}" for value in folded.values)
    text = (
        f"check by folding: circuits {scales} times as long give {read} for {heat.subject} at {heat.axis} = "
        f"{folded.at:.6g}, extrapolated {pm(folded.value, folded.stderr)}; that is {sigmas(abs(folded.sigma))} from "
        f"{heat.way}"
    )
    return f"{heat.where}: {text}" if heat.where else text


@dataclass(frozen=True, kw_only=True)
class MitigatedHeat:
    """What one side gained at its best place, raw and by way of mitigation [gap]: as the verdict has it, of the fit of
    the sweep or of a measured point.
    """

    where: str
    """Values of the other swept parameters; empty if there are none."""
    quantity: str
    subject: str
    unit: str
    axis: str
    point: int
    """The measured one that is nearest."""
    at: float
    """Where the heat is that of: the point, or the best place of the fit."""
    fitted: int
    """Points of the fit that it is read off; 0: it is that of the point alone."""
    value: float
    stderr: float
    """Statistical."""
    systematic: float
    raw: float
    raw_stderr: float
    way: str
    factor: float | None
    """What a two-qubit gate leaves of a state; None where the way does not need it."""
    factor_stderr: float | None

    @property
    def text(self) -> str:
        """One line."""
        gained = "heat into" if self.quantity == "heat" else "energy gained by"
        way = {"both": "symmetry and survival"}.get(self.way, self.way)
        # far below what any digit shows: nothing was corrected but for rounding
        systematic = f"{self.systematic:.2g}" if self.systematic > 1e-9 else "0"
        fit = f" (fit of {self.fitted} points)" if self.fitted else ""
        text = (
            f"errors of gates removed by the members' {way} (--mitigation {self.way}): {gained} {self.subject} is "
            f"{pm(self.value, self.stderr)} +- {systematic} (systematic) {self.unit} at "
            f"{self.axis} = {self.at:.6g}{fit}, raw {pm(self.raw, self.raw_stderr)}"
        )
        if self.factor is not None and self.factor_stderr is not None:
            text += f"; a two-qubit gate leaves {pm(self.factor, self.factor_stderr)} of a state"
        return f"{self.where}: {text}" if self.where else text

    def as_dict(self) -> dict[str, object]:
        """For verdict.json and --json."""
        return {name: finite(value) for name, value in asdict(self).items()} | {"text": self.text}


def mitigated_heats(
    raw: Estimates, found: Mitigated, best: Sequence[tuple[str | None, float | None]], sides: Sequence[str]
) -> list[MitigatedHeat]:
    """One for every sweep along the axis, at the measured point nearest to where its verdict reads the heat off.

    Args:
        raw: What was found of every observable.
        found: The same with the errors of gates removed.
        best: Hot side and best place of every verdict; None: the first side, and where most was gained or lost.
        sides: The two subjects between which heat flows.
    """
    others = [name for name in raw.swept if name != raw.axis]
    heats = []
    for (named, points), (hot, at) in zip(split(raw.points, others), best, strict=True):
        subject = hot or sides[0]
        key = (raw.gain_of(subject), subject)
        if key not in found.rows or key not in raw.quantities:
            continue
        before, row = raw.quantities[key], found.rows[key]
        x, value = raw.points.parameters[raw.axis][points], before.value[0, points]
        if not np.isfinite(value).any():
            continue
        nearest = np.nanargmin(np.abs(x - at)) if at is not None else np.nanargmax(np.abs(value))
        point = int(points[int(nearest)])
        factor = found.survival.per_gate if found.survival else (None, None)
        one = row.estimated
        heats.append(
            MitigatedHeat(
                where=", ".join(f"{name} = {value:.6g}" for name, value in named.items()),
                quantity=key[0],
                subject=subject,
                unit=before.observable.unit,
                axis=raw.axis,
                point=point,
                fitted=0,
                at=float(raw.points.parameters[raw.axis][point]),
                value=float(one.value[0, point]),
                stderr=float(one.stderr[0, point]),
                systematic=float(row.systematic[0, point]),
                raw=float(before.value[0, point]),
                raw_stderr=float(before.stderr[0, point]),
                way=found.way,
                factor=factor[0],
                factor_stderr=factor[1],
            )
        )
    # of a point compared with itself there is nothing to say
    return [heat for heat in heats if math.isfinite(heat.value) and heat.stderr > 0]
