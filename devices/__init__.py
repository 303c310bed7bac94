"""Where it is done: devices, and the run record that every device writes."""

from devices.errors import DamagedRun as DamagedRun
from devices.errors import FailedRun as FailedRun
from devices.errors import ForeignRun as ForeignRun
from devices.errors import Interrupted as Interrupted
from devices.errors import PendingRun as PendingRun
from devices.errors import RunError as RunError
from devices.errors import UnfinishedRun as UnfinishedRun
from devices.execute import execute as execute
from devices.finish import finish_measured as finish_measured
from devices.ibm import HardwareOptions as HardwareOptions
from devices.ibm import PlatformError as PlatformError
from devices.listed import ListedRun as ListedRun
from devices.listed import listed_runs as listed_runs
from devices.model import Cost as Cost
from devices.model import Device as Device
from devices.model import Job as Job
from devices.model import JobStatus as JobStatus
from devices.model import Placement as Placement
from devices.model import Plan as Plan
from devices.model import RemoteDevice as RemoteDevice
from devices.model import ResultAddress as ResultAddress
from devices.opening import names as names
from devices.opening import open_device as open_device
from devices.prepare import Prepared as Prepared
from devices.prepare import lasting as lasting
from devices.prepare import prepare_run as prepare_run
from devices.record.record import RunRecord as RunRecord
from devices.record.record import status as status
from devices.remote.leftovers import left_open as left_open
from devices.remote_runs import cancel as cancel
from devices.remote_runs import collect as collect
from devices.remote_runs import on_hardware as on_hardware
from devices.remote_runs import states as states
from devices.remote_runs import submit as submit
from devices.resuming import resume as resume
from devices.snapshots import snapshots as snapshots

__all__ = [
    "Cost",
    "DamagedRun",
    "Device",
    "FailedRun",
    "ForeignRun",
    "HardwareOptions",
    "Interrupted",
    "Job",
    "JobStatus",
    "ListedRun",
    "PendingRun",
    "Placement",
    "Plan",
    "PlatformError",
    "Prepared",
    "RemoteDevice",
    "ResultAddress",
    "RunError",
    "RunRecord",
    "UnfinishedRun",
    "cancel",
    "collect",
    "execute",
    "finish_measured",
    "lasting",
    "left_open",
    "listed_runs",
    "names",
    "on_hardware",
    "open_device",
    "prepare_run",
    "resume",
    "states",
    "status",
    "submit",
]

__part_of__ = "hotward"
"""By this `hotward.packages` tells it from a package of this name that another distribution brought."""
