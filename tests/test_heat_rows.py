"""Heat is what a protocol declares to be heat: rows, Clausius sums and figures of it; cold limits of exact values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from conftest import Call

from analysis import analyse, predict
from analysis.figures import caption, energies, title
from analysis.quantities import catalogue
from devices import execute, open_device
from protocols import compile as compiled
from protocols import load
from protocols.coherence_reversal import CoherenceReversal
from protocols.cooling_floor import CoolingFloor
from protocols.heat_exchange import HeatExchange
from protocols.heat_pump import HeatPump
from protocols.pair import clausius_sum
from protocols.program import Sample, heated_subjects

CLAUSIUS = {"clausius_sum", "clausius_slack", "efficiency"}
GAINS = ("heat", "energy_change")


def gains(table: pd.DataFrame) -> dict[str, str]:
    """Subject -> name of the row of what it gained."""
    rows = table[table["observable"].isin(GAINS)]
    return dict(zip(rows["subject"], rows["observable"], strict=True)) if len(rows) else {}


def ideal(table: pd.DataFrame, observable: str, subject: str) -> np.ndarray:
    rows = table[(table["observable"] == observable) & (table["subject"] == subject)]
    assert len(rows), (observable, subject)
    return rows.sort_values("point")["ideal"].to_numpy(float)


# ---- which rows there are ----


@pytest.mark.parametrize(
    ("name", "wanted", "clausius"),
    [
        ("heat-exchange", {"A": "heat", "B": "heat", "AB": "heat"}, True),
        # its gates conserve energy; but S1 and S2 are not the two sides, so their Clausius sum says nothing
        ("coherence-reversal", dict.fromkeys(("S1", "S2", "pair", "bath", "pairbath"), "heat"), False),
        # the pair gate does work on the target, compression does on the register
        ("cooling-floor", {"target": "energy_change"}, False),
        ("algorithmic-cooling", {"target": "energy_change", "bath": "heat"}, False),
        ("landauer-erasure", {"bath": "heat"}, False),
        ("heat-bridge", dict.fromkeys(("hot", "cold", "bridge", "hotbridgecold"), "heat"), False),
        # the stroke does work on the fluid
        ("coherent-engine", {"fluid": "energy_change", "bath": "heat"}, False),
    ],
)  # fmt: skip
def test_heat_is_what_a_protocol_declares(name: str, wanted: dict[str, str], clausius: bool) -> None:
    experiment = load(name)()
    points = experiment.points({}, reference="nominal")
    found = catalogue(experiment.qubits, experiment.system, experiment.observables(points), experiment)
    assert {o.subject: o.name for o in found if o.name in GAINS} == wanted
    assert ({o.name for o in found} >= CLAUSIUS) == clausius
    assert bool({"clausius_sum", "clausius_slack"} & {o.name for o in found}) == clausius


def test_whatever_it_is_called_it_is_the_energy_gained_since_the_reference() -> None:
    table = predict(CoolingFloor(collisions=[0, 1, 2]), {})
    energy, gained = ideal(table, "energy", "target"), ideal(table, "energy_change", "target")
    np.testing.assert_allclose(gained, energy - 0.4, atol=1e-15)
    # by p' = p cos^2 phi + (1 - p) sin^2 psi, of which the pairs' part is work
    p = 0.4 * np.cos(0.5) ** 2 + 0.6 * np.sin(0.1) ** 2
    assert gained[1] == pytest.approx(p - 0.4, abs=1e-12)


def test_sides_are_heated_unless_a_protocol_says_otherwise() -> None:
    class Working(CoherenceReversal):
        heated: ClassVar[tuple[str, ...] | None] = ()

    class Older:
        """A protocol that was written before there was anything to declare."""

        sides = ("left", "right")

    assert heated_subjects(Working) == ()
    assert heated_subjects(Older) == ("left", "right", "leftright")  # type: ignore[arg-type]
    assert heated_subjects(None) == ()


def test_a_protocol_leaves_out_usual_rows() -> None:
    class Brief(CoherenceReversal):
        without: ClassVar[tuple[str | tuple[str, str], ...]] = ("purity", ("effective_beta", "S1"))

    experiment = Brief()
    own = experiment.observables(experiment.points({}, reference="nominal"))
    found, all_rows = (
        {(o.name, o.subject) for o in catalogue(experiment.qubits, "pair", own, one)}
        for one in (experiment, CoherenceReversal())
    )
    assert all_rows - found == {("purity", "pair"), ("effective_beta", "S1")}
    assert ("effective_beta", "S2") in found


def test_clausius_rows_of_the_pump_are_those_of_an_uncoupled_stroke() -> None:
    """After relaxation the qubits have also exchanged heat with their baths: entropy production is the row for that."""
    stroke = predict(HeatPump(relaxation=0, cycles=[0, 1]), {})
    exchange = predict(HeatExchange(time=[0.0, 7.010055670]), {})
    for name in ("clausius_sum", "clausius_slack"):
        np.testing.assert_allclose(ideal(stroke, name, "AB"), ideal(exchange, name, "AB"), atol=1e-8)
        assert name not in set(predict(HeatPump(), {})["observable"])
    mixed = predict(HeatPump(relaxation=[0, 1], cycles=1), {})
    assert np.isfinite(ideal(mixed, "clausius_slack", "AB")).tolist() == [True, False]


def test_an_import_without_protocol_has_changes_of_energy_and_no_clausius_rows(tmp_path: Path, call: Call) -> None:
    path = tmp_path / "counts.csv"
    rows = [f"{t},ZZ,{a},{b},{n}" for t in (0, 7) for a, b, n in ((0, 0, 60 + t), (0, 1, 20), (1, 0, 15), (1, 1, 5))]
    path.write_text("\n".join(["time,basis,A,B,count", *rows]))
    bare = call("import", path, "--draws", 5, "--runs", tmp_path / "runs")
    declared = call("import", path, "--protocol", "heat-exchange", "--draws", 5, "--runs", tmp_path / "runs")
    tables = [pd.read_csv(said.run / "derived" / "table.csv") for said in (bare, declared)]
    assert gains(tables[0]) == dict.fromkeys(("A", "B", "AB"), "energy_change")
    assert gains(tables[1]) == dict.fromkeys(("A", "B", "AB"), "heat")
    assert not CLAUSIUS & {*tables[0]["observable"]}
    assert "clausius_sum" in set(tables[1]["observable"])
    columns = ["point", "subject", "value", "stderr", "low", "high"]
    one, other = (t.loc[t["observable"].isin(GAINS), columns].reset_index(drop=True) for t in tables)
    pd.testing.assert_frame_equal(one, other)
    page = (bare.run / "derived" / "report.html").read_text()
    assert "the energy each gained" in page
    assert "the heat each gained" not in page


def test_figures_and_captions_name_what_was_gained(tmp_path: Path) -> None:
    wanted = {
        HeatExchange(time=[0.0, 7.0]): ("heat gained", "the heat each gained", "Energies and heat"),
        CoolingFloor(collisions=[0, 1]): ("energy gained", "the energy gained by target", "Energies"),
    }
    for number, (experiment, (label, said, heading)) in enumerate(wanted.items()):
        program = compiled(experiment, shots=500)
        found = analyse(execute(program, open_device("exact"), runs=tmp_path / str(number), seed=1), draws=2)
        figure = energies(found)
        assert figure is not None
        assert figure.axes[1].get_ylabel() == f"{label} [gap]"
        assert said in caption("energies", found)
        assert title("energies", found) == heading


def test_ancillas_are_mentioned_where_there_are_any(tmp_path: Path, call: Call) -> None:
    words = ["--device", "exact", "--shots", 100, "--draws", 2, "--runs", tmp_path]
    bath = call("run", "algorithmic-cooling", "--set", "rounds=1", *words)
    none = call("run", "algorithmic-cooling", "--preset", "teleport", *words)
    assert "ancillas are prepared" in bath.out
    assert none.status == 0
    assert "ancillas are prepared" not in none.out


# ---- cold limits ----

COLD = [{"T_B": 0.001}, {"T_B": 0.0014}, {"T_A": 0.001}, {"T_A": 0.001, "T_B": 0.001}, {"T_A": 0.002, "T_B": 0.001}]


@pytest.mark.parametrize("temperatures", COLD)
def test_exact_values_are_finite_for_cold_qubits(temperatures: dict[str, float]) -> None:
    table = predict(HeatExchange(time=np.linspace(0, 15.7, 3), **temperatures), {})  # type: ignore[arg-type]
    # without a fuel there is no efficiency: I_0 is below e^-300
    table = table[table["observable"] != "efficiency"]
    assert np.isfinite(table["ideal"]).all()
    assert not ((table["ideal"] == 0) & np.signbit(table["ideal"])).any()
    for qubit in "AB":
        nominal = temperatures.get(f"T_{qubit}", {"A": 2.0, "B": 1.0}[qubit])
        assert ideal(table, "effective_temperature", qubit)[0] == pytest.approx(nominal, rel=1e-12)
        assert ideal(table, "effective_beta", qubit)[0] == pytest.approx(1 / nominal, rel=1e-12)
        assert ideal(table, "relative_entropy", qubit)[0] == pytest.approx(0, abs=1e-12)
    assert ideal(table, "clausius_sum", "AB")[0] == pytest.approx(0, abs=1e-12)
    assert ideal(table, "clausius_slack", "AB")[0] == pytest.approx(0, abs=1e-12)


def test_the_slack_of_a_cold_qubit_is_that_of_its_nominal_temperature() -> None:
    """-.5 x .18862 + 1000 x .18862 - .30602 = 188.22: the inverse temperatures are parameters."""
    table = predict(HeatExchange(T_B=0.001, time=np.linspace(0, 15.7, 3)), {})
    gained = ideal(table, "heat", "B")[1]
    assert gained == pytest.approx(0.18862, abs=5e-6)
    information = ideal(table, "mutual_information_change", "AB")[1]
    assert information == pytest.approx(0.30602, abs=5e-6)
    assert ideal(table, "clausius_slack", "AB")[1] == pytest.approx(188.22, abs=5e-3)
    assert ideal(table, "clausius_slack", "AB")[1] == pytest.approx(999.5 * gained - information, rel=1e-12)


@pytest.mark.parametrize("T_B", [0.001, 0.0014, 0.02, 0.3, 1.0])
def test_the_identity_behind_the_slack_holds_at_any_temperature(T_B: float) -> None:
    """Slack = S(rho_A'||rho_A) + S(rho_B'||rho_B) + Delta S_AB, whose terms are made of other numbers."""
    table = predict(HeatExchange(T_B=T_B, time=[2.0, 9.0]), {})
    slack, change = ideal(table, "clausius_slack", "AB"), ideal(table, "entropy_change", "AB")
    sums = ideal(table, "relative_entropy", "A") + ideal(table, "relative_entropy", "B") + change
    np.testing.assert_allclose(slack, sums, rtol=1e-10, atol=1e-10)


def test_predict_at_a_cold_temperature_prints_numbers(call: Call) -> None:
    said = call("predict", "heat-exchange", "--set", "T_B=0.001", "--set", "time=0:15.7:3", "--json")
    rows = {(r["observable"], r["subject"], r["time"]): r["ideal"] for r in json.loads(said.out)["table"]}
    assert rows["clausius_slack", "AB", 7.85] == pytest.approx(188.22, abs=5e-3)
    assert rows["clausius_slack", "AB", 0] == 0
    assert rows["effective_temperature", "B", 0] == pytest.approx(0.001, rel=1e-12)
    assert "-0.0," not in said.out


@pytest.mark.parametrize("T_B", [0.001, 0.0014])
def test_entropy_productions_of_a_cold_pump_are_finite(T_B: float) -> None:
    """Fully relaxed, bath_B takes Q at beta_B and bath_A gives it: Sigma = Q (beta_B - beta_A) without a fuel."""
    table = predict(HeatPump(T_B=T_B, stroke=7.85, cycles=[0, 1]), {})
    taken = -ideal(table, "heat", "bath_B")[1]
    assert taken == pytest.approx(0.18862, abs=5e-6)
    expected = taken * (1 / T_B - 0.5)
    for name in ("entropy_production", "apparent_entropy_production"):
        np.testing.assert_allclose(ideal(table, name, "AB"), [0, expected], rtol=1e-9, atol=1e-12)


def test_the_largest_reversible_temperature_of_a_cold_pair() -> None:
    """At C = 2 p, all the coherence there can be, a star turns where p_B/(1 - p_B) = 2 p: T_B = 1/(1/T - ln 2)."""
    table = predict(CoherenceReversal(T_S=0.001, contact="star"), {})
    found = ideal(table, "largest_reversible_temperature", "bath")
    np.testing.assert_allclose(found, 1 / (1000 - np.log(2)), rtol=1e-12)


def test_measured_inverse_temperatures_are_those_of_the_counts() -> None:
    """Nothing nominal gets into what was measured: without an excitation at the reference there is no number."""
    cold = Sample(parameters={}, moments={"ZI": np.array([0.2]), "IZ": np.array([1.0])})
    later = Sample(parameters={}, moments={"ZI": np.array([0.4]), "IZ": np.array([0.8])}, reference=cold)
    assert clausius_sum(later).tolist() == [np.inf]
    known = Sample(parameters={}, moments=cold.moments, betas={"IZ": np.array([1000.0]), "ZI": np.array([np.nan])})
    nominal = Sample(parameters={}, moments=later.moments, reference=known)
    expected = np.log(0.6 / 0.4) * (0.3 - 0.4) + 1000 * 0.1
    assert clausius_sum(nominal).tolist() == pytest.approx([expected])
