r"""Likelihood-ratio intervals: the extremes of a quantity over the states that the data do not reject.

An end of the interval solves max +-f(rho) over states with 2 [L(best) - L(rho)] <= c, the profile likelihood of f
(Wilks, Ann. Math. Stat. 9, 60 (1938); for states Blume-Kohout, arXiv:1202.5270). With the quasi-likelihood of
stratified data c is not 3.84 but c = 3.84 (g^T V g)/(g^T H^-1 g): H is the information in L, V the covariance of the
estimate with the strata's own multinomial noise and the calibration's, both as expected (`region`), g the
slope of f at the end (Rotnitzky and Jewell, Biometrika 77, 485 (1990)). For one member without a calibration c is 3.84.
How they are searched for: `search`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from analysis.intervals.region import Region
from analysis.intervals.search import Search, greatest
from analysis.tomography import matrices
from protocols import Array
from protocols.quantities import Gradient

CHI_SQUARE_95 = 3.841458820694124
"""Of one degree of freedom."""
DIRECTION_95 = 7.814727903251179
"""Of three: a value, and the direction of the measurement that it was minimised over."""
BLOCK_95 = {
    "smooth": np.array([3.841458820694124, 3.841458820694124, 3.841458820694124, 5.991464547107979]),
    "kinked": np.array([3.841458820694124, 3.841458820694124, 9.487729036781154, 9.487729036781154]),
}
"""By how many eigenvalues of the state vanish: of 1, 1, 1, 2 and of 1, 1, 4, 4 degrees of freedom."""
LARGER_95 = np.array([*[3.841458820694124] * 2, 9.487729036781154, *[12.591587243743977] * 2, *[5.991464547107979] * 2])
"""The same of three qubits, of 1, 1, 4, 6, 6, 2, 2 degrees: where some of many eigenvalues are within noise of 0, noise
pulls all small ones together; nearly pure states, of which most vanish, have little of it (inferred, decision 93)."""
PLAIN = 0.3
"""Standard deviations beyond which the sign of a bias is plain."""
RIVAL = 0.1
"""Of the way to the least value found: what another way may lack of it after one step, to be followed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """A function of the state whose ends are asked for."""

    of: Callable[[Array], Array]
    """(n, d, d) -> (n,), of any states."""
    gradient: Gradient
    """Its derivative, (n, d, d) -> (n, d, d)."""
    bias: Array | None = None
    """Of its estimate, in standard deviations, (cells,). It says to which end positivity has moved the estimate; the
    other end, and both where that is not plain, have the threshold of `Region.vanishing` eigenvalues. None: both have
    that of one number."""
    kind: Literal["smooth", "kinked"] = "smooth"
    """ "kinked" where the function has kinks where eigenvalues of the state are 0."""
    cellwise: bool = True
    """Whether function and derivative may be asked for some of the cells; else they get all, in their order."""
    downhill: Gradient | None = None
    """Of a minimum over measurements, whose own slope is that of the measurement which is best now and leads to the
    nearest of several valleys: another slope that the way to the least value may begin with."""
    majorant: tuple[Callable[[Array], Array], Gradient] | None = None
    """A function of all cells' states that is never below it, whose measurement the same data have chosen, and its
    derivative."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What the likelihood says of one function, (cells,) each."""

    low: Array
    high: Array
    """The least and the greatest value of a function of the state that the data do not reject."""
    ceiling: Array | None
    """The greatest value of the majorant: the minimum over measurements lies below the truth by the noise in two
    directions (for X states all measurements across z are equally good), which a profile of one number does not know;
    after Scheffe, Biometrika 40, 87 (1953). None: there is no majorant."""


def found(region: Region, questions: Sequence[Question]) -> list[Found]:
    """The ends of several functions, searched for together.

    Args:
        region: Of the data.
        questions: What is asked.
    """
    searches = [_searches(region, question) for question in questions]
    every = [one for several in searches for one in several.values()]
    value = zip(*greatest(region, every), strict=True)
    ends = [{name: next(value) for name in several} for several in searches]
    estimates = matrices(region.best, region.likelihood.basis)
    answers = []
    for question, end in zip(questions, ends, strict=True):
        low = end["low"][0]
        if "other" in end:
            other, begun = end["other"]
            deep = begun >= low - RIVAL * (low + question.of(estimates))
            low = np.where(deep, np.fmax(low, other), low)
        answers.append(Found(low=-low, high=end["high"][0], ceiling=end["ceiling"][0] if "ceiling" in end else None))
    return answers


def _searches(region: Region, question: Question) -> dict[str, Search]:
    """Those of one question, by what they find."""
    cells = len(region.best)
    thresholds = np.full((2, cells), CHI_SQUARE_95)
    if question.bias is not None:
        table = LARGER_95 if region.likelihood.basis.shape[-1] > 4 else BLOCK_95[question.kind]
        several = table[np.minimum(region.vanishing, len(table) - 1)]
        thresholds = np.where([question.bias > -PLAIN, question.bias < PLAIN], several, thresholds)
    low, high = (
        Search(
            of=question.of,
            gradient=question.gradient,
            sign=sign,
            threshold=threshold,
            cellwise=question.cellwise,
            steady=question.downhill is not None,
        )
        for sign, threshold in zip((-1.0, 1.0), thresholds, strict=True)
    )
    asked = {"low": low, "high": high}
    if question.downhill is not None:
        asked["other"] = replace(low, first=question.downhill, steady=False)
    if question.majorant is not None:
        of, gradient = question.majorant
        asked["ceiling"] = Search(
            of=of,
            gradient=gradient,
            sign=1.0,
            threshold=np.full(cells, DIRECTION_95),
            cellwise=False,
            steady=True,
        )
    return asked


def extremes(
    region: Region,
    of: Callable[[Array], Array],
    gradient: Gradient,
    bias: Array | None = None,
    kind: Literal["smooth", "kinked"] = "smooth",
    *,
    cellwise: bool = True,
    downhill: Gradient | None = None,
) -> tuple[Array, Array]:
    """The least and the greatest value of a function of the state that the data do not reject, (cells,) each.

    Args:
        region: Of the data.
        of: The function, (n, d, d) -> (n,), of any states.
        gradient: Its derivative, (n, d, d) -> (n, d, d).
        bias: Of its estimate, in standard deviations, (cells,), or None; this and what follows are as in `Question`.
        kind: "smooth" or "kinked".
        cellwise: Whether function and derivative may be asked for some of the cells.
        downhill: Another slope that the way to the least value may begin with.
    """
    question = Question(of=of, gradient=gradient, bias=bias, kind=kind, cellwise=cellwise, downhill=downhill)
    ends = found(region, [question])[0]
    return ends.low, ends.high
