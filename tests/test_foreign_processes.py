"""The campaign on hardware, process by process: killed, interrupted, two at once, on a full disk, with a torn journal.

Processes are real and so are the signals; the instant of each is one of all moments at which the command opens a file
of its run or sends something, drawn from the seed. What goes on with the run afterwards is a command in this process.
What has to hold after each is in foreign_truth.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from conftest import SHORT_WAITS, Call, Said
from fake_ibm import LocalPlatform
from foreign_campaign import Case, cases
from foreign_children import Child, Nursery, reader_that_leaves
from foreign_proxy import Exchange
from foreign_stage import ASKED, SMALL, Stage, staged
from foreign_truth import assert_colleague_waits, assert_held, assert_well_said, own_jobs
from ibm_cases import until
from ibm_scenarios import small
from ibm_truth import assert_complete, assert_no_secret

import devices

pytestmark = pytest.mark.slow
RUN = ("run", *SMALL, "--yes", "--runs")
SUBMIT = ("submit", *SMALL, "--yes", "--runs")


@pytest.fixture
def stage(platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    yield from staged(platform, call, tmp_path, monkeypatch)


@pytest.fixture
def nursery(stage: Stage, tmp_path: Path) -> Nursery:
    """Children that find the platform of the stage."""
    environment = {
        **stage.proxy.environment(),
        "HOME": os.environ["HOME"],
        "HOTWARD_IBM_WAITS": SHORT_WAITS,
        "MPLBACKEND": "Agg",
    }
    return Nursery(tmp_path / "said", stage.runs, environment)


_MOMENTS: dict[str, int] = {}


def moments(stage: Stage, nursery: Nursery, command: str, *words: object) -> int:
    """How many moments a command has, counted once: by a run of its own, that is not this case's."""
    if command not in _MOMENTS:
        _MOMENTS[command] = nursery.moments(words)
        until(lambda: all(job.final for job in own_jobs(stage.platform)))
        for job in own_jobs(stage.platform):
            stage.platform.forget(job.id)
        shutil.rmtree(stage.runs)
        stage.runs.mkdir()
    return _MOMENTS[command]


def heard(stage: Stage, said: Said) -> Said:
    """Keeps what a child said for the search for secrets."""
    stage.texts += [said.out, said.err]
    return said


def drawn_instant(random: np.random.Generator, number: int) -> int:
    return 1 + int(random.integers(number))


# -- killed


SIGNALS = (signal.SIGKILL,) * 3 + (signal.SIGTERM, signal.SIGHUP)


@cases("killed")
def test_a_run_that_is_killed_is_done_by_the_next_command(case: Case, stage: Stage, nursery: Nursery) -> None:
    random = case.random
    number = SIGNALS[case.number % len(SIGNALS)]
    instant = drawn_instant(random, moments(stage, nursery, "run", *RUN, stage.runs))
    said = heard(stage, nursery.start((*RUN, stage.runs), instant=instant, signal=number).ended())
    assert said.status in (-number, 0), said
    if case.number % 4 == 0 and stage.run is not None:
        # and whoever goes on with it is killed as well
        again = nursery.start(("collect", stage.run), instant=drawn_instant(random, 120), signal=signal.SIGKILL)
        assert heard(stage, again.ended()).status in (-signal.SIGKILL, 0)
    stage.to_the_end()


@cases("killed at a request")
def test_a_run_that_is_killed_as_it_waits_for_an_answer_is_done_by_the_next(
    case: Case, stage: Stage, nursery: Nursery
) -> None:
    """From outside: before the request gets through, after it was carried out, or with a part of its reply sent."""
    random = case.random
    number = (*SIGNALS, signal.SIGINT)[case.number % (len(SIGNALS) + 1)]
    kind = "submit" if case.number < 6 else case.pick([*ASKED])
    when, at = int(random.integers(3)), random.random()
    children: list[Child] = []

    def act(exchange: Exchange) -> None:
        reply = exchange.forward().raw if when else b""
        exchange.send_raw(reply[: int(at * len(reply))] if when == 2 else b"")
        until(lambda: children)
        children[0].send(number)
        until(lambda: children[0].gone)
        exchange.reset()

    stage.struck_at_random(act, kind, random)
    children.append(nursery.start((*RUN, stage.runs)))
    said = heard(stage, children[0].ended())
    stage.proxy.quiet()
    assert said.status == (130 if number == signal.SIGINT else -number), said
    if number == signal.SIGINT:
        assert_well_said(said, None)
        assert ("hotward collect" in said.err) == (stage.run is not None), said.err
    stage.to_the_end()


@cases("killed in submit")
def test_a_submission_that_is_killed_is_whole_or_absent(case: Case, stage: Stage, nursery: Nursery) -> None:
    number = (signal.SIGKILL, signal.SIGTERM)[case.number % 2]
    instant = drawn_instant(case.random, moments(stage, nursery, "submit", *SUBMIT, stage.runs))
    said = heard(stage, nursery.start((*SUBMIT, stage.runs), instant=instant, signal=number).ended())
    assert said.status in (-number, 0), said
    if stage.run is None:
        assert own_jobs(stage.platform) == [], "a job without a directory"
    stage.to_the_end()


@cases("interrupted")
def test_an_interrupted_run_says_how_it_goes_on(case: Case, stage: Stage, nursery: Nursery) -> None:
    instant = drawn_instant(case.random, moments(stage, nursery, "run", *RUN, stage.runs))
    said = heard(stage, nursery.start((*RUN, stage.runs), instant=instant, signal=signal.SIGINT).ended())
    assert said.status in (130, 0), said
    assert_well_said(said, None)
    if said.status:
        assert "interrupted" in said.complaint[-1], said.err
        sealed = stage.run is not None and (stage.run / "stop.json").exists()
        assert ("hotward collect" in said.err) == (stage.run is not None and not sealed), said.err
    stage.to_the_end()


# -- two at once


@cases("two at once")
def test_of_two_that_collect_at_once_one_refuses(case: Case, stage: Stage, nursery: Nursery) -> None:
    run = submitted(stage)
    children = [nursery.start(("collect", run)) for _ in range(2)]
    said = [heard(stage, child.ended()) for child in children]
    assert {each.status for each in said} <= {0, 1}
    assert any(each.status == 0 for each in said)
    for each in said:
        assert_well_said(each, run)
        assert each.status == 0 or "another process" in each.err
    stage.to_the_end()


def submitted(stage: Stage) -> Path:
    """A run whose jobs were sent by a process that is gone."""
    said = stage.commanded("submit", *SMALL, "--yes", "--runs", stage.runs)
    assert said.status == 0, said.err
    return said.run


# -- cancelled


@cases("cancelled")
def test_what_is_cancelled_ends_and_nothing_else(case: Case, stage: Stage, nursery: Nursery) -> None:
    """By turns: while another collects, killed at an instant, jobs done or queued."""
    random = case.random
    queued = bool(random.integers(2))
    stage.platform.settings.queue_delay = 600.0 if queued else 0.0
    run = submitted(stage)
    if case.number % 2:
        collecting = nursery.start(("collect", run, "--wait", "5"))
        said = [heard(stage, nursery.start(("cancel", run)).ended()), heard(stage, collecting.ended())]
        assert {each.status for each in said} <= {0, 1}
    else:
        killed = nursery.start(("cancel", run), instant=drawn_instant(random, 60), signal=signal.SIGKILL)
        assert heard(stage, killed.ended()).status in (-signal.SIGKILL, 0)
    for _ in range(4):
        if (run / "stop.json").exists():
            break
        stage.commanded("cancel", run)
    assert (run / "stop.json").exists(), [each.err for each in stage.said]
    stage.proxy.quiet()
    assert {job.status for job in own_jobs(stage.platform)} == {"Cancelled" if queued else "Completed"}
    assert len(own_jobs(stage.platform)) == 2
    assert stage.platform.open_sessions() == []
    assert_colleague_waits(stage.platform, stage.others)
    if not queued:
        assert_complete(stage.platform, run)
    assert_no_secret(stage.platform, stage.runs, *stage.texts)


# -- full disks


@cases("full disk")
def test_a_full_disk_loses_nothing(case: Case, stage: Stage, nursery: Nursery, tmp_path: Path) -> None:
    """No file may have more than some bytes: of a run from its beginning, or of one that was submitted."""
    random = case.random
    most = int(random.integers(1, 60_000)) if case.number < 2 else int(random.integers(1, 2_500))
    words = (*RUN, stage.runs) if case.number < 2 else ("collect", submitted(stage))
    # what is said goes through a pipe, for a file of it would be full as well
    with reader_that_leaves(tmp_path / "pipe", 1) as err:
        child = nursery.start(words, most=most, err=err, out=os.devnull)
        said = heard(stage, child.ended())
    assert said.status in (0, 1, 2), said
    stage.to_the_end()


# -- journals


@cases("journal")
def test_a_journal_that_was_torn_or_flipped_pays_nothing_twice(case: Case, stage: Stage) -> None:
    random = case.random
    run = submitted(stage)
    if random.integers(2):
        assert stage.commanded("collect", run, "--wait", "0").status in (0, 1)
        (run / "stop.json").unlink(missing_ok=True)
    journal = run / "jobs.jsonl"
    whole = journal.read_bytes()
    at = int(random.integers(len(whole)))
    flipped = whole[:at] + bytes([whole[at] ^ (1 << int(random.integers(8)))]) + whole[at + 1 :]
    journal.write_bytes(whole[:at] if case.number % 2 else flipped)
    said = stage.commanded("collect", run)
    assert len(own_jobs(stage.platform)) == 2, "a job was sent again"
    assert_colleague_waits(stage.platform, stage.others)
    if said.status:
        assert "damaged" in said.err, said.err
        journal.write_bytes(whole)
        (run / "stop.json").unlink(missing_ok=True)
        assert stage.commanded("collect", run).status == 0
    assert_complete(stage.platform, run, again=None)
    assert_no_secret(stage.platform, stage.runs, *stage.texts)


# -- copies


@cases("copies")
def test_a_copy_pays_nothing_twice(case: Case, stage: Stage, nursery: Nursery, tmp_path: Path) -> None:
    """Seven ways to have a run in two places, or under two names, or at two times."""
    random = case.random
    if case.number < 3:
        runs = copied(stage, prepared(stage) if case.number else submitted(stage), tmp_path)
        if case.number == 2:
            # at the very same instant, both before anything is sent
            stage.platform.settings.queue_delay = 2.0
            for each in [nursery.start(("collect", run)) for run in runs]:
                assert heard(stage, each.ended()).status in (0, 1)
        for run in (*runs, *runs):
            assert stage.commanded("collect", run).status == 0
            assert_complete(stage.platform, run)
        assert [job.status for job in own_jobs(stage.platform)].count("Completed") == 2
        assert_colleague_waits(stage.platform, stage.others)
        return
    if case.number == 3:
        renamed(stage, submitted(stage))
    elif case.number == 4:
        instant = drawn_instant(random, moments(stage, nursery, "submit", *SUBMIT, stage.runs))
        heard(stage, nursery.start((*SUBMIT, stage.runs), instant=instant).ended())
        if stage.run is not None:
            renamed(stage, stage.run)
    else:
        submitted(stage)
        days = timedelta(days=(1, -1)[case.number % 2] * int(random.integers(1, 4000)))
        today = stage.platform.clock.today
        stage.monkeypatch.setattr(stage.platform.clock, "today", lambda: today() + days)
        stage.platform.accounts._clock = type(stage.platform.clock)()
    stage.to_the_end()


def prepared(stage: Stage) -> Path:
    """A run of which everything is on disk and nothing was sent."""
    device = devices.open_device("ibm:ibm_manila", devices.HardwareOptions(passes=2))
    return devices.prepare_run(small(2), device, runs=stage.runs, seed=1).run


def copied(stage: Stage, run: Path, where: Path) -> list[Path]:
    other = where / "copies" / run.name
    shutil.copytree(run, other)
    return [run, other]


def renamed(stage: Stage, run: Path) -> None:
    run.rename(run.with_name("renamed"))


# -- raw results


@cases("raw")
def test_a_raw_result_that_was_changed_is_fetched_again(case: Case, stage: Stage) -> None:
    random = case.random
    assert stage.once().status == 0
    assert stage.run is not None
    (stage.run / "stop.json").unlink()
    index = int(random.integers(2))
    path = stage.run / "raw" / f"job-{index:03d}.json"
    whole = path.read_bytes()
    at = int(random.integers(len(whole)))
    if case.number == 0:
        path.unlink()
    else:
        changed = (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], b"{}")[case.number - 1]
        path.write_bytes(changed)
    stage.to_the_end(again=[index])
    if case.number:
        assert [each.read_bytes() for each in path.parent.glob("*.rejected-*")] == [changed]


# -- the account's file


@cases("account file")
def test_a_key_in_a_file_that_others_may_read_is_not_used(case: Case, stage: Stage) -> None:
    folder = Path(os.environ["HOME"]) / ".config" / "hotward"
    folder.mkdir(parents=True)
    file = folder / "ibm.toml"
    lines = [f'{name} = "{os.environ[variable]}"' for name, variable in ACCOUNT.items()]
    broken = case.number == 2
    file.write_text("\n".join(lines) + ('\ntoken = "twice' if broken else "\n"))
    file.chmod((0o644, 0o640, 0o600)[case.number])
    for variable in ACCOUNT.values():
        stage.monkeypatch.delenv(variable)
    said = stage.call("--debug", "run", *SMALL, "--yes", "--runs", stage.runs)
    assert said.status == 2, said
    assert own_jobs(stage.platform) == []
    assert_no_secret(stage.platform, stage.runs, said.out, said.err)
    file.write_text("\n".join(lines) + "\n")
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    stage.to_the_end()


ACCOUNT = {"token": "QISKIT_IBM_TOKEN", "instance": "QISKIT_IBM_INSTANCE", "url": "QISKIT_IBM_URL"}


# -- streams


@cases("hardware streams")
def test_a_run_on_hardware_outlasts_its_streams(
    case: Case,
    stage: Stage,
    nursery: Nursery,
    tmp_path: Path,
) -> None:
    random = case.random
    after = int(random.integers(200))
    streams: dict[str, str] = (
        {"err": "/dev/full"},
        {"out": "/dev/full"},
        {"err": "closed"},
        {"out": "closed"},
        {"out": "closed", "err": "closed"},
        {"err": "pipe"},
        {"out": "pipe"},
        {"out": "/dev/full", "err": "closed"},
    )[case.number]
    with reader_that_leaves(tmp_path / "pipe", after) as pipe:
        given = {name: pipe if where == "pipe" else where for name, where in streams.items()}
        said = heard(stage, nursery.start((*RUN, stage.runs), **given).ended())
    assert said.status == int(streams.get("out") == "/dev/full"), said
    assert stage.run is not None
    assert devices.RunRecord.open(stage.run).stop["status"] == "done"
    assert_held(stage.platform, stage.proxy, stage.portal, stage.runs, stage.others, stage.texts)
