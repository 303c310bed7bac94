"""Estimates and exact values -> the tidy table: one row per point, observable and subject."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Sequence

import numpy as np

from analysis.data.reading import Data
from analysis.intervals.cells import Cells
from analysis.intervals.estimates import Estimate, evaluated
from analysis.intervals.rules import NORMAL_95
from analysis.sweeps.fits import DriveCheck, SweepFit
from devices.record.counts import role, swept_parameters
from protocols import Array, Observable, Points, Sample
from protocols.program.observable import STATE

if typing.TYPE_CHECKING:
    import pandas as pd


def ideal_values(observables: Sequence[Observable], view: Cells) -> list[Array]:
    """Every observable of the exact states, (cells,) each."""
    exact, nothing = view.exact(), np.full(len(view.home), np.nan)
    bare = Sample(parameters=view.parameters, moments={})
    samples = [bare if o.theory else exact for o in observables]
    return [nothing if s is None else _finished(o, evaluated(o, s)) for o, s in zip(observables, samples, strict=True)]


def _finished(observable: Observable, value: Array) -> Array:
    mapped = value if observable.through is None else observable.through(value)
    return np.clip(mapped, *observable.bounds)


def available(observables: Iterable[Observable], data: Data, view: Cells) -> tuple[Observable, ...]:
    """The observables that data and cells determine, under the assumption that the data's settings declare."""
    family, over = data.family
    direct = {*data.known, *over}

    def determined(observable: Observable) -> bool:
        read = set(observable.reads)
        if (observable.reference and not view.compared) or (observable.ideal and view.state is None):
            return False
        if STATE in read:
            return family != "none" and read - {STATE} <= {*over, *data.registers}
        return read <= direct

    return tuple(observable for observable in observables if determined(observable))


def rows_of(table: pd.DataFrame, observable: str, subject: str, arm: str = "main") -> pd.DataFrame:
    """The rows of one quantity in one arm; a table without the column `arm` has one."""
    chosen = table[(table["observable"] == observable) & (table["subject"] == subject)]
    return chosen[chosen["arm"] == arm] if "arm" in chosen else chosen


def tidy(
    columns: Sequence[tuple[Observable, Array]],
    points: Points,
    arms: Sequence[str],
    axis: str,
    measured: Sequence[Estimate] = (),
) -> pd.DataFrame:
    """The table: `ideal` from `columns`, the measured columns from `measured` in the same order, else empty."""
    import pandas as pd

    size = len(points)
    empty = np.full(size * len(arms), np.nan)
    shared: dict[str, typing.Any] = {"point": np.tile(np.arange(size), len(arms))}
    shared["role"] = [role(points, arm, point) for arm in arms for point in range(size)]
    swept = swept_parameters(points, axis)
    shared |= {name: np.tile(points.parameters[name], len(arms)) for name in swept}
    if len(arms) > 1:
        shared["arm"] = np.repeat(list(arms), size)
    frames = []
    for i, (observable, ideal) in enumerate(columns):
        found = measured[i] if measured else None
        frames.append(
            pd.DataFrame(
                {
                    **shared,
                    "observable": observable.name,
                    "subject": observable.subject,
                    "value": found.value if found else empty,
                    "stderr": found.stderr if found else empty,
                    "low": found.low if found else empty,
                    "high": found.high if found else empty,
                    "ideal": ideal,
                    "unit": observable.unit,
                    **({"bias_corrected": found.corrected, "interval": found.interval} if found else {}),
                }
            )
        )
    # cell by cell, the observables of one cell together
    return pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)


def with_fits(table: pd.DataFrame, fits: Sequence[SweepFit], drives: Sequence[DriveCheck], axis: str) -> pd.DataFrame:
    """The table with the numbers of every sweep fit below it: role `fit`, point -1, the axis left empty."""
    import pandas as pd

    rows: list[dict[str, typing.Any]] = []
    for fit in fits:
        kind = "" if fit.observable == "energy" else f"{fit.observable}_"
        ideal = fit.ideal.numbers() if fit.ideal else {}
        for name, (value, stderr) in (fit.free or fit.oscillation).numbers().items():
            # what was given and not fitted has no error to quote
            unit = {"phase": "rad", "frequency": "gap/hbar", "damping": "gap/hbar"}.get(name, "gap")
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
        "observable": name,
        "subject": source.subject,
        "value": value,
        "stderr": stderr,
        "low": value - NORMAL_95 * stderr,
        "high": value + NORMAL_95 * stderr,
        "ideal": ideal,
        "unit": unit,
        "bias_corrected": np.nan,
        "interval": "multinomial",
    }
