r"""States of some qubits of a register."""

from __future__ import annotations

import numpy as np

from protocols.quantities.arguments import qubit_register
from protocols.types import Array


def reduced(rho: Array, qubit: int | tuple[int, ...]) -> Array:
    r"""State of some qubits of a register, $\mathrm{Tr}_{\mathrm{rest}}\,\rho$ (Nielsen & Chuang, sec. 2.4.3).

    Args:
        rho: Density matrices of n qubits, shape (..., 2^n, 2^n).
        qubit: Index of the qubit to keep, or k indices in the wanted order; 0 is the leftmost.

    Returns:
        Density matrices, dimensionless, shape (..., 2^k, 2^k).

    Raises:
        ValueError: If the last two axes are not (2^n, 2^n), or `qubit` is not in 0..n-1 or repeats.

    Examples:
        >>> reduced(np.diag([0.4, 0.3, 0.2, 0.1]), 0).diagonal().round(6).tolist()
        [0.7, 0.3]
    """
    rho, n = qubit_register(rho)
    keep = (qubit,) if isinstance(qubit, (int, np.integer)) else tuple(qubit)
    if len(set(keep)) != len(keep) or not set(keep) <= set(range(n)):
        raise ValueError(
            f"Argument `qubit` must hold distinct indices in 0..{n - 1}, but is {qubit}. "
            "Count the qubits from the left, starting at 0."
        )
    if n == 2 and len(keep) == 1:  # the trace of two blocks, or of every block
        tensor = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)
        if keep == (0,):
            return tensor[..., :, 0, :, 0] + tensor[..., :, 1, :, 1]
        return tensor[..., 0, :, 0, :] + tensor[..., 1, :, 1, :]
    # Rows in lower case, columns in upper case; a traced qubit repeats its row label.
    rows = [chr(ord("a") + j) for j in range(n)]
    columns = [row.upper() if j in keep else row for j, row in enumerate(rows)]
    kept = "".join(rows[j] for j in keep)
    tensor = rho.reshape(*rho.shape[:-2], *[2] * (2 * n))
    small = np.einsum(f"...{''.join(rows + columns)}->...{kept}{kept.upper()}", tensor)
    return small.reshape(*rho.shape[:-2], 2 ** len(keep), 2 ** len(keep))
