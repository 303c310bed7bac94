"""An excitation that comes back along a chain of qubits; runs of chain-revival are laid over."""

from __future__ import annotations

import math

import numpy as np

from analysis.figures import Pen
from protocols import Array, chain
from protocols.chain_revival import ChainRevival
from reproduce.drawing import (
    ANOMALOUS,
    COLD,
    SECOND,
    THIRD,
    UNCORRELATED,
    Context,
    Curve,
    Figure,
    Measure,
    Panel,
    compared,
)

TIMES = np.linspace(0, 9, 361)
SITES = {3: SECOND, 4: ANOMALOUS, 5: THIRD, 6: COLD}
ENGINEERED, REVIVES = 5, 2 * math.pi
"""Sites of the engineered chain, and when its revival is complete [1/J]."""
TAKEN = {6: SECOND, 8: THIRD, 12: COLD}
"""Strang steps of the engineered chain."""
UNIFORM_STEPS = {2: SECOND, 4: THIRD, 8: COLD}
"""Strang steps of the uniform chain of four."""
OWN = "Units: hbar = 1; J is the coupling (lambda of the engineered chain). Chains and times are chosen here."


def couplings(sites: int, profile: str = "uniform") -> Array:
    """J_i, (sites-1,).

    Args:
        sites: N.
        profile: "uniform", all 1, or "engineered", sqrt(i (N-i))/2.
    """
    i = np.arange(1, sites)
    return np.ones(sites - 1) if profile == "uniform" else np.sqrt(i * (sites - i)) / 2


def returned(J: Array, times: Array, taken: int | None = None) -> Array:
    """Excited populations of all sites when the first one was, (times, sites).

    Args:
        J: Couplings, shape (sites-1,).
        times: Shape (times,).
        taken: Strang steps; None: exactly.
    """
    times = np.asarray(times, dtype=float)
    if taken is None:
        u = chain.evolution(chain.hopping(J), times)
    else:
        u = chain.strang(np.broadcast_to(J, (len(times), len(J))), times, taken)
    return np.abs(u[:, :, 0]) ** 2


def infinite(times: Array) -> Array:
    """[J_1(2 t)/t]^2, (times,).

    Args:
        times: Shape (times,) [1/J].
    """
    from scipy.special import jv

    t = np.asarray(times, dtype=float)
    return (jv(0, 2 * t) + jv(2, 2 * t)) ** 2  # J_1(x)/x = (J_0 + J_2)/2 has no 0/0


def revival(context: Context) -> Figure:
    """Uniform chains of three to six sites."""
    drawn = [
        Curve(name=f"N-{N}", label=f"N = {N}", x=TIMES, y=returned(couplings(N), TIMES)[:, 0], pen=pen)
        for N, pen in SITES.items()
    ]
    drawn.append(Curve(name="infinite", label="infinite chain", x=TIMES, y=infinite(TIMES), pen=UNCORRELATED))
    early = TIMES[TIMES <= 3]
    apart = np.abs(returned(couplings(6), early)[:, 0] - infinite(early)).max()
    four, six = returned(couplings(4), np.array([1.3, 2.6, 5.62])), returned(couplings(6), np.array([6.5, 7.775]))
    lines = [
        *(
            (f"N = 4: P_1 at t = {t}", four[k, 0], text)
            for k, (t, text) in enumerate((("1.3", "0.1310396"), ("2.6", "0.0255849"), ("5.62", "0.8939720")))
        ),
        *(
            (f"N = 4: P_{i + 1} at t = 1.3", four[0, i], text)
            for i, text in enumerate(("0.131040", "0.500049", "0.288984", "0.079927"))
        ),
        ("N = 6: P_1 at t = 6.5", six[0, 0], "0.294416"),
        ("N = 6: P_1 at t = 7.775", six[1, 0], "0.703510"),
        ("N = 6: largest difference from the infinite chain until t = 3", apart, "0.00011"),
    ]
    return Figure(
        name="revival",
        title="An excitation comes back",
        caption="Probability that the excitation is on the first site of a uniform chain, where it began. Until the "
        "reflection from the far end arrives nobody can tell a finite chain from an infinite one, which only loses "
        "it; then it revives, the later and the less the longer the chain is.",
        abscissa="time [1/J]",
        column="time [1/J]",
        panels=((Panel(name="revival", title="", label="P_1", column="P_1", curves=tuple(drawn)),),),
        comparisons=compared(lines),
        notes=(OWN,),
        measures=REVIVALS,
    )


def steps(context: Context) -> Figure:
    """Strang steps instead of the exact evolution, of both profiles."""
    shown = (
        ("engineered", couplings(ENGINEERED, "engineered"), TAKEN, np.linspace(0, 7, 281)),
        ("uniform", couplings(4), UNIFORM_STEPS, TIMES[TIMES <= 7]),
    )
    titles = {"engineered": "N = 5, engineered", "uniform": "N = 4, uniform"}
    panels = tuple(
        Panel(
            name=name,
            title=titles[name],
            label="P_1",
            column="P_1",
            curves=(
                Curve(name=f"{name}-exact", label="exact", x=t, y=returned(J, t)[:, 0], pen=ANOMALOUS),
                *(
                    Curve(name=f"{name}-steps-{n}", label=f"{n} Strang steps", x=t, y=returned(J, t, n)[:, 0], pen=pen)
                    for n, pen in taken.items()
                ),
            ),
        )
        for name, J, taken, t in shown
    )
    engineered, full = couplings(ENGINEERED, "engineered"), np.array([REVIVES])
    lines = [
        ("N = 5, engineered: P_1 at t = 1", returned(engineered, np.array([1.0]))[0, 0], "0.351807"),
        ("N = 5, engineered: P_1 at t = 2 pi", returned(engineered, full)[0, 0], "1.000000"),
        *(
            (f"N = 5, engineered: P_1 at t = 2 pi, {n} steps", returned(engineered, full, n)[0, 0], text)
            for n, text in ((6, "0.7259"), (8, "0.916897"), (12, "0.984573"))
        ),
        *(
            (f"N = 4: P_1 at t = 5.62, {n} steps", returned(couplings(4), np.array([5.62]), n)[0, 0], text)
            for n, text in ((2, "0.638829"), (4, "0.864960"), (8, "0.916528"))
        ),
    ]
    return Figure(
        name="steps",
        title="The same in Strang steps",
        caption="The evolution split into layers of gates, each point of a curve in so many steps. With couplings that "
        "grow towards the middle every excitation comes back completely at 2 pi; few steps bring it later. On the "
        "uniform chain eight steps bring back more than there is to come back: compare a circuit of steps with steps.",
        abscissa="time [1/J]",
        column="time [1/J]",
        panels=(panels,),
        comparisons=compared(lines),
        notes=(OWN,),
        measures=STEPS,
    )


def _measure(panel: str, label: str, pen: Pen, **fields: object) -> Measure:
    return Measure(
        panel=panel,
        observable="return_probability",
        subject="q1",
        experiment=ChainRevival(**fields),  # type: ignore[arg-type]
        pen=pen,
        label=label,
    )


REVIVALS = (*(_measure("revival", f"N = {N}", pen, sites=N) for N, pen in SITES.items()),)
STEPS = (
    _measure("engineered", "exact", ANOMALOUS, sites=ENGINEERED, profile="engineered"),
    *(
        _measure(
            "engineered",
            f"{n} Strang steps",
            pen,
            sites=ENGINEERED,
            profile="engineered",
            evolution="strang",
            steps=n,
        )
        for n, pen in TAKEN.items()
    ),
    _measure("uniform", "exact", ANOMALOUS, sites=4),
    *(
        _measure("uniform", f"{n} Strang steps", pen, sites=4, evolution="strang", steps=n)
        for n, pen in UNIFORM_STEPS.items()
    ),
)
