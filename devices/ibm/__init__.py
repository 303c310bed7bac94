"""ibm: backends of the IBM Quantum Platform, through the unpatched qiskit-ibm-runtime client.

Here is what is IBM's and nothing that another platform would need; that is in `devices.remote`. Reading order:
`device` (what a run does), `options`, `preflight`, `estimate` (before), `pubs`, `sampler` (what is sent and comes
back), `batches`, `cloud` (every question and every order), `tagged`, `client` (the boundary), `account`,
`credentials`, `listing` (what an account can run on).
"""

from devices.errors import PlatformError as PlatformError
from devices.ibm.account import WAITS as WAITS
from devices.ibm.account import open_cloud as open_cloud
from devices.ibm.client import ask as ask
from devices.ibm.cloud import Cloud as Cloud
from devices.ibm.credentials import credentials as credentials
from devices.ibm.listing import backends as backends
from devices.ibm.options import HardwareOptions as HardwareOptions
from devices.ibm.options import parse_copies as parse_copies
from devices.ibm.options import parse_qubits as parse_qubits
from devices.ibm.sampler import PROGRAMS as PROGRAMS
from devices.ibm.sampler import decoded as decoded
from devices.ibm.sampler import send as send

__all__ = ["HardwareOptions", "PlatformError"]
