"""Whole files."""

import os

import pytest

from classifier.files import did_you_mean, replace_file


def test_a_file_is_replaced_whole(tmp_path):
    """The new content stands in the place of the old, and nothing beside it."""
    path = tmp_path / "labels.csv"
    path.write_bytes(b"old")

    replace_file(path, b"new")

    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == ["labels.csv"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    """A stop before the rename loses nothing and leaves nothing behind."""
    path = tmp_path / "labels.csv"
    path.write_bytes(b"old")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, b"new")

    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["labels.csv"]


def test_a_replaced_file_keeps_its_mode(tmp_path):
    """What colleagues may read they may read afterwards."""
    path = tmp_path / "labels.csv"
    path.write_bytes(b"old")
    path.chmod(0o664)

    replace_file(path, b"new")

    assert path.stat().st_mode & 0o777 == 0o664


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path):
    """A new file is not hidden from others by the way it is written."""
    plain = tmp_path / "plain"
    plain.write_bytes(b"")

    replace_file(tmp_path / "new", b"x")

    assert (tmp_path / "new").stat().st_mode == plain.stat().st_mode


def test_a_link_is_followed(tmp_path):
    """A linked file is replaced where it lies; the link stays a link."""
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")

    replace_file(tmp_path / "link", b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_the_nearest_word_is_named():
    """A typo is met with the word that was meant, nonsense with nothing."""
    assert did_you_mean("tawain", ["trade", "taiwan"]) == " (did you mean 'taiwan'?)"
    assert did_you_mean("zzz", ["trade", "taiwan"]) == ""


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path):
    """A pipe gets the data and is a pipe afterwards."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Opened for both ends, so that neither side waits for the other.
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)

    replace_file(pipe, b"data")

    assert os.read(reader, 10) == b"data"
    os.close(reader)
    assert pipe.is_fifo()
