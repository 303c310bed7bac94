"""Results on disk: the same inputs are not computed twice, others are, and what is damaged is computed again."""

from dataclasses import replace

import numpy as np
import pytest

from protocols import RequestError
from theory import Bath, Cache, Expansion, OpenPair, hierarchy
from theory.cache import digest

BATH = Bath(temperature=1.0, coupling=0.01, cutoff=1.0)
PAIR = OpenPair(bath_A=BATH, bath_B=BATH, expansion=Expansion(depth=1))
RHO, TIMES = np.diag([0.0, 0.0, 1.0, 0.0]), np.linspace(0, 2, 3)


def inputs(pair=PAIR, rho=RHO, times=TIMES):
    return {"solver": "hierarchy", "pair": pair, "rho": rho, "times": times}


def test_a_result_is_computed_once(tmp_path):
    cache, calls = Cache(directory=tmp_path).checked(), []

    def compute():
        calls.append(1)
        return {"x": np.arange(3.0)}

    for _ in range(3):
        np.testing.assert_array_equal(cache.recall(inputs(), compute)["x"], [0, 1, 2])
    assert len(calls) == 1
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", b"not a zip", b"\x93NUMPY" + bytes(60)])
def test_a_damaged_file_is_computed_again_and_replaced(tmp_path, damage):
    cache = Cache(directory=tmp_path).checked()
    first = hierarchy.evolve(PAIR, RHO, TIMES, cache=cache)
    (stored,) = tmp_path.iterdir()
    stored.write_bytes(damage)
    again = hierarchy.evolve(PAIR, RHO, TIMES, cache=cache)
    np.testing.assert_array_equal(first.states, again.states)
    assert stored.stat().st_size > len(damage)
    flipped = bytearray(stored.read_bytes())
    flipped[-30] ^= 1
    stored.write_bytes(flipped)
    np.testing.assert_array_equal(hierarchy.evolve(PAIR, RHO, TIMES, cache=cache).states, first.states)
    torn = stored.read_bytes()[:-200]
    stored.write_bytes(torn)
    np.testing.assert_array_equal(hierarchy.evolve(PAIR, RHO, TIMES, cache=cache).heat_bath, first.heat_bath)


def test_every_input_counts():
    others = [
        inputs(replace(PAIR, coupling=0.2)),
        inputs(replace(PAIR, coupling_phase=0.2)),
        inputs(replace(PAIR, tolerance=1e-9)),
        inputs(replace(PAIR, bath_A=replace(BATH, cutoff=1.1))),
        inputs(replace(PAIR, bath_B=replace(BATH, temperature=1.1))),
        inputs(PAIR.expanded(deeper=1)),
        inputs(PAIR.expanded(more=1)),
        inputs(rho=np.diag([1.0, 0, 0, 0])),
        inputs(times=np.linspace(0, 3, 3)),
        {**inputs(), "solver": "pump"},
    ]
    digests = [digest(one) for one in (inputs(), *others)]
    assert len(set(digests)) == len(digests)
    assert digest(inputs()) == digests[0]


def test_the_version_of_qutip_counts(monkeypatch):
    before = digest(inputs())
    monkeypatch.setattr("importlib.metadata.version", lambda name: "0.0")
    assert digest(inputs()) != before


def test_a_cache_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match=r"`cache` must be a directory that can be written.*Give --cache DIR"):
        Cache(directory=tmp_path / "file" / "cache").checked()


def test_the_default_is_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Cache.default().directory == tmp_path / "hotward"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Cache.default().directory == tmp_path / ".cache" / "hotward"
