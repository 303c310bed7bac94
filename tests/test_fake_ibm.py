"""The local IBM platform itself, asked by the genuine client."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from fake_ibm import API_KEY, KINDS, LocalPlatform, kind_of
from fake_ibm_aer import Pub, sample
from fake_ibm_chip import chip_of
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, transpile
from qiskit.circuit import Parameter
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime import Batch, QiskitRuntimeService, SamplerV2, Session
from qiskit_ibm_runtime.exceptions import (
    IBMRuntimeError,
    RuntimeInvalidStateError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
)
from qiskit_ibm_runtime.executor_sampler import Sampler
from qiskit_ibm_runtime.fake_provider import FakeManilaV2

# the double is tested, not hotward: a default run trusts it
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(r"ignore:\s*The SamplerV2 class is deprecated:DeprecationWarning"),
]
both_programs = pytest.mark.parametrize("sampler", [Sampler, SamplerV2], ids=["executor", "sampler"])

Start = Callable[..., LocalPlatform]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Start]:
    """Starts a platform, and points the environment to it and to no account of the user."""
    running: list[LocalPlatform] = []
    for name in [name for name in os.environ if name.startswith("QISKIT_IBM") or name.endswith("_PROXY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IBM_CREDENTIALS_FILE", os.devnull)
    monkeypatch.chdir(tmp_path)

    def started(**settings: object) -> LocalPlatform:
        platform = LocalPlatform(**settings).start()
        running.append(platform)
        for name, value in platform.environment().items():
            monkeypatch.setenv(name, value)
        return platform

    yield started
    for platform in running:
        platform.stop()


@pytest.fixture
def platform(start: Start) -> LocalPlatform:
    return start()


def bell(backend, pair=(0, 1)):
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure_all()
    return transpile(circuit, target=backend.target, initial_layout=pair, optimization_level=1)


def turned(backend):
    """One qubit turned by a parameter."""
    circuit = QuantumCircuit(1, 1)
    circuit.ry(Parameter("theta"), 0)
    circuit.measure(0, 0)
    return transpile(circuit, target=backend.target, optimization_level=1)


def until(condition: Callable[[], bool]) -> None:
    """Waits for what another thread does; never what is tested, only when it fails."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def finished(platform: LocalPlatform, job_id: str):
    until(lambda: platform.jobs[job_id].final)
    return platform.jobs[job_id]


@both_programs
def test_both_programs_run_in_every_mode_and_a_new_service_finds_the_jobs(platform, sampler):
    backend = QiskitRuntimeService().backend("ibm_manila")
    pubs = [bell(backend), (turned(backend), np.linspace(0, np.pi, 5)[:, None])]
    for mode in (None, Batch, Session):
        holder = mode(backend=backend) if mode else None
        job = sampler(mode=holder or backend).run(pubs, shots=400)
        for result in (job.result(), QiskitRuntimeService().job(job.job_id()).result()):
            assert set(result[0].data.meas.get_counts()) == {"00", "11"}
            ones = result[1].data.c.to_bool_array().sum(axis=(-1, -2), dtype=int)
            assert ones.shape == (5,)
            assert (ones[0], ones[-1]) == (0, 400)
            # 5 standard errors: 6e-7
            assert abs(ones[2] - 200) < 50
        if holder:
            assert [session.id for session in platform.open_sessions()] == [holder.session_id]
            holder.close()
        assert platform.open_sessions() == []
    assert [job.status for job in platform.jobs.values()] == ["Completed"] * 3
    assert {job.program for job in platform.jobs.values()} == {"executor" if sampler is Sampler else "sampler"}
    assert [job.read for job in platform.jobs.values()] == [2, 2, 2]
    assert {request.kind for request in platform.requests} <= set(KINDS)
    assert not any(request.leaks_key for request in platform.requests)


@both_programs
def test_rows_and_items_of_a_job_are_independent(platform, sampler):
    """|+> in three equal items of 300 rows: chi-square of all rows, correlation of items, of rows, of shots.

    Four two-sided checks at 4.5 standard errors: one false alarm in 40 000 per program if the seed were free.
    """
    backend = QiskitRuntimeService().backend("ibm_manila")
    rows, shots = 300, 128
    item = (turned(backend), np.full((rows, 1), np.pi / 2))
    result = sampler(mode=backend).run([item] * 3, shots=shots).result()
    bits = np.array([each.data.c.to_bool_array()[..., 0] for each in result]) - 0.5
    assert bits.shape == (3, rows, shots)
    pulls = bits.sum(axis=-1) / np.sqrt(shots / 4)
    assert abs(np.mean(pulls**2) - 1) < 4.5 * np.sqrt(2 / pulls.size)
    for axis in (0, 1):
        assert abs(np.mean(pulls * np.roll(pulls, 1, axis))) < 4.5 / np.sqrt(pulls.size)
    assert abs(np.mean(4 * bits * np.roll(bits, 1, axis=2))) < 4.5 / np.sqrt(bits.size)


@both_programs
def test_the_seed_gives_the_same_jobs_again_and_no_two_jobs_alike(start, sampler):
    seen = []
    for _ in range(2):
        start(seed=7)
        backend = QiskitRuntimeService().backend("ibm_manila")
        jobs = [sampler(mode=backend).run([bell(backend)], shots=200) for _ in range(2)]
        seen.append([job.result()[0].data.meas.to_bool_array() for job in jobs])
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0][0], seen[0][1])


@both_programs
def test_dynamic_circuits_return_every_register(start, sampler):
    start()
    backend = QiskitRuntimeService().backend("ibm_fez")
    first, second, third = ClassicalRegister(1, "first"), ClassicalRegister(2, "second"), ClassicalRegister(1, "third")
    circuit = QuantumCircuit(QuantumRegister(2), first, second, third)
    circuit.h(0)
    circuit.measure(0, first[0])
    circuit.reset(0)
    with circuit.if_test((first, 1)):
        circuit.x(1)
    circuit.measure([0, 1], [third[0], second[1]])
    executed = transpile(circuit, target=backend.target, initial_layout=[100, 101], optimization_level=1)
    data = sampler(mode=backend).run([executed], shots=300).result()[0].data
    ones = data.first.to_bool_array(order="little")[:, 0]
    # 5 standard errors: 6e-7
    assert abs(ones.sum() - 150) < 44
    assert np.array_equal(data.second.to_bool_array(order="little"), np.stack([0 * ones, ones], axis=1))
    assert not data.third.to_bool_array().any()


@both_programs
def test_many_pairs_side_by_side_are_simulated_one_by_one(start, sampler):
    """40 qubits in superposition would take 16 TB at once. Pairs agree within, and with each other as chance has it."""
    start()
    backend = QiskitRuntimeService().backend("ibm_fez")
    pairs = [pair for pair in backend.coupling_map if pair[0] < pair[1]]
    chosen: list[tuple[int, int]] = []
    for pair in pairs:
        if not {*pair} & {*itertools.chain(*chosen)}:
            chosen.append(pair)
    chosen = chosen[:20]
    circuit = QuantumCircuit(40, 40)
    for i in range(0, 40, 2):
        circuit.h(i)
        circuit.cx(i, i + 1)
    circuit.measure(range(40), range(40))
    layout = list(itertools.chain(*chosen))
    executed = transpile(circuit, target=backend.target, initial_layout=layout, optimization_level=1)
    bits = sampler(mode=backend).run([executed], shots=200).result()[0].data.c.to_bool_array(order="little")
    assert np.array_equal(bits[:, ::2], bits[:, 1::2])
    signs = 2 * bits[:, ::2].astype(int) - 1
    # 190 correlations within 5.5 standard errors: 7e-6
    correlations = (signs.T @ signs / len(signs))[np.triu_indices(20, 1)]
    assert abs(correlations).max() < 5.5 / np.sqrt(len(signs))


def test_the_noise_of_a_part_is_that_of_the_whole_device():
    """Against Aer with the model of all qubits: 4 outcomes within 5 standard errors, 2e-6; and it is not nothing."""
    chip, shots = chip_of("ibm_manila", "FakeManilaV2"), 40_000
    circuit = QuantumCircuit(2)
    circuit.x(0)
    circuit.cx(0, 1)
    circuit.delay(20_000, [0, 1])
    circuit.measure_all()
    executed = transpile(circuit, target=chip.target, initial_layout=[3, 2], optimization_level=0)
    whole = AerSimulator.from_backend(FakeManilaV2())
    counts = whole.run(executed, shots=shots, seed_simulator=3).result().get_counts()
    bits = sample([Pub(executed, np.empty((1, 0)))], shots, np.random.default_rng(4), chip.target)[0][0]
    codes = bits @ [1, 2]
    for code in range(4):
        expected = counts.get(f"{code:02b}", 0)
        assert abs((codes == code).sum() - expected) < 5 * np.sqrt(2 * expected)
    assert 0.03 < (codes != 3).mean() < 0.3


@both_programs
def test_a_noisy_job_of_a_large_chip_has_its_errors(start, sampler):
    start(noisy=True)
    backend = QiskitRuntimeService().backend("ibm_fez")
    counts = sampler(mode=backend).run([bell(backend, (20, 21))], shots=4000).result()[0].data.meas.get_counts()
    assert 0 < counts["01"] + counts["10"] < 800


def test_fractional_angles_are_refused_outside_of_the_range_of_the_hardware(platform):
    backend = QiskitRuntimeService().backend("ibm_fracfive", use_fractional_gates=True)
    angle, scale = Parameter("angle"), Parameter("scale")
    circuit = QuantumCircuit(2, 2)
    circuit.rx(0.3, 0)
    circuit.rzz(scale * angle, 0, 1)
    circuit.measure([0, 1], [0, 1])
    executed = transpile(circuit, target=backend.target, initial_layout=[0, 1], optimization_level=0)
    assert "rzz" in executed.count_ops()

    def ran(*rows):
        given = [[{"angle": a, "scale": s}[p.name] for p in executed.parameters] for a, s in rows]
        return finished(platform, Sampler(mode=backend).run([(executed, given)], shots=10).job_id())

    assert ran((0, 1), (np.pi / 2, 1), (np.pi, 0.5)).status == "Completed"
    for wrong in ((1.6, 1), (-0.01, 1), (np.pi, 0.6)):
        refused = ran((0.1, 1), wrong)
        assert refused.status == "Failed"
        assert "rzz on qubits (0, 1) takes angles from 0 to pi/2" in (refused.reason or "")


def test_circuits_that_are_not_isa_are_refused_when_they_run(platform):
    backend = QiskitRuntimeService().backend("ibm_manila")
    circuit = QuantumCircuit(2)
    circuit.h(0)
    circuit.measure_all()
    with pytest.raises(RuntimeJobFailureError, match="not an ISA circuit: h on qubits"):
        Sampler(mode=backend).run([circuit], shots=10).result()


@pytest.mark.parametrize(("action", "jobs"), [("hold", 0), ("hold_after", 1)])
def test_a_request_may_be_held_before_or_after_it_is_processed(platform, action, jobs):
    backend = QiskitRuntimeService().backend("ibm_manila")
    fault = platform.fault(kind="submit", action=action)
    submitted = []
    client = threading.Thread(
        target=lambda: submitted.append(Sampler(mode=backend).run([bell(backend)], shots=10).job_id())
    )
    client.start()
    assert fault.arrived.wait(60)
    assert len(platform.jobs) == jobs
    assert platform.requests[-1].fault == action
    fault.release.set()
    client.join()
    assert [*platform.jobs] == submitted
    assert fault.hits == 1


def test_what_was_held_may_be_dropped_instead(platform):
    backend = QiskitRuntimeService().backend("ibm_manila")
    fault = platform.fault(kind="submit", action="hold", drop=True)
    fault.release.set()
    with pytest.raises(IBMRuntimeError):
        Sampler(mode=backend).run([bell(backend)], shots=10)
    assert platform.jobs == {}
    assert platform.requests[-1].status == "held and dropped"


def test_a_client_killed_while_its_submission_is_held_leaves_one_job(platform, tmp_path):
    fault = platform.fault(kind="submit", action="hold_after")
    script = tmp_path / "client.py"
    script.write_text(
        "import warnings; warnings.simplefilter('ignore')\n"
        "from qiskit import QuantumCircuit\n"
        "from qiskit_ibm_runtime import QiskitRuntimeService\n"
        "from qiskit_ibm_runtime.executor_sampler import Sampler\n"
        "circuit = QuantumCircuit(1, 1); circuit.measure(0, 0)\n"
        "sampler = Sampler(mode=QiskitRuntimeService().backend('ibm_manila'))\n"
        "sampler.options.environment.job_tags = ['attempt-1']\n"
        "sampler.run([circuit], shots=10)\n"
    )
    client = subprocess.Popen([sys.executable, str(script)])
    assert fault.arrived.wait(60)
    client.kill()
    client.wait()
    fault.release.set()
    (job,) = QiskitRuntimeService().jobs(job_tags=["attempt-1"])
    assert job.result()[0].data.c.get_counts() == {"0": 10}


def test_a_session_ends_at_its_max_ttl_without_a_request(platform):
    backend = QiskitRuntimeService().backend("ibm_manila")
    batch = Batch(backend=backend, max_time=300)
    platform.job_fault(outcome="stuck")
    waiting = Sampler(mode=batch).run([bell(backend)], shots=10).job_id()
    (session,) = platform.open_sessions()
    assert platform.open_sessions(at=session.created - 1) == []
    assert platform.open_sessions(at=session.created + 301) == []
    assert platform.sessions[session.id].accepting_jobs
    platform.age_sessions(301)
    assert platform.open_sessions() == []
    assert platform.sessions[session.id].state == "closed"
    assert platform.jobs[waiting].status == "Cancelled"
    with pytest.raises(IBMRuntimeError, match="Session is closed"):
        Sampler(mode=batch).run([bell(backend)], shots=10)
    assert len(platform.jobs) == 1


def test_a_session_that_was_closed_ends_with_its_last_job(platform):
    backend = QiskitRuntimeService().backend("ibm_manila")
    held = platform.job_fault(outcome="hold_running")
    batch = Batch(backend=backend)
    job = Sampler(mode=batch).run([bell(backend)], shots=10)
    assert held.arrived.wait(60)
    batch.close()
    (session,) = platform.open_sessions()
    assert not session.accepting_jobs
    seen = len(platform.requests)
    held.release.set()
    assert finished(platform, job.job_id()).status == "Completed"
    assert platform.open_sessions() == []
    assert len(platform.requests) == seen


def test_cancelling_a_session_cancels_its_queue_and_lets_the_running_job_end(platform):
    backend = QiskitRuntimeService().backend("ibm_manila")
    running = platform.job_fault(outcome="hold_running")
    platform.job_fault(outcome="stuck")
    session = Session(backend=backend)
    jobs = [Sampler(mode=session).run([bell(backend)], shots=10).job_id() for _ in range(2)]
    assert running.arrived.wait(60)
    session.cancel()
    assert platform.open_sessions() == []
    running.release.set()
    assert [finished(platform, job).status for job in jobs] == ["Completed", "Cancelled"]


def test_faults_strike_by_kind_after_some_and_so_many_times(platform):
    service = QiskitRuntimeService()
    fault = platform.fault(kind="usage", action="status", code=418, skip=1, times=1)
    service.usage()
    with pytest.raises(Exception, match="injected"):
        service.usage()
    service.usage()
    assert fault.hits == 1
    assert [request.status for request in platform.requests if request.kind == "usage"] == [200, 418, 200]


@pytest.mark.parametrize("wrong", [{"kind": "sumbit", "action": "hold"}, {"kind": "submit", "action": "explode"}])
def test_a_fault_that_could_never_strike_is_refused(platform, wrong):
    with pytest.raises(ValueError, match="must"):
        platform.fault(**wrong)


SPOILT = {
    "truncate": http.client.IncompleteRead,
    "truncate_clean": json.JSONDecodeError,
    "empty": json.JSONDecodeError,
    "garbage": json.JSONDecodeError,
    "drop_before": http.client.RemoteDisconnected,
    "drop_after": http.client.RemoteDisconnected,
    "hang": http.client.RemoteDisconnected,
    "status": None,
    "status_after": None,
    "delay": None,
    "hold": None,
    "hold_after": None,
}


@pytest.mark.parametrize("action", SPOILT)
def test_faults_do_to_an_answer_what_they_say(platform, action, capfd):
    fault = platform.fault(kind="iam", action=action, seconds=0, code=503, headers={"Retry-After": "7"})
    connection = http.client.HTTPConnection("127.0.0.1", platform.port)

    def asked():
        connection.request("POST", "/identity/token", f"apikey={API_KEY}")
        answer = connection.getresponse()
        return answer.status, answer.headers["Retry-After"], json.loads(answer.read())

    wrong = SPOILT[action]
    if wrong:
        with pytest.raises(wrong):
            asked()
        connection.close()
    else:
        status, wait, _ = asked()
        assert (status, wait) == (503 if action.startswith("status") else 200, "7")
    assert fault.arrived.is_set()
    assert asked()[0] == 200
    connection.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("outcome", "error", "status"),
    [
        ("fail", RuntimeJobFailureError, "Failed"),
        ("cancelled", RuntimeInvalidStateError, "Cancelled"),
        ("ran_too_long", RuntimeJobMaxTimeoutError, "Cancelled"),
    ],
)
def test_faults_of_jobs_reach_the_client(platform, outcome, error, status):
    backend = QiskitRuntimeService().backend("ibm_manila")
    fault = platform.job_fault(outcome=outcome)
    job = Sampler(mode=backend).run([bell(backend)], shots=10)
    with pytest.raises(error):
        job.result()
    assert platform.jobs[job.job_id()].status == status
    assert fault.hits == 1
    assert Sampler(mode=backend).run([bell(backend)], shots=10).result()


def test_every_kind_of_request_has_a_name():
    assert len(set(KINDS)) == len(KINDS)
    named = {
        ("POST", "/api/v1/jobs"): "submit",
        ("GET", "/api/v1/jobs"): "list-jobs",
        ("GET", "/api/v1/jobs/d1"): "job",
        ("GET", "/api/v1/jobs/d1/results"): "results",
        ("GET", "/api/v1/backends/ibm_fez/status"): "backend-status",
        ("GET", "/api/v1/plan-open"): "catalog",
        ("PATCH", "/api/v1/sessions/s"): "close-session",
        ("DELETE", "/api/v1/sessions/s/close"): "cancel-session",
        ("GET", "/api/v1/workloads"): "unknown",
    }
    assert {request: kind_of(*request) for request in named} == named


def test_jobs_are_listed_by_tag_time_and_state(platform):
    service = QiskitRuntimeService()
    backend = service.backend("ibm_manila")
    platform.job_fault(outcome="stuck", skip=1)
    ids = []
    for tags in (["run-1", "a"], ["run-1", "b"]):
        sampler = Sampler(mode=backend)
        sampler.options.environment.job_tags = tags
        ids.append(sampler.run([bell(backend)], shots=10).job_id())
    finished(platform, ids[0])

    def found(**wanted):
        return [job.job_id() for job in service.jobs(**wanted)]

    assert found(job_tags=["run-1"]) == ids[::-1]
    assert found(job_tags=["run-1", "b"]) == [ids[1]]
    assert found(pending=False) == [ids[0]]
    assert found(pending=True) == [ids[1]]
    assert found(limit=1, skip=1) == [ids[0]]
    assert found(job_tags=["run-2"]) == []
    assert found(created_after=datetime.fromisoformat(platform.jobs[ids[1]].created)) == [ids[1]]


def test_nothing_but_this_machine_is_spoken_to(platform, monkeypatch):
    spoken = set()
    connect, look_up = socket.socket.connect, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", lambda own, to: (spoken.add(to[0]), connect(own, to))[1])
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: (spoken.add(host), look_up(host, *rest, **more))[1]
    )
    backend = QiskitRuntimeService().backend("ibm_manila")
    with Batch(backend=backend) as batch:
        Sampler(mode=batch).run([bell(backend)], shots=10).result()
    assert spoken == {"127.0.0.1"}


def test_as_a_proxy_it_serves_the_names_that_the_client_makes_up_and_forwards_nothing(platform, monkeypatch):
    for name in platform.environment():
        monkeypatch.delenv(name)
    for name, value in platform.env(way="proxy").items():
        monkeypatch.setenv(name, value)
    service = QiskitRuntimeService(**platform.service_kwargs(way="proxy"))
    backend = service.backend("ibm_manila")
    assert Sampler(mode=backend).run([bell(backend)], shots=10).result()[0].data.meas.num_shots == 10
    hosts = {request.host for request in platform.requests}
    assert "quantum.cloud.test" in hosts
    assert {host.endswith("cloud.test") for host in hosts} == {True}
    tunnel = http.client.HTTPConnection("127.0.0.1", platform.port)
    tunnel.set_tunnel("quantum.cloud.ibm.com", 443)
    with pytest.raises(OSError, match="403"):
        tunnel.connect()
    assert platform.requests[-1].status == "refused"


def test_an_api_key_where_it_does_not_belong_is_recorded(platform):
    for headers in ({"Authorization": f"apikey {API_KEY}"}, {"Authorization": "Bearer x", "X-Note": API_KEY}):
        connection = http.client.HTTPConnection("127.0.0.1", platform.port)
        connection.request("GET", "/api/v1/backends", headers={"Service-CRN": platform.crn("lab-open"), **headers})
        connection.getresponse().read()
        connection.close()
    assert [(request.auth, request.leaks_key, request.status) for request in platform.requests] == [
        ("apikey", True, 200),
        ("Bearer", True, 401),
    ]


def test_time_is_charged_to_the_instance_and_a_rate_is_kept(start):
    platform = start(rate_limit=(1, 60.0))
    service = QiskitRuntimeService()
    backend = service.backend("ibm_manila")
    finished(platform, Sampler(mode=backend).run([bell(backend)], shots=1000).job_id())
    assert service.usage()["usage_consumed_seconds"] == pytest.approx(1.3)
    with pytest.raises(IBMRuntimeError, match="429"):
        Sampler(mode=backend).run([bell(backend)], shots=10)
    platform.spend("lab-premium", 10_000)
    assert service.usage()["usage_limit_reached"]


def test_as_a_process_of_its_own_it_is_told_what_to_do_and_writes_no_secret(monkeypatch, start, tmp_path):
    start()
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fake_ibm.py"))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert server.stdout
    said = server.stdout.readline()

    def told(name, **arguments):
        connection = http.client.HTTPConnection("127.0.0.1", json.loads(said)["port"])
        connection.request("POST", f"/_control/{name}", json.dumps(arguments))
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    info = told("info")
    for name, value in info["env"].items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", info["instances"]["lab-open"])
    monkeypatch.setenv("QISKIT_IBM_URL", f"http://127.0.0.1:{info['port']}/experimental/api/v1")
    backend = QiskitRuntimeService().backend("ibm_manila")
    fault = told("faults", kind="submit", action="hold_after", drop=True)
    errors: list[Exception] = []

    def submit():
        try:
            Sampler(mode=backend).run([bell(backend)], shots=10)
        except IBMRuntimeError as error:
            errors.append(error)

    client = threading.Thread(target=submit)
    client.start()
    assert told("arrived", **fault) == {"arrived": True}
    (job,) = told("jobs")
    assert (job["backend"], job["crn"]) == ("ibm_manila", info["instances"]["lab-open"])
    told("release", **fault)
    client.join()
    assert len(errors) == 1
    assert told("requests")[-1]["status"] == "200 processed, held and dropped"
    assert told("open_sessions") == []
    server.send_signal(signal.SIGTERM)
    written = said + "".join(server.communicate())
    assert server.returncode == 0
    assert API_KEY not in written
    assert "eyJ" not in written
    assert written.count("\n") == 1
