"""``classifier tag``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from classifier.cli import report_error
from classifier.cli.options import (
    FORMATS,
    issue_option,
    load_tagger,
    model_option,
    output_options,
    workspace_option,
)
from classifier.errors import ArticleError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.tagging.results import TaggedArticle, TaggedParagraph


def _parse_thresholds(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str | None, float]]:
    """Return the slug, None for all issues, and the probability of each value."""
    parsed: list[tuple[str | None, float]] = []
    for value in values:
        slug, is_named, number = value.rpartition("=")
        try:
            probability = float(number)
        except ValueError:
            probability = -1.0
        if not 0 <= probability <= 1:
            message = f"'{value}' is no probability: give 0.4, or taiwan=0.4"
            raise click.BadParameter(message)
        parsed.append((slug if is_named else None, probability))
    return parsed


@click.command
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--threshold",
    "thresholds",
    callback=_parse_thresholds,
    multiple=True,
    metavar="P|SLUG=P",
    help="Tag from this probability on, all issues or the one named. Repeatable.",
)
@issue_option("Tag this issue only. Repeatable.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    metavar="N",
    help="Give a paragraph at most N issues, the most probable.",
)
@model_option
@output_options(*FORMATS)
@workspace_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    thresholds: list[tuple[str | None, float]],
    issues: tuple[str, ...],
    top: int | None,
    model: str | None,
    format_: str,
    output: str | None,
    workspace: str | None,
) -> None:
    """Tag the paragraphs of articles with the issues they raise.

    PATH is a .txt or .md file, a folder of them, or - for standard input.

    \b
    Example: classifier tag article.txt
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output  # noqa: PLC0415 - numpy loads beside it
    from classifier.corpus.readers import iter_paths, read_article  # noqa: PLC0415

    tagger = load_tagger(model, workspace)
    chosen: dict[str, float] = {}
    for slug, probability in thresholds:
        if slug is None:
            chosen = dict.fromkeys(tagger.issues, probability) | chosen
        else:
            chosen[slug] = probability
    selection: dict[str, Any] = {
        "threshold": chosen or None,
        "issues": issues or None,
        "top": top,
    }
    files = list(iter_paths(paths))
    failed = 0

    def articles() -> Iterator[TaggedArticle]:
        """Yield the tagged articles; report those that cannot be read."""
        nonlocal failed
        for path in files:
            try:
                article = read_article(path)
            except ArticleError as error:
                report_error(str(error))
                failed += 1
            else:
                yield tagger.tag_article(article, **selection)

    with Output(output, files) as out:
        for piece in _WRITERS[format_](articles(), tagger.issues):
            out.write(piece)
        if failed == len(files):  # an earlier result is worth more than an empty one
            out.discard()
    ctx.exit(1 if failed else 0)


def _write_table(
    articles: Iterator[TaggedArticle], _: tuple[str, ...]
) -> Iterator[str]:
    """Yield each article as a table of its paragraphs."""
    from classifier.cli.output import terminal_width  # noqa: PLC0415

    width = terminal_width()
    for number, article in enumerate(articles):
        yield ("\n" if number else "") + _render(article, width)


def _write_json(articles: Iterator[TaggedArticle], _: tuple[str, ...]) -> Iterator[str]:
    """Yield an array of articles, one at a time."""
    from classifier.cli.output import to_json  # noqa: PLC0415

    opening = "["
    for article in articles:
        yield f"{opening}\n{to_json(article.to_dict(), indent=1)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def _write_jsonl(
    articles: Iterator[TaggedArticle], _: tuple[str, ...]
) -> Iterator[str]:
    """Yield a line per paragraph."""
    from classifier.cli.output import to_json  # noqa: PLC0415

    for article in articles:
        yield "".join(f"{to_json(record)}\n" for record in article.to_records())


def _write_csv(
    articles: Iterator[TaggedArticle], slugs: tuple[str, ...]
) -> Iterator[str]:
    """Yield the header and a row per paragraph."""
    from classifier.cli.output import to_csv  # noqa: PLC0415

    yield to_csv([("article", "paragraph", "issues", *slugs)])
    for article in articles:
        yield to_csv(
            [
                record["article"],
                record["paragraph"],
                " ".join(record["issues"]),
                *record["probabilities"].values(),
            ]
            for record in article.to_records()
        )


_WRITERS = {
    "table": _write_table,
    "json": _write_json,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}


def _render(article: TaggedArticle, width: int) -> str:
    """Return an article as a table: opening words, issues, and a line of sums."""
    from classifier.cli.output import pad, printable, shorten  # noqa: PLC0415

    title = printable(article.title or article.article or "-")
    about = [printable(text) for text in (article.date, article.source) if text]
    lines = [click.style(shorten(title, width), bold=True)]
    if about:
        lines.append(click.style(shorten(" · ".join(about), width), dim=True))
    n_digits = len(str(len(article.paragraphs)))
    # The issues take what they need, up to half of the line.
    tags = [_lines_of_tags(p, (width - n_digits - 4) // 2) for p in article.paragraphs]
    widest = max((len(text) for rows in tags for text, _ in rows), default=0)
    room = width - n_digits - 4 - widest
    for paragraph, rows in zip(article.paragraphs, tags, strict=True):
        opening = pad(shorten(printable(paragraph.text), room), room)
        number = str(paragraph.number).rjust(n_digits)
        if not rows:
            lines.append(click.style(f"{number}  {opening}".rstrip(), dim=True))
        for i, (_, styled) in enumerate(rows):
            left = f"{number}  {opening}" if i == 0 else " " * (n_digits + 2 + room)
            lines.append(f"{left}  {styled}")
    return "\n".join([*lines, _sums(article, width)]) + "\n"


def _lines_of_tags(paragraph: TaggedParagraph, width: int) -> list[tuple[str, str]]:
    """Return a paragraph's issues on lines of a width, each plain and styled."""
    rows: list[tuple[str, str]] = []
    for slug in paragraph.issues:
        probability = f"{paragraph.probabilities[slug]:.2f}"
        plain = f"{slug} {probability}"
        styled = f"{click.style(slug, fg='cyan')} {probability}"
        if rows and len(rows[-1][0]) + 2 + len(plain) <= width:
            rows[-1] = (f"{rows[-1][0]}, {plain}", f"{rows[-1][1]}, {styled}")
        else:
            rows.append((plain, styled))
    return rows


def _sums(article: TaggedArticle, width: int) -> str:
    """Return the article's issues and how many paragraphs raise each."""
    import textwrap  # noqa: PLC0415 - for people only, not for programs

    n_paragraphs = len(article.paragraphs)
    counts = article.issues
    text = ", ".join(f"{slug}\u00a0{count}" for slug, count in counts.items())
    whole = f"{n_paragraphs} paragraph{'s' if n_paragraphs > 1 else ''}"
    line = f"Of {whole}: {text}" if counts else f"Of {whole} none raises an issue"
    filled = textwrap.wrap(
        line,
        width,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return click.style("\n".join(filled).replace("\u00a0", " "), fg="green")
