"""Libraries that only some uses need: imported where they are used."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from classifier.errors import MissingExtraError


def import_extra(module: str, extra: str) -> Any:  # noqa: ANN401 - a module of any kind
    """Import a module that one of the package's extras installs.

    Parameters
    ----------
    module : str
        Its name, such as ``pyarrow.parquet``.
    extra : str
        The extra, such as ``parquet``.

    Raises
    ------
    MissingExtraError
        If it is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        message = f"needs {package}: pip install 'classifier[{extra}]'"
        if find_spec(package):
            reason = str(error).split("\n", maxsplit=1)[0]
            message = f"{package} does not load ({reason}): mend its installation"
        raise MissingExtraError(message) from error
