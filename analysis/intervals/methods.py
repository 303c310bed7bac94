"""How quantities are estimated: estimators of the state, methods of intervals, draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np

from analysis.intervals.rules import INTERVALS
from analysis.tomography import ESTIMATORS
from protocols import Array, Observable, RequestError, Sample
from protocols.program import STATE
from workers import ALONE, Workers

LINEAR = "multinomial"
"""The interval of quantities linear in the counts: propagated, not drawn."""
STRATIFIED = "stratified"
"""The same of functions of the frequencies of each member."""
ONE_COUNT = "one-count"
"""Of what jumps at zero counts: as counted, and with one count more."""


DRAWS = 100
"""Repetitions drawn by default: of 100 to 200, coverage, widths and errors do not differ (decision 63)."""


@dataclass(frozen=True, kw_only=True)
class Methods:
    """How quantities are estimated; estimator and interval may differ by observable."""

    estimator: str = "maximum-likelihood"
    estimators: Mapping[str, str] = field(default_factory=dict)
    """Observable name -> estimator, where another than `estimator` is wanted."""
    intervals: Mapping[str, str] = field(default_factory=dict)
    """Observable name -> interval method, where another than the observable's own is wanted."""
    draws: int = DRAWS
    quantities: tuple[str, ...] = ()
    """Names of the quantities that are asked for; none: all of them. See `analysis.asked`."""
    workers: Workers = field(default=ALONE, compare=False)
    """Who shares the draws and searches of many cells; the answers do not depend on it."""

    def __post_init__(self) -> None:
        if self.draws < 2:
            raise RequestError(f"Argument `draws` must be at least 2, but is {self.draws}. {DRAWS} is the default.")
        for argument, known, names in (
            ("estimator", ESTIMATORS, [self.estimator]),
            ("estimators", ESTIMATORS, self.estimators.values()),
            ("intervals", INTERVALS, self.intervals.values()),
        ):
            for name in names:
                if name not in known:
                    raise RequestError(f"Argument `{argument}` must be one of {', '.join(known)}, but is {name!r}.")

    def check(self, observables: Sequence[Observable]) -> None:
        """That what is named exists among the observables of a run, and is what its method needs.

        Raises:
            RequestError: Otherwise.
        """
        names = {o.name for o in observables}
        for argument, chosen in (("estimators", self.estimators), ("intervals", self.intervals)):
            for name in chosen:
                if name not in names:
                    close = next(iter(get_close_matches(name, names, 1)), "mutual_information")
                    raise RequestError(
                        f"Argument `{argument}` must name a quantity of the run's table (its column `observable`), but "
                        f"is {name!r}. Did you mean {close}?"
                    )
        for o in observables:
            if o.interval in (LINEAR, STRATIFIED) and self.interval_of(o) not in (
                o.interval,
                "bootstrap",
                "percentile",
                "basic",
                "normal",
            ):
                raise RequestError(
                    f"Argument `intervals`: {o.name} is linear in the counts, never taken from the fitted state, but "
                    f"{self.interval_of(o)} is asked for. Leave it, or try {o.name}=bootstrap."
                )
            if self.interval_of(o) == "fieller" and o.ratio is None:
                raise RequestError(
                    f"Argument `intervals`: fieller is for ratios such as efficiency, but {o.name} is none. Try "
                    f"{o.name}=bootstrap."
                )

    def estimator_of(self, observable: Observable) -> str | None:
        """Name of the estimator of the state; None for what is linear in the counts."""
        needs_state = STATE in observable.reads
        return self.estimators.get(observable.name, self.estimator) if needs_state else None

    def interval_of(self, observable: Observable) -> str:
        """Name of the interval method."""
        return self.intervals.get(observable.name, observable.interval)


def evaluated(observable: Observable, sample: Sample) -> Array:
    """An observable of a sample; NaN without a warning where measured moments are not those of any state.

    Args:
        observable: What is computed.
        sample: Cells with the moments and states that the observable reads, and their reference if it has one.

    Returns:
        (..., cells), in the unit of the observable before its map (`Observable.through`), with the leading axes of the
        sample.
    """
    with np.errstate(all="ignore"):
        return np.asarray(observable.of(sample))
