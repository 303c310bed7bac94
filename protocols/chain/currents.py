"""What flows over a bond and what has flown, as quantities of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from protocols.chain.orbitals import frequencies
from protocols.program import Observable, Sample, linear
from protocols.types import Array


def current_observable(bond: int, sites: Sequence[str], *, steps: bool = False) -> Observable:
    r"""I_{i -> i+1} = -(J/2) <X_i Y_{i+1} - Y_i X_{i+1}>, of both words where both are read.

    They are read in different settings, so that the difference has half the variance of either. Where one setting alone
    reads them, XYXY.., a conserved number supplies the other: <XY> = -<YX>, for coherences between different numbers of
    excitations are 0.

    Args:
        bond: i, from 0.
        sites: Names along the line.
        steps: Whether time is divided into a number of steps: then it is not the slope of what has passed.
    """
    XY, YX = ("I" * bond + letters + "I" * (len(sites) - bond - 2) for letters in ("XY", "YX"))
    word, sign = (XY, -1) if bond % 2 == 0 else (YX, 1)
    subject, unit = sites[bond] + sites[bond + 1], "gap^2/hbar"

    def both(s: Sample) -> Array:
        return s.parameters["coupling"] * (s.moments[YX] - s.moments[XY]) / 2

    def one(s: Sample) -> Array:
        return sign * s.parameters["coupling"] * s.moments[word]

    more: dict[str, Any] = {"unit": unit}
    if not steps:
        more |= {"slope_of": "transferred_energy", "frequencies": partial(_frequencies, bonds=len(sites) - 1)}
    alone = linear("bond_current", subject, (word,), one, **more)
    return linear("bond_current", subject, (XY, YX), both, otherwise=alone, **more)


def _frequencies(known: Mapping[str, Array], *, bonds: int) -> Array:
    return frequencies(known["coupling"][:, None] * np.ones(bonds))


def transferred_observable(bond: int, sites: Sequence[str]) -> Observable:
    """Energy that has passed a bond to the right since time 0: what all sites left of it have lost.

    The current is its slope. Sites at the end meet one bond only, so that energies, read in Z, tell it of every bond.

    Args:
        bond: i, from 0.
        sites: Names along the line.
    """
    words = _words(sites)[: bond + 1]
    return linear(
        "transferred_energy", sites[bond] + sites[bond + 1], words, lambda s: -_gained(s, words), reference=True
    )


def pumping_observable(site: int, sites: Sequence[str]) -> Observable:
    """By how much more energy has come to a site over its left bond than over its right one: preferential pumping.

    Args:
        site: Its place, from 0; not an end.
        sites: Names along the line.
    """
    words = _words(sites)
    left, right = words[:site], words[site + 1 :]
    return linear(
        "preferential_pumping",
        sites[site],
        (*left, *right),
        lambda s: _gained(s, right) - _gained(s, left),
        reference=True,
    )


def _words(sites: Sequence[str]) -> tuple[str, ...]:
    return tuple("I" * i + "Z" + "I" * (len(sites) - i - 1) for i in range(len(sites)))


def _gained(sample: Sample, words: Sequence[str]) -> Array:
    """Energy of some sites since the reference."""
    return np.sum([(sample.before.moments[word] - sample.moments[word]) / 2 for word in words], axis=0)
