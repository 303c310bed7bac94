"""Runs whose jobs another machine carries out: submitted now, collected by any process later, on whatever platform.

Reading order: `rounds` (the jobs of a run), `submission` (once), `collection` (raw first), `last_word` (believed when
it is said again), `leftovers` (nothing is left open), `hold` (one process at a time); `platform` (what these ask of a
platform), `patience`, `clock`, `deadline` (how long), `division`, `qpu_seconds` (jobs and what they take), `secret`
(keys that do not print).
"""

from devices.remote.clock import Clock as Clock
from devices.remote.deadline import call_with_deadline as call_with_deadline
from devices.remote.division import jobs_by_pass as jobs_by_pass
from devices.remote.hold import run_lock as run_lock
from devices.remote.last_word import MOST_ODD as MOST_ODD
from devices.remote.last_word import state_now as state_now
from devices.remote.patience import Patience as Patience
from devices.remote.patience import patience_from_environment as patience_from_environment
from devices.remote.qpu_seconds import Delay as Delay
from devices.remote.qpu_seconds import Duration as Duration
from devices.remote.qpu_seconds import duration as duration
from devices.remote.qpu_seconds import executed_jobs as executed_jobs
from devices.remote.qpu_seconds import job_seconds as job_seconds
from devices.remote.qpu_seconds import passes_worth as passes_worth
from devices.remote.qpu_seconds import remarks_on_delay as remarks_on_delay
from devices.remote.secret import Secret as Secret
from devices.remote.secret import scrubbed as scrubbed
from devices.remote.submission import run_tag as run_tag
