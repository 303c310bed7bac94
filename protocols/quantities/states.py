r"""Functions of states as users call them: what is no state is refused, with the repair.

The functions themselves (`entropies`, `entanglement`, ...) take what an estimator gives, which need not be a state, and
are called a million times by an analysis. Here the same functions look first at what they are given.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np

from protocols.quantities import coherence, entanglement, entropies, overlaps, quantum_discord, thermal
from protocols.quantities.arguments import matching_pair, square, two_qubits
from protocols.types import Array

Rest = ParamSpec("Rest")
Value = TypeVar("Value")
TOLERANCE = 1e-6
"""What a state may lack of trace, symmetry and positivity: rounding of single precision, not of a printed table."""


def check_states(rho: Array, name: str = "rho") -> Array:
    """Density matrices that are states: Hermitian, of unit trace, without negative eigenvalues.

    Args:
        rho: Density matrices, shape (..., d, d).
        name: Of the argument, for the error.

    Raises:
        ValueError: Otherwise; the text says which matrix is none, and how to make it one.
    """
    rho = square(rho, name)
    if not np.issubdtype(rho.dtype, np.number):
        raise ValueError(f"Argument `{name}` must hold numbers, but has type {rho.dtype}. Pass np.array(..., complex).")
    if not np.isfinite(rho).all():
        raise ValueError(
            f"Argument `{name}` must be finite, but {_which(np.asarray(~np.isfinite(rho).all((-2, -1))))} is not."
        )
    off = np.abs(rho - rho.conj().swapaxes(-1, -2)).max((-2, -1), initial=0)
    if (off > TOLERANCE).any():
        raise ValueError(
            f"Argument `{name}` must be Hermitian, but {_which(off > TOLERANCE)} differs from its adjoint by "
            f"{np.max(off):.3g}. Correct the entries; nearest_state(rho) averages both halves."
        )
    trace = np.real(np.trace(rho, axis1=-2, axis2=-1))
    wrong = np.asarray(np.abs(trace - 1) > TOLERANCE)
    if wrong.any():
        found = np.atleast_1d(trace)[np.atleast_1d(wrong)][0].round(9)
        repair = "Divide by it." if found else "To a deviation matrix, add the identity over its size."
        raise ValueError(f"Argument `{name}` must have trace 1, but {_which(wrong)} has {found:g}. {repair}")
    least = np.linalg.eigvalsh(rho)[..., 0]
    wrong = np.asarray(least < -TOLERANCE)
    if wrong.any():
        raise ValueError(
            f"Argument `{name}` must have no negative eigenvalue, but {_which(wrong)} has {np.min(least):.3g}: linear "
            "inversion and rounded tables do. Import the counts (maximum likelihood), or take nearest_state(rho)."
        )
    return rho


def _which(wrong: Array) -> str:
    """The first matrix of a batch that is wrong, in words."""
    where = np.argwhere(wrong)[0]
    return f"matrix {', '.join(map(str, where))}" if where.size else "the matrix"


def nearest_state(rho: Array) -> Array:
    r"""The state with the least squared distance from a Hermitian matrix (Smolin et al., PRL 108, 070502 (2012)).

    Eigenvalues are shifted by one number and cut at 0 so that they sum to 1; eigenvectors are kept. It is a repair of
    rounded or linearly inverted matrices, not an estimate with an error: counts tell more.

    Args:
        rho: Matrices near to states, shape (..., d, d); the Hermitian part is taken.

    Returns:
        States, shape (..., d, d).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> nearest_state(np.diag([0.6, 0.5, -0.05, -0.05])).diagonal().real.round(6).tolist()
        [0.55, 0.45, 0.0, 0.0]
    """
    rho = square(rho)
    values, vectors = np.linalg.eigh((rho + rho.conj().swapaxes(-1, -2)) / 2)
    falling = values[..., ::-1]
    kept = np.arange(1, falling.shape[-1] + 1)
    excess = (np.cumsum(falling, axis=-1) - 1) / kept
    number = (falling > excess).sum(-1, keepdims=True)
    shift = np.take_along_axis(excess, number - 1, axis=-1)
    values = np.maximum(values - shift, 0.0)
    return (vectors * values[..., None, :]) @ vectors.conj().swapaxes(-1, -2)


def of_states(
    function: Callable[Concatenate[Array, Rest], Value], shape: Callable[[Array], Array] = square
) -> Callable[Concatenate[Array, Rest], Value]:
    """The same function of density matrices, refusing what is no state.

    Args:
        function: Its first argument is a batch of density matrices.
        shape: What looks at their shape first.
    """

    @functools.wraps(function)
    def checked(rho: Array, *rest: Rest.args, **named: Rest.kwargs) -> Value:
        return function(check_states(shape(rho)), *rest, **named)

    return checked


def of_two_states(
    function: Callable[Concatenate[Array, Array, Rest], Value],
) -> Callable[Concatenate[Array, Array, Rest], Value]:
    """The same function of two states, refusing what is none."""

    @functools.wraps(function)
    def checked(rho: Array, sigma: Array, *rest: Rest.args, **named: Rest.kwargs) -> Value:
        rho, sigma = matching_pair(rho, sigma)
        return function(check_states(rho), check_states(sigma, "sigma"), *rest, **named)

    return checked


coherence_l1 = of_states(coherence.coherence_l1)
coherence_relative_entropy = of_states(coherence.coherence_relative_entropy)
conditional_entropy = of_states(entropies.conditional_entropy, two_qubits)
concurrence = of_states(entanglement.concurrence, two_qubits)
discord = of_states(quantum_discord.discord, two_qubits)
energy = of_states(thermal.energy)
entanglement_of_formation = of_states(entanglement.entanglement_of_formation, two_qubits)
entropy = of_states(entropies.entropy)
ergotropy = of_states(thermal.ergotropy)
fidelity = of_two_states(overlaps.fidelity)
geometric_discord = of_states(quantum_discord.geometric_discord, two_qubits)
mutual_information = of_states(entropies.mutual_information, two_qubits)
negativity = of_states(entanglement.negativity, two_qubits)
populations = of_states(thermal.populations)
purity = of_states(overlaps.purity)
relative_entropy = of_two_states(entropies.relative_entropy)
signed_concurrence = of_states(entanglement.signed_concurrence, two_qubits)
signed_negativity = of_states(entanglement.signed_negativity, two_qubits)
