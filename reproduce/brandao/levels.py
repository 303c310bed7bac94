"""Three levels of equal energy: which orders allow a change, and what the curves say."""

from __future__ import annotations

import numpy as np

from analysis.figures import Pen
from protocols import Array
from protocols.laws import ORDERS, renyi_divergence, thermo_majorisation_curve
from reproduce.drawing import (
    ANOMALOUS,
    NORMAL,
    REFERENCE,
    UNCORRELATED,
    Comparison,
    Context,
    Curve,
    Figure,
    Offer,
    Panel,
)

FLAT = np.ones(3) / 3
PAIRS = {
    "empty": ((0.5, 0.5, 0.0), (0.7, 0.15, 0.15), "order 1 allows it, order 2 does not"),
    "full": ((0.55, 0.40, 0.05), (0.70, 0.16, 0.14), "order 1/2 allows it, order 1 does not"),
}
"""Populations before and after, and what the orders say."""
TABLE = {
    "empty": {"1": "0.405465 0.279804", "2": "0.405465 0.473124", "inf": "0.405465 0.741937"},
    "full": {"1/2": "0.161504 0.145118", "1": "0.253499 0.280471", "2": "0.332894 0.473498"},
}
"""D_alpha before and after, by order."""
SHOWN = np.geomspace(0.02, 50, 241)
MODEL = "Three levels of equal energy, chosen here: their thermal state is (1/3, 1/3, 1/3) at every temperature."


def orders(context: Context) -> Figure:
    """D_alpha before and after against alpha."""
    panels = tuple(
        Panel(
            name=f"orders-{name}",
            title=_title(name),
            label="Dα(p || g) [nat]",
            column="renyi_divergence [nat]",
            curves=(
                _divergence(f"before-{name}", "before", before, UNCORRELATED),
                _divergence(f"after-{name}", "after", after, ANOMALOUS),
            ),
        )
        for name, (before, after, _) in PAIRS.items()
    )
    return Figure(
        name="orders",
        title="A law for every order",
        caption=(
            "Renyi divergences of three levels of equal energy from their thermal state, before and after a change, "
            "against the order alpha. A thermal contact alone lets none of them rise: where the line after is above "
            "the line before, that order forbids the change. Order 1 is the usual free energy; it alone would allow "
            "the change on the left."
        ),
        abscissa="order α",
        column="alpha",
        logarithmic=True,
        panels=(panels,),
        comparisons=tuple(_compared()),
        notes=tuple(f"({_words(p)}) -> ({_words(q)}): {said}; the curves forbid it." for p, q, said in PAIRS.values()),
        inferred=(MODEL,),
    )


def curves(context: Context) -> Figure:
    """Thermo-majorisation of the same changes."""
    panels = tuple(
        Panel(
            name=f"curves-{name}",
            title=_title(name),
            label="sum of populations",
            column="sum of populations",
            curves=(
                _curve(f"curve-thermal-{name}", "thermal", FLAT, NORMAL, faint=True),
                _curve(f"curve-before-{name}", "before", np.array(before), UNCORRELATED),
                _curve(f"curve-after-{name}", "after", np.array(after), ANOMALOUS),
            ),
            zero=False,
        )
        for name, (before, after, _) in PAIRS.items()
    )
    return Figure(
        name="curves",
        title="Curves of thermo-majorisation",
        caption=(
            "Populations added up in falling order of p/g against the same sums of the thermal populations g. A "
            "thermal contact leads from one curve to another exactly where the first is nowhere below the second. Both "
            "changes are forbidden: the largest population grew, so that the line after begins above the line before."
        ),
        abscissa="sum of thermal populations",
        column="sum of thermal populations",
        panels=(panels,),
        inferred=(MODEL,),
    )


def _title(name: str) -> str:
    before, after, _ = PAIRS[name]
    return f"({_words(before)}) to ({_words(after)})"


def _words(p: tuple[float, ...]) -> str:
    return ", ".join(f"{one:g}" for one in p)


def _divergence(name: str, label: str, p: tuple[float, ...], pen: Pen) -> Curve:
    y = np.array([renyi_divergence(np.array(p), FLAT, float(alpha)) for alpha in SHOWN])
    return Curve(name=name, label=label, x=SHOWN, y=y, pen=pen)


def _curve(name: str, label: str, p: Array, pen: Pen, *, faint: bool = False) -> Curve:
    x, y = thermo_majorisation_curve(p, FLAT)
    return Curve(name=name, label=label, x=x, y=y, pen=pen, faint=faint)


def _compared() -> list[Comparison]:
    found = []
    for pair, rows in TABLE.items():
        for order, printed in rows.items():
            for when, p, reference in zip(("before", "after"), PAIRS[pair][:2], printed.split(), strict=True):
                ours = float(renyi_divergence(np.array(p), FLAT, ORDERS[order]))
                quantity = f"{_title(pair)}: D_{order} {when} [nat]"
                found.append(Comparison(quantity=quantity, ours=ours, reference=reference, source=REFERENCE))
    return found


ORDERS_OF_LEVELS = Offer(make=orders, measures=())
CURVES = Offer(make=curves, measures=())
