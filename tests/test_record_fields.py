"""The fields of an experiment in start.json: what is built of them is the experiment, bit by bit."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import execute, open_device
from devices.record import fields_of
from protocols import compile, load, names
from protocols.heat_exchange import HeatExchange
from protocols.program import build

PRESETS = [(name, preset) for name in names() for preset in (None, *load(name).presets)]
EXACT = open_device("exact")


def assert_same(experiment, again) -> None:
    for reference in ("measured", "nominal"):
        points, rebuilt = experiment.points({}, reference), again.points({}, reference)
        assert list(points.parameters) == list(rebuilt.parameters)
        for name, values in points.parameters.items():
            assert values.tobytes() == rebuilt.parameters[name].tobytes(), name
        assert points.options == rebuilt.options
        assert points.reference.tolist() == rebuilt.reference.tolist()
        assert points.reference_only.tolist() == rebuilt.reference_only.tolist()


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_every_preset_is_built_again_from_its_fields(name: str, preset: str | None) -> None:
    protocol = load(name)
    experiment = build(protocol, protocol.presets[preset].values if preset else {})
    fields = json.loads(json.dumps(fields_of(experiment)))
    assert_same(experiment, build(protocol, fields))


positive = st.floats(1e-3, 1e3)


@given(st.lists(positive, min_size=1, max_size=4, unique=True), positive, st.floats(-10, 10))
def test_numbers_come_back_bit_by_bit(times: list[float], temperature: float, phase: float) -> None:
    experiment = HeatExchange(time=times, T_A=temperature, coupling_phase=phase, gap="4.1357peV")
    again = build(HeatExchange, fields_of(experiment))
    assert_same(experiment, again)
    assert again.gap == "4.1357peV"


def test_a_run_says_its_fields_and_they_make_its_points(tmp_path: Path) -> None:
    experiment = build(load("coherence-reversal"), {"contact": "star", "angle": "0:1:3", "T_B": "1/3"})
    record = execute(compile(experiment, shots=200), EXACT, runs=tmp_path, seed=1)
    fields = record.start["fields"]
    assert fields["contact"] == "star"
    assert fields["angle"] == ["0.0", "0.5", "1.0"]
    again = build(load("coherence-reversal"), fields).points(record.points.options)
    for name, values in record.points.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], values)
