r"""Find which issues of US-China relations the paragraphs of an article raise.

Examples
--------
>>> import classifier
>>> tagger = classifier.load()
>>> text = "Beijing flew jets around Taiwan.\n\nHe had a cup of tea."
>>> article = tagger.tag(text, title="Jets near the island")
>>> [paragraph.issues[:1] for paragraph in article.paragraphs]
[('taiwan',), ()]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.codebook import Codebook, Issue
    from classifier.corpus.article import Article, Paragraph
    from classifier.errors import ArticleWarning, ClassifierError
    from classifier.labels import Label, LabelSet
    from classifier.tagging.explain import Contribution, Explanation
    from classifier.tagging.results import TaggedArticle, TaggedParagraph
    from classifier.tagging.tagger import Tagger, load
    from classifier.training.settings import TrainingSettings
    from classifier.training.train import TrainedModel, train

__version__ = "0.1.0"

__all__ = [
    "Article",
    "ArticleWarning",
    "ClassifierError",
    "Codebook",
    "Contribution",
    "Explanation",
    "Issue",
    "Label",
    "LabelSet",
    "Paragraph",
    "TaggedArticle",
    "TaggedParagraph",
    "Tagger",
    "TrainedModel",
    "TrainingSettings",
    "load",
    "train",
]

# Where each name lives. They are imported on first use: the command line starts in this
# module too, and its help needs neither numpy nor any of them.
_HOMES = {
    "Article": "corpus.article",
    "ArticleWarning": "errors",
    "ClassifierError": "errors",
    "Codebook": "codebook",
    "Contribution": "tagging.explain",
    "Explanation": "tagging.explain",
    "Issue": "codebook",
    "Label": "labels",
    "LabelSet": "labels",
    "Paragraph": "corpus.article",
    "TaggedArticle": "tagging.results",
    "TaggedParagraph": "tagging.results",
    "Tagger": "tagging.tagger",
    "TrainedModel": "training.train",
    "TrainingSettings": "training.settings",
    "load": "tagging.tagger",
    "train": "training.train",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    """Import a public name on first use."""
    if name not in _HOMES:
        message = f"module 'classifier' has no attribute '{name}'"
        raise AttributeError(message)
    value = getattr(import_module(f"classifier.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
