"""The same answers from this process, from two processes and from a real Dask cluster of two, over tcp."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from local_cluster import Cluster, local_cluster

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="hotward[cluster] is not installed")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with local_cluster(tmp_path_factory.mktemp("dask"), 2) as started:
        yield started


def hotward(*words: str) -> str:
    """What a command prints; in a process of its own, as a user's is."""
    command = [sys.executable, "-m", "hotward", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def digests(folder: Path, *patterns: str) -> Mapping[str, str]:
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    assert found
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.parametrize(
    "words",
    [
        ("heat-exchange", "--device", "aer:fake_fez", "--shots", "500"),
        ("maxwell-demon", "--device", "aer:fake_fez", "--feedback", "measured", "--shots", "600"),
    ],
)
def test_a_run_has_the_same_counts_and_table(words: tuple[str, ...], cluster: Cluster, tmp_path: Path) -> None:
    found = []
    for number, workers in enumerate(("1", "2", cluster.address)):
        runs = tmp_path / str(number)
        asked = ("--workers", workers, "--seed", "5", "--draws", "40", "--runs", str(runs))
        said = hotward("run", *words, *asked)
        run = Path(said.splitlines()[-1])
        found.append((digests(run, "counts.csv", "raw/*"), digests(run, "derived/table.csv")))
    assert found[0] == found[1] == found[2]


def test_figures_have_the_same_curves(cluster: Cluster, tmp_path: Path) -> None:
    """One figure of hierarchies, one whole figure; every cache begins empty."""
    found = []
    for number, workers in enumerate(("1", "2", cluster.address)):
        out, cache = tmp_path / f"out-{number}", tmp_path / f"cache-{number}"
        hotward(
            *("reproduce", "holdsworth-kawai", "--figures", "1,4", "--out", str(out)),
            *("--cache", str(cache), "--workers", workers),
        )
        found.append((digests(out, "*.csv"), digests(cache, "*.result").keys()))
    assert found[0] == found[1] == found[2]
