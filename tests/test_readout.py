"""Readout calibration: labels in another order are refused, and two patterns stand for independent errors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_imports_ancillas import counts as counts  # a fixture
from test_imports_ancillas import refused

from analysis import analyse
from analysis.data.counts import tabulate
from devices import RunError
from devices.imports import import_file
from devices.readout import completed, misread, read_as_written
from protocols import RequestError
from protocols.pauli import outcome_probabilities, parse_bases

FLIPS = {"A": (0.02, 0.05), "B": (0.03, 0.08)}
"""P(1 | 0) and P(0 | 1) of each qubit."""
ONE = {name: np.array([[1 - up, down], [up, 1 - down]]) for name, (up, down) in FLIPS.items()}
CONFUSION = np.kron(ONE["A"], ONE["B"])
"""P(read | true) of independent errors."""
STATE = np.zeros((4, 4))
STATE[np.ix_((0, 3), (0, 3))] = 0.5


def file(labels: Sequence[str], patterns: Sequence[str], shots: int = 20000) -> str:
    """A Bell state read with these errors, and calibration whose patterns are written as `labels`."""
    lines = ["basis,prepared,A,B,count"]
    for basis in parse_bases("full", 2):
        read = np.rint(shots * CONFUSION @ outcome_probabilities(STATE, basis)).astype(int)
        lines += [f"{basis},,{k >> 1},{k & 1},{n}" for k, n in enumerate(read)]
    for label, pattern in zip(labels, patterns, strict=True):
        read = np.rint(shots * CONFUSION[:, int(pattern, 2)]).astype(int)
        lines += [f"cal,{label},{k >> 1},{k & 1},{n}" for k, n in enumerate(read)]
    return "\n".join(lines) + "\n"


ALL = ["00", "01", "10", "11"]
TWICE_INVERTED = [f"{3 - int(label[::-1], 2):02b}" for label in ALL]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([label[::-1] for label in ALL], "in the other order (Qiskit's labels are last qubit first): character 2 is A"),
        (ALL[::-1], "0 and 1 are exchanged between `prepared` and the bits"),
        (TWICE_INVERTED, "character 2 is A, character 1 is B, and 0 and 1 are exchanged"),
        (["00", "11", "01", "10"], "name the state that was prepared on A, B, in this order"),
    ],
)
def test_labels_that_are_not_what_was_read_are_refused_with_the_order_that_fits(
    tmp_path: Path, labels: list[str], said: str
) -> None:
    path = tmp_path / "cal.csv"
    path.write_text(file(labels, ALL))
    with pytest.raises(RequestError) as refusal:
        import_file(path, runs=tmp_path / "runs")
    assert said in str(refusal.value)
    assert "read as" in str(refusal.value)
    assert "drop" not in str(refusal.value)
    assert not (tmp_path / "runs").exists()


def test_both_repairs_of_a_calibration_in_the_other_order_lead_to_the_same_state(tmp_path: Path) -> None:
    text = file([label[::-1] for label in ALL], ALL)
    (tmp_path / "bits.csv").write_text(text.replace("A,B", "B,A", 1))  # a Bell state looks the same from both sides
    (tmp_path / "labels.csv").write_text(file(ALL, ALL))
    for name in ("bits.csv", "labels.csv"):
        table = analyse(import_file(tmp_path / name, runs=tmp_path / "runs"), draws=2).table
        found = table.set_index(["observable", "subject"])["value"]
        assert found["concurrence", "AB"] == pytest.approx(1, abs=1e-3)


def test_inverted_bits_with_inverted_labels_are_in_order(tmp_path: Path) -> None:
    lines = file(ALL, ALL).splitlines()
    rows = [line.split(",") for line in lines[1:]]
    turned = [
        ",".join([basis, label.translate(str.maketrans("01", "10")), str(1 - int(a)), str(1 - int(b)), count])
        for basis, label, a, b, count in rows
    ]
    (tmp_path / "cal.csv").write_text("\n".join([lines[0], *turned]) + "\n")
    (tmp_path / "plain.csv").write_text(file(ALL, ALL))
    inverted = import_file(tmp_path / "cal.csv", ground="1", runs=tmp_path / "a").path
    plain = import_file(tmp_path / "plain.csv", runs=tmp_path / "b").path
    assert (inverted / "counts.csv").read_bytes() == (plain / "counts.csv").read_bytes()


def test_two_patterns_stand_for_all_where_errors_are_independent(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text(file(["00", "11"], ["00", "11"]))
    record = import_file(path, runs=tmp_path / "runs")
    assert any("prepared 00, 11 only: readout errors are taken as independent" in n for n in record.start["notes"])
    table = analyse(record, draws=2).table.set_index(["observable", "subject"])["value"]
    assert table["concurrence", "AB"] == pytest.approx(1, abs=1e-3)
    one_sided = file(["00", "01"], ["00", "01"])
    path.write_text(one_sided)
    with pytest.raises(RequestError, match="must prepare A as 0 and as 1"):
        import_file(path, runs=tmp_path / "none")


def test_rates_of_two_patterns_are_no_more_certain_than_their_shots() -> None:
    shots = 1000
    table = np.zeros((4, 4), dtype=np.int64)
    table[[0, 3]] = np.rint(shots * CONFUSION[:, [0, 3]].T)
    whole = completed(table)
    assert np.allclose((whole / whole.sum(axis=1, keepdims=True)).T, CONFUSION, atol=2e-3)
    assert np.allclose(whole.sum(axis=1), shots / 2)
    # rates of A from the patterns that share its state: their errors add up to that of all its shots
    assert whole[:2].sum() == pytest.approx(shots)
    full = np.rint(shots * CONFUSION.T).astype(np.int64)
    assert completed(full) is full


def test_every_order_of_three_wires_is_recognised() -> None:
    patterns = read_as_written(["".join(bits) for bits in itertools.product("01", repeat=3)])
    count = np.full(8, 100.0)
    assert misread(patterns, patterns, count, 2) is None
    for order in list(itertools.permutations(range(3)))[1:]:
        found = misread(patterns, patterns[:, order], count, 2)
        assert found is not None
        assert found.order == order
        assert not found.inverted
    assert misread(patterns, 1 - patterns, count, 2).inverted  # type: ignore[union-attr]


def test_labels_of_ancillas_in_the_other_order_are_refused(counts: pd.DataFrame, tmp_path: Path) -> None:
    said = refused(
        counts,
        tmp_path,
        lambda rows: rows.assign(prepared=[p[1] + p[0] + p[2] if isinstance(p, str) else p for p in rows["prepared"]]),
    )
    assert "`prepared`" in said
    assert "was read as" in said


def test_a_run_whose_bits_came_in_the_other_order_is_not_corrected_into_another_one() -> None:
    columns = ["time", "arm", "copy", "pass", "role", "member", "weight", "basis", "prepared", "A", "B", "count"]
    measured = [
        (0.0, "main", 0, 0, "point", 0, 1.0, "ZZ", "", 0, 1, 60),
        (0.0, "main", 0, 0, "point", 0, 1.0, "ZZ", "", 0, 0, 40),
    ]
    read = [(np.nan, "main", 0, 0, "calibration", 0, 1.0, "cal", p, int(p[1]), int(p[0]), 90) for p in ALL]
    rows = pd.DataFrame([*measured, *read], columns=columns)
    asked = {"qubits": ("A", "B"), "bases": ("ZZ",), "arms": ("main",), "parameters": {"time": np.array([0.0])}}
    with pytest.raises(RunError, match=r"01 was read as 10 in 100%.* bits in the other order .*raw/"):
        tabulate(rows, **asked)
    right = rows.assign(prepared=[p[::-1] for p in rows["prepared"]])
    assert np.array_equal(tabulate(right, **asked).calibration, 90 * np.eye(4))
