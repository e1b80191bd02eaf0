"""Versions on disk."""

import io
import json
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from classifier.corpus.passages import Passages
from classifier.errors import ManifestError, ModelNotFoundError
from classifier.evaluation.metrics import measure
from classifier.files import sha256
from classifier.model import store as module
from classifier.model.arrays import FORMAT, WEIGHTS, read_arrays, write_arrays
from classifier.model.store import ModelStore
from classifier.model.version import OPTIONAL, manifest_digest, read_version


def resign(folder: Path, **changes: object) -> None:
    """Change a manifest and give it the digests of the files as they are now."""
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_bytes()), **changes}
    for name in manifest["files"]:
        manifest["files"][name] = sha256((folder / name).read_bytes())
    manifest["digest"] = manifest_digest(manifest)
    path.write_text(json.dumps(manifest))


def test_a_version_is_read_as_it_was_saved(trained, version):
    """Model, vocabulary and figures survive the folder."""
    linear = trained[1].linear

    found = read_version(version)

    model = found.model()
    assert np.array_equal(model.weights, linear.weights)
    assert np.array_equal(model.scales, linear.scales)
    assert np.array_equal(model.thresholds, linear.thresholds, equal_nan=True)
    names = trained[1].pipeline[0].features.get_feature_names_out()
    assert sorted(found.vocabulary()) == sorted(n.split("__")[1] for n in names)
    assert found.evaluation()["out_of_fold"] == trained[1].figures.to_dict()


@pytest.mark.parametrize(
    "name",
    [
        "weights.npz",
        "manifest.json",
        "evaluation.json",
        "codebook.toml",
        "card.md",
        "pipeline.joblib",
        "predictions.npz",
        "vocabulary.txt",
    ],
)
def test_one_flipped_byte_is_refused(version, name):
    """Whichever byte of whichever file is altered, the version is refused."""
    path = version / name
    data = bytearray(path.read_bytes())
    for place in (0, len(data) // 2, len(data) - 2):
        flipped = data.copy()
        flipped[place] ^= 1
        path.write_bytes(flipped)

        with pytest.raises(ManifestError, match=rf"{name}: not .*: restore the folder"):
            read_version(version, complete=True)
    if name in OPTIONAL:
        assert read_version(version).model().n_features  # tagging needs it not
        path.write_bytes(flipped)
    if name == "predictions.npz":
        with pytest.raises(ManifestError, match="digest differs"):
            read_version(version).predictions()


@pytest.mark.parametrize(
    "name", ["weights.npz", "manifest.json", "evaluation.json", "card.md"]
)
def test_a_missing_file_is_refused(version, name):
    """A folder that lacks a file is refused, and the file named."""
    (version / name).unlink()

    with pytest.raises(ManifestError, match=rf"{name}: missing or not readable: .*"):
        read_version(version)


def test_pipeline_and_predictions_may_be_left_out(version):
    """A copy without scikit-learn's pickle and the predictions tags as the whole."""
    (version / "pipeline.joblib").unlink()
    (version / "predictions.npz").unlink()
    (version / "vocabulary.txt").unlink()

    found = read_version(version)

    assert found.model().n_features
    assert found.predictions() is None


def test_predictions_are_read_as_they_were_saved(trained, version):
    """What was said of each paragraph out-of-fold survives the folder."""
    expected = trained[1].predictions

    found = read_version(version).predictions()

    assert (found.issues, found.articles) == (expected.issues, expected.articles)
    assert found.digests == expected.digests
    assert np.array_equal(found.numbers, expected.numbers)
    assert np.array_equal(found.tagged, expected.tagged)
    assert found.probabilities == pytest.approx(
        expected.probabilities, abs=1e-3, nan_ok=True
    )
    again = measure(found).to_dict()["micro"]
    assert again == trained[1].figures.to_dict()["micro"]


def test_predictions_that_do_not_fit_are_refused(version):
    """A list of paragraphs of another length than the tables is refused."""
    path = version / "predictions.npz"
    lines = b"a\t1\td\nb\t2\td"
    member = member_of(np.frombuffer(lines, dtype=np.uint8))
    path.write_bytes(with_member(path.read_bytes(), "paragraphs.npy", member))
    resign(version)

    with pytest.raises(ManifestError, match="do not fit together"):
        read_version(version).predictions()


def test_a_newer_format_is_refused(version):
    """A version of a later program is met with the advice to install it."""
    resign(version, format=FORMAT + 1)

    with pytest.raises(
        ManifestError,
        match=rf"format {FORMAT + 1} is newer .*: install a newer classifier",
    ):
        read_version(version)


def test_a_version_of_the_first_format_is_read(version):
    """A version saved before there were fragments and contexts tags as it did."""
    path = version / "weights.npz"
    arrays = read_arrays(path.read_bytes(), "w.npz", WEIGHTS[FORMAT])
    of_words = ~arrays.pop("is_fragment")
    del arrays["context"]
    in_log_odds = arrays.pop("scales")[:, np.newaxis] * arrays["weights"]
    old = {
        **arrays,
        "intercepts": arrays["intercepts"][0],
        "hashes": arrays["hashes"][of_words],
        "idf": arrays["idf"][of_words].astype(np.float64),
        "weights": in_log_odds[of_words],
        "vocabulary": np.frombuffer(b"a\nb", dtype=np.uint8),
    }
    path.write_bytes(write_arrays(old))
    resign(version, format=1)

    model = read_version(version).model()

    assert not model.is_fragment.any()
    assert model.n_features == of_words.sum()
    assert read_version(version).vocabulary() == ["a", "b"]
    text = "Warplanes over the strait."
    alone, with_title = model.predict_proba(
        Passages.gather([text, text], [None, "Tariffs on steel"])
    )
    assert alone[0] > 0.3
    assert np.array_equal(alone, with_title, equal_nan=True)


def test_a_version_of_half_precision_tags_as_it_did(version):
    """A version of the third format differs by no more than its rounding."""
    path = version / "weights.npz"
    arrays = read_arrays(path.read_bytes(), "w.npz", WEIGHTS[FORMAT])
    passages = Passages.gather(["Warplanes over the strait.", "Tariffs on steel."])
    expected = read_version(version).model().predict_proba(passages)
    in_log_odds = arrays.pop("scales")[:, np.newaxis] * arrays["weights"]
    old = {
        **arrays,
        "idf": arrays["idf"].astype(np.float64),
        "weights": in_log_odds.astype(np.float16),
        "vocabulary": np.zeros(0, dtype=np.uint8),
    }
    path.write_bytes(write_arrays(old))
    resign(version, format=3)

    found = read_version(version).model().predict_proba(passages)

    assert found == pytest.approx(expected, abs=1e-3, nan_ok=True)


class Bomb:
    """Leaves a mark if it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        """Have pickle make a folder."""
        return os.mkdir, (str(self.mark),)


def with_member(data: bytes, name: str, member: bytes, compression: int = 0) -> bytes:
    """Return an archive with one member exchanged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = member if info.filename == name else old.read(info)
            new.writestr(info.filename, content, compression)
    return out.getvalue()


def test_a_pickled_object_is_refused_unread(version, tmp_path):
    """A file with a pickle in it, digests and all in order, runs no code."""
    member = io.BytesIO()
    array = np.array([Bomb(tmp_path / "mark")], dtype=object)
    np.lib.format.write_array(member, array, allow_pickle=True)
    path = version / "weights.npz"
    path.write_bytes(with_member(path.read_bytes(), "idf.npy", member.getvalue()))
    resign(version)

    with pytest.raises(
        ManifestError, match="'idf' holds a pickled object, which could"
    ):
        read_version(version).model()

    assert not (tmp_path / "mark").exists()
    # The bomb is a live one.
    pickle.loads(pickle.dumps(Bomb(tmp_path / "mark")))  # noqa: S301 - our own
    assert (tmp_path / "mark").exists()


def member_of(array: np.ndarray) -> bytes:
    """Return an array as the bytes of an ``.npy`` file."""
    out = io.BytesIO()
    np.lib.format.write_array(out, array)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: b"no archive", "no array 'hashes' in it"),
        (lambda d: d[:2000], "not the arrays expected .*is cut off"),
        (lambda d: with_member(d, "idf.npy", b"no array"), "not the arrays expected"),
        (
            lambda d: with_member(d, "idf.npy", member_of(np.ones(3, np.float32))),
            "do not fit toget",
        ),
        (
            lambda d: with_member(d, "idf.npy", member_of(np.ones((3, 2)))),
            "another kind",
        ),
        (lambda d: with_member(d, "idf.npy", member_of(np.arange(3))), "another kind"),
        (lambda d: with_member(d, "x", b"", zipfile.ZIP_DEFLATED), "is compressed"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(version, change, message):
    """What is not the expected arrays, however signed, is refused in one line."""
    path = version / "weights.npz"
    path.write_bytes(change(path.read_bytes()))
    resign(version)

    with pytest.raises(ManifestError, match=message) as raised:
        read_version(version).model()

    assert "\n" not in str(raised.value)


def test_a_size_that_lies_is_refused(version):
    """An array that claims to be larger than its file allocates nothing."""
    path = version / "weights.npz"
    header = member_of(np.ones(3, np.float32)).replace(
        b"(3,), }  ", b"(3000000000000,), }"
    )
    path.write_bytes(with_member(path.read_bytes(), "idf.npy", header))
    resign(version)

    with pytest.raises(ManifestError, match="not the arrays expected"):
        read_version(version).model()


def test_the_same_arrays_give_the_same_bytes(trained):
    """Writing arrays leaves no trace of the time."""
    arrays = {"idf": trained[1].linear.idf, "hashes": trained[1].linear.hashes}

    assert write_arrays(arrays) == write_arrays(dict(reversed(arrays.items())))
    with pytest.raises(ManifestError, match=r"no array '.*' in it"):
        read_arrays(write_arrays(arrays), "w.npz", WEIGHTS[FORMAT])


def test_a_version_stands_behind_those_made_before_it(trained, workspace):
    """Also where one of the day has been deleted."""
    store = ModelStore(workspace / "models")
    second, third = (trained[1].save(store.root) for _ in range(2))
    shutil.rmtree(second.folder)

    fourth = trained[1].save(store.root)

    assert store.versions()[-2:] == [third.name, fourth.name]


def test_versions_are_promoted_and_rolled_back(trained, workspace):
    """Rolling back goes through the versions that were in use, last first."""
    store = ModelStore(workspace / "models")
    first = str(store.current())
    names = [first, *(trained[1].save(store.root).name for _ in range(2))]
    assert store.versions() == sorted(names)
    assert store.current() == first

    store.promote(names[1])
    store.promote(names[2])
    store.promote(names[2])

    assert store.current() == names[2]
    assert [store.rollback().name for _ in range(2)] == [names[1], first]
    with pytest.raises(ModelNotFoundError, match="no earlier version"):
        store.rollback()
    assert store.current() == first


def test_a_damaged_version_is_not_put_in_use(trained, workspace):
    """The version in use stays where another one is damaged."""
    store = ModelStore(workspace / "models")
    first = store.current()
    other = trained[1].save(store.root)
    (other.folder / "card.md").write_text("altered")

    with pytest.raises(ManifestError, match="digest differs"):
        store.promote(other.name)

    assert store.current() == first


def test_an_interrupted_promotion_leaves_the_version_in_use(
    trained, workspace, monkeypatch
):
    """A stop between history and current changes nothing that counts."""
    store = ModelStore(workspace / "models")
    first = store.current()
    other = trained[1].save(store.root).name
    write = module.replace_file

    def stop(path: Path, data: bytes) -> None:
        if path.name == "current":
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(module, "replace_file", stop)
    with pytest.raises(KeyboardInterrupt):
        store.promote(other)
    monkeypatch.undo()

    assert store.current() == first
    store.promote(other)
    assert store.rollback().name == first


def test_an_interrupted_save_leaves_nothing(trained, workspace, monkeypatch):
    """A version is there whole or not at all."""
    store = ModelStore(workspace / "models")
    before = sorted(p.name for p in store.root.iterdir())
    write = module.replace_file

    def stop(path: Path, data: bytes) -> None:
        if path.name == "manifest.json":
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(module, "replace_file", stop)
    with pytest.raises(KeyboardInterrupt):
        trained[1].save(store.root)

    assert sorted(p.name for p in store.root.iterdir()) == before


@pytest.mark.parametrize("name", ["2026-01-01-01", "..", "../models", "/etc"])
def test_an_unknown_version_is_refused(workspace, name):
    """Only the names of versions are taken, no paths."""
    with pytest.raises(ModelNotFoundError, match="no version"):
        ModelStore(workspace / "models").read(name)


def test_a_workspace_without_a_version_says_what_to_do(tmp_path):
    """Where nothing is trained yet, training is the advice."""
    with pytest.raises(ModelNotFoundError, match="run 'classifier train' first"):
        ModelStore(tmp_path).read()


def test_versions_without_one_in_use_say_what_to_do(version):
    """Where versions are there and none is in use, promoting one is the advice."""
    (version.parent / "current").unlink()

    with pytest.raises(ModelNotFoundError, match="'classifier models promote VERSION'"):
        ModelStore(version.parent).read()
