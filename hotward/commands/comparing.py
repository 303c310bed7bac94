"""`hotward compare`: several runs in one figure and one table."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Annotated

import typer

from hotward.commands.listing import find_run, finished
from hotward.conclusion import remark_on_unsealed
from hotward.options import Draws, Json, Mitigation, Runs, WorkersOption
from hotward.terminal import emit

if typing.TYPE_CHECKING:
    from analysis.report import Comparison


def compare(
    run: Annotated[list[Path], typer.Argument(help="Directories of runs, or their names under --runs.")],
    out: Annotated[
        Path | None, typer.Option(help="Directory for the figure and the table. Default: a new one under --runs.")
    ] = None,
    runs: Runs = Path("runs"),
    draws: Draws = None,
    mitigation: Mitigation = None,
    workers: WorkersOption = "1",
    json: Json = False,
) -> None:
    """Several runs in one figure and one table. The last line is the directory of both."""
    from analysis.report import compare as compare_runs
    from analysis.report import write_comparison
    from devices.record import COMPARISON, fresh_directory

    places = [find_run(one, runs) for one in run]
    for one in places:
        finished(one)
    compared = compare_runs(places, draws=draws, mitigation=mitigation, workers=workers)
    for one in compared.analyses:
        remark_on_unsealed(one.record)
    place = out or fresh_directory(runs, COMPARISON)
    _print_comparison(compared, write_comparison(compared, place), json)


def _print_comparison(result: Comparison, out: Path, as_json: bool) -> None:
    """The headline of every run, and where figure and table are."""
    said = list(zip(result.names, result.labels, (a.headline for a in result.analyses), strict=True))
    if as_json:
        verdicts = [[verdict.as_dict() for verdict in compared.verdicts] for compared in result.analyses]
        rows = [
            {"run": name, "label": label, "headline": headline, "warnings": list(compared.warnings), "verdicts": found}
            for (name, label, headline), found, compared in zip(said, verdicts, result.analyses, strict=True)
        ]
        places = {"out": out, "table": out / "table.csv", "figure": out / "compare.png"}
        emit({**{key: str(path) for key, path in places.items()}, "runs": rows})
        return
    for (name, label, headline), compared in zip(said, result.analyses, strict=True):
        print(f"{label}: {headline}" + ("" if label == name else f" ({name})"))
        for warning in compared.warnings:
            print(f"  warning: {warning}")
    print(f"figure: {out / 'compare.png'}")
    print(f"table:  {out / 'table.csv'}")
    print(out)
