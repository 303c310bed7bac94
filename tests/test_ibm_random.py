"""Cases over request, fault, killed or not: each result stored once, nothing unknown, open or told.

By default every kind of request once, in this process. Slow: sixty drawn cases in processes of their own, half of them
killed. The full product is `benchmarks/ibm_faults.py`; its last table is docs/ibm-faults.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_ibm import LocalPlatform
from ibm_cases import KINDS, Case, carry_out, carry_out_here, drawn

SEED = 20261121
ROWS: dict[str, str] = {
    "iam": "503 once", "search": "empty", "catalog": "404", "backends": "cut", "configuration": "HTML",
    "properties": "dropped", "backend-status": "cut, length consistent", "usage": "401",
    "submit": "done, then dropped", "list-jobs": "500 once", "job": "HTML", "results": "cut, length consistent",
    "metrics": "404", "open-session": "done, then dropped", "session": "404", "close-session": "dropped",
    "cancel": "done, then 500",
}  # fmt: skip
"""One fault for each row of docs/ibm-faults.md; together most of its columns."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_request_may_go_wrong(platform: LocalPlatform, tmp_path: Path, kind: str) -> None:
    ending = carry_out_here(Case(kind, ROWS[kind], killed=False), platform, tmp_path / "runs")
    assert ending.jobs - ending.cancelled == (0 if kind == "cancel" else 2)


@pytest.mark.slow
@pytest.mark.parametrize("case", drawn(SEED, 60), ids=str)
def test_whatever_goes_wrong_every_result_is_there_once(case: Case, tmp_path: Path) -> None:
    ending = carry_out(case, tmp_path)
    assert ending.jobs - ending.cancelled == (0 if case.kind == "cancel" else 2)
