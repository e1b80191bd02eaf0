"""Imports go one way."""

import ast
from pathlib import Path

import classifier

# Each floor may import from the floors after it; places on one floor, never each other.
FLOORS = [
    {"cli"},
    {"archive"},
    {"tagging", "training", "annotation"},
    {"model"},
    {"labels", "evaluation", "formats"},
    {"corpus", "codebook", "workspace"},
    {"files", "extras", "serialisation"},
    {"errors"},
]
PACKAGE = Path(classifier.__file__).parent


def place_of(module: str) -> str:
    """Return the folder or file below the package that a module belongs to."""
    return module.split(".")[1]


def imports_of(path: Path) -> set[str]:
    """Return the places that a file imports, also inside functions and for types."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        modules = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            modules = [node.module or ""]
            if node.module == "classifier":
                modules = [f"classifier.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        found |= {place_of(m) for m in modules if m.startswith("classifier.")}
    return found


def test_imports_go_one_way():
    """No file imports from its own floor's other places or from a floor above."""
    level = {place: i for i, places in enumerate(FLOORS) for place in places}
    upward = []
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if place in {"__init__", "__main__"}:
            continue
        upward += [
            f"{path.relative_to(PACKAGE)} imports {other}"
            for other in imports_of(path) - {place, "__version__"}
            if level[other] <= level[place]
        ]

    assert not upward


def test_every_place_has_a_floor():
    """A new file or folder of the package is put on a floor."""
    places = {p.name.removesuffix(".py") for p in PACKAGE.iterdir() if p.name[0] != "_"}

    assert places - {"py.typed", "models"} == set().union(*FLOORS)


def test_only_training_imports_scikit_learn():
    """No file outside training imports scikit-learn or scipy; archives need joblib."""
    heavy = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            roots = {name.split(".")[0] for name in names}
            place = path.relative_to(PACKAGE).parts[0]
            allowed = {"joblib"} if place == "archive" else set()
            if roots & {"sklearn", "scipy", "joblib"} - allowed:
                heavy.append(place)

    assert set(heavy) == {"training"}
