"""Everything an analysis leaves in RUN/derived/: table.csv, verdict.json, figures and a self-contained report.html."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.figures import FIGURES, caption, inline, rendered, title
from analysis.report import page as _page
from analysis.report.copies import copies_section
from analysis.report.laws import budget_document, budget_section, second_laws_document, second_laws_section
from analysis.report.mitigation import mitigation_of
from analysis.report.provenance import ASSUMPTIONS as ASSUMPTIONS
from analysis.report.provenance import provenance_of
from analysis.result import Analysis
from analysis.verdict import fit_in_words, quality_of, typeset
from devices.record import disk as _disk

if typing.TYPE_CHECKING:
    import jinja2
    from matplotlib.figure import Figure


def write(analysis: Analysis) -> Path:
    """Writes derived/table.csv, verdict.json, every figure as svg and png, and report.html, each whole or not at all.

    Returns:
        The directory `derived`.

    Raises:
        OSError: If the disk is full; the run itself is not touched.
    """
    derived = analysis.record.path / "derived"
    derived.mkdir(exist_ok=True)
    _disk.write(derived / "table.csv", analysis.table.to_csv(index=False, lineterminator="\n"))
    verdicts = [verdict.as_dict() for verdict in analysis.verdicts]
    checks = [check.as_dict() for check in analysis.checks]
    said = {"headline": analysis.headline, "warnings": list(analysis.warnings)}
    scale = None if analysis.scale is None else analysis.scale.factor
    if analysis.left_out:
        said["left_out"] = analysis.left_out
    if analysis.regime is not None:
        said["regime"] = analysis.regime
    judged = {"verdicts": verdicts, "checks": checks, "mitigation": mitigation_of(analysis)}
    if laws := second_laws_document(analysis):
        judged["second_laws"] = laws
    if budget := budget_document(analysis):
        judged["budget"] = budget
    _disk.write_json(derived / "verdict.json", {**said, "error_scale": scale, **judged})
    pictures: dict[str, str] = {}
    for name, draw in FIGURES.items():
        figure = draw(analysis)
        if figure is None:
            for kind in ("svg", "png"):  # of an earlier analysis
                (derived / f"{name}.{kind}").unlink(missing_ok=True)
        else:
            pictures[name] = _kept(figure, derived / name)
    _disk.write(derived / "report.html", render(analysis, pictures))
    return derived


def render(analysis: Analysis, pictures: Mapping[str, str]) -> str:
    """The report as one HTML page that needs no other file.

    Args:
        analysis: What the run says.
        pictures: Name of a figure -> its <svg> element.
    """
    environment = templates(Path(__file__).parent)
    environment.filters["typeset"] = typeset
    start, jobs = analysis.record.start, _page.platform_jobs(analysis.record)
    content: dict[str, Any] = {
        "start": start,
        "headline": analysis.headline,
        "warnings": analysis.warnings,
        "scaled": analysis.scale is not None,
        "verdicts": analysis.verdicts,
        "beside": analysis.beside,
        "mitigation": mitigation_of(analysis),
        "copies": copies_section(analysis),
        "checks": analysis.checks,
        "second_laws": second_laws_section(analysis),
        "budget": budget_section(analysis),
        "figures": [
            {
                "title": title(name, analysis),
                "svg": svg,
                "narrow": _narrow(svg),
                "caption": caption(name, analysis),
                "fits": _fits(analysis, name),
            }
            for name, svg in pictures.items()
        ],
        "table": _page.short_table(analysis),
        "full_rows": len(analysis.table),
        "settings": provenance_of(analysis),
        "device": _page.device(start),
        "jobs": jobs,
        "charged": sum(job.seconds or 0.0 for job in jobs),
        "circuits": _page.circuits(analysis),
    }
    return environment.get_template("report.html.j2").render(content)


def templates(directory: Path) -> jinja2.Environment:
    """The templates of a directory, strict: values are escaped, and a name that is not given is an error."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _kept(figure: Figure, stem: Path) -> str:
    """Writes both files of a figure and returns it as an element of the page."""
    svg = rendered(figure, "svg")
    _disk.write(stem.with_suffix(".svg"), svg)
    _disk.write(stem.with_suffix(".png"), rendered(figure, "png"))
    return inline(svg, stem.name)


def _narrow(svg: str) -> bool:
    """Whether a figure is much narrower than the page."""
    width = re.search(r'width="([\d.]+)pt"', svg)
    return width is not None and float(width[1]) < 5 * 72


def _fits(analysis: Analysis, figure: str) -> list[str]:
    """What the fits say of themselves, under their figure."""
    if figure != "fit":
        return []
    found = []
    for one in analysis.fits:
        where = "".join(f", {name} = {value:.4g}" for name, value in one.where.items())
        found.append(
            f"{one.observable.replace('_', ' ')} {one.subject}, {one.arm}{where}: {fit_in_words(quality_of(one))}"
        )
    return found
