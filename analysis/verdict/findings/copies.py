"""That a verdict is one of a mean over copies, and how much these differ in what it judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class SpreadOfCopies:
    """The judged quantity where it is judged: its mean over the copies, and how much they differ."""

    quantity: str
    subject: str
    axis: str
    at: float
    unit: str
    pooling: str
    """"estimates" of all copies, or their "summed counts"."""
    value: float
    stderr: float
    low: float
    """Lower end of the 95 % interval of the row, in Student's t."""
    high: float
    tau: float
    """Spread between copies beyond their own errors."""
    Q: float
    dof: int
    p: float
    """Chance of at least this Q of copies that are all alike."""
    lowest: float
    """Least mean with any one copy left out."""
    highest: float
    """Greatest mean with any one copy left out."""


@dataclass(frozen=True, kw_only=True)
class OverCopies:
    """Everything that the verdict says is said of the mean of so many copies."""

    kind: ClassVar[str] = "mean of copies"
    number: int
    noun: str
    """"couplers" or "copies"."""
    spread: SpreadOfCopies | None
    """None: nothing that has a spread is judged."""

    @property
    def words(self) -> str:
        """What the mean is of."""
        return f"mean of {self.number} {self.noun}"
