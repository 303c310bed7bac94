"""Results of Qiskit's primitives: objects in memory, files of IBM's RuntimeEncoder, and replies of the platform.

Nothing here imports Qiskit: a `BitArray` is an array of bytes, whose bits are numbered from the end of the last byte.
Bit 0 is the last character of Qiskit's strings.
"""

from __future__ import annotations

import base64
import binascii
import io
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from devices.imports.formats.histograms import Histogram
from devices.imports.formats.labels import Labels, of_metadata
from protocols import Array, RequestError

_LARGEST = 2**30
"""Bytes of one array: more is a file that grows without end as it is unpacked."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Register:
    """What one classical register read: a `BitArray`."""

    name: str
    array: Array
    """(..., shots, bytes) uint8."""
    bits: int


_FLIPS = "measurement_flips."
_PARTS = ("PrimitiveResult", "SamplerPubResult", "PubResult", "DataBin", "BitArray")


def is_primitive(data: object) -> bool:
    """Whether data are a result of a primitive, or a part of one, in any of its forms."""
    if isinstance(data, Mapping):
        return _typed(data) in _PARTS or bool(_samples(data)) or _is_program(data)
    return _kind(data) in _PARTS


def primitive_circuits(data: Any, labels: Labels, name: str) -> Iterator[Histogram]:
    """Histograms of all circuits, one for every point of a circuit that was swept, in the order of the job.

    Args:
        data: As `is_primitive` knows it.
        labels: Of all of them.
        name: For errors.

    Raises:
        RequestError: For an array that cannot be read, and a result that has no bits.
    """
    pubs = _pubs(data)
    for number, (registers, metadata) in enumerate(pubs, 1):
        own = f"{name}, circuit {number}" if len(pubs) > 1 else name
        if not registers:
            raise RequestError(f"{own}: has no measured bits. Give the result of a Sampler whose circuits measure.")
        yield from _histograms(registers, {**of_metadata(metadata), **labels}, own)


def _pubs(data: Any) -> list[tuple[list[_Register], object]]:
    """Registers and metadata of every PUB."""
    if isinstance(data, Mapping):
        if _is_program(data):
            return _of_program(data)
        if samples := _samples(data):
            return [([_of_samples(n, one) for n, one in fields.items()], meta) for fields, meta in samples]
        value = data["__value__"]
        kind = _typed(data)
        if kind == "PrimitiveResult":
            return [pub for one in value["pub_results"] for pub in _pubs(one)]
        if kind == "BitArray":
            return [([_of_json("meas", data)], {})]
        fields = value["fields"] if kind == "DataBin" else value["data"]["__value__"]["fields"]
        metadata = value.get("metadata", {})
        read = [_of_json(n, one) for n, one in fields.items() if isinstance(one, Mapping) and _typed(one) == "BitArray"]
        return [(read, metadata.get("circuit_metadata", metadata))]
    kind = _kind(data)
    if kind == "PrimitiveResult":
        return [pub for one in data for pub in _pubs(one)]
    if kind == "BitArray":
        return [([_Register(name="meas", array=np.asarray(data.array), bits=int(data.num_bits))], {})]
    bin_, metadata = (data, {}) if kind == "DataBin" else (data.data, data.metadata)
    read = [
        _Register(name=n, array=np.asarray(one.array), bits=int(one.num_bits))
        for n, one in bin_.items()
        if _kind(one) == "BitArray"
    ]
    return [(read, metadata.get("circuit_metadata", metadata))]


def _kind(data: object) -> str:
    """Name of a class of Qiskit's primitives, or of one that inherits from it; empty for anything else."""
    return next((c.__name__ for c in type(data).__mro__ if c.__module__.startswith("qiskit.primitives")), "")


def _typed(data: Mapping[Any, Any]) -> str:
    """What RuntimeEncoder says that a mapping is."""
    return str(data.get("__type__", "")) if "__value__" in data else ""


def _samples(data: Mapping[Any, Any]) -> list[tuple[Mapping[str, Any], object]]:
    """Fields and metadata of every circuit in a reply of the platform: `{"results": [{"data": {"c": {"samples"...`."""
    results = data.get("results")
    found = []
    for one in results if isinstance(results, list) else ():
        fields = one.get("data") if isinstance(one, Mapping) else None
        if not isinstance(fields, Mapping):
            return []
        fields = {n: field for n, field in fields.items() if isinstance(field, Mapping) and "samples" in field}
        if not fields:
            return []
        metadata = one.get("metadata") or {}
        found.append((fields, metadata.get("circuit_metadata", metadata)))
    return found


def _of_samples(name: str, field: Mapping[str, Any]) -> _Register:
    bits = int(field["num_bits"])
    size = max(1, -(-bits // 8))
    try:
        read = b"".join(int(str(sample), 16).to_bytes(size, "big") for sample in field["samples"])
    except (ValueError, OverflowError):
        raise RequestError(
            f"The register {name} must have samples such as 0x3 of {bits} bits. Download it again."
        ) from None
    return _Register(name=name, array=np.frombuffer(read, dtype=np.uint8).reshape(-1, size), bits=bits)


def _is_program(data: Mapping[Any, Any]) -> bool:
    """Whether a mapping is what the platform sends of an executor job: `{"schema_version": ..., "data": [...]}`."""
    items = data.get("data")
    return (
        "schema_version" in data
        and isinstance(items, list)
        and bool(items)
        and all(isinstance(one, Mapping) and isinstance(one.get("results"), Mapping) for one in items)
    )


def _of_program(data: Mapping[str, Any]) -> list[tuple[list[_Register], object]]:
    """Registers and metadata of every circuit of an executor job, with the flips of twirled readout undone."""
    said = (data.get("passthrough_data") or {}).get("post_processor") or {}
    metadata = said.get("circuits_metadata") or [{}] * len(data["data"])
    found = []
    for item, own in zip(data["data"], metadata, strict=True):
        bits = {name: _tensor(name, one) for name, one in item["results"].items()}
        flips = {name: bits.pop(name) for name in [name for name in bits if name.startswith(_FLIPS)]}
        for name, flipped in flips.items():
            bits[name.removeprefix(_FLIPS)] = bits[name.removeprefix(_FLIPS)] ^ flipped
        if said.get("twirling"):  # (randomizations, ..., shots, bits)
            moved = {name: np.moveaxis(one, 0, -3) for name, one in bits.items()}
            bits = {name: one.reshape(*one.shape[:-3], -1, one.shape[-1]) for name, one in moved.items()}
        found.append(([_packed(name, one) for name, one in bits.items()], own))
    return found


def _tensor(name: str, one: Mapping[str, Any]) -> Array:
    """Bits of a register, (..., shots, bits), bit 0 first."""
    try:
        if one["dtype"] != "bool":
            raise RequestError(f"The register {name} has values of the type {one['dtype']}, no bits. Classify them.")
        packed = base64.b64decode(one["data"], validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, _LARGEST) if packed[:1] == b"x" else packed
        size = int(np.prod(one["shape"], dtype=int))
        found = np.unpackbits(np.frombuffer(content, dtype=np.uint8), bitorder="little")
        return found[:size].reshape(one["shape"])
    except (KeyError, TypeError, ValueError, binascii.Error, zlib.error):
        raise RequestError(
            f"The register {name} cannot be unpacked: it is not what the platform writes. Download it again."
        ) from None


def _packed(name: str, bits: Array) -> _Register:
    """As a `BitArray` has them: bytes whose bits are numbered from the end of the last one."""
    missing = -bits.shape[-1] % 8
    ordered = np.concatenate([np.zeros((*bits.shape[:-1], missing), dtype=np.uint8), bits[..., ::-1]], axis=-1)
    return _Register(name=name, array=np.packbits(ordered, axis=-1), bits=bits.shape[-1])


def _of_json(name: str, data: Mapping[str, Any]) -> _Register:
    try:
        value = data["__value__"]
        packed = base64.b64decode(value["array"]["__value__"], validate=True)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, _LARGEST)
        if unpacker.unconsumed_tail:
            raise RequestError(f"The register {name} has more than {_LARGEST >> 20} MiB. Import its jobs one by one.")
        array = np.load(io.BytesIO(content), allow_pickle=False)
        return _Register(name=name, array=array, bits=int(value["num_bits"]))
    except (KeyError, TypeError, ValueError, EOFError, binascii.Error, zlib.error):
        raise RequestError(
            f"The register {name} cannot be unpacked: it is not what RuntimeEncoder writes. Save the result again."
        ) from None


def _histograms(registers: Sequence[_Register], labels: Labels, name: str) -> Iterator[Histogram]:
    """One for every point of the sweep: all registers side by side, the first one's bits counted first."""
    first = registers[0]
    for one in registers:
        size = -(-one.bits // 8)
        if one.array.dtype != np.uint8 or one.array.ndim < 2 or one.array.shape[-1] != size:
            raise RequestError(
                f"{name}: the register {one.name} must be bytes, (..., shots, {size}), but is {one.array.dtype} of "
                f"shape {one.array.shape}. Save the result again."
            )
        if one.array.shape[:-1] != first.array.shape[:-1]:
            raise RequestError(
                f"{name}: all registers must have the same points and shots, but {one.name} has "
                f"{one.array.shape[:-1]} and {first.name} {first.array.shape[:-1]}. Save the result again."
            )
    shape = first.array.shape[:-2]
    for index in np.ndindex(shape):
        yield Histogram(
            name=f"{name}, point {', '.join(map(str, index))}" if shape else name,
            labels=labels,
            outcomes=Counter(_texts([one.array[index] for one in registers], [one.bits for one in registers])),
            order="last",
            wires=tuple(_wires(registers)),
            width=sum(one.bits for one in registers),
        )


def _texts(arrays: Sequence[Array], bits: Sequence[int]) -> list[str]:
    """Of every shot its bits as Qiskit prints them, the last register leftmost."""
    columns = [
        np.unpackbits(array, axis=-1)[:, array.shape[-1] * 8 - n :] for array, n in zip(arrays, bits, strict=True)
    ]
    side_by_side = np.ascontiguousarray(np.concatenate(columns[::-1], axis=-1) + ord("0"), dtype=np.uint8)
    width = side_by_side.shape[-1]
    return [text.decode() for text in side_by_side.view(f"S{width}").ravel().tolist()]


def _wires(registers: Sequence[_Register]) -> Iterable[str]:
    """Names of the bits where there are several registers, bit 0 of the first one first."""
    if len(registers) > 1:
        for one in registers:
            yield from [one.name] if one.bits == 1 else [f"{one.name}[{i}]" for i in range(one.bits)]
