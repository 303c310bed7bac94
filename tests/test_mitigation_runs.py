"""Mitigated rows of runs and imports: beside the raw ones, which stay as they are; refused where members lack."""

from __future__ import annotations

import json
import typing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import analyse
from analysis.mitigation import SYSTEMATIC, measured_survival, members_of_run
from devices import execute, open_device
from protocols import RequestError, compile
from protocols.heat_exchange import HeatExchange

if typing.TYPE_CHECKING:
    from conftest import Call

    from devices import RunRecord

WHITE = 0.03
KEYS = ["point", "observable", "subject"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """White noise over every member, a measured reference, a control."""
    experiment = HeatExchange(time=[7.010056])
    program = compile(experiment, experiment.points({"control": "none"}), shots=40_000, bases="ZZ")
    return execute(program, open_device(f"exact:white={WHITE}"), runs=tmp_path_factory.mktemp("runs"), seed=5)


@pytest.fixture(scope="module")
def tables(run: RunRecord) -> dict[str, pd.DataFrame]:
    return {way: analyse(run, mitigation=way).table for way in ("none", "symmetry", "survival", "both")}


def mitigated(table: pd.DataFrame, way: str, arm: str = "main") -> pd.DataFrame:
    return table[(table["mitigation"] == way) & (table["arm"] == arm)].set_index(KEYS)


def test_raw_rows_stay_byte_for_byte_and_without_mitigation_there_are_no_columns_of_it(
    tables: dict[str, pd.DataFrame],
) -> None:
    assert not {"mitigation", "systematic"} & set(tables["none"].columns)
    for way in ("symmetry", "survival", "both"):
        table = tables[way]
        columns = list(table.columns)
        assert columns[columns.index("arm") :][1:4] == ["mitigation", "systematic", "observable"]
        raw = table[table["mitigation"] == "none"].drop(columns=["mitigation", "systematic"])
        assert raw.to_csv(index=False) == tables["none"].to_csv(index=False)
        assert set(table["mitigation"]) == {"none", way}
        assert table.loc[table["mitigation"] == "none", "systematic"].isna().all()


def test_energies_are_those_without_white_noise(tables: dict[str, pd.DataFrame]) -> None:
    experiment = HeatExchange(time=[7.010056])
    points = experiment.points({"control": "none"})
    energy = experiment.state(points)[:, [2, 3], [2, 3]].real.sum(axis=1)
    # 4 standard errors of each: 1 of 16 000
    for way in ("survival", "both"):
        found = mitigated(tables[way], way)
        for point in (0, 1):
            row = found.loc[(point, "energy", "A")]
            assert abs(row["value"] - energy[point]) < 4 * row["stderr"]
            assert row["systematic"] == pytest.approx(
                SYSTEMATIC * abs(row["value"] - mitigated(tables[way], "none").loc[(point, "energy", "A"), "value"])
            )
        heat = found.loc[(0, "heat", "A")]
        assert abs(heat["value"] - 0.2689414) < 4 * heat["stderr"]
        reach = 1.959964 * np.hypot(heat["stderr"], heat["systematic"])
        assert [heat["low"], heat["high"]] == pytest.approx([heat["value"] - reach, heat["value"] + reach])


@pytest.mark.slow
def test_states_are_those_without_white_noise(tmp_path: Path) -> None:
    experiment = HeatExchange(time=[0.0])
    program = compile(experiment, shots=40_000, bases="x-state")
    record = execute(program, open_device(f"exact:white={WHITE}"), runs=tmp_path, seed=5)
    table = analyse(record, mitigation="survival", draws=20).table.set_index(["mitigation", "observable", "subject"])
    exact = {"mutual_information": 0.595453, "concurrence": 0.637296}
    for name, value in exact.items():
        raw, found = (table.loc[(way, name, "AB")] for way in ("none", "survival"))
        # 4 standard errors: 1 of 16 000; the raw one is off by far more than chance
        assert abs(found["value"] - value) < 4 * found["stderr"]
        assert value - raw["value"] > 8 * raw["stderr"]
        assert found["systematic"] == pytest.approx(SYSTEMATIC * abs(found["value"] - raw["value"]))
        assert found["low"] < value < found["high"]
    assert table.loc[("survival", "entropy", "AB"), "value"] == pytest.approx(0.6496, abs=0.03)
    assert ("survival", "discord", "B") in table.index


def test_balances_are_left_to_raw_data(tables: dict[str, pd.DataFrame]) -> None:
    for way in ("symmetry", "survival", "both"):
        found = mitigated(tables[way], way)
        assert (0, "heat", "AB") not in found.index
        for name in ("energy", "heat", "effective_beta", "effective_temperature"):
            assert {(0, name, "A"), (0, name, "B")} <= set(found.index)
        assert (0, "energy_difference", "AB") in found.index


def test_checks_and_verdict_are_those_of_the_raw_data(run: RunRecord) -> None:
    raw, both = analyse(run, mitigation="none"), analyse(run, mitigation="both")
    assert [check.as_dict() for check in raw.checks] == [check.as_dict() for check in both.checks]
    assert raw.verdicts == both.verdicts
    # the line is the same, whether rows were asked for or not
    assert [heat.text for heat in raw.mitigated_heats] == [heat.text for heat in both.mitigated_heats]
    (heat,) = raw.mitigated_heats
    assert (heat.subject, heat.way) == ("A", "both")
    assert heat.factor == pytest.approx(1 - WHITE, abs=4 * (heat.factor_stderr or 0))


def test_a_run_without_noise_is_not_changed_by_more_than_its_error(tmp_path: Path) -> None:
    experiment = HeatExchange(time=[7.010056])
    program = compile(experiment, shots=4000, bases="ZZ")
    record = execute(program, open_device("exact"), runs=tmp_path, seed=2)
    table = analyse(record, mitigation="both").table.query("observable == 'heat' and subject == 'A'")
    raw, both = (table[table["mitigation"] == way].iloc[0] for way in ("none", "both"))
    assert abs(both["value"] - raw["value"]) < 2 * both["stderr"]
    assert abs(both["value"] - raw["ideal"]) < 4 * both["stderr"]


@pytest.mark.slow
def test_imported_counts_give_the_same_rows_inverted_or_not(run: RunRecord, tmp_path: Path, call: Call) -> None:
    counts = run.counts()
    counts = counts[(counts["basis"] == "ZZ") & (counts["arm"] == "main")].drop(columns=["prepared"])
    inverted = counts.assign(A=1 - counts["A"], B=1 - counts["B"])
    found = []
    for name, rows, more in (("plain", counts, ()), ("inverted", inverted, ("--ground", "1"))):
        rows.to_csv(tmp_path / f"{name}.csv", index=False)
        words = ("--protocol", "heat-exchange", "--mitigation", "both", "--runs", str(tmp_path / name), *more)
        said = call("import", str(tmp_path / f"{name}.csv"), *words)
        assert said.status == 0, said.err
        assert "errors of gates removed by the members' symmetry and survival" in said.out
        found.append((said.run / "derived" / "table.csv").read_text())
    assert found[0] == found[1]
    table = pd.read_csv(said.run / "derived" / "table.csv").set_index(["mitigation", "point", "observable", "subject"])
    # a file says nothing of gates: those of a partial swap, 2, and of its preparation, 1, are declared
    about = json.loads((said.run / "derived" / "verdict.json").read_text())["mitigation"]
    assert about["survival"]["two_qubit_gates"] == 2
    row = table.loc[("both", 0, "heat", "A")]
    assert row["systematic"] > 0


@pytest.mark.slow
def test_refusals_say_what_is_missing(run: RunRecord, tmp_path: Path, call: Call) -> None:
    counts = run.counts()
    counts = counts[(counts["basis"] == "ZZ") & (counts["arm"] == "main")].drop(columns=["prepared"])
    counts.to_csv(tmp_path / "members.csv", index=False)
    summed = counts.groupby(["time", "basis", "A", "B"], as_index=False)["count"].sum()
    summed.to_csv(tmp_path / "summed.csv", index=False)
    exchanged = counts.assign(member=1 - counts["member"])
    exchanged.to_csv(tmp_path / "exchanged.csv", index=False)
    for name, words, reason in (
        ("members", ("--mitigation", "both"), "Import with --protocol heat-exchange"),
        ("members", ("--protocol", "heat-exchange", "--mitigation", "most"), "must be one of none, symmetry"),
    ):
        said = call("import", str(tmp_path / f"{name}.csv"), *words, "--runs", str(tmp_path))
        assert said.status == 2
        assert reason in said.err
    for name, reason in (("summed", "one member for all"), ("exchanged", "Number the members as the protocol does")):
        words = ("--protocol", "heat-exchange", "--mitigation", "both", "--runs", str(tmp_path / name))
        said = call("import", str(tmp_path / f"{name}.csv"), *words)
        # the counts are analysed all the same; that they cannot be mitigated is a warning, and an error where asked for
        assert said.status == 0
        assert "warning: no mitigation: Argument `mitigation` needs" in said.out
        assert reason in said.out
        assert call("analyse", str(said.run), "--mitigation", "symmetry").status == 2


def test_purified_pairs_and_protocols_without_members_are_refused_before_a_shot(tmp_path: Path, call: Call) -> None:
    for words, reason in (
        (("heat-exchange", "--preparation", "purified"), "a purified pair is one state"),
        (("cooling-floor",), "which cooling-floor does not declare"),
        (("heat-exchange", "--bases", "ZX,XZ"), "Add ZZ to --bases"),
        (("heat-exchange", "--device", "aer:fake_fez", "--calibration-shots", "0"), "no calibration is measured"),
    ):
        device = () if "--device" in words else ("--device", "exact")
        said = call("run", *words, *device, "--mitigation", "both", "--runs", str(tmp_path))
        assert said.status == 2
        assert reason in said.err
        assert not list(tmp_path.iterdir())


def test_the_reports_have_it(run: RunRecord, call: Call) -> None:
    said = call("analyse", str(run.path), "--mitigation", "both", "--json")
    found = json.loads(said.out)["mitigation"]
    assert found["asked"] == "both"
    assert found["survival"]["two_qubit_gates"] == 1
    # white noise knows no qubits: 4 errors, 1 of 16 000
    assert abs(found["survival"]["first_flipped_more"]) < 4 * found["survival"]["first_flipped_more_stderr"]
    assert [member["excitations"] for member in found["members"]] == [0, 1, 1, 2]
    derived = run.path / "derived"
    assert json.loads((derived / "verdict.json").read_text())["mitigation"] == found
    assert (derived / "mitigated.png").read_bytes().startswith(b"\x89PNG")
    page = (derived / "report.html").read_text()
    assert "Heat with errors of gates removed" in page
    assert "Errors of gates" in page
    assert "column <code>mitigation</code>: both" in page
    table = pd.read_csv(derived / "table.csv")
    assert set(table["mitigation"]) == {"none", "both"}


@pytest.mark.slow
def test_a_run_records_what_was_asked_for(tmp_path: Path, call: Call) -> None:
    words = ("heat-exchange", "--set", "time=7", "--device", "exact", "--bases", "ZZ", "--runs", str(tmp_path))
    said = call("run", *words, "--mitigation", "symmetry")
    start = json.loads((said.run / "start.json").read_text())
    assert start["mitigation"] == "symmetry"
    assert "symmetry" in (said.run / "derived" / "table.csv").read_text()
    assert call("analyse", str(said.run)).status == 0
    assert "symmetry" in (said.run / "derived" / "table.csv").read_text()
    assert call("analyse", str(said.run), "--mitigation", "none").status == 0
    assert "mitigation" not in (said.run / "derived" / "table.csv").read_text()
    out = tmp_path / "compared"
    assert call("compare", str(said.run), "--mitigation", "both", "--out", str(out)).status == 0
    assert "both" in (out / "table.csv").read_text()


def test_the_heat_of_a_fitted_sweep_is_that_of_the_same_fit(tmp_path: Path) -> None:
    experiment = HeatExchange(time=np.linspace(0, 31.4, 9))
    program = compile(experiment, shots=20_000, bases="ZZ")
    record = execute(program, open_device(f"exact:white={WHITE}"), runs=tmp_path, seed=6)
    result = analyse(record)
    (heat,) = result.mitigated_heats
    assert heat.fitted == 9
    assert "(fit of 9 points)" in heat.text
    assert (heat.at, heat.raw) == (result.verdict.at, result.verdict.heat)
    # 4 errors: 1 of 16 000; the raw fit is off by 3 %
    assert abs(heat.value - 0.2689414) < 4 * heat.stderr
    assert abs(heat.raw - (1 - WHITE) * 0.2689414) < 4 * heat.raw_stderr
    assert heat.systematic == pytest.approx(SYSTEMATIC * abs(heat.value - heat.raw))
    # of nine times it is known better than of two of them
    point = analyse(record, mitigation="both").mitigated
    assert point is not None
    assert heat.stderr < 0.8 * point.rows["heat", "A"].estimated.stderr[0, heat.point]


def test_where_the_ground_state_was_prepared_as_1_the_other_end_stays(run: RunRecord) -> None:
    data = analyse(run).data
    for ground, unmoved in (("0", 0), ("1", 0), ("X", 3)):
        record = replace(run, start={**run.start, "ground": ground})
        members, counts = members_of_run(record, data)
        assert members.unmoved == unmoved
        found = measured_survival(counts, members, np.linalg.inv(counts.confusion))
        # white noise is the same for all members; |11> is in the control alone: 4 errors, 1 of 16 000
        assert found.value == pytest.approx(1 - 0.75 * WHITE, abs=4 * found.stderr)
        assert found.p > 1e-4


def test_readout_errors_do_not_pass_for_errors_of_gates(run: RunRecord) -> None:
    # a noisy device without calibration; this one has no readout errors, but nobody can know
    noisy = replace(run, start={**run.start, "device": {**run.start["device"], "noisy": True}})
    with pytest.raises(RequestError, match="needs the readout corrected"):
        analyse(noisy, mitigation="symmetry")
    assert analyse(noisy).mitigated_heats == ()


def test_a_purified_run_is_refused_afterwards_too(tmp_path: Path) -> None:
    experiment = HeatExchange(time=[7.0])
    program = compile(experiment, experiment.points({"preparation": "purified"}), shots=500, bases="ZZ")
    record = execute(program, open_device("exact"), runs=tmp_path, seed=1)
    with pytest.raises(RequestError, match="Run it with --preparation ensemble"):
        analyse(record, mitigation="both")
    assert analyse(record).mitigated_heats == ()


@pytest.mark.slow
def test_couplers_of_all_qualities_are_left_with_little_bias() -> None:
    # exact means under the stored calibration: no statistics. The best CZ, the median, and either qubit of bad ones: T2
    # of 11 us on 46, and 6 and 7 us on 150 and 94; a bad sx on 75 (docs/mitigation.md has all placements)
    from mitigation_study import Question, outcomes

    question = Question(HeatExchange(time=[7.010056]), "ZZ", "heat", "A")
    of = {}
    for pair in ((22, 23), (109, 118), (4, 5), (45, 46), (46, 45), (151, 150), (94, 93), (59, 75)):
        of[pair] = question.means(outcomes(question.program, pair, {}))
        assert -0.024 < of[pair]["none"] < -0.002
        assert abs(of[pair]["both"]) <= 7e-4, (pair, of[pair])
