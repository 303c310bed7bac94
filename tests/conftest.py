"""What several test files share: the tiers, the entry point called in this process, an account on a local platform.

Two tiers. `pytest` runs what is fast; a test marked `slow` takes more than two seconds of one processor, waits longer
than one, or starts a process, and has a fast sibling that covers the same line. `pytest -m ""` runs everything, with
all examples of the property tests (`examples`), of which the fast tier draws eight, and with experiments simulated
four times as often (`repetitions`). `.ci/run` tests as the README says, and then `-m "slow or sized"`: what is left out
there, and what has a larger size.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hotward import cli as _cli

if typing.TYPE_CHECKING:
    from _pytest.mark import ParameterSet
    from fake_ibm import LocalPlatform
    from hypothesis import settings

if sys.dont_write_bytecode:
    # Where the environment forbids bytecode (some containers do), each worker and each process that a test starts
    # would compile thousands of files anew: 10 processor seconds each. Beside the tests' other caches it is no litter.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# `fisher` is shared with the benchmarks. At the end of the path, since one of them is called as a package is: coverage
sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

# one worker a processor: threads of linear algebra beside them would wait for each other, and spin while they do
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

FAST_EXAMPLES = 8
"""Examples of a property in the fast tier."""

SHORT_WAITS = "settling=1.5 tick=0.05 longest_tick=0.3 back_off=0.2 minute=0.1 outage=60 answer=40 submission=60"
"""Seconds (HOTWARD_IBM_WAITS): the platform is on this machine and lists a job as soon as it has it."""


class Said(NamedTuple):
    """What one command left behind."""

    status: int
    out: str
    err: str

    @property
    def last(self) -> str:
        return self.out.splitlines()[-1]

    @property
    def run(self) -> Path:
        return Path(self.last)

    @property
    def complaint(self) -> list[str]:
        """Lines on standard error that are not progress."""
        return [
            line
            for line in self.err.splitlines()
            if not re.match(r"(opening|measuring|submitting|estimate|computing)\b", line)
        ]


Call = Callable[..., Said]


def pytest_addoption(parser: pytest.Parser) -> None:
    """The seed of the foreign campaign (foreign_campaign.py), which workers inherit by the environment."""
    parser.addoption("--campaign-seed", type=int, help="seed of the foreign campaign of the slow tier")


def pytest_configure(config: pytest.Config) -> None:
    """All examples where no tests are left out; `--hypothesis-profile=full` or `=fast` decides otherwise."""
    from hypothesis import settings

    if config.getoption("--campaign-seed") is not None:
        os.environ["HOTWARD_CAMPAIGN_SEED"] = str(config.getoption("--campaign-seed"))
    settings.register_profile("fast", deadline=None, derandomize=True, max_examples=FAST_EXAMPLES)
    settings.register_profile("full", deadline=None, derandomize=True)
    tier = "fast" if config.getoption("markexpr") == "not slow" else "full"
    settings.load_profile(config.getoption("--hypothesis-profile") or tier)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks as `sized` what asks for a size, before tests are chosen by their marks."""
    for item in items:
        function = getattr(item, "function", None)
        asked = getattr(getattr(function, "__code__", None), "co_names", ())
        if getattr(function, "is_hypothesis_test", False) or {
            "deterministic",
            "examples",
            "full_size",
            "repetitions",
        } & set(asked):
            item.add_marker(pytest.mark.sized)


def slow(*values: object) -> ParameterSet:
    """A case of a parametrised test that runs in the slow tier only."""
    return pytest.param(*values, marks=pytest.mark.slow)


def full_size() -> bool:
    """Whether properties and simulated experiments are tested at their full size."""
    from hypothesis import settings

    return settings.get_current_profile_name() != "fast"


def examples(number: int, fast: int = FAST_EXAMPLES) -> settings:
    """How a property is tested: by `number` examples, always the same, or in the fast tier by no more than `fast`."""
    from hypothesis import settings

    return settings(deadline=None, derandomize=True, max_examples=number if full_size() else min(number, fast))


def repetitions(number: int) -> int:
    """How often an experiment is simulated: `number` times, or in the fast tier a quarter as often.

    The bounds of such a test are counted in standard errors of so many repetitions, or are those of `most`, so that
    false alarms are as rare with fewer.
    """
    return number if full_size() else number // 4


def most(number: int, rate: float, chance: float) -> int:
    """How many of `number` trials may hit at `rate` each: more have a probability of `chance` or less."""
    from scipy.stats import binom

    return int(binom.isf(chance, number, rate))


FIGURES_ARE_RENDERED_IN = ("analysis.report.writing", "analysis.planning.writing")
TINY = {"svg": b'<?xml version="1.0"?>\n<svg width="9pt" height="9pt"></svg>', "png": b"\x89PNG"}


@pytest.fixture(scope="session", autouse=True)
def small_figures() -> Iterator[None]:
    """Reports and plans have one tiny drawing for every figure, since real ones take most of a run.

    Figures are still made and captioned; they are rendered where a test asks for `real_figures`, as one of every
    protocol does.
    """
    with pytest.MonkeyPatch.context() as patch:
        for place in FIGURES_ARE_RENDERED_IN:
            patch.setattr(f"{place}.rendered", lambda figure, kind: TINY[kind])
        yield


@contextlib.contextmanager
def rendered_figures() -> Iterator[None]:
    """Within it figures are rendered as they are."""
    from analysis.figures import rendered

    with pytest.MonkeyPatch.context() as patch:
        for place in FIGURES_ARE_RENDERED_IN:
            patch.setattr(f"{place}.rendered", rendered)
        yield


@pytest.fixture
def real_figures() -> Iterator[None]:
    """For tests that look at the figures of a report; see `small_figures`."""
    with rendered_figures():
        yield


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """The entry point in this process."""

    def called(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["hotward", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            _cli.main()
        captured = capsys.readouterr()
        assert isinstance(stopped.value.code, int)
        return Said(stopped.value.code, captured.out, captured.err)

    return called


@pytest.fixture
def platform(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[LocalPlatform]:
    """A local IBM platform, and an environment in which an application finds its account there and no other.

    Where a test gives it a parameter (indirectly), that is the backends: name -> class of the client's fake provider.
    """
    from fake_ibm import Instance, LocalPlatform
    from virtual_clock import VirtualClock

    # both sides wait by one clock, whose waits take no time
    clock = VirtualClock()
    monkeypatch.setattr("devices.remote.clock.SYSTEM", clock)
    # and the client looks at it for the age of its token
    manager = "ibm_cloud_sdk_core.token_managers.token_manager.TokenManager._get_current_time"
    monkeypatch.setattr(manager, staticmethod(lambda: int(clock.today().timestamp())))
    given = getattr(request, "param", None)
    more = {"backends": given, "instances": (Instance(name="lab-premium", backends=tuple(given)),)} if given else {}
    with LocalPlatform(clock=clock, **more) as local:
        clock.finish_work = local.runs.finish_work
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        for name in ("XDG_CONFIG_HOME", "QISKIT_IBM_CHANNEL", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("HOTWARD_IBM_WAITS", SHORT_WAITS)
        for name, value in local.environment().items():
            monkeypatch.setenv(name, value)
        yield local
