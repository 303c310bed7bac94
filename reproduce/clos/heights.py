"""How high revivals of longer chains are, and a chain that is thermal instead of excited at one end."""

from __future__ import annotations

from functools import cache

import numpy as np

from protocols import Array, chain
from protocols.chain_exchange import ChainExchange
from reproduce.clos.chains import OWN, couplings, infinite, returned
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
    Measure,
    Panel,
    compared,
)

SITES = np.arange(3, 41)
PENS = (ANOMALOUS, SECOND, THIRD, COLD)
"""Of the thermal chain's sites."""
TEMPERATURES = (2.0, 1.0, 0.7, 0.5)
"""Of the thermal chain, along the line [gap/k_B]."""
PRINTED = ((3, "4.4425", "1.000000"), (4, "5.62", "0.893972"), (5, "6.745", "0.786190"), (6, "7.775", "0.703510"))


def heights(context: Context) -> Figure:
    """Time and height of the first revival against N."""
    found = np.array([first_revival(int(N)) for N in SITES])
    after = np.array([infinite(np.array([t]))[0] for t in found[:, 0]])
    height = (
        Curve(name="height", label="revival", x=SITES, y=found[:, 1], pen=ANOMALOUS),
        Curve(name="left", label="infinite chain at that time", x=SITES, y=after, pen=COLD),
    )
    when = (
        Curve(name="when", label="revival", x=SITES, y=found[:, 0], pen=ANOMALOUS),
        Curve(name="light-cone", label="there and back, t = N/J", x=SITES, y=SITES * 1.0, pen=UNCORRELATED),
    )
    lines = []
    for N, time, peak in PRINTED:
        t, P = first_revival(N)
        lines += [(f"N = {N}: height of the revival", P, peak), (f"N = {N}: P_1 at t = {time}", _at(N, time), peak)]
        if N == 3:
            lines.append((f"N = {N}: time of the revival, sqrt(2) pi", t, "4.442883"))
    return Figure(
        name="heights",
        title="Longer chains revive later and less",
        caption="Height and time of the first revival of a uniform chain. The excitation runs at 2 J at most, so there "
        "and back over N sites takes about N/J. On the way it spreads, so less of it is back at one time: still far "
        "more than an infinite chain would have left on the first site.",
        abscissa="number of sites N",
        column="N",
        panels=(
            (
                Panel(name="height", title="", label="P_1 at the revival", column="P_1", curves=height),
                Panel(name="when", title="", label="time of the revival [1/J]", column="time [1/J]", curves=when),
            ),
        ),
        comparisons=compared(lines),
        notes=(OWN, "The reference reads its times off a grid: 4.4425 is sqrt(2) pi = 4.442883 to 0.0004."),
    )


def thermal(context: Context) -> Figure:
    """Energies of four thermal sites that exchange."""
    times = np.linspace(0, 12, 241)
    moved, mean = _energies(times), _energies(np.array([0.0])).mean()
    curves = [
        Curve(name=f"E-{i + 1}", label=f"q{i + 1}, T = {T:g}", x=times, y=moved[:, i], pen=pen)
        for i, (T, pen) in enumerate(zip(TEMPERATURES, PENS, strict=True))
    ]
    curves.append(
        Curve(name="equal", label="shared equally", x=times, y=np.full_like(times, mean), pen=UNCORRELATED, faint=True)
    )
    printed = {"0.8": "0.3175738 0.2785791 0.2004598 0.1623937", "1.6": "0.2105343 0.2487007 0.2398558 0.2599156"}
    return Figure(
        name="thermal",
        title="A thermal chain does not settle",
        caption="Energies of four sites of a uniform chain that start thermal, hot on the left, without correlations. "
        "At first heat runs from hot to cold; then it overshoots, and the energies go on about an equal share without "
        "settling: four sites are no bath for each other.",
        abscissa="time [1/J]",
        column="time [1/J]",
        panels=((Panel(name="thermal", title="", label="energy [gap]", column="energy [gap]", curves=tuple(curves),
                       zero=False),),),
        comparisons=tuple(
            Comparison(
                quantity=f"E_{i + 1} at t = {t}",
                ours=float(_energies(np.array([float(t)]))[0, i]),
                reference=text,
                source=REFERENCE,
            )
            for t, texts in printed.items()
            for i, text in enumerate(texts.split())
        ),
        notes=(OWN, "The energy of all sites together is conserved."),
        measures=THERMAL,
    )  # fmt: skip


@cache
def first_revival(sites: int) -> tuple[float, float]:
    """Time and height of the first revival of a uniform chain.

    Args:
        sites: N, at least 3.
    """
    from scipy.optimize import minimize_scalar

    J, early, late = couplings(sites), 0.75 * sites + 0.7, 1.15 * sites + 3
    t = np.linspace(early, late, 400)
    best = t[np.argmax(returned(J, t)[:, 0])]
    step = t[1] - t[0]
    found = minimize_scalar(
        lambda time: -float(returned(J, np.array([time]))[0, 0]),
        bounds=(best - step, best + step),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(found.x), -float(found.fun)


def _at(sites: int, time: str) -> float:
    return float(returned(couplings(sites), np.array([float(time)]))[0, 0])


def _energies(times: Array) -> Array:
    p = 1 / (1 + np.exp(1 / np.array(TEMPERATURES)))
    u = chain.evolution(chain.hopping(couplings(len(TEMPERATURES))), times)
    return chain.energies(chain.evolved(np.diag(p).astype(complex), u))


_EXCHANGE = ChainExchange(
    sites=4,
    correlation="none",
    **{f"T_{i + 1}": T for i, T in enumerate(TEMPERATURES)},  # type: ignore[arg-type]
)
THERMAL = tuple(
    Measure(
        panel="thermal",
        observable="energy",
        subject=f"q{i + 1}",
        experiment=_EXCHANGE,
        pen=pen,
        label=f"q{i + 1}",
        scale=0.1,  # its coupling [gap/hbar]: a time in 1/J
    )
    for i, pen in enumerate(PENS)
)
"""A run of chain-exchange without correlations, with its default coupling."""
