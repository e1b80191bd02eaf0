"""Agreement of annotators."""

import pytest

from classifier.annotation.agreement import krippendorff_alpha, measure_agreement
from classifier.labels import Label


def label(paragraph: int, annotator: str, *issues: str) -> Label:
    """Return a label of an article."""
    return Label("a", paragraph, "0" * 12, issues, annotator)


def test_alpha_is_that_of_the_published_example():
    """Two observers and ten units give the 0.095 of Krippendorff's paper."""
    meg = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    owen = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]

    alpha = krippendorff_alpha([(a + b, 2) for a, b in zip(meg, owen, strict=True)])

    assert alpha == pytest.approx(0.095, abs=5e-4)


def test_alpha_says_nothing_where_all_answers_are_the_same():
    """Without both answers there is no chance to compare with."""
    assert krippendorff_alpha([(0, 2), (0, 3)]) is None
    assert krippendorff_alpha([(2, 2), (3, 3)]) is None
    assert krippendorff_alpha([(1, 1)]) is None


def test_agreement_counts_what_several_people_labelled():
    """Paragraphs of one annotator do not count; disputed ones are counted."""
    labels = [
        *(label(1, "a1", "trade"), label(1, "a2", "trade", "taiwan")),
        *(label(2, "a1"), label(2, "a2")),
        label(3, "a1", "taiwan"),
    ]

    n_paragraphs, found = measure_agreement(labels, ["taiwan", "trade", "climate"])

    assert n_paragraphs == 2
    assert (found["taiwan"].n_yes, found["taiwan"].n_disputed) == (1, 1)
    assert found["taiwan"].alpha == pytest.approx(0.0)
    assert (found["trade"].n_disputed, found["trade"].alpha) == (0, 1.0)
    assert found["climate"].alpha is None
