"""A local stand-in for the IBM Quantum Platform, which the genuine client talks to on 127.0.0.1.

IAM, Global Search, Global Catalog and the Quantum Compute API, with Aer behind, stored calibrations, and faults:

    with LocalPlatform() as platform:
        os.environ.update(platform.env(account="lab-premium"))      # in tests: monkeypatch.setenv
        QiskitRuntimeService().backend("ibm_manila")
        fault = platform.fault(kind="submit", action="hold_after")  # processed, the answer is withheld
        fault.arrived.wait(60)                                      # now kill the client
        fault.release.set()

or, as a process of its own, `python tests/fake_ibm.py --port 8765` and the same over /_control/*. Nothing is written
to standard output but the port and variables without a secret. The client finds it in one of two ways, unpatched:

* direct: IAM_URL, GLOBAL_SEARCH_URL, GLOBAL_CATALOG_URL (overrides of the IBM Cloud SDK), and `url_resolver`, or a
  URL with the word "experimental", which it takes as it is;
* proxy: it makes up all host names below cloud.test itself and finds this server in the place of an HTTP proxy.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import sys
import threading
import time
import typing
from collections.abc import Mapping, Sequence

from fake_ibm_accounts import Accounts
from fake_ibm_chip import Chip, chip_of
from fake_ibm_faults import Fault, Faults, JobFault
from fake_ibm_records import Instance, Request, Settings
from fake_ibm_routes import API, KINDS, kind_of
from fake_ibm_runs import Runs
from fake_ibm_server import Log, Server
from fake_ibm_store import Store
from fake_ibm_work import FINAL, Job, Session
from virtual_clock import VirtualClock

__all__ = ["FINAL", "KINDS", "Fault", "Instance", "Job", "JobFault", "LocalPlatform", "Request", "Session", "kind_of"]

API_KEY = "LOCAL-TEST-KEY"
BACKENDS: Mapping[str, str] = {
    "ibm_fez": "FakeFez",
    "ibm_manila": "FakeManilaV2",
    "ibm_fracfive": "FakeFractionalBackend",
}
INSTANCES = (
    Instance(name="lab-premium", tags=("lab",), backends=tuple(BACKENDS)),
    Instance(name="lab-open", plan="open", pricing="free", backends=("ibm_fez", "ibm_manila"), limit_s=600),
)


class LocalPlatform:
    """The platform: a server in a thread of its own, from `with` to the end of the block."""

    def __init__(
        self,
        port: int = 0,
        *,
        instances: Sequence[Instance | Mapping[str, typing.Any]] = INSTANCES,
        backends: Mapping[str, str] = BACKENDS,
        api_key: str = API_KEY,
        token_ttl: float = 3600,
        workers: int = 2,
        clock: VirtualClock | None = None,
        **settings: typing.Any,
    ) -> None:
        """A platform that is not started yet.

        Args:
            port: Of 127.0.0.1; 0: the system chooses.
            instances: Of the account, or the fields of each.
            backends: Name -> class of the client's fake provider.
            api_key: The only one.
            token_ttl: Life of a token, seconds.
            workers: Jobs that run at a time.
            clock: By which jobs wait and run, and tokens expire; one of its own by default.
            settings: Fields of `Settings`, which may be changed later in `settings`.
        """
        given = [each if isinstance(each, Instance) else Instance(**each) for each in instances]
        self.settings = Settings(**settings)
        self.clock = clock or VirtualClock()
        self.accounts = Accounts(api_key, token_ttl, given, self.clock)
        self.faults = Faults()
        self.store = Store()
        self.log = Log()
        self.bugs: list[str] = []
        """Of this platform, not of the client: `stop` raises them."""
        self.backend_state = {name: {"state": True, "status": "active"} for name in backends}
        self._snapshots = backends
        self._chips: dict[str, Chip] = {}
        self._lock = threading.Lock()
        self.runs = Runs(self.store, self.settings, self.faults, self.chip, self.accounts.charge, workers, self.clock)
        self._server = Server(port, self)
        self.port: int = self._server.server_address[1]
        # a poll interval of 0.5 s would be waited for in every stop
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def start(self) -> typing.Self:
        self._thread.start()
        self.runs.start()
        return self

    def stop(self) -> None:
        """Lets go what is held, gives up all jobs and closes all connections.

        Raises:
            AssertionError: If the platform itself had a bug.
        """
        self._server.shutdown()
        self.clear_faults()
        self.runs.stop()
        self._server.disconnect()
        self._server.server_close()
        assert not self.bugs, "\n".join(self.bugs)

    def __enter__(self) -> typing.Self:
        return self.start()

    def __exit__(self, *failure: object) -> None:
        self.stop()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def env(self, way: str = "direct", account: str | None = None) -> dict[str, str]:
        """Environment variables with which the client comes here.

        Args:
            way: "direct" or "proxy".
            account: Name of an instance: adds all that a bare `QiskitRuntimeService()` needs, the key among it.
        """
        if way == "proxy":
            # the client does not derive this one from its URL
            return {"IAM_URL": "http://iam.cloud.test"}
        hosts = {
            "IAM_URL": self.origin,
            "GLOBAL_SEARCH_URL": self.origin,
            "GLOBAL_CATALOG_URL": self.origin + API,
            "NO_PROXY": "127.0.0.1",
        }
        if account is None:
            return hosts
        return hosts | {
            "QISKIT_IBM_TOKEN": self.accounts.api_key,
            "QISKIT_IBM_INSTANCE": self.crn(account),
            "QISKIT_IBM_URL": f"{self.origin}/experimental{API}",
        }

    def environment(self, account: str = "lab-premium") -> dict[str, str]:
        """All that an application without any argument needs."""
        return self.env(account=account)

    def service_kwargs(self, instance: str | None = "lab-premium", way: str = "direct") -> dict[str, typing.Any]:
        """Arguments of `QiskitRuntimeService`, beside `env(way)` in the environment."""
        common = {
            "channel": "ibm_quantum_platform",
            "token": self.accounts.api_key,
            "instance": self.crn(instance) if instance else None,
        }
        if way == "proxy":
            # https becomes a CONNECT, which is refused: nothing leaves this machine
            return common | {
                "url": "http://cloud.test",
                "proxies": {"urls": dict.fromkeys(["http", "https"], self.origin)},
            }
        return common | {"url_resolver": lambda *_: self.origin + API}

    def crn(self, name: str) -> str:
        """Of an instance."""
        return self.accounts.named(name).crn

    def fault(self, **fields: typing.Any) -> Fault:
        """Arms a fault of HTTP; see `Fault`."""
        fault = Fault(**fields)
        if not any(re.fullmatch(fault.kind, kind) for kind in (*KINDS, "unknown")):
            raise ValueError(f"Argument `kind` must match one of {', '.join(KINDS)}, but is {fault.kind!r}.")
        return self.faults.arm(fault)

    def job_fault(self, **fields: typing.Any) -> JobFault:
        """Arms a fault of the next jobs; see `JobFault`."""
        return self.faults.arm(JobFault(**fields))

    def clear_faults(self) -> None:
        """Disarms all faults and lets go what they hold."""
        self.faults.clear()

    @property
    def jobs(self) -> dict[str, Job]:
        """All jobs by id, as they are now."""
        return self.store.jobs

    @property
    def sessions(self) -> dict[str, Session]:
        """All sessions by id, as they are now."""
        return self.store.sessions

    @property
    def requests(self) -> list[Request]:
        """All requests up to now, in order of arrival."""
        return self.log.requests

    @property
    def instances(self) -> dict[str, Instance]:
        """Instances by resource name, with what was used."""
        return {instance.crn: instance for instance in self.accounts.instances}

    def open_sessions(self, at: float | None = None) -> list[Session]:
        """Sessions and batches that are open at a time (seconds since the epoch; default now)."""
        instant = time.time() if at is None else at
        return [session for session in self.sessions.values() if session.open_at(instant)]

    def age_sessions(self, seconds: float) -> None:
        """Makes every session older, so that it reaches its `max_ttl` without waiting."""
        self.store.age_sessions(seconds)

    def spend(self, instance: str, seconds: float) -> None:
        """Uses up time of an instance."""
        self.accounts.charge(self.crn(instance), seconds)

    def forget(self, job_id: str) -> None:
        """Deletes a job on the platform."""
        self.store.forget(job_id)

    def chip(self, name: str) -> Chip:
        """A backend; its `configuration` and `properties` are what is served and may be changed."""
        with self._lock:
            if name not in self._chips:
                self._chips[name] = chip_of(name, self._snapshots[name])
            return self._chips[name]


def _main() -> None:
    parser = argparse.ArgumentParser(description="A local stand-in for the IBM Quantum Platform.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--queue-delay", type=float, default=0.0)
    parser.add_argument("--run-delay", type=float, default=0.0)
    parser.add_argument("--noisy", action="store_true")
    # blocked in all threads, so that the main one can wait for them
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with LocalPlatform(**vars(parser.parse_args())) as platform:
        sys.stdout.write(json.dumps({"port": platform.port, "env": platform.env()}) + "\n")
        sys.stdout.flush()
        signal.sigwait(ends)


if __name__ == "__main__":
    _main()
