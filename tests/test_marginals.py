"""Pairs among more qubits: their counts, their states, and the rows that a chain has of its bonds."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from predictions import read_off

from analysis import analyse, predict
from analysis.data import read
from analysis.intervals import Methods, estimates, view
from analysis.marginals import as_determined, bases_of, cells_of, counts_of
from analysis.quantities import pair_observables
from devices import RunRecord, execute, open_device
from protocols import compile
from protocols.chain_exchange import ChainExchange
from protocols.quantities import states

FIELDS = {"T_1": 0.8, "T_2": 1.6, "T_3": 1.1, "time": [0.0, 3.0]}


def run(tmp_path: Path, bases: str, shots: int = 3000) -> RunRecord:
    experiment = ChainExchange(**FIELDS)
    program = compile(experiment, bases=bases, shots=shots, calibration_shots=500)
    return execute(program, open_device("exact"), runs=tmp_path, seed=4)


def without(rho, qubit, qubits):
    """Partial trace over one qubit."""
    left, right = 2**qubit, 2 ** (qubits - qubit - 1)
    traced = np.einsum("aibcid->abcd", rho.reshape(left, 2, right, left, 2, right))
    return traced.reshape(left * right, left * right)


def test_states_of_pairs_are_partial_traces():
    generator = np.random.default_rng(1)
    A = generator.normal(size=(2, 16, 16))
    rho = (A[0] + 1j * A[1]) @ (A[0] + 1j * A[1]).conj().T
    rho /= np.trace(rho)
    points = ChainExchange(time=[1.0]).points({}, "nominal")
    cells = view(points, 1, rho[None, None])
    for first, second in itertools.combinations(range(4), 2):
        expected = rho
        for qubit in sorted({0, 1, 2, 3} - {first, second}, reverse=True):
            expected = without(expected, qubit, int(np.log2(len(expected))))
        found = cells_of(cells, (first, second)).state
        assert found is not None
        np.testing.assert_allclose(found[0], expected, atol=1e-14)
        turned = cells_of(cells, (second, first)).state
        assert turned is not None
        swap = np.eye(4)[[0, 2, 1, 3]]
        np.testing.assert_allclose(turned[0], swap @ expected @ swap, atol=1e-14)


def test_counts_of_a_pair_are_those_of_its_columns(tmp_path):
    record = run(tmp_path, "bonds", shots=600)
    data, rows = read(record, readout_correction=True), record.counts()
    rows = rows[(rows["basis"] != "cal") & (rows["time"] == 3.0) & (rows["member"] == 1)]
    for pair in ((0, 1), (2, 1)):
        found = counts_of(data, pair)
        letters = rows["basis"].map(lambda basis, pair=pair: "".join(basis[i] for i in pair))
        assert set(found.bases) == set(letters)
        for index, basis in enumerate(found.bases):
            for bits in itertools.product((0, 1), repeat=2):
                here = (letters == basis) & np.all(
                    [rows[f"q{i + 1}"] == b for i, b in zip(pair, bits, strict=True)], axis=0
                )
                assert found.observed[1, 1, index, 2 * bits[0] + bits[1]] == rows["count"][here].sum()
        # the calibration of all is one of the pair, with the shots of the others' patterns
        assert found.calibration.shape == (4, 4)
        assert found.calibration.sum() == data.calibration.sum()
        assert (np.diagonal(found.calibration) > 0.999 * found.calibration.sum(axis=1)).all()


def test_the_smallest_set_is_found_whichever_way_round_a_bond_is_read():
    bases = ("ZZZZ", "XXXX", "XYXY")
    assert [as_determined(bases, (i, i + 1)) for i in range(3)] == [(0, 1), (2, 1), (2, 3)]
    assert bases_of(bases, (2, 1)) == ("ZZ", "XX", "XY")
    assert as_determined(("ZZZ",), (1, 2)) == (1, 2)


def test_rows_of_bonds_are_those_of_the_reduced_states():
    table = predict(ChainExchange(**FIELDS), {"control": "none"})
    experiment = ChainExchange(**FIELDS)
    points = experiment.points({"control": "none"}, "nominal")
    for arm in ("main", "none"):
        rho = experiment.state(points, arm)
        for name, drop in (("q1q2", 2), ("q2q3", 0)):
            pair = np.array([without(one, drop, 3) for one in rho])
            for row, function in (
                ("mutual_information", states.mutual_information),
                ("concurrence", states.concurrence),
            ):
                np.testing.assert_allclose(read_off(table, row, name, arm), function(pair), atol=1e-9)
    # of the default chain: the optimal pair's on both bonds
    found = read_off(predict(ChainExchange(time=[0.0]), {}), "mutual_information", "q2q3")
    assert found[0] == pytest.approx(0.595453, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("bases", ["conserving", "bonds"])
def test_values_and_intervals_are_those_of_the_pair_alone(tmp_path, bases):
    record = run(tmp_path, bases)
    data, analysis = read(record, readout_correction=True), analyse(record, draws=20)
    for name, pair in (("q1q2", (0, 1)), ("q2q3", (1, 2))):
        alone = counts_of(data, as_determined(data.bases, pair))
        wanted = [
            o
            for o in pair_observables(("a", "b"))
            if o.name in ("mutual_information", "concurrence") and o.subject == "ab"
        ]
        cells = cells_of(analysis.view, as_determined(data.bases, pair))
        for one in estimates(wanted, alone, cells, Methods(draws=20), alone.seed):
            row = analysis.estimates.quantities[one.observable.name, name]
            for quantity in ("value", "stderr", "low", "high"):
                np.testing.assert_array_equal(getattr(row, quantity).ravel(), getattr(one, quantity))


def test_where_settings_do_not_tell_there_are_no_rows(tmp_path):
    analysis = analyse(run(tmp_path, "energies"), draws=5)
    assert ("mutual_information", "q1q2") not in analysis.estimates.quantities
    assert ("energy", "q1") in analysis.estimates.quantities
