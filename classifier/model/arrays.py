"""The arrays of a version in one file, readable without trusting it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

# What to do about a damaged version, for every message that reports one.
MEND = "restore the folder from where it came, or train a new version"
# Number of dimensions and kind of each array, by its name.
Kinds = Mapping[str, tuple[int, np.dtype[Any]]]

# Those of the weights, by the manifest's format. Half precision keeps a version small;
# training rounds the pipeline's own weights to it.
WEIGHTS: dict[int, Kinds] = {
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
FORMAT = max(WEIGHTS)

# Those of the out-of-fold predictions: lines, a bit for each paragraph and issue, and
# half precision.
PREDICTIONS: Kinds = {
    "paragraphs": (1, np.dtype("u1")),
    "labelled": (2, np.dtype("u1")),
    "tagged": (2, np.dtype("u1")),
    "probabilities": (2, np.dtype("<f2")),
}


def write_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as the bytes of an ``.npz`` file, the same for the same arrays."""
    import zipfile  # noqa: PLC0415 - as in numpy, only where a file is opened

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, arrays[name], allow_pickle=False)
            # A ZipInfo of its own has a fixed date and mode.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())
    return out.getvalue()


def read_arrays(data: bytes, where: str, kinds: Kinds) -> dict[str, NDArray[Any]]:
    """Read the arrays of an ``.npz`` file without trusting it.

    Only plain arrays of the expected names, kinds and dimensions are taken, stored
    without compression: what is read is never larger than the file.

    Raises
    ------
    ManifestError
        If the file holds anything else; a pickled object is named as such.
    """
    import zipfile  # noqa: PLC0415 - as in numpy, only where a file is opened

    arrays: dict[str, NDArray[Any]] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name, (n_dimensions, dtype) in kinds.items():
                info = archive.getinfo(f"{name}.npy")
                if info.compress_type != zipfile.ZIP_STORED:
                    message = f"{where}: '{name}' is compressed; refused: {MEND}"
                    raise ManifestError(message)
                member = io.BytesIO(archive.read(info))
                version = np.lib.format.read_magic(member)
                if version != (1, 0):
                    message = f"{where}: '{name}' is of another kind: {MEND}"
                    raise ManifestError(message)
                header = np.lib.format.read_array_header_1_0(member)
                shape, fortran_order, kind = header
                if kind.hasobject:
                    message = (
                        f"{where}: '{name}' holds a pickled object, which could run "
                        f"code; refused: {MEND}"
                    )
                    raise ManifestError(message)
                if len(shape) != n_dimensions or kind != dtype or fortran_order:
                    message = f"{where}: '{name}' is of another kind: {MEND}"
                    raise ManifestError(message)
                array = np.frombuffer(member.read(), dtype=kind)
                arrays[name] = array.reshape(shape)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        reason = error.args[0] if error.args else error
        message = f"{where}: not the arrays expected ({reason}): {MEND}"
        raise ManifestError(message) from error
    return arrays


def pack_lines(lines: Iterable[str]) -> NDArray[np.uint8]:
    """Return texts without line ends as one array of bytes."""
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    return np.frombuffer(data, dtype=np.uint8)


def unpack_lines(packed: NDArray[np.uint8]) -> list[str]:
    """Return the texts that `pack_lines` packed."""
    return packed.tobytes().decode("utf-8", "surrogatepass").split("\n")
