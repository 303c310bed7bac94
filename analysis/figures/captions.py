"""What each figure of the report shows, in words."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import numpy as np

from analysis.figures.chain import IN_SITES
from analysis.figures.copies import judged, pulls
from analysis.figures.energies import limits_an_energy
from analysis.figures.panels import sweep
from analysis.figures.quantities import panels
from analysis.laws import second_laws_of
from protocols import load
from protocols.program import compared_exactly

if typing.TYPE_CHECKING:
    from analysis.result import Analysis


TITLES = {
    "energies": "Energies",
    "sites": "Sites and bonds",
    "mitigated": "Heat with errors of gates removed",
    "copies": "Copies beside their mean",
    "chip": "Copies on the chip",
    "fit": "Fit of the sweep",
    "machine": "The machine",
    "cumulative_heat": "Heat from the baths, cycle by cycle",
    "quantities": "Quantities of the protocol",
    "second_laws": "Many second laws",
    "heat_statistics": "Heat as a distribution",
    "correlations": "Correlations",
    "trade_off": "Heat against correlations",
    "budget": "What the Clausius sum is made of",
    "residuals": "Residuals",
    "states": "Density matrices",
}


def title(name: str, analysis: Analysis) -> str:
    """The heading of one figure of an analysis.

    Args:
        name: A key of `FIGURES`.
        analysis: What the figure shows.
    """
    heat = name == "energies" and any(o.name == "heat" for o in analysis.observables)
    return f"{TITLES[name]} and heat" if heat else TITLES[name]


def caption(name: str, analysis: Analysis) -> str:
    """The caption of one figure of an analysis.

    Args:
        name: A key of `FIGURES`.
        analysis: What the figure shows.
    """
    text = _CAPTIONS[name](analysis)
    along = sweep(analysis)
    if name not in ("states", "fit") and along.total > len(along.panels):
        text += f" Shown are the first {len(along.panels)} of {along.total} sweeps."
    if analysis.copies is not None and name not in ("copies", "chip"):
        text += _of_copies(name, analysis)
    if name != "states" and analysis.scale is not None:
        text += f" Errors and intervals are scaled by {analysis.scale.factor:.3g} (Birge ratio)."
    return text


def _of_copies(name: str, analysis: Analysis) -> str:
    """What every measured value of a figure is, where several copies ran."""
    assert analysis.copies is not None
    if name == "states":
        return f" They are those of the summed counts of {analysis.copies.number} copies."
    summed = any(one.how == "summed counts" for one in analysis.copies.pooled.values())
    rest = ", or of their summed counts where an estimate has a bias (the column `pooling`)" if summed else ""
    return f" All measured values: mean of {analysis.copies.number} {analysis.copies.noun}{rest}."


def _key(analysis: Analysis, *, limits: bool = False) -> str:
    """How to read points, bars and lines."""
    said = ["Markers: measured, with standard errors; broad bars or bands: 95 % intervals"]
    if limits:
        said.append("hanging arrows: upper limits at 95 %, where the interval reaches zero and no value is drawn")
    if analysis.ideal_states is not None or analysis.curves is not None:
        said.append("lines (dashes where few points are known): the exact ideal prediction")
    if analysis.prediction is not None:
        said.append("dotted: the device's noise model, evaluated exactly, without readout errors")
    if len(analysis.record.start["arms"]) > 1:
        said.append("grey, open: control")
    return "; ".join(said) + "."


def _energies(analysis: Analysis) -> str:
    subjects = [o.subject for o in analysis.observables if o.name == "energy"]
    whose = "both qubits" if analysis.closed else _listed(subjects)
    registers = [name for name in subjects if name in analysis.record.registers]
    mean = f" ({_listed(registers)}: mean over the ancillas read)" if registers else ""
    gaining = analysis.sides or analysis.record.start["qubits"]
    gains = {o.name for o in analysis.observables if o.name in ("heat", "energy_change") and o.subject in gaining}
    if not gains:
        return f"Energies of {whose}{mean}, {_in_unit(analysis)}. {_key(analysis)}"
    nominal = bool((analysis.record.points.reference < 0).any())
    start = "the nominal state" if nominal else "the measured state"
    axis = analysis.record.start["axis"]
    protocol = analysis.record.start["protocol"]
    exactly = protocol is not None and compared_exactly(load(protocol))
    zero = "the start" if exactly else "time 0" if axis == "time" else f"{axis} = 0"
    what = "heat" if gains == {"heat"} else "energy"
    compared = any(limits_an_energy(o) for o in analysis.own)
    limited = "Black dashes or dots: energies that theory compares with. " if compared else ""
    gained = f"the {what} each gained" if analysis.closed else f"the {what} gained by {_listed(gaining)}"
    text = f"Energies of {whose}{mean} and {gained} since {start} at {zero}, {_in_unit(analysis)}. "
    return f"{text}{limited}{_key(analysis)}"


def _sites(analysis: Analysis) -> str:
    """Of a chain."""
    errors = [one.stderr[0] for (name, _), one in analysis.estimates.quantities.items() if name == "energy"]
    text = "Energy of every site (rows, in their order along the chain) by time"
    if analysis.ideal_states is not None or analysis.curves is not None:
        text += ": measured on the left, the exact ideal prediction on the right, in the same colours"
    text += ". A measured column stands for one time and reaches half way to its neighbours; standard errors are "
    text += f"{np.nanmax(errors):.1g} gap at most. "
    drawn = {o.name for o in analysis.own} & {*IN_SITES}
    if "bond_current" in drawn:
        text += "Bond current: energy that flows over a bond in a unit of time, positive from its first site to its "
        text += "second. "
    if "total_correlation" in drawn:
        text += "Total correlation: entropies of the sites less that of all together. "
    return text + (_key(analysis, limits="total_correlation" in drawn) if drawn else "")


def _in_unit(analysis: Analysis) -> str:
    """What energies are in."""
    gaps = analysis.record.gaps
    if gaps is None:
        return "in units of the gap"
    each = ", ".join(f"{qubit} {gap:.4g}" for qubit, gap in gaps.of.items())
    whose = gaps.unit.removeprefix("gap_")
    unit = "in the unit that gaps were given in" if gaps.unit == "unit" else f"in units of the gap of {whose}"
    return f"{unit} (gaps: {each})"


def _listed(names: Sequence[str]) -> str:
    """In a row with commas and "and"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _quantities(analysis: Analysis) -> str:
    text = "What the protocol is about, beyond energies and their changes. "
    if any(panel.limits for panel in panels(analysis)):
        text += "Black dashes or dots: limits and thresholds of theory, from the nominal parameters. "
    if any(panel.against for panel in panels(analysis)):
        text += "Heat is drawn against the state it started from, which is what the threshold is about. "
    drawn = {one for panel in panels(analysis) for one in panel.drawn}
    told = [(o.name, o.meaning, o.subject) for o in analysis.own if o.meaning and o.key in drawn]
    for name, meaning in dict.fromkeys(one[:2] for one in told):
        subjects = _listed([one[2] for one in told if one[:2] == (name, meaning)])
        text += f"{name.replace('_', ' ').capitalize()} {subjects}: {meaning}. "
    return text + _key(analysis, limits=any(panel.least == 0 for panel in panels(analysis)))


def _second_laws(analysis: Analysis) -> str:
    one = second_laws_of(analysis)[0]
    where = ", ".join(f"{name} = {value:.6g}" for name, value in one.where.items())
    text = f"Left: free energies of {one.subject} above equilibrium, T D_alpha(p || g) with g thermal at T = "
    text += f"{one.temperature:.6g}, before and after ({where or 'the only point'}); "
    text += (
        "a thermal contact alone lets none of them rise. Beside them the curves of thermo-majorisation: populations "
    )
    text += "added up in falling order of p/g over the same sums of g (thin: ideal). It leads nowhere above the curve "
    text += "before; the dotted line is the thermal state. "
    along = sweep(analysis)
    if len(along.panels) == 1 and along.panels[0].table.places > 2:
        text += "Right: how far each order changed along the sweep, but 0, which jumps. "
    if one.one_count is not None:
        text += "Order 0 jumps where a level was never seen; see the table of this section. "
    return text + _key(analysis)


def _heat_statistics(analysis: Analysis) -> str:
    names = {name for name, _ in analysis.estimates.quantities}
    moves = "quasiprobability of all levels that the exchange mixes, bits of both qubits before and after: "
    moves += "below zero no two readings in a row give it"
    if not any(name.startswith("heat_probability") for name in names):
        return f"Both parts of the {moves}. " + _key(analysis)
    text = "Heat of the first qubit as a distribution by two readings of the energies, by Margenau and Hill and by "
    text += "looks at the eigenstates of the pair, at the point where the second is lowest (bars with standard errors, "
    text += f"black: ideal); the {moves}"
    if any(name.startswith("quasiprobability_imaginary") for name in names):
        text += " (filled: by two arms; open: by a first reading, which has an imaginary part, too)"
    text += "; and the averages of which fluctuation theorems say that they are 1 (dashed). "
    return text + _key(analysis)


def _cumulative_heat(analysis: Analysis) -> str:
    baths = [o.subject for o in analysis.own if o.name == "cumulative_heat" and o.subject.startswith("bath")]
    return f"Energy that has left {_listed(baths)} since the first cycle began. {_key(analysis)}"


def _machine(analysis: Analysis) -> str:
    others = [name for name in analysis.estimates.swept if name != analysis.estimates.axis]
    text = "Heat drawn from each bath and work extracted in one cycle [gap of the hot qubit]; below zero heat is given "
    text += "to the bath, or work is put in. "
    if others:
        text += "Left the last cycle at every value; right its efficiency where it gives work, its coefficient of "
        text += "performance where it draws heat from the cold bath, crosses being Carnot's of the bath temperatures. "
    else:
        text += "Left by cycle: heats of every cycle are read, the work only of the last, after which the qubits are "
        text += "read. Right the last cycle: the work as the mean of what left the hot side and of what reached the "
        text += "cold one, and Q_h + Q_c - W - dE, which is zero by the first law. "
    key = "Markers: measured, with standard errors; broad bars: 95 % intervals; short lines: the exact ideal prediction"
    return text + key + ("; grey, open: control." if len(analysis.record.start["arms"]) > 1 else ".")


def _correlations(analysis: Analysis) -> str:
    a, b = analysis.record.start["qubits"]
    text = f"Mutual information, discord (measured on {a} or on {b}) and concurrence of the pair. "
    return text + _key(analysis, limits=True)


def _trade_off(analysis: Analysis) -> str:
    text = "Heat into the hot qubit, and the Clausius sum with the inverse temperatures of the reference, against the "
    text += "change of mutual information; crosses are ideal values where they are known at the points only. Where the "
    text += "pair's own entropy does not fall, a closed exchange stays on or above the dashed line (slack >= 0): heat "
    text += "flows from cold to hot only as far as correlations are consumed. Error bars are standard errors, and "
    return text + "points share the error of their reference."


def _budget(analysis: Analysis) -> str:
    both, (a, b) = analysis.record.system, analysis.record.start["qubits"]
    text = f"The Clausius sum beta_{a} Q_{a} + beta_{b} Q_{b} (black) as a stack of its parts: the change of mutual "
    text += f"information, the relative entropies of {a} and {b} to the reference, which are never negative, and the "
    text += f"entropy that {both} gained: none in a closed exchange, where what is drawn is noise. Beside it what of "
    text += f"the pair one qubit leaves open, S({b}|{a}) = S_{both} - S_{a}, and the other way round; only entangled "
    return f"{text}states are below zero. {_key(analysis)}"


def _residuals(analysis: Analysis) -> str:
    against = "the ideal prediction" + (" and from the noise model" if analysis.prediction is not None else "")
    text = f"Distance of the measured values from {against}, in standard errors; bands: one and two. Chi-square per "
    text += "value is 1 on average where nothing but independent Gaussian errors separates them; the points of one run "
    return text + "share its calibration, and errors of state functions are not Gaussian, so it is indicative."


def _states(analysis: Analysis) -> str:
    text = "Density matrices of the main arm, rows and columns in the order 00, 01, 10, 11 (first qubit first, 0 the "
    return text + "ground state); estimated by " + analysis.methods.estimator.replace("-", " ") + "."


def _fit(analysis: Analysis) -> str:
    heat = any(o.name == "heat" for o in analysis.observables)
    text = f"The sweep as one curve: net {'heat' if heat else 'gain of energy'} since the fitted start with its 95 % "
    text += "band, from a damped oscillation "
    text += "through the energies with their full covariance, over the measured points; below, what is left in "
    return text + "standard errors."


def _mitigated(analysis: Analysis) -> str:
    way = analysis.mitigated.way if analysis.mitigated else ""
    text = "What each side gained less what is ideal, raw and with the errors of gates removed by the members of the "
    text += f"ensemble ({way}). Thin bars: 95 % intervals, which have the systematic error of the mitigated values; "
    return text + "thick: one statistical standard error."


def _copies(analysis: Analysis) -> str:
    found, one = analysis.copies, judged(analysis)[0]
    assert found is not None
    placed = [one["physical"] for one in analysis.record.start["device"].get("placements", []) if one["physical"]]
    scored = "by their numbers"
    if placed:
        scored = f"from the best place (above) to the worst, named by its qubits in the order {', '.join(placed[0])}"
    text = f"{one.name[0].upper()}{one.name[1:]} of every copy at {one.place}, {scored}, with 95 % intervals"
    if one.read_at is not None and not np.isclose(one.at, one.read_at):
        text += f"; the verdict reads it off the fit of the sweep at {one.axis} = {one.read_at:.6g}"
    text += f". At the foot and as a band: the mean of {found.number} {found.noun} with its 95 % interval in Student's "
    text += "t, in which copies count by their shots and by how much they all differ"
    if one.key in found.pooled_mitigated:
        text += "; beside it the mean with errors of gates removed, whose interval has its systematic error"
    text += ". Dashed: the exact ideal prediction"
    if analysis.prediction is not None:
        text += "; dotted: the mean of the device's noise model over the copies, without readout errors"
    text += ". By how much the band of the raw mean lies off the dashed line, beyond its width, all copies share: no "
    return text + "number of them averages that."


def _chip(analysis: Analysis) -> str:
    name, off = pulls(analysis)
    text = "The chip with its couplers (grey lines). Large discs with their numbers: qubits in use, those of a copy "
    text += "joined by dark lines; dots: idle qubits. "
    if off:
        text += f"Colour: {name} of the copy less the mean of all, in standard errors of the copy; of "
        text += f"{len(off)} copies that differ by noise alone about {0.05 * len(off):.0f} are beyond 2. "
        text += "A region of one colour would be something that neighbours share."
    return text


_CAPTIONS = {
    "copies": _copies,
    "chip": _chip,
    "energies": _energies,
    "sites": _sites,
    "mitigated": _mitigated,
    "quantities": _quantities,
    "second_laws": _second_laws,
    "heat_statistics": _heat_statistics,
    "correlations": _correlations,
    "trade_off": _trade_off,
    "budget": _budget,
    "residuals": _residuals,
    "states": _states,
    "fit": _fit,
    "cumulative_heat": _cumulative_heat,
    "machine": _machine,
}
