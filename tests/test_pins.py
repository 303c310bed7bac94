"""Cheap runs leave the bytes that are pinned for this platform: a guard against accidental change, not physics."""

from __future__ import annotations

import json
from pathlib import Path

import pins
import pytest


@pytest.mark.slow
def test_cheap_runs_leave_the_bytes_that_are_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)  # the pins are those of a plain call
    known = json.loads(pins.PINS.read_text())
    if pins.key() not in known:
        pytest.skip(f"no pins for {pins.key()}")
    assert not pins.differences(pins.produced(tmp_path), known[pins.key()])
