"""Several runs in one figure and one table, analysed alike."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.figures import rendered
from analysis.pipeline import analyse
from analysis.report.comparison_figure import draw_comparison
from analysis.report.provenance import known
from analysis.result import Analysis
from devices.record import disk as _disk
from devices.record import made_directory
from protocols import RequestError
from workers import Asked, opened

if typing.TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Runs side by side."""

    analyses: tuple[Analysis, ...]
    labels: tuple[str, ...]
    """What tells each run from the others."""
    table: pd.DataFrame
    """The tables of all runs under a leading column `run`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the run directories."""
        return tuple(str(analysis.record.start["run"]) for analysis in self.analyses)


def compare(
    runs: Sequence[Path | str], *, draws: int | None = None, mitigation: str | None = None, workers: Asked = 1
) -> Comparison:
    """Analyses several runs, whatever was derived from them before.

    Args:
        runs: Directories of at least one run; each once, with the same axis and qubits.
        draws: Bootstrap draws; by default as many as each run was asked for.
        mitigation: How errors of gates are removed in rows beside the raw ones; by default as each run was asked for.
        workers: Who shares the work; see `analysis.analyse`.

    Raises:
        RequestError: For no run, a run given twice, or runs that share no axis, qubits or unit of energy.
        RunError: If a directory is not a complete, unchanged run.
    """
    if not runs:
        raise RequestError("Argument `runs` must name at least one run, but names none. hotward runs lists them.")
    places = [Path(run).resolve() for run in runs]
    for run, place in zip(runs, places, strict=True):
        if places.count(place) > 1:
            raise RequestError(f"Argument `runs` must name each run once, but names {run} twice. Drop one.")
    with opened(workers) as team:
        analyses = [analyse(run, draws=draws, mitigation=mitigation, workers=team) for run in runs]
    shared: dict[str, Callable[[Analysis], object]] = {
        "axis": lambda one: one.record.start["axis"],
        "qubits": lambda one: one.record.start["qubits"],
        "unit of energy": lambda one: one.energy_unit,
    }
    for what, of in shared.items():
        found = {str(a.record.start["run"]): of(a) for a in analyses}
        if any(value != next(iter(found.values())) for value in found.values()):
            listed = ", ".join(f"{_text(value)} in {name}" for name, value in found.items())
            raise RequestError(f"Argument `runs` must name runs with the same {what}, but it is {listed}.")
    return Comparison(analyses=tuple(analyses), labels=labels(analyses), table=_table(analyses))


def write_comparison(comparison: Comparison, out: Path) -> Path:
    """Writes table.csv, compare.svg and compare.png into a directory, which is made if it does not exist.

    Args:
        comparison: Runs side by side.
        out: The directory.

    Raises:
        RequestError: If the place cannot be written, or is a run.
    """
    if (out / "start.json").exists():
        raise RequestError(f"Argument `out` must not be a run, but {out} is one. Choose another directory.")
    with made_directory(out):
        _disk.write(out / "table.csv", comparison.table.to_csv(index=False, lineterminator="\n"))
        figure = draw_comparison(comparison.analyses, comparison.labels)
        _disk.write(out / "compare.svg", rendered(figure, "svg"))
        _disk.write(out / "compare.png", rendered(figure, "png"))
    return out


def labels(analyses: Sequence[Analysis]) -> tuple[str, ...]:
    """What differs between the runs, in as few words as tell them apart.

    A preset stands for its parameters where no two runs share one; seeds count only where nothing else differs.
    """
    features = [_features(analysis.record.start) for analysis in analyses]
    names = list(dict.fromkeys(name for one in features for name in one))
    differing = [name for name in names if len({one.get(name, "") for one in features}) > 1]
    weak = {"seed", "created"}
    presets = [one.get("preset", "") for one in features]
    telling = [name for name in differing if name not in weak]
    if all(presets) and len(set(presets)) == len(presets):
        telling = [name for name in telling if name == "preset" or not name.startswith(("=", "option "))]
    for chosen in (telling, [*telling, "seed"], [*telling, "seed", "created"]):
        found = [", ".join(filter(None, (_feature_in_words(name, one) for name in chosen))) for one in features]
        if len(set(found)) == len(found) and all(found):
            return tuple(found)
    return tuple(str(analysis.record.start["run"]) for analysis in analyses)


def _feature_in_words(name: str, features: Mapping[str, str]) -> str:
    value = features.get(name, "")
    if not value or name in ("preset", "device", "protocol", "created"):
        return value
    return f"{name.removeprefix('=').removeprefix('option ')} = {value}"


def _features(start: Mapping[str, Any]) -> dict[str, str]:
    """What may tell a run from others; parameters are marked with =, choices of the protocol with `option`."""
    axis = start["axis"]
    parameters = {name: _range(values) for name, values in start["points"]["parameters"].items() if name != axis}
    return {
        "protocol": start["protocol"] or "imported",
        "preset": start.get("preset") or "",
        **{f"={name}": value for name, value in parameters.items()},
        **{f"option {name}": value for name, value in start["points"]["options"].items() if name != "control"},
        "gaps": ", ".join(f"{qubit} {gap:.4g}" for qubit, gap in start.get("gaps", {}).items()),
        "device": start["device"]["name"],
        "copies": _copies(start),
        "bases": ",".join(start["bases"]),
        "shots": str(start["shots"]),
        "seed": str(start["seed"]),
        "created": start["created"][:19].replace("T", " "),
    }


def _copies(start: Mapping[str, Any]) -> str:
    """How many ran side by side."""
    return str(max(1, len(start["device"].get("placements", ()))))


def _range(values: Sequence[float | None]) -> str:
    numbers = known(values)
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    return f"{low:.4g}" if low == high else f"{low:.4g}..{high:.4g}"


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _table(analyses: Sequence[Analysis]) -> pd.DataFrame:
    """All tables, with every parameter that is swept in one of them as a column of all."""
    import pandas as pd

    swept = [name for a in analyses for name in a.table.columns if name in a.record.start["points"]["parameters"]]
    columns = list(dict.fromkeys(swept))
    armed = any("arm" in analysis.table for analysis in analyses)
    frames = []
    for analysis in analyses:
        frame = analysis.table.copy()
        for name in columns:
            if name not in frame:
                known = np.unique(analysis.record.points.parameters.get(name, np.array([np.nan])))
                frame[name] = known[0] if len(known) == 1 else np.nan
        if armed and "arm" not in frame:
            frame["arm"] = analysis.record.start["arms"][0]
        frame.insert(0, "run", analysis.record.start["run"])
        head = ["run", "point", "role", *columns, *(["arm"] if armed else [])]
        frames.append(frame[[*head, *(name for name in frame.columns if name not in head)]])
    return pd.concat(frames, ignore_index=True)
