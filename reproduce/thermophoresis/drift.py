"""Where the particle ends, against temperature and bias."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.thermophoresis import Thermophoresis
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    SECOND,
    THIRD,
    UNCORRELATED,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
    compared,
)  # fmt: skip
from reproduce.thermophoresis.system import OWN, T_L, T_R, displacement, measure
from theory.thermophoresis import Particle

COLDER = np.linspace(0.1, 4, 118)
BIASES = np.linspace(-0.2, 0.95, 116)
ROUNDS = {1: THIRD, 4: SECOND}


def temperature(context: Context) -> Figure:
    """<x> against T_R."""
    ends = [
        Curve(
            name=kind,
            label=f"{kind}, in the end",
            x=COLDER,
            y=np.array([Particle(T_L=T_L, T_R=T, kind=kind).displacement for T in COLDER]),
            pen=pen,
        )
        for kind, pen in (("lambda", ANOMALOUS), ("vee", COLD))
    ]
    four = np.array([displacement(Particle(T_L=T_L, T_R=T), 4)[4] for T in COLDER])
    curves = (*ends, Curve(name="four-rounds", label="lambda, after 4 rounds", x=COLDER, y=four, pen=SECOND))
    panel = Panel(name="temperature", title="", label="p_R - p_L", column="displacement", curves=curves)
    caption = (
        "Where a particle is found, with the left bath at 2, against the temperature of the right one. Two ground "
        "levels that share an excited one (lambda) collect it at the colder side, two excited levels over one ground "
        "level (vee) at the hotter side: negative thermophoresis. In the end both are at zero for equal temperatures."
    )
    one = Particle(T_L=1.0, T_R=0.5)
    populations = zip("LeR", one.populations, ("0.244728", "0.090031", "0.665241"), strict=True)
    lines = (
        *((f"T = 1, 0.5: {site}", value, text) for site, value, text in populations),
        ("T = 1, 0.5: <x>", one.displacement, "0.420512"),
        ("T = 1, 0.5: ln(p_R/p_L)", np.log(one.populations[2] / one.populations[0]), "1"),
        ("T = 1, 0.5, vee: <x>", Particle(T_L=1.0, T_R=0.5, kind="vee").displacement, "-0.154698"),
    )
    return Figure(
        name="temperature",
        title="Drift against temperature",
        caption=caption,
        abscissa="temperature of the right bath [gap/k_B]",
        column="T_R [gap/k_B]",
        panels=((panel,),),
        comparisons=compared(lines),
        inferred=("That a vee is the paper's case of negative thermophoresis.",),
        notes=(OWN,),
        measures=OFFERS["temperature"].measures,
    )


def bias(context: Context) -> Figure:
    """<x> against the bias, zero at the Carnot factor."""
    particles = [Particle(T_L=T_L, T_R=T_R, bias=b) for b in BIASES]
    curves = [
        Curve(name="end", label="in the end", x=BIASES, y=np.array([p.displacement for p in particles]), pen=ANOMALOUS)
    ]
    for n, pen in ROUNDS.items():
        y = np.array([displacement(p, n)[n] for p in particles])
        curves.append(Curve(name=f"rounds-{n}", label=f"after {n} round{'s' * (n > 1)}", x=BIASES, y=y, pen=pen))
    stall = particles[0].stall
    carnot = Curve(
        name="carnot", label="1 - T_R/T_L", x=np.full(2, stall), y=np.array([-0.2, 0.3]), pen=UNCORRELATED, faint=True
    )
    panel = Panel(name="bias", title="", label="p_R - p_L", column="displacement", curves=(*curves, carnot))
    caption = (
        "A bias lifts the cold site. The drift grows smaller and turns where bias/gap is the Carnot factor 1 - "
        "T_R/T_L (dotted): at the stall, the heat that the left bath gives for a move to the right is just what that "
        "move takes as work and leaves to the right bath, without any entropy. Bias over distance is the force of "
        "this suite."
    )
    one = Particle(T_L=1.0, T_R=0.5)
    still = Particle(T_L=1.0, T_R=0.5, bias=one.stall)
    lines = (
        ("T = 1, 0.5: stall bias", one.stall, "0.5"),
        ("T = 1, 0.5 at the stall: p_L", still.populations[0], "0.422319"),
        ("T = 1, 0.5 at the stall: p_R", still.populations[2], "0.422319"),
        ("T = 2, 0.8: stall bias", stall, "0.6"),
    )
    return Figure(
        name="bias",
        title="The bias that stalls the particle",
        caption=caption,
        abscissa="bias [gap]",
        column="bias [gap]",
        panels=((panel,),),
        comparisons=compared(lines),
        inferred=("The paper's definition of the force; here it is the stall bias over the distance 2 x_0.",),
        notes=(OWN,),
        measures=OFFERS["bias"].measures,
    )


OFFERS: Mapping[str, Offer] = {
    "temperature": Offer(
        make=temperature,
        measures=(measure("temperature", "displacement", "particle", Thermophoresis(rounds=4), SECOND, "T_R"),),
    ),
    "bias": Offer(
        make=bias,
        measures=tuple(
            measure("bias", "displacement", "particle", Thermophoresis(rounds=n), pen, "bias")
            for n, pen in ROUNDS.items()
        ),
    ),
}
