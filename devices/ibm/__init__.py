"""ibm: backends of the IBM Quantum Platform, through the unpatched qiskit-ibm-runtime client.

Here is what is IBM's and nothing that another platform would need; that is in `devices.remote`. Reading order:
`device` (what a run does), `options`, `preflight`, `estimate` (before), `pubs`, `sampler` (what is sent and comes
back), `batches`, `cloud` (every question and every order), `client` (the boundary), `account`, `credentials`,
`backends` (what an account can run on).
"""

from devices.errors import PlatformError as PlatformError
from devices.ibm.options import HardwareOptions as HardwareOptions

__all__ = ["HardwareOptions", "PlatformError"]
