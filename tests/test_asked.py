"""Quantities that are asked for: estimated as among all others, and whatever costs nothing beside them."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis import analyse
from analysis.asked import parsed_quantities
from analysis.intervals import draws
from devices import execute, open_device
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange

KEY = ["point", "role", "arm", "observable", "subject"]
RUN = ["run", "heat-exchange", "--device", "exact", "--set", "time=2.5", "--seed", "3", "--draws", "20"]


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    experiment = HeatExchange(time=np.linspace(0, 7, 2))
    program = compile(experiment, experiment.points({"control": "off"}), shots=512)
    return execute(program, open_device("exact"), runs=tmp_path_factory.mktemp("runs"), seed=5)


@pytest.mark.slow
def test_fewer_quantities_have_the_rows_that_they_have_among_all(record):
    everything, few = (analyse(record, draws=10, quantities=asked) for asked in (None, ("efficiency",)))
    assert everything.left_out == ""
    names = {*few.table["observable"]}
    assert {"energy", "heat", "efficiency", "mutual_information"} <= names  # the ratio is taken to the last
    assert "discord" not in names
    assert "discord" in few.left_out
    both = few.table.set_index(KEY), everything.table.set_index(KEY)
    numbers = few.table.select_dtypes("number").columns.drop("point")
    # the ends of several quantities are searched for together, which differs by rounding
    np.testing.assert_allclose(
        both[0][numbers].to_numpy(), both[1].loc[both[0].index, numbers].to_numpy(), rtol=0, atol=1e-9
    )
    assert [v.headline for v in few.verdicts] == [v.headline for v in everything.verdicts]


def test_nothing_that_needs_draws_is_estimated_beside_what_is_asked(record):
    few = analyse(record, quantities=("heat",))
    assert {"energy", "heat", "energy_difference"} <= {*few.table["observable"]}
    assert {*few.table["interval"]} <= {"multinomial", "stratified", ""}
    assert "mutual_information" in few.left_out
    assert few.verdict.headline


def test_a_name_that_no_quantity_has_is_refused_in_one_line(record):
    with pytest.raises(RequestError, match=r"Argument `quantities`.*'discorf'. Did you mean discord\?"):
        analyse(record, quantities=("discorf",))
    with pytest.raises(RequestError, match="must name quantities"):
        parsed_quantities(" , ")


@pytest.mark.slow
def test_draws_evaluated_a_few_at_a_time_are_those_evaluated_at_once(record, monkeypatch):
    whole = analyse(record, draws=60).table
    monkeypatch.setattr(draws, "EVALUATED", 40)
    np.testing.assert_allclose(
        analyse(record, draws=60).table.select_dtypes("number").to_numpy(),
        whole.select_dtypes("number").to_numpy(),
        rtol=0,
        atol=1e-12,
    )


@pytest.mark.slow
def test_a_run_records_what_was_asked_and_all_of_it_can_still_be_had(call, tmp_path):
    done = call(*RUN, "--runs", str(tmp_path), "--quantities", "heat,mutual_information")
    run = Path(done.out.splitlines()[-1])
    assert json.loads((run / "start.json").read_text())["quantities"] == ["heat", "mutual_information"]
    assert "discord" in json.loads((run / "derived" / "verdict.json").read_text())["left_out"]
    assert "not estimated, because only some quantities were asked for" in (run / "derived/report.html").read_text()
    assert "not estimated" in done.out
    call("analyse", str(run), "--quantities", "all")
    assert ",discord," in (run / "derived" / "table.csv").read_text()
    refused = call(*RUN, "--runs", str(tmp_path), "--quantities", "heet")
    assert "Argument `quantities`" in refused.err
    assert "Did you mean heat?" in refused.err
    assert list(tmp_path.iterdir()) == [run]  # nothing was measured


def test_an_import_refuses_a_name_before_it_writes(call, tmp_path):
    source, runs = tmp_path / "measured.csv", tmp_path / "runs"
    source.write_text("time,basis,A,B,count\n" + "".join(f"{t},ZZ,{t},0,900\n{t},ZZ,1,1,100\n" for t in (0, 1)))
    for declared in (("--protocol", "heat-exchange"), ()):
        words = ("import", str(source), *declared, "--runs", str(runs), "--draws", "20")
        refused = call(*words, "--quantities", "heet")
        assert refused.status != 0
        assert "Argument `quantities`" in refused.err
        assert "heet" in refused.err
        assert not runs.exists()
    done = call(*words, "--quantities", "energy")
    assert done.status == 0, done.err
    (run,) = runs.iterdir()
    assert json.loads((run / "start.json").read_text())["quantities"] == ["energy"]
