"""ibm: backends of the IBM Quantum Platform, through the unpatched qiskit-ibm-runtime client.

Reading order: `device` (what a run does), `_options`, `_preflight`, `_estimate` (before), `_submission` (once),
`_collection` (raw first), `_batches`, `_journal` (what was done), `_pubs`, `_sampler` (what is sent and comes back),
`_cloud` (every question and every order), `_client` (the boundary), `_errors`, `_account`, `_credentials`, `_secret`,
`_patience`, `_backends`.
"""

from devices.errors import PlatformError as PlatformError
from devices.ibm.options import HardwareOptions as HardwareOptions

__all__ = ["HardwareOptions", "PlatformError"]
