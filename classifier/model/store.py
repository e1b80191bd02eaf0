"""The folder of versions: each written whole, one of them in use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.errors import ManifestError, ModelNotFoundError
from classifier.files import did_you_mean, replace_file, sha256
from classifier.workspace import find_workspace

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from classifier.model.version import Version

MANIFEST = "manifest.json"
_CURRENT = "current"
_HISTORY = "history"


class ModelStore:
    """The folder of versions.

    Parameters
    ----------
    root : Path
        The folder; it need not be there yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def versions(self) -> list[str]:
        """Return the names of the versions, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(p.parent.name for p in self.root.glob(f"[!.]*/{MANIFEST}"))

    def current(self) -> str | None:
        """Return the name of the version in use, or None.

        Raises
        ------
        ManifestError
            If the file that names it cannot be read.
        """
        try:
            return (self.root / _CURRENT).read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            message = (
                f"{self.root / _CURRENT}: not readable: name the version in use "
                "with 'classifier models promote VERSION'"
            )
            raise ManifestError(message) from error

    def read(self, name: str | None = None, *, complete: bool = False) -> Version:
        """Read a version by name, or the one in use, see `read_version`.

        Raises
        ------
        ModelNotFoundError
            If there is no such version, or none is in use.
        ManifestError
            If its folder is damaged.
        """
        name = name or self.current()
        versions = self.versions()
        if name is None:
            mend = "name one with 'classifier models promote VERSION'"
            mend = mend if versions else "run 'classifier train' first"
            message = f"{self.root}: no version in use: {mend}"
            raise ModelNotFoundError(message)
        is_plain = name == Path(name).name and name not in ("", ".", "..")
        if not is_plain or not (self.root / name).is_dir():
            hint = did_you_mean(name, versions)
            message = (
                f"{self.root}: no version '{name}'{hint}: see 'classifier models list'"
            )
            raise ModelNotFoundError(message)
        # Here, as the names alone have to be had fast.
        from classifier.model.version import read_version  # noqa: PLC0415

        return read_version(self.root / name, complete=complete)

    def check_writable(self) -> None:
        """Find out before a training whether its version can be saved.

        Raises
        ------
        ManifestError
            If it cannot.
        """
        import tempfile  # noqa: PLC0415 - tagging writes no version

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.root, prefix=".new-"):
                pass
        except OSError as error:
            message = f"{self.root}: no version can be saved here: {error.strerror}"
            raise ManifestError(message) from error

    def add(
        self, day: str, manifest: Mapping[str, Any], files: Mapping[str, bytes]
    ) -> Version:
        """Put a new version in place, whole or not at all.

        Parameters
        ----------
        day : str
            The date as ISO 8601; with a running number it makes the name.
        manifest : mapping
            All of the manifest but format, name and digests.
        files : mapping of str to bytes
            The files beside it.

        Returns
        -------
        Version
            Not in use until it is promoted.
        """
        import shutil  # noqa: PLC0415 - tagging writes no version
        import tempfile  # noqa: PLC0415 - as above

        from classifier.model.arrays import FORMAT  # noqa: PLC0415 - as in `read`
        from classifier.model.version import (  # noqa: PLC0415 - as in `read`
            Version,
            manifest_digest,
        )

        self.root.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=self.root, prefix=".new-"))
        try:
            # Behind all others of the day, also where an earlier one was deleted, so
            # that they stand in the order of their making.
            last = max(map(_number_of, self.root.glob(f"{day}-*")), default=0)
            for number in range(last + 1, 10_000):
                name = f"{day}-{number:02}"
                full = {"format": FORMAT, "version": name, **manifest}
                full["files"] = {key: sha256(files[key]) for key in sorted(files)}
                full["digest"] = manifest_digest(full)
                text = json.dumps(full, indent=1, ensure_ascii=False) + "\n"
                for key, data in {**files, MANIFEST: text.encode()}.items():
                    replace_file(staging / key, data)
                staging.chmod(0o755)  # mkdtemp's 0700 would hide it from colleagues
                try:
                    staging.rename(self.root / name)
                except OSError:  # another training took the name meanwhile
                    if not (self.root / name).exists():
                        raise
                    continue
                return Version(name, self.root / name, full, dict(files))
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        message = f"{self.root}: too many versions of {day}: delete some"
        raise ManifestError(message)

    def promote(self, name: str) -> Version:
        """Put a version in use, after checking it.

        Raises
        ------
        ModelNotFoundError, ManifestError
            If it is not there or damaged; the version in use stays.
        """
        version = self.read(name, complete=True)
        version.model()
        previous = self.current()
        if previous != name:
            # History first: a stop between the two leaves a name that is in use
            # still, which `rollback` passes over.
            history = [*self._history(), *([previous] if previous else [])]
            self._write_history(history)
            replace_file(self.root / _CURRENT, f"{name}\n".encode())
        return version

    def rollback(self) -> Version:
        """Put the version back in use that was in use before.

        Raises
        ------
        ModelNotFoundError
            If there was none, or it is gone.
        ManifestError
            If it is damaged; the version in use stays.
        """
        current, history = self.current(), self._history()
        while history and history[-1] == current:
            history.pop()
        if not history:
            message = f"{self.root}: no earlier version to go back to"
            raise ModelNotFoundError(message)
        version = self.read(history[-1], complete=True)
        version.model()
        replace_file(self.root / _CURRENT, f"{history[-1]}\n".encode())
        self._write_history(history[:-1])
        return version

    def _history(self) -> list[str]:
        """Return the versions that were in use, oldest first."""
        try:
            return (self.root / _HISTORY).read_text("utf-8").split()
        except FileNotFoundError:
            return []

    def _write_history(self, names: list[str]) -> None:
        """Replace the history."""
        replace_file(self.root / _HISTORY, "".join(f"{n}\n" for n in names).encode())


def _number_of(folder: Path) -> int:
    """Return the running number in a version's name, 0 where there is none."""
    number = folder.name.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def find_store(workspace: str | os.PathLike[str] | None = None) -> ModelStore:
    """Open the versions of a workspace, see `workspace.find_workspace`.

    Outside any it is the folder that the installed package carries: a wheel holds it
    inside the package, a checkout has it at its root.
    """
    found = find_workspace(workspace)
    if found:
        return ModelStore(found.models)
    package = Path(__file__).resolve().parent.parent
    inside = package / "models"
    return ModelStore(inside if inside.is_dir() else package.parent / "models")
