r"""A first reading of A's energy, by an ancilla or by a real measurement, and the quasiprobability of heat from it.

*Ancilla* (arms `read`, `read-phase`): in (|0> + |1>)/sqrt 2 it takes a sign from A if that is excited (H on the
ancilla, CZ with A); the pair goes on, and at the end the ancilla is read in X or in Y beside A and B. *Measured* (arms
`measured`, `turned`): A is measured before the exchange; and, unread, turned by pi/2 about Z. With P(r, f) how often
the first bit was r, from the ancilla in X or from the measurement, and the pair came out as f,

    Re q(r -> f) = P(r, f) + (1/2) [p_f - sum_r' P(r', f)]
    Im q(0 -> f) = -Im q(1 -> f) = <Y P_f>/2                          (ancilla)
                                 = (1/2) [p_f(turned) - p_f(measured)]  (measured)

where r = 1 says that A was excited. **p_f belongs to circuits without any reading**: CZ and measurement dephase A, and
with the marginal of their own circuits the first line would be that of two readings, which looks plausible. Levy and
Lostaglio, PRX Quantum 1, 010309 (2020), derive such schemes; these are derived here and tested by operators.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence

import numpy as np

from protocols.pair.correlated import PairState
from protocols.pair.partial_swap import exchanged_amplitudes
from protocols.pauli import outcome_probabilities
from protocols.program import Outcome
from protocols.types import Array, RequestError

READING = "reading"
"""Register of the first bit; of an ancilla the wire and the column as well."""
BITS = {"ancilla": READING, "measured": "A.1"}
"""Column of the first bit by what is asked for."""
REAL, IMAGINARY, MEASURED, TURNED = "read", "read-phase", "measured", "turned"
"""Arms: the ancilla read in X, and in Y; A measured, and A turned."""
READINGS = {"ancilla": (REAL, IMAGINARY), "measured": (MEASURED, TURNED)}
"""What may be asked for, and the arms that it adds."""
READING_ARMS = tuple(arm for arms in READINGS.values() for arm in arms)
NO_CONTROLS = (IMAGINARY, TURNED)
"""Arms whose heat says nothing of imperfections: A is turned, or they repeat another one."""
_LETTERS: dict[str, typing.Literal["X", "Y"]] = {REAL: "X", IMAGINARY: "Y"}
_EXCITED = np.array([0.0, 0.0, 1.0, 1.0])
"""Levels with A excited."""


def check_together(reading: str, chosen: Mapping[str, str]) -> None:
    """Refuses options that a first reading cannot go with.

    It stands between preparation and exchange, and its members are those of an ensemble.

    Args:
        reading: One of `READINGS`.
        chosen: Options, "merge" and "preparation" among them.

    Raises:
        RequestError: If they do not go together.
    """
    for name, wanted, instead in (("merge", "no", "leave --merge out"), ("preparation", "ensemble", "take ensemble")):
        if chosen[name] != wanted:
            raise RequestError(
                f"Argument `first-reading` is {reading}, which needs {name}={wanted}, but {name} is {chosen[name]}: "
                f"{instead}, or leave --first-reading out."
            )


def first_outcomes(arm: str) -> tuple[Outcome, ...]:
    """What an arm reads beside the pair: the ancilla at the end, or A on the way; () for any other arm."""
    if arm in _LETTERS:
        return (Outcome(qubit=READING, basis=_LETTERS[arm], register=READING),)
    if arm == MEASURED:
        return (Outcome(qubit="A", moment=1, register=READING),)
    return ()


def after_reading(pair: PairState, arm: str) -> PairState:
    """The pair before the exchange: without coherence once A was read, with its phase changed once A was turned."""
    if arm == TURNED:
        return PairState(populations=pair.populations, coherence=-1j * pair.coherence)
    return pair.dephased() if arm in READING_ARMS else pair


def first_energy(pair: PairState, arm: str) -> Array:
    """Mean of the first bit of an arm, (points,); NaN where there is none.

    Args:
        pair: As prepared.
        arm: Any arm.
    """
    if arm == IMAGINARY:
        return np.full(len(pair.coherence), 0.5)
    return pair.populations @ _EXCITED if first_outcomes(arm) else np.full(len(pair.coherence), np.nan)


def read_probabilities(psi: Array, x: Array, phi_V: Array, arm: str, basis: str) -> Array:
    """Exact outcome probabilities of the pair and the first bit, (points, 8), the bit last; (points, 4) of `turned`.

    The ancilla projected on (|0> +- |1>)/sqrt 2, or on (|0> +- i|1>)/sqrt 2, leaves the pair in (U +- U Z) psi/2, or in
    (U -+ i U Z) psi/2; a measurement leaves it in U P_r psi.

    Args:
        psi: The pair before the reading, (points, 4).
        x: 2 Omega t, (points,) [rad].
        phi_V: Phase of the coupling, (points,) [rad].
        arm: One of `READING_ARMS`.
        basis: Letters of A and B.
    """
    if arm == TURNED:
        return _seen(exchanged_amplitudes(psi * np.where(_EXCITED, 1j, 1.0), x, phi_V), basis)
    if arm == MEASURED:
        left = [exchanged_amplitudes(psi * (bit == _EXCITED), x, phi_V) for bit in (0, 1)]
    else:
        straight, signed = (exchanged_amplitudes(one, x, phi_V) for one in (psi, psi * (1 - 2 * _EXCITED)))
        factor = {"X": 1.0, "Y": -1j}[_LETTERS[arm]]
        left = [(straight + sign * factor * signed) / 2 for sign in (1, -1)]
    return np.stack([_seen(one, basis) for one in left], axis=-1).reshape(len(psi), 8)


def _seen(amplitudes: Array, basis: str) -> Array:
    return outcome_probabilities(amplitudes[:, :, None] * amplitudes[:, None, :].conj(), basis)


def readings_of(arms: Sequence[str]) -> list[str]:
    """Which readings a run has arms of: "ancilla", "measured"; an import may have one of two.

    Examples:
        >>> readings_of(("main", "dephased", "read", "read-phase"))
        ['ancilla']
    """
    return [name for name, needed in READINGS.items() if set(needed) & set(arms)]


def real_part(joint: Array, final: Array) -> Array:
    """Re q(r -> f) of A's first reading, (..., 2, outcomes).

    Args:
        joint: P(r, f), (..., outcomes, 2): with the ancilla read in X, or with A measured.
        final: p_f of the pair whose energy nothing read, (..., outcomes).
    """
    return np.swapaxes(joint, -1, -2) + (final - joint.sum(axis=-1))[..., None, :] / 2


def imaginary_part(joint: Array) -> Array:
    """Im q(r -> f) by an ancilla, (..., 2, outcomes).

    Args:
        joint: How often the bit and the outcome came together with the ancilla read in Y, (..., outcomes, 2).
    """
    half = (joint[..., 0] - joint[..., 1]) / 2
    return np.stack([half, -half], axis=-2)


def imaginary_part_turned(turned: Array, measured: Array) -> Array:
    """Im q(r -> f) by turning A, (..., 2, outcomes).

    Args:
        turned: p_f of the pair with A turned by pi/2 about Z, (..., outcomes).
        measured: p_f after the energy of A was measured, whatever came out, (..., outcomes).
    """
    half = (turned - measured) / 2
    return np.stack([half, -half], axis=-2)
