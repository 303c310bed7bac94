"""Rounds of collisions: the drift to the cold side, and heat that a drift carries between equal baths."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.thermophoresis import Thermophoresis
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    HOT,
    SECOND,
    THIRD,
    UNCORRELATED,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
    compared,
    level,
)  # fmt: skip
from reproduce.thermophoresis.system import FULL, HALVES, OWN, T_L, T_R, displacement, measure
from theory.thermophoresis import Particle, after_rounds, slowest

LAST = 12
NUMBER = np.arange(LAST + 1)
BIASES = {0.0: ANOMALOUS, 0.3: SECOND, 0.6: THIRD}
EQUAL, SLOW = 1.0, np.pi / 4
"""Temperature of both baths, and the angle, of the drift that carries heat."""
SITES = {"L": HOT, "e": UNCORRELATED, "R": COLD}


def rounds(context: Context) -> Figure:
    """<x> and populations against rounds."""
    drifts = []
    for bias, pen in BIASES.items():
        one = Particle(T_L=T_L, T_R=T_R, bias=bias)
        y = displacement(one, LAST)
        drifts.append(Curve(name=f"bias-{bias:g}", label=f"bias {bias:g}", x=NUMBER, y=y, pen=pen, dots=True))
        drifts.append(level(f"bias-{bias:g}-limit", "", one.displacement, NUMBER, pen))
    mean = (T_L + T_R) / 2
    same = displacement(Particle(T_L=mean, T_R=mean), LAST)
    drifts.append(Curve(name="isothermal", label="both at 1.4", x=NUMBER, y=same, pen=UNCORRELATED, dots=True))
    one = Particle(T_L=T_L, T_R=T_R)
    path = after_rounds(one, FULL, HALVES, LAST)
    sites = [
        Curve(name=f"site-{s}", label=s, x=NUMBER, y=path[:, k], pen=pen, dots=True)
        for k, (s, pen) in enumerate(SITES.items())
    ]
    limits = [level(f"site-{s}-limit", "", one.populations[k], NUMBER, pen) for k, (s, pen) in enumerate(SITES.items())]
    panels = (
        Panel(name="drift", title="drift", label="p_R - p_L", column="displacement", curves=tuple(drifts)),
        Panel(
            name="sites", title="without bias", label="population", column="population", curves=(*sites, *limits),
        ),
    )  # fmt: skip
    caption = (
        "A particle that began half left and half right, between a bath at 2 on the left and one at 0.8 on the right: "
        "drift to the cold side against rounds of full swaps, and where it ends (dotted). A bias that lifts the right "
        "site works against it; at 0.6, the Carnot factor, it stalls. Between equal baths the first rounds drift too, "
        "since the left leg comes first: a transient, which fades."
    )
    return Figure(
        name="rounds",
        title="Drift against rounds",
        caption=caption,
        abscissa="rounds",
        column="rounds",
        panels=(panels,),
        comparisons=compared(_numbers()),
        notes=(OWN,),
        measures=OFFERS["rounds"].measures,
    )


def dufour(context: Context) -> Figure:
    """Heat of both baths at one temperature, while a particle that began left spreads."""
    one = Particle(T_L=EQUAL, T_R=EQUAL)
    path = after_rounds(one, SLOW, np.array([1.0, 0, 0]), LAST)
    # what a site gains, its bath gains, too: the particle leaves e, which is a gap higher, by giving it to that bath
    curves = (
        Curve(name="left", label="into the left bath", x=NUMBER, y=path[:, 0] - 1, pen=HOT, dots=True),
        Curve(name="right", label="into the right bath", x=NUMBER, y=path[:, 2], pen=COLD, dots=True),
        level("left-limit", "", one.populations[0] - 1, NUMBER, HOT),
        level("right-limit", "", one.populations[2], NUMBER, COLD),
    )
    panel = Panel(name="heat", title="", label="heat into a bath so far [gap]", column="heat [gap]", curves=curves)
    caption = (
        "The other way round: both baths are at 1, and the particle begins at the left. While it spreads to the "
        "right, the left bath lifts it and the right one takes what it gives when it settles, so that heat flows "
        "between equal temperatures, driven by an unequal occupation. It stops when both sites are as likely."
    )
    return Figure(
        name="dufour",
        title="Heat that a drift carries",
        caption=caption,
        abscissa="rounds",
        column="rounds",
        panels=((panel,),),
        inferred=("That this is what the paper calls the Dufour effect.",),
        notes=(OWN,),
        measures=OFFERS["dufour"].measures,
    )


def _numbers() -> list[tuple[str, float, str]]:
    printed = {
        0.0: ("0.2241514", "0.2632934", "0.2822318", "0.2913949", "0.2999841"),
        0.3: ("0.1748941", "0.1601606", "0.1536879", "0.1508442", "0.1486161"),
        0.6: ("0.1175", "0.0455", "0.0176", "0.0068", "0"),
    }
    found: list[tuple[str, float, str]] = []
    for bias, texts in printed.items():
        one = Particle(T_L=T_L, T_R=T_R, bias=bias)
        values = [*displacement(one, 4)[1:], one.displacement]
        places = ["1", "2", "3", "4", "all"]
        found += [(f"bias {bias:g}, rounds {n}: <x>", v, r) for n, v, r in zip(places, values, texts, strict=True)]
    one = Particle(T_L=T_L, T_R=T_R)
    ends = zip(SITES, one.populations, ("0.268562", "0.162891", "0.568546"), strict=True)
    found += [(f"at rest: {site}", value, text) for site, value, text in ends]
    found.append(("what a round leaves of the slowest deviation", slowest(one, FULL), "0.483838"))
    found.append(("one round from L: <x>", displacement(one, 1, start=np.array([1.0, 0, 0]))[1], "-0.328997"))
    return found + _slow()


def _slow() -> list[tuple[str, float, str]]:
    """Half swaps from L at T = 1, 0.5."""
    path = after_rounds(Particle(T_L=1.0, T_R=0.5), np.pi / 4, np.array([1.0, 0, 0]), 12)
    texts = {1: ("0.865529", "0.075250", "0.059221"), 2: ("0.776647", "0.095378", "0.127975")}
    found = [
        (f"T = 1, 0.5, half swaps from L, round {n}: {site}", path[n, k], texts[n][k])
        for n in texts
        for k, site in enumerate(SITES)
    ]
    return [*found, ("T = 1, 0.5, half swaps from L, round 12: R", path[12, 2], "0.522")]


OFFERS: Mapping[str, Offer] = {
    "rounds": Offer(
        make=rounds,
        measures=(
            *(
                measure("drift", "displacement", "particle", Thermophoresis(bias=bias), pen, "rounds")
                for bias, pen in BIASES.items()
            ),
            measure(
                "drift", "displacement", "particle", Thermophoresis(), UNCORRELATED, "rounds", arm="isothermal",
            ),
            *(measure("sites", "population", site, Thermophoresis(), pen, "rounds") for site, pen in SITES.items()),
        ),
    ),
    "dufour": Offer(
        make=dufour,
        measures=tuple(
            measure("heat", "heat", side, Thermophoresis(T_L=EQUAL, T_R=EQUAL, start="L", angle=SLOW), pen, "rounds")
            for side, pen in (("left", HOT), ("right", COLD))
        ),
    ),
}  # fmt: skip
