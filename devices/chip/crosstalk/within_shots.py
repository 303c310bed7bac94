r"""How bits of different copies go together within a shot: sums over the shots of circuits that hold many copies.

Copies that do not talk give independent bits, whatever each of them does. Of N shots of one executed row, with the
bits x_i of a column around their mean there,

    C_ij = sum over shots of x_i x_j

has the mean 0 if they are independent, and given both means its moments are those of a random permutation, exactly
(Pitman, J. R. Stat. Soc. Suppl. 4, 225 (1937)): with S_k = sum x^k and Fisher's k-statistics k_2 and k_4 of a column,

    kappa_2 = S_2i S_2j/(N - 1)
    kappa_3 = N S_3i S_3j/((N - 1)(N - 2))
    kappa_4 = 3 S_2i^2 S_2j^2/(N^2 - 1) (1 + (N - 2)(N - 3)/(3 N (N - 1)^2) k_4i/k_2i^2 k_4j/k_2j^2) - 3 kappa_2^2

Bits of one copy depend on each other, and covariances of two copies a and b with them: with S_ik = sum x_i x_k,

    Cov(C_ij, C_kl) = S_ik S_jl/(N - 1),   i, k of a and j, l of b

Rows have different means and are never pooled: what is kept is the sum over rows of C and of its cumulants, a few
numbers a pair of columns, whatever the number of shots. What was prepared for calibration is known bit by bit: x is
then whether a bit was misread, so that rows of all patterns add up, and the number of ones of each row is kept as well,
which tells whether the readout of a bit depends on those beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from protocols import Array

FEWEST = 4
"""Shots of a row, for a fourth cumulant to exist."""
MOST_BITS = 6
"""Of a copy, up to which covariances of covariances are kept: their number is the fourth power of that."""
CHUNK = 2**16
"""Shots whose bits are numbers at the same time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WithinShots:
    """Sums over all executed rows, measured ones (0) and calibration (1); a column is a bit of a copy."""

    shots: Array
    """(2,) executions that were summed."""
    covariance: Array
    """(2, columns, columns) C, summed over rows. Column c B + b is bit b of copy c, where a copy has B bits."""
    variance: Array
    """(2, columns, columns) kappa_2 of it."""
    third: Array
    """(2, columns, columns) kappa_3."""
    fourth: Array
    """(2, columns, columns) kappa_4."""
    joint: Array
    """(2, copies B^2, copies B^2) Cov(C_ij, C_kl) of bits i, k of copy a and j, l of copy b, at (a, i, k), (b, j, l);
    nothing in it where a copy has more than `MOST_BITS` bits."""
    prepared: Array
    """(rows, columns) bits prepared in each executed calibration row; -1 where none was."""
    ones: Array
    """(rows, columns) how often each was read as 1."""
    executed: Array
    """(rows,) shots."""
    round: Array
    """(rows,) calibration: 0 before the measurement, 1 after it."""

    @classmethod
    def none(cls, copies: int, bits: int) -> WithinShots:
        """Sums over nothing.

        Args:
            copies: On the chip.
            bits: Columns of one copy.
        """
        columns = copies * bits
        square = np.zeros((2, columns, columns))
        wide = copies * bits**2 if bits <= MOST_BITS else 0
        table = np.zeros((0, columns), dtype=np.int64)
        line = np.zeros(0, dtype=np.int64)
        return cls(
            shots=np.zeros(2, dtype=np.int64),
            covariance=square,
            variance=square,
            third=square,
            fourth=square,
            joint=np.zeros((2, wide, wide)),
            prepared=table,
            ones=table,
            executed=line,
            round=line,
        )

    def __add__(self, other: WithinShots) -> WithinShots:
        """Sums over the rows of both."""
        added = {name: getattr(self, name) + getattr(other, name) for name in _SUMMED}
        listed = {name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _LISTED}
        return WithinShots(**added, **listed)

    def with_rows(self, bits: Array, columns: Array) -> WithinShots:
        """With executed rows of the measurement.

        Args:
            bits: (rows, shots, read) of 0 and 1; the shots of a row are of one circuit with one set of angles.
            columns: (read,) which columns they are.
        """
        return self._with(0, bits, columns)

    def with_calibration(self, bits: Array, columns: Array, prepared: Array, rounds: Array) -> WithinShots:
        """With executed rows of the calibration.

        Args:
            bits: (rows, shots, read).
            columns: (read,).
            prepared: (rows, read) the bits that were prepared.
            rounds: (rows,) 0 before the measurement, 1 after it.
        """
        summed = self._with(1, bits ^ prepared[:, None].astype(bits.dtype), columns)
        shape = len(bits), self.covariance.shape[-1]
        wanted, ones = np.full(shape, -1, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        wanted[:, columns] = prepared
        ones[:, columns] = bits.sum(axis=1, dtype=np.int64)
        return replace(
            summed,
            prepared=np.concatenate([self.prepared, wanted]),
            ones=np.concatenate([self.ones, ones]),
            executed=np.concatenate([self.executed, np.full(len(bits), bits.shape[1])]),
            round=np.concatenate([self.round, rounds]),
        )

    def _with(self, kind: int, bits: Array, columns: Array) -> WithinShots:
        if bits.shape[1] < FEWEST:  # they say nothing of covariances
            return self
        found = {}
        for name, own in _cumulants(bits).items():
            total = getattr(self, name).copy()
            total[(kind, *np.ix_(columns, columns))] += own
            found[name] = total
        if self.joint.size:
            total = self.joint.copy()
            total[kind] += self._joint(bits, columns)
            found["joint"] = total
        shots = self.shots.copy()
        shots[kind] += bits.shape[0] * bits.shape[1]
        return replace(self, shots=shots, **found)

    def _joint(self, bits: Array, columns: Array) -> Array:
        """S_ik of every copy in every row, times those of every other."""
        own = self.joint.shape[-1] // self.covariance.shape[-1]  # bits of a copy
        copies = self.covariance.shape[-1] // own
        within = np.zeros((len(bits), copies, own, own))
        for copy in range(copies):
            there = np.flatnonzero(columns // own == copy)
            x = bits[..., there] - bits[..., there].mean(axis=1, keepdims=True)
            at = columns[there] % own
            within[:, copy, at[:, None], at] = x.transpose(0, 2, 1) @ x
        flat = within.reshape(len(bits), -1)
        return flat.T @ flat / (bits.shape[1] - 1)

    def arrays(self) -> dict[str, Array]:
        """By name, as they are stored."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


_SUMMED = ("shots", "covariance", "variance", "third", "fourth", "joint")
_LISTED = ("prepared", "ones", "executed", "round")


def _cumulants(bits: Array) -> dict[str, Array]:
    """C of every two columns of bits, and the cumulants that it has if they are independent, summed over rows."""
    number = float(bits.shape[1])
    p = bits.mean(axis=1, dtype=float)
    flat = bits.reshape(-1, bits.shape[-1])
    together = np.zeros((bits.shape[-1],) * 2)
    for first in range(0, len(flat), CHUNK):
        part = flat[first : first + CHUNK].astype(np.float32)  # sums of up to 2^16 ones are exact
        together += part.T @ part
    v = p * (1 - p)
    s2, s3, s4 = number * v, number * v * (1 - 2 * p), number * v * (1 - 3 * v)
    k2 = s2 / (number - 1)
    k4 = number * ((number + 1) * s4 - 3 * (number - 1) / number * s2**2)
    k4 = k4 / ((number - 1) * (number - 2) * (number - 3))
    excess = np.divide(k4, k2**2, out=np.zeros_like(p), where=k2 > 0)
    square, share = s2**2, (number - 2) * (number - 3) / (3 * number * (number - 1) ** 2)
    fourth = 3 / (number**2 - 1) * (square.T @ square + share * ((square * excess).T @ (square * excess)))
    return {
        "covariance": together - number * (p.T @ p),
        "variance": s2.T @ s2 / (number - 1),
        "third": number * (s3.T @ s3) / ((number - 1) * (number - 2)),
        "fourth": fourth - 3 / (number - 1) ** 2 * (square.T @ square),
    }
