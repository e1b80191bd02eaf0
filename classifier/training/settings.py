"""The settings of a training, which the manifest records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How a model is trained.

    Attributes
    ----------
    min_df, min_df_fragments : int
        Paragraphs that a word or pair, and a fragment of a word, must stand in to
        become a feature.
    regularisation : float
        C of the logistic regression: the larger, the less it is held back.
    tolerance : float
        Of the fit: how far from its optimum it may stop.
    context : tuple of float, optional
        What the title, the paragraph before and the paragraph after count for, against
        1 for the paragraph itself; None to learn it, see `context.choose_context`.
    n_folds : int
        Folds for out-of-fold probabilities; fewer where there are fewer articles.
    min_paragraphs, min_articles : int
        What an issue needs to be learned at all.
    seed : int
        Decides between articles that could go into either of two folds, and the order
        in which the fit visits the paragraphs.
    """

    min_df: int = 2
    min_df_fragments: int = 2
    regularisation: float = 5.0
    tolerance: float = 1e-2
    context: tuple[float, float, float] | None = None
    n_folds: int = 5
    min_paragraphs: int = 10
    min_articles: int = 5
    seed: int = 0
