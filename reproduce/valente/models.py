"""Model II with two patches of bath, and model I beside it."""

from __future__ import annotations

import numpy as np

from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    REFERENCE,
    SECOND,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Panel,
)
from reproduce.valente.box import PLACE, PLACES, SLOPE, UNITS, in_a_box
from theory.brownian import Particle, Patches, relaxation, steady_state

WIDTHS = (0.6, 0.35)
"""s of the patches; the first one has the number of the reference."""
CENTRE, TEMPERATURES = 0.6, (1.5, 0.5)


def two(width: float) -> Patches:
    """Patches at -0.6 (hot) and 0.6 (cold).

    Args:
        width: s.
    """
    return Patches(centres=(-CENTRE, CENTRE), temperatures=TEMPERATURES, width=width)


def patched(width: float) -> Particle:
    """A particle in the box with both.

    Args:
        width: s.
    """
    return Particle(temperature=two(width).temperature, friction=two(width).friction)


def patches(context: Context) -> Figure:
    """Temperature, friction and P of two patches."""
    kinds = (
        ("temperature", "temperature T(x)", lambda one: one.temperature(PLACES)),
        ("friction", "friction eta(x)", lambda one: one.eta(PLACES)),
        ("density", "P(x)", lambda one: steady_state(one).density(PLACES)),
    )
    panels = tuple(
        Panel(
            name=name,
            title="",
            label=label,
            column=label,
            zero=False,
            curves=tuple(
                Curve(
                    name=f"{name}-s-{width:g}".replace(".", "p"),
                    label=f"width s = {width:g}",
                    x=PLACES,
                    y=quantity(patched(width)),
                    pen=pen,
                )
                for width, pen in zip(WIDTHS, (ANOMALOUS, COLD), strict=True)
            ),
        )
        for name, label, quantity in kinds
    )
    grid = relaxation(patched(WIDTHS[0]), 2000)
    lines = (
        ("mean between patches of 1.5 and 0.5, a = s = 0.6: quadrature", steady_state(patched(0.6)).mean, "exact"),
        ("the same on 2000 cells", grid.mean, "converged"),
    )
    return Figure(
        name="patches",
        title="Model II: a hot patch and a cold one",
        caption="Two baths, at 1.5 on the left and 0.5 on the right, that each reach a Gaussian patch. The particle "
        "feels one temperature at every place, T = 1 - tanh(a x/s^2)/2, and is more often on the cold side. Where "
        "the patches are narrow the friction is small between them; that decides how fast it gets there, not where "
        "it is in the end.",
        abscissa=PLACE,
        column="x",
        panels=(panels,),
        comparisons=tuple(
            Comparison(quantity=q, ours=v, reference="0.201573", source=REFERENCE, status=s) for q, v, s in lines
        ),
        inferred=("That the patches are Gaussian, two, and as wide as they are far from the middle is chosen here.",),
        notes=(UNITS,),
    )


def models(context: Context) -> Figure:
    """P of both models where they push equally hard in the middle, and of both at once."""
    pushed = Particle(temperature=np.ones_like, drive=_push)
    held = Particle(temperature=in_a_box(SLOPE).temperature, drive=lambda x: -_push(x))
    shown = (
        ("model-2", "model II: T = 1 + x/2", in_a_box(SLOPE), ANOMALOUS),
        ("model-1", "model I: F = -1/2 at T = 1", pushed, SECOND),
        ("held", "II held by F = +1/2", held, COLD),
        ("neither", "neither", Particle(temperature=np.ones_like), UNCORRELATED),
    )
    curves = tuple(
        Curve(name=stem, label=label, x=PLACES, y=steady_state(one).density(PLACES), pen=pen)
        for stem, label, one, pen in shown
    )
    flat = np.full_like(PLACES, 0.5)
    panel = Panel(name="models", title="", label="P(x)", column="P", curves=curves, zero=False)
    means = {stem: steady_state(one).mean for stem, _, one, _ in shown}
    return Figure(
        name="models",
        title="Model I beside model II",
        caption="Model II moves the particle by its temperature gradient as if a force -dT/dx were on it. Model I "
        "drives the bath, which leaves one temperature and adds a force F(x). With F = -dT/dx both go towards "
        "the left, but one is exp(-x/2) and the other 1/T; the opposite force makes P even flat, for it balances "
        "-dT/dx exactly.",
        abscissa=PLACE,
        column="x",
        panels=((panel,),),
        comparisons=(
            Comparison(quantity="model II: mean", ours=means["model-2"], reference="-0.179522", source=REFERENCE),
            Comparison(
                quantity="II held by F = +1/2: largest difference from a flat P",
                ours=float(np.abs(curves[2].y - flat).max()),
                reference="0",
                source="the closed form P = 1/2",
            ),
        ),
        inferred=("The form of model I's drive in the paper is not known; F = -dT/dx is chosen here.",),
        notes=(UNITS, f"Means: model II {means['model-2']:.6f}, model I {means['model-1']:.6f}."),
    )


def _push(x: np.ndarray) -> np.ndarray:
    """-dT/dx of the box."""
    return np.full_like(x, -SLOPE)
