"""The edge: estimates as a tidy table, one row per point, observable and subject, with the numbers of fits below."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.estimate_arrays import Estimates
from analysis.intervals.rules import NORMAL_95
from analysis.mitigation import Mitigated
from analysis.sweeps.fits import DriveCheck, SweepFit
from devices.record import role
from protocols import Array, Observable, Points
from protocols.units import GAP, Gaps

if typing.TYPE_CHECKING:
    import pandas as pd


def rows_of(table: pd.DataFrame, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
    """The raw rows of one quantity in one arm; a table without the column `arm` has one.

    Args:
        table: A tidy table.
        observable: Name of the quantity.
        subject: Its subject.
        arm: Of which arm.
    """
    chosen = table[(table["observable"] == observable) & (table["subject"] == subject)]
    chosen = chosen[chosen["mitigation"] == "none"] if "mitigation" in chosen else chosen
    return chosen[chosen["arm"] == arm] if "arm" in chosen else chosen


def tidy(found: Estimates, beside: Mitigated | None = None) -> pd.DataFrame:
    """The table: one row a point, observable and subject; the measured columns are empty where nothing was measured.

    Args:
        found: What was found.
        beside: The same with errors of gates removed: rows of their own, told apart by the column `mitigation`, whose
            systematic error has a column too.
    """
    import pandas as pd

    points, arms, size = found.points, found.arms, len(found.points)
    shared: dict[str, typing.Any] = {"point": np.tile(np.arange(size), len(arms))}
    shared["role"] = [role(points, arm, point) for arm in arms for point in range(size)]
    shared |= {name: np.tile(points.parameters[name], len(arms)) for name in found.swept}
    if len(arms) > 1:
        shared["arm"] = np.repeat(list(arms), size)
    raw = {} if beside is None else {"mitigation": "none", "systematic": np.nan}
    every = [(one, raw) for one in found.quantities.values()]
    if beside is not None:
        for row in beside.rows.values():
            every.append((row.estimated, {"mitigation": beside.way, "systematic": row.systematic.ravel()}))
    frames = []
    schemes = any(one.observable.scheme for one, _ in every)
    cycles = any(one.observable.cycle for one, _ in every)
    for one, told in every:
        o = one.observable
        numbers = {key: getattr(one, key).ravel() for key in ("value", "stderr", "low", "high", "ideal")}
        named = {**({"scheme": o.scheme} if schemes else {}), **told, "observable": o.name, "subject": o.subject}
        which = {"cycle": _cycle_of(o, points, len(arms))} if cycles else {}
        columns = {**shared, **which, **named, **numbers, "unit": o.unit}
        if found.measured:
            columns |= {"bias_corrected": one.bias_corrected.ravel(), "interval": one.interval}
        # what reads several arms stands in the main one, once
        rows = pd.DataFrame(columns).iloc[: size if o.arms is not None else None]
        # a point has no row of cycles that it does not run
        frames.append(rows[rows[["value", "ideal"]].notna().any(axis=1)] if isinstance(o.cycle, int) else rows)
    # cell by cell, the observables of one cell together
    return pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)


def _cycle_of(observable: Observable, points: Points, arms: int) -> Array:
    """The cycle of each row, (cells,); NaN of what belongs to none."""
    if not observable.cycle:
        return np.full(arms * len(points), np.nan)
    one = points.parameters[observable.cycle] if isinstance(observable.cycle, str) else float(observable.cycle)
    return np.tile(np.broadcast_to(one, (len(points),)), arms)


def with_fits(
    table: pd.DataFrame,
    fits: Sequence[SweepFit],
    drives: Sequence[DriveCheck],
    axis: str,
    gaps: Gaps | None = None,
) -> pd.DataFrame:
    """The table with the numbers of every sweep fit below it: role `fit`, point -1, the axis left empty.

    Args:
        table: A tidy table.
        fits: Of every sweep and arm.
        drives: Checks of tomography against dynamics.
        axis: The parameter that the sweeps run along.
        gaps: Of the qubits, where they are unequal.
    """
    import pandas as pd

    rows: list[dict[str, typing.Any]] = []
    for fit in fits:
        kind = "" if fit.observable == "energy" else f"{fit.observable}_"
        ideal = fit.ideal.numbers() if fit.ideal else {}
        for name, (value, stderr) in (fit.free or fit.oscillation).numbers().items():
            # what was given and not fitted has no error to quote
            unit = {"phase": "rad", "frequency": "gap/hbar", "damping": "gap/hbar"}.get(name, GAP)
            unit = gaps.unit_of(unit) if gaps else unit
            exact = ideal.get(name, (np.nan, 0.0))[0]
            rows.append(_fit_row(fit, f"fit_{kind}{name}", value, stderr, exact, unit))
    for check in drives:
        rows.append(_fit_row(check, "fit_coherence_from_dynamics", *check.start, check.ideal_start, "1"))
        rows.append(_fit_row(check, "fit_coherence_ratio", *check.ratio, 1.0, "1"))
    if not rows:
        return table
    below = pd.DataFrame(rows)
    below = below[[name for name in table.columns if name in below]].reindex(columns=table.columns)
    return pd.concat([table, below], ignore_index=True)


def _fit_row(
    source: SweepFit | DriveCheck, name: str, value: float, stderr: float, ideal: float, unit: str
) -> dict[str, typing.Any]:
    return {
        "point": -1,
        "role": "fit",
        **source.where,
        "arm": source.arm,
        "mitigation": "none",
        "observable": name,
        "subject": source.subject,
        "value": value,
        "stderr": stderr,
        "low": value - NORMAL_95 * stderr,
        "high": value + NORMAL_95 * stderr,
        "ideal": ideal,
        "unit": unit,
        "scheme": "",
        "bias_corrected": np.nan,
        "interval": "multinomial",
    }
