"""What a redrawn figure is made of: curves, what may be measured of them, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.figures import Pen
from protocols import Array, Experiment
from reproduce.drawing.comparison import Comparison
from reproduce.drawing.pens import UNCORRELATED
from reproduce.pairs import SETS, BathSet
from theory.cache import Cache
from theory.computations import Computation
from theory.propagation import Progress

EXACT = "exact"
"""Status of a curve in closed form."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where results are kept, and who is told."""

    cache: Cache | None
    progress: Progress | None = None
    sets: Mapping[str, BathSet] = field(default_factory=lambda: SETS)
    """Baths of the figures that have them; the first one is drawn in front."""

    @property
    def front(self) -> BathSet:
        """The set that is drawn in front."""
        return next(iter(self.sets.values()))


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """One line of a panel and one CSV."""

    name: str
    """The end of its file name."""
    label: str
    """In the legend; empty: not listed there."""
    x: Array
    y: Array
    pen: Pen
    status: str = EXACT
    """exact, converged, or not converged."""
    inferred: str = ""
    """The parameters that the paper does not state."""
    faint: bool = False
    """Whether it stands in the background."""
    dots: bool = False
    """Whether its points are marks that nothing joins: rounds, samples of a Monte Carlo."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Measure:
    """What of a run belongs on a panel."""

    panel: str
    observable: str
    subject: str
    experiment: Experiment
    """The run has to be one of this protocol and to agree with it in every parameter but the axis and those that are
    `free`; of a pair that exchanges heat it has to start in the same state, with the same coupling."""
    pen: Pen
    label: str
    factor: float = 1.0
    """From natural units to those of the panel; negative for heat that leaves."""
    axis: str = "time"
    """Parameter of the run that its points lie along, or the column `cycle`; a run without it has none."""
    free: tuple[str, ...] = ()
    """Further parameters in which a run may differ: the curve does not depend on them."""
    arm: str = "main"
    """Arm that the points are of; of a pair "main" stands for every arm that starts in its state."""
    scheme: str = ""
    """Of a quantity with several definitions: which one, as in the column `scheme`."""
    scale: float = 1.0
    """From the unit of that parameter to the one of the figure's axis."""
    reciprocal: bool = False
    """Whether a point lies at one over the parameter: 1/K."""
    only: float | None = None
    """The measured time nearest to this one alone [hbar/gap], drawn at `at`."""
    at: float = 0.0
    baths: str = ""
    """Name of the set of baths whose rates the run has: laid over, it brings this set to the front."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One pair of axes."""

    name: str
    title: str
    label: str
    """Of the ordinate, with its unit."""
    column: str
    """Of the CSV: quantity and unit."""
    curves: tuple[Curve, ...]
    zero: bool = True
    """Whether a line is drawn at zero."""
    logarithmic: bool = False
    """Whether the ordinate is; nothing at or below zero is drawn then."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Figure:
    """A figure, redrawn."""

    name: str
    title: str
    caption: str
    abscissa: str
    """Label of the abscissa, with its unit."""
    column: str
    """The abscissa in the CSV."""
    logarithmic: bool = False
    """Whether the abscissa is."""
    level: bool = False
    """Whether the panels of a row have one ordinate, to be compared by eye."""
    shown: tuple[float, float] | None = None
    """The part of the abscissa that is drawn, where curves go on; None: all of it."""
    panels: tuple[tuple[Panel, ...], ...]
    """Rows of panels."""
    comparisons: tuple[Comparison, ...] = ()
    printed: tuple[str, ...] = ()
    """What the paper prints wrong, with what is right."""
    inferred: tuple[str, ...] = ()
    """What rests on parameters or contents that the paper's known text does not state."""
    notes: tuple[str, ...] = ()
    """What else is to be said, such as how far it is converged."""
    measures: tuple[Measure, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Offer:
    """A figure before anything is computed."""

    make: Callable[[Context], Figure]
    measures: tuple[Measure, ...]
    needs: Callable[[Context], Sequence[Computation]] | None = None
    """The hierarchies that it takes, whose results are kept."""

    @property
    def baths(self) -> bool:
        """Whether it takes hierarchies."""
        return self.needs is not None


@dataclass(frozen=True, kw_only=True, eq=False)
class Paper:
    """A paper whose figures are redrawn."""

    name: str
    title: str
    source: str
    offers: Mapping[str, Offer]
    remarks: tuple[str, ...] = ()
    """At the head of the page."""


def level(name: str, label: str, y: float, x: Array, pen: Pen = UNCORRELATED) -> Curve:
    """A horizontal line.

    Args:
        name: The end of its file name.
        label: In the legend.
        y: Where it is.
        x: The abscissa that it is drawn along.
        pen: Of the line.
    """
    return Curve(name=name, label=label, x=x[[0, -1]], y=np.full(2, y), pen=pen, faint=True)
