"""Folded arms of a run: rows of their energies, and the heat that is extrapolated from them beside that of the members.

They run the circuits of the main arm three or more times as long, so they are no controls: verdict, checks and figures
do not see them.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from dataclasses import replace

from analysis.data import Counts, tabulate
from analysis.evaluation import evaluate, setup_of
from analysis.intervals import LINEAR, Cells
from analysis.mitigation import Folded, folded_value, mitigated_moments
from analysis.table import tidy
from devices import RunRecord
from protocols.program import scale_of

if typing.TYPE_CHECKING:
    import pandas as pd

    from analysis.result import Analysis


def folded_counts(record: RunRecord, arms: Sequence[str], *, calibrated: bool) -> list[tuple[int, Counts]]:
    """Scale and counts of some arms, each by itself with the calibration of all.

    Args:
        record: The whole run.
        arms: Which.
        calibrated: Whether the readout is corrected.
    """
    start, rows = record.start, record.counts()
    calibration = rows["basis"] == "cal"
    found = []
    for arm in arms:
        chosen = (rows["arm"] == arm) & ~calibration
        own = rows[chosen | calibration] if calibrated else rows[chosen]
        data = tabulate(
            own, qubits=start["qubits"], bases=start["bases"], arms=[arm], parameters=record.points.parameters
        )
        found.append((scale_of(arm), data))
    return found


def main_cells(cells: Cells, points: int) -> Cells:
    """The cells of the main arm, which is the first.

    Args:
        cells: Of all arms.
        points: How many there are in each.
    """
    return replace(
        cells,
        parameters={name: values[:points] for name, values in cells.parameters.items()},
        state=None if cells.state is None else cells.state[:points],
        before=None if cells.before is None else cells.before[:points],
        home=cells.home[:points],
        betas={name: values[:points] for name, values in cells.betas.items()},
    )


def folded_heats(found: Analysis, arms: Sequence[tuple[int, Counts]]) -> tuple[Folded, ...]:
    """The extrapolated heat beside every line of the members.

    Args:
        found: The analysis of the other arms.
        arms: Scale and counts of the main arm and of the folded ones.
    """
    cells, made = main_cells(found.view, len(found.estimates.points)), []
    for heat in found.mitigated_heats:
        assert found.both is not None
        assert isinstance(found.data, Counts)
        o = found.estimates.quantities[heat.quantity, heat.subject].observable
        moments = mitigated_moments(found.data, found.both.members, "both", found.both.survival, o.reads)
        row, point = found.both.rows[heat.quantity, heat.subject], heat.point
        one = row.estimated
        clean = float(one.value[0, point]), float(one.stderr[0, point]), float(row.systematic[0, point])
        at = float(found.estimates.x(found.estimates.axis)[point])
        made.append(folded_value(found.data, arms, cells, o, point, moments, clean, at))
    return tuple(made)


def folded_rows(found: Analysis, arms: Sequence[tuple[str, Counts]]) -> pd.DataFrame:
    """Raw rows of the energies of folded arms.

    Args:
        found: The analysis of the other arms.
        arms: Name and counts of each.
    """
    import pandas as pd

    points, start = found.estimates.points, found.record.start
    cells, frames = main_cells(found.view, len(points)), []
    linear = [o for o in found.observables if o.interval == LINEAR and set("".join(o.reads)) <= {"Z", "I"}]
    for arm, data in arms:
        setup = replace(setup_of(None, points, (arm,), start["axis"], start["qubits"]), oscillates=False)
        frame = tidy(evaluate(data, cells, setup, linear, found.methods, keep_states=False).estimates)
        frames.append(frame.assign(arm=arm))
    return pd.concat(frames, ignore_index=True)


def with_folded(table: pd.DataFrame, rows: pd.DataFrame, after: str, main: str) -> pd.DataFrame:
    """A table with the rows of folded arms below its own.

    Args:
        table: Of the other arms; without a column `arm` it is that of the main one.
        rows: Those of the folded arms.
        after: The column that `arm` stands behind.
        main: Name of the main arm.
    """
    import pandas as pd

    if "arm" not in table:
        table = table.copy()
        table.insert(list(table.columns).index(after) + 1, "arm", main)
    if "mitigation" in table:
        rows = rows.assign(mitigation="none")
    return pd.concat([table, rows.reindex(columns=table.columns)], ignore_index=True)
