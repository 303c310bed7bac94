"""The oscillator: its floor, the way there, and what the floor means for a bath that is colder."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from protocols import Array
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    HOT_CONTROL,
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
from theory.oscillators import CooledOscillator, fock_occupation, occupations, steady_occupation

DAMPINGS = np.linspace(0.1, 2.5, 49)
COUPLINGS = (0.1, 0.2)
PRINTED = (("0.1", "6.25e-4"), ("0.4", "0.01"), ("1", "0.0625"), ("2", "0.25"))
UNITS = "Units: hbar = 1 and the target's frequency omega = 1. All parameters are chosen here."
SIDEBANDS = "the known limits of resolved and unresolved sidebands"
START = 2.0
"""Occupation at the start of `cooling`."""


def floor(context: Context) -> Figure:
    """Occupation in the long run against the damping."""
    weak = [CooledOscillator(damping=float(k)) for k in DAMPINGS]
    lines = [
        ("weak", "g -> 0: (kappa/4 omega)^2", [one.floor for one in weak], ANOMALOUS),
        *(
            (
                f"g-{g:g}".replace(".", "p"),
                f"g = {g:g} omega",
                [steady_occupation(replace(one, coupling=g)) for one in weak],
                pen,
            )
            for g, pen in zip(COUPLINGS, (SECOND, THIRD), strict=True)
        ),
        ("best", "g -> 0, partner detuned best", [one.best.floor for one in weak], COLD),
    ]
    curves = tuple(Curve(name=n, label=said, x=DAMPINGS, y=np.array(y), pen=pen) for n, said, y, pen in lines)
    strong = CooledOscillator(damping=1.0, coupling=0.1)
    numbers = [
        *((f"kappa = {k}, g -> 0", CooledOscillator(damping=float(k)).floor, text, "exact") for k, text in PRINTED),
        *((f"kappa = {k}, g = 0.0001: Lyapunov", _lyapunov(k), text, "exact") for k, text in PRINTED),
        ("kappa = 1, g = 0.1: Lyapunov", steady_occupation(strong), "0.067665", "exact"),
        ("kappa = 1, g = 0.1: 10 x 6 number states", fock_occupation(strong), "0.067665", "converged"),
    ]
    limits = (
        ("kappa = 0.01, best partner: floor over kappa^2/16", CooledOscillator(damping=0.01).best.floor / (1e-4 / 16)),
        ("kappa = 1000, best partner: floor over kappa/4", CooledOscillator(damping=1000.0).best.floor / 250),
    )
    return Figure(
        name="floor",
        title="The floor of an oscillator",
        caption="Occupation that an oscillator is cooled to in the long run, against the damping kappa of the mode "
        "that takes its energy away. The coupling that moves excitations out also creates pairs, off resonance by "
        "2 omega; the broader the mode is, the less that matters to them. A strong coupling leaves more.",
        abscissa="damping kappa [omega]",
        column="kappa [omega]",
        panels=((Panel(name="floor", title="", label="occupation <n>", column="n", curves=curves),),),
        comparisons=(
            *(Comparison(quantity=q, ours=v, reference=r, source=REFERENCE, status=s) for q, v, r, s in numbers),
            *(Comparison(quantity=q, ours=v, reference="1.00", source=SIDEBANDS) for q, v in limits),
        ),
        notes=(UNITS, f"Of 10 x 6 number states the difference from Lyapunov is {_truncation():.1e}."),
    )


def cooling(context: Context) -> Figure:
    """<n> along time, with pairs and without."""
    times = np.linspace(0, 150, 301)
    shown = (
        ("pairs-1", "kappa = 1", CooledOscillator(damping=1.0, coupling=0.1), ANOMALOUS),
        ("pairs-0p4", "kappa = 0.4", CooledOscillator(damping=0.4, coupling=0.1), SECOND),
        ("none-1", "kappa = 1, no pairs", CooledOscillator(damping=1.0, coupling=0.1, pairs=False), UNCORRELATED),
    )
    curves = tuple(
        Curve(name=name, label=label, x=times, y=occupations(one, START, times)[:, 0], pen=pen)
        for name, label, one, pen in shown
    )
    floors = ", ".join(f"{steady_occupation(one):.5f} ({label})" for _, label, one, _ in shown[:2])
    return Figure(
        name="cooling",
        title="On the way to the floor",
        caption="An oscillator with two quanta on average is cooled, g = 0.1. With pairs the fall ends; "
        "without them (an exchange a b^+ + a^+b alone) it would go on for ever. A narrower mode cools faster, at about "
        "4 g^2/kappa, and gets lower.",
        abscissa="time [1/omega]",
        column="time [1/omega]",
        panels=(
            (Panel(name="cooling", title="", label="occupation <n>", column="n", curves=curves, logarithmic=True),),
        ),
        comparisons=(
            Comparison(
                quantity="kappa = 1: <n> at the time 1000",
                ours=float(occupations(shown[0][2], START, np.array([1000.0]))[0, 0]),
                reference="0.067665",
                source=REFERENCE,
            ),
        ),
        notes=(UNITS, f"The floors at g = 0.1 are {floors}."),
    )


def bath(context: Context) -> Figure:
    """<n> in the long run against the occupation of the target's own bath."""
    N = np.geomspace(1e-4, 10, 51)
    system = CooledOscillator(damping=1.0, coupling=0.03, bath_rate=2e-4)
    lines = (
        ("pairs", "cooled, with pairs", _settled(system, N), ANOMALOUS),
        ("none", "cooled, no pairs", _settled(replace(system, pairs=False), N), COLD),
        ("off", "not cooled: <n> = N", N, HOT_CONTROL),
    )
    curves = tuple(Curve(name=n, label=said, x=N, y=y, pen=pen) for n, said, y, pen in lines)
    cool, heat = system.rates
    crossing = heat / (cool - heat)
    return Figure(
        name="bath",
        title="Near absolute zero the refrigerator heats",
        caption="An oscillator in a bath of occupation N, cooled through a mode with kappa = 1 (g = 0.03, bath rate "
        "0.0002). Without pairs it is always colder than its bath. With them it stays at its floor, and a bath that "
        "is colder than the floor is heated by the refrigerator: left of the crossing.",
        abscissa="occupation N of the bath",
        column="N",
        logarithmic=True,
        panels=(
            (
                Panel(
                    name="bath",
                    title="",
                    label="occupation <n>",
                    column="n",
                    curves=curves,
                    zero=False,
                    logarithmic=True,
                ),
            ),
        ),
        comparisons=tuple(
            Comparison(
                quantity=f"<n> at N = {at:g}",
                ours=steady_occupation(replace(system, bath_occupation=at)),
                reference=text,
                source="second order in g, (gamma N + A_+)/(gamma + A_- - A_+)",
            )
            for at, text in ((1.0, "0.115"), (10.0, "0.62"))
        ),
        notes=(UNITS, f"To second order in g the crossing is at N = A_+/(A_- - A_+) = {crossing:.4f}."),
    )


def _settled(system: CooledOscillator, N: Array) -> Array:
    return np.array([steady_occupation(replace(system, bath_occupation=float(one))) for one in N])


def _lyapunov(damping: str) -> float:
    return steady_occupation(CooledOscillator(damping=float(damping)))


@cache
def _truncation() -> float:
    strong = CooledOscillator(damping=1.0, coupling=0.1)
    return abs(fock_occupation(strong) - steady_occupation(strong))
