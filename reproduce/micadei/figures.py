"""Figures of Micadei et al.: energies, heat, correlations and the Clausius inequality, correlated and uncorrelated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from analysis.figures import Pen
from protocols import Array
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    COLD_CONTROL,
    HOT,
    HOT_CONTROL,
    REFERENCE,
    SECOND,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
)
from reproduce.micadei import runs
from reproduce.pairs import closed

TIMES = ("0", ".55238", "1.10476", "1.65714", "2.32")
"""[ms]"""
TABLE: Mapping[tuple[str, str], str] = {
    ("correlated", "E_A"): "1.14360 1.65944 1.86530 1.65168 1.01458",
    ("correlated", "E_B"): "1.00980 .49396 .28810 .50172 1.13882",
    ("correlated", "Q_A"): "0 .51584 .72170 .50808 -.12902",
    ("correlated", "I"): ".25271 .14656 .04834 .14953 .25290",
    ("correlated", "D_G"): ".07220 .03301 .00000 .03406 .07227",
    ("uncorrelated", "E_A"): "1.20608 1.16823 1.07479 .97549 .92141",
    ("uncorrelated", "E_B"): ".92141 .95927 1.05270 1.15201 1.20608",
    ("uncorrelated", "Q_A"): "0 -.03786 -.13129 -.23060 -.28467",
    ("uncorrelated", "I"): "0 .00287 .00618 .00383 .00000",
}
"""At those times; peV and nat."""
LABELS = {"energies": "energy [peV]", "heat": "heat into the qubit [peV]"}


def _tabled(*symbols: str) -> tuple[Comparison, ...]:
    found = []
    for (name, symbol), texts in TABLE.items():
        if symbol in symbols:
            value = runs.values(name)[symbol]
            found += [
                Comparison(quantity=f"{name}: {symbol} at {t} ms", ours=float(value[i]), reference=r, source=REFERENCE)
                for i, t, r in zip(runs.TABLED, TIMES, texts.split(), strict=True)
            ]
    return tuple(found)


def _curve(name: str, symbol: str, pen: Pen, label: str) -> Curve:
    stem = f"{symbol}-{name}".replace("_", "-").replace(" ", "-")
    value = runs.values(name)[symbol]
    return Curve(name=stem, label=label, x=runs.MILLISECONDS, y=value, pen=pen, inferred=runs.UNVERIFIED[0])


def _measure(name: str, panel: str, observable: str, subject: str, pen: Pen, *, energy: bool) -> Measure:
    return Measure(
        panel=panel,
        observable=observable,
        subject=subject,
        experiment=runs.experiment(name),
        pen=pen,
        label=f"{subject}, {name}",
        factor=runs.picoelectronvolt() if energy else 1.0,
        scale=1 / runs.per_millisecond(),
    )


def _figure(name: str, title: str, caption: str, panels: tuple[Panel, ...], **more: object) -> Figure:
    return Figure(
        name=name,
        title=title,
        caption=caption,
        abscissa="time [ms]",
        column="time [ms]",
        panels=(panels,),
        inferred=runs.UNVERIFIED,
        measures=OFFERS[name].measures,
        **more,  # pyright: ignore[reportArgumentType]
    )


def _sides(name: str, symbol: str) -> Figure:
    """Energies or heat: one panel for the correlated pair, one for the uncorrelated."""
    panels = tuple(
        Panel(
            name=f"{name}-{arm}",
            title=arm,
            label=LABELS[name],
            column=LABELS[name],
            curves=tuple(
                _curve(arm, f"{symbol}_{s}", pen, f"{symbol}_{s}") for s, pen in zip("AB", (HOT, COLD), strict=True)
            ),
        )
        for arm in runs.PRESETS
    )
    if name == "energies":
        caption = (
            "Energies of the hot qubit A and the cold qubit B, zero at the ground state. Correlated, A gains at first."
        )
        return _figure(name, "Energies", caption, panels, comparisons=_tabled("E_A", "E_B"))
    caption = (
        "Energy that each qubit gained. Correlated, it flows from cold B to hot A until 1.10 ms; uncorrelated, to B."
    )
    return _figure(name, "Heat", caption, panels, comparisons=(*_tabled("Q_A"), *_extremes()))


def _extremes() -> tuple[Comparison, ...]:
    """The largest heat, when it is reached and when it has gone back."""
    pair = runs.experiment("correlated")
    at, most = closed.extremum(pair, "heat", "maximum", "A")
    # Q_A is symmetric about its maximum and zero at time 0
    lines = (
        ("correlated: largest Q_A [peV]", most * runs.picoelectronvolt(), ".72172"),
        ("correlated: time of the largest Q_A [ms]", at / runs.per_millisecond(), "1.0994"),
        ("correlated: Q_A is zero again [ms]", 2 * at / runs.per_millisecond(), "2.1988"),
    )
    return tuple(Comparison(quantity=q, ours=v, reference=r, source=REFERENCE) for q, v, r in lines)


def energies(context: Context) -> Figure:
    """Energies against time."""
    return _sides("energies", "E")


def heat(context: Context) -> Figure:
    """Heat against time."""
    return _sides("heat", "Q")


def mutual_information(context: Context) -> Figure:
    """Mutual information against time."""
    label = "mutual information [nat]"
    panel = Panel(name="I", title="", label=label, column="mutual_information [nat]", curves=_both("I"))
    start = float(runs.values("correlated")["I"][0])
    more = Comparison(
        quantity="correlated: I at 0 ms [bit]", ours=start / math.log(2), reference=".36458", source=REFERENCE
    )
    caption = "Correlated, it is consumed while heat flows from cold to hot; what is left at the turn is classical."
    return _figure("mutual-information", "Mutual information", caption, (panel,), comparisons=(*_tabled("I"), more))


def discord(context: Context) -> Figure:
    """Geometric discord against time."""
    label = "geometric discord (A measured)"
    panel = Panel(name="D_G", title="", label=label, column="geometric_discord", curves=_both("D_G"))
    entangled = float(runs.values("correlated")["concurrence"].max())
    most = Comparison(quantity="correlated: largest concurrence", ours=entangled, reference="0", source=REFERENCE)
    caption = (
        "Without the factor 2 of some authors. The pair is never entangled: its correlation is quantum, and separable."
    )
    return _figure("geometric-discord", "Geometric discord", caption, (panel,), comparisons=(*_tabled("D_G"), most))


def clausius(context: Context) -> Figure:
    """Both sides of the Clausius inequality against time."""
    panels = tuple(
        Panel(
            name=f"clausius-{arm}",
            title=arm,
            label="entropy [nat]",
            column="entropy [nat]",
            curves=(
                _curve(arm, "clausius", ANOMALOUS, "beta_A Q_A + beta_B Q_B"),
                _curve(arm, "Delta I", SECOND, "Delta I"),
                _curve(arm, "slack", UNCORRELATED, "difference (>= 0)"),
            ),
        )
        for arm in runs.PRESETS
    )
    there = runs.values("correlated")
    turn = runs.TABLED[2]
    slack: Array = np.concatenate([runs.values(arm)["slack"] for arm in runs.PRESETS])
    lines = (
        ("correlated: beta_A Q_A + beta_B Q_B at 1.10476 ms", float(there["clausius"][turn]), "-.02935"),
        ("correlated: Delta I at 1.10476 ms", float(there["Delta I"][turn]), "-.20437"),
        ("correlated: their difference at 1.10476 ms", float(there["slack"][turn]), ".17502"),
        ("least difference, both runs", float(slack.min()), "-1e-9..1"),
    )
    found = tuple(Comparison(quantity=q, ours=v, reference=r, source=REFERENCE) for q, v, r in lines)
    caption = "beta_A Q_A + beta_B Q_B >= Delta I: without correlations it cannot be negative, with them it may be."
    return _figure("clausius", "Clausius inequality", caption, panels, comparisons=found)


def _both(symbol: str) -> tuple[Curve, ...]:
    pens = (ANOMALOUS, UNCORRELATED)
    return tuple(_curve(arm, symbol, pen, arm) for arm, pen in zip(runs.PRESETS, pens, strict=True))


def _sided(figure: str, observable: str) -> tuple[Measure, ...]:
    return tuple(
        _measure(arm, f"{figure}-{arm}", observable, side, pen, energy=True)
        for arm, pens in (("correlated", (HOT, COLD)), ("uncorrelated", (HOT_CONTROL, COLD_CONTROL)))
        for side, pen in zip("AB", pens, strict=True)
    )


def _paired(panel: str, observable: str, subject: str) -> tuple[Measure, ...]:
    pens = (ANOMALOUS, UNCORRELATED)
    return tuple(
        _measure(arm, panel, observable, subject, pen, energy=False)
        for arm, pen in zip(runs.PRESETS, pens, strict=True)
    )


def _bounded() -> tuple[Measure, ...]:
    return tuple(
        _measure(arm, f"clausius-{arm}", observable, "AB", pen, energy=False)
        for arm in runs.PRESETS
        for observable, pen in (("clausius_sum", ANOMALOUS), ("clausius_slack", UNCORRELATED))
    )


Make = Callable[[Context], Figure]
OFFERS: Mapping[str, Offer] = {
    "energies": Offer(make=energies, measures=_sided("energies", "energy")),
    "heat": Offer(make=heat, measures=_sided("heat", "heat")),
    "mutual-information": Offer(make=mutual_information, measures=_paired("I", "mutual_information", "AB")),
    "geometric-discord": Offer(make=discord, measures=_paired("D_G", "geometric_discord", "A")),
    "clausius": Offer(make=clausius, measures=_bounded()),
}
