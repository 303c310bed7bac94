r"""Rates at which weakly coupled baths of oscillators relax two qubits: Fermi's golden rule.

A bath with the spectral density of Drude and Lorentz, J(w) = 2 lambda gamma w/(w^2 + gamma^2), coupled by X, lowers a
qubit with 2 J(1) [n(1) + 1] and raises it with 2 J(1) n(1), n(1) = 1/(e^{1/T} - 1), so that its energy relaxes with

    Gamma = 2 J(1) [2 n(1) + 1] = 2 J(1) coth(1/2T)   (gap 1; Holdsworth and Kawai, PRA 106, 062604, section IV).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protocols.types import Array, RequestError

WITHOUT = {"rate_A": 0.0753782, "rate_B": 0.0399491}
"""Gamma where nothing is given [gap/hbar]: at T = 2 and 1 nearly those of lambda = 0.01, gamma = 1.5."""
SAME = 1e-6
"""A rate that differs by less, relatively, is that of the golden rule: files have few digits."""


def relaxation_rate(T: Array, bath_coupling: Array, cutoff: Array) -> Array:
    """Gamma of a qubit of gap 1.

    Args:
        T: Temperature of the bath [gap/k_B].
        bath_coupling: lambda [gap].
        cutoff: gamma [gap/hbar].

    Examples:
        >>> relaxation_rate(np.array([2.0, 1.0]), np.array(0.01), np.array(1.5)).round(7).tolist()
        [0.0753782, 0.0399499]
    """
    density = 2 * bath_coupling * cutoff / (1 + cutoff**2)
    return 2 * density / np.tanh(1 / (2 * T))


def rates_of(fields: Mapping[str, Array]) -> Mapping[str, Array]:
    """Both rates at every point: as given, by the golden rule, or `WITHOUT`.

    Args:
        fields: T_A, T_B and, where they were given, rate_A, rate_B, bath_coupling, cutoff by name, (points,) each.

    Raises:
        RequestError: For half of a bath, for rates beside a bath that has others, and for a bath without a rate.
    """
    for name, other, example in (("bath_coupling", "cutoff", 1.5), ("cutoff", "bath_coupling", 0.01)):
        if name in fields and other not in fields:
            raise RequestError(
                f"Argument `{name}` needs `{other}`: the golden rule takes both. Add --set {other}={example}, or drop "
                f"{name}."
            )
    if "cutoff" not in fields:
        return {name: fields.get(name, np.full(len(fields["T_A"]), rate)) for name, rate in WITHOUT.items()}
    found = {}
    for q in "AB":
        T = fields[f"T_{q}"]
        if not ((T > 0) & np.isfinite(T)).all():
            raise RequestError(
                f"Argument `bath_coupling` needs baths of temperatures that are positive and finite, but T_{q} is "
                f"{T[~((T > 0) & np.isfinite(T))][0]:g}: oscillators have no other. Give rate_A and rate_B instead."
            )
        found[f"rate_{q}"] = relaxation_rate(T, fields["bath_coupling"], fields["cutoff"])
    for name, rate in found.items():
        _check_same(fields, name, rate)
    return found


def _check_same(fields: Mapping[str, Array], name: str, rate: Array) -> None:
    """A rate beside a bath may only repeat it, as a file does that has both."""
    given = fields.get(name, rate)
    off = np.abs(given - rate) > SAME * rate
    if off.any():
        raise RequestError(
            f"Argument `{name}` is {given[off][0]:.6g}, but bath_coupling and cutoff are given, which make it "
            f"{rate[off][0]:.6g} by the golden rule. Give rates or a bath: drop {name}, or --set bath_coupling=auto "
            "--set cutoff=auto."
        )
