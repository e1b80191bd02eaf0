"""The model card that goes into every version's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.codebook import Codebook
    from classifier.evaluation.metrics import Figures, Intervals

_CARD = """\
# Which issues does a paragraph raise?

Trained {created} on {n_paragraphs:,} labelled paragraphs of {n_articles:,} articles.

## For what

It tags paragraphs of English news on relations between the United States and China
with the issues of `codebook.toml`, several or none each, and gives a calibrated
probability for every issue. It is for finding and counting, read beside the text; it
judges no person and decides nothing about one.

## What it is

TF-IDF over n-grams and fragments of words ({n_features:,} features) and one logistic
regression per issue with balanced weights. Beside the paragraph itself its title counts
for {title}, the paragraph before for {previous} and the one after for {following}.
Probabilities are calibrated by a sigmoid on out-of-fold scores; thresholds maximise the
F-{beta:g} expected of them.

## How good it is

Out-of-fold: every paragraph was tagged by a model that saw nothing of its article, with
thresholds from the other folds. Micro F1 {micro}, macro F1 {macro} over
{n_measured} issues; mean average precision {ap}, calibration error {error}. Of
{n_none:,} paragraphs with no issue {none:.0%} got a tag. Intervals are of 95 %, by
resampling articles.

| issue | paragraphs | articles | precision | recall | F1 | 95 % | threshold |
|---|---|---|---|---|---|---|---|
{rows}

## Where it is weak

{weak}
On news of other hands than its corpus it is less sure-footed than out-of-fold: measure
it on labelled paragraphs of your own. It knows the words of its training years; a new
name or event is learned by new labels.
"""


def write_card(
    figures: Figures, manifest: Mapping[str, Any], codebook: Codebook
) -> str:
    """Return the card of a version as Markdown."""
    thresholds = manifest["thresholds"]
    rows = []
    for slug, row in figures.issues.items():
        at = f"{thresholds[slug]:.2f}" if slug in thresholds else "not learned"
        rows.append(
            f"| {codebook[slug].name} | {row.support} | {row.n_articles} | "
            f"{row.precision:.2f} | {row.recall:.2f} | {row.f1:.2f} | "
            f"{_interval(row.intervals)} | {at} |"
        )
    weak = [
        f"{codebook[slug].name} is not learned: {reason}."
        for slug, reason in manifest["not_learned"].items()
    ]
    lowest = sorted(
        (row.f1, codebook[slug].name)
        for slug, row in figures.issues.items()
        if slug in thresholds
    )[:3]
    names = ", ".join(f"{name} (F1 {f1:.2f})" for f1, name in lowest)
    return _CARD.format(
        created=manifest["created"],
        n_paragraphs=figures.n_paragraphs,
        n_articles=figures.n_articles,
        n_features=manifest["n_features"],
        micro=f"{figures.micro.f1:.3f} ({_interval(figures.micro.intervals)})",
        macro=f"{figures.macro.f1:.3f} ({_interval(figures.macro.intervals)})",
        ap=_number(figures.average_precision),
        error=_number(figures.calibration_error),
        beta=codebook.beta,
        **manifest["context"],
        n_measured=figures.n_measured,
        n_none=figures.n_none,
        none=figures.none_tagged,
        rows="\n".join(rows),
        weak="\n".join([*weak, f"It is least sure-footed on {names}."]),
    )


def _interval(intervals: Intervals) -> str:
    """Return the interval of F1, a dash where there is none."""
    found = intervals.get("f1")
    return "-" if found is None else f"{found[0]:.2f}-{found[1]:.2f}"


def _number(value: float | None) -> str:
    """Return a figure, a dash where there is none."""
    return "-" if value is None else f"{value:.3f}"
