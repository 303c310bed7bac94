"""The table of a sweep: what every point shows of the effect, and how significant it will be by itself."""

from __future__ import annotations

import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.planning.expectation import Expectation, expect
from analysis.planning.power import power_by_time
from analysis.planning.program import at
from analysis.planning.proposal import Proposal, typed
from analysis.table import tidy
from devices import Device
from protocols import Array, Program
from protocols.program import Goal, machine_of

if typing.TYPE_CHECKING:
    import pandas as pd

_LEFT_OUT = ("low", "high", "unit", "bias_corrected", "interval", "limit")
FEWEST = 40
"""Steps of a period, each 1, 2 or 5 times a power of ten: times that one would type."""
FEWEST_OF_COPIES = 10
"""The same of many copies, each of which is computed."""


def period_table(program: Program, device: Device, proposal: Proposal) -> pd.DataFrame:
    """A full period of one combination, with the times that were set and the best one among the regular ones.

    Columns: swept fields, the axis, `heat` into the hot qubit (exact) and `share` of the available effect, `expected`
    (on the device) with `stderr` and `sigma`, `power` (how often a run of this time alone, with the shots that were
    asked for, says "reversed"; not of several copies), one column a control arm, and `note` ("set", "best").

    Args:
        program: What was asked for.
        device: Where.
        proposal: The combination of fields whose period it is.
    """
    import pandas as pd

    effect, axis = proposal.effect, program.experiment.axis
    asked = {time for time, _ in proposal.asked}
    fewest = FEWEST if proposal.beside is None else FEWEST_OF_COPIES
    times = np.array(sorted({*_regular(effect.period, fewest), *asked, proposal.time}))
    expected = expect(at(program, {**proposal.where, axis: times}), device)
    size = len(expected.program.points)
    value, stderr = expected.heat(effect.subject)
    exact = effect.heat(times)
    measured = stderr[: len(times)] > 0
    measured &= times > 0
    notes = ["best" if t == proposal.time else "set" if t in asked else "" for t in times]
    columns: dict[str, typing.Any] = {name: np.full(len(times), v) for name, v in proposal.where.items()}
    columns |= {axis: times, "heat": exact, "share": exact / effect.available}
    columns |= {"expected": value[: len(times)], "stderr": np.where(measured, stderr[: len(times)], np.nan)}
    columns["sigma"] = columns["expected"] / columns["stderr"]
    if expected.copies == 1:
        columns["power"] = np.where(measured, power_by_time(expected, effect)[: len(times)], np.nan)
    for index, arm in enumerate(expected.program.points.arms[1:], start=1):
        columns[f"control_{arm}"] = value[index * size : index * size + len(times)]
    return pd.DataFrame({**columns, "note": notes})


def _regular(period: float, fewest: int) -> list[float]:
    """0, a round step, ..., and the period itself."""
    power = 10 ** np.floor(np.log10(period / fewest))
    step = max(factor * power for factor in (1, 2, 5) if factor * power * fewest <= period * (1 + 1e-12))
    return [typed(time) for time in (*np.arange(0, period, step), period)]


def sweep_table(expected: Expectation) -> pd.DataFrame:
    """What was asked for, where no best time is known: rows of the quantity that the verdict is about."""
    import pandas as pd

    experiment, found = expected.program.experiment, expected.estimates
    goal = experiment.goal(expected.program.points)
    names = [(found.gain_of(side), side) for side in experiment.sides or ()]
    names = names if goal is None else [(goal.observable, goal.subject)]
    machine = machine_of(experiment)
    if machine is not None:
        names = [("heat", machine.hot), ("heat", machine.cold), ("work", machine.work)]
    chosen = [tidy(found.only([name])) for name in names if name in found.quantities]
    rows = pd.concat(chosen) if chosen else tidy(found).iloc[:0]
    rows = rows[[name for name in rows.columns if name not in _LEFT_OUT]]
    limit = np.zeros(len(rows)) if goal is None else _limits(expected, goal, rows)
    stderr = rows["stderr"].to_numpy(dtype=float)
    # at the reference heat is 0 by definition, without an error
    beyond = rows["value"].to_numpy(dtype=float) - limit
    beyond = -beyond if goal is not None and goal.below else beyond
    sigma = np.divide(beyond, stderr, out=np.full(len(rows), np.nan), where=stderr > 0)
    return rows.assign(limit=limit, sigma=sigma).reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """One of the points that were set, and what a run is expected to show there of its goal."""

    where: Mapping[str, float]
    """The axis, and what else is swept."""
    quantity: str
    value: float
    stderr: float
    limit: float
    below: bool
    """Whether it is to be below the limit."""
    sigma: float
    """Standard errors beyond the limit, on the wanted side, with the shots that were asked for."""
    chosen: str
    """What it is best in: "most significant", "largest" (or "lowest"), or both."""
    shots: int | None
    """Of each setting and point with which half of the runs are five standard errors beyond the limit; None: none."""


def reversal_of(expected: Expectation) -> Goal | None:
    """Heat above 0 into the side that is hotter at every reference; None where there are no sides, or either is hotter.

    Args:
        expected: Of a run.
    """
    experiment, found = expected.program.experiment, expected.estimates
    apart = found.quantities.get(("energy_difference", "".join(experiment.sides or ())))
    if experiment.sides is None or apart is None:
        return None
    home = expected.program.points.reference
    hotter = {bool(one) for one in apart.ideal[0, home[home >= 0]] > 0}
    if len(hotter) != 1:
        return None
    hot = experiment.sides[0 if hotter.pop() else 1]
    return Goal(found.gain_of(hot), hot, limit="", reached="reversed", missed="not reversed")


def operating_points(sweep: pd.DataFrame, goal: Goal | None, shots: int, fewest: int = 1) -> tuple[OperatingPoint, ...]:
    """The point of the main arm that passes its limit best, and the one that shows most, if that is another one.

    None where no point passes it.

    Args:
        sweep: What `sweep_table` gave.
        goal: What is to exceed its limit; None: nothing is, and there is no such point.
        shots: Of each setting and point, asked for.
        fewest: With which every member of an ensemble has one.
    """
    main = sweep[sweep["role"] == "point"] if "role" in sweep else sweep
    main = main[main["sigma"].notna() & (main["limit"].notna())] if len(main) else main
    if goal is not None and len(main):
        main = main[(main["observable"] == goal.observable) & (main["subject"] == goal.subject)]
    if goal is None or main.empty or not main["sigma"].max() > 0:
        return ()
    known = {"point", "role", "arm", "observable", "subject", "value", "stderr", "ideal", "limit", "sigma"}
    surest, value = int(main["sigma"].to_numpy().argmax()), main["value"].to_numpy()
    most = int(value.argmin() if goal.below else value.argmax())
    words = ("most significant", surest), ("lowest" if goal.below else "largest", most)
    found = []
    for row in dict.fromkeys((surest, most)):
        one = main.iloc[row]
        sigma = float(one["sigma"])
        found.append(
            OperatingPoint(
                where={str(name): float(one[name]) for name in main.columns if name not in known},
                quantity=f"{goal.observable.replace('_', ' ')} {goal.subject}",
                value=float(one["value"]),
                stderr=float(one["stderr"]),
                limit=float(one["limit"]),
                below=goal.below,
                sigma=sigma,
                chosen=" and ".join(word for word, best in words if best == row),
                # errors go with the root of the shots, those of the calibration too, which has as many
                shots=max(fewest, math.ceil(shots * (5 / sigma) ** 2)) if sigma > 0 else None,
            )
        )
    return tuple(found)


def _limits(expected: Expectation, goal: Goal, rows: pd.DataFrame) -> Array:
    """What the quantity has to pass at every row, by theory."""
    arms = list(expected.estimates.arms)
    ideal = goal.limits(expected.estimates.quantities[goal.limit, goal.subject].ideal)
    which = [arms.index(arm) for arm in rows["arm"]] if "arm" in rows else 0
    return ideal[which, rows["point"].to_numpy(dtype=int)]
