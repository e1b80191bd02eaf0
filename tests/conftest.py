"""A tiny workspace and a model trained on it, shared by all tests."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from classifier.corpus.readers import read_corpus
from classifier.labels import Label, LabelSet
from classifier.model.store import ModelStore
from classifier.tagging.tagger import Tagger
from classifier.training.settings import TrainingSettings
from classifier.training.train import TrainedModel, train

CODEBOOK = """\
[[issue]]
slug = "taiwan"
name = "Taiwan"
definition = "Taiwan's status and security."
include = ["transits of the strait"]
neighbours = ["trade", "every other issue"]

[[issue]]
slug = "trade"
name = "Trade"
definition = "Trade between states."

[[issue]]
slug = "climate"
name = "Climate"
definition = "Climate change as a policy matter."

[[issue]]
slug = "fentanyl"
name = "Fentanyl"
definition = "Synthetic opioids."
"""

PLACES = [
    "Keelung",
    "Ohio",
    "Panama",
    "Ottawa",
    "Tainan",
    "Leeds",
    "Hanoi",
    "Busan",
    "Lagos",
    "Perth",
    "Lyon",
    "Oslo",
]
TAIWAN = "Taipei counted warplanes over the strait near {}."
TRADE = "Tariffs on steel from {} rose after a trade complaint."
FENTANYL = "Officers in {} seized fentanyl pills made from precursors."
BOTH = "In {} they spoke of Taiwan, the strait and of tariffs in trade."
NONE = "A bakery in {} won a prize for its bread."


def write_workspace(root: Path) -> Path:
    """Write a workspace of 24 articles; climate has labels in two of them only."""
    corpus = root / "corpus"
    corpus.mkdir(parents=True)
    (corpus / "codebook.toml").write_text(CODEBOOK)
    labels = []
    for i, place in enumerate(PLACES * 2):
        patterns = [(TAIWAN, "taiwan"), (TRADE, "trade"), (NONE, "")]
        patterns.append((FENTANYL, "fentanyl") if i % 2 else (BOTH, "taiwan trade"))
        if i < 2:
            patterns.append(("Emissions of {} fell.", "climate"))
        texts = [f"{text.format(place)} Day {i}." for text, _ in patterns]
        head = f"---\ntitle: News of {place}\ndate: 2021-02-{i + 1:02}\n---\n"
        year = corpus / "2021"
        year.mkdir(exist_ok=True)
        (year / f"a{i:02}.txt").write_text(head + "\n\n".join(texts) + "\n")
        labels += [(f"2021/a{i:02}", n, s) for n, (_, s) in enumerate(patterns, 1)]
    articles = read_corpus(corpus)
    LabelSet(()).with_labels(
        Label(a, n, articles[a].paragraphs[n - 1].digest, tuple(s.split()), "a1")
        for a, n, s in labels
    ).write(root / "labels.csv")
    (root / "models").mkdir()
    return root


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainedModel]:
    """Make a workspace with a version in use, and that version before it was saved."""
    root = write_workspace(tmp_path_factory.mktemp("trained"))
    model = train(
        root / "labels.csv", root / "corpus", root / "corpus" / "codebook.toml"
    )
    model.save(root / "models")
    return root, model


@pytest.fixture(scope="session")
def contextual(trained: tuple[Path, TrainedModel]) -> TrainedModel:
    """Train on the same workspace, with contexts that count."""
    root, _ = trained
    return train(
        root / "labels.csv",
        root / "corpus",
        root / "corpus" / "codebook.toml",
        settings=TrainingSettings(context=(0.2, 0.3, 0.1)),
    )


@pytest.fixture
def workspace(
    trained: tuple[Path, TrainedModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Copy the workspace and make the copy the current folder."""
    root = tmp_path / "workspace"
    shutil.copytree(trained[0], root)
    text = "Warplanes crossed the strait.\n\nA bakery won a prize for bread.\n"
    (root / "article.txt").write_text(text)
    monkeypatch.chdir(root)
    monkeypatch.delenv("CLASSIFIER_WORKSPACE", raising=False)
    return root


@pytest.fixture
def version(workspace: Path) -> Path:
    """Return the folder of the version in use."""
    store = ModelStore(workspace / "models")
    return store.root / str(store.current())


@pytest.fixture(scope="session")
def tagger(trained: tuple[Path, TrainedModel]) -> Tagger:
    """Return the trained model, ready to tag."""
    return Tagger(trained[1].linear, version="tiny")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):
    """Run a command line in this process; returns click's result."""
    from classifier.cli import main

    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*arguments: str, stdin: bytes | str | None = None):
        return CliRunner().invoke(main, arguments, input=stdin)

    return invoke
