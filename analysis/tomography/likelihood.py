r"""Log-likelihoods of many data sets at once, as functions of a state's coordinates.

A state is rho = sum_k r_k B_k with orthonormal Hermitian B_k, Tr B_j B_k = delta_jk and B_0 = 1/sqrt(d). The B_k span
the family that the settings determine (7 or 5 parameters for an X state), an algebra: functions of such a rho stay in
it. Every likelihood here is concave in r, which is what the certificate of `maximum.py` rests on.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from analysis.tomography.elimination import elimination, solved
from protocols import Array
from protocols.pauli import (
    CONSERVED,
    X_WORDS,
    assumption,
    determines,
    outcome_bits,
    parity,
    pauli_matrix,
    unread,
    words,
)

LEAST = 1e-300
"""Of a probability, so that its logarithm is finite."""


class Likelihood(typing.Protocol):
    """A concave function of the coordinates, one a data set."""

    @property
    def basis(self) -> Array:
        """(parameters, d, d): the B_k, B_0 first."""
        ...

    @property
    def weight(self) -> Array:
        """(fits,) scale of the likelihood: total counts."""
        ...

    def start(self) -> Array:
        """(fits, parameters) coordinates near the maximum, not necessarily of a state."""
        ...

    def of(self, chosen: Array) -> Likelihood:
        """The likelihood of some of the data sets."""
        ...

    def value(self, r: Array) -> Array:
        """(fits,) log-likelihood [nat], up to a constant."""
        ...

    def slopes(self, r: Array) -> tuple[Array, Array]:
        """Gradient (fits, parameters) and minus the Hessian (fits, parameters, parameters), in nats."""
        ...

    def gradient(self, r: Array) -> Array:
        """The gradient alone."""
        ...

    def newton(self, r: Array, tilt: Array | float = 0.0) -> tuple[Array, Array, Array]:
        """Gradient and Newton's step of the likelihood plus tilt . r, the trace fixed; and the reach of that step."""
        ...

    def reach(self, r: Array, step: Array) -> Array:
        """(fits,) fraction of the step after which the likelihood would cease to exist; at least 1: harmless."""
        ...

    def along(self, r: Array, step: Array) -> Callable[[Array], Array]:
        """The log-likelihood at r + share * step as a function of the share, (fits,) each."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class QuasiLikelihood:
    r"""sum_s N_s sum_o f_so ln p_so, p_s = M Tr(rho E_s): weighted frequencies with readout confusion in the effects.

    With members of weight w_m and N_m shots each, f = sum_m w_m n_m / N_m and N_s = 1 / sum_m w_m^2 / N_m. It is a
    likelihood for a single member, and has the same maximum in the limit of many shots for an ensemble.
    """

    basis: Array
    design: Array
    """(settings, outcomes, parameters): Tr(E_so B_k)."""
    counts: Array
    """(fits, settings, outcomes): N_s f_so."""
    confusion: Array | None
    """(fits or 1, outcomes read, outcomes true); None: perfect readout."""
    inversion: Array
    """(settings * outcomes, parameters - 1), coordinates from true frequencies."""

    @property
    def weight(self) -> Array:
        """(fits,) total counts."""
        return self.counts.sum(axis=(-2, -1))

    def start(self) -> Array:
        """Linear inversion."""
        shots = self.counts.sum(axis=-1, keepdims=True)
        true = self.counts / np.where(shots > 0, shots, 1)
        if self.confusion is not None:
            true = true @ np.swapaxes(np.linalg.pinv(self.confusion), -1, -2)
        flat = true.reshape(len(true), -1) @ self.inversion
        first = np.full((len(flat), 1), 1 / np.sqrt(self.basis.shape[-1]))
        return np.concatenate([first, flat], axis=1)

    def of(self, chosen: Array) -> QuasiLikelihood:
        """The likelihood of some of the data sets."""
        confusion = self.confusion
        if confusion is not None and len(confusion) > 1:
            confusion = confusion[chosen]
        return QuasiLikelihood(
            basis=self.basis,
            design=self.design,
            counts=self.counts[chosen],
            confusion=confusion,
            inversion=self.inversion,
        )

    def value(self, r: Array) -> Array:
        """Log-likelihood."""
        return self._log(self._probabilities(r))

    def expected(self, r: Array, added: float = 0.5) -> tuple[Array, Array]:
        """Gain and information that data of this state are expected to have, seen or not.

        Args:
            r: Coordinates of the states, (fits, parameters).
            added: Counts added to every outcome of a setting, so that an outcome without a probability informs like
                one that was not seen in N shots, and not like one that cannot be.

        Returns:
            Gain N_s (d p_so / d r_k) / p_so, (fits, settings, outcomes, parameters), and Fisher's information
            sum_so N_s (d p_so / d r_j) (d p_so / d r_k) / p_so, (fits, parameters, parameters).
        """
        if self.confusion is None:
            slopes = self.design[None]
        else:
            slopes = np.einsum("foi,sik->fsok", self.confusion, self.design)
        shots, p = self.counts.sum(axis=-1, keepdims=True), self._probabilities(r)
        share = (shots * p + added) / (shots + added * p.shape[-1])
        gain = (shots / share)[..., None] * slopes
        information = np.einsum("fsoj,fsok->fjk", gain, np.broadcast_to(slopes, gain.shape), optimize=True)
        return gain, information

    def slopes(self, r: Array) -> tuple[Array, Array]:
        """Gradient and minus the Hessian."""
        size = len(self.basis)
        p = self._probabilities(r)
        ratio = self.counts / p
        weights = self._weights(ratio / p)
        return self._back(ratio), (weights @ self._products).reshape(-1, size, size)

    def gradient(self, r: Array) -> Array:
        """The gradient alone."""
        return self._back(self.counts / self._probabilities(r))

    def newton(self, r: Array, tilt: Array | float = 0.0) -> tuple[Array, Array, Array]:
        """Gradient, Newton's step and its reach; see `elimination`."""
        p, step = self._probabilities(r), np.zeros_like(r)
        ratio = self.counts / p
        gradient = self._back(ratio) + tilt
        step[:, 1:] = elimination(self.design).solved(self._weights(ratio / p), gradient[:, 1:])
        return gradient, step, self._reach(p, self._forth(step))

    def reach(self, r: Array, step: Array) -> Array:
        """Where the first probability of an observed outcome would reach zero."""
        return self._reach(self._probabilities(r), self._forth(step))

    def along(self, r: Array, step: Array) -> Callable[[Array], Array]:
        """The log-likelihood on a line, on which probabilities are linear."""
        p, change = self._forth(r), self._forth(step)
        return lambda share: self._log(np.maximum(p + share[:, None, None] * change, LEAST))

    @property
    def _products(self) -> Array:
        """(outcomes, or pairs of outcomes of one setting, parameters^2): H = weights @ table."""
        if self.confusion is None:
            flat = self.design.reshape(-1, len(self.basis))
            return (flat[:, :, None] * flat[:, None, :]).reshape(len(flat), -1)
        # sum_s C_s^T (M^T diag(n/p^2) M) C_s as one product with a table
        table = self.design[:, :, None, :, None] * self.design[:, None, :, None, :]
        return table.reshape(-1, len(self.basis) ** 2)

    def _weights(self, second: Array) -> Array:
        """Of outcomes, or of pairs of them that the confusion mixes, (fits, rows of `_products`)."""
        if self.confusion is not None:
            second = self.confusion.swapaxes(-1, -2)[:, None] @ (second[..., None] * self.confusion[:, None])
        return second.reshape(len(second), -1)

    def _reach(self, p: Array, change: Array) -> Array:
        with np.errstate(over="ignore"):  # of outcomes without a probability, which is then no step at all
            fall = np.where(self.counts > 0, -change / p, 0.0).reshape(len(p), -1).max(axis=1)
        return 1 / np.maximum(fall, 1e-12)

    def _log(self, p: Array) -> Array:
        # an outcome without counts adds 0 * ln of a positive number
        return (self.counts * np.log(p)).reshape(len(p), -1).sum(axis=1)

    def _back(self, ratio: Array) -> Array:
        """From derivatives by probabilities to derivatives by coordinates."""
        if self.confusion is not None:
            ratio = ratio @ self.confusion
        return ratio.reshape(len(ratio), -1) @ self.design.reshape(-1, len(self.basis))

    def _probabilities(self, r: Array) -> Array:
        return np.maximum(self._forth(r), LEAST)

    def _forth(self, r: Array) -> Array:
        """From coordinates to probabilities as read."""
        settings, outcomes, size = self.design.shape
        p = (r @ self.design.reshape(-1, size).T).reshape(len(r), settings, outcomes)
        return p if self.confusion is None else p @ self.confusion.swapaxes(-1, -2)


@dataclass(frozen=True, kw_only=True, eq=False)
class GaussianLikelihood:
    """-1/2 sum_w ((y_w - <P_w>) / sigma_w)^2: expectation values with standard errors."""

    basis: Array
    design: Array
    """(words, parameters): Tr(P_w B_k)."""
    measured: Array
    """(fits, words) expectation values."""
    stderr: Array
    """(fits, words)."""

    @property
    def weight(self) -> Array:
        """(fits,) as many counts as would give such errors in nine settings."""
        return 9 * (self.stderr**-2.0).mean(axis=1)

    def start(self) -> Array:
        """Linear inversion: least squares."""
        known = self.measured @ np.linalg.pinv(self.design[:, 1:]).T
        return np.concatenate([np.full((len(known), 1), 1 / np.sqrt(self.basis.shape[-1])), known], axis=1)

    def of(self, chosen: Array) -> GaussianLikelihood:
        """The likelihood of some of the data sets."""
        return GaussianLikelihood(
            basis=self.basis, design=self.design, measured=self.measured[chosen], stderr=self.stderr[chosen]
        )

    def value(self, r: Array) -> Array:
        """Log-likelihood."""
        return -0.5 * (((self.measured - r @ self.design.T) / self.stderr) ** 2).sum(axis=1)

    def slopes(self, r: Array) -> tuple[Array, Array]:
        """Gradient and minus the Hessian."""
        precision = self.stderr**-2.0
        gradient = (precision * (self.measured - r @ self.design.T)) @ self.design
        hessian = np.einsum("fw,wj,wk->fjk", precision, self.design, self.design)
        return gradient, hessian

    def gradient(self, r: Array) -> Array:
        """The gradient alone."""
        return self.slopes(r)[0]

    def newton(self, r: Array, tilt: Array | float = 0.0) -> tuple[Array, Array, Array]:
        """Gradient, Newton's step and its reach."""
        gradient, hessian = self.slopes(r)
        gradient, step = gradient + tilt, np.zeros_like(r)
        step[:, 1:] = solved(hessian[:, 1:, 1:], gradient[:, 1:])
        return gradient, step, self.reach(r, step)

    def along(self, r: Array, step: Array) -> Callable[[Array], Array]:
        """The log-likelihood on a line."""
        return lambda share: self.value(r + share[:, None] * step)

    def reach(self, r: Array, step: Array) -> Array:
        """It exists everywhere."""
        return np.full(len(r), np.inf)


@cache
def family_basis(family: str, qubits: int = 2) -> Array:
    """The B_k of a family of states, B_0 = 1/sqrt(d) first.

    Args:
        family: "full" where nothing is assumed, "x-state" or "minimal"; both of these are of two qubits.
        qubits: How many there are.

    Returns:
        Orthonormal Hermitian matrices, (parameters, d, d).

    Examples:
        >>> [len(family_basis(family)) for family in ("full", "x-state", "minimal")]
        [16, 8, 6]
    """
    d = 2**qubits
    if family == "full":
        spanning = [pauli_matrix(word) for word in words(qubits)]
    else:
        twins = CONSERVED if family == "minimal" else {}
        kept = [word for word in X_WORDS if word not in twins]
        other = {twin: sign * pauli_matrix(word) for word, (twin, sign) in twins.items()}
        spanning = [pauli_matrix(word) + other.get(word, 0) for word in kept]
    norms = [np.sqrt(np.trace(m @ m).real) for m in spanning]
    return np.array([np.eye(d) / np.sqrt(d), *(m / norm for m, norm in zip(spanning, norms, strict=True))])


@cache
def outcome_design(bases: tuple[str, ...], family: str) -> Array:
    """Tr(E_so B_k) of every outcome o of every setting s, for the B_k of a family of states.

    Args:
        bases: Settings, such as ("ZZ", "XX"); of a qubit that is not read (I) the bit is 0.
        family: "full" where nothing is assumed, "x-state" or "minimal".

    Returns:
        Shape (settings, outcomes, parameters).

    Examples:
        >>> outcome_design(("Z",), "full").round(3).tolist()[0]
        [[0.707, 0.0, 0.0, 0.707], [0.707, 0.0, 0.0, -0.707]]
    """
    qubits = len(bases[0])
    d, basis = 2**qubits, family_basis(family, qubits)
    bits = outcome_bits(qubits)
    design = np.zeros((len(bases), d, len(basis)))
    for s, setting in enumerate(bases):
        for word in ("I" * qubits, *(w for w in words(qubits) if determines(setting, w))):
            overlap = np.einsum("ij,kji->k", pauli_matrix(word), basis).real
            design[s] += np.outer(parity(bits, word) / d, overlap)
        if "I" in setting:
            design[s] = unread(setting).T @ design[s]
    return design


@cache
def setting_design(bases: tuple[str, ...]) -> tuple[Array, Array, Array]:
    """Basis, design and inversion of the family that settings determine; see `QuasiLikelihood`."""
    family = assumption(bases)[0]
    basis, design = family_basis(family, len(bases[0])), outcome_design(bases, family)
    inversion = np.linalg.pinv(design[:, :, 1:].reshape(-1, len(basis) - 1)).T
    return basis, design, inversion


def word_design(over: Sequence[str], family: str) -> tuple[Array, Array]:
    """Basis and design of expectation values; see `GaussianLikelihood`.

    Args:
        over: The Pauli words that were measured, such as ("ZI", "IZ").
        family: "full" where nothing is assumed, "x-state" or "minimal".

    Returns:
        The B_k, (parameters, d, d), and Tr(P_w B_k) of every word, (words, parameters).

    Examples:
        >>> word_design(["Z"], "full")[1].round(3).tolist()
        [[0.0, 0.0, 0.0, 1.414]]
    """
    basis = family_basis(family, len(over[0]))
    return basis, np.array([np.einsum("ij,kji->k", pauli_matrix(word), basis).real for word in over])
