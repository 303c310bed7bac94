"""One question put to a run, with its answer in numbers; `wording/checks.py` makes the sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analysis.verdict.numbers import finite, numbers_of
from analysis.verdict.tested import CheckFinding, Question, Vanishing
from analysis.verdict.wording.checks import check_in_words, strength_in_words
from protocols.units import GAP

_BARS = (
    Question.MEMBERS,
    Question.SETTINGS,
    Question.SCATTER,
    Question.CALIBRATION,
    Question.ONE_OSCILLATION,
    Question.PASSES,
    Question.READOUT,
    Question.INDEPENDENCE,
    Question.BESIDE,
)
_EXCHANGE = (Question.BALANCE, Question.NUMBER, Question.LEAKAGE, Question.CONSERVATION, Question.ALONE)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question with its answer in numbers."""

    question: Question
    passed: bool | None
    """None where the run cannot tell."""
    finding: CheckFinding
    unit: str = GAP
    """Of energies; not the gap where gaps are unequal."""
    of: str = ""
    """Which copy answers; empty: the whole run."""

    @property
    def name(self) -> str:
        """What the report calls it."""
        return self.question.value

    @property
    def about(self) -> Literal["bars", "exchange", "declared", ""]:
        """What falls with it: the error bars, which rest on this being so; the exchange between the two alone that heat
        is read as, which no error bar covers; or what was declared, where no noise of the device explains it.
        """
        if self.question is Question.IDEAL and isinstance(self.finding, Vanishing):
            if self.finding.context.modelled:
                return ""
            return "declared" if self.finding.far or not self.finding.context.noisy else ""
        return "bars" if self.question in _BARS else "exchange" if self.question in _EXCHANGE else ""

    @property
    def text(self) -> str:
        """One or two sentences with the numbers."""
        text = check_in_words(self.question, self.passed, self.finding, self.unit)
        return f"{self.of}: {text}" if self.of else text

    @property
    def strength(self) -> str:
        """How strongly, in a few words."""
        text = strength_in_words(self.question, self.finding, self.unit)
        return f"{self.of}: {text}" if self.of and text else text

    def as_dict(self) -> dict[str, object]:
        """For verdict.json: the answer and its numbers."""
        other = {} if self.unit == GAP else {"unit": self.unit}
        other |= {"of": self.of} if self.of else {}
        numbers = numbers_of(self.finding, self.finding.kind)
        return {"name": self.name, "passed": finite(self.passed), **other, **numbers}

    @property
    def flag(self) -> str:
        """In one word."""
        return {True: "pass", False: "concern", None: "not tested"}[self.passed]
