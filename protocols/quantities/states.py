r"""Numbers that describe a state: energy, entropy, correlation, entanglement, coherence, distance.

Every function takes density matrices (Hermitian, unit trace) in the product basis |00>, |01>, |10>, |11>,
first qubit left, |0> the ground state, and works on all leading axes at once. Entropies are in nats, the
entanglement of formation in ebits, energies in units of the gap. Bounds hold up to rounding. Nothing here
repairs an unphysical estimate: negative eigenvalues count as zero where a logarithm or a root needs them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = [
    "coherence_l1",
    "coherence_relative_entropy",
    "concurrence",
    "diagonal_entropy",
    "effective_beta",
    "effective_temperature",
    "energy",
    "entanglement_of_formation",
    "entropy",
    "ergotropy",
    "fidelity",
    "formation",
    "mutual_information",
    "negativity",
    "populations",
    "purity",
    "reduced",
    "relative_entropy",
    "root_of",
    "signed_concurrence",
    "signed_negativity",
    "spectral_entropy",
]

Array = np.ndarray

# Eigenvalues up to this size are rounding (eigh leaves 1e-16, a few matrix products 1e-15). They must not
# survive into a square root, which would turn 1e-16 into 1e-8.
_ROUNDING = 1e-14


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
    rho, n = _register(rho)
    keep = (qubit,) if isinstance(qubit, (int, np.integer)) else tuple(qubit)
    if len(set(keep)) != len(keep) or not set(keep) <= set(range(n)):
        raise ValueError(
            f"Argument `qubit` must hold distinct indices in 0..{n - 1}, but is {qubit}. "
            "Count the qubits from the left, starting at 0."
        )
    # Rows in lower case, columns in upper case; a traced qubit repeats its row label.
    rows = [chr(ord("a") + j) for j in range(n)]
    columns = [row.upper() if j in keep else row for j, row in enumerate(rows)]
    kept = "".join(rows[j] for j in keep)
    tensor = rho.reshape(*rho.shape[:-2], *[2] * (2 * n))
    small = np.einsum(f"...{''.join(rows + columns)}->...{kept}{kept.upper()}", tensor)
    return small.reshape(*rho.shape[:-2], 2 ** len(keep), 2 ** len(keep))


def populations(rho: Array) -> Array:
    r"""Occupation probabilities of the energy levels, $p_i = \rho_{ii}$.

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, 1], dimensionless, shape (..., d).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> populations(np.eye(4) / 4).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    return np.real(np.diagonal(_square(rho), axis1=-2, axis2=-1))


def energy(rho: Array, qubit: int, *, gap: float = 1.0) -> Array:
    r"""Energy of one qubit above its ground state, $E = \varepsilon\,\langle 1|\rho_{\mathrm{qubit}}|1\rangle$.

    Holdsworth & Kawai, PRA 106, 062604 (2022) count from mid-gap: their value is lower by $\varepsilon/2$.

    Args:
        rho: Density matrices of n qubits, shape (..., 2^n, 2^n).
        qubit: Index of the qubit; 0 is the leftmost.
        gap: Level spacing $\varepsilon$, in the wanted unit of energy.

    Returns:
        Values in [0, gap], in the unit of `gap`, shape (...).

    Raises:
        ValueError: If the last two axes are not (2^n, 2^n), or `qubit` is not in 0..n-1.

    Examples:
        >>> round(float(energy(np.diag([0.4, 0.3, 0.2, 0.1]), 1)), 6)
        0.4
    """
    return gap * populations(reduced(rho, qubit))[..., 1]


def effective_beta(energy: Array, *, gap: float = 1.0) -> Array:
    r"""Inverse temperature of a qubit by its energy, $\beta = \ln[(1-p)/p]/\varepsilon$, $p = E/\varepsilon$.

    The Gibbs state of this $\beta$ has the qubit's populations; its coherence plays no part (Chantesana et al.,
    AQIS 2025). It orders by heat: larger is colder, and an inverted qubit, $\beta < 0$, is hotter than any other.

    Args:
        energy: Energy above the ground state, any shape, in the unit of `gap`; see `energy`.
        gap: Level spacing $\varepsilon > 0$.

    Returns:
        Values in [-inf, inf], per unit of `gap`, same shape: inf where p <= 0, -inf where p >= 1.

    Examples:
        >>> effective_beta(np.array([0.0, 1 / (1 + np.e), 0.5, 1.0])).round(6).tolist()
        [inf, 1.0, 0.0, -inf]
    """
    p = np.asarray(energy) / gap
    logarithm = np.log(np.where(p >= 1, 1.0, 1 - p)) - np.log(np.where(p <= 0, 1.0, p))
    # Beyond 0 and 1 there is only counting noise, which cannot be colder than the ground state. NaN stays NaN.
    return np.where(p <= 0, np.inf, np.where(p >= 1, -np.inf, logarithm / gap))[()]


def effective_temperature(energy: Array, *, gap: float = 1.0) -> Array:
    r"""Temperature of a qubit by its energy, $T = 1/\beta$ in units of $1/k_B$; see `effective_beta`.

    It does not order by heat: an inverted qubit has $T < 0$ and is hotter than any with $T > 0$.

    Args:
        energy: Energy above the ground state, any shape, in the unit of `gap`.
        gap: Level spacing $\varepsilon > 0$.

    Returns:
        Values in [-inf, inf], in the unit of `gap`, same shape: inf at p = 1/2, 0 where p <= 0, -0.0 where p >= 1.

    Examples:
        >>> effective_temperature(np.array([0.0, 1 / (1 + np.exp(0.5)), 0.5])).round(6).tolist()
        [0.0, 2.0, inf]
    """
    beta = effective_beta(energy, gap=gap)
    return np.divide(1.0, beta, out=np.full(np.shape(beta), np.inf), where=beta != 0)[()]


def ergotropy(rho: Array, *, gaps: Sequence[float] | None = None) -> Array:
    r"""Largest mean work by a unitary, $\mathrm{Tr}\,\rho H - \sum_k r_k^\downarrow \epsilon_k^\uparrow$.

    $r_k^\downarrow$ are the falling eigenvalues of $\rho$, $\epsilon_k^\uparrow$ the rising ones of
    $H = \sum_i \varepsilon_i |1\rangle\langle 1|_i$ (Allahverdyan, Balian & Nieuwenhuizen, EPL 67, 565 (2004)).

    Args:
        rho: Density matrices of n qubits, shape (..., 2^n, 2^n).
        gaps: Level spacings $\varepsilon_i$, leftmost qubit first; all 1 if not given.

    Returns:
        Values in [0, sum of the gaps], in the unit of `gaps`, shape (...).

    Raises:
        ValueError: If the last two axes are not (2^n, 2^n), or the number of gaps is not n.

    Examples:
        >>> float(ergotropy(np.diag([0.25, 0.75])))
        0.5
    """
    rho, n = _register(rho)
    gaps = (1.0,) * n if gaps is None else gaps
    if len(gaps) != n:
        raise ValueError(
            f"Argument `gaps` must have {n} entries, one a qubit, but has {len(gaps)}. Leave it out for unit gaps."
        )
    bits = np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1) & 1  # (level, qubit)
    levels = bits @ np.asarray(gaps, float)
    passive = np.linalg.eigvalsh(rho)[..., ::-1] @ np.sort(levels)
    return populations(rho) @ levels - passive


def purity(rho: Array) -> Array:
    r"""Purity, $\mathrm{Tr}\,\rho^2$ (Nielsen & Chuang, sec. 2.4).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [1/d, 1], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> float(purity(np.eye(4) / 4))
        0.25
    """
    return (np.abs(_square(rho)) ** 2).sum((-2, -1))


def entropy(rho: Array) -> Array:
    r"""Von Neumann entropy, $S(\rho) = -\mathrm{Tr}\,\rho\ln\rho$ (Nielsen & Chuang, sec. 11.3).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, ln d], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> round(float(entropy(np.eye(2) / 2)), 6)  # ln 2
        0.693147
    """
    return spectral_entropy(np.linalg.eigvalsh(_square(rho)))


def spectral_entropy(values: Array) -> Array:
    r"""The same from eigenvalues, $-\sum_i p_i\ln p_i$; negative ones count as zero.

    Args:
        values: Shape (..., d).

    Returns:
        Values in [0, ln d], in nats, shape (...).

    Examples:
        >>> round(float(spectral_entropy(np.array([0.5, 0.5]))), 6)  # ln 2
        0.693147
    """
    return _shannon(values)


def relative_entropy(rho: Array, sigma: Array, *, tolerance: float = _ROUNDING) -> Array:
    r"""Relative entropy, $S(\rho\|\sigma) = \mathrm{Tr}\,\rho(\ln\rho - \ln\sigma)$ (Umegaki, 1962).

    Args:
        rho: Density matrices, shape (..., d, d).
        sigma: Reference states, same d, leading axes that broadcast with those of `rho`.
        tolerance: Eigenvalues of `sigma` up to this size count as zero. The value is infinite if `rho`
            holds more than this weight in any such eigenvector; less weight is neglected.

    Returns:
        Values in [0, inf], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square, or the shapes do not match.

    Examples:
        >>> round(float(relative_entropy(np.diag([1.0, 0.0]), np.eye(2) / 2)), 6)  # ln 2
        0.693147
        >>> float(relative_entropy(np.eye(2) / 2, np.diag([1.0, 0.0])))
        inf
    """
    rho, sigma = _pair(rho, sigma)
    values, vectors = np.linalg.eigh(sigma)
    weights = np.real((vectors.conj() * (rho @ vectors)).sum(-2))  # <v_j| rho |v_j>
    kernel = values <= tolerance
    cross = (weights * np.log(np.where(kernel, 1.0, values))).sum(-1)
    outside = (kernel & (weights > tolerance)).any(-1)
    return np.where(outside, np.inf, -entropy(rho) - cross)[()]  # a scalar for one pair, as elsewhere


def mutual_information(rho: Array) -> Array:
    r"""Mutual information of two qubits, $I = S_A + S_B - S_{AB}$ (Partovi, PRE 77, 021110 (2008)).

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 2 ln 2], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> round(float(mutual_information(np.diag([0.5, 0, 0, 0.5]))), 6)  # classical bit: ln 2
        0.693147
    """
    rho = _two_qubits(rho)
    return entropy(reduced(rho, 0)) + entropy(reduced(rho, 1)) - entropy(rho)


def coherence_l1(rho: Array) -> Array:
    r"""Coherence in the energy basis, $\sum_{i\neq j}|\rho_{ij}|$ (Baumgratz et al., PRL 113, 140401 (2014)).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, d - 1], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> float(coherence_l1(np.full((2, 2), 0.5)))
        1.0
    """
    rho = _square(rho)
    return np.abs(rho * (1 - np.eye(rho.shape[-1]))).sum((-2, -1))


def coherence_relative_entropy(rho: Array) -> Array:
    r"""Coherence in the energy basis, $S(\mathrm{diag}\,\rho) - S(\rho)$ (Baumgratz et al., PRL 113, 140401).

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, ln d], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> round(float(coherence_relative_entropy(np.full((2, 2), 0.5))), 6)  # ln 2
        0.693147
    """
    return diagonal_entropy(rho) - entropy(rho)


def diagonal_entropy(rho: Array) -> Array:
    r"""Entropy of the energy levels' occupation, $-\sum_i \rho_{ii}\ln\rho_{ii}$: that of the dephased state.

    Args:
        rho: Density matrices, shape (..., d, d).

    Returns:
        Values in [0, ln d], in nats, shape (...).

    Raises:
        ValueError: If the last two axes are not square.

    Examples:
        >>> round(float(diagonal_entropy(np.full((2, 2), 0.5))), 6)  # ln 2
        0.693147
    """
    return _shannon(populations(rho))


def concurrence(rho: Array) -> Array:
    r"""Concurrence, $C = \max(0, \lambda_1-\lambda_2-\lambda_3-\lambda_4)$, see `signed_concurrence`.

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 1], dimensionless, shape (...); positive if and only if entangled.

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> round(float(concurrence(bell)), 6)
        1.0
    """
    return np.maximum(signed_concurrence(rho), 0.0)


def signed_concurrence(rho: Array, *, root: Array | None = None) -> Array:
    r"""Concurrence before the cut at zero, $\lambda_1 - \lambda_2 - \lambda_3 - \lambda_4$.

    The $\lambda_i$ are the decreasing square roots of the eigenvalues of
    $\rho\,(Y\otimes Y)\,\rho^*\,(Y\otimes Y)$ (Wootters, PRL 80, 2245 (1998)).

    Args:
        rho: Density matrices, shape (..., 4, 4).
        root: A with A A^+ = rho, if it is known already: spares an eigendecomposition.

    Returns:
        Values in [-1/2, 1], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> round(float(signed_concurrence(np.eye(4) / 4)), 6)
        -0.5
    """
    # With rho = A A^dagger the lambda_i are the singular values of A^T (Y x Y) A: no root of an eigenvalue
    # of a non-Hermitian product, which would cost half of the digits where lambda_i vanishes.
    factor = _factor(_two_qubits(rho)) if root is None else root
    flip = np.fliplr(np.diag([-1.0, 1.0, 1.0, -1.0]))  # Y x Y
    values = np.linalg.svd(np.swapaxes(factor, -1, -2) @ flip @ factor, compute_uv=False)
    return 2 * values[..., 0] - values.sum(-1)


def entanglement_of_formation(rho: Array) -> Array:
    r"""Entanglement of formation, $E_F = h\big((1 + \sqrt{1 - C^2})/2\big)$ (Wootters, PRL 80, 2245 (1998)).

    Here $h(x) = -x\log_2 x - (1-x)\log_2(1-x)$ and $C$ is the concurrence.

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 1], in ebits (base-2 logarithm, unlike the entropies), shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> round(float(entanglement_of_formation(bell)), 6)
        1.0
    """
    return formation(concurrence(rho))


def formation(concurrence: Array) -> Array:
    r"""Entanglement of formation of two qubits as a function of their concurrence; see `entanglement_of_formation`.

    Args:
        concurrence: Values up to 1, any shape; negative ones count as 0.

    Returns:
        Values in [0, 1], in ebits, the same shape.

    Examples:
        >>> round(float(formation(np.array(0.637295))), 5)
        0.5139
    """
    square = np.clip(concurrence, 0.0, 1.0) ** 2
    minor = square / (2 * (1 + np.sqrt(1 - square)))  # 1 - x, free of the cancellation at small C
    return _shannon(np.stack([1 - minor, minor], axis=-1)) / np.log(2)


def negativity(rho: Array) -> Array:
    r"""Negativity, $N = \sum_{\mu_i<0}|\mu_i|$ over the eigenvalues $\mu_i$ of the partial transpose.

    Vidal & Werner, PRA 65, 032314 (2002).

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [0, 1/2], dimensionless, shape (...); positive if and only if entangled.

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
        >>> round(float(negativity(bell)), 6)
        0.5
    """
    return np.maximum(-_transposed_spectrum(rho), 0.0).sum(-1)


def signed_negativity(rho: Array) -> Array:
    r"""Minus the smallest eigenvalue of the partial transpose, $-\mu_{\min}$; see `negativity`.

    Args:
        rho: Density matrices, shape (..., 4, 4).

    Returns:
        Values in [-1/4, 1/2], dimensionless, shape (...).

    Raises:
        ValueError: If the last two axes are not (4, 4).

    Examples:
        >>> round(float(signed_negativity(np.eye(4) / 4)), 6)
        -0.25
    """
    return -_transposed_spectrum(rho)[..., 0]


def fidelity(rho: Array, sigma: Array, *, root: Array | None = None) -> Array:
    r"""Fidelity, squared: $F = \big(\mathrm{Tr}\sqrt{\sqrt\rho\,\sigma\sqrt\rho}\big)^2$.

    Uhlmann, Rep. Math. Phys. 9, 273 (1976); for pure states the squared overlap.

    Args:
        rho: Density matrices, shape (..., d, d).
        sigma: Density matrices, same d, leading axes that broadcast with those of `rho`.
        root: A with A A^+ = rho, if it is known already: spares an eigendecomposition.

    Returns:
        Values in [0, 1], dimensionless, shape (...); 1 if and only if equal.

    Raises:
        ValueError: If the last two axes are not square, or the shapes do not match.

    Examples:
        >>> round(float(fidelity(np.diag([1.0, 0.0]), np.eye(2) / 2)), 6)
        0.5
    """
    rho, sigma = _pair(rho, sigma)
    left = _factor(rho) if root is None else root
    overlap = np.swapaxes(left.conj(), -1, -2) @ _factor(sigma)
    return np.linalg.svd(overlap, compute_uv=False).sum(-1) ** 2


def _shannon(p: Array) -> Array:
    """-sum p ln p over the last axis, nats; entries below zero count as zero."""
    return 0.0 - (p * np.log(np.where(p > 0, p, 1.0))).sum(-1)


def _factor(rho: Array) -> Array:
    """A with A A^dagger = rho."""
    return root_of(*np.linalg.eigh(rho))


def root_of(values: Array, vectors: Array) -> Array:
    r"""A with $A A^\dagger = \rho$ from the eigenvalues and eigenvectors of $\rho$; rounding counts as zero.

    Args:
        values: Eigenvalues, shape (..., d).
        vectors: Eigenvectors as columns, shape (..., d, d).

    Returns:
        Matrices, shape (..., d, d).

    Examples:
        >>> root_of(np.array([0.0, 4.0]), np.eye(2)).tolist()
        [[0.0, 0.0], [0.0, 2.0]]
    """
    return vectors * np.sqrt(np.where(values > _ROUNDING, values, 0.0))[..., None, :]


def _transposed_spectrum(rho: Array) -> Array:
    """Increasing eigenvalues of the transpose over the second qubit."""
    rho = _two_qubits(rho)
    tensor = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)  # row A, row B, column A, column B
    return np.linalg.eigvalsh(np.swapaxes(tensor, -3, -1).reshape(rho.shape))


def _square(rho: Array, name: str = "rho") -> Array:
    rho = np.asarray(rho)
    if rho.ndim < 2 or rho.shape[-1] != rho.shape[-2]:
        repair = "A ket becomes a density matrix by `np.outer(ket, ket.conj())`."
        raise _shape_error(name, "(..., d, d)", rho, repair)
    return rho


def _register(rho: Array) -> tuple[Array, int]:
    """The states and their number of qubits."""
    rho = _square(rho)
    n = max(rho.shape[-1].bit_length() - 1, 1)
    if rho.shape[-1] != 2**n:
        raise _shape_error("rho", "(..., 2^n, 2^n)", rho, "Pass states of whole qubits.")
    return rho, n


def _two_qubits(rho: Array) -> Array:
    rho = np.asarray(rho)
    if rho.shape[-2:] != (4, 4):
        raise _shape_error("rho", "(..., 4, 4)", rho, "Cut a larger register down with `reduced(rho, (i, j))`.")
    return rho


def _pair(rho: Array, sigma: Array) -> tuple[Array, Array]:
    rho, sigma = _square(rho), _square(sigma, "sigma")
    axes = zip(rho.shape[-3::-1], sigma.shape[-3::-1], strict=False)
    if rho.shape[-1] != sigma.shape[-1] or any(a != b and 1 not in (a, b) for a, b in axes):
        raise _shape_error("sigma", f"matching {rho.shape}", sigma, "Pass as many states, of the same qubits.")
    return rho, sigma


def _shape_error(name: str, rule: str, array: Array, repair: str) -> ValueError:
    return ValueError(f"Argument `{name}` must have shape {rule}, but has shape {array.shape}. {repair}")
