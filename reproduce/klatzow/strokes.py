"""Three levels: power against the time of a cycle, and how strokes become the continuous engine."""

from __future__ import annotations

import numpy as np

from analysis.figures import BLUE, GREEN, GREYS, ORANGE, VERMILLION, Pen
from protocols import Array
from reproduce.drawing import Comparison, Context, Curve, Figure, Panel
from reproduce.klatzow.numbers import OWN
from theory.engines import Form, ThreeLevelEngine, continuous, dephased_bound, stroked

ENGINE = ThreeLevelEngine()
DURATIONS = np.geomspace(0.02, 6, 34)
LABEL = "time of a cycle $\\tau$"
CHOSEN = "gaps, temperatures, rates and drive are chosen here"
TWO, FOUR = Pen(colour=VERMILLION, marker="o"), Pen(colour=BLUE, marker="s", dash="--")
WHOLE = Pen(colour=GREEN, marker="D", dash="-.")
DEPHASED, BOUND = Pen(colour=GREYS[0], marker="^", dash="--"), Pen(colour=ORANGE, marker="P", dash=(0, (1, 1.2)))


def power(context: Context) -> Figure:
    """Power and efficiency of all forms, coherent and dephased, and what no dephased engine exceeds."""
    outs = {
        ("two", False): [stroked(ENGINE, "two", float(tau)) for tau in DURATIONS],
        ("four", False): [stroked(ENGINE, "four", float(tau)) for tau in DURATIONS],
        ("two", True): [stroked(ENGINE, "two", float(tau), dephased=True) for tau in DURATIONS],
    }
    whole = continuous(ENGINE)
    bound = np.array([dephased_bound(ENGINE, "two", float(tau)) / tau for tau in DURATIONS])
    names = {("two", False): ("two-stroke", TWO), ("four", False): ("four-stroke", FOUR),
             ("two", True): ("two-stroke, dephased", DEPHASED)}  # fmt: skip
    powers = [
        _curve("continuous", "continuous", np.full(len(DURATIONS), whole.power), WHOLE),
        *(
            _curve(f"power-{label.replace(', ', '-')}", label, np.array([one.power for one in outs[key]]), pen)
            for key, (label, pen) in names.items()
        ),
        _curve("bound", "most of any dephased two-stroke", bound, BOUND),
    ]
    efficiencies = [
        *(
            _curve(
                f"efficiency-{label.replace(', ', '-')}", label, np.array([one.efficiency for one in outs[key]]), pen
            )
            for key, (label, pen) in names.items()
        ),
        _curve("carnot", "Carnot", np.full(len(DURATIONS), ENGINE.carnot), WHOLE),
    ]
    return Figure(
        name="power",
        title="Power against the time of a cycle",
        caption=(
            "Three levels between two baths and a drive, in one piece or in strokes that share the same time among "
            "baths and drive. For short cycles all coherent forms have the power of the continuous engine; the "
            "dephased engine loses its power in proportion to the time of a cycle, and so does the most that any "
            "dephased engine can do with these strokes (dotted). Power above it is the signature of coherence. The "
            "efficiency is the same for all, 1 - omega_c/omega_h: coherence makes the engine faster, not better."
        ),
        abscissa=LABEL,
        column="tau",
        logarithmic=True,
        panels=(
            (
                Panel(name="power", title="power", label="power", column="power", curves=tuple(powers), zero=False,
                      logarithmic=True),
                Panel(name="efficiency", title="efficiency", label="efficiency", column="efficiency",
                      curves=tuple(efficiencies)),
            ),
        ),
        comparisons=tuple(_powers()),
        inferred=(f"All curves: {CHOSEN} (omega_h = 3, omega_c = 1.5, T_h = 10, T_c = 1, rate 0.3, drive 0.3).",),
        notes=("Dephased: all coherence is thrown away before each stroke of the drive.",
               "The bound is omega_w sin^2(drive tau)/tau: a fully inverted fluid without coherence."),
    )  # fmt: skip


def equivalence(context: Context) -> Figure:
    """Relative deviation of a cycle's work from that of the continuous engine."""
    taus = np.geomspace(0.02, 1.5, 20)
    P = continuous(ENGINE).power
    forms: tuple[tuple[Form, Pen], ...] = (("two", TWO), ("four", FOUR))
    curves = [
        Curve(name=form, label=f"{form}-stroke", x=taus, y=np.array([abs(_deviation(form, float(t), P)) for t in taus]),
              pen=pen, inferred=CHOSEN)
        for form, pen in forms
    ]  # fmt: skip
    guide = abs(_deviation("four", 0.1, P)) * (taus / 0.1) ** 2 * 3
    curves.append(Curve(name="square", label="proportional to $\\tau^2$", x=taus, y=guide, pen=DEPHASED, faint=True))
    return Figure(
        name="equivalence",
        title="Strokes become the continuous engine",
        caption=(
            "Relative deviation of the work of a cycle from the work of the continuous engine in the same time. It "
            "falls by four when tau is halved: symmetric strokes are equivalent to second order. The two-stroke "
            "engine does slightly more, the four-stroke one less."
        ),
        abscissa=LABEL,
        column="tau",
        logarithmic=True,
        panels=((Panel(name="deviation", title="", label="|relative deviation|", column="relative deviation",
                       curves=tuple(curves), zero=False, logarithmic=True),),),
        comparisons=tuple(_deviations(P)),
        inferred=(f"All curves: {CHOSEN}.",),
    )  # fmt: skip


def _curve(name: str, label: str, y: Array, pen: Pen) -> Curve:
    return Curve(name=name, label=label, x=DURATIONS, y=y, pen=pen, inferred=CHOSEN)


def _deviation(form: Form, tau: float, P: float) -> float:
    return stroked(ENGINE, form, tau).power / P - 1


def _powers() -> list[Comparison]:
    whole = continuous(ENGINE)
    rows = [("continuous: power", whole.power, "0.0648286"), ("continuous: efficiency", whole.efficiency, "0.5"),
            ("Carnot", ENGINE.carnot, "0.9")]  # fmt: skip
    printed = {0.4: "0.019365", 0.2: "0.010844", 0.1: "0.005777", 0.05: "0.002988"}
    rows += [
        (f"dephased two-stroke: power at tau = {tau}", stroked(ENGINE, "two", tau, dephased=True).power, said)
        for tau, said in printed.items()
    ]
    return [Comparison(quantity=name, ours=ours, reference=said, source=OWN) for name, ours, said in rows]


def _deviations(P: float) -> list[Comparison]:
    rows: list[tuple[str, float, str]] = []
    printed: tuple[tuple[Form, str], ...] = (("two", "4.80e-4"), ("four", "-2.23e-3"))
    for form, said in printed:
        rows.append((f"{form}-stroke at tau = 0.2", _deviation(form, 0.2, P), said))
        halved = _deviation(form, 0.2, P) / _deviation(form, 0.1, P)
        rows.append((f"{form}-stroke: deviation at 0.2 over that at 0.1", halved, "4.0"))
    return [Comparison(quantity=name, ours=ours, reference=said, source=OWN) for name, ours, said in rows]
