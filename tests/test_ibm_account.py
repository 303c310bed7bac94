"""The account: where its key is found, that it is told nowhere, and what is refused before anything is submitted."""

from __future__ import annotations

import copy
import logging
import pickle
import sys
import types
from pathlib import Path

import pytest
from conftest import Call, Said
from fake_ibm import API_KEY, LocalPlatform

from devices.ibm import WAITS, credentials
from devices.remote import Clock, Secret, patience_from_environment, scrubbed
from protocols import RequestError

HEAT = ("run", "heat-exchange", "--set", "time=0", "--shots", "64", "--bases", "ZZ", "--control", "off")


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No account but what a test sets up, and a home that is empty."""
    for name in ("QISKIT_IBM_TOKEN", "QISKIT_IBM_INSTANCE", "QISKIT_IBM_URL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setitem(sys.modules, "keyring", None)
    return home


def write(home: Path, text: str, mode: int = 0o600) -> Path:
    path = home / ".config" / "hotward" / "ibm.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_environment_comes_first_then_the_keyring_then_the_file(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(empty, 'token = "from-file"\ninstance = "crn:file"\n')
    found = credentials()
    assert (found.token.reveal(), found.instance) == ("from-file", "crn:file")
    stored = {"ibm-token": "from-keyring", "ibm-instance": "crn:keyring"}
    keyring = types.SimpleNamespace(
        get_password=lambda service, user: stored.get(user) if service == "hotward" else None
    )
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    found = credentials()
    assert (found.token.reveal(), found.instance, found.source) == ("from-keyring", "crn:keyring", "keyring")
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "from-environment")
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", "crn:environment")
    found = credentials()
    assert (found.token.reveal(), found.instance, found.source) == (
        "from-environment",
        "crn:environment",
        "environment",
    )


def test_a_keyring_that_fails_is_no_account(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(service: str, user: str) -> str:
        raise RuntimeError("no desktop")

    monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(get_password=locked))
    with pytest.raises(RequestError, match="QISKIT_IBM_TOKEN"):
        credentials()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(empty: Path, mode: int) -> None:
    path = write(empty, 'token = "from-file"\n', mode)
    with pytest.raises(RequestError) as refused:
        credentials()
    assert f"{mode:04o}" in str(refused.value)
    assert f"chmod 600 {path}" in str(refused.value)
    assert "from-file" not in str(refused.value)


@pytest.mark.parametrize("text", ["token: x", "token = 3", 'instance = "crn:x"', "\xff\xfe", ""])
def test_a_file_that_is_no_account_is_refused_without_its_content(empty: Path, text: str) -> None:
    write(empty, text)
    with pytest.raises(RequestError, match=r"ibm\.toml"):
        credentials()


def test_a_secret_shows_only_when_asked(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret("correct-horse-battery")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r}", str({"token": secret})]
    assert not any("horse" in text for text in shown)
    assert secret.reveal() == "correct-horse-battery"
    for give_away in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="secret"):
            give_away(secret)
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("anything").warning("key %s in %r", "correct-horse-battery", {"k": "correct-horse-battery"})
        logging.getLogger("anything").warning("Bearer eyJhbGciOiJI.eyJpYXQiOjE3.c2lnbmF0dXJl")
        try:
            raise ValueError("correct-horse-battery")
        except ValueError:
            logging.getLogger("anything").exception("failed")
    assert "horse" not in caplog.text
    assert "eyJ" not in caplog.text
    assert scrubbed("x correct-horse-battery y") == "x [secret] y"


def test_waits_are_names_and_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTWARD_IBM_WAITS", "settling=120, answer=9")
    waits = patience_from_environment(WAITS, Clock())
    assert (waits.settling, waits.answer) == (120.0, 9.0)
    for wrong in ("settling", "settling=-1", "setling=3", "settling=inf", "settling=nan"):
        monkeypatch.setenv("HOTWARD_IBM_WAITS", wrong)
        with pytest.raises(RequestError, match=r"HOTWARD_IBM_WAITS must be name=seconds"):
            patience_from_environment(WAITS, Clock())


# -- refused before anything is submitted, in one or two lines, exit status 2


def refused(platform: LocalPlatform, said: Said, *named: str) -> None:
    assert said.status == 2, said.err
    assert said.out == ""
    assert len(said.complaint) == 1
    assert len(said.complaint[0]) < 900
    for text in named:
        assert text in said.complaint[0], said.complaint[0]
    assert API_KEY not in said.err
    assert platform.jobs == {}
    assert platform.sessions == {}


@pytest.fixture
def account(platform: LocalPlatform, monkeypatch: pytest.MonkeyPatch) -> LocalPlatform:
    """The environment again, which `empty` may have taken."""
    for name, value in platform.environment().items():
        monkeypatch.setenv(name, value)
    return platform


def test_no_key(account: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QISKIT_IBM_TOKEN")
    said = call(*HEAT, "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    refused(account, said, "QISKIT_IBM_TOKEN", "docs/hardware.md")


def test_wrong_key(account: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "no-such-key")
    said = call(*HEAT, "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    refused(account, said, "API key", "environment")
    assert "no-such-key" not in said.err


def test_a_directory_of_instances_that_is_down_is_no_wrong_key(
    account: LocalPlatform, call: Call, tmp_path: Path
) -> None:
    account.fault(kind="search", action="status", code=503, times=-1)
    said = call(*HEAT, "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    assert said.status == 1
    assert "API key" not in said.complaint[0]
    assert account.jobs == {}


@pytest.mark.parametrize("given", [None, "lab-nowhere", "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"])
def test_no_instance_or_a_wrong_one(
    account: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | None
) -> None:
    """The refusal lists what the key opens: hotward never chooses who pays."""
    if given is None:
        monkeypatch.delenv("QISKIT_IBM_INSTANCE")
    else:
        monkeypatch.setenv("QISKIT_IBM_INSTANCE", given)
    said = call(*HEAT, "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    refused(account, said, "QISKIT_IBM_INSTANCE", "lab-premium", "lab-open", account.crn("lab-open"))


def test_an_instance_by_name(
    account: LocalPlatform, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", "lab-open")
    said = call("submit", *HEAT[1:], "--yes", "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    assert said.status == 0, said.err
    assert {job.crn for job in account.jobs.values()} == {account.crn("lab-open")}


def test_unknown_backend(account: LocalPlatform, call: Call, tmp_path: Path) -> None:
    said = call(*HEAT, "--device", "ibm:ibm_nowhere", "--runs", tmp_path / "runs")
    refused(account, said, "ibm_nowhere", "ibm_fez", "ibm_manila")


def test_too_little_usage_left(account: LocalPlatform, call: Call, tmp_path: Path) -> None:
    account.spend("lab-premium", 9_990)
    said = call("run", "heat-exchange", "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    refused(account, said, "10 s", "shots")


def test_a_limit_on_seconds(account: LocalPlatform, call: Call, tmp_path: Path) -> None:
    said = call(
        "run", "heat-exchange", "--device", "ibm:ibm_manila", "--seconds-at-most", 60, "--runs", tmp_path / "runs"
    )
    refused(account, said, "seconds-at-most", "60 s")


def test_maintenance(account: LocalPlatform, call: Call, tmp_path: Path) -> None:
    account.backend_state["ibm_manila"] = {"state": False, "status": "maintenance"}
    said = call(*HEAT, "--device", "ibm:ibm_manila", "--runs", tmp_path / "runs")
    refused(account, said, "ibm_manila", "maintenance")


def test_a_circuit_that_does_not_fit(account: LocalPlatform, call: Call, tmp_path: Path) -> None:
    """Nine wires on five qubits."""
    said = call(
        "run", "algorithmic-cooling", "--set", "rounds=3", "--ancillas", "fresh", "--device", "ibm:ibm_manila",
        "--preparation", "measured", "--runs", tmp_path / "runs",
    )  # fmt: skip
    refused(account, said, "device")


def test_a_backend_that_cannot_reset(account: LocalPlatform, call: Call, tmp_path: Path) -> None:
    chip = account.chip("ibm_manila")
    chip.configuration["supported_instructions"] = ["cx", "id", "delay", "measure", "rz", "sx", "x"]
    said = call(
        "run", "algorithmic-cooling", "--ancillas", "reset", "--preparation", "measured", "--device", "ibm:ibm_manila",
        "--runs", tmp_path / "runs",
    )  # fmt: skip
    refused(account, said, "reset", "ibm_manila")


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--qubits", "0,9"), "9"),
        (("--qubits", "0,2"), "qubits"),
        (("--qubits", "1"), "qubits"),
        (("--qubits", "1,1"), "qubits"),
        (("--qubits", "a,b"), "'a,b'"),
        (("--passes", "0"), "passes"),
        (("--twirling", "some"), "'some'"),
        (("--dynamical-decoupling", "YY"), "'YY'"),
        (("--sampler", "third"), "'third'"),
        (("--mode", "session"), "'session'"),
    ],
)
def test_options_that_make_no_sense(
    account: LocalPlatform, call: Call, tmp_path: Path, words: tuple[str, str], named: str
) -> None:
    said = call(*HEAT, "--device", "ibm:ibm_manila", *words, "--runs", tmp_path / "runs")
    refused(account, said, named)


@pytest.mark.parametrize("words", [("--passes", "2"), ("--fractional",), ("--twirling", "gates")])
def test_options_of_hardware_are_refused_on_a_simulator(call: Call, tmp_path: Path, words: tuple[str, ...]) -> None:
    said = call(*HEAT, "--device", "aer", *words, "--runs", tmp_path / "runs")
    assert said.status == 2
    assert words[0].removeprefix("--") in said.complaint[0]


def test_a_backend_name_is_needed(call: Call, tmp_path: Path) -> None:
    said = call(*HEAT, "--device", "ibm:", "--runs", tmp_path / "runs")
    assert said.status == 2
    assert "ibm:NAME" in said.complaint[0]
