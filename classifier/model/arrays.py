"""The arrays of a version in one file, readable without trusting it."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

# What to do about a damaged version, for every message that reports one.
MEND = "restore the folder from where it came, or train a new version"
# More than the header of any array that is expected here.
_HEADER_SIZE = 1024
# Of the zip format, what stands before a member's name: a mark, and among other fields
# the method of compression, and the sizes of the member, its name and an extra field.
_LOCAL_HEADER_MARK = b"PK\3\4"
_LOCAL_HEADER = "<8xH8xI4xHH"
# The kind of extra field by which members are commonly aligned.
_PADDING = 0xD935
_ALIGNMENT = 64
# Number of dimensions and kind of an array.
Kind = tuple[int, np.dtype[Any]]

# Those of the weights, by the manifest's format. Narrow kinds keep a version small, and
# quick to read and check; training rounds the pipeline's own numbers to them.
WEIGHTS: dict[int, dict[str, Kind]] = {
    1: {
        "hashes": (1, np.dtype("<u8")),
        "idf": (1, np.dtype("<f8")),
        "weights": (2, np.dtype("<f4")),
        "intercepts": (1, np.dtype("<f8")),
        "vocabulary": (1, np.dtype("u1")),
    },
}
WEIGHTS[2] = {
    **WEIGHTS[1],
    "is_fragment": (1, np.dtype("?")),
    "weights": (2, np.dtype("<f2")),
}
WEIGHTS[3] = {
    **WEIGHTS[2],
    "context": (1, np.dtype("<f8")),
    "intercepts": (2, np.dtype("<f8")),
}
WEIGHTS[4] = {
    **WEIGHTS[3],
    "idf": (1, np.dtype("<f4")),
    "scales": (1, np.dtype("<f4")),
    "weights": (2, np.dtype("i1")),
}
del WEIGHTS[4]["vocabulary"]  # in a file of its own: tagging has no use for it
FORMAT = max(WEIGHTS)

# Those of the out-of-fold predictions: lines, a bit for each paragraph and issue, and
# half precision.
PREDICTIONS: dict[str, Kind] = {
    "paragraphs": (1, np.dtype("u1")),
    "labelled": (2, np.dtype("u1")),
    "tagged": (2, np.dtype("u1")),
    "probabilities": (2, np.dtype("<f2")),
}


def write_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as the bytes of an ``.npz`` file, the same for the same arrays."""
    import zipfile  # noqa: PLC0415 - training alone writes one

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, arrays[name], allow_pickle=False)
            # A ZipInfo of its own has a fixed date and mode.
            info = zipfile.ZipInfo(f"{name}.npy")
            # Padded, so that the numbers can be used where they lie in the file.
            start = out.tell() + struct.calcsize(_LOCAL_HEADER) + len(info.filename) + 4
            padding = -start % _ALIGNMENT
            info.extra = struct.pack("<HH", _PADDING, padding) + bytes(padding)
            archive.writestr(info, member.getvalue())
    return out.getvalue()


def read_arrays(
    data: bytes, where: str, kinds: Mapping[str, Kind]
) -> dict[str, NDArray[Any]]:
    """Read the arrays of an ``.npz`` file without trusting it.

    Only plain arrays of the expected names, kinds and dimensions are taken, stored
    without compression: what is read is never larger than the file.

    Raises
    ------
    ManifestError
        If the file holds anything else; a pickled object is named as such.
    """
    arrays: dict[str, NDArray[Any]] = {}
    try:
        members = dict(_members(data))
        for name, (n_dimensions, dtype) in kinds.items():
            if f"{name}.npy" not in members:
                message = f"{where}: no array '{name}' in it: {MEND}"
                raise ManifestError(message)
            stored, is_compressed = members[f"{name}.npy"]
            if is_compressed:
                message = f"{where}: '{name}' is compressed; refused: {MEND}"
                raise ManifestError(message)
            member = io.BytesIO(stored[:_HEADER_SIZE])
            version = np.lib.format.read_magic(member)
            if version != (1, 0):
                message = f"{where}: '{name}' is of another kind: {MEND}"
                raise ManifestError(message)
            shape, fortran_order, kind = _read_header(member)
            if kind.hasobject:
                message = (
                    f"{where}: '{name}' holds a pickled object, which could run "
                    f"code; refused: {MEND}"
                )
                raise ManifestError(message)
            if len(shape) != n_dimensions or kind != dtype or fortran_order:
                message = f"{where}: '{name}' is of another kind: {MEND}"
                raise ManifestError(message)
            array = np.frombuffer(stored[member.tell() :], dtype=kind)
            arrays[name] = np.require(array.reshape(shape), requirements="A")
    except (ValueError, OSError, struct.error) as error:
        reason = error.args[0] if error.args else error
        message = f"{where}: not the arrays expected ({reason}): {MEND}"
        raise ManifestError(message) from error
    return arrays


def _read_header(member: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Read the header of an array, whose text numpy parses as an expression.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        shape, fortran_order, kind = np.lib.format.read_array_header_1_0(member)
    except Exception as error:  # as many kinds as a parser of expressions has
        message = f"no header: {error}"
        raise ValueError(message) from error
    if not all(type(size) is int and size >= 0 for size in shape):
        message = f"a shape of {shape}"
        raise ValueError(message)
    return shape, fortran_order, kind


def _members(data: bytes) -> Iterator[tuple[str, tuple[memoryview, bool]]]:
    """Yield the name and the bytes of each member, and whether they are compressed.

    From one local header to the next, as they stand in the file: nothing is copied, and
    the standard library's reader takes longer to import than this file to read.

    Raises
    ------
    ValueError
        If the file ends within a member.
    """
    place = 0
    while data.startswith(_LOCAL_HEADER_MARK, place):
        fields = struct.unpack_from(_LOCAL_HEADER, data, place)
        method, size, name_size, extra_size = fields
        start = place + struct.calcsize(_LOCAL_HEADER)
        name = data[start : start + name_size].decode("utf-8", "replace")
        start += name_size + extra_size
        place = start + size
        if place > len(data):
            message = f"'{name}' is cut off"
            raise ValueError(message)
        yield name, (memoryview(data)[start:place], method != 0)


def pack_lines(lines: Iterable[str]) -> bytes:
    """Return texts without line ends as bytes."""
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def unpack_lines(packed: bytes) -> list[str]:
    """Return the texts that `pack_lines` packed."""
    return packed.decode("utf-8", "surrogatepass").split("\n")
