"""What simulated runs say of intervals, errors and verdicts: a table, and a few sentences that it carries."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hotward.study.simulated import Simulated
from protocols import Array

if typing.TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
"""Of the intervals."""
ALARM = 0.01
"""Chance that a study of right intervals, or right errors, names a single one of all its rows."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
STANDS_OUT = (3.0, 5.0)
"""Significances that are counted [sigma]."""
FEWEST = 20
"""Runs from which on a spread is judged."""
NOTHING = 1e-6
"""Variance of pulls below which a quantity did not vary at all: an eigenstate is read in its own basis."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Summary:
    """One study."""

    table: pd.DataFrame
    sentences: tuple[str, ...]
    figure: Mapping[str, Any]
    """What is drawn of it beside the table."""


def coverage(found: Simulated) -> Summary:
    """How often the 95 % intervals hold the truth, row by row.

    An interval whose lower end is above the upper one is all that is outside of both, as for a temperature whose
    inverse may be 0. Intervals of coverage are Clopper and Pearson's (Biometrika 26, 404 (1934)).

    Args:
        found: All runs.
    """
    import pandas as pd
    from scipy.stats import binom

    low, high, truth = found.low, found.high, found.truth
    there = ~(np.isnan(low) | np.isnan(high) | np.isnan(truth))
    above, below = there & (truth > high), there & (truth < low)  # of the truth
    outside_in = low > high
    held = there & np.where(outside_in, ~(above & below), ~(above | below))
    runs, hits = there.sum(axis=0), held.sum(axis=0)
    ends = clopper_pearson(hits, runs)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = {
            "coverage": hits / runs,
            "coverage_low": ends[0],
            "coverage_high": ends[1],
            "truth_below": (below & ~held).sum(axis=0),
            "truth_above": (above & ~held).sum(axis=0),
            "mean_width": _mean(np.where(there & ~outside_in, high - low, np.nan)),
            "mean_stderr": _mean(found.stderr),
            "spread": _spread(found.value),
            "bias": _mean(found.value - truth),
        }
    table = pd.DataFrame({**_places(found), "truth": _mean(truth), "runs": runs, "held": hits, **columns})
    seldom = np.asarray(binom.cdf(hits, runs, LEVEL))
    judged = runs > 0
    low_rows = judged & (seldom < ALARM / max(1, judged.sum()))
    table["too_seldom"] = low_rows
    with np.errstate(invalid="ignore"):
        of_run = held.sum(axis=1) / there.sum(axis=1)
    sentences = [
        f"The truth is in {of_run.mean():.1%} of the intervals of {judged.sum()} rows{_between_runs(of_run)}, mean of "
        f"{len(found)} runs."
    ]
    if low_rows.any():
        worst = table[low_rows].sort_values("coverage").iloc[0]
        sentences.append(
            f"{low_rows.sum()} of {judged.sum()} rows hold it more seldom than 95 % by more than chance explains (all "
            f"rows together: {ALARM:.0%}), first of them {_named(worst)}: "
            f"{_times(int(worst['held']), int(worst['runs']))}."
        )
    else:
        sentences.append(
            f"No row holds it more seldom than 95 % by more than chance explains (all rows together: {ALARM:.0%}); "
            f"{_noticed(len(found), int(judged.sum()))}."
        )
    return Summary(table=table, sentences=tuple(sentences), figure={"seldom": low_rows})


def pulls(found: Simulated) -> Summary:
    """Means and variances of (value - truth)/stderr, row by row; 0 and 1 where errors are right.

    The standard error of a variance s^2 of n numbers is sqrt((m4 - s^4 (n-3)/(n-1))/n), with their fourth central
    moment m4. Quantities at a bound of theirs, such as a concurrence of 0, have no normal pulls.

    Args:
        found: All runs.
    """
    import pandas as pd
    from scipy.stats import t

    with np.errstate(invalid="ignore", divide="ignore"):
        pull = np.where(found.stderr > 0, (found.value - found.truth) / found.stderr, np.nan)
        n = np.isfinite(pull).sum(axis=0)
        pull = np.where(np.isfinite(pull), pull, np.nan)
        mean, variance = _mean(pull), _spread(pull) ** 2
        fourth = _mean((pull - mean) ** 4)
        columns = {
            "mean": mean,
            "mean_stderr": np.sqrt(variance / n),
            "variance": variance,
            "variance_stderr": np.sqrt((fourth - variance**2 * (n - 3) / (n - 1)) / n),
            "within_1": np.where(n > 0, (np.abs(pull) < 1).sum(axis=0) / n, np.nan),
            "within_2": np.where(n > 0, (np.abs(pull) < 2).sum(axis=0) / n, np.nan),
        }
        shifted = 2 * t.sf(np.abs(mean) / columns["mean_stderr"], n - 1)
    table = pd.DataFrame({**_places(found), "truth": _mean(found.truth), "runs": n, **columns})
    judged = (n >= FEWEST) & (variance > NOTHING)
    biased = judged & (shifted < ALARM / max(1, judged.sum()))
    table["shifted"] = biased
    sentences = [
        f"Pulls of {judged.sum()} rows in {len(found)} runs: median of the variances "
        f"{np.median(variance[judged]) if judged.any() else np.nan:.3f}, of the means "
        f"{np.median(mean[judged]) if judged.any() else np.nan:+.3f}."
    ]
    if not judged.any():
        sentences = [f"Pulls are judged from {FEWEST} runs on, of quantities that vary; here are {len(found)} runs."]
    elif biased.any():
        worst = table.iloc[int(np.argmin(np.where(biased, shifted, np.inf)))]
        sentences.append(
            f"{biased.sum()} of {judged.sum()} rows are shifted by more than chance explains (all rows together: "
            f"{ALARM:.0%}), most of all {_named(worst)}: {worst['mean']:+.3f} +- {worst['mean_stderr']:.3f} standard "
            "errors."
        )
    else:
        sentences.append(f"No row is shifted by more than chance explains (all rows together: {ALARM:.0%}).")
    return Summary(table=table, sentences=tuple(sentences), figure={"pull": pull, "judged": judged})


def power(found: Simulated) -> Summary:
    """How often each verdict is given, and the significances it comes with, sweep by sweep.

    Args:
        found: All runs.
    """
    import pandas as pd

    rows, sentences, drawn = [], [], {}
    for index, first in enumerate(found.verdicts[0]):
        said = [run[index] for run in found.verdicts]
        sigma = np.array([one["sigma"] if one["sigma"] is not None else np.nan for one in said], dtype=float)
        drawn[first["where"]] = sigma
        named = [str(one["kind"]) for one in said]
        for kind in sorted({*named}, key=lambda kind: -named.count(kind)):
            own = np.array([one == kind for one in named])
            rows.append({"where": first["where"], "verdict": kind, **_of_kind(found, said, own, sigma)})
            rows[-1]["largest_exact_heat"] = _exact_heat(found, [one["hot"] for one in said])
        kind, times = rows[-len({*named})]["verdict"], rows[-len({*named})]["runs"]
        where = f"{first['where']}: " if first["where"] else ""
        sentences.append(f"{where}the verdict is {kind!r} in {_times(times, len(said))} runs.")
        for kind in dict.fromkeys(named):
            known = sigma[np.isfinite(sigma) & np.array([one == kind for one in named])]
            if len(known):
                quantiles = np.quantile(known, (0.05, 0.5, 0.95))
                sentences.append(
                    f"{where}{kind!r} has {quantiles[1]:.1f} sigma in the median, {quantiles[0]:.1f} to "
                    f"{quantiles[2]:.1f} in nine of ten of its runs; above {STANDS_OUT[1]:g} sigma it comes "
                    f"in {_times(int((known > STANDS_OUT[1]).sum()), len(said))} runs."
                )
    return Summary(table=pd.DataFrame(rows), sentences=tuple(sentences), figure={"sigma": drawn})


def _of_kind(found: Simulated, said: Sequence[Mapping[str, Any]], own: Array, sigma: Array) -> dict[str, Any]:
    """One verdict: how often, how significant, and the heat that it says."""
    runs, of = int(own.sum()), len(said)
    (low,), (high,) = clopper_pearson(np.array([runs]), np.array([of]))
    known = sigma[own & np.isfinite(sigma)]
    heat = np.array([one["heat"] for one, mine in zip(said, own, strict=True) if mine and one["heat"] is not None])
    quantiles = np.quantile(known, QUANTILES) if len(known) else [np.nan] * len(QUANTILES)
    return {
        "runs": runs,
        "fraction": runs / of,
        "fraction_low": low,
        "fraction_high": high,
        **{f"sigma_{q:.0%}".replace("%", ""): value for q, value in zip(QUANTILES, quantiles, strict=True)},
        **{f"above_{level:g}_sigma": int((known > level).sum()) for level in STANDS_OUT},
        "mean_heat": heat.mean() if len(heat) else np.nan,
        "spread_of_heat": heat.std(ddof=1) if len(heat) > 1 else np.nan,
    }


def _exact_heat(found: Simulated, hot: Sequence[str | None]) -> float:
    """What the side that is called the hot one gains at most, exactly, at the points of the only sweep; NaN of more."""
    named = [side for side in hot if side is not None]
    if not named or len(found.verdicts[0]) > 1:
        return float("nan")
    side = max(named, key=named.count)
    mine = [k for k, (o, s, arm, _) in enumerate(found.rows) if (o, s, arm) == ("heat", side, found.rows[0][2])]
    return float(np.nanmax(_mean(found.truth)[mine])) if mine else float("nan")


SUMMARIES: Mapping[str, Callable[[Simulated], Summary]] = {"coverage": coverage, "pulls": pulls, "power": power}
"""By the name of the study."""


def clopper_pearson(hits: Array, runs: Array) -> tuple[Array, Array]:
    """Exact 95 % interval of a probability.

    Args:
        hits: How often it happened.
        runs: Of how many.

    Examples:
        >>> [end.round(4).tolist() for end in clopper_pearson(np.array([95]), np.array([100]))]
        [[0.8872], [0.9836]]
    """
    from scipy.stats import beta

    with np.errstate(invalid="ignore"):
        low = np.where(hits > 0, beta.ppf((1 - LEVEL) / 2, hits, runs - hits + 1), 0.0)
        high = np.where(hits < runs, beta.ppf((1 + LEVEL) / 2, hits + 1, runs - hits), 1.0)
    return low, high


def _places(found: Simulated) -> dict[str, Any]:
    observable, subject, arm, point = zip(*found.rows, strict=True)
    at = np.array(point)
    return {
        "point": at,
        **{name: values[at] for name, values in found.places.items()},
        "arm": arm,
        "observable": observable,
        "subject": subject,
    }


def _mean(numbers: Array) -> Array:
    """Of what is finite, (rows,); NaN where nothing is."""
    known = np.isfinite(numbers)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, numbers, 0.0).sum(axis=0) / known.sum(axis=0)


def _spread(numbers: Array) -> Array:
    """Standard deviation between runs, (rows,)."""
    known = np.isfinite(numbers)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.where(known, numbers - _mean(numbers), 0.0)
        return np.sqrt((off**2).sum(axis=0) / (known.sum(axis=0) - 1))


def _times(hits: int, runs: int) -> str:
    (low,), (high,) = clopper_pearson(np.array([hits]), np.array([runs]))
    return f"{hits} of {runs} ({low:.3f} to {high:.3f})"


def _noticed(runs: int, rows: int) -> str:
    """Which coverage this many runs tell from 95 %: a row of n runs is named if it holds the truth k times or fewer."""
    from scipy.stats import binom

    most = int(binom.ppf(ALARM / max(1, rows), runs, LEVEL)) - 1
    return (
        f"one that held it in {most} of {runs} runs would be named" if most >= 0 else f"{runs} runs are too few to tell"
    )


def _between_runs(of_run: Array) -> str:
    """The error of a mean over runs: intervals of one run come from the same counts, and do not miss independently."""
    return f" +- {of_run.std(ddof=1) / np.sqrt(len(of_run)):.1%}" if len(of_run) > 1 and np.ptp(of_run) else ""


def _named(row: Any) -> str:
    arm = "" if row["arm"] == "main" else f" in the arm {row['arm']}"
    return f"{row['observable']} {row['subject']} at point {row['point']}{arm}"
