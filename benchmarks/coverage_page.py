"""docs/coverage.md from docs/coverage.csv: what `coverage.py` measured, in numbers a referee asks for.

uv run python benchmarks/coverage_page.py [--csv docs/coverage.csv] [--page docs/coverage.md] [--draws 100]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from coverage_study import BAND, CASES, FACTORS, METHODS, STATES, UNEQUAL, Case, clopper_pearson, reason_of
from scipy.special import bdtr

QUANTITY = ["observable", "subject"]
WHERE = [*FACTORS, *QUANTITY, "moment"]
WIDEST = 1.4
"""Of the median of a quantity's widths over those of the oracle: the goal."""
STANDARD_ERRORS = (0.8, 1.25)
"""Of the median of a quantity's standard errors over the true ones: the goal."""
NEAR_CRAMER_RAO = 1.15
UNBIASED = 0.25
NUMBERS = (
    "coverage",
    "hairline",
    "width",
    "width_oracle",
    "stderr_rms",
    "bias",
    "corrected_bias",
    "rms",
    "sd",
    "cramer_rao",
    "stratified",
)
"""Columns with gaps."""
FEW = 200
MANY = 8000
FIRST = ("energy", "heat", "mutual_information", "concurrence", "negativity", "discord", "geometric_discord")

INTRODUCTION = """# How often the intervals hold the truth

Measured by `benchmarks/coverage.py`, which also wrote [coverage.csv](coverage.csv): one row a case, time, quantity and
method. {cases} cases with {runs} simulated runs each and {draws} bootstrap draws a run; truth is the exact state. The
cases (at the end of this page) are a list by hand, in which every pair of levels of shots, settings, readout and
preparation occurs; every row has the same number of runs, and none was run again for having failed.

Coverage is counted among the intervals that are shown. A one-sided interval, or one that is all but what lies between
its ends, holds the truth or does not like any other. A row fails when the 99.9 % binomial interval of its coverage lies
outside {low:g} .. {high:g} %: of 1000 runs at 889 and fewer, or 997 and more. Too often is allowed where the truth is
at a bound, as a mutual information of 0 is, and where no run differs from another, as with members that all read the
same. What one row of 1000 runs cannot show, rows pooled by quantity, rank and shots may.

*Width / oracle* is the median width over the distance between the 2.5 % and 97.5 % quantiles of the estimates
themselves, what a method would need that knew the sampling law and the bias. *Error / true* is the median standard
error over the true root mean square distance from the truth. Both are of rows with the truth away from bounds whose
intervals have two ends.
"""


def main() -> None:
    """Reads the CSV, writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, default=Path("docs/coverage.csv"))
    parser.add_argument("--page", type=Path, default=Path("docs/coverage.md"))
    parser.add_argument("--draws", type=int, default=100)
    asked = parser.parse_args()
    asked.page.write_text(page(read(asked.csv), asked.draws))


def read(path: Path) -> pd.DataFrame:
    """The table; only numbers have gaps."""
    texts = dict.fromkeys(("unequal", "settings", "bound", "default", "verdict"), str)
    return pd.read_csv(path, dtype=texts, keep_default_na=False, na_values={name: [""] for name in NUMBERS})


def page(rows: pd.DataFrame, draws: int) -> str:
    """The page as Markdown.

    Args:
        rows: Of the table.
        draws: Of each run.
    """
    default = rows[rows["default"] == "yes"]
    away, at = (default[default["bound"].isin(["at", "still"]) == inside] for inside in (False, True))
    runs = ", ".join(map(str, sorted(default["runs"].unique())))
    numbers = {"cases": len(default[list(FACTORS)].drop_duplicates()), "runs": runs, "draws": draws}
    parts = [
        INTRODUCTION.format(low=100 * BAND[0], high=100 * BAND[1], **numbers),
        "## Against the goals\n",
        _goals(default, away),
        "## Quantities, truth away from bounds\n",
        _quantities(away),
        "## Truth at a bound, or no scatter\n",
        _bounded(at),
        "## Pooled\n",
        _pooled(away),
        "## Intervals that are not always shown, or not always two-sided\n",
        _hidden(default),
        "## Failing rows\n",
        _failing(default),
        "## Beside other methods, on the same draws\n",
        _methods(rows),
        "## Close to the Cramer-Rao bound\n",
        _cramer_rao(default),
        "## Bias\n",
        _bias(default),
        "## The cases\n",
        _cases(default),
    ]
    return "\n".join(parts)


def _goals(default: pd.DataFrame, away: pd.DataFrame) -> str:
    """What was aimed at, and how much of it is there."""
    under, over, none = (default[default["verdict"] == verdict] for verdict in ("under", "over", "none"))
    seen = [(away["coverage"] < BAND[0]).sum(), (away["coverage"] > BAND[1]).sum()]
    wide = [f"{name} ({size:.2f})" for name, size in _medians(away, "width_oracle") if size > WIDEST]
    off = [
        f"{name} ({size:.2f})"
        for name, size in _medians(away, "stderr_rms")
        if not STANDARD_ERRORS[0] <= size <= STANDARD_ERRORS[1]
    ]
    ratio = away["stderr_rms"].dropna()
    inside = ratio.between(*STANDARD_ERRORS).mean()
    unexplained = sum(not reason_of(row) for row in default[default["verdict"] != "covers"].to_dict("records"))
    return "\n".join(
        [
            f"* Coverage of {100 * BAND[0]:g} .. {100 * BAND[1]:g} %, beyond doubt: of {len(default)} rows "
            f"{len(under)} lie below, {len(over)} above ({(over['bound'] == 'near').sum()} of them within two standard "
            f"deviations of a bound), {len(none)} never have an interval; {unexplained} of all these are unexplained.",
            f"* As observed, of {len(away)} rows away from bounds {seen[0]} lie below {100 * BAND[0]:g} % "
            f"({_chance(away, below=True):.0f} would by chance if all covered 95 %) and {seen[1]} above "
            f"{100 * BAND[1]:g} % ({_chance(away, below=False):.0f} would).",
            f"* Wider than {WIDEST} oracles in the median: {', '.join(wide) or 'no quantity'}.",
            f"* Standard errors outside {STANDARD_ERRORS[0]} .. {STANDARD_ERRORS[1]} of the true ones in the median: "
            f"{', '.join(off) or 'of no quantity'}; {100 * inside:.0f} % of {len(ratio)} rows lie inside.",
            "",
        ]
    )


def _medians(away: pd.DataFrame, column: str) -> Iterator[tuple[str, float]]:
    for (name, subject), own in _ordered(away):
        if own[column].notna().any():
            yield f"{name} {subject}", float(own[column].median())


def _chance(away: pd.DataFrame, below: bool) -> float:
    """Rows expected outside of the band if every one covered 95 %."""
    shown = away["shown"].to_numpy(dtype=float)
    shown = shown[shown > 0]
    if below:
        return float(bdtr(np.ceil(BAND[0] * shown) - 1, shown.astype(int), 0.95).sum())
    return float((1 - bdtr(np.floor(BAND[1] * shown), shown.astype(int), 0.95)).sum())


def _quantities(away: pd.DataFrame) -> str:
    """One line a quantity."""
    lines = [
        "Below and above: rows beyond doubt, and in brackets those observed there.\n",
        "| quantity | interval | rows | coverage: mean, least .. most | below 92 % | above 98.5 % | width / oracle: "
        "median (10, 90 %) | error / true: median (10, 90 %) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (name, subject), own in _ordered(away):
        covered = own["coverage"]
        outside = [
            f"{(own['verdict'] == verdict).sum()} ({seen.sum()})" if seen.any() else "-"
            for verdict, seen in (("under", covered < BAND[0]), ("over", covered > BAND[1]))
        ]
        lines.append(
            f"| {name} {subject} | {', '.join(sorted(set(own['method'])))} | {len(own)} | {_coverage(covered)} | "
            f"{' | '.join(outside)} | {_spread(own['width_oracle'])} | {_spread(own['stderr_rms'])} |"
        )
    return "\n".join([*lines, ""])


def _bounded(at: pd.DataFrame) -> str:
    """Where covering always is allowed."""
    lines = ["| quantity | rows | coverage: mean, least .. most | below 92 % beyond doubt |", "|---|---|---|---|"]
    for (name, subject), own in _ordered(at):
        under = (own["verdict"] == "under").sum()
        lines.append(f"| {name} {subject} | {len(own)} | {_coverage(own['coverage'])} | {under or '-'} |")
    return "\n".join([*lines, ""])


def _coverage(covered: pd.Series) -> str:
    if covered.isna().all():
        return "no interval"
    return f"{100 * covered.mean():.1f} %, {100 * covered.min():.1f} .. {100 * covered.max():.1f}"


def _spread(ratio: pd.Series) -> str:
    known = ratio.dropna()
    if known.empty:
        return "-"
    low, middle, high = known.quantile([0.1, 0.5, 0.9])
    return f"{middle:.2f} ({low:.2f}, {high:.2f})"


def _pooled(away: pd.DataFrame) -> str:
    """Rows of one quantity, kind of rank and kind of shots together: a mean that lies outside beyond doubt."""
    lines = [
        f"Runs of all rows of one quantity, rank and number of shots (few: up to {FEW}, many: {MANY} and more, unequal",
        "ones apart) together. Listed are those whose pooled coverage lies outside beyond doubt; a mean hides what",
        "differs from row to row.\n",
        "| quantity | rank | shots | rows | pooled coverage |",
        "|---|---|---|---|---|",
    ]
    rank = away["state"].map(lambda state: {1: "1", 4: "4"}.get(STATES[state].rank, "2, 3"))
    kinds = [away["unequal"] != "no", away["shots"] <= FEW, away["shots"] < MANY]
    shots = np.select(kinds, ["unequal", "few", "1000"], "many")
    number = 0
    for (name, subject), own in _ordered(away.assign(rank=rank, kind=shots)):
        for (ranks, kind), pool in own.groupby(["rank", "kind"]):
            shown = int(pool["shown"].sum())
            covered = int((pool["coverage"].fillna(0) * pool["shown"]).round().sum())
            low, high = clopper_pearson(covered, shown) if shown else (0.0, 1.0)
            number += 1
            if high < BAND[0] or low > BAND[1]:
                lines.append(f"| {name} {subject} | {ranks} | {kind} | {len(pool)} | {_percent(covered / shown)} |")
    return "\n".join([*lines, "", f"Of {number} pools.", ""])


def _hidden(default: pd.DataFrame) -> str:
    """Where a reader sometimes gets no interval, or one of another kind."""
    lines = [
        "Of all runs: where an interval that is not shown counts as one that excludes nothing.\n",
        "| quantity | rows | not in every run | shown, least | coverage of those shown, least | of all runs, least | "
        "one-sided or complement |",
        "|---|---|---|---|---|---|---|",
    ]
    for (name, subject), own in _ordered(default):
        share = own["shown"] / own["runs"]
        other = 1 - own["two_sided"].sum() / max(own["shown"].sum(), 1)
        if (share < 1).any() or other > 0:
            lines.append(
                f"| {name} {subject} | {len(own)} | {(share < 1).sum()} | {_percent(share.min())} | "
                f"{_percent(own['coverage'].min())} | {_percent(own['coverage_all'].min())} | {_percent(other)} |"
            )
    return "\n".join([*lines, ""])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if np.isfinite(share) else "-"


def _failing(default: pd.DataFrame) -> str:
    """Every failing row by name, with the number of the sentence that explains it."""
    failing = default[default["verdict"] != "covers"]
    if failing.empty:
        return "No default fails in any case.\n"
    reasons = list(dict.fromkeys(filter(None, (reason_of(row) for row in failing.to_dict("records")))))
    lines = [
        "Truth *near*: within two standard deviations of a bound. Misses *below*: the interval lies below the truth.",
        "*Hair-line*: coverage with ends moved out by 1 % of the width.\n",
        "| quantity | case | truth | coverage | shown | misses below, above | hair-line | why |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for _, own in _ordered(failing):
        for r in own.sort_values("verdict", ascending=False).to_dict("records"):
            why = f"({reasons.index(reason_of(r)) + 1})" if reason_of(r) else "**?**"
            coverage = f"{_percent(r['coverage'])} ({100 * r['at_least']:.1f} .. {100 * r['at_most']:.1f})"
            lines.append(
                f"| {r['observable']} {r['subject']}, {r['moment']} | {_case(r)} | {r['truth']:.4g} {r['bound']} | "
                f"{coverage if r['shown'] else 'never shown'} | {_percent(r['shown'] / r['runs'])} | "
                f"{r['misses_below']}, {r['misses_above']} | {_percent(r['hairline'])} | {why} |"
            )
    return "\n".join([*lines, "", *(f"{k}. {reason}" for k, reason in enumerate(reasons, 1)), ""])


def _case(row: Mapping[Any, Any]) -> str:
    unequal = "" if row["unequal"] == "no" else f" ({row['unequal']})"
    return f"{row['state']}, {row['shots']}{unequal}, {row['settings']}, {row['readout']}, {row['preparation']}"


def _methods(rows: pd.DataFrame) -> str:
    """Where each method fails in the few cases that were measured with all, and how wide the default is beside it."""
    cases = rows[rows["default"] == "no"][list(FACTORS)].drop_duplicates()
    drawn = rows.merge(cases, on=list(FACTORS))
    drawn = drawn[drawn["method"] != "multinomial"]
    lines = [
        f"In {len(cases)} cases. Failing rows of each method, and in brackets the width of the default over the "
        "method's, median over rows with the truth away from bounds.\n",
        f"| quantity | default | {' | '.join(METHODS)} |",
        "|---" * (2 + len(METHODS)) + "|",
    ]
    for (name, subject), own in _ordered(drawn):
        usual = own[own["default"] == "yes"].set_index(WHERE)
        found = [_count(usual)]
        for method in METHODS:
            other = own[(own["method"].str.removeprefix("signed-") == method) & (own["default"] == "no")]
            other = other.set_index(WHERE)
            away = other[~other["bound"].isin(["at", "still"]) & (other["width"] > 0)]
            ratio = (usual["width"].reindex(away.index) / away["width"]).median()
            found.append(_count(other) + (f" ({ratio:.2f})" if np.isfinite(ratio) else "") if len(other) else "")
        lines.append(f"| {name} {subject} | {' | '.join(found)} |")
    return "\n".join([*lines, ""])


def _count(own: pd.DataFrame) -> str:
    failing = int((own["verdict"] != "covers").sum())
    return f"{failing} of {len(own)}" if failing else "-"


def _cramer_rao(default: pd.DataFrame) -> str:
    """Scatter of the estimates over what is possible."""
    known = (default["cramer_rao"] > 1e-6) & (default["sd"] > 0)
    inside = default[known & (default["bias"].abs() < UNBIASED * default["sd"])]
    lines = [
        "Standard deviation of the estimates over the bound of pooled data (each setting read from the whole mixture)",
        "and over the sandwich covariance of the data as they were taken (members separately). The bound is that of",
        "unbiased estimates: rows biased by more than a quarter of their scatter, and states on the boundary, are left",
        "out. Near the boundary positivity makes the scatter smaller than the bound.\n",
        "| quantity | rows | over pooled bound: median, largest | over stratified: median, largest |",
        "|---|---|---|---|",
    ]
    for (name, subject), own in _ordered(inside):
        pooled = own["sd"] / own["cramer_rao"]
        stratified = (own["sd"] / own["stratified"])[own["stratified"] > 1e-6]
        lines.append(
            f"| {name} {subject} | {len(own)} | {pooled.median():.2f}, {pooled.max():.2f} | "
            f"{stratified.median():.2f}, {stratified.max():.2f} |"
        )
    above = inside[inside["sd"] > NEAR_CRAMER_RAO * inside["cramer_rao"] * (1 + 3 / np.sqrt(2 * inside["runs"]))]
    names = f" ({', '.join(sorted(above['observable'].unique()))})" if len(above) else ""
    lines += [
        "",
        f"{len(above)} of {len(inside)} rows lie above {NEAR_CRAMER_RAO} times the pooled bound by more than three "
        f"standard errors of a standard deviation{names}.",
    ]
    return "\n".join([*lines, ""])


def _bias(default: pd.DataFrame) -> str:
    """What the corrected value is for."""
    lines = [
        "Root mean square over all rows, in units of the estimates' standard deviation.\n",
        "| quantity | value | corrected value |",
        "|---|---|---|",
    ]
    drawn = default[(default["method"] != "multinomial") & (default["sd"] > 1e-9)]
    for (name, subject), own in _ordered(drawn):
        sizes = [np.sqrt(np.mean((own[column] / own["sd"]) ** 2)) for column in ("bias", "corrected_bias")]
        lines.append(f"| {name} {subject} | {sizes[0]:.2f} | {sizes[1]:.2f} |")
    return "\n".join([*lines, ""])


def _cases(default: pd.DataFrame) -> str:
    """The list, with what fails in each."""
    lines = [
        "Parameters of the states are in `benchmarks/coverage_study/cases.py`. Shots are those of the setting with the",
        f"fewest; {'; '.join(f'*{name}*: {meaning}' for name, meaning in UNEQUAL.items() if meaning)}.\n",
        "| state | rank | shots | unequal | settings | readout | preparation | failing of rows |",
        "|---|---|---|---|---|---|---|---|",
    ]
    groups = {tuple(map(str, key)): own for key, own in default.groupby(list(FACTORS))}
    for case in (case for case in CASES if case.name in groups):
        lines.append(f"| {' | '.join(_columns(case))} | {_count(groups[case.name])} |")
    return "\n".join([*lines, ""])


def _columns(case: Case) -> tuple[str, ...]:
    state, *others = case.name
    return state, str(STATES[state].rank), *others


def _ordered(rows: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """By quantity, the usual ones first."""
    groups = [((str(key[0]), str(key[1])), own) for key, own in rows.groupby(QUANTITY, sort=False)]
    return sorted(groups, key=lambda group: FIRST.index(group[0][0]) if group[0][0] in FIRST else len(FIRST))


if __name__ == "__main__":
    main()
