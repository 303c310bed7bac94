"""The seam with the client's samplers: what is there, what is going, and what is said once it is gone."""

from __future__ import annotations

import builtins
import typing
from pathlib import Path

import pytest
import qiskit_ibm_runtime
from conftest import Call
from fake_ibm import LocalPlatform
from qiskit_ibm_runtime.decoders import defaults
from qiskit_ibm_runtime.executor_sampler import Sampler

from devices.errors import Unintelligible
from devices.ibm import decoded
from devices.ibm import sampler as seam
from devices.ibm.sampler import check_sampler
from protocols import RequestError

SMALL = ("heat-exchange", "--set", "time=4", "--shots", "64", "--bases", "ZZ", "--control", "off", "--seed", "1")


def test_the_one_that_stays_is_taken_without_a_word_and_the_other_with_one() -> None:
    assert check_sampler("executor") == ()
    assert check_sampler("legacy") == (seam.WITHDRAWN,)


@pytest.mark.parametrize("gone", ["removed", "renamed"])
def test_a_client_without_the_legacy_sampler_is_told_so(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    """Removed, or the name at the top given to the other one, as IBM has announced."""
    if gone == "removed":
        monkeypatch.delattr(qiskit_ibm_runtime, "SamplerV2")
    else:
        monkeypatch.setattr(qiskit_ibm_runtime, "SamplerV2", Sampler)
    with pytest.raises(RequestError, match=r"`sampler` must be executor, for .* Leave out --sampler"):
        check_sampler("legacy")
    assert check_sampler("executor") == ()


def test_the_one_that_stays_is_found_at_the_top_once_it_has_moved_there(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def without(name: str, *more: typing.Any, **named: typing.Any) -> typing.Any:
        if name == "qiskit_ibm_runtime.executor_sampler":
            raise ImportError(name)
        return usual(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr(qiskit_ibm_runtime, "Sampler", Sampler)
    assert check_sampler("executor") == ()
    monkeypatch.delattr(qiskit_ibm_runtime, "Sampler")
    with pytest.raises(RequestError, match="executor is not in qiskit-ibm-runtime"):
        check_sampler("executor")


def test_a_result_of_a_program_that_the_client_knows_no_more_is_kept_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(defaults.DEFAULT_DECODERS, "sampler")
    with pytest.raises(Unintelligible, match="cannot read results of the program sampler: the raw result is kept"):
        decoded("{}", "sampler")


@pytest.mark.slow
def test_without_the_legacy_sampler_nothing_is_written_or_sent(
    platform: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(qiskit_ibm_runtime, "SamplerV2")
    common = (*SMALL, "--device", "ibm:ibm_manila", "--passes", "1", "--yes", "--runs", tmp_path / "runs")
    said = call("submit", *common, "--sampler", "legacy")
    assert said.status == 2
    assert "the platform's legacy sampler no more" in said.err
    assert not platform.jobs
    assert not (tmp_path / "runs").exists()
