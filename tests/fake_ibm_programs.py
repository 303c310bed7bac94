"""The two programs that the local IBM platform runs: `sampler` of SamplerV2, `executor` of the client-side Sampler.

What is submitted is checked with IBM's published models (ibm-quantum-schemas), so that a change of the client fails a
test here instead of passing in silence.
"""

from __future__ import annotations

import functools
import importlib
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from fake_ibm_aer import Pub
from fake_ibm_records import Refusal
from ibm_quantum_schemas.common import CompressedTensorModel
from ibm_quantum_schemas.sampler.version_0_1.params import ParamsModel
from qiskit.circuit import QuantumCircuit
from qiskit.primitives import BitArray, PrimitiveResult, SamplerPubResult
from qiskit.primitives.containers import DataBin
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit_ibm_runtime import RuntimeDecoder, RuntimeEncoder
from qiskit_ibm_runtime.execution_span import DoubleSliceSpan, ExecutionSpans
from qiskit_ibm_runtime.fake_provider.executor.broadcast_sample import broadcast_sample
from qiskit_ibm_runtime.quantum_program.params_converters import QUANTUM_PROGRAM_PARAMS_CONVERTERS

Params = Mapping[str, typing.Any]
Measure = Callable[[Sequence[Pub], int], list[np.ndarray]]
"""As `fake_ibm_aer.sample` with one generator and one processor."""


class Ran(typing.NamedTuple):
    """What a program gave."""

    text: str
    executions: int


def validate(program: str, params: Params) -> None:
    """Refuses parameters that IBM's own model of the program refuses.

    Raises:
        Refusal: With what is wrong.
    """
    try:
        model = ParamsModel if program == "sampler" else _converter(params).model
        model.model_validate_json(json.dumps(params))
    except ValueError as wrong:
        raise Refusal(400, 1211, f"Invalid program input: {str(wrong)[:600]}") from None


def _run_sampler(params: Params, measure: Measure, random: np.random.Generator) -> Ran:
    """SamplerV2: everything is done on the server."""
    decoded = json.loads(json.dumps(params), cls=RuntimeDecoder)
    default = decoded.get("options", {}).get("default_shots") or 4096
    pubs = [_pub(*pub, default=default) for pub in decoded["pubs"]]
    started = datetime.now(UTC)
    bits: dict[int, np.ndarray] = {}
    for shots in {pub.shots for pub in pubs}:
        chosen = [i for i, pub in enumerate(pubs) if pub.shots == shots]
        bits |= zip(chosen, measure([_flat(pubs[i]) for i in chosen], shots), strict=True)
    results = []
    for i, pub in enumerate(pubs):
        named = _registers(pub.circuit, bits[i].reshape(*pub.shape, pub.shots, -1))
        registers = {name: BitArray.from_bool_array(own, "little") for name, own in named}
        metadata = {"circuit_metadata": pub.circuit.metadata or {}}
        results.append(SamplerPubResult(DataBin(**registers, shape=pub.shape), metadata))
    span = DoubleSliceSpan(started, datetime.now(UTC), {i: _covered(pub) for i, pub in enumerate(pubs)})
    result = PrimitiveResult(results, {"execution": {"execution_spans": ExecutionSpans([span])}, "version": 2})
    return Ran(json.dumps(result, cls=RuntimeEncoder), sum(pub.size * pub.shots for pub in pubs))


def _pub(circuit: QuantumCircuit, values: object = None, shots: int | None = None, *, default: int) -> SamplerPub:
    return SamplerPub.coerce((circuit, values if circuit.parameters else None), shots or default)


def _flat(pub: SamplerPub) -> Pub:
    return Pub(pub.circuit, pub.parameter_values.as_array(pub.circuit.parameters).reshape(pub.size, -1))


def _covered(pub: SamplerPub) -> tuple[tuple[int, ...], slice, slice]:
    return (*pub.shape, pub.shots), slice(0, pub.size), slice(0, pub.shots)


def _run_executor(params: Params, measure: Measure, random: np.random.Generator) -> Ran:
    """The client-side Sampler: circuits, some with a samplex that draws their parameters; nothing is implicit."""
    converter = _converter(params)
    version = params["schema_version"].removeprefix("v").replace(".", "_")
    schema = importlib.import_module(f"ibm_quantum_schemas.executor.version_{version}.models")
    model = converter.model.model_validate_json(json.dumps(params))
    program, _ = converter.decoder(model)
    if program.meas_level != "classified":
        raise ValueError(f"meas_level {program.meas_level!r} is not supported by this local platform")
    started = datetime.now(UTC)
    drawn = [_draws(item, random) for item in program.items]
    measured = measure(
        [
            Pub(item.circuit, own.pop("parameter_values").reshape(item.size(), -1))
            for item, own in zip(program.items, drawn, strict=True)
        ],
        program.shots,
    )
    for item, own, bits in zip(program.items, drawn, measured, strict=True):
        own |= _registers(item.circuit, bits.reshape(*item.shape, program.shots, -1))
    sizes = [item.size() for item in program.items]
    parts = [
        {"idx_item": i, "size": size, "permutation": list(range(len(item.shape))), "element_range": (0, size, 1)}
        for i, (item, size) in enumerate(zip(program.items, sizes, strict=True))
    ]
    answer = schema.QuantumProgramResultModel(
        data=[
            {"results": {name: CompressedTensorModel.from_numpy(array) for name, array in own.items()}, "metadata": {}}
            for own in drawn
        ],
        metadata={"chunk_timing": [{"start": started, "stop": datetime.now(UTC), "parts": parts}]},
        # the client finds its own notes for post-processing here
        passthrough_data=model.quantum_program.passthrough_data,
        semantic_role=model.quantum_program.semantic_role,
    )
    return Ran(answer.model_dump_json(), sum(sizes) * program.shots)


def _draws(item: typing.Any, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Parameters of an item, and what else the samplex drew: the client needs it to undo the twirling."""
    if not hasattr(item, "samplex"):
        return {"parameter_values": item.circuit_arguments}
    item.samplex.finalize()
    # with threads of its own for every row it takes 14 ms a row instead of 7
    alone = types.SimpleNamespace(sample=functools.partial(item.samplex.sample, max_workers=1))
    return broadcast_sample(alone, item.samplex_arguments, item.shape, random)


def _registers(circuit: QuantumCircuit, bits: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Bits by register; registers may share them."""
    return [(each.name, bits[..., [circuit.find_bit(bit).index for bit in each]]) for each in circuit.cregs]


def _converter(params: Params) -> typing.Any:
    version = params.get("schema_version")
    if version not in QUANTUM_PROGRAM_PARAMS_CONVERTERS:
        raise Refusal(400, 1211, f"unknown schema version {version!r}")
    return QUANTUM_PROGRAM_PARAMS_CONVERTERS[version]


PROGRAMS: Mapping[str, Callable[[Params, Measure, np.random.Generator], Ran]] = {
    "sampler": _run_sampler,
    "executor": _run_executor,
}
