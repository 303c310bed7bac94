"""A particle in a box between its walls: populations, narrow contacts, and how many levels are enough."""

from __future__ import annotations

import numpy as np

from analysis.figures import Pen
from protocols import Array
from reproduce.drawing import COLD, COLD_CONTROL, HOT, HOT_CONTROL, Comparison, Context, Curve, Figure, Panel
from reproduce.zou.pens import CLASSICAL, LAW_PENS, OWN
from theory.walls import LAWS, RateLaw, box, most, steady
from theory.walls import relaxation as slowest

T_HOT, LEVELS = 6.0, 10
WIDTHS = np.array([0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.25, 0.28, 0.3, 0.35, 0.4, 0.5])
CHOSEN = "T_h = 6 and the laws of the rates are chosen here"
UNIT = "T$_c$ [ground-state energy]"


def levels(context: Context) -> Figure:
    """Populations of the lowest levels, with a broad and with a narrow contact."""
    T_c = np.geomspace(0.05, T_HOT, 121)
    pens = (HOT, COLD, HOT_CONTROL, COLD_CONTROL)
    panels = []
    for name, d in (("broad", 0.3), ("narrow", 0.1)):
        p = steady(box(LEVELS, d), T_HOT, T_c).populations
        curves = tuple(
            _curve(f"{name}-level-{k + 1}", f"level {k + 1}", T_c, p[:, k], pen) for k, pen in enumerate(pens)
        )
        panels.append(Panel(name=name, title=f"contact {d}", label="population", column="population", curves=curves))
    return Figure(
        name="levels",
        title="Populations of the box",
        caption=(
            "Populations of the four lowest of ten levels while the cold wall is cooled and the hot one stays at 6. "
            "At the right end both walls have the same temperature and the populations are Gibbs'. Below T_c of about "
            "0.5, a sixth of the first gap, nothing changes any more: this is why the current goes to a constant. The "
            "width of the contact sets how fast heat goes, and changes the populations little."
        ),
        abscissa=UNIT,
        column="T_c [E_1/k_B]",
        logarithmic=True,
        panels=(tuple(panels),),
        inferred=(f"All curves: {CHOSEN} (bosonic); the paper's are not known.",),
    )


def contact(context: Context) -> Figure:
    """How far the current overshoots its limit, against the width of the contact, for four laws of the rates."""
    found = {law: [most(box(LEVELS, float(d), law=law), T_HOT) for d in WIDTHS] for law in LAWS}
    overshoot = tuple(
        _curve(f"overshoot-{law}", law, WIDTHS, np.array([100 * one.overshoot for one in found[law]]), LAW_PENS[law])
        for law in LAWS
    )
    limit = tuple(
        _curve(f"limit-{law}", law, WIDTHS, np.array([one.limit for one in found[law]]), LAW_PENS[law]) for law in LAWS
    )
    return Figure(
        name="contact",
        title="Does a quantum current ever fall again?",
        caption=(
            "Left: by how much the largest current exceeds the one that is left at T_c = 0, in percent of the latter. "
            "Where it is 0 the current grows all the way down. Where it is not, the quantum current falls again, if "
            "by little: with a narrow contact the ground state barely touches the walls. A very cold wall leaves the "
            "particle there; a warmer one lifts it to levels that touch more and carry more. Right: the current that "
            "is left at T_c = 0, which the classical particle does not have at all."
        ),
        abscissa="contact d, share of the box",
        column="contact d",
        panels=(
            (
                Panel(name="overshoot", title="overshoot", label="overshoot [%]", column="overshoot [%]",
                      curves=overshoot),
                Panel(name="limit", title="current at T$_c$ = 0", label="heat current J", column="heat current J",
                      curves=limit, zero=False, logarithmic=True),
            ),
        ),
        comparisons=tuple(_overshoots()),
        inferred=(f"All curves: {CHOSEN}; which law the paper has decides whether its current falls again.",),
        notes=(
            "Hotter walls and narrower contacts overshoot by more, at most by 0.22 % (bosonic), 0.12 % (ohmic), 3.4 % "
            "(metropolis) and 7.1 % (fermi) for T_h up to 800 and d down to 0.005.",
            "The fermi law overshoots by 1e-4 at d = 0.3, too, once T_h is above 60.",
            "A contact d moves the levels as 1 - d does; 0.5 is the broadest.",
        ),
    )  # fmt: skip


def relaxation(context: Context) -> Figure:
    """How fast equilibrium is reached when both walls have one temperature."""
    T = np.geomspace(0.02, 20, 81)
    gas = np.sqrt(2 * T / np.pi)
    panels = [
        Panel(name="classical", title="classical particle", label="rate", column="rate", zero=False, logarithmic=True,
              curves=(_curve("arrivals", "arrivals at a wall per unit of time", T, gas, CLASSICAL),))
    ]  # fmt: skip
    curves = tuple(
        _curve(f"box-{d}", f"contact {d}", T, np.array([slowest(box(16, d), float(one)) for one in T]), pen)
        for d, pen in ((0.3, HOT), (0.1, COLD))
    )
    panels.append(
        Panel(name="box", title="particle in a box", label="slowest rate", column="rate", zero=False, logarithmic=True,
              curves=curves)
    )  # fmt: skip
    return Figure(
        name="relaxation",
        title="Who slows down in the cold",
        caption=(
            "Rate at which equilibrium is reached when both walls have the same temperature. A strict Maxwell wall "
            "makes the classical particle thermal at each arrival, and arrivals become rare as the square root of T. "
            "The box relaxes at a rate that stays finite: below the first gap, 3, the levels are left downwards as "
            "fast as at T = 0. The bend at 1.5 is where another deviation becomes the slowest."
        ),
        abscissa="T [unit of energy]",
        column="T",
        logarithmic=True,
        panels=(tuple(panels),),
        inferred=("All curves: walls, contacts and the bosonic law are chosen here; the paper's are not known.",),
        notes=(
            "A third party's summary of the paper says that the classical relaxation slows as about T^-0.9, counted "
            "in collisions, and that the quantum one saturates below the gap. The second is seen here; the first is "
            "not, for these walls need one collision at any temperature. The paper's wall rule must be another.",
        ),
    )


def convergence(context: Context) -> Figure:
    """What more levels change."""
    kept, T_c = np.arange(2, 17), 0.1
    panels = []
    for name, T_h in (("cool", 2.0), ("hot", T_HOT)):
        curves = []
        for d, pen in ((0.3, HOT), (0.1, COLD)):
            reference = float(steady(box(24, d), T_h, T_c).into_cold)
            J = np.array([float(steady(box(int(K), d), T_h, T_c).into_cold) for K in kept])
            off = np.maximum(np.abs(J / reference - 1), 1e-16)
            curves.append(_curve(f"{name}-{d}", f"contact {d}", kept.astype(float), off, pen))
        panels.append(
            Panel(name=name, title=f"T$_h$ = {T_h:g}", label="|J/J(24 levels) - 1|", column="relative deviation",
                  curves=tuple(curves), zero=False, logarithmic=True)
        )  # fmt: skip
    ten, more = (float(steady(box(K, 0.3), T_HOT, T_c).into_cold) for K in (10, 14))
    tens, mores = (steady(box(K, 0.35), 5.0, np.array([3, 1, 0.1])).into_cold for K in (10, 14))
    return Figure(
        name="convergence",
        title="How many levels are enough",
        caption=(
            "Relative deviation of the current at T_c = 0.1 from that of 24 levels. Levels far above T_h are empty, "
            "so that ten are enough for T_h = 6: the curves of the other figures are converged to a few parts in 1e7."
        ),
        abscissa="levels that are kept",
        column="levels",
        panels=(tuple(panels),),
        comparisons=(
            Comparison(quantity="d = 0.3, T_h = 6: |J(10) - J(14)|", ours=abs(ten - more), reference="0..2e-8",
                       source=OWN, status="converged"),
            Comparison(quantity="d = 0.35, T_h = 5, T_c = 3, 1, 0.1: largest |J(10) - J(14)|",
                       ours=float(np.abs(tens - mores).max()), reference="0..1e-9", source=OWN, status="converged"),
        ),
    )  # fmt: skip


def _overshoots() -> list[Comparison]:
    """What a third person's 24 variants say of d = 0.1, and that a broad contact has none."""
    said: dict[RateLaw, str] = {"bosonic": "0.04", "metropolis": "1.3", "fermi": "3.5"}
    found = []
    for law in LAWS:
        narrow, broad = (100 * most(box(LEVELS, d, law=law), T_HOT).overshoot for d in (0.1, 0.3))
        if law in said:
            quantity = f"{law}: overshoot at d = 0.1, T_h = 6 [%] (compared with the largest of any T_h)"
            upto = "0.04..0.06" if law == "bosonic" else f"0..{said[law]}"
            found.append(Comparison(quantity=quantity, ours=narrow, reference=upto, source=OWN))
        found.append(Comparison(quantity=f"{law}: overshoot at d = 0.3 [%]", ours=broad, reference="0", source=OWN))
    return found


def _curve(name: str, label: str, x: Array, y: Array, pen: Pen) -> Curve:
    return Curve(name=name, label=label, x=x, y=y, pen=pen, inferred=CHOSEN)
