"""One question put to a run, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question put to a run."""

    name: str
    passed: bool | None
    """None where the run cannot tell."""
    text: str
    """One or two sentences with the numbers."""
    about: Literal["bars", "exchange", ""] = ""
    """What falls with it: the error bars, which rest on this being so; or the exchange between the two alone that
    heat is read as, which no error bar covers."""
    strength: str = ""
    """How strongly, in a few words."""

    @property
    def flag(self) -> str:
        """In one word."""
        return {True: "pass", False: "concern", None: "not tested"}[self.passed]


def said(p: float) -> str:
    """A p-value in words: "= 0.05".

    Examples:
        >>> said(0.0512), said(1e-9)
        ('= 0.051', '< 0.0001')
    """
    return f"= {p:.2g}" if p >= 1e-4 else "< 0.0001"
