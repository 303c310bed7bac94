"""Exact values of a sweep computed in chunks are those of the sweep computed at once, in the same order."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis import prediction
from protocols import Points, load
from protocols.program import build

CHEAP = ("heat-exchange", "heat-pump", "coherence-reversal")
OTHERS = ("chain-exchange", "chain-revival", "cooling-floor", "heat-bridge", "ladder-cooling")
MACHINES = ("landauer-erasure", "maxwell-demon", "open-exchange", "quantum-battery", "two-stroke-engine")
SWEEPS = {
    "coherence-reversal": {"T_S": "0.5:2:5"},
    "ladder-cooling": {"T": "0.5:1:5"},
    "landauer-erasure": {"T": "0.5:1:5"},
    "maxwell-demon": {"T": "0.5:1:5"},
    "two-stroke-engine": {"T_c": "0.3:0.5:5"},
}


def compared(monkeypatch, name, control):
    experiment = build(load(name), SWEEPS.get(name, {}))
    whole = prediction.predict(experiment, {"control": control})
    monkeypatch.setattr(prediction, "MOST_POINTS", 3)
    asked = prediction.prediction_of(experiment, {"control": control})
    parts = list(prediction.predicted_parts(asked))
    assert len(parts) == asked.parts > 1
    # spectra of many states have closed forms, those of few have not
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CHEAP)
def test_parts_follow_each_other_as_the_table_does_arm_by_arm(monkeypatch, name):
    compared(monkeypatch, name, "none,dephased")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*OTHERS, *MACHINES])
def test_parts_are_those_of_the_table_in_every_protocol(monkeypatch, name):
    compared(monkeypatch, name, "none,dephased")


def test_chunks_hold_every_point_once_and_are_never_small():
    asked = prediction.prediction_of(build(load("heat-exchange"), {"time": "0:5:4097"}), {})
    assert [point for own in asked.ranges for point in own] == list(range(4097))
    assert [len(own) for own in asked.ranges] == [1365, 1366, 1366]


def test_points_that_are_compared_with_others_stay_together():
    asked = prediction.prediction_of(build(load("heat-exchange"), {"time": "0:5:4097"}), {})
    points = Points(
        parameters=asked.points.parameters,
        options=asked.points.options,
        reference=np.zeros(4097, dtype=int),
        reference_only=asked.points.reference_only,
    )
    together = replace(asked, points=points)
    assert together.ranges == (range(4097),)


def test_a_long_sweep_is_short_on_a_terminal_and_whole_in_its_file(monkeypatch, tmp_path, capsys):
    from hotward.commands import prediction as command

    whole = prediction.predict(build(load("cooling-floor"), {"angle": "0.1:1:100"}), {})
    monkeypatch.setattr(prediction, "MOST_POINTS", 50)
    asked = prediction.prediction_of(build(load("cooling-floor"), {"angle": "0.1:1:100"}), {})
    command._print_pivot(prediction.predicted_parts(asked), len(asked.points), asked.experiment, asked.swept)
    told = capsys.readouterr().out.splitlines()
    assert f"all {len(whole)} rows" in told[0]
    assert "560 of 600 points between the first and the last 20 are left out" in told[0]
    assert len(told) == 2 + 41
    assert [*command._kept_in(tmp_path / "all.csv", prediction.predicted_parts(asked))]
    assert (tmp_path / "all.csv").read_text() == whole.to_csv(index=False, lineterminator="\n")


def test_a_file_that_was_there_is_left_as_it_was_by_a_command_that_ends_early(tmp_path):
    from hotward.commands import prediction as command

    (tmp_path / "all.csv").write_text("of yesterday")
    parts = command._kept_in(tmp_path / "all.csv", iter([pd.DataFrame({"point": [0]}), pd.DataFrame({"point": [1]})]))
    next(parts)
    parts.close()
    assert [path.name for path in tmp_path.iterdir()] == ["all.csv"]
    assert (tmp_path / "all.csv").read_text() == "of yesterday"
