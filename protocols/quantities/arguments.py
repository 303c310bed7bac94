r"""Checks of what functions of states are given: shapes of density matrices, with the repair where one is wrong."""

from __future__ import annotations

import numpy as np

from protocols.types import Array


def square(rho: Array, name: str = "rho") -> Array:
    """Square matrices, whatever their size.

    Args:
        rho: What was given as density matrices.
        name: Of the argument, for the error.

    Raises:
        ValueError: If the last two axes are not (d, d).
    """
    rho = np.asarray(rho)
    if rho.ndim < 2 or rho.shape[-1] != rho.shape[-2]:
        repair = "A ket becomes a density matrix by `np.outer(ket, ket.conj())`."
        raise _shape_error(name, "(..., d, d)", rho, repair)
    return rho


def qubit_register(rho: Array) -> tuple[Array, int]:
    """The states of a whole register, and its number of qubits.

    Raises:
        ValueError: If the last two axes are not (2^n, 2^n).
    """
    rho = square(rho)
    n = max(rho.shape[-1].bit_length() - 1, 1)
    if rho.shape[-1] != 2**n:
        raise _shape_error("rho", "(..., 2^n, 2^n)", rho, "Pass states of whole qubits.")
    return rho, n


def two_qubits(rho: Array) -> Array:
    """States of two qubits.

    Raises:
        ValueError: If the last two axes are not (4, 4).
    """
    rho = np.asarray(rho)
    if rho.shape[-2:] != (4, 4):
        raise _shape_error("rho", "(..., 4, 4)", rho, "Cut a larger register down with `reduced(rho, (i, j))`.")
    return rho


def matching_pair(rho: Array, sigma: Array) -> tuple[Array, Array]:
    """Two batches of states of the same qubits that broadcast with each other.

    Args:
        rho: Density matrices, shape (..., d, d).
        sigma: Density matrices, same d, leading axes that broadcast.

    Raises:
        ValueError: If they are not.
    """
    rho, sigma = square(rho), square(sigma, "sigma")
    axes = zip(rho.shape[-3::-1], sigma.shape[-3::-1], strict=False)
    if rho.shape[-1] != sigma.shape[-1] or any(a != b and 1 not in (a, b) for a, b in axes):
        raise _shape_error("sigma", f"matching {rho.shape}", sigma, "Pass as many states, of the same qubits.")
    return rho, sigma


def _shape_error(name: str, rule: str, array: Array, repair: str) -> ValueError:
    return ValueError(f"Argument `{name}` must have shape {rule}, but has shape {array.shape}. {repair}")
