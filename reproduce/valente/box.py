"""A particle in a box and in a trap with a temperature gradient."""

from __future__ import annotations

from functools import cache

import numpy as np

from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    REFERENCE,
    SECOND,
    THIRD,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Panel,
)
from theory.brownian import Gradient, Particle, Paths, box_mean, ito, steady_state, with_inertia
from theory.brownian import relaxation as on_a_grid

SLOPE = 0.5
"""dT/dx of the figures in a box from -1 to 1, T = 1 in the middle."""
STIFFNESS = 8.0
PLACES = np.linspace(-1, 1, 201)
PLACE = "place x [half of the box]"
UNITS = "Units: k_B = eta = 1, half of the box is 1, and so is the temperature in its middle. All chosen here."
SETTLED = 2.0
"""After several times of the slowest decay, 4/pi^2 at T = 1."""


def in_a_box(slope: float) -> Particle:
    """Between walls at -1 and 1.

    Args:
        slope: g of T = 1 + g x.
    """
    return Particle(temperature=Gradient(slope=slope))


def in_a_trap(slope: float, stiffness: float) -> Particle:
    """Between walls where it never is: T is a twentieth of T_0 at the left one.

    Args:
        slope: g of T = 1 + g x, positive.
        stiffness: k of V = k x^2/2.
    """
    walls = {"left": max(-0.95 / slope, -12 / stiffness**0.5), "right": 12 / stiffness**0.5}
    return Particle(temperature=Gradient(slope=slope), stiffness=stiffness, **walls)


@cache
def walked(slope: float) -> Paths:
    """1500 walkers in a box, by Ito.

    Args:
        slope: g of T = 1 + g x.
    """
    return ito(in_a_box(slope), step=2e-3, duration=12.0, walkers=1500, seed=26032698, every=10)


def box(context: Context) -> Figure:
    """P(x) by three routes, and that T P is flat."""
    particle = in_a_box(SLOPE)
    grid, edges = on_a_grid(particle, 20), np.linspace(-1, 1, 26)
    middles = (edges[1:] + edges[:-1]) / 2
    temperature, exact = particle.temperature, steady_state(particle).density(PLACES)
    stratonovich = temperature(PLACES) ** -0.5
    stratonovich = stratonovich / np.trapezoid(stratonovich, PLACES)
    lines = (
        ("quadrature", "P ~ 1/T, in closed form", PLACES, exact, ANOMALOUS, "exact"),
        ("grid", "Fokker-Planck on 20 cells", grid.x, grid.steady, COLD, "converged"),
        ("paths", "1500 paths, Ito", middles, walked(SLOPE).histogram(SETTLED, edges), SECOND, "sampled"),
        ("stratonovich", "read by Stratonovich (wrong)", PLACES, stratonovich, UNCORRELATED, "exact"),
    )
    names = {"density": ("P(x)", "P"), "flat": ("T(x) P(x)", "T P")}
    panels = tuple(
        Panel(
            name=name,
            title="",
            label=label,
            column=column,
            zero=False,
            curves=tuple(
                Curve(
                    name=f"{name}-{stem}",
                    label=said,
                    x=x,
                    y=P if name == "density" else P * temperature(x),
                    pen=pen,
                    status=status,
                    dots=stem in ("grid", "paths"),
                )
                for stem, said, x, P, pen, status in lines
            ),
        )
        for name, (label, column) in names.items()
    )
    return Figure(
        name="box",
        title="A box that is hot on the right",
        caption="Where a Brownian particle is in the long run, T = 1 + x/2 between reflecting walls. It is found "
        "longest where it is cold and slow, P ~ 1/T: T P is the same everywhere. The equation without inertia has to "
        "be read by Ito; Stratonovich's reading would give 1/sqrt(T).",
        abscissa=PLACE,
        column="x",
        panels=(panels,),
        comparisons=_numbers_of_the_box(),
        notes=(UNITS, _inertia()[1]),
    )


def gradient(context: Context) -> Figure:
    """Mean of the box and mode of the trap against the gradient."""
    slopes, few = np.linspace(0.01, 0.95, 95), np.array([0.15, 0.3, 0.45, 0.6, 0.75, 0.9])
    sampled = [_quick(float(g)) for g in few]
    traps = [steady_state(in_a_trap(float(g), STIFFNESS)) for g in few]
    drifted = (
        Curve(name="box-mean", label="box: mean", x=slopes, y=box_mean(slopes), pen=ANOMALOUS),
        Curve(
            name="box-paths",
            label="box: 600 paths",
            x=few,
            y=np.array(sampled),
            pen=SECOND,
            status="sampled",
            dots=True,
        ),
        Curve(name="trap-mode", label="trap: most likely place", x=slopes, y=-slopes / STIFFNESS, pen=COLD),
        Curve(
            name="trap-mean", label="trap: mean", x=few, y=np.array([one.mean for one in traps]), pen=THIRD, dots=True
        ),
    )
    printed = (("8", "0.5", "-0.0625", "0.125"), ("6", "0.4", "-0.0666667", "0.1666667"))
    lines = []
    for k, g, mode, variance in printed:
        found = steady_state(in_a_trap(float(g), float(k)))
        lines += [
            (f"trap k = {k}, g = {g}: mean", found.mean, "0.000000"),
            (f"trap k = {k}, g = {g}: most likely place", found.mode, mode),
            (f"trap k = {k}, g = {g}: variance", found.variance, variance),
        ]
    return Figure(
        name="gradient",
        title="How far the particle goes",
        caption="Mean place in a box against the temperature gradient g = dT/dx, and mean and most likely place in a "
        "harmonic trap with k = 8. Nothing flows in the long run, so <V'> = 0 and the mean of a trap stays where it "
        "is however steep the gradient is: look at the most likely place, or use a box.",
        abscissa="temperature gradient g = dT/dx [T_0 / half of the box]",
        column="g",
        panels=((Panel(name="drift", title="", label="place x", column="x", curves=drifted),),),
        comparisons=tuple(Comparison(quantity=q, ours=v, reference=r, source=REFERENCE) for q, v, r in lines),
        notes=(UNITS,),
    )


def _numbers_of_the_box() -> tuple[Comparison, ...]:
    lines = (
        ("mean, g = 0.5: quadrature", steady_state(in_a_box(0.5)).mean, "-0.179522", "exact"),
        ("mean, g = 0.4: quadrature", steady_state(in_a_box(0.4)).mean, "-0.1395550", "exact"),
        ("mean, g = 0.4: 4000 cells", on_a_grid(in_a_box(0.4), 4000).mean, "-0.1395550", "converged"),
        # five standard errors about its -0.1365(18), and 0.02 about its -0.1733
        ("mean, g = 0.4: paths by Ito", walked(0.4).settled(SETTLED)[0], "-0.1455..-0.1275", "sampled"),
        ("mean, g = 0.5: paths of mass 0.05", _inertia()[0], "-0.1933..-0.1533", "sampled"),
    )
    return tuple(Comparison(quantity=q, ours=v, reference=r, source=REFERENCE, status=s) for q, v, r, s in lines)


@cache
def _quick(slope: float) -> float:
    """<x> of fewer walkers."""
    return ito(in_a_box(slope), step=4e-3, duration=10.0, walkers=600, seed=1, every=10).settled(SETTLED)[0]


@cache
def _inertia() -> tuple[float, str]:
    """<x> of walkers with mass, and a line about it."""
    made = with_inertia(in_a_box(SLOPE), mass=0.05, step=5e-3, duration=12.0, walkers=1500, seed=1, every=10)
    mean, error = made.settled(SETTLED)
    return mean, (
        f"With inertia (mass 0.05) 1500 paths have the mean {mean:.4f} +- {error:.4f}, without it "
        f"{box_mean(SLOPE):.4f}: no reading of the noise is chosen there, and a smaller mass leads to Ito's."
    )
