"""A plan on disk: tables, figure and everything as JSON."""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.figures import rendered
from analysis.planning.figure import plan as drawn
from analysis.planning.plan import Planned
from analysis.planning.power import SideBySide
from analysis.planning.proposal import Proposal
from devices.record import disk as _disk
from devices.record import made_directory

if typing.TYPE_CHECKING:
    import pandas as pd


def write(planned: Planned, out: Path, commands: list[str]) -> dict[str, Path]:
    """Writes tables, figure and plan.json into a directory, which is made if it does not exist.

    Args:
        planned: The plan.
        out: The directory.
        commands: What to type for the runs that are proposed.

    Returns:
        What -> where: "sweep" always, "settings" and "figure" (beside it as svg) where there are any.

    Raises:
        RequestError: If it cannot be written.
    """
    figure = drawn(planned)
    found = {"sweep": out / "sweep.csv"}
    with made_directory(out):
        _disk.write(found["sweep"], planned.sweep.to_csv(index=False, lineterminator="\n"))
        if planned.settings:
            found["settings"] = out / "settings.csv"
            _disk.write(found["settings"], settings_table(planned).to_csv(index=False, lineterminator="\n"))
        if figure is not None:
            found["figure"] = out / "plan.png"
            _disk.write(out / "plan.svg", rendered(figure, "svg"))
            _disk.write(found["figure"], rendered(figure, "png"))
        _disk.write_json(out / "plan.json", {**document(planned), "commands": commands})
    return found


def settings_table(planned: Planned) -> pd.DataFrame:
    """Errors of the targets by set of settings, one column a point and division of shots."""
    import pandas as pd

    first = planned.proposals[0]
    times = (first.time, 0.0)
    rows: list[dict[str, Any]] = []
    for one in planned.settings:
        row: dict[str, Any] = {"bases": one.bases, "settings": one.settings, "shots": one.shots, "target": one.target}
        for kind, values in (("even", one.even), ("optimal", one.optimal)):
            row |= {f"{kind}_{time:.6g}": value for time, value in zip(times, values, strict=False)}
        rows.append(row)
    return pd.DataFrame(rows)


def document(planned: Planned) -> dict[str, Any]:
    """The plan as plain data; what is no number is null."""
    program = planned.program
    return {
        "protocol": program.experiment.name,
        "device": planned.device.name,
        **({"calibrated": day} if (day := planned.device.describe().get("calibrated")) else {}),
        "shots": program.shots,
        "calibration_shots": program.calibration_shots,
        "copies": planned.copies,
        **({"packing": _packing(planned)} if planned.copies > 1 else {}),
        "bases": list(program.bases),
        "target": planned.target,
        "asked": {
            "headline": planned.headline,
            "verdicts": _plain([verdict.as_dict() for verdict in planned.verdicts]),
            "power": [{f"{sigma:g}": share for sigma, share in one.verdict.items()} for one in planned.asked_power],
            "seconds": planned.asked_duration.seconds,
        },
        "operating_points": _plain([dataclasses.asdict(one) for one in planned.operating_points]),
        "proposals": [_proposal(proposal) for proposal in planned.proposals],
        "settings": _plain(settings_table(planned).to_dict("records")) if planned.settings else [],
        **({"fractional": _plain(dataclasses.asdict(planned.fractional))} if planned.fractional else {}),
        "warnings": list(planned.warnings),
        **({"machine": _machines(planned)} if planned.namings else {}),
        "sweep": _plain(planned.sweep.to_dict("records")),
    }


def _packing(planned: Planned) -> dict[str, Any]:
    """Where the copies are, and how they were chosen."""
    plan = planned.asked.plan
    placed = [{"physical": dict(place.physical), "score": place.score} for place in plan.placements]
    return {**_plain(dict(plan.packing)), "placements": placed}


def _machines(planned: Planned) -> list[dict[str, Any]]:
    """How often each sweep of a machine will be named, and where its cycle gives most."""
    both = zip(planned.namings, planned.tunings, strict=True)
    return [
        {**_plain(dataclasses.asdict(one)), "tuning": [_plain(dataclasses.asdict(best)) for best in points]}
        for one, points in both
    ]


def _proposal(proposal: Proposal) -> dict[str, Any]:
    effect = proposal.effect
    freed = [
        {
            "what": one.what,
            "set": dict(one.change),
            "heat": one.effect.available,
            "time": one.effect.time,
            "forward_until": one.effect.forward_until,
        }
        for one in proposal.freedoms
    ]
    best = proposal.best_asked
    found: dict[str, Any] = {
        "where": dict(proposal.where),
        "hot": effect.subject if effect.directed else None,
        "subject": effect.subject,
        "available": effect.available,
        "best_time": effect.time,
        "time": proposal.time,
        "period": effect.period,
        "forward_until": effect.forward_until,
        "set": [{"time": time, "share": share} for time, share in proposal.asked],
        "share": None if best is None else best[1],
        "heat": proposal.heat,
        "stderr": proposal.stderr,
        "sigma": proposal.sigma,
        "controls": {arm: {"heat": h, "stderr": e} for arm, (h, e) in proposal.controls.items()},
        "direction_sigma": proposal.direction,
        "power": {f"{sigma:g}": share for sigma, share in proposal.power.verdict.items()},
        "conditions": {f"{sigma:g}": dict(one) for sigma, one in proposal.power.conditions.items()},
        "limited_by": {f"{sigma:g}": proposal.power.limited_by(sigma) for sigma in proposal.power.verdict},
        "shots_for": {f"{sigma:g}": shots for sigma, shots in proposal.shots.items()},
        "shots_for_heat": {f"{sigma:g}": shots for sigma, shots in proposal.heat_shots.items()},
        "missing": proposal.missing,
        "run_shots": proposal.run_shots,
        "qpu": dataclasses.asdict(proposal.duration),
        "freeing": freed,
    }
    if proposal.beside is not None:
        found["beside"] = _beside(proposal, proposal.beside)
    return typing.cast("dict[str, Any]", _plain(found))


def _beside(proposal: Proposal, copies: SideBySide) -> dict[str, Any]:
    """What copies gain over one with the shots asked for."""
    return {
        "degrees": copies.number - 1,
        "normal_sigma": proposal.worth,
        "alone": {"heat": copies.alone[0], "stderr": copies.alone[1], "qpu": dataclasses.asdict(copies.alone_duration)},
        "tau": copies.tau,
        "least_stderr": copies.least,
        "shots_as_one": copies.shots,
        "passes": proposal.passes,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.item() if hasattr(value, "item") else value
