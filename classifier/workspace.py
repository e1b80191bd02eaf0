"""A workspace: the folder with ``labels.csv``, ``corpus/`` and ``models/``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from classifier.errors import WorkspaceError

ENVIRONMENT_VARIABLE = "CLASSIFIER_WORKSPACE"


class Workspace(NamedTuple):
    """The paths of a workspace.

    Attributes
    ----------
    root : Path
        The folder itself.
    """

    root: Path

    @property
    def labels(self) -> Path:
        """The label set."""
        return self.root / "labels.csv"

    @property
    def corpus(self) -> Path:
        """The folder of articles."""
        return self.root / "corpus"

    @property
    def codebook(self) -> Path:
        """The codebook."""
        return self.corpus / "codebook.toml"

    @property
    def models(self) -> Path:
        """The folder of versions."""
        return self.root / "models"

    def is_valid(self) -> bool:
        """Tell whether this is a workspace; `models` is made by the first training."""
        return self.labels.is_file() and self.corpus.is_dir()


def find_workspace(given: str | os.PathLike[str] | None = None) -> Workspace | None:
    """Find the workspace that a command works in.

    Parameters
    ----------
    given : path, optional
        A folder named by the user; else ``CLASSIFIER_WORKSPACE``, else the nearest
        workspace upwards from the current folder.

    Returns
    -------
    Workspace or None
        None where nothing was named and no workspace encloses the current folder.

    Raises
    ------
    WorkspaceError
        If a folder was named that is no workspace.
    """
    named = given or os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        workspace = Workspace(Path(named))
        if not workspace.is_valid():
            message = f"{named}: no workspace: it lacks labels.csv or corpus/"
            raise WorkspaceError(message)
        return workspace
    here = Path.cwd()
    for folder in (here, *here.parents):
        if Workspace(folder).is_valid():
            return Workspace(folder)
    return None


def require_workspace(given: str | os.PathLike[str] | None = None) -> Workspace:
    """Find the workspace or raise.

    Raises
    ------
    WorkspaceError
        If there is none.
    """
    workspace = find_workspace(given)
    if workspace is None:
        message = (
            "no workspace here (a folder with labels.csv and corpus/): "
            f"go into one, or name it with --workspace DIR or {ENVIRONMENT_VARIABLE}"
        )
        raise WorkspaceError(message)
    return workspace
