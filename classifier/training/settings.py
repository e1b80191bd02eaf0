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
    n_folds : int
        Folds for out-of-fold probabilities; fewer where there are fewer articles.
    min_paragraphs, min_articles : int
        What an issue needs to be learned at all.
    seed : int
        Decides between articles that could go into either of two folds.
    """

    min_df: int = 2
    min_df_fragments: int = 3
    regularisation: float = 10.0
    n_folds: int = 5
    min_paragraphs: int = 10
    min_articles: int = 5
    seed: int = 0
