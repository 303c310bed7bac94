"""The campaign itself: how many cases it has, that a seed decides all of them, and a few of them in the fast tier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from foreign_campaign import DEFAULT_SEED, FAMILIES, Case, campaign_seed
from foreign_proxy import Strike
from foreign_replies import PAYLOADS, every_job
from foreign_stage import Stage, staged
from foreign_wire import cut, edited, redirected
from test_foreign_hardware import LISTS, TOKENS
from test_foreign_runs import CELLS, PLANTED, STREAMS, WHOLE

FEWEST = 300


@pytest.fixture
def stage(platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    yield from staged(platform, call, tmp_path, monkeypatch)


def test_the_campaign_is_as_large_as_it_was() -> None:
    assert sum(FAMILIES.values()) >= FEWEST
    assert FAMILIES["csv"] == len(CELLS) + len(WHOLE)
    assert FAMILIES["planted"] == len(PLANTED)
    assert FAMILIES["streams"] == len(STREAMS)
    assert FAMILIES["payload"] >= len(PAYLOADS)
    assert FAMILIES["list"] >= len(LISTS)
    assert FAMILIES["token"] == len(TOKENS)


def test_a_seed_decides_every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(seed: int) -> list[tuple[float, str]]:
        every = [Case(family, number, seed) for family, most in FAMILIES.items() for number in range(most)]
        return [(case.random.random(), case.pick("abcdefgh")) for case in every]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert len({draw for draw, _ in drawn(1)}) == sum(FAMILIES.values()), "two cases draw the same"
    monkeypatch.setenv("HOTWARD_CAMPAIGN_SEED", "12")
    assert campaign_seed() == 12
    monkeypatch.delenv("HOTWARD_CAMPAIGN_SEED")
    assert campaign_seed() == DEFAULT_SEED


def test_every_kind_comes_before_any_comes_again() -> None:
    kinds = [Case("cut", number, 3).pick("abcdef") for number in range(12)]
    assert sorted(kinds[:6]) == sorted(kinds[6:]) == [*"abcdef"]


def test_a_list_a_result_and_a_redirect_that_are_struck(stage: Stage) -> None:
    """The line, the platform and the key in one: the campaign's own cases are in the slow tier."""
    random = np.random.default_rng(5)
    stage.arm(
        Strike(act=edited(every_job(stage.platform)), kind="list-jobs", skip=1, times=2),
        Strike(act=edited(PAYLOADS["some NaN"]), kind="results"),
        Strike(act=redirected(307, stage.portal.origin), kind="iam"),
        Strike(act=cut(random.random(), reset=True), kind="submit"),
    )
    stage.to_the_end()
    assert all(strike.hits for strike in stage.strikes)
