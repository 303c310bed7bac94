"""Rows of the heat's statistics, from the members of arms `main` and `dephased` in one setting, ZZ.

Temperatures in e^{-sigma} are nominal, so that averages are linear in the counts. What is exact comes from closed
forms of the parameters and what is measured from the counts of the circuits: two routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from protocols.pair import first_reading
from protocols.pair import heat_statistics as statistics
from protocols.pair.correlated import PairState, product
from protocols.pair.quasiprobability import kirkwood_dirac
from protocols.program import Observable, Sample
from protocols.types import Array

Prepared = Callable[[Mapping[str, Array]], PairState]
"""Parameters, (cells,) each -> the pair of the main arm before the exchange."""
JOINT = ("two-point", "margenau-hill", "bayesian")
"""Schemes of a joint distribution."""
AVERAGES = ("jarzynski-wojcik", "classical-correlation", "quantum")
"""Schemes of an average of e^{-sigma}."""
MOVES = {"01->01": (1, 1), "01->10": (1, 2), "10->01": (2, 1), "10->10": (2, 2)}
"""Levels of A and B before and after, 1 = excited."""
_EXCITED_IN = {"A": np.array([0.0, 0.0, 1.0, 1.0]), "B": np.array([0.0, 1.0, 0.0, 1.0])}
"""Levels with that qubit excited."""
_HEATS = {"+1": 0, "0": 1, "-1": 2}
_NOWHERE = 1e-14
"""A squared sine below it is that of no exchange."""


def heat_statistics_observables(prepared: Prepared, levels: str) -> tuple[Observable, ...]:
    """Every row of an ensemble of eigenstates beside one of levels.

    Args:
        prepared: What the parameters prepare.
        levels: Arm whose members are levels; empty: those of the main arm are.
    """
    return (
        *_probabilities(prepared, levels),
        *_quasiprobabilities(prepared, levels),
        *_averages(prepared, levels),
        *_variances(prepared, levels),
        *_uncertainty(prepared, levels),
    )


def _row(name: str, subject: str, unit: str, levels: str, **more: Any) -> Observable:
    fields: dict[str, Any] = {"reference": True, "arms": (levels,) if levels else (), **more}
    return Observable(
        name=name, subject=subject, unit=unit, reads=("ZZ",), interval="stratified", resolved=(), **fields
    )


def _probabilities(prepared: Prepared, levels: str) -> list[Observable]:
    def found(sample: Sample, scheme: str, index: int) -> Array:
        return statistics.heat_distribution(_joint(sample, scheme, levels))[..., index]

    def exact(sample: Sample, scheme: str, index: int) -> Array:
        return statistics.heat_probabilities(*_exchange(sample, prepared), scheme)[index]

    return [
        _row(
            "heat_probability",
            subject,
            "1",
            levels,
            of=partial(found, scheme=scheme, index=index),
            exactly=partial(exact, scheme=scheme, index=index),
            scheme=scheme,
        )
        for scheme in JOINT
        for subject, index in _HEATS.items()
    ]


def _quasiprobabilities(prepared: Prepared, levels: str) -> list[Observable]:
    def found(sample: Sample, move: tuple[int, int]) -> Array:
        return _joint(sample, "margenau-hill", levels)[..., move[0], move[1]]

    def exact(sample: Sample, index: int) -> Array:
        return statistics.quasiprobabilities(*_exchange(sample, prepared))[index]

    return [
        _row(
            "quasiprobability",
            subject,
            "1",
            levels,
            of=partial(found, move=move),
            exactly=partial(exact, index=index),
        )
        for index, (subject, move) in enumerate(MOVES.items())
    ]


def _averages(prepared: Prepared, levels: str) -> list[Observable]:
    def logarithm(sample: Sample) -> Array:
        p = statistics.heat_distribution(_joint(sample, "two-point", levels))
        with np.errstate(all="ignore"):
            return np.log(p[..., 0]) - np.log(p[..., 2])

    def ratio(sample: Sample) -> Array:
        return statistics.exchange_ratio(prepared(sample.parameters))

    def found(sample: Sample, scheme: str) -> Array:
        return _average(sample, scheme, levels)

    def exact(sample: Sample, scheme: str) -> Array:
        pair, angle, phi_V = _exchange(sample, prepared)
        return statistics.fluctuation_average(pair, _temperatures(sample), angle, phi_V, scheme)

    return [
        _row("exchange_ratio", "AB", "1", levels, of=logarithm, exactly=ratio, through=_exponential),
        *(
            _row(
                "fluctuation_average",
                "AB",
                "1",
                levels,
                of=partial(found, scheme=scheme),
                exactly=partial(exact, scheme=scheme),
                scheme=scheme,
                reference=scheme == "jarzynski-wojcik",
            )
            for scheme in AVERAGES
        ),
    ]


def _variances(prepared: Prepared, levels: str) -> list[Observable]:
    def found(sample: Sample, scheme: str) -> Array:
        return statistics.variance_of_heat(_joint(sample, scheme, levels))

    def exact(sample: Sample, scheme: str) -> Array:
        return statistics.variance_of_exchange(*_exchange(sample, prepared), scheme)

    def row(scheme: str) -> Observable:
        known: dict[str, Any] = {"of": partial(found, scheme=scheme), "exactly": partial(exact, scheme=scheme)}
        return _row("heat_variance", "A", "gap^2", levels, **known, scheme=scheme)

    return [row(scheme) for scheme in JOINT]


def _uncertainty(prepared: Prepared, levels: str) -> list[Observable]:
    """Var(q)/Q^2 of Margenau and Hill, and what an exchange without correlation needs at least."""

    def relative(sample: Sample) -> Array:
        p = statistics.heat_distribution(_joint(sample, "margenau-hill", levels))
        return _where_moved(sample, np.abs(statistics.relative_heat(p[..., 0], p[..., 2])))

    def ratio(sample: Sample) -> Array:
        return _where_moved(sample, statistics.uncertainty_ratio(*_exchange(sample, prepared)))

    def entropy(sample: Sample) -> Array:
        return _where_moved(sample, _produced(sample, statistics.mean_of_heat(_joint(sample, "margenau-hill", levels))))

    def least(sample: Sample, bound: Callable[[Array], Array]) -> Array:
        up, _, down = statistics.heat_probabilities(*_exchange(sample, prepared), "margenau-hill")
        return bound(_where_moved(sample, _produced(sample, up - down)))

    known: dict[str, Any] = {"of": relative, "exactly": ratio, "through": statistics.ratio_of, "domain": (0.0, 1.0)}
    rows = [_row("uncertainty_ratio", "AB", "1", levels, **known)]
    for scheme, bound in {"exchange": statistics.exchange_bound, "steady-state": statistics.steady_state_bound}.items():
        known = {"of": entropy, "exactly": partial(least, bound=bound), "through": bound, "domain": (0.0, np.inf)}
        rows.append(_row("uncertainty_bound", "AB", "1", levels, **known, scheme=scheme))
    return rows


def _exponential(logarithm: Array) -> Array:
    """Where next to nothing moved, the ratio may be anything."""
    with np.errstate(over="ignore"):
        return np.exp(logarithm)


# ---- by a first reading ----


def first_reading_observables(
    prepared: Prepared, readings: Sequence[str], levels: str | None
) -> tuple[Observable, ...]:
    """Both parts of the quasiprobability, from the joint bits of a first reading and the pair; what the reading did.

    The last reading of the pair as it is comes from arm main, whose circuits have no reading on the way.

    Args:
        prepared: What the parameters prepare.
        readings: "ancilla", "measured": which there are.
        levels: Arm without coherence, which a reading is compared with; empty: the main arm; None: there is none.
    """

    def real(sample: Sample, move: tuple[int, int], arm: str, bit: tuple[str, ...]) -> Array:
        final = _joint_bits(sample, ())[..., 0]
        return first_reading.real_part(_joint_bits(sample.arms[arm], bit), final)[..., *_place(move)]

    def by_ancilla(sample: Sample, move: tuple[int, int]) -> Array:
        joint = _joint_bits(sample.arms[first_reading.IMAGINARY], (first_reading.READING,))
        return first_reading.imaginary_part(joint)[..., *_place(move)]

    def by_turning(sample: Sample, move: tuple[int, int]) -> Array:
        last = [_joint_bits(sample.arms[arm], ())[..., 0] for arm in (first_reading.TURNED, first_reading.MEASURED)]
        return first_reading.imaginary_part_turned(*last)[..., *_place(move)]

    def exact(sample: Sample, index: int, part: Callable[[Array], Array]) -> Array:
        pair, angle, phi_V = _exchange(sample, prepared)
        _, p01, p10, _ = np.moveaxis(pair.populations, -1, 0)
        return part(kirkwood_dirac(p01, p10, np.exp(-1j * phi_V) * pair.coherence, angle))[index]

    found: list[Observable] = []
    for reading in readings:
        bit, arms = (first_reading.BITS[reading],), first_reading.READINGS[reading]
        other = {"ancilla": (arms[1:], bit, by_ancilla), "measured": (arms, (), by_turning)}[reading]
        kinds = (
            ("quasiprobability", arms[:1], bit, partial(real, arm=arms[0], bit=bit), np.real),
            ("quasiprobability_imaginary", *other, np.imag),
        )
        found += [
            Observable(
                name=name,
                subject=subject,
                unit="1",
                reads=("ZZ",),
                of=partial(of, move=move),
                exactly=partial(exact, index=index, part=part),
                interval="stratified",
                resolved=columns,
                arms=read,
                scheme=reading,
            )
            for name, read, columns, of, part in kinds
            for index, (subject, move) in enumerate(MOVES.items())
        ]
        found += [] if levels is None else _disturbances(reading, levels)
    return tuple(found)


def _disturbances(reading: str, levels: str) -> list[Observable]:
    """Energy of each qubit after a reading minus that of a pair dephased without one: 0, if it does nothing else."""
    arm = first_reading.READINGS[reading][0]

    def found(sample: Sample, excited: Array) -> Array:
        plain = sample.arms[levels] if levels else sample
        read, without = (_joint_bits(one, ())[..., 0] @ excited for one in (sample.arms[arm], plain))
        return read - without

    def nothing(sample: Sample) -> Array:
        return np.zeros_like(sample.parameters["time"])

    more: dict[str, Any] = {
        "exactly": nothing,
        "scheme": reading,
        "reference": False,
        "arms": (arm, levels) if levels else (arm,),
    }
    return [
        _row("reading_disturbance", qubit, "gap", levels, of=partial(found, excited=excited), **more)
        for qubit, excited in _EXCITED_IN.items()
    ]


def _place(move: tuple[int, int]) -> tuple[int, int]:
    """Bit of A before, and level after."""
    return move[0] // 2, move[1]


def _joint_bits(sample: Sample, asked: tuple[str, ...]) -> Array:
    """P(f, r) in ZZ with the first bit, if it is asked for, over all members, (..., cells, 4, 2 or 1)."""
    seen = sample.resolved[asked]
    return seen.averaged()[..., seen.bases.index("ZZ"), :, :]


# ---- what samples say ----


def _joint(sample: Sample, scheme: str, levels: str) -> Array:
    """P(i, f) by one scheme, (..., cells, 4, 4)."""
    if scheme == "bayesian":
        return statistics.two_point(_weight(sample), _final(sample.before), _final(sample))
    prepared = sample.arms[levels] if levels else sample
    read_twice = statistics.two_point(_weight(prepared), _first(prepared), _final(prepared))
    if scheme == "two-point":
        return read_twice
    whole = [np.einsum("...m,...mf->...f", _weight(one), _final(one)) for one in (sample, prepared)]
    return statistics.with_coherence(read_twice, *whole)


def _average(sample: Sample, scheme: str, levels: str) -> Array:
    tau = product(*_temperatures(sample)).populations
    members = sample if scheme == "quantum" or not levels else sample.arms[levels]
    weight = _weight(members)
    share = (weight > 0).astype(float)
    if scheme == "jarzynski-wojcik":
        share = statistics.over_thermal(weight, np.einsum("...mi,...i->...m", _first(members), tau))
    return statistics.thermal_sum(_final(members), tau, share)


def _final(sample: Sample) -> Array:
    """P(f|member) in ZZ, (..., cells, members, 4); 0 of members that there are not."""
    seen = sample.resolved[()]
    return np.where(seen.weight[..., None] > 0, seen.of_setting("ZZ")[..., 0], 0.0)


def _weight(sample: Sample) -> Array:
    return sample.resolved[()].weight


def _first(sample: Sample) -> Array:
    """The level that each member was prepared in: what it mostly is at the reference, (..., cells, members, 4)."""
    return np.eye(4)[_final(sample.before).argmax(axis=-1)]


def _exchange(sample: Sample, prepared: Prepared) -> tuple[PairState, Array, Array]:
    """The pair before the exchange, Omega t and phi_V."""
    return prepared(sample.parameters), _angle(sample), sample.parameters["coupling_phase"]


def _angle(sample: Sample) -> Array:
    return sample.parameters["coupling"] * sample.parameters["time"]


def _temperatures(sample: Sample) -> tuple[Array, Array]:
    return sample.parameters["T_A"], sample.parameters["T_B"]


def _produced(sample: Sample, heat: Array) -> Array:
    """|Sigma| = |beta_A - beta_B| |Q|, with nominal temperatures [nat]."""
    T_A, T_B = _temperatures(sample)
    return np.abs((1 / T_A - 1 / T_B) * heat)


def _where_moved(sample: Sample, value: Array) -> Array:
    """NaN where the swap does nothing: of no heat at all there is no uncertainty."""
    return np.where(np.sin(_angle(sample)) ** 2 > _NOWHERE, value, np.nan)
