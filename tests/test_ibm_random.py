"""Sixty cases drawn over request, fault, killed or not: each result stored once, nothing unknown, open or told.

The full product is `benchmarks/ibm_faults.py`; its last table is docs/ibm-faults.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ibm_cases import FAULTS, KINDS, Case, carry_out, drawn

SEED = 20261121
CASES = drawn(SEED, 60)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_whatever_goes_wrong_every_result_is_there_once(case: Case, tmp_path: Path) -> None:
    ending = carry_out(case, tmp_path)
    assert ending.jobs - ending.cancelled == (0 if case.kind == "cancel" else 2)


def test_the_cases_hit_every_kind_of_request_and_most_faults() -> None:
    assert {case.kind for case in CASES} == set(KINDS)
    assert len({case.fault for case in CASES}) > len(FAULTS) * 0.8
    assert 15 < sum(case.killed for case in CASES) < 45
