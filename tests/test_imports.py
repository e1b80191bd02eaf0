"""What commands load, seen from a process of their own."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
from classifier.cli import main
try:
    main({arguments!r}, standalone_mode=True)
except SystemExit as stop:
    sys.stderr.write(json.dumps([stop.code, sorted(sys.modules)]))
"""


def modules_after(*arguments: str, cwd: object) -> tuple[int, set[str]]:
    """Return a command's exit code and the modules loaded at its end."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(arguments=list(arguments))],
        capture_output=True,
        text=True,
        cwd=str(cwd),
        check=True,
    )
    code, modules = json.loads(run.stderr)
    return code, set(modules)


@pytest.mark.parametrize("format_", ["table", "json", "jsonl", "csv"])
def test_tag_loads_numpy_and_nothing_heavier(workspace, format_):
    """Tagging works without scikit-learn, scipy and joblib being loaded."""
    code, modules = modules_after(
        "tag", "article.txt", "--format", format_, cwd=workspace
    )

    assert code == 0
    assert "numpy" in modules
    assert not modules & {"sklearn", "scipy", "joblib"}


@pytest.mark.parametrize("arguments", [["--help"], ["tag", "--help"], ["--version"]])
def test_help_does_not_load_numpy(workspace, arguments):
    """Help is printed without numpy."""
    code, modules = modules_after(*arguments, cwd=workspace)

    assert code == 0
    assert "numpy" not in modules
