"""Fields of every site and of every bond of a chain, `T_1` .. `phase_20`: as many as the longest chain has."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from protocols.chain.coherent import bound
from protocols.chain.starts import strongest
from protocols.program import parameter
from protocols.quantities import excited_population
from protocols.types import Array, RequestError

Real = float | Array | Sequence[float]
MOST_SITES = 20
SITES = range(1, MOST_SITES + 1)

_T = [(f"T_{i}", parameter(None, unit="gap/k_B", inverted=True, meaning=f"temperature of q{i}", automatic="see T_1"))
      for i in SITES]  # fmt: skip
_T[0] = (
    "T_1",
    parameter(
        None,
        unit="gap/k_B",
        inverted=True,
        meaning="temperature of q1",
        automatic="2 in the middle (of two: q1), others 1, beyond three sites 0.5, beyond six 0.25",
    ),
)
_EXCITATION = [
    (f"excitation_{i}", parameter(None, low=0, high=1, meaning=f"excited population of q{i}, in place of T_{i}"))
    for i in SITES
]
_PHASE = [
    (
        f"phase_{i}",
        parameter(
            None,
            unit="rad",
            meaning=f"shared: phase of the amplitude of q{i}; bonds, coherent: phase of C_{i},{i + 1}",
            automatic="those that send heat to the hottest site",
        ),
    )
    for i in SITES
]
_STRENGTH = [
    (
        f"strength_{i}",
        parameter(
            None,
            low=0,
            high=1,
            meaning=f"s of the bond q{i} q{i + 1}",
            automatic="strength",
            belongs=("correlation", ("bonds",)),
        ),
    )
    for i in SITES[:-1]
]

SiteFields: Any = dataclasses.make_dataclass(
    "SiteFields",
    [(name, "Real | None", field) for name, field in (*_T, *_EXCITATION, *_PHASE, *_STRENGTH)],
    frozen=True,
    kw_only=True,
    eq=False,
    namespace={"__doc__": "Temperatures, populations, phases and strengths by site or bond."},
)


def temperatures(fields: Any, sites: int) -> Mapping[str, float]:
    """T of every site that has neither T nor a population: hot in the middle.

    Args:
        fields: The protocol.
        sites: N.
    """
    cold = 1.0 if sites <= 3 else 0.5 if sites <= 6 else 0.25
    hot = (sites + 1) // 2
    free = (i for i in range(1, sites + 1) if getattr(fields, f"excitation_{i}") is None)
    return {f"T_{i}": 2.0 if i == hot else cold for i in free}


def populations_of(known: Mapping[str, Array], sites: int) -> Array:
    """Excited population of every site, (points, sites).

    Args:
        known: Fields by name, (points,).
        sites: N.
    """
    each = (
        known[f"excitation_{i}"] if f"excitation_{i}" in known else excited_population(known[f"T_{i}"])
        for i in range(1, sites + 1)
    )
    return np.stack([np.asarray(p, dtype=float) for p in each], axis=1)


def hottest_site(known: Mapping[str, Array]) -> int | None:
    """Place of the hottest site, from 0; None where it is not the same at all points, or another one is as hot.

    Args:
        known: Fields by name, (points,).
    """
    p = populations_of(known, int(known["sites"][0]))
    found = np.unique(np.argmax(p, axis=1))
    second, first = np.sort(p, axis=1)[:, -2:].T
    return int(found[0]) if len(found) == 1 and (first - second).min() > 1e-9 else None


def betas_of(known: Mapping[str, Array], sites: int) -> Mapping[str, Array]:
    """Inverse temperature of every site, by its name, (points,) each [1/gap].

    Args:
        known: Fields by name, (points,).
        sites: N.
    """
    with np.errstate(divide="ignore"):
        return {
            f"q{i}": np.log(1 / known[f"excitation_{i}"] - 1) if f"excitation_{i}" in known else 1 / known[f"T_{i}"]
            for i in range(1, sites + 1)
        }


def strengths_of(known: Mapping[str, Array], sites: int) -> Array:
    """s of every bond, (points, sites - 1).

    Args:
        known: Fields by name, (points,).
        sites: N.
    """
    return np.stack([known.get(f"strength_{i}", known["strength"]) for i in range(1, sites)], axis=1)


def check_positive(known: Mapping[str, Array], correlation: str, sites: int) -> None:
    """Refuses correlations beyond what a state can have.

    Args:
        known: Fields by name, (points,).
        correlation: "shared", "bonds", "coherent" or "none".
        sites: N.

    Raises:
        RequestError: With the bound.
    """
    if correlation == "none":
        return
    p = populations_of(known, sites)
    if correlation == "shared":
        if "strength" in known and (s := known["strength"][known["strength"] != 1]).size:
            raise RequestError(
                f"Argument `strength` of a shared excitation must be 1, but is {s[0]:g}. Drop it, or set "
                "correlation=bonds, which has weaker ones."
            )
        most = float(p.sum(axis=1).max())
        if most > 1 + 1e-12:
            raise RequestError(
                f"Argument `correlation` shared must have excited populations that sum to 1 at most, but those of the "
                f"{sites} sites sum to {most:.6g}. Take lower temperatures (T_1..T_{sites}), or correlation=bonds."
            )
        return
    if correlation == "coherent":
        _check_alpha(known["alpha"], p)
        return
    s = strengths_of(known, sites)
    room = strongest(p, s)
    worst = int(np.argmin(room))
    if room[worst] < 1 - 1e-9:
        given = ", ".join(f"{one:.6g}" for one in s[worst])
        raise RequestError(
            f"Argument `strength` must leave C positive: of equal bonds it is at most {strongest(p)[worst]:.6f} here, "
            f"but the bonds have {given}. Multiply them by {_down(room[worst])} at most."
        )


def _check_alpha(alpha: Array, p: Array) -> None:
    """Refuses what no state with these populations can have on all bonds at once."""
    most = bound(p)
    worst = int(np.argmax(np.abs(alpha) - most))
    if abs(alpha[worst]) > most[worst] + 1e-12:
        at = ", ".join(f"{one:.6g}" for one in p[worst])
        raise RequestError(
            f"Argument `alpha` must be within +-{most[worst]:.6f}, the positivity bound of {p.shape[1] - 1} equal "
            f"bonds at excited populations {at}, but is {alpha[worst]:g}. Choose |alpha| up to "
            f"{_down(most[worst])}, or higher temperatures."
        )


def _down(bound: float) -> str:
    """A bound rounded down, so that it can be given as it is printed."""
    return f"{np.floor(bound * 1e6) / 1e6:.6f}"


def check_sites(fields: Any, sites: int) -> None:
    """Refuses fields of sites and bonds that are not there, and a site that is told twice.

    Args:
        fields: The protocol.
        sites: N.

    Raises:
        RequestError: With the repair.
    """
    phases = {"shared": sites, "bonds": sites - 1, "coherent": sites - 1, "none": 0}[fields.correlation]
    for kind, last in {"T": sites, "excitation": sites, "phase": phases, "strength": sites - 1}.items():
        for i in SITES:
            name = f"{kind}_{i}"
            if (given := getattr(fields, name, None)) is None:
                continue
            if not last:
                raise RequestError(f"Argument `{name}` needs a correlation, but correlation is none. Drop it.")
            if i > last:
                what = "sites" if last == sites else "bonds"
                repair = f", or set sites={i + sites - last}" if i + sites - last <= MOST_SITES else ""
                raise RequestError(
                    f"Argument `{name}` must be one of {kind}_1..{kind}_{last}, for there are {last} {what}, but it is "
                    f"given as {given}. Drop it{repair}."
                )
            if kind == "excitation" and getattr(fields, f"T_{i}") is not None:
                raise RequestError(f"Argument `excitation_{i}` stands in the place of T_{i}, which is given. Drop one.")
