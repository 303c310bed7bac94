"""QuTiP's hierarchical equations of motion for a pair, with the heat currents appended as quadratures."""

from __future__ import annotations

import math
import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from protocols import Array, RequestError
from theory.model import Bath, OpenPair
from theory.propagation import Generator

TAGS = ("A", "B")
LARGEST = 10.0
"""White noise that an expansion may leave, in units of 2 lambda T/gamma + lambda."""


@lru_cache(maxsize=8)
def generator(pair: OpenPair) -> Generator:
    r"""The equations of HEOMSolver, and rows that integrate the heat.

    Operators of the first level, $\rho_k^j$, give $\mathrm{Tr}_B(B_k \rho_{SB}) = \sum_j \rho_k^j$ (in QuTiP's
    scaling $\dot\rho = \ldots - i [X_k, \sum_j \rho_k^j]$), hence the current to the qubits
    $-i \mathrm{Tr}([H_S, X_k] \sum_j \rho_k^j)$ and the coupling energy $\mathrm{Tr}(X_k \sum_j \rho_k^j)$. What the
    terminator leaves as white noise adds $\mathrm{Tr}(H_S L_k \rho)$ to the current and nothing to the coupling energy,
    since $\mathrm{Tr}(X [X, \rho]) = 0$.

    Raises:
        RequestError: If the expansion of a bath has no finite coefficients.
    """
    import scipy.sparse

    solver, terminators = heom_solver(pair)
    hierarchy = solver.rhs(0).data.as_scipy().tocsr()
    size = hierarchy.shape[0]
    H = pair.hamiltonian
    current, energy = np.zeros((2, size), dtype=complex), np.zeros((2, size + 2), dtype=complex)
    for k, X in enumerate(pair.operators):
        for first in _first_level(solver, TAGS[k]):
            block = slice(16 * first, 16 * first + 16)
            current[k, block] += _trace_with(-1j * (H @ X - X @ H))
            energy[k, block] += _trace_with(X)
        current[k, :16] += _trace_with(H) @ terminators[k]
    matrix = scipy.sparse.bmat([[hierarchy, None], [scipy.sparse.csr_matrix(current), scipy.sparse.csr_matrix((2, 2))]])
    return Generator(matrix=matrix.tocsr(), coupling_energy=energy)


def heom_solver(pair: OpenPair) -> tuple[Any, list[Array]]:
    """HEOMSolver of a pair, and the superoperators that close the expansion of each bath, (16, 16)."""
    import qutip
    from qutip.solver.heom import DrudeLorentzBath, DrudeLorentzPadeBath, HEOMSolver

    expand: Any = DrudeLorentzPadeBath if pair.expansion.method == "pade" else DrudeLorentzBath
    dims = [[2, 2], [2, 2]]
    H: Any = qutip.Qobj(pair.hamiltonian, dims=dims)
    make: Any = qutip.liouvillian
    liouvillian = make(H)
    baths, terminators = [], []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a pole of the expansion is refused by its coefficients
        for tag, bath, X in zip(TAGS, pair.baths, pair.operators, strict=True):
            given = {"lam": bath.reorganisation, "gamma": bath.cutoff, "T": bath.temperature}
            try:
                made: Any = expand(qutip.Qobj(X, dims=dims), **given, Nk=pair.expansion.terms, tag=tag)
                white, closing = made.terminator()
            except ZeroDivisionError:
                made, white, closing = None, math.nan, 0 * liouvillian
            _bounded(bath, float(np.real(white)))
            closing = closing if pair.expansion.terminator else 0 * liouvillian
            liouvillian = liouvillian + closing
            baths.append(made)
            terminators.append(np.asarray(closing.full()))
        solver = HEOMSolver(liouvillian, baths, pair.expansion.depth, options={"progress_bar": ""})
    return solver, terminators


def _bounded(bath: Bath, white: float) -> None:
    r"""Refuses an expansion whose exponents cancel each other.

    Where the cut-off is near a multiple of $2 \pi T$ its coefficient, with $\cot(\gamma/2T)$, has a pole
    that only the exact thermal exponents cancel; what is left as white noise is then far from $2 \lambda T/\gamma$, or
    negative.
    """
    scale = 2 * bath.reorganisation * bath.temperature / bath.cutoff + bath.reorganisation
    if not -scale <= white <= LARGEST * scale:
        raise RequestError(
            f"Argument `terms` must be large enough for the cut-off {bath.cutoff:g} at temperature "
            f"{bath.temperature:g}, near a multiple of 2 pi T, but the expansion leaves {white:.3g} as white noise. "
            "Raise terms, change the cut-off a little, or take another method."
        )


def _first_level(solver: Any, tag: str) -> list[int]:
    """Indices of the operators with one quantum in an exponent of one bath."""
    exponents = solver.ados.exponents
    single = np.eye(len(exponents), dtype=int)
    return [solver.ados.idx(tuple(single[k].tolist())) for k, e in enumerate(exponents) if e.tag == tag]


def _trace_with(operator: Array) -> Array:
    """Tr(operator rho) as a functional of rho with its columns stacked, (16,)."""
    return operator.T.ravel(order="F")
