"""The same answers from this process, from two processes and from a real Dask cluster of two, over tcp."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from local_cluster import Cluster, kill_once, local_cluster

from analysis import analyse
from reproduce import reproduce
from reproduce.pairs import SETS
from theory import Cache

pytestmark = pytest.mark.slow
pytest.importorskip("distributed", reason="hotward[cluster] is not installed")

HOTWARD = (sys.executable, "-m", "hotward")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with local_cluster(tmp_path_factory.mktemp("dask"), 2) as started:
        yield started


def hotward(*words: str) -> str:
    """What a command prints; in a process of its own, as a user's is."""
    done = subprocess.run([*HOTWARD, *words], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def digests(folder: Path, *patterns: str) -> Mapping[str, str]:
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    assert found
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_a_run_has_the_same_counts_and_table(cluster: Cluster, tmp_path: Path) -> None:
    """Gates on results: the slowest way to simulate."""
    words = ("run", "maxwell-demon", "--device", "aer:fake_fez", "--feedback", "measured", "--shots", "600")
    words = (*words, "--seed", "5", "--draws", "40")
    found = []
    for number, workers in enumerate(("1", "2", cluster.address)):
        said = hotward(*words, "--workers", workers, "--runs", str(tmp_path / str(number)))
        found.append(digests(Path(said.splitlines()[-1]), "counts.csv", "raw/*", "derived/table.csv"))
    assert found[0] == found[1] == found[2]


def test_an_analysis_of_many_points_has_the_same_table(cluster: Cluster, tmp_path: Path) -> None:
    """Draws and searches of the likelihood of 500 points, which workers share; threads of one's own executor too."""
    words = ("--set", "time=0:5:500", "--device", "exact", "--shots", "900", "--seed", "3", "--draws", "100")
    asked = ("--quantities", "mutual_information,concurrence,efficiency", "--runs", str(tmp_path))
    run = Path(hotward("run", "heat-exchange", *words, *asked).splitlines()[-1])
    found = [digests(run, "derived/table.csv")]
    for workers in ("2", cluster.address):
        hotward("analyse", str(run), "--workers", workers)
        found.append(digests(run, "derived/table.csv"))
    with ThreadPoolExecutor(2) as own:
        table = analyse(run, workers=own).table
    assert found[0] == found[1] == found[2]
    assert table.equals(analyse(run).table)


def test_figures_have_the_same_curves(cluster: Cluster, tmp_path: Path) -> None:
    """One figure of hierarchies, those of the set that takes least, and one whole figure; every cache begins empty."""
    found = []
    for number, workers in enumerate((1, 2, cluster.address)):
        out, cache = tmp_path / f"out-{number}", Cache(directory=tmp_path / f"cache-{number}")
        reproduce("holdsworth-kawai", out, figures="1,4", cache=cache, sets={"P": SETS["P"]}, workers=workers)
        found.append((digests(out, "*"), digests(cache.directory, "*.result").keys()))
    assert found[0] == found[1] == found[2]


def test_a_killed_scan_goes_on_from_what_is_kept(tmp_path: Path) -> None:
    """kill -9 of a scan over hierarchies: every result that came in is kept, and is not computed again."""
    cache = tmp_path / "cache"
    words = ("reproduce", "holdsworth-kawai", "--figures", "4", "--cache", str(cache), "--workers", "2")
    kill_once(lambda: len([*cache.glob("*.result")]) > 3, [*HOTWARD, *words, "--out", str(tmp_path / "out")])
    kept = {path.name: path.stat().st_mtime_ns for path in cache.glob("*.result")}
    assert len(kept) > 3
    assert not (tmp_path / "out" / "index.html").exists()
    hotward(*words, "--out", str(tmp_path / "out"))
    assert {name: (cache / name).stat().st_mtime_ns for name in kept} == kept


def test_a_run_whose_process_is_killed_goes_on_elsewhere(tmp_path: Path) -> None:
    """kill -9 of `hotward run` while it measures: no process is left, and what was measured is not measured again."""
    words = ("run", "heat-exchange", "--device", "aer:fake_fez", "--set", "time=0:9:4", "--shots", "8000")
    words = (*words, "--seed", "5", "--draws", "20", "--runs", str(tmp_path), "--workers", "2")
    whole = Path(hotward(*words).splitlines()[-1])
    known = {*tmp_path.iterdir()}
    kill_once(lambda: any(measured(run) for run in {*tmp_path.iterdir()} - known), [*HOTWARD, *words])
    (run,) = {*tmp_path.iterdir()} - known
    assert not (run / "stop.json").exists()
    kept = measured(run)
    hotward("collect", str(run), "--draws", "20", "--workers", "2")
    asked = ("counts.csv", "raw/*", "derived/table.csv")
    assert digests(run, *asked) == digests(whole, *asked)
    assert all(measured(run).count(name) == 1 for name in kept), "nothing is measured twice"


def measured(run: Path) -> list[str]:
    """Names of the jobs and pieces that the journal has as measured."""
    if not (run / "jobs.jsonl").exists():
        return []
    lines = (run / "jobs.jsonl").read_text().splitlines(keepends=True)
    entries = [json.loads(line) for line in lines if line.endswith("\n")]
    return [one["raw"] for one in entries if one["event"] in ("measured", "collected")]
