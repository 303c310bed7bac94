"""The two papers that measured heat against its direction: figures against circuits and matrices, presets laid over."""

import numpy as np
import pytest

from analysis import analyse, write
from analysis.prediction import predict
from devices import execute, open_device
from protocols import compile
from protocols.coherence_reversal import CoherenceReversal
from protocols.heat_exchange import HeatExchange
from protocols.program import build
from reproduce import PAPERS
from reproduce.drawing import Overlay
from reproduce.huang import figures as huang
from reproduce.mallik import figures as mallik


def ideal(experiment, observable, subject, scheme=None, **options):
    table = predict(experiment, options)
    rows = table[(table["observable"] == observable) & (table["subject"] == subject)]
    rows = rows if scheme is None else rows[rows["scheme"] == scheme]
    return (rows[rows["arm"] == "main"] if "arm" in rows else rows)["ideal"].to_numpy()


@pytest.mark.parametrize("size", [2, 3])
def test_heat_by_formula_is_that_of_the_circuits(size):
    phases = np.array([0.3, 1.9, 4.0])
    experiment = CoherenceReversal(
        coherence=0.7, coherence_phase=phases, angle=huang.ANGLES[size], size=None if size == 2 else size
    )
    heat = ideal(experiment, "heat", "pair" if size == 2 else "spins")
    np.testing.assert_allclose(heat, huang.heat(size, 0.7, phases), atol=1e-12)


def test_on_the_line_of_no_heat_there_is_none_and_three_spins_reverse_it_with_less():
    phases = np.array([-0.5, 0.0, 0.7, 2.0])
    for size in (2, 3):
        fractions = huang.turning(size, phases)
        assert np.isnan(fractions[-1])
        np.testing.assert_allclose(huang.heat(size, fractions[:-1], phases[:-1]), 0, atol=1e-14)
        assert huang.heat(size, fractions[1] + 0.1, 0.0) < 0 < huang.heat(size, fractions[1] - 0.1, 0.0)
    assert (huang.turning(3, phases)[:-1] < huang.turning(2, phases)[:-1]).all()


def by_matrices(pair, time):
    """q(i -> f) = Tr[P_f U P_i rho U^+] of the four moves, from 4 x 4 matrices and an exponential."""
    from scipy.linalg import expm

    (point,) = pair.points({}, "nominal").at(np.array([0])).parameters["coupling_phase"]
    rho = pair.state(pair.points({}, "nominal"))[0]
    V = np.zeros((4, 4), dtype=complex)
    V[1, 2] = 0.1 * np.exp(1j * point)
    U = expm(-1j * time * (V + V.conj().T))
    P = {"01": np.diag([0, 1, 0, 0]), "10": np.diag([0, 0, 1, 0])}
    moves = [("01", "01"), ("01", "10"), ("10", "01"), ("10", "10")]
    return [np.trace(P[f] @ U @ P[i] @ rho @ U.conj().T) for i, f in moves]


PAIR = HeatExchange(T_A=1.7, T_B=0.8, strength=0.9, correlation_phase=0.4, coupling_phase=0.2, time=[0.0])


def test_the_quasiprobability_is_that_of_matrices_and_negative_where_heat_is_beyond_the_bound():
    times = np.linspace(0.1, 15, 12)
    values = mallik.quasiprobability_of(PAIR, times)
    for k, time in enumerate(times):
        np.testing.assert_allclose(values[:, k], by_matrices(PAIR, time), atol=1e-12)
    np.testing.assert_allclose(mallik.heat_of(PAIR, times), (values[1] - values[2]).real, atol=1e-12)
    beyond = np.maximum(mallik.heat_of(PAIR, times) - mallik.bound_of(PAIR, times), 0)
    np.testing.assert_allclose(mallik.negativity_of(PAIR, times), beyond, atol=1e-12)
    assert 0 < np.count_nonzero(beyond) < len(times)


def test_a_measurement_of_A_before_the_exchange_gives_both_parts():
    pair = build(HeatExchange, dict(HeatExchange.presets["mallik-phase"].values))
    options = {"first-reading": "measured", "control": "dephased"}
    values = mallik.quasiprobability_of(mallik.PAIRS["between"], pair.points({}, "nominal").parameters["time"])
    table = predict(pair, options)
    table = table[table["scheme"] == "measured"]
    for move, wanted in zip(mallik.MOVES, values, strict=True):
        for name, part in (("quasiprobability", wanted.real), ("quasiprobability_imaginary", wanted.imag)):
            rows = table[(table["observable"] == name) & (table["subject"] == move)]
            np.testing.assert_allclose(rows["ideal"], part, atol=1e-12)


@pytest.mark.parametrize("name", ["huang", "mallik"])
def test_a_page_says_what_could_be_read_and_compares_with_no_number_of_the_paper(name):
    known = PAPERS[name]
    compared = [one for offer in known.offers.values() for one in offer.make(None).comparisons]
    assert compared
    assert all(one.agrees for one in compared)
    assert {one.source for one in compared} == {"the reference computation"}
    read, unread, chosen = known.remarks
    assert read.startswith("Could be read: title, authors")
    assert unread.startswith("Could not be read: ")
    assert "Nothing here is compared with a number of the paper" in unread
    assert chosen.startswith("Chosen here: ")


@pytest.mark.parametrize(
    ("protocol", "name"), [(CoherenceReversal, "huang"), (HeatExchange, "mallik"), (HeatExchange, "mallik-phase")]
)
def test_a_preset_of_an_unread_paper_says_that_its_numbers_were_chosen_here(protocol, name):
    preset = protocol.presets[name]
    assert preset.source.startswith("chosen here: of ")
    assert not preset.verified


@pytest.mark.slow
@pytest.mark.parametrize(
    ("protocol", "preset", "paper", "options", "panels"),
    [
        (CoherenceReversal, "huang", "huang", {"control": "none"}, {"phase-2", "strength-2"}),
        (
            HeatExchange,
            "mallik-phase",
            "mallik",
            {"first-reading": "measured", "control": "dephased"},
            {"bound-driving", "bound-between", "real-between", "imaginary-between"},
        ),
    ],
)
def test_a_run_of_the_preset_lies_over_the_figures(protocol, preset, paper, options, panels, tmp_path):
    experiment = build(protocol, dict(protocol.presets[preset].values))
    bases = "energies" if paper == "huang" else "ZZ"
    program = compile(experiment, experiment.points(options), shots=400, bases=bases)
    record = execute(program, open_device("exact"), runs=tmp_path, seed=4, about={"draws": 20})
    write(analyse(record))
    every = [one for offer in PAPERS[paper].offers.values() for one in offer.measures]
    found = Overlay.open(record.path).fitting(every)
    # a pair that was read has no phase: it belongs to both panels
    assert {one.measure.panel for one in found} == panels
    labels = [one.measure.label for one in found if one.measure.panel == "bound-between"]
    assert not labels or labels == ["undisturbed", "bound", "coherence removed", "A measured before"]
