"""Mistakes that authors of protocols make: each is told with file, method and repair, none as a fault of hotward."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import test_catalogue
from conftest import Call
from planted_protocols import CHAIN, Plant, forget, plant
from protocol_conformance import MOST_QUBITS, complaints, options_of, preparations, small

from analysis.quantities import catalogue
from protocols import ProtocolError, load, names, readable
from protocols.program.protocol_file import USUAL_NAMES

FILE = "protocols/xx_chain.py"
# what is written, what is written instead, and what the error has to say
MISTAKES = {
    "a word of another length": ('"site_3", ("IIZ",)', '"site_3", ("Z",)', "`observables`: arrived site_3 reads 'Z'"),
    "a register that is not there": ('("bath",)', '("bth",)', "energy bath reads 'bth'"),
    "a limit that is not there": ('"site_3", "nothing"', '"site_3", "nothin"', "`goal` compares with nothin site_3"),
    "a goal of another subject": ('Goal("arrived", "site_3"', 'Goal("arrived", "site_2"', "`goal` compares with"),
    "a goal about no usual row of its subject": (
        'Goal("arrived", "site_3"', 'Goal("arived", "site_3"', "`goal` is about arived site_3"
    ),
    "a goal about no quantity": ('Goal("arrived"', 'Goal("nothing"', "`goal` is about nothing site_3"),
    "a goal at too many points": (
        "no arrival is shown\")",
        "not shown\", where=(True,) * 99)",
        "`goal` says of 99 points",
    ),
    "a balance that is not there": ('is shown")', 'is shown", balances=(("heat", "all"),))', "the balance heat all"),
    "an observable twice": ('theory("nothing"', 'theory("arrived"', "gives arrived site_3 twice"),
    "an angle without a value": ('"half": hop / 2, ', "", "`values` lacks 'half' in arm main, which `collision` takes"),
    "an angle without a value in one arm": (
        'return {"half": hop / 2, ',
        'if arm == "none":\n            return {"half": hop, "p": hop}\n        return {"half": hop / 2, ',
        "`values` lacks 'watch' in arm none",
    ),
    "a population without a value": ('excited="p"', 'excited="q"', "`values` lacks 'q' in arm main"),
    "a wire that does not exist": ('exchange("site_3", "bath"', 'exchange("site_4", "bath"', "the wire 'site_4'"),
    "a wire that does not exist at the start": ('gate("x", "site_1")', 'gate("x", "s1")', "arm main puts x on"),
    "one wire twice": ('exchange("site_3", "bath"', 'exchange("bath", "bath"', "Name different wires"),
    "an ancilla that comes too late": (
        'return [Thermal(register="bath", excited="p"), *bonds, exchange("site_3", "bath", "watch")]',
        'return [exchange("site_3", "bath", "watch"), Thermal(register="bath", excited="p"), *bonds]',
        "ancillas come first",
    ),
    "an unknown gate": ('gate("x", "site_1")', 'gate("xx", "site_1")', "uses the gate 'xx'; there are"),
    "a gate without its angle": ('gate("x", "site_1")', 'gate("rx", "site_1")', "Name each angle"),
    "a gate on too few wires": ('gate("x", "site_1")', 'gate("cx", "site_1")', "it acts on 2 wires"),
    "a step that is none": ('[gate("x", "site_1")]', '["x"]', "may give operations, but gives 'x'"),
    "no list of steps": ('[gate("x", "site_1")]', "7", "must give a list of steps, but gives 7"),
    "counted names no field": ('counted: ClassVar[str] = "steps"', 'counted: ClassVar[str] = "n"', "`counted` is 'n'"),
    "axis names no field": ('axis: ClassVar[str] = "steps"', 'axis: ClassVar[str] = "time"', "`axis` is 'time'"),
    "a parameter misspelt": ('points.parameters["hop"]', 'points.parameters["hp"]', "`values` fails for arm main"),
    "no method": ("def observables(", "def observable(", "does not say `observables` (Quantities of the protocol)"),
    "no start": ("def members(", "def member(", "does not say `members`"),
    "another name": ('str] = "xx-chain"', 'str] = "x-chain"', "a protocol is named like its file: 'xx-chain'"),
    "no name": ('name: ClassVar[str] = "xx-chain"', "", "no class has a `name`"),
    "no dataclass": ("@dataclass(frozen=True, kw_only=True, eq=False)\n", "", "is no dataclass"),
    "a dataclass that compares": (", eq=False", "", "must be frozen and without eq"),
    "a field without meaning": (
        "hop: Real = parameter(0.4, unit=\"rad\", meaning=\"angle of one step of each bond\")",
        "hop: Real = 0.4",
        "the field `hop` is neither a parameter nor a ClassVar",
    ),
    "a name that became a field": ("name: ClassVar[str]", "name: str", "the field `name` is neither"),
    "an unknown word of a parameter": ("low=0, high=1,", "lowest=0, high=1,", "unknown word lowest"),
    "weights beyond 1": ("np.ones((len(points), 1))", "np.ones((len(points), 2))", "sum to 2"),
    "weights of another shape": ("np.ones((len(points), 1))", "np.ones(len(points))", "shape (points, members)"),
    "a value named like a field": ('"half": hop / 2', '"hop": hop, "half": hop / 2', "gives the name 'hop' in"),
    "a population beyond 1": ('"p": points', '"p": 2 + points', "within 0..1"),
    "a value of another shape": ('"half": hop / 2', '"half": np.ones(7)', "gives half the shape (7,)"),
    "an angle that is no number": ('"half": hop / 2', '"half": hop / 0 * 0', "gives half no finite number"),
    "a basis of another length": (
        "    def members(",
        '    @property\n    def measurements(self):\n        return {"energies": ("ZZ",)}\n\n    def members(',
        "`measurements` has the basis 'ZZ' in energies",
    ),
    "a syntax error": ("np.ones((len(points), 1))", "np.ones((len(points), 1", "line 46: '(' was never"),
    "a module that is not there": ("import numpy as np\n", "import nmpy as np\n", "cannot be imported: ModuleNotFound"),
    "a name that is not there": ("Real = float | Array", "Real = float | Aray", "NameError: name 'Aray'"),
    "a moment that is not in reads": (
        'lambda s: s.moments["bath"]',
        'lambda s: s.moments["bath"] - s.moments["ZII"]',
        "energy bath takes the moment 'ZII', which is missing from its `reads`. Write reads=('bath', 'ZII',)",
    ),
    "a limit that fails": ('0 * s.parameters["hop"]', '0 * s.parameters["hp"]', "in `<lambda>`: KeyError: 'hp'"),
}  # fmt: skip


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Plant]:
    sown: list[str] = []

    def put(name: str, text: str) -> None:
        sown.append(name)
        plant(monkeypatch, tmp_path, name, text)

    yield put
    monkeypatch.undo()
    for name in sown:
        forget(name)


def with_mistake(written: str, instead: str) -> str:
    assert CHAIN.count(written) >= 1
    return CHAIN.replace(written, instead, 1)


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_with_file_and_repair_and_never_as_a_fault_of_hotward(mistake, planted, call: Call):
    written, instead, telling = MISTAKES[mistake]
    planted("xx-chain", with_mistake(written, instead))
    said = call("predict", "xx-chain")
    (line,) = said.complaint
    assert said.status in (1, 2)
    assert said.out == ""
    assert line.startswith(f"hotward: {FILE}"), line
    assert telling in line
    assert "fault of hotward" not in line
    assert len(line) < 500


def test_the_same_protocol_without_a_mistake_predicts(planted, call: Call):
    planted("xx-chain", CHAIN)
    said = call("predict", "xx-chain")
    assert said.status == 0
    assert not said.complaint


@pytest.mark.slow
def test_the_same_protocol_without_a_mistake_runs(planted, call: Call, tmp_path: Path):
    planted("xx-chain", CHAIN)
    said = call("run", "xx-chain", "--device", "exact", "--shots", "400", "--runs", tmp_path / "runs", "--seed", "1")
    assert said.status == 0, said.err
    assert "arrived" in (said.run / "derived" / "table.csv").read_text()


def test_what_a_run_would_leave_out_is_refused_before_it(planted, call: Call, tmp_path: Path):
    planted("xx-chain", with_mistake('"site_3", ("IIZ",)', '"site_3", ("Z",)'))
    said = call("run", "xx-chain", "--runs", tmp_path / "runs")
    assert said.status == 2
    assert said.complaint == [
        f"hotward: {FILE}: `observables`: arrived site_3 reads 'Z', which no setting measures: a word has one letter "
        "of I X Y Z for each of site_1, site_2, site_3, such as IIZ, and the registers are bath. Correct `reads`."
    ]
    assert not (tmp_path / "runs").exists()


def test_a_syntax_error_in_one_file_does_not_stop_the_others(planted, call: Call, tmp_path: Path):
    planted("xx-chain", CHAIN.replace("def members(", "def members)"))
    found, wrong = readable()
    assert set(wrong) == {"xx-chain"}
    assert {"heat-exchange", "cooling-floor"} <= set(found)
    said = call("list")
    assert said.status == 0
    assert "heat-pump: parameters" in said.out
    assert "# devices" in said.out
    assert said.complaint == [
        f"hotward: {FILE}, line 44: unmatched ')': def members)self, points: Points, arm: str) -> Array: - correct "
        "this line."
    ]
    counts = tmp_path / "counts.csv"
    counts.write_text("basis,A,B,count\nZZ,0,0,50\nZZ,0,1,20\nZZ,1,0,20\nZZ,1,1,10\n")
    assert call("import", counts, "--runs", tmp_path / "runs").status == 0


def test_a_program_is_not_compiled_from_quantities_that_read_nothing(planted):
    planted("xx-chain", with_mistake('("IIZ",)', '("IIIZ",)'))
    assert "xx-chain" in names()
    with pytest.raises(ProtocolError, match="reads 'IIIZ'"):
        load("xx-chain")(steps=1)


SILENT = {
    "a class named otherwise": ("class XxChain", "class Chain", "class Chain is not named like its file"),
    "a word that no setting measures": (
        '("IIZ",), lambda s: (1 - s.moments["IIZ"])',
        '("IIX",), lambda s: (1 - s.moments["IIX"])',
        "arrived site_3 reads IIX, which none of `measurements` determines",
    ),
    "a goal about no row": (
        'Goal("arrived"',
        'Goal("concurrence"',
        "goal: concurrence and nothing of site_3 are not both rows",
    ),
    "a preset of no parameter": ('values={"hop"', 'values={"hp"', "preset slow: Argument `hp` is not a parameter"),
    "sides without rows": (
        'system: ClassVar[str] = "chain"',
        'system: ClassVar[str] = "chain"\n    sides: ClassVar[tuple[str, str] | None] = ("site_1", "site_9")',
        "sides: there is neither heat nor energy_change of site_9",
    ),
    "heated without rows": (
        'system: ClassVar[str] = "chain"',
        'system: ClassVar[str] = "chain"\n    heated: ClassVar[tuple[str, ...] | None] = ("site_9",)',
        "heated: there is no heat of site_9",
    ),
    "a row that is not usual left out": (
        '("energy_change",',
        '("energy_chnge",',
        "without: ('energy_chnge', 'site_2')",
    ),
    "a temperature of nobody": (
        "    def members(",
        '    @staticmethod\n    def inverse_temperatures(parameters):\n        return {"site_9": parameters["hop"]}\n\n'
        "    def members(",
        "inverse_temperatures: site_9 is neither",
    ),
}


def test_options_of_ancillas_where_there_are_none(planted):
    steps = 'return [Thermal(register="bath", excited="p"), *bonds, exchange("site_3", "bath", "watch")]'
    text = with_mistake(steps, "return bonds")
    planted("xx-chain", text.replace('linear("energy", "bath", ("bath",), lambda s: s.moments["bath"]),', ""))
    assert any("offers: preparation where there are no ancillas" in text for text in complaints("xx-chain"))


def test_the_catalogue_test_finds_nothing_in_the_protocol_without_a_mistake(planted):
    planted("xx-chain", CHAIN)
    assert complaints("xx-chain") == []


@pytest.mark.parametrize("mistake", SILENT)
def test_the_catalogue_test_fails_for_what_a_run_cannot_notice(mistake, planted):
    written, instead, telling = SILENT[mistake]
    planted("xx-chain", with_mistake(written, instead))
    try:
        found = complaints("xx-chain")
    except ProtocolError as error:
        found = [str(error)]
    assert any(telling in text for text in found), found


LONG = with_mistake("(0, 1, 2)", "(0, 1, 2, 3, 4, 5)").replace("import Thermal", "import Dephase, Thermal")
LONG = LONG.replace("*bonds, exchange(", '*bonds, *([Dephase(wire="site_2")] if arm == "none" else []), exchange(')
"""With defaults for its users: 18 qubits where its dephased arm is purified, and 2^10 members of an ensemble."""


def test_sizes_of_the_catalogue_test_are_its_own(planted):
    planted("xx-chain", LONG)
    assert np.max(small("xx-chain")["steps"]) == 2
    experiment = load("xx-chain")(**small("xx-chain"))
    points = experiment.points(options_of(experiment, "purified", "none"))
    assert max(experiment.template(s).num_qubits for s in experiment.settings(points, ["ZZZ"])) <= MOST_QUBITS


@pytest.mark.slow
def test_a_protocol_with_large_defaults_passes_the_catalogue_test(planted):
    planted("xx-chain", LONG)
    for preparation in preparations(load("xx-chain")):
        test_catalogue.test_every_circuit_prepares_the_exact_state_of_its_arm("xx-chain", preparation)
        test_catalogue.test_exact_outcome_probabilities_are_those_of_each_circuit_in_every_basis(
            "xx-chain", preparation
        )
    for check in (
        test_catalogue.test_members_add_up_to_the_state_and_weights_to_one,
        test_catalogue.test_every_setting_of_a_sweep_is_one_template_whose_parameters_are_angles,
        test_catalogue.test_every_linear_observable_is_affine_in_the_moments,
    ):
        check("xx-chain")


def test_the_pattern_in_the_docs_is_a_protocol(planted, call: Call):
    page = (Path(__file__).parents[1] / "docs" / "collisions.md").read_text()
    pattern = page.split("```python\n")[1].split("```")[0]
    planted("my-protocol", pattern)
    assert complaints("my-protocol") == []
    assert call("predict", "my-protocol").status == 0
    test_catalogue.test_members_add_up_to_the_state_and_weights_to_one("my-protocol")


def test_the_usual_rows_that_a_goal_may_be_about_are_those_of_the_table():
    made = [catalogue(qubits, system, (), None) for qubits, system in ((("A",), "A"), (("A", "B"), "AB"))]
    names = {o.name for one in made for o in one if o.subject in ("A", "B", "AB")}
    assert names | {"heat"} == USUAL_NAMES  # energy_change is called heat where it is


def test_parameters_are_listed_in_one_order(planted):
    planted("xx-chain", with_mistake('axis: ClassVar[str] = "steps"', 'axis: ClassVar[str] = "time"'))
    with pytest.raises(ProtocolError, match="but the parameters are excitation, hop, steps"):
        load("xx-chain")()
