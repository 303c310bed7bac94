"""The .npz files of a run read back: arrays of numbers as this project writes them, and nothing else."""

from __future__ import annotations

import io
import math
import zipfile

import numpy as np

from protocols import Array


def stored_arrays(content: bytes) -> dict[str, Array]:
    """Every array of an .npz file.

    Nothing is unpickled, and no array is made that is larger than the file: a few bytes that claim to be many, in a
    compressed entry or in the head of one, are refused before memory is taken for them.

    >>> from devices.record.writing import arrays
    >>> stored_arrays(arrays({"weight": np.array([0.5, 0.5])}))
    {'weight': array([0.5, 0.5])}

    Args:
        content: What the file holds.

    Raises:
        ValueError: For anything else; the text goes on from the name of the file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as entries:
            return {entry.filename.removesuffix(".npy"): _array(entries, entry) for entry in entries.infolist()}
    except (
        ValueError,
        KeyError,
        EOFError,
        OSError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        MemoryError,
    ) as error:
        raise ValueError(f"does not hold what hotward writes ({error})") from None


def _array(entries: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Array:
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{entry.filename} is compressed")
    stored = entries.read(entry)
    file = io.BytesIO(stored)
    read_head = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, _, kind = read_head[np.lib.format.read_magic(file)](file)
    if kind.hasobject or math.prod(shape) * kind.itemsize != len(stored) - file.tell():
        raise ValueError(f"{entry.filename} is no array of numbers of its size")
    return np.lib.format.read_array(io.BytesIO(stored), allow_pickle=False)
