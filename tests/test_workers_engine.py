"""Work spread over processes: what is refused before any work, and what a process that is lost costs."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from local_cluster import Cluster, kill_once, local_cluster

from protocols import RequestError
from workers import WorkerLost, in_order, opened, spread

TESTS = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Deadly:
    """A task that ends its process, as kill -9 or a machine without memory does."""

    number: int
    mark: Path | None = None
    """Once, unless this file is there; None: whenever it is begun."""


def squared(number: int) -> int:
    return number * number


def process(number: int) -> int:
    time.sleep(0.3)
    return os.getpid()


def perhaps_deadly(task: Deadly) -> int:
    if task.number == 2 and (task.mark is None or not task.mark.exists()):
        if task.mark is not None:
            task.mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return task.number


def refused(number: int) -> int:
    raise ValueError(f"{number} is not liked")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    pytest.importorskip("distributed", reason="hotward[cluster] is not installed")
    with local_cluster(tmp_path_factory.mktemp("dask"), 2, PYTHONPATH=str(TESTS)) as started:
        yield started


def refusal(asked: object) -> str:
    began = time.monotonic()
    with pytest.raises(RequestError) as caught, opened(asked):  # pyright: ignore[reportArgumentType]
        pytest.fail("nothing was refused")
    text = str(caught.value)
    assert text.startswith("Argument `workers` must ")
    assert "\n" not in text
    assert time.monotonic() - began < 30, "a user waits for this line"
    return text


@pytest.mark.parametrize("asked", [0, -1, "0", "-1", "x", "", "1.5", 1.5, True, None, [2]])
def test_a_number_that_is_none_is_refused(asked: object) -> None:
    assert repr(asked).strip("'") in refusal(asked)


@pytest.mark.parametrize("asked", ["http://127.0.0.1:8786", "tcp://127.0.0.1", "tcp://:8786", "127.0.0.1:8786"])
def test_an_address_that_is_none_is_refused(asked: str) -> None:
    assert asked in refusal(asked)


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["tcp://127.0.0.1:1", "tcp://nothing:1"])
def test_a_scheduler_that_is_not_there_is_refused_within_seconds(asked: str) -> None:
    pytest.importorskip("distributed", reason="hotward[cluster] is not installed")
    assert asked in refusal(asked)


@pytest.mark.slow
def test_a_scheduler_without_workers_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="hotward[cluster] is not installed")
    with local_cluster(tmp_path, 0) as alone:
        text = refusal(alone.address)
        assert f"dask worker {alone.address}" in text, "the command that helps"


@pytest.mark.slow
def test_workers_with_another_hotward_are_refused(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="hotward[cluster] is not installed")
    older = tmp_path / "older" / "hotward-0.0.1.dist-info"
    older.mkdir(parents=True)
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: hotward\nVersion: 0.0.1\n")
    with local_cluster(tmp_path, 0) as mixed:
        mixed.add_workers(1)
        mixed.add_workers(1, PYTHONPATH=str(older.parent))
        assert "0.0.1" in refusal(mixed.address)


def test_one_worker_is_this_process() -> None:
    with opened(1) as workers:
        assert workers.number == 1
        assert in_order(process, [1], workers) == [os.getpid()]


def test_an_executor_of_one_s_own_is_used_and_not_closed() -> None:
    with ThreadPoolExecutor(2) as own:
        with opened(own) as workers:
            assert in_order(squared, range(5), workers) == [0, 1, 4, 9, 16]
            with opened(workers) as again:
                assert again is workers
        assert own.submit(squared, 3).result() == 9


@pytest.mark.slow
@pytest.mark.parametrize("asked", [1, 2, "2", "cluster"])
def test_results_come_with_their_tasks(asked: int | str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("cluster").address if asked == "cluster" else asked
    told: list[tuple[int, int]] = []
    with opened(address) as workers:
        assert workers.number == int(asked) if asked != "cluster" else workers.number == 2
        assert dict(spread(squared, range(30), workers)) == {k: k * k for k in range(30)}
        assert in_order(squared, range(7), workers, lambda *given: told.append(given)) == [k * k for k in range(7)]
        assert told[-1] == (7, 7)
        assert in_order(squared, [], workers) == []
        if asked != 1:
            found = set(in_order(process, range(6), workers))
            assert len(found) == 2
            assert os.getpid() not in found


@pytest.mark.slow
@pytest.mark.parametrize("asked", [1, 2, "cluster"])
def test_what_a_task_raises_is_raised_here(asked: int | str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("cluster").address if asked == "cluster" else asked
    with opened(address) as workers, pytest.raises(ValueError, match="3 is not liked"):
        in_order(refused, [3], workers)


@pytest.mark.slow
@pytest.mark.parametrize("asked", [2, "cluster"])
def test_the_task_of_a_lost_worker_is_repeated(
    asked: int | str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    address = request.getfixturevalue("cluster").address if asked == "cluster" else asked
    tasks = [Deadly(number=k, mark=tmp_path / "once") for k in range(6)]
    with opened(address) as workers:
        assert in_order(perhaps_deadly, tasks, workers) == list(range(6))
    assert (tmp_path / "once").exists(), "a process was killed"


@pytest.mark.slow
@pytest.mark.parametrize("asked", [2, "cluster"])
def test_a_task_that_ends_every_worker_is_named(asked: int | str, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue("cluster").address if asked == "cluster" else asked
    with opened(address) as workers, pytest.raises(WorkerLost) as caught:
        in_order(perhaps_deadly, [Deadly(number=k) for k in range(6)], workers)
    assert "Deadly(number=2" in str(caught.value)
    assert "\n" not in str(caught.value)


SCRIPT = """
    import sys
    from pathlib import Path
    from workers import opened, spread
    from test_workers_engine import noted

    if __name__ == "__main__":
        with opened(2) as workers:
            for index, result in spread(noted, range(1000), workers):
                (Path(sys.argv[1]) / str(index)).write_text(str(result))
"""


def noted(number: int) -> int:
    time.sleep(0.05)
    return number


@pytest.mark.slow
def test_a_killed_client_leaves_what_was_done_and_no_process(tmp_path: Path) -> None:
    script, results = tmp_path / "client.py", tmp_path / "results"
    script.write_text(textwrap.dedent(SCRIPT))
    results.mkdir()
    command = [sys.executable, str(script), str(results)]
    # the client and two workers
    kill_once(lambda: len([*results.iterdir()]) > 5, command, least=3, PYTHONPATH=str(TESTS))
    assert all(path.read_text() == path.name for path in results.iterdir())
