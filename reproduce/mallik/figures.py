"""Heat beside the most that non-negative values allow, the quasiprobability, and what a reading disturbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.heat_exchange import HeatExchange
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    COLD_CONTROL,
    HOT,
    HOT_CONTROL,
    REFERENCE,
    SECOND,
    THIRD,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Measure,
    Offer,
    Panel,
    compared,
)
from reproduce.mallik.values import PAIRS, bound_of, heat_of, negativity_of, quasiprobability_of, read_first

TITLES = {"driving": "phase of the coherence pi/2", "between": "phase of the coherence 0.7"}
TIMES = np.linspace(0, 5 * np.pi, 161)
"""Half of the period pi/Omega [hbar/gap]."""
MOVES = {"01->01": COLD_CONTROL, "01->10": HOT, "10->01": COLD, "10->10": HOT_CONTROL}
"""Levels of A and B before and after, in the order of `kirkwood_dirac`."""
ABSCISSA = "time [hbar/gap]"


def bound(context: Context) -> Figure:
    """Q_A against its bound."""
    panels = tuple(
        Panel(
            name=f"bound-{name}",
            title=TITLES[name],
            label="heat into the hot qubit A [gap]",
            column="heat A [gap]",
            curves=(
                _curve(name, "heat", "undisturbed", heat_of(pair, TIMES), ANOMALOUS),
                _curve(name, "bound", "semi-classical bound", bound_of(pair, TIMES), SECOND),
                _curve(name, "read", "energies read before", heat_of(read_first(pair), TIMES), UNCORRELATED),
            ),
        )
        for name, pair in PAIRS.items()
    )
    return _figure(
        "bound",
        "Anomalous heat beyond the semi-classical bound",
        "Heat into the hotter qubit, from the colder one. Below the dashed bound some stochastic process with the same "
        "readings would do; above it, no two readings in a row explain the heat, and a value of the quasiprobability "
        "is negative. Once its energies were read, the pair has no coherence and heat flows to the cold qubit.",
        (panels,),
        comparisons=_numbers(),
    )


def quasiprobability(context: Context) -> Figure:
    """Re q and Im q."""
    rows = tuple(
        tuple(
            Panel(
                name=f"{part}-{name}",
                title=TITLES[name],
                label=f"{'Re' if part == 'real' else 'Im'} q(i -> f)",
                column="quasiprobability",
                curves=tuple(
                    _curve(name, f"{part}-{move.replace('->', '-to-')}", move, of(values), pen)
                    for (move, pen), values in zip(MOVES.items(), quasiprobability_of(pair, TIMES), strict=True)
                ),
            )
            for name, pair in PAIRS.items()
        )
        for part, of in (("real", np.real), ("imaginary", np.imag))
    )
    return _figure(
        "quasiprobability",
        "Kirkwood-Dirac quasiprobability of the heat",
        "Levels of A and B before and after the exchange, 1 is excited: 01->10 brings a quantum to A. Real parts are "
        "those that heat is made of; below zero no two readings in a row give them. Imaginary parts tell of coherence "
        "that drives no heat; at pi/2 there are none.",
        rows,
        comparisons=_parts(),
    )


def negativity(context: Context) -> Figure:
    """The negativity, and heat beyond the bound."""
    panels = tuple(
        Panel(
            name=f"negativity-{name}",
            title=TITLES[name],
            label="[gap] or 1",
            column="negativity, or heat beyond the bound [gap]",
            curves=(
                _curve(name, "negativity", "negativity, sum |Re q| - 1", negativity_of(pair, TIMES), ANOMALOUS),
                _curve(name, "beyond", "heat beyond the bound", heat_of(pair, TIMES) - bound_of(pair, TIMES), THIRD),
            ),
        )
        for name, pair in PAIRS.items()
    )
    return _figure(
        "negativity",
        "Negativity and heat beyond the bound",
        "How negative the quasiprobability is, and how far the heat is beyond the bound: in units of a quantum both "
        "are the same wherever there is any. Heat and populations are enough to show a negative value.",
        (panels,),
    )


def _curve(name: str, kind: str, label: str, values: Array, pen: Pen) -> Curve:
    return Curve(name=f"{kind}-{name}", label=label, x=TIMES, y=values, pen=pen)


def _figure(
    name: str, title: str, caption: str, panels: tuple[tuple[Panel, ...], ...], comparisons: tuple[Comparison, ...] = ()
) -> Figure:
    return Figure(
        name=name,
        title=title,
        caption=caption,
        abscissa=ABSCISSA,
        column=ABSCISSA,
        panels=panels,
        comparisons=comparisons,
        notes=("All parameters were chosen here.",),
        measures=OFFERS[name].measures,
    )


def _numbers() -> tuple[Comparison, ...]:
    pair, time = PAIRS["driving"], np.array([3.9269908])
    lines = (
        ("t = 3.9269908: heat into A [gap]", heat_of(pair, time), "0.20941"),
        ("t = 3.9269908: semi-classical bound [gap]", bound_of(pair, time), "0.09468"),
        ("t = 3.9269908: negativity", negativity_of(pair, time), "0.11474"),
    )
    return tuple(Comparison(quantity=q, ours=float(v[0]), reference=r, source=REFERENCE) for q, v, r in lines)


def _parts() -> tuple[Comparison, ...]:
    values = quasiprobability_of(PAIRS["between"], np.array([4.0]))[:, 0]
    lines = (
        ("phase 0.7, t = 4: Re q(01->10)", values[1].real, "0.1144129"),
        ("phase 0.7, t = 4: Re q(10->01)", values[2].real, "-0.0163761"),
        ("phase 0.7, t = 4: Im q of both", values[1].imag, "-0.0874153"),
    )
    return compared(lines)


def _laid(panel: str, row: tuple[str, str], pair: HeatExchange, pen: Pen, label: str, **more: Any) -> Measure:
    observable, subject = row
    return Measure(panel=panel, observable=observable, subject=subject, experiment=pair, pen=pen, label=label, **more)


def _of_bound(name: str, pair: HeatExchange) -> tuple[Measure, ...]:
    panel = f"bound-{name}"
    return (
        _laid(panel, ("heat", "A"), pair, ANOMALOUS, "undisturbed"),
        _laid(panel, ("semiclassical_heat_bound", "AB"), pair, SECOND, "bound"),
        _laid(panel, ("heat", "A"), read_first(pair), UNCORRELATED, "coherence removed", arm="dephased"),
        _laid(panel, ("heat", "A"), read_first(pair), THIRD, "A measured before", arm="measured"),
    )


def _of_quasiprobability(name: str, pair: HeatExchange) -> tuple[Measure, ...]:
    """By a measurement of A before the exchange: `--first-reading measured`."""
    return tuple(
        _laid(f"{part}-{name}", (observable, move), pair, pen, f"{move}, A measured before", scheme="measured")
        for part, observable in (("real", "quasiprobability"), ("imaginary", "quasiprobability_imaginary"))
        for move, pen in MOVES.items()
    )


OFFERS: Mapping[str, Offer] = {
    "bound": Offer(make=bound, measures=tuple(m for name, pair in PAIRS.items() for m in _of_bound(name, pair))),
    "quasiprobability": Offer(
        make=quasiprobability,
        measures=tuple(m for name, pair in PAIRS.items() for m in _of_quasiprobability(name, pair)),
    ),
    "negativity": Offer(
        make=negativity,
        measures=tuple(
            _laid(f"negativity-{name}", ("quasiprobability_negativity", "AB"), pair, ANOMALOUS, "negativity")
            for name, pair in PAIRS.items()
        ),
    ),
}
