"""The campaign on hardware, fault by fault: what comes over a line, or from a platform, that cannot be relied on.

Each case is one user who wants one run of two jobs, in an instance where a colleague has two jobs queued: `hotward run`
with the fault in its way, then `hotward collect` until it is done. What has to hold after each is in foreign_truth.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import Call
from fake_ibm import LocalPlatform
from foreign_campaign import Case, cases
from foreign_proxy import Strike
from foreign_replies import (
    HEADERS,
    MAY_TWIN,
    PAYLOADS,
    STATES,
    every_job,
    lists,
    state,
    with_letters,
    without_state,
)
from foreign_stage import ASKED, SMALL, Stage, staged
from foreign_truth import assert_colleague_waits, assert_nothing_leaked, journal_of, own_jobs
from foreign_wire import (
    Held,
    answered,
    cut,
    cut_consistently,
    cut_upload,
    dripping,
    duplicated,
    edited,
    headed,
    html,
    late,
    lengthened,
    lost,
    redirected,
    retry_after,
    spoilt,
)
from ibm_scenarios import Aside, surplus

KINDS = tuple(ASKED)
pytestmark = pytest.mark.slow


@pytest.fixture
def stage(platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    yield from staged(platform, call, tmp_path, monkeypatch)


# -- the line


@cases("cut")
def test_a_reply_that_is_cut_costs_nothing(case: Case, stage: Stage) -> None:
    random = case.random
    act = (
        cut(random.random(), reset=False),
        cut(random.random(), reset=True),
        cut_consistently(random.random()),
        lengthened(1 + int(random.integers(5000))),
        lost(carried_out=False),
        lost(carried_out=True),
    )[random.integers(6)]
    stage.struck_at_random(act, case.pick(KINDS), random, times=1 + int(random.integers(2)))
    stage.to_the_end()


RETRY = ("300", "banana", "-5", "Fri, 01 Jan 2099 00:00:00 GMT", "1e9", "", "0", "\u00e9")
ODD: dict[str, Callable[[np.random.Generator], Strike]] = {
    **{
        f"429 or 503, Retry-After {value!r}": lambda random, value=value: Strike(
            act=retry_after((429, 503)[random.integers(2)], value.encode().decode("latin-1"))
        )
        for value in RETRY
    },
    "the page of a portal, once": lambda random: Strike(act=html()),
    "the page of a portal, with 502": lambda random: Strike(act=html(502)),
    "the page of a portal, for ever": lambda random: Strike(act=html(), times=-1),
    "nothing at all": lambda random: Strike(act=answered(200, b"")),
    "an empty document": lambda random: Strike(act=answered(200, b"{}")),
    "null": lambda random: Strike(act=answered(200, b"null")),
    "another number": lambda random: Strike(act=answered((400, 401, 403, 404, 408, 409, 418)[random.integers(7)])),
    "500": lambda random: Strike(act=answered(500)),
    "compressed, it says": lambda random: Strike(act=headed("Content-Encoding", "gzip")),
    "another status": lambda random: Strike(act=answered((299, 206, 599, 999)[random.integers(4)])),
}
FROM_A_REQUEST_ON = "the page of a portal, from a request on"


@cases("odd answer")
def test_an_odd_answer_is_no_answer(case: Case, stage: Stage) -> None:
    random = case.random
    name = case.pick([*ODD, FROM_A_REQUEST_ON])
    if name == FROM_A_REQUEST_ON:
        stage.arm(Strike(act=html(), times=-1, skip=int(random.integers(45))))
    else:
        strike = ODD[name](random)
        kind = KINDS[random.integers(len(KINDS))]
        stage.arm(Strike(act=strike.act, times=strike.times, kind=kind, skip=int(random.integers(ASKED[kind]))))
    stage.to_the_end()


@cases("twice")
def test_a_request_that_arrives_twice_makes_one_result(case: Case, stage: Stage) -> None:
    random = case.random
    kind = ("submit", "submit", "open-session", "close-session", ".*", "submit")[case.number]
    # jobs that are over at once, and jobs that wait until their twin was found
    stage.platform.settings.queue_delay = float(random.choice([0.0, 3.0]))
    times = -1 if kind in (".*", "submit") else 1
    stage.arm(Strike(act=duplicated(first=bool(random.integers(2))), kind=kind, times=times))
    stage.to_the_end(doubled=2)
    twins = [job for job in own_jobs(stage.platform) if job.id in surplus_ids(stage)]
    assert len(twins) == (2 if kind in ("submit", ".*") else 0)
    if stage.platform.settings.queue_delay:
        assert {job.status for job in twins} <= {"Cancelled"}


def surplus_ids(stage: Stage) -> set[str]:
    assert stage.run is not None
    return {str(line["id"]) for line in journal_of(stage.run) if line["event"] == "surplus"}


@cases("late")
def test_what_is_late_beyond_the_deadline_is_not_sent_twice(case: Case, stage: Stage) -> None:
    random = case.random
    kind = case.pick(("submit", "submit", "results", "list-jobs", "session", "iam", "job", "open-session"))
    stage.patience(answer=2, submission=2.5, settling=1)
    act = late(3.5, request=bool(random.integers(2)))
    if kind in ("results", "job") and random.integers(2):
        act = dripping(3.0)
    stage.struck_at_random(act, kind, random)
    # a request that comes when nobody waits for its answer any more is a second one, found by its tag
    stage.to_the_end(doubled=1 if kind == "submit" else 0)


@cases("held")
def test_a_submission_that_was_held_is_found_or_gone(case: Case, stage: Stage) -> None:
    held = Held.new(dropped=case.number == 0)
    # whoever sends another meanwhile has both jobs queued, and one of them is cancelled
    stage.platform.settings.queue_delay = 3.0
    stage.patience(answer=2, submission=1.5, settling=1)
    stage.struck_at_random(held, "submit", case.random)
    first = stage.once()
    assert held.arrived.is_set()
    assert first.status == 1
    held_meanwhile = Aside(stage.once)
    if case.random.integers(2):
        held.release.set()
        held_meanwhile.outcome()
    else:
        held_meanwhile.outcome()
        held.release.set()
    stage.proxy.quiet()
    stage.once()
    stage.finish(doubled=1)


@cases("upload")
def test_an_upload_that_breaks_makes_no_twin(case: Case, stage: Stage) -> None:
    random = case.random
    kind = ("submit", "submit", "submit", "submit", "open-session", "iam")[case.number]
    stage.struck_at_random(cut_upload(int(random.integers(1, 4000))), kind, random, times=(1, 6)[random.integers(2)])
    stage.to_the_end()


# -- secrets


@cases("redirect")
def test_a_redirect_takes_no_secret_along(case: Case, stage: Stage) -> None:
    random = case.random
    status = (302, 307, 308)[case.number % 3]
    kind = "iam" if case.number < 6 else case.pick(KINDS)
    always = -1 if random.integers(2) else 1
    stage.struck_at_random(redirected(status, stage.portal.origin), kind, random, times=always)
    stage.to_the_end()
    if kind == "iam":
        assert stage.portal.sent == [], "a request for a token was sent on"


def token(body: bytes, word: object) -> bytes:
    return json.dumps({**json.loads(body), "access_token": word}).encode()


def clock_that_is_off(stage: Stage, seconds: int) -> None:
    clock = stage.platform.clock
    manager = "ibm_cloud_sdk_core.token_managers.token_manager.TokenManager._get_current_time"
    stage.monkeypatch.setattr(manager, staticmethod(lambda: int(clock.today().timestamp()) + seconds))


def revoked(stage: Stage, after: int) -> None:
    """No token that was given out is good any more, from a request on."""

    def act(exchange: object) -> None:
        stage.platform.accounts._secret = b"another secret"
        exchange.send(exchange.forward())  # type: ignore[attr-defined]

    stage.arm(Strike(act=act, skip=after))


def key_withdrawn(stage: Stage, after: int) -> None:
    """The identity service does not know the key, from a request on, until the line is good again."""
    wrong = b'{"errorCode": "BXNIM0415E", "errorMessage": "Provided API key could not be found."}'
    stage.arm(Strike(act=answered(400, wrong), kind="iam", times=-1, skip=after % 2))


TOKENS: dict[str, Callable[[Stage, np.random.Generator], None]] = {
    "two seconds": lambda stage, random: setattr(stage.platform.accounts, "token_ttl", 2),
    "twelve seconds": lambda stage, random: setattr(stage.platform.accounts, "token_ttl", 12),
    "clock ahead": lambda stage, random: clock_that_is_off(stage, 7200),
    "clock behind": lambda stage, random: clock_that_is_off(stage, -7200),
    "token revoked": lambda stage, random: revoked(stage, 8 + int(random.integers(40))),
    "key revoked": lambda stage, random: key_withdrawn(stage, int(random.integers(2))),
    "no JWT": lambda stage, random: stage.arm(Strike(act=edited(lambda b: token(b, "abc")), kind="iam")),
    "null": lambda stage, random: stage.arm(Strike(act=edited(lambda b: token(b, None)), kind="iam")),
}


@cases("token")
def test_a_token_that_is_not_good_is_renewed_or_said(case: Case, stage: Stage) -> None:
    name = [*TOKENS][case.number]
    TOKENS[name](stage, case.random)
    if stage.once().status:
        stage.platform.accounts.token_ttl = 3600
        stage.proxy.calm()
        stage.to_the_end()
    else:
        stage.proxy.calm()
        stage.finish()


# -- results


@cases("payload")
def test_what_is_no_result_is_put_aside_and_fetched_again(case: Case, stage: Stage) -> None:
    name = [*PAYLOADS, *HEADERS][case.number]
    random = case.random
    sent: list[bytes] = []
    if name in PAYLOADS:
        change = PAYLOADS[name]

        def spoil(body: bytes) -> bytes:
            sent.append(change(body))
            return sent[-1]

        act = edited(spoil, content=str(random.choice(["", "text/plain", "application/json"])))
    else:
        act = edited(lambda body: body, content=name)
    times = 1 + int(random.integers(3))
    stage.struck_at_random(act, "results", random, times=times)
    stage.to_the_end()
    assert stage.run is not None
    aside = sorted(path.read_bytes() for path in (stage.run / "raw").glob("*.rejected-*"))
    assert aside == sorted(sent), "what came is kept as it came"
    assert [line["event"] for line in journal_of(stage.run)].count("rejected") == len(sent)


@pytest.mark.parametrize("name", HEADERS)
def test_letters_beyond_ascii_are_stored_as_they_came(name: str | None, stage: Stage) -> None:
    stage.arm(Strike(act=edited(with_letters, content=name), kind="results", times=-1))
    assert stage.once().status == 0
    assert stage.run is not None
    for job in own_jobs(stage.platform):
        assert job.result is not None
        assert with_letters(job.result.encode()) in [path.read_bytes() for path in (stage.run / "raw").iterdir()]
    assert_colleague_waits(stage.platform, stage.others)


# -- states


@cases("state")
def test_a_word_about_a_job_is_not_its_end(case: Case, stage: Stage) -> None:
    random = case.random
    words = [*STATES, "nothing"]
    name = words[case.number % len(words)] if case.number < len(words) else case.pick(words)
    change = without_state if name == "nothing" else state(STATES[name], "\x1b]0;owned\x07" * int(random.integers(2)))
    # once, as often as a client asks in one look, or until the command gives up
    times = (1, 2, 3, 9 if name in ("Queued", "Running") else -1)[random.integers(4)]
    stage.arm(Strike(act=edited(change), kind="job", skip=int(random.integers(3)), times=times))
    first = stage.once()
    stage.proxy.calm()
    if first.status and random.integers(2):
        # whoever pays again learns first what is true
        assert stage.run is not None
        stage.commanded("collect", stage.run, "--resubmit", "--yes")
    if stage.said[-1].status:
        stage.to_the_end()
    else:
        stage.finish()
    assert len(own_jobs(stage.platform)) == 2


def test_a_job_that_is_said_to_be_done_too_early_is_waited_for(stage: Stage) -> None:
    stage.platform.settings.queue_delay = 5.0
    stage.arm(Strike(act=edited(state("Completed")), kind="job", times=-1))
    stage.to_the_end()


def test_backwards_and_failed_between_is_not_believed(stage: Stage) -> None:
    """Completed, Running, Failed, Completed: each as one look has it."""
    for word in ("Running", "Failed"):
        stage.arm(Strike(act=edited(state(word)), kind="job", times=2))
    stage.to_the_end()


# -- lists


LISTS = (
    "unfiltered", "unfiltered, reversed", "unfiltered, tags not told", "unfiltered, tags null", "only those of others",
    "reversed", "empty", "empty, counted 0", "every entry twice", "the first alone", "a huge count",
    "a negative count", "no count", "no list", "a list of null", "entries without an id", "entries without tags",
    "tags that are a word",
)  # fmt: skip


@cases("list")
def test_a_list_is_not_believed_to_be_ours(case: Case, stage: Stage) -> None:
    random = case.random
    name = LISTS[case.number] if case.number < len(LISTS) else "unfiltered"
    every = lists(stage.platform)
    assert set(every) == set(LISTS)
    times = (1, 1, 2, -1)[random.integers(4)]
    skip = int(random.integers(ASKED["list-jobs"]))
    stage.arm(Strike(act=edited(every[name]), kind="list-jobs", skip=skip, times=times))
    # an answer that is lost beside it: its job is found by its tag, or is one too many that is found later
    without_answer = case.number % 3 == 0
    if without_answer:
        stage.struck_at_random(lost(carried_out=True), "submit", random)
    twins = int(without_answer and name in MAY_TWIN)
    stage.platform.settings.queue_delay = 3.0 if twins else 0.0
    stage.to_the_end(doubled=twins)


@pytest.mark.parametrize("when", ["while a job is settled", "at the last sweep", "of a run that is done", "always"])
def test_an_unfiltered_list_cancels_no_job_of_a_colleague(when: str, stage: Stage) -> None:
    """Each moment of F1 by name; what is drawn is in the family of lists."""
    unfiltered = Strike(
        act=edited(every_job(stage.platform)),
        kind="list-jobs",
        times=-1 if when == "always" else 1,
        skip={"while a job is settled": 1, "at the last sweep": 4}.get(when, 0),
    )
    if when != "of a run that is done":
        stage.arm(unfiltered)
    assert stage.once().status == 0
    if when == "of a run that is done":
        stage.arm(unfiltered)
        assert stage.once().status == 0
    stage.finish()
    assert stage.run is not None
    assert surplus(stage.run) == {}


def test_giving_a_run_up_cancels_no_job_of_a_colleague(stage: Stage) -> None:
    stage.platform.job_fault(outcome="stuck", times=-1)
    said = stage.commanded("submit", *SMALL, "--yes", "--runs", stage.runs)
    assert said.status == 0
    stage.arm(Strike(act=edited(every_job(stage.platform)), kind="list-jobs", times=-1))
    assert stage.commanded("cancel", said.run).status == 0
    assert_colleague_waits(stage.platform, stage.others)
    assert [job.status for job in own_jobs(stage.platform)] == ["Cancelled"] * 2
    assert_nothing_leaked(stage.proxy, stage.portal)


# -- storms


@cases("storm")
def test_a_storm_passes(case: Case, stage: Stage) -> None:
    """Every request may be struck, of two commands or more: 8 % of them in five cases, 20 % in three."""
    stage.proxy.random = case.random
    chance = 0.08 if case.number < 5 else 0.2
    stage.arm(Strike(act=spoilt, times=-1, chance=chance))
    stage.to_the_end(storm=3)
