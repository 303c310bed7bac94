"""Everything an analysis leaves in RUN/derived/: table.csv, the figure and a self-contained report.html."""

from __future__ import annotations

import io
import typing
from collections.abc import Callable, Mapping
from pathlib import Path

from analysis._analyse import Analysis
from analysis._figure import energies_and_heat
from analysis._verdict import pm
from devices import _disk
from protocols import load
from protocols._parameters import parameters
from protocols._units import Dimension, Gap

if typing.TYPE_CHECKING:
    from matplotlib.figure import Figure

ASSUMPTIONS = {
    "full": "all Pauli words were measured; nothing about the state is assumed",
    "x-state": "the state is taken to be an X state: all moments but ZI, IZ, ZZ, XX, YY, XY, YX are assumed zero",
    "minimal": "the state is taken to be a number-conserving X state: moments outside ZI, IZ, ZZ, XX, XY are assumed "
    "zero, and <YY> = <XX>, <YX> = -<XY>",
    "none": "the settings determine no state; only quantities linear in the counts are given",
}


def write(analysis: Analysis) -> Path:
    """Writes derived/table.csv, verdict.json, energies.svg, energies.png and report.html, each whole or not at all.

    Returns:
        The directory `derived`.

    Raises:
        OSError: If the disk is full; the run itself is not touched.
    """
    derived = analysis.record.path / "derived"
    derived.mkdir(exist_ok=True)
    _disk.write(derived / "table.csv", analysis.table.to_csv(index=False, lineterminator="\n"))
    verdicts = [verdict.as_dict() for verdict in analysis.verdicts]
    _disk.write_json(derived / "verdict.json", {"headline": analysis.headline, "verdicts": verdicts})
    figure = energies_and_heat(analysis)
    svg = _rendered(figure, "svg")
    _disk.write(derived / "energies.svg", svg)
    _disk.write(derived / "energies.png", _rendered(figure, "png"))
    _disk.write(derived / "report.html", render(analysis, svg.decode()))
    return derived


def render(analysis: Analysis, svg: str) -> str:
    """The report as one HTML page that needs no other file."""
    import jinja2

    start = analysis.record.start
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        start=start,
        headline=analysis.headline,
        verdicts=analysis.verdicts,
        svg=svg[svg.index("<svg") :],
        table=_short(analysis),
        full_rows=len(analysis.table),
        settings=_settings(analysis),
        device=_device(start),
        drawings=_drawings(analysis.record.path),
    )


def _rendered(figure: Figure, kind: str) -> bytes:
    """Bytes of the figure, the same for the same figure."""
    import matplotlib as mpl

    buffer = io.BytesIO()
    metadata: dict[str, typing.Any] = {"Date": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context({"svg.hashsalt": "hotward", "svg.fonttype": "path"}):
        figure.savefig(buffer, format=kind, dpi=160, metadata=metadata)
    return buffer.getvalue()


def _short(analysis: Analysis) -> dict[str, typing.Any]:
    """The rows a reader wants first: energies, heat and correlations of the main arm, one line a point."""
    table, qubits = analysis.table, analysis.record.start["qubits"]
    both = "".join(qubits)
    wanted = [("energy", q) for q in qubits] + [("heat", q) for q in qubits]
    wanted += [(name, both) for name in ("energy_difference", "mutual_information", "concurrence")]
    main = table[table["role"] != "control"]
    swept = [name for name in table.columns if name in analysis.record.start["points"]["parameters"]]
    lines = []
    for _, rows in main.groupby("point", sort=True):
        cells: list[str] = [f"{rows[name].iloc[0]:.6g}" for name in swept]
        for name, subject in wanted:
            row = rows[(rows["observable"] == name) & (rows["subject"] == subject)]
            cells.append(_cell(row.iloc[0]) if len(row) else "not measured")
        lines.append(cells)
    return {"head": [*swept, *(f"{name} {subject}" for name, subject in wanted)], "lines": lines}


def _cell(row: typing.Any) -> str:
    """Value and error, or a one-sided limit where the interval touches zero from above."""
    if row["observable"] == "concurrence" and row["low"] <= 0:
        return f"< {max(row['high'], 0):.4f} (95 %)"
    return pm(row["value"], row["stderr"])


def _settings(analysis: Analysis) -> dict[str, str]:
    start = analysis.record.start
    options = start["points"]["options"]
    said: Mapping[str, Callable[[], str]] = {
        "protocol": lambda: start["protocol"],
        "preset": lambda: f"{start.get('preset') or 'none'}{_unverified(start)}",
        "parameters": lambda: _parameters(start) + (f" (gap {start['gap']})" if start.get("gap") else ""),
        "options": lambda: ", ".join(f"{k} = {v}" for k, v in options.items() if v),
        "measured": lambda: (
            f"{len(start['bases'])} bases ({', '.join(start['bases'])}), {start['shots']} shots each "
            "per point, over the ensemble members in proportion to their weights"
        ),
        "assumed": lambda: ASSUMPTIONS[analysis.assumption],
        "readout": lambda: _readout(analysis),
        "reference": lambda: (
            "exact thermal state (nominal)"
            if (analysis.record.points.reference < 0).any()
            else "the measured state at time 0, through the same templates at angle 0"
        ),
        "estimator": lambda: f"{analysis.methods.estimator}; energies, heat and populations are linear in the counts",
        "intervals": lambda: (
            "95 %: first-order multinomial propagation (never below one count) for linear quantities, union of "
            f"percentile and basic bootstrap over {analysis.methods.draws} stratified draws for the others; "
            "shot noise and calibration noise only"
        ),
        "limits": lambda: (
            "projected linear inversion is biased, and intervals of state functions (not of energies and heat) cover "
            "less than 95 %, where the state is nearly pure or of low rank; --bases x-state lessens both"
        ),
        "seeds": lambda: f"run {start['seed']}; the draws of the analysis are seeded by a digest of the counts",
        "versions": lambda: ", ".join(f"{k} {v}" for k, v in start["versions"].items()),
        "notes": lambda: "; ".join(start["notes"]) or "none",
    }
    return {name: text() for name, text in said.items()}


def _unverified(start: Mapping[str, typing.Any]) -> str:
    return "" if start.get("verified", True) else f" (not verified against the paper's text: {start['source']})"


def _parameters(start: Mapping[str, typing.Any]) -> str:
    """Every parameter in natural units, and in physical ones where the gap is given."""
    gap = Gap.parse(start["gap"]) if start.get("gap") else None
    dimensions: dict[str, Dimension | None] = {
        spec.name: spec.dimension for spec in parameters(load(start["protocol"]))
    }
    texts = []
    for name, values in start["points"]["parameters"].items():
        low, high = min(values), max(values)
        dimension = dimensions[name]
        text = f"{name} = {_range(low, high)}"
        if gap and dimension:
            text += f" ({_physical(gap, dimension, low, high)})"
        texts.append(text + (f", {len(set(values))} values" if low < high else ""))
    return "; ".join(texts)


def _physical(gap: Gap, dimension: Dimension, low: float, high: float) -> str:
    shown = {unit: [gap.display(value, dimension, unit) for value in (low, high)] for unit in gap.units(dimension)}
    return ", ".join(f"{_range(*ends)} {unit}" for unit, ends in shown.items())


def _range(low: float, high: float) -> str:
    return f"{low:.6g}" if low == high else f"{low:.6g} .. {high:.6g}"


def _readout(analysis: Analysis) -> str:
    shots = analysis.record.start["calibration_shots"]
    if analysis.readout_corrected:
        return f"corrected with the measured confusion matrix, {shots} shots a pattern, first and last in the run"
    return "calibrated, but not corrected in this analysis" if shots else "not corrected (no calibration was measured)"


def _device(start: Mapping[str, typing.Any]) -> dict[str, typing.Any]:
    device = start["device"]
    return {
        "name": device["name"],
        "placement": [
            {"wires": ", ".join(f"{w} = {q}" for w, q in p["physical"].items()), "score": p["score"]}
            for p in device["placements"]
            if p["physical"]
        ],
        "qubits": device["calibration"].get("qubits", {}),
        "couplers": device["calibration"].get("couplers", {}),
        "circuits": device["circuits"],
    }


def _drawings(run: Path) -> dict[str, str]:
    """Circuit drawings as text, where circuits were executed."""
    return {
        name: (run / "circuits" / f"{name}.txt").read_text()
        for name in ("virtual", "executed")
        if (run / "circuits" / f"{name}.txt").exists()
    }
