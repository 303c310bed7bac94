"""The edge: estimates as a tidy table, one row per point, observable and subject, with the numbers of fits below."""

from __future__ import annotations

import math
import typing
from collections.abc import Sequence

import numpy as np

from analysis.estimate_arrays import Estimates
from analysis.intervals.rules import NORMAL_95
from analysis.mitigation import Mitigated
from analysis.statistics import student_quantile
from analysis.sweeps.fits import DriveCheck, SweepFit
from devices.record import role
from protocols import Array, Observable
from protocols.units import GAP, Gaps

if typing.TYPE_CHECKING:
    import pandas as pd


MEAN = "pooled"
"""What the column `copy` says in rows of the mean over copies."""


def rows_of(table: pd.DataFrame, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
    """The raw rows of one quantity in one arm, of several copies those of their mean; a table without `arm` has one.

    Args:
        table: A tidy table.
        observable: Name of the quantity.
        subject: Its subject.
        arm: Of which arm.
    """
    chosen = table[(table["observable"] == observable) & (table["subject"] == subject)]
    chosen = chosen[chosen["mitigation"] == "none"] if "mitigation" in chosen else chosen
    chosen = chosen[chosen["copy"] == MEAN] if "copy" in chosen else chosen
    return chosen[chosen["arm"] == arm] if "arm" in chosen else chosen


def tidy(
    found: Estimates, beside: Mitigated | None = None, *, swept: Sequence[str] | None = None, first: int = 0
) -> pd.DataFrame:
    """The table: one row a point, observable and subject; the measured columns are empty where nothing was measured.

    Args:
        found: What was found.
        beside: The same with errors of gates removed: rows of their own, told apart by the column `mitigation`, whose
            systematic error has a column too.
        swept: Parameters with a column, where `found` is part of a larger sweep; None: those of its own.
        first: Number of the first point in that sweep.
    """
    import pandas as pd

    quantities = [(one, "none", None) for one in found.quantities.values()]
    if beside is not None:
        quantities += [(row.estimated, beside.way, row.systematic) for row in beside.rows.values()]
    every, ways, systematic = zip(*quantities, strict=True)
    known, all_cells = [one.observable for one in every], len(found.points) * len(found.arms)
    # what reads several arms stands in the main one, once
    lengths = np.array([all_cells if o.arms is None else len(found.points) for o in known])
    cell = np.concatenate([np.arange(length) for length in lengths])
    # cell by cell, the observables of one cell together
    order = np.argsort(cell, kind="stable")

    def words(each: Sequence[str]) -> Array:
        return np.repeat(np.array(each, dtype=object), lengths)[order]

    def numbers(each: Sequence[Array]) -> Array:
        return np.concatenate([column.ravel()[:n] for column, n in zip(each, lengths, strict=True)])[order]

    columns = {name: values[cell[order]] for name, values in _of_cells(found, swept, first).items()}
    if any(o.cycle for o in known):
        columns["cycle"] = np.concatenate([_cycle_of(o, found)[:n] for o, n in zip(known, lengths, strict=True)])[order]
    if any(o.scheme for o in known):
        columns["scheme"] = words([o.scheme for o in known])
    if beside is not None:
        nothing = np.full(all_cells, np.nan)
        columns["mitigation"] = words(ways)
        columns["systematic"] = numbers([nothing if one is None else one for one in systematic])
    columns |= {"observable": words([o.name for o in known]), "subject": words([o.subject for o in known])}
    columns |= {key: numbers([getattr(one, key) for one in every]) for key in _NUMBERS}
    columns["unit"] = words([o.unit for o in known])
    if found.measured:
        columns["bias_corrected"] = numbers([one.bias_corrected for one in every])
        columns["interval"] = words([one.interval for one in every])
    table = pd.DataFrame(columns)
    # a point has no row of cycles that it does not run
    own = np.repeat([isinstance(o.cycle, int) for o in known], lengths)[order]
    empty = own & table[["value", "ideal"]].isna().all(axis=1).to_numpy()
    return table[~empty].reset_index(drop=True) if empty.any() else table


_NUMBERS = ("value", "stderr", "low", "high", "ideal")


def _of_cells(found: Estimates, swept: Sequence[str] | None, first: int) -> dict[str, Array]:
    """The columns that say which cell a row is of, (cells,) each."""
    points, arms, size = found.points, found.arms, len(found.points)
    columns = {"point": np.tile(np.arange(first, first + size), len(arms))}
    columns["role"] = np.array([role(points, arm, point) for arm in arms for point in range(size)], dtype=object)
    columns |= {name: np.tile(points.parameters[name], len(arms)) for name in (found.swept if swept is None else swept)}
    if len(arms) > 1:
        columns["arm"] = np.repeat(np.array(arms, dtype=object), size)
    return columns


def _cycle_of(observable: Observable, found: Estimates) -> Array:
    """The cycle of each row, (cells,); NaN of what belongs to none."""
    points, arms = found.points, len(found.arms)
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
    degrees: float = math.inf,
) -> pd.DataFrame:
    """The table with the numbers of every sweep fit below it: role `fit`, point -1, the axis left empty.

    Args:
        table: A tidy table.
        fits: Of every sweep and arm.
        drives: Checks of tomography against dynamics.
        axis: The parameter that the sweeps run along.
        gaps: Of the qubits, where they are unequal.
        degrees: Of freedom of the errors, where these are Student's t.
    """
    import pandas as pd

    reach = NORMAL_95 if math.isinf(degrees) else float(student_quantile(degrees))
    rows: list[dict[str, typing.Any]] = []
    for fit in fits:
        kind = "" if fit.observable == "energy" else f"{fit.observable}_"
        ideal = fit.ideal.numbers() if fit.ideal else {}
        for name, (value, stderr) in (fit.free or fit.oscillation).numbers().items():
            # what was given and not fitted has no error to quote
            unit = {"phase": "rad", "frequency": "gap/hbar", "damping": "gap/hbar"}.get(name, GAP)
            unit = gaps.unit_of(unit) if gaps else unit
            exact = ideal.get(name, (np.nan, 0.0))[0]
            rows.append(_fit_row(fit, f"fit_{kind}{name}", value, stderr, exact, unit, reach))
    for check in drives:
        rows.append(_fit_row(check, "fit_coherence_from_dynamics", *check.start, check.ideal_start, "1", reach))
        rows.append(_fit_row(check, "fit_coherence_ratio", *check.ratio, 1.0, "1", reach))
    if not rows:
        return table
    below = pd.DataFrame(rows)
    below = below[[name for name in table.columns if name in below]].reindex(columns=table.columns)
    return pd.concat([table, below], ignore_index=True)


def _fit_row(
    source: SweepFit | DriveCheck, name: str, value: float, stderr: float, ideal: float, unit: str, reach: float
) -> dict[str, typing.Any]:
    return {
        "point": -1,
        "role": "fit",
        **source.where,
        "arm": source.arm,
        "copy": MEAN,
        "mitigation": "none",
        "observable": name,
        "subject": source.subject,
        "value": value,
        "stderr": stderr,
        "low": value - reach * stderr,
        "high": value + reach * stderr,
        "ideal": ideal,
        "unit": unit,
        "scheme": "",
        "bias_corrected": np.nan,
        "interval": "multinomial",
    }
