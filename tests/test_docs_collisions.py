"""The page about the collision layer: its example runs as printed, gives the numbers printed, and passes the tests."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from circuit_probabilities import outcome_probabilities_of
from conftest import Call, slow
from planted_protocols import forget, plant
from predictions import read_off
from protocol_conformance import complaints, small

from analysis import predict
from protocols import collisions, load
from protocols.collisions.gates import KINDS
from protocols.program import Parameter

PAGE = Path(__file__).parent.parent / "docs" / "collisions.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
EXAMPLE = next(block for block in BLOCKS if block.startswith('"""my-protocol'))
FEEDBACK = next(block for block in BLOCKS if "Feedback(wire=" in block)
HISTORIES = next(block for block in BLOCKS if block.startswith("def histories"))


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type]:
    plant(monkeypatch, tmp_path, "my-protocol", EXAMPLE)
    yield load("my-protocol")
    monkeypatch.undo()
    forget("my-protocol")


def test_the_example_gives_the_numbers_of_the_page_and_of_its_formula(example):
    table = predict(example(), {"control": "none"})
    found = read_off(table, "population", "target")
    p = 1 / (1 + np.exp(2))
    np.testing.assert_allclose(found, p + (0.4 - p) * np.cos(0.5) ** (2 * np.arange(4)), atol=1e-12)
    heat = read_off(table, "heat", "bath")
    np.testing.assert_allclose(heat, 0.4 - found, atol=1e-12)
    np.testing.assert_allclose(read_off(table, "population", "target", "none"), 0.4, atol=1e-12)
    printed = re.search(r"population ([\d., ]+); heat bath ([\d.]+) after one", PAGE.read_text())
    assert printed is not None
    assert [float(x) for x in printed[1].split(", ")] == pytest.approx(found.tolist(), abs=1e-6)
    assert float(printed[2]) == pytest.approx(heat[1], abs=1e-6)


def test_the_example_has_no_complaint_and_its_circuits_are_its_theory(example):
    assert complaints("my-protocol") == []
    assert small("my-protocol")["collisions"].tolist() == [0, 1, 2, 3]
    experiment = example(collisions=2)
    for preparation in collisions.PREPARATIONS:
        points = experiment.points({"preparation": preparation, "control": "none", "batches": "2"})
        setting = experiment.settings(points, ("Z",))[-1]
        own = points.at(np.flatnonzero(experiment.applies(setting, points)))
        column = {name: float(values[0]) for name, values in experiment.angles(setting, own).items()}
        found = outcome_probabilities_of(experiment.template(setting), column)
        np.testing.assert_allclose(found, experiment.exact(setting, own)[0], atol=1e-12)


@pytest.mark.parametrize("device", ["exact", slow("aer:fake_fez")])
def test_the_commands_of_the_page_run(example, call: Call, tmp_path: Path, device: str):
    assert "my-protocol: parameters" in call("list").out
    said = call("run", "my-protocol", "--device", device, "--shots", 2000, "--seed", 1, "--control", "none",
                "--runs", tmp_path / "runs")  # fmt: skip
    assert said.status == 0, said.err
    assert "the bath cools the target: population target = 0.2" in said.out
    assert re.search(r"control arm none: .* not below the limit and .* above the main arm", said.out)
    table = pd.read_csv(said.run / "derived" / "table.csv")
    assert {"population", "heat", "population_limit"} <= set(table["observable"])


@pytest.mark.parametrize("supply", ["fresh", "reset"])
@pytest.mark.parametrize("preparation", ["ensemble", "measured", "purified"])
def test_the_joint_outcomes_of_the_page_are_those_of_a_partial_swap(monkeypatch, tmp_path, preparation, supply):
    line = re.search(r"`(drawn\(\"flips\".*?resolved=\.\.\.\))`", PAGE.read_text(), re.DOTALL)
    assert line is not None
    added = " ".join(line[1].split()).replace("resolved=...", 'resolved=columns(points, "bath", 1)')
    text = EXAMPLE.replace("import Collisions,", "import Collisions, columns, members_per_start,")
    text = text.replace("Sample, linear", "Sample, drawn, linear")
    text = text.replace(
        '            theory("population_limit"', f'            {added},\n            theory("population_limit"'
    )
    plant(monkeypatch, tmp_path, "my-protocol", text + "\n\n" + HISTORIES)
    try:
        table = predict(load("my-protocol")(collisions=[0, 1]), {"preparation": preparation, "ancillas": supply})
        p = 1 / (1 + np.exp(2))
        # from the ground state the target ends excited where the ancilla was and the swap happened
        assert read_off(table, "flips", "target") == pytest.approx([0, 0.6 * p * np.sin(0.5) ** 2], abs=1e-12)
    finally:
        monkeypatch.undo()
        forget("my-protocol")


def test_the_tables_name_what_there_is():
    """Every word that a class, a parameter, a step, a gate, an observable or a goal may have is on the page."""
    text = PAGE.read_text()
    own = {name for name, value in vars(collisions.Collisions).items() if not name.startswith("_")}
    inherited = {"points", "needs", "state", "registers", "reference_state", "reference_registers", "exact"}
    inherited |= {"frequency", "extrema", "settings", "applies", "template", "angles", "weights"}
    for name in own - inherited:
        assert f"`{name}" in text or f"{name}(" in text, name
    for name in set(KINDS) - {"exchange_if_0", "exchange_if_1", "pairs_if_0", "pairs_if_1", "cry", "crz"}:
        assert name in text, name
    for name in set(Parameter.__dataclass_fields__) - {"name"}:
        assert name in text, name
    for name in ("Thermal", "Dephase", "Renew", "Feedback", *collisions.PREPARATIONS, "fresh", "reset"):
        assert f"`{name}" in text, name
    for name in collisions.__dict__:
        if callable(getattr(collisions, name)) and not name.startswith("_") and name not in INSIDE:
            assert f"{name}" in text, name


INSIDE = {"batches", "flips", "probability", "act"}
"""Of the layer's face what its own tests and other rooms use, and no protocol."""


def test_the_feedback_of_the_page_leaves_the_target_excited_where_the_record_is_wrong(example):
    said: dict[str, object] = {}
    exec(textwrap.dedent(FEEDBACK), vars(collisions) | vars(collisions.ancillas), said)
    demon = type(
        "MyProtocol",
        (example,),
        {
            "__module__": example.__module__,
            **said,
            "observables": staticmethod(lambda points: ()),
            "goal": staticmethod(lambda points: None),
        },
    )
    for form in collisions.FEEDBACKS:
        points = demon(collisions=1).points({"feedback": form, "ancillas": "reset", "control": "none"})
        excited = demon(collisions=1).state(points)[points.parameters["collisions"] == 1, 1, 1].real
        assert excited == pytest.approx(1 / (1 + np.exp(2)), abs=1e-12)
        settings = demon(collisions=1).settings(points, ("Z",))
        read = collisions.acting_columns(points, "memory", 1)
        assert {*read} <= {outcome.column for setting in settings for outcome in setting.outcomes}
