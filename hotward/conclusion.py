"""What is said of an analysis: it is written into the run directory and its verdict is printed."""

from __future__ import annotations

import sys
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hotward.streams import one_line
from hotward.terminal import emit

if typing.TYPE_CHECKING:
    from analysis import Analysis
    from devices import RunRecord

MOST_LINES = 12
"""Of what stands beside the verdicts of many sweeps."""
UNVERIFIED = "not verified against the paper's text"


def analysed(run: RunRecord | Path, as_json: bool, **options: Any) -> Analysis:
    """Analyses a run; what the energies alone say is said before the states of many points are estimated.

    Args:
        run: The record, or the path of its directory.
        as_json: Machine-readable output, which begins later; then it is said on standard error.
        options: Of `analysis.analyse`.
    """
    from analysis import analyse

    def told(said: str) -> None:
        print(f"from energies alone: {one_line(said)}", file=sys.stderr if as_json else sys.stdout, flush=True)
        print("estimating the states of all points", file=sys.stderr, flush=True)

    return analyse(run, told=told, **options)


def conclude(result: Analysis, as_json: bool, last: str = "") -> None:
    """Writes table, figures and report of an analysis into its run directory, and prints what it says.

    Args:
        result: The analysis.
        as_json: Machine-readable output.
        last: Name of the file whose path is the last line; by default that of the run directory.

    Raises:
        RunError: If the directory cannot be written.
    """
    from analysis import write
    from devices import RunError
    from devices.errors import way_out

    path = result.record.path
    remark_on_unsealed(result.record)
    try:
        derived = write(result)
    except OSError as error:
        raise RunError(
            f"{path / 'derived'} cannot be written: {error.strerror}. The run itself is safe; {way_out(error)}, "
            f"then: hotward analyse {path}"
        ) from error
    if as_json:
        emit(_as_document(result, derived))
        return
    for line in _heading(result):
        print(one_line(line))
    print_verdicts(result.headline, [verdict.as_dict() for verdict in result.verdicts], result.warnings, result.beside)
    if result.left_out:
        print(one_line(result.left_out))
    print(f"report: {derived / 'report.html'}")
    print(f"figure: {_first_figure(derived)}")
    print(f"table:  {derived / 'table.csv'}")
    print(derived / last if last else path)


def _first_figure(derived: Path) -> Path:
    """The first one of the report; a protocol may have none of energies."""
    from analysis.figures import FIGURES

    written = [path for name in FIGURES if (path := derived / f"{name}.png").exists()]
    return written[0] if written else derived / "energies.png"


def remark_on_unsealed(record: RunRecord) -> None:
    """Says on standard error which files of a run's directory are none of the run's."""
    from devices.record import beside_the_seal

    if record.unsealed:
        print(f"note: {record.path}{beside_the_seal(record)}", file=sys.stderr)


def print_verdicts(
    headline: str, verdicts: Sequence[Mapping[str, Any]], warnings: Sequence[str], beside: Sequence[str] = ()
) -> None:
    """Prints the verdicts of a run, one below the other, and its warnings.

    Args:
        headline: Of all verdicts together; printed where there are several.
        verdicts: Each with its `headline` and `details`, as verdict.json has them.
        warnings: What the verdicts have to be read with.
        beside: What else stands below them, a line each.
    """
    if len(verdicts) > 1:
        print(one_line(headline))
    for verdict in verdicts:
        print(one_line(verdict["headline"]))
        for detail in verdict["details"]:
            print(f"  - {one_line(detail)}")
    for line in beside[:MOST_LINES]:
        print(one_line(line))
    if len(beside) > MOST_LINES:
        print(f"and {len(beside) - MOST_LINES} more sweeps: verdict.json")
    for warning in warnings:
        print(f"warning: {one_line(warning)}")


def warn_of_missing_intervals(result: Analysis, intervals: Mapping[str, str]) -> None:
    """Says on standard error where an interval that was asked for does not exist.

    Args:
        result: The analysis.
        intervals: Name of a quantity -> the method that was asked for.
    """
    for name, method in intervals.items():
        rows = result.table[(result.table["observable"] == name) & (result.table["interval"] == method)]
        empty = int(rows["low"].isna().sum())
        if empty:
            print(
                f"warning: no {method} interval of {name} in {empty} of {len(rows)} rows: the estimates are too near "
                "the boundary of state space. The other methods have one.",
                file=sys.stderr,
            )


def _as_document(result: Analysis, derived: Path) -> dict[str, Any]:
    from analysis.report import mitigation_of

    return {
        "run": str(result.record.path),
        "headline": result.headline,
        "warnings": list(result.warnings),
        "error_scale": None if result.scale is None else result.scale.factor,
        "verdicts": [verdict.as_dict() for verdict in result.verdicts],
        **({"left_out": result.left_out} if result.left_out else {}),
        **({} if result.regime is None else {"regime": result.regime}),
        "assumption": result.assumption,
        "readout_corrected": result.readout_corrected,
        "draws": result.methods.draws,
        "mitigation": mitigation_of(result),
        "table": str(derived / "table.csv"),
        "figure": str(_first_figure(derived)),
        "report": str(derived / "report.html"),
    }


def _heading(result: Analysis) -> list[str]:
    """What was measured, where, and what has to be known of it."""
    from analysis.report import placed_in_words

    start = result.record.start
    if start.get("imported"):
        lines = _heading_of_import(result)
    else:
        placed = placed_in_words(start["device"]["placements"])
        where = f" ({placed})" if placed and start["device"]["noisy"] else ""
        device = start["device"]["name"]
        lines = [f"{start['protocol']} on {device}{where}, {start['shots']} shots, seed {start['seed']}"]
        if day := start["device"].get("calibrated"):
            stored = "" if start["device"].get("method") == "hardware" else "stored "
            lines.append(f"{stored}calibration of {day}")
    lines += [f"note: {note}" for note in start["notes"]]
    if not start.get("verified", True):
        lines.append(f"note: inputs of preset {start['preset']} are {UNVERIFIED}")
    return lines


def _heading_of_import(result: Analysis) -> list[str]:
    """What was read of an imported file, and what its settings leave to assume."""
    from analysis.report import ASSUMPTIONS

    start = result.record.start
    read, arms = start["imported"], start["arms"]
    low, high = read["shots"]
    points = len(start["points"]["added"])
    carried = f"carried out as {start['protocol']}" if start["protocol"] else "no protocol given"
    sizes = f"{_number_of(read['rows'], 'row')}, {_number_of(points, 'point')}, {_number_of(len(arms), 'arm')}"
    sizes += f" ({', '.join(arms)})"
    if start.get("words"):
        measured = f"{len(start['words'])} Pauli words ({', '.join(start['words'])})"
    else:
        shots = f"{low}" if low == high else f"{low} to {high}"
        measured = f"{_number_of(read['members'], 'member')}, {_number_of(len(start['bases']), 'setting')} "
        measured += f"({', '.join(start['bases'])}), "
        measured += f"{shots} shots per setting and point"
        if start["calibration_shots"]:
            measured += f", readout calibration with {start['calibration_shots']} shots a pattern"
    two = "; both qubits have the same gap (else --gaps A=1,B=0.75)"
    equal = two if len(start["qubits"]) == 2 else "; all qubits have the same gap"
    alike = "" if start["protocol"] or start.get("gaps") else equal
    return [
        f"import of {read['file']}, {carried}",
        f"read: {sizes}, {measured}",
        f"assumed: {ASSUMPTIONS[result.assumption]}{alike}",
    ]


def _number_of(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("s" if number != 1 else "")
