"""Estimates as arrays: found by name, arm and point, split by parameters, and written as the table they stand for."""

import numpy as np
from made_estimates import estimates_of, sweep_of

from analysis.estimate_arrays import Selection, split
from analysis.figures import matched
from analysis.table import tidy
from protocols import Points

NAN = float("nan")


def two_arms():
    heat = {"value": [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], "stderr": 0.1, "ideal": [[0.0, 1.1, 2.2], [NAN, NAN, NAN]]}
    energy = {"value": [[NAN, 7.0, 8.0], [9.0, 10.0, 11.0]], "unit": "gap"}
    quantities = {("energy", "A"): energy, ("heat", "A"): heat}
    return estimates_of("time", [0.0, 5.0, 2.0], quantities, arms=("main", "none"))


def test_a_series_is_one_quantity_in_one_arm_at_the_points_asked_for():
    found = two_arms().series("heat", "A", "none", "time", np.array([2, 0]))
    assert found.point.tolist() == [2, 0]
    assert found.x.tolist() == [2.0, 0.0]
    assert found.value.tolist() == [5.0, 3.0]
    assert found.at(found.x > 1).value.tolist() == [5.0]


def test_what_is_not_there_has_no_points():
    estimates = two_arms()
    every = np.arange(3)
    assert len(estimates.series("entropy", "A", "main", "time", every)) == 0
    assert len(estimates.series("heat", "B", "main", "time", every)) == 0
    assert len(estimates.series("heat", "A", "dephased", "time", every)) == 0
    assert len(estimates.only([]).series("heat", "A", "main", "time", every)) == 0


def test_a_sweep_with_one_arm_has_it_under_any_name():
    alone = estimates_of("time", [0.0, 1.0], {("heat", "A"): {"value": [1.0, 2.0]}}, arms=("measured",))
    assert alone.series("heat", "A", "main", "time", np.arange(2)).value.tolist() == [1.0, 2.0]


def test_parts_of_a_sweep_come_in_rising_order_without_points_that_are_nowhere():
    parameters = {"T": np.array([2.0, 1.0, NAN, 2.0]), "time": np.arange(4.0)}
    points = Points(parameters=parameters, options={}, reference=np.zeros(4, int), reference_only=np.zeros(4, bool))
    parts = [(where, chosen.tolist()) for where, chosen in split(points, ["T"])]
    assert parts == [({"T": 1.0}, [1]), ({"T": 2.0}, [0, 3])]
    assert [chosen.tolist() for _, chosen in split(points, [])] == [[0, 1, 2, 3]]


def test_the_table_goes_cell_by_cell_with_the_observables_of_a_cell_together():
    table = tidy(two_arms())
    assert table["arm"].tolist() == ["main"] * 6 + ["none"] * 6
    assert table["point"].tolist() == [0, 0, 1, 1, 2, 2] * 2
    assert table["observable"].tolist() == ["energy", "heat"] * 6
    assert table.loc[table["observable"] == "heat", "value"].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert table["role"].tolist() == ["point"] * 6 + ["control"] * 6


def test_rows_of_a_sweep_lie_along_its_axis_and_have_a_value():
    sweep = sweep_of(two_arms())
    assert sweep.rows("heat", "A")["time"].tolist() == [0.0, 2.0, 5.0]
    assert sweep.rows("energy", "A")["value"].tolist() == [8.0, 7.0]
    assert sweep.ideal("heat", "A") == {0: 0.0, 1: 1.1, 2: 2.2}
    assert sweep.measured == ["heat", "energy"], "what the earliest cell has comes first"
    assert sweep.subjects("energy") == ["A"]


def test_two_series_are_matched_by_point():
    estimates = two_arms()
    first = estimates.series("heat", "A", "main", "time", np.array([2, 1]))
    second = estimates.series("energy", "A", "main", "time", np.array([0, 1]))
    y, x = matched(first, second)
    assert (y.point.tolist(), x.point.tolist()) == ([1], [1])
    assert (y.value.tolist(), x.value.tolist()) == ([1.0], [7.0])


def test_a_selection_knows_how_many_places_it_has_and_whether_anything_is_predicted():
    estimates = two_arms()
    assert Selection(estimates=estimates, points=np.arange(3), x="time").places == 3
    assert Selection(estimates=estimates, points=np.arange(0), x="time").places == 0
    assert Selection(estimates=estimates, points=np.arange(3), x="point").predicted
    assert not Selection(estimates=estimates.only([("energy", "A")]), points=np.arange(3), x="time").predicted
