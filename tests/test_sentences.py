"""The page of sentences: it is what the code says, nothing is missing from it, and nothing on it is empty."""

import re
import typing

import pytest
import sentences

from analysis.verdict import Kind, Question
from analysis.verdict import findings as f

SAID = [(when, text) for _, made in sentences.SECTIONS.values() for when, text in made()]


def test_the_page_is_what_the_code_says():
    """`uv run python tests/sentences.py` writes it."""
    assert sentences.PAGE.read_text() == sentences.page()


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_verdict_has_a_headline(kind):
    assert any(when.startswith(kind.value) for when, _ in sentences.headlines())


@pytest.mark.parametrize("finding", typing.get_args(f.Finding), ids=lambda one: one.__name__)
def test_every_finding_has_a_sentence(finding):
    names = {"InvertedLabels": "inverted labels", "GoalOfControl": "control of a goal", "HeatOfControl": "control"}
    wanted = names.get(finding.__name__, finding.kind)
    assert any(when.split(";")[0] == wanted for when, _ in sentences.beside())


@pytest.mark.parametrize("question", Question)
def test_every_check_passes_and_fails_on_the_page(question):
    said = [when for when, _ in sentences.checks()]
    for flag in ("pass", "concern"):
        assert any(when.startswith(f"{question.value}: {flag}") for when in said)


def test_no_sentence_is_vacuous():
    """No significance of nothing, no limit that every state keeps, no negative zero, no value without its error."""
    nothing = (r"\b0\.0 sigma", r"(concurrence|discord) \w+ < 1(\.0*)? at", r"(?<![\d.e])-0(\.0+)?\b(?![.\d])")
    for when, text in SAID:
        for bad in (*nothing, "without an error", "nan"):
            assert not re.search(bad, text), (when, text)
        assert text == text.strip()
        assert text


def test_a_significance_after_a_value_is_that_value_over_its_error():
    """Of every "value +- error ... (z sigma)" on the page, to the digits that are printed."""
    pattern = r"(-?[\d.]+) \+- ([\d.]+)(?: gap)?(?: at time = [\d.]+)? \(([\d.]+) sigma\)"
    found = [match for _, text in SAID for match in re.finditer(pattern, text)]
    assert len(found) > 15
    for match in found:
        value, error, z = (float(one) for one in match.groups())
        half = 0.5 * 10 ** -len(match[2].partition(".")[2])
        assert (abs(value) - half) / (error + half) - 0.05 <= z <= (abs(value) + half) / (error - half) + 0.05, match[0]
