"""A quantity of the table: what it reads, how it is computed, how its interval is made; a limit to exceed."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from protocols.program.sample import Sample
from protocols.types import Array

STATE = "*"
"""In `reads`: the whole state, whose remaining moments the declared assumption supplies."""

Interval = Literal[
    "multinomial",
    "stratified",
    "likelihood-ratio",
    "bootstrap",
    "signed-bootstrap",
    "wider",
    "signed-likelihood-ratio",
    "fieller",
    "one-count",
]


@dataclass(frozen=True, kw_only=True)
class Observable:
    """A quantity of the table: what it reads, how it is computed and how its interval is made."""

    name: str
    subject: str
    """"A", "B", "AB": what it is a property of."""
    unit: str
    reads: tuple[str, ...]
    """Pauli words ("ZI", "XX") or registers ("bath") it needs. `STATE`: the state. Empty: the parameters alone."""
    of: Callable[[Sample], Array]
    """Sample -> (..., points). Affine in the moments when the interval is "multinomial"."""
    interval: Interval = "bootstrap"
    reference: bool = False
    """Compares with the reference and so shares its covariance."""
    ideal: bool = False
    """Compares with the exact state, and so needs a protocol."""
    through: Callable[[Array], Array] | None = None
    """Map of what `of` gives onto the quantity, monotone but for poles: the interval's ends go through it too."""
    domain: tuple[float, float] = (-np.inf, np.inf)
    """With a map: what `of` can give of a state at all. Estimates beyond it are counting noise, half a count inside."""
    bounds: tuple[float, float] = (-np.inf, np.inf)
    """Values that are possible at all; value and interval are clipped to them, last."""
    unbounded: Callable[[Sample], Array] | None = None
    """Sample -> where a drawn quantity is at a pole: 1 if it has no upper limit there, -1 if no lower one, else 0;
    (..., points)."""
    theory: bool = False
    """A limit or threshold that the parameters give: it has an ideal and nothing to measure."""
    meaning: str = ""
    """What its name does not say, such as which way heat counts: "energy that left the bath". Captions and
    `hotward list` say it."""
    gradient: Callable[[Array], Array] | None = None
    """States -> derivative with respect to the state, both (..., d, d); None: by differences."""
    ratio: tuple[Callable[[Sample], Array], Callable[[Sample], Array]] | None = None
    """Numerator and denominator of a ratio, for Fieller's interval."""
    majorant: Callable[[Array], tuple[Callable[[Array], Array], Callable[[Array], Array]]] | None = None
    """States -> a function that is never below the quantity and equals it there, and its derivative."""
    kinked: bool = False
    """Has kinks where it usually is: a minimum over measurements, a sum of moduli, a largest eigenvalue."""
    norm: bool = False
    """A norm or seminorm of the state's matrix, which obeys the triangle inequality."""
    zero_on: Literal["", "product", "incoherent", "passive"] = ""
    """States on which it is zero (a signed quantity: not above zero): products of a pair; those without coherence,
    where all moments with an X or a Y vanish, or those among `reads` if it names any. Passive states
    have a kink there, and no test. Empty: there is no such set."""
    consumes: int = 0
    """1: a change of mutual information since the reference is in it; -1: minus one, or a ratio to that at the
    reference. Either may be none at all, where a product state is not rejected."""
    exactly: Callable[[Sample], Array] | None = None
    """The ideal value from an exact sample, where parameters know it better than its moments do; None: as measured."""
    resolved: tuple[str, ...] | None = None
    """Asks for frequencies member by member, jointly with the bits of these columns of ancillas; () for the system
    alone, None where moments and states are enough. The sample then has `resolved[columns]`; with `arms`, where others
    have those ancillas, also `resolved[()]`. Errors are drawn, or with the interval "stratified" propagated from every
    stratum that `reads` needs: the system alone of the own cell and its reference, and `columns` of other arms."""
    scheme: str = ""
    """Where one quantity has several definitions: which one, the column `scheme` of the table."""
    cycle: int | str = ""
    """Of a machine that runs in cycles: which one, the column `cycle` of the table, or the parameter that numbers it
    (the last cycle of each point). Rows of one cycle that has neither a value nor an exact one are left out."""
    factor: tuple[str, int] | None = None
    """With a map: a positive parameter, the gap of a qubit, and the power of it that multiplies what is mapped."""
    pair: tuple[int, int] | None = None
    """Places of two qubits among more whose state it is a function of: words and states of its sample are theirs."""
    otherwise: Observable | None = None
    """The same quantity from less, where the settings lack some of what it reads: under an assumption, or less sharply.
    """
    slope_of: str = ""
    """The quantity of the same subject whose derivative along the axis it is, both affine in the moments: a check
    compares them."""
    frequencies: Callable[[Mapping[str, Array]], Array] | None = None
    """Of a slope: parameters -> (points, frequencies), with which that quantity may oscillate about a constant."""
    zero_if_gaussian: bool = False
    """Whether it is at most quadratic in the moments and 0 of Gaussian states: a check of the report tests that."""
    arms: tuple[str, ...] | None = None
    """Other arms whose frequencies it reads at the same point, as `Sample.arms`. Its rows then stand in arm main, once;
    None: it is a quantity of every arm by itself."""

    def __post_init__(self) -> None:
        if self.resolved is not None and self.interval == "multinomial":
            raise ValueError(
                f'Observable {self.name}: errors of resolved frequencies are drawn or "stratified", never those of '
                "moments."
            )
        if self.interval == "stratified" and (self.resolved is None or (self.resolved and self.arms is None)):
            raise ValueError(
                f'Observable {self.name}: "stratified" is for frequencies of members, resolved=(), or with ancillas '
                "that other arms read, `arms`."
            )

    @property
    def key(self) -> tuple[str, str]:
        """Its name, with scheme and cycle if it has them, and its subject: what it is known by among all others.

        Where a parameter numbers the cycle, the name alone is that of the last one.
        """
        told = self.scheme or (f"cycle {self.cycle}" if isinstance(self.cycle, int) else "")
        return (f"{self.name} ({told})" if told else self.name), self.subject

    def multiplier(self, parameters: Mapping[str, Array]) -> Array | float:
        """What mapped values are multiplied with, (points,); 1 where there is no factor.

        Args:
            parameters: Every physical field, (points,).
        """
        return 1.0 if self.factor is None else parameters[self.factor[0]] ** self.factor[1]


def linear(
    name: str,
    subject: str,
    reads: Sequence[str],
    of: Callable[[Sample], Array],
    *,
    unit: str = "gap",
    **more: typing.Any,
) -> Observable:
    """An observable that is affine in the moments: errors are propagated, not drawn.

    Args:
        name: As in the table: "heat".
        subject: What it is a property of: "A".
        reads: Pauli words and registers it needs; `STATE` for the whole state.
        of: Sample -> values, (..., points).
        unit: Of its values.
        more: Further fields of `Observable`.
    """
    return Observable(name=name, subject=subject, unit=unit, reads=tuple(reads), of=of, interval="multinomial", **more)


def drawn(
    name: str, subject: str, reads: Sequence[str], of: Callable[[Sample], Array], *, unit: str = "1", **more: typing.Any
) -> Observable:
    """An observable that is any other function of the moments: errors are drawn.

    Args:
        name: As in the table: "heat".
        subject: What it is a property of: "A".
        reads: Pauli words and registers it needs; `STATE` for the whole state.
        of: Sample -> values, (..., points).
        unit: Of its values.
        more: Further fields of `Observable`.
    """
    return Observable(name=name, subject=subject, unit=unit, reads=tuple(reads), of=of, **more)


def theory(name: str, subject: str, of: Callable[[Sample], Array], *, unit: str = "1") -> Observable:
    """A limit or threshold, a function of the parameters alone.

    Args:
        name: As in the table.
        subject: What it is a property of.
        of: Sample -> values, (points,); it may read the parameters alone.
        unit: Of its values.
    """
    return Observable(name=name, subject=subject, unit=unit, reads=(), of=of, theory=True)


@dataclass(frozen=True)
class Goal:
    """What a protocol without a hot and a cold side sets out to show: a quantity above a limit, or below it."""

    observable: str
    subject: str
    limit: str
    """The `theory` observable of the same subject that it has to pass."""
    reached: str
    """In words, as the verdict starts: "colder than its bath"."""
    missed: str
    everywhere: bool = False
    """Whether the point at 0 of the axis is one like all others, with which nothing is compared."""
    beside: tuple[tuple[str, str], ...] = ()
    """Other quantities, name and subject, that must not be below 0: told at the same point, with their error."""
    balances: tuple[tuple[str, str], ...] = ()
    """Sums of energy, name and subject, that no error leaves 0: told at the same point, tested at all of them."""
    below: bool = False
    """Whether it is to be below the limit: colder than, faster than."""
    where: tuple[bool, ...] | None = None
    """Of each point, whether `reached` would be true there of what passes the limit; None: at all of them."""
    nowhere: str = ""
    """Why there are such points, as a verdict says it that has no other: "the bath called cold is as hot as the other".
    """

    def limits(self, exact: Array) -> Array:
        """What has to be passed at every point; no number where nothing is to be shown.

        Args:
            exact: Of the limit, (..., points).
        """
        return exact if self.where is None else np.where(self.where, exact, np.nan)

    bonds: tuple[str, ...] = ()
    """Subjects of `transferred_energy` and `bond_current` of a chain, told at the same point; with
    `preferential_pumping` of the goal's subject, if there is one, also over which of its two bonds more came."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What works between a hot and a cold bath in cycles: where its rows stand, of the last cycle of each point.

    Rows that there have to be, with their subjects: `heat` drawn from each bath, `work` extracted and, in its sign,
    `work_by_side` by each side alone, whose agreement is the first law; `first_law_residual`, `efficiency` and
    `coefficient_of_performance` of the work's subject, `carnot_efficiency` and `carnot_coefficient_of_performance`
    (theory) beside them; `entropy_production` of `baths`.
    """

    hot: str
    """Subject of the heat drawn from the hot bath."""
    cold: str
    """The same of the cold one."""
    work: str
    """Subject of the work."""
    sides: tuple[str, str]
    """Subjects of the work by each side: what left the hot one, what reached the cold one."""
    cycle: str
    """The parameter that counts cycles."""
    temperatures: tuple[str, str]
    """Parameters that are the nominal temperatures of the bath called hot and of that called cold."""
    tuned: tuple[str, ...] = ()
    """Parameters by which it is brought to give most in a cycle."""

    def hotter(self, known: Mapping[str, Array]) -> Array:
        """1 where the bath called hot is the hotter one, -1 where that called cold is, 0 where neither is.

        By beta: a negative temperature is hotter than every positive one.

        Args:
            known: Values of the parameters.

        Examples:
            >>> two = Machine(hot="h", cold="c", work="w", sides=("h", "c"), cycle="n", temperatures=("T_h", "T_c"))
            >>> two.hotter({"T_h": np.array([0.8, 0.3, 0.6, -1.0]), "T_c": np.array([0.4, 0.9, 0.6, 5.0])})
            array([ 1., -1.,  0.,  1.])
        """
        hot, cold = (1 / np.asarray(known[name], dtype=float) for name in self.temperatures)
        return np.sign(cold - hot)

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Every row that there has to be, name and subject."""
        of_work = ("work", "first_law_residual", "efficiency", "coefficient_of_performance")
        theory = ("carnot_efficiency", "carnot_coefficient_of_performance")
        return (
            ("heat", self.hot),
            ("heat", self.cold),
            *((name, self.work) for name in (*of_work, *theory)),
            *(("work_by_side", side) for side in self.sides),
            ("entropy_production", "baths"),
        )
