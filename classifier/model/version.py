"""A version: its files, checked before they are used and never unpickled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from classifier.corpus.passages import N_PRESENCES, PARTS
from classifier.errors import ManifestError, ModelNotFoundError
from classifier.files import sha256
from classifier.model import arrays as packed
from classifier.model.arrays import FORMAT, MEND, read_arrays
from classifier.model.linear import LinearModel
from classifier.model.store import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from classifier.evaluation.predictions import Predictions

WEIGHTS = "weights.npz"
PIPELINE = "pipeline.joblib"
EVALUATION = "evaluation.json"
PREDICTIONS = "predictions.npz"
VOCABULARY = "vocabulary.txt"
REQUIRED = (WEIGHTS, EVALUATION, "codebook.toml", "card.md")
# A copy of a version may go without these: scikit-learn's own object, for people who
# want it, which no command reads; what was said of each paragraph out-of-fold, by which
# versions are compared; and the texts of the features, which tagging knows by hashes.
OPTIONAL = (PIPELINE, PREDICTIONS, VOCABULARY)


class Version(NamedTuple):
    """A version whose folder has been checked.

    Attributes
    ----------
    name : str
        Its name.
    folder : Path
        Where it lies.
    manifest : dict
        Its manifest.
    files : dict of str to bytes
        The contents of the files that every version has.
    """

    name: str
    folder: Path
    manifest: dict[str, Any]
    files: dict[str, bytes]

    def model(self) -> LinearModel:
        """Build the model from the version's arrays.

        Raises
        ------
        ManifestError
            If the arrays do not fit each other or the manifest.
        """
        where = self.folder / WEIGHTS
        arrays = self._arrays()
        try:
            issues = tuple(self.manifest["issues"])
            thresholds = self.manifest["thresholds"]
            learned = [issues.index(slug) for slug in thresholds]
            all_thresholds = np.full(len(issues), np.nan)
            all_thresholds[learned] = list(thresholds.values())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"{self.folder / MANIFEST}: not a manifest ({error}): {MEND}"
            raise ManifestError(message) from error
        hashes, weights = arrays["hashes"], arrays["weights"]
        if weights.dtype.kind == "f":
            weights = weights.astype(np.float32)
        # What formats before this one did not have.
        scales = arrays.get("scales", np.ones(len(hashes), dtype=np.float32))
        is_fragment = arrays.get("is_fragment", np.zeros(len(hashes), dtype=np.bool_))
        context = arrays.get("context", np.zeros(len(PARTS)))
        intercepts = arrays["intercepts"]
        if intercepts.ndim == 1:
            intercepts = np.tile(intercepts, (N_PRESENCES, 1))
        fits = (
            weights.shape == (len(hashes), len(learned))
            and arrays["idf"].shape == hashes.shape
            and scales.shape == hashes.shape
            and intercepts.shape == (N_PRESENCES, len(learned))
            and context.shape == (len(PARTS),)
            and bool(np.all(hashes[1:] > hashes[:-1]))
            and is_fragment.shape == hashes.shape
            and all(
                np.isfinite(numbers).all()
                for numbers in (weights, scales, arrays["idf"], intercepts, context)
                if numbers.dtype.kind == "f"
            )
        )
        if not fits:
            message = f"{where}: its arrays do not fit together: {MEND}"
            raise ManifestError(message)
        return LinearModel(
            issues=issues,
            learned=np.array(learned, dtype=np.intp),
            hashes=hashes,
            idf=arrays["idf"],
            is_fragment=is_fragment,
            weights=weights,
            scales=scales,
            intercepts=intercepts,
            context=context,
            thresholds=all_thresholds,
        )

    def vocabulary(self) -> list[str]:
        """Return the n-grams and fragments, in the order of the model's features.

        Raises
        ------
        ManifestError
            If the file that holds them is missing or altered.
        """
        arrays = self._arrays()
        if "vocabulary" in arrays:  # as in formats before the fourth
            return packed.unpack_lines(arrays["vocabulary"].tobytes())
        return packed.unpack_lines(_read_file(self.folder / VOCABULARY, self.manifest))

    def predictions(self) -> Predictions | None:
        """Return what was said out-of-fold; None for a version that goes without.

        Raises
        ------
        ManifestError
            If the file is altered, or its arrays do not fit each other or the manifest.
        """
        from classifier.evaluation.predictions import (  # noqa: PLC0415
            Predictions,  # tagging has no use for it
        )

        path = self.folder / PREDICTIONS
        if not path.is_file():
            return None
        where = str(path)
        data = _read_file(path, self.manifest)
        arrays = read_arrays(data, where, packed.PREDICTIONS)
        lines = packed.unpack_lines(arrays["paragraphs"].tobytes())
        rows = [line.rsplit("\t", 2) for line in lines]
        issues = tuple(self.manifest["issues"])
        try:
            articles, numbers, digests = zip(*rows, strict=True)
            places = np.array(numbers, dtype=np.intp)
            bits = {
                name: np.unpackbits(arrays[name], axis=1, count=len(issues)).view("?")
                for name in ("labelled", "tagged")
            }
            tables = (*bits.values(), arrays["probabilities"])
            fits = all(table.shape == (len(rows), len(issues)) for table in tables)
        except ValueError:
            fits = False
        if not fits:
            message = f"{where}: its arrays do not fit together: {MEND}"
            raise ManifestError(message)
        return Predictions(
            issues,
            articles,
            places,
            bits["labelled"],
            bits["tagged"],
            arrays["probabilities"].astype(np.float64),
            digests,
        )

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Read the arrays of the version's format."""
        where = str(self.folder / WEIGHTS)
        kinds = packed.WEIGHTS[self.manifest["format"]]
        return read_arrays(self.files[WEIGHTS], where, kinds)

    def evaluation(self) -> dict[str, Any]:
        """Return the figures measured when the version was trained."""
        found: dict[str, Any] = json.loads(self.files[EVALUATION])
        return found


def pack_predictions(predictions: Predictions) -> bytes:
    """Return predictions as the bytes of a version's file."""
    rows = zip(
        predictions.articles,
        predictions.numbers.tolist(),
        predictions.digests,
        strict=True,
    )
    return packed.write_arrays(
        {
            "paragraphs": np.frombuffer(
                packed.pack_lines("\t".join(map(str, row)) for row in rows), np.uint8
            ),
            "labelled": np.packbits(predictions.labelled, axis=1),
            "tagged": np.packbits(predictions.tagged, axis=1),
            "probabilities": predictions.probabilities.astype(np.float16),
        }
    )


def read_version(folder: Path, *, complete: bool = False) -> Version:
    """Read a version's folder and check it against its manifest.

    Parameters
    ----------
    folder : Path
        The folder.
    complete : bool
        Check the files as well that tagging does not need, and that a copy may go
        without; each of them is checked in any case when it is read.

    Raises
    ------
    ModelNotFoundError
        If there is no such folder.
    ManifestError
        If a file is missing or altered, or the format is newer than this program's.
    """
    where = folder / MANIFEST
    if not folder.is_dir():
        message = f"{folder}: no such version: see 'classifier models list'"
        raise ModelNotFoundError(message)
    manifest = _read_manifest(where)
    files = {name: _read_file(folder / name, manifest) for name in REQUIRED}
    if complete:
        for name in OPTIONAL:
            if (folder / name).is_file():
                _read_file(folder / name, manifest)
    return Version(str(manifest["version"]), folder, manifest, files)


def _read_file(path: Path, manifest: Mapping[str, Any]) -> bytes:
    """Read a file of a version and check it against the manifest."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"{path}: missing or not readable: {MEND}"
        raise ManifestError(message) from error
    if manifest["files"].get(path.name) != sha256(data):
        message = f"{path}: not as it was saved (digest differs): {MEND}"
        raise ManifestError(message)
    return data


def _read_manifest(where: Path) -> dict[str, Any]:
    """Read a manifest and check its format and its own digest."""
    try:
        manifest = json.loads(where.read_bytes())
    except OSError as error:
        message = f"{where}: missing or not readable: not a version's folder? {MEND}"
        raise ManifestError(message) from error
    except (ValueError, RecursionError) as error:
        message = f"{where}: not JSON: {MEND}"
        raise ManifestError(message) from error
    if (
        not isinstance(manifest, dict)
        or type(manifest.get("format")) is not int
        or manifest["format"] < 1
    ):
        message = f"{where}: not a manifest: {MEND}"
        raise ManifestError(message)
    if manifest["format"] > FORMAT:
        message = (
            f"{where}: format {manifest['format']} is newer than this program's "
            f"({FORMAT}): install a newer classifier"
        )
        raise ManifestError(message)
    if manifest.get("digest") != manifest_digest(manifest):
        message = f"{where}: not as it was saved (digest differs): {MEND}"
        raise ManifestError(message)
    if not isinstance(manifest.get("files"), dict) or "version" not in manifest:
        message = f"{where}: not a manifest: {MEND}"
        raise ManifestError(message)
    return manifest


def manifest_digest(manifest: Mapping[str, Any]) -> str:
    """Return the digest of a manifest's content, its own entry left out."""
    content = {key: value for key, value in manifest.items() if key != "digest"}
    return sha256(json.dumps(content, sort_keys=True).encode())
