"""What flows over a bond, as a quantity of the table."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.program import Observable, linear


def current_observable(bond: int, sites: Sequence[str]) -> Observable:
    r"""I_{i -> i+1} = -(J/2) <X_i Y_{i+1} - Y_i X_{i+1}>, of which a conserved number leaves one word.

    <XY> = -<YX>, for coherences between different numbers of excitations are 0; the word that XYXY.. reads is taken.

    Args:
        bond: i, from 0.
        sites: Names along the line.
    """
    letters, sign = ("XY", -1) if bond % 2 == 0 else ("YX", 1)
    word = "I" * bond + letters + "I" * (len(sites) - bond - 2)
    subject = sites[bond] + sites[bond + 1]
    return linear(
        "bond_current", subject, (word,), lambda s: sign * s.parameters["coupling"] * s.moments[word], unit="gap^2/hbar"
    )
