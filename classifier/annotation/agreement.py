"""How far annotators of the same paragraphs agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.labels import group_by_paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classifier.labels import Label


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree on one issue.

    Attributes
    ----------
    n_yes : int
        Paragraphs to which at least one annotator gave the issue.
    n_disputed : int
        Of those, the paragraphs to which not all gave it.
    alpha : float or None
        Krippendorff's alpha, 1 for full agreement and 0 for that of chance; None where
        nobody gave the issue, or everybody always, and chance says nothing.
    """

    n_yes: int
    n_disputed: int
    alpha: float | None


def measure_agreement(
    labels: Iterable[Label], issues: Sequence[str]
) -> tuple[int, dict[str, Agreement]]:
    """Measure the agreement on each issue, over paragraphs with several annotators.

    Parameters
    ----------
    labels : iterable of Label
        One per annotator and paragraph.
    issues : sequence of str
        The slugs.

    Returns
    -------
    n_paragraphs : int
        Paragraphs that several annotators labelled.
    agreements : dict of str to Agreement
        By slug, in the order given.
    """
    judged = group_by_paragraph(labels).values()
    several = [answers for answers in judged if len(answers) > 1]
    agreements = {}
    for slug in issues:
        counts = [
            (sum(slug in answer for answer in answers), len(answers))
            for answers in several
        ]
        agreements[slug] = Agreement(
            sum(n_yes > 0 for n_yes, _ in counts),
            sum(0 < n_yes < n for n_yes, n in counts),
            krippendorff_alpha(counts),
        )
    return len(several), agreements


def krippendorff_alpha(counts: Sequence[tuple[int, int]]) -> float | None:
    """Return Krippendorff's alpha of yes-or-no answers.

    As in Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), for nominal
    data of two values.

    Parameters
    ----------
    counts : sequence of (int, int)
        For each unit the number of yes answers and of all answers; units with fewer
        than two answers are passed over.

    Returns
    -------
    float or None
        At most 1; None where all answers are the same.

    Examples
    --------
    >>> krippendorff_alpha([(2, 2), (0, 2), (2, 2), (0, 2)])
    1.0
    """
    pairable = [(n_yes, n) for n_yes, n in counts if n > 1]
    n_answers = sum(n for _, n in pairable)
    n_yes = sum(n_yes for n_yes, _ in pairable)
    expected = n_yes * (n_answers - n_yes)
    if not expected:
        return None
    observed = sum(yes * (n - yes) / (n - 1) for yes, n in pairable)
    return 1.0 - (n_answers - 1) * observed / expected
