"""What a run says of many second laws, at one point: free energies before and after, and both curves."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protocols import Array
from protocols.laws import CHANGE, FREE_ENERGY, MARGIN, ORDERS, Margin, ThermalContact, renyi_free_energy

if typing.TYPE_CHECKING:
    from analysis.estimate_arrays import Series
    from analysis.result import Analysis


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One row of the table at the point."""

    value: float
    stderr: float
    low: float
    high: float
    ideal: float


@dataclass(frozen=True, kw_only=True)
class Order:
    """The free energy of one order [gap]."""

    name: str
    before: float
    after: Shown
    change: Shown

    @property
    def said(self) -> str:
        """What the interval of the change allows to say."""
        return "fell" if self.change.high < 0 else "rose" if self.change.low > 0 else "no change shown"


@dataclass(frozen=True, kw_only=True, eq=False)
class SecondLaws:
    """Of one system and its bath, at one point of the main arm."""

    subject: str
    point: int
    where: Mapping[str, float]
    """Swept parameters there."""
    temperature: float
    gibbs: Array
    before: Array
    """Populations of the levels, (levels,), measured."""
    after: Array
    ideal: tuple[Array, Array] | None
    """The same exactly, before and after; None where they are not known."""
    orders: tuple[Order, ...]
    margin: Shown
    one_count: tuple[float, float] | None
    """Free energy of order 0 before and after with one count more in each level that has none; None: all have some."""

    @property
    def said(self) -> str:
        """What the interval of the margin allows to say."""
        if self.margin.low > 0:
            return "a thermal contact alone may lead there"
        if self.margin.high < 0:
            return "no thermal contact alone leads there: work was spent, coherence or information used"
        return "whether a thermal contact alone may lead there is not shown"


def second_laws_of(analysis: Analysis) -> tuple[SecondLaws, ...]:
    """What the last point of the main arm says, of every system that one bath thermalises.

    Args:
        analysis: What a run says.
    """
    margins = [o for o in analysis.observables if o.name == MARGIN and isinstance(o.of, Margin)]
    found = [_of(analysis, typing.cast("Margin", o.of).contact) for o in margins]
    return tuple(one for one in found if one is not None)


def _of(analysis: Analysis, contact: ThermalContact) -> SecondLaws | None:
    found, points = analysis.estimates, analysis.estimates.points
    margin = found.series(MARGIN, contact.subject, "main", "point", np.arange(len(points)))
    known = np.isfinite(margin.value) & (points.reference != np.arange(len(points)))
    if not known.any():
        return None
    point = int(np.flatnonzero(known)[-1])
    at = np.array([point])

    def shown(name: str, order: str = "") -> Shown:
        key = f"{name} (alpha {order})" if order else name
        return _shown(found.series(key, contact.subject, "main", "point", at))

    orders = []
    for name in ORDERS:
        after, change = shown(FREE_ENERGY, name), shown(CHANGE, name)
        orders.append(Order(name=name, before=after.value - change.value, after=after, change=change))
    measured = analysis.view.sample(analysis.data.moments, None, {})
    exact = analysis.view.exact()
    before, after = (contact.populations(one)[point] for one in (measured.before, measured))
    ideal = None
    if exact is not None and exact.reference is not None:
        ideal = contact.populations(exact.before)[point], contact.populations(exact)[point]
    T = float(contact.temperature(analysis.view.parameters)[point])
    energies = np.broadcast_to(contact.energies(analysis.view.parameters), (len(analysis.view.home), len(after)))[point]
    share = float(analysis.data.reading.resolution[point])
    return SecondLaws(
        subject=contact.subject,
        point=point,
        where={name: float(points.parameters[name][point]) for name in found.swept},
        temperature=T,
        gibbs=contact.gibbs(analysis.view.parameters)[point],
        before=before,
        after=after,
        ideal=ideal,
        orders=tuple(orders),
        margin=shown(MARGIN),
        one_count=_with_one_count(energies, T, share, before, after),
    )


def _shown(series: Series) -> Shown:
    names = ("value", "stderr", "low", "high", "ideal")
    return Shown(**{name: float(getattr(series, name)[0]) for name in names})


def _with_one_count(energies: Array, T: float, share: float, before: Array, after: Array) -> tuple[float, float] | None:
    """Order 0 again, with one count more wherever there is none."""
    if share == 0 or min(before.min(), after.min()) > 0:
        return None
    found = [renyi_free_energy(np.maximum(p, share), energies, T, 0.0) for p in (before, after)]
    return float(found[0]), float(found[1])
