"""``classifier explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from classifier.cli.options import (
    issue_option,
    load_tagger,
    model_option,
    output_options,
    workspace_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.tagging.explain import Explanation
    from classifier.tagging.results import TaggedParagraph

_BAR = 12  # columns of the longest bar
# What stands behind an n-gram, by the part that it stands in.
_WHERE = {
    "text": "",
    "title": "  (title)",
    "previous": "  (paragraph before)",
    "following": "  (paragraph after)",
}


@click.command
@click.argument("path", metavar="PATH")
@click.option(
    "--paragraph",
    "numbers",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="N",
    help="Explain this paragraph only, counted from 1. Repeatable.",
)
@issue_option("Explain this issue, tagged or not. Repeatable.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="Show the N strongest words and pairs.",
)
@model_option
@output_options("table", "json")
@workspace_option
def command(
    path: str,
    numbers: tuple[int, ...],
    issues: tuple[str, ...],
    top: int,
    model: str | None,
    format_: str,
    output: str | None,
    workspace: str | None,
) -> None:
    """Show which words and pairs speak for and against a paragraph's issues.

    Words of the title and of the paragraphs before and after count as well, for less.

    PATH is a .txt or .md file, or - for standard input. Without --issue each issue that
    is tagged is explained, or the most probable one where none is.

    \b
    Example: classifier explain article.txt --paragraph 1
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output  # noqa: PLC0415
    from classifier.formats.sources import read_article  # noqa: PLC0415
    from classifier.serialisation import to_json  # noqa: PLC0415

    if Path(path).is_dir():
        message = f"'{path}' is a folder: name a file"
        raise click.BadParameter(message, param_hint="'PATH'")
    tagger = load_tagger(model, workspace)
    article = tagger.tag_article(read_article(path))
    last = len(article.paragraphs)
    for number in numbers:
        if number > last:
            message = f"{number}: the article has {last} paragraphs"
            raise click.BadParameter(message, param_hint="'--paragraph'")
    texts = [None, *(paragraph.text for paragraph in article.paragraphs), None]
    explained = [
        (
            paragraph,
            tagger.explain(
                paragraph.text,
                slug,
                title=article.title,
                previous=texts[paragraph.number - 1],
                following=texts[paragraph.number + 1],
            ),
        )
        for paragraph in article.paragraphs
        if not numbers or paragraph.number in numbers
        for slug in issues or paragraph.issues or _most_probable(paragraph)
    ]
    with Output(output, [path]) as out:
        if format_ == "json":
            records = [_to_record(p.number, e, top) for p, e in explained]
            out.write(to_json(records, indent=1) + "\n")
        else:
            for piece in _render(explained, top):
                out.write(piece)


def _most_probable(paragraph: TaggedParagraph) -> tuple[str, ...]:
    """Return the issue of the highest probability; NaN, not learned, is none."""
    known = {s: p for s, p in paragraph.probabilities.items() if p == p}  # noqa: PLR0124
    return (max(known, key=known.__getitem__),)


def _to_record(number: int, explanation: Explanation, top: int) -> dict[str, Any]:
    """Return an explanation ready for JSON."""
    return {
        "paragraph": number,
        "issue": explanation.issue,
        "probability": round(explanation.probability, 6),
        "threshold": round(explanation.threshold, 6),
        "score": round(explanation.score, 6),
        "intercept": round(explanation.intercept, 6),
        "contributions": [
            {"ngram": c.ngram, "value": round(c.value, 6), "part": c.part}
            for c in explanation.contributions[:top]
        ],
        "n_contributions": len(explanation.contributions),
    }


def _render(
    explained: list[tuple[TaggedParagraph, Explanation]], top: int
) -> Iterator[str]:
    """Yield each paragraph's opening words and then its issues' contributions."""
    from classifier.cli.output import (  # noqa: PLC0415
        printable,
        shorten,
        terminal_width,
    )

    width = terminal_width()
    previous = None
    for paragraph, explanation in explained:
        if paragraph is not previous:
            gap = "\n" if previous else ""
            opening = shorten(f"{paragraph.number}  {printable(paragraph.text)}", width)
            yield f"{gap}{click.style(opening, bold=True)}\n"
            previous = paragraph
        yield _render_one(explanation, top)


def _render_one(explanation: Explanation, top: int) -> str:
    """Return one issue's contributions as signed bars; they sum to the score."""
    probability, threshold = explanation.probability, explanation.threshold
    verdict = "tagged" if probability >= threshold else "not tagged"
    issue = click.style(explanation.issue, fg="cyan")
    lines = [f"\n   {issue} {probability:.2f}, {verdict} (threshold {threshold:.2f})"]
    shown, weaker = explanation.contributions[:top], explanation.contributions[top:]
    longest = max((abs(c.value) for c in shown), default=1.0)
    for contribution in shown:
        value = contribution.value
        blocks = "\u2588" * max(1, round(_BAR * abs(value) / longest))
        bar = click.style(blocks.ljust(_BAR), fg="green" if value > 0 else "red")
        where = _WHERE[contribution.part]
        lines.append(f"   {value:+7.2f}  {bar}  {contribution.ngram}{where}")
    if weaker:
        rest = sum(c.value for c in weaker)
        lines.append(
            f"   {rest:+7.2f}  {'':{_BAR}}  {len(weaker)} weaker ones together"
        )
    lines.append(
        f"   {explanation.intercept:+7.2f}  {'':{_BAR}}  before any word (intercept)"
    )
    lines.append(f"   {explanation.score:+7.2f}  {'':{_BAR}}  in all, as log-odds")
    return "\n".join(lines) + "\n"
