"""What a run was asked for and what it assumes, in words, for the report."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.intervals import SOURCES
from analysis.report.calibration_days import calibration_in_words
from analysis.tomography import DRAWN_GAP
from analysis.verdict import scale_in_words
from devices.record import cold_and_thermal
from protocols import load
from protocols.program import parameters
from protocols.units import Dimension, Gap

if typing.TYPE_CHECKING:
    from analysis.result import Analysis

ASSUMPTIONS = {
    "full": "all Pauli words were measured; nothing about the state is assumed",
    "x-state": "the state is taken to be an X state: all moments but ZI, IZ, ZZ, XX, YY, XY, YX are assumed zero",
    "minimal": "the state is taken to be a number-conserving X state: moments outside ZI, IZ, ZZ, XX, XY are assumed "
    "zero, and <YY> = <XX>, <YX> = -<XY>",
    "none": "the settings determine no state; only functions of the measured moments are given",
}
_LIMITS = {
    "maximum-likelihood": "how often intervals cover was measured by benchmarks/coverage.py; efficiency is a ratio "
    "to a noisy mutual information",
    "per-member": "every member is nearly pure, so each fit is on the boundary of state space and biased, most of all "
    "for members of few shots",
    "linear-inversion": "projected linear inversion is biased, and intervals of state functions (not of energies and "
    "heat) cover less than 95 %, where the state is nearly pure or of low rank; --bases x-state lessens both",
}
_COMMON_LIMITS = "intervals cover shot noise and calibration noise; drift and gate errors they do not"


def provenance_of(analysis: Analysis) -> dict[str, str]:
    """Name -> text; entries that say nothing of this run are left out."""
    start = analysis.record.start
    said: Mapping[str, str] = {
        "protocol": start["protocol"] or "none given: an imported file",
        "preset": f"{start['preset']}{_unverified(start)}" if start.get("preset") else "",
        "parameters": _parameters(start) + (f" (gap {start['gap']})" if start.get("gap") else ""),
        "options": ", ".join(f"{k} = {v}" for k, v in start["points"]["options"].items() if v),
        "imported": _imported(start),
        "measured": _measured(start),
        "hardware": _hardware(start),
        "calibration": calibration_in_words(analysis.record),
        "assumed": ASSUMPTIONS[analysis.assumption],
        "readout": _readout(analysis),
        "ancillas": _ancillas(analysis),
        "reference": _reference(analysis),
        "estimator": _estimator(analysis),
        "left out": analysis.left_out,
        "intervals": _intervals(analysis),
        **{f"interval: {name}": text for name, text in _methods(analysis).items()},
        "scaled errors": _scale(analysis),
        "significance": _significance(analysis),
        "limits": _limits(analysis),
        "seeds": f"run {start['seed']}; the draws of the analysis are seeded by a digest of the data",
        "versions": ", ".join(f"{k} {v}" for k, v in start["versions"].items()),
        "git revision": (start.get("git") or "").replace("+", " with changes"),
        "notes": "; ".join(start.get("notes", ())),
    }
    return {name: text for name, text in said.items() if text}


def _estimator(analysis: Analysis) -> str:
    linear = "energies, heat and populations are linear in the data"
    return linear if analysis.states is None else f"{analysis.methods.estimator}{_gap(analysis)}; {linear}"


def _significance(analysis: Analysis) -> str:
    if any(verdict.basis == "fit" for verdict in analysis.verdicts):
        return (
            "that of the verdict is the distance of the fitted oscillation from every one that never heats the hot "
            "qubit within the sweep, in its own covariance; it is not the heat over its error"
        )
    judged = any(verdict.basis for verdict in analysis.verdicts)
    return "that of the best point, after a trial factor for the others" if judged else ""


def _limits(analysis: Analysis) -> str:
    return _COMMON_LIMITS if analysis.states is None else f"{_COMMON_LIMITS}; {_LIMITS[analysis.methods.estimator]}"


def _scale(analysis: Analysis) -> str:
    scale = analysis.scale
    return "" if scale is None else scale_in_words(scale.factor, scale.ratios)


def _gap(analysis: Analysis) -> str:
    if analysis.gap is None:
        return ""
    return f", proven within {max(analysis.gap, 1e-9):.0e} nat of the maximum (draws within {DRAWN_GAP:g})"


def known(values: Sequence[Any]) -> list[float]:
    """Numbers of a parameter column of start.json, where null stands for one that is not known."""
    return [value for value in values if value is not None]


def _unverified(start: Mapping[str, Any]) -> str:
    return "" if start.get("verified", True) else f" (not verified against the paper's text: {start['source']})"


def _measured(start: Mapping[str, Any]) -> str:
    if start.get("words"):
        return f"{len(start['words'])} Pauli words as expectation values ({', '.join(start['words'])})"
    return (
        f"{len(start['bases'])} bases ({', '.join(start['bases'])}), {start['shots']} shots each per point, over the "
        "ensemble members in proportion to their weights"
    )


def _hardware(start: Mapping[str, Any]) -> str:
    """Options of the device, and how the shots were spread."""
    if start["device"].get("method") != "hardware":
        return ""
    options = {"passes": start["passes"], **start["device"].get("options", {})}
    said = [f"{name.replace('_', ' ')} {value}" for name, value in options.items()]
    return f"{', '.join(said)}; {start['quantum']} shots a row, rows spread over the passes"


def _imported(start: Mapping[str, Any]) -> str:
    read = start.get("imported")
    return f"{read['file']}, {read['rows']} rows, sha256 {read['sha256']}" if read else ""


def _reference(analysis: Analysis) -> str:
    start = analysis.record.start
    if not (analysis.record.points.reference < 0).any():
        axis = start["axis"]
        if axis == "time":
            return "the measured state at time 0, through the same templates at angle 0"
        return f"what was measured at {axis} = 0, all other parameters equal"
    if not any(o.reference for o in analysis.observables):
        return "none: quantities that compare with a reference are left out"
    return "exact thermal state (nominal)" if analysis.closed else "exact state before anything acts (nominal)"


_PREPARED = {
    "ensemble": "as an exact ensemble: each string of ancilla bits is a circuit of its own, with its exact weight",
    "random": "at random: {batches} batches of drawn bits, whose scatter is the error",
    "measured": "by a rotation and a measurement in mid-circuit whose result is discarded",
    "purified": "as half of an entangled pair, whose other half is never read",
}
_SUPPLIED = {
    "fresh": "each on a wire of its own, read at the end",
    "reset": "all on one wire, which is read and reset between collisions",
}


def _ancillas(analysis: Analysis) -> str:
    """How the baths were made, if there are any."""
    registers, options = analysis.record.registers, analysis.record.start["points"]["options"]
    cold, warm = cold_and_thermal(registers, analysis.view.registers_before)
    if not cold and not warm:
        return ""
    # of an import the preparation follows from its members, which do not tell how one circuit mixed its ancillas
    kind = "" if analysis.record.start.get("imported") else options.get("preparation", "")
    made = _PREPARED.get(kind, "").format(batches=options.get("batches"))
    said = [f"{', '.join(cold)}: in the ground state, as the device prepares or resets it"] if cold else []
    if warm:
        said.append(f"{', '.join(warm)}: thermal, prepared {made}")
    said.append(_SUPPLIED.get(options.get("ancillas", ""), ""))
    text = "; ".join(filter(None, said)) + ". Energies of a register are the mean over its ancillas. "
    if not warm:
        return text.rstrip(". ")
    return text + "Bath temperatures are synthetic: those of the prepared ancillas, not of anything in the device"


def _intervals(analysis: Analysis) -> str:
    batches = analysis.record.batches
    scatter = f"; the noise of strata is the scatter of {batches} batches" if batches else ""
    return f"95 %, from {analysis.methods.draws} stratified draws around the estimate where they are drawn{scatter}"


def _methods(analysis: Analysis) -> dict[str, str]:
    """Every method of the table, what it is used for, and its source."""
    used: dict[str, dict[str, None]] = {}
    for (name, _), one in analysis.estimates.quantities.items():
        if one.interval:
            used.setdefault(one.interval, {})[name] = None
    return {method: f"{', '.join(of).replace('_', ' ')}: {SOURCES[method]}" for method, of in used.items()}


def _parameters(start: Mapping[str, Any]) -> str:
    """Every parameter in natural units, and in physical ones where the gap is given."""
    gap = Gap.parse(start["gap"]) if start.get("gap") else None
    declared = parameters(load(start["protocol"])) if start["protocol"] else ()
    dimensions: dict[str, Dimension | None] = {spec.name: spec.dimension for spec in declared}
    texts = []
    for name, column in start["points"]["parameters"].items():
        values = known(column)
        if not values:
            continue
        low, high = min(values), max(values)
        dimension = dimensions.get(name)
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
        text = f"corrected with the measured confusion matrix, {shots} shots a pattern, first and last in the run"
        if not analysis.record.registers:
            return text
        text += " (of the system's qubits together; of each ancilla's wire alone, its errors taken as independent of "
        return text + "all others, from the same rows, in which it is prepared in 0 and in 1 equally often)"
    return "calibrated, but not corrected in this analysis" if shots else "not corrected (no calibration was measured)"
