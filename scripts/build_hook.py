"""Puts the trained version in use into the wheel, as ``classifier/models``."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# For people who unpickle; it doubles the size and no command reads it.
_LEFT_OUT = "pipeline.joblib"


class ModelBuildHook(BuildHookInterface):  # type: ignore[misc] # hatchling is untyped
    """Adds ``models/current`` and the folder that it names."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to include; an editable install reads the checkout's."""
        current = Path(self.root) / "models" / "current"
        if version == "editable":
            return
        folder = current.parent / current.read_text("utf-8").strip()
        files = [p for p in sorted(folder.iterdir()) if p.name != _LEFT_OUT]
        build_data["force_include"].update(
            {
                str(path): f"classifier/models/{path.relative_to(current.parent)}"
                for path in [current, *files]
            }
        )
