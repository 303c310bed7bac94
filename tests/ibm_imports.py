"""What a process that is forked for a case has imported: all that a run on hardware needs, and nothing started."""

import qiskit.qpy  # noqa: F401
import qiskit_aer  # noqa: F401
import qiskit_ibm_runtime.executor_sampler  # noqa: F401

import analysis  # noqa: F401
import devices.ibm.device  # noqa: F401
import protocols.heat_exchange  # noqa: F401
