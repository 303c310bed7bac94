"""Linear functions of what was measured with their joint covariance, and whether they vanish as they ought to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.statistics import ALARM, p_value
from analysis.verdict import Check, Context, Missing, NotTested, Question, Vanishing, Worst
from protocols import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Linear:
    """Values with covariance block + U U^T: independent between rows but for what is shared."""

    labels: tuple[str, ...]
    value: Array
    """(rows, labels)."""
    block: Array
    """(rows, labels, labels)."""
    shared: Array
    """(rows, labels, sources): U."""
    places: tuple[str, ...]
    calibrated: bool
    """Whether counts enough make up the variances for a chi-square law."""

    @property
    def size(self) -> int:
        """Values there are."""
        return self.value.size

    def chi_square(self) -> tuple[float, int]:
        """Chi-square against zero, and its degrees of freedom (Woodbury, so that many points stay cheap)."""
        inverse = np.linalg.inv(self.block)
        weighted = np.einsum("rab,rbs->ras", inverse, self.shared)
        plain = float(np.einsum("ra,rab,rb->", self.value, inverse, self.value))
        pull = np.einsum("ra,ras->s", self.value, weighted)
        inner = np.eye(self.shared.shape[-1]) + np.einsum("ras,rat->st", self.shared, weighted)
        return plain - float(pull @ np.linalg.solve(inner, pull)), self.value.size

    def mean(self) -> Linear:
        """The mean over the rows of each label, weighted by the independent part of its variance."""
        precision = 1 / np.einsum("raa->ra", self.block)
        weight = precision / precision.sum(axis=0)
        return Linear(
            labels=self.labels,
            value=(weight * self.value).sum(axis=0, keepdims=True),
            block=np.einsum("ra,rab,rb->ab", weight, self.block, weight)[None],
            shared=np.einsum("ra,ras->as", weight, self.shared)[None],
            places=("",),
            calibrated=self.calibrated,
        )

    def stderr(self) -> Array:
        """Of every value, (rows, labels)."""
        return np.sqrt(np.einsum("raa->ra", self.block) + (self.shared**2).sum(axis=-1))

    def sigma(self) -> Array:
        """Every value in its own standard errors, (rows, labels)."""
        return self.value / self.stderr()

    def worst(self) -> Worst:
        """The value farthest from zero in its own standard errors."""
        stderr = self.stderr()
        row, column = np.unravel_index(np.argmax(np.abs(self.value) / stderr), self.value.shape)
        return Worst(
            label=self.labels[int(column)],
            value=float(self.value[row, column].round(15)) + 0.0,  # no negative zero
            stderr=float(stderr[row, column]),
            where=self.places[int(row)],
        )


def vanishing(question: Question, linear: Linear | None, missing: Missing, context: Context | None = None) -> Check:
    """Whether linear values that ought to vanish do: their chi-square, and where it is worst.

    Args:
        question: What is asked.
        linear: The values; None where they were not measured.
        missing: Why they are not there then.
        context: What the sentence names beside the numbers.
    """
    context = context or Context()
    if linear is None or not linear.size:
        not_tested = NotTested(why=missing, temperatures=context.temperatures)
        return Check(question=question, passed=None, finding=not_tested)
    chi_square, dof = linear.chi_square()
    p = p_value(chi_square, dof)
    found = Vanishing(
        chi_square=chi_square, dof=dof, p=p, calibrated=linear.calibrated, worst=linear.worst(), context=context
    )
    return Check(question=question, passed=p >= ALARM, finding=found)
