"""``classifier tag``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import click

from classifier.cli import report_error
from classifier.cli.completion import complete_thresholds
from classifier.cli.options import (
    FORMATS,
    is_folder,
    issue_option,
    load_tagger,
    model_option,
    output_options,
    promised_suffix,
    workspace_option,
)
from classifier.cli.output import (
    Output,
    count_of,
    pad,
    printable,
    shorten,
    terminal_width,
)
from classifier.errors import ArticleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from classifier.formats.sources import Journal, ReadingOptions, Source
    from classifier.tagging.results import TaggedArticle, TaggedParagraph
    from classifier.tagging.tagger import Tagger

T = TypeVar("T")

_COLUMNS = ("text", "title", "date", "source", "id", "paragraph")
_INPUT_FORMATS = (
    *("text", "markdown", "html", "jsonl", "csv", "tsv"),
    *("parquet", "pdf", "docx", "warc"),
)
# Of an input with many articles, what is tagged in one go.
_PART = 1_000_000
_PART_PARAGRAPHS = 5_000


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


def _parse_columns(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Return which column holds what."""
    parsed = {}
    for value in values:
        what, is_named, column = value.partition("=")
        if what not in _COLUMNS or not is_named or not column:
            message = f"'{value}': give {'|'.join(_COLUMNS)}=NAME, such as text=Body"
            raise click.BadParameter(message)
        parsed[what] = column
    return parsed


@click.command
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH...",
    type=click.Path(allow_dash=True),
)
@click.option(
    "--threshold",
    "thresholds",
    callback=_parse_thresholds,
    multiple=True,
    metavar="P|SLUG=P",
    shell_complete=complete_thresholds,
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
@click.option(
    "--input-format",
    type=click.Choice(_INPUT_FORMATS),
    help="What standard input holds, and files whose suffix does not tell.",
)
@click.option(
    "--column",
    "columns",
    callback=_parse_columns,
    multiple=True,
    metavar="WHAT=NAME",
    help="The column of text, title, date, source, id or paragraph. Repeatable.",
)
@click.option(
    "--keep-rows",
    is_flag=True,
    is_eager=True,  # known before the format is
    help="Write a CSV or TSV file's own rows, with columns added.",
)
@click.option(
    "--allow-private",
    is_flag=True,
    help="Fetch web pages from private addresses too.",
)
@click.option("--strict", is_flag=True, help="Stop at the first input that is bad.")
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes at work for a folder of outputs; else as many as pay.",
)
@click.option(
    "--resume", is_flag=True, help="Go on with the run in the folder of outputs."
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Have the Dask cluster of this scheduler do the work.",
)
@output_options(
    *FORMATS,
    "parquet",
    help_text=(
        "Write to this file, whole or not at all; to a folder (DIR/ or one that is "
        "there) an output for each input."
    ),
    metavar="FILE|DIR",
)
@workspace_option
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    thresholds: list[tuple[str | None, float]],
    issues: tuple[str, ...],
    top: int | None,
    model: str | None,
    input_format: str | None,
    columns: dict[str, str],
    keep_rows: bool,  # noqa: FBT001 - click passes options by name
    allow_private: bool,  # noqa: FBT001 - as above
    strict: bool,  # noqa: FBT001 - as above
    jobs: int | None,
    resume: bool,  # noqa: FBT001 - as above
    scheduler: str | None,
    format_: str,
    output: str | None,
    workspace: str | None,
) -> None:
    """Tag the paragraphs of articles with the issues they raise.

    PATH is a file, a folder of files, a pattern, a web address, a URL such as s3://...,
    or - for standard input. Text, Markdown, HTML, PDF and DOCX files hold an article
    each, JSONL, CSV, TSV, Parquet and WARC files any number.

    \b
    Example: classifier tag article.txt
             classifier tag archive.parquet -o tagged/ --format parquet
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.formats.sources import ReadingOptions, find_sources  # noqa: PLC0415

    to_folder = output is not None and is_folder(output)
    _check_usage(ctx, to_folder=to_folder)
    tagger = load_tagger(model, workspace)
    chosen: dict[str, float] = {}
    for slug, probability in thresholds:
        if issues and slug is not None and slug not in issues:
            message = f"--threshold {slug}: --issue leaves '{slug}' out"
            raise click.UsageError(message)
        if slug is None:
            chosen = dict.fromkeys(tagger.issues, probability) | chosen
        else:
            chosen[slug] = probability
    selection: dict[str, Any] = {
        "threshold": chosen or None,
        "issues": issues or None,
        "top": top,
    }
    leave_out = output if to_folder else None
    sources = list(find_sources(paths, input_format, leave_out))
    reading = ReadingOptions(columns, allow_private)
    if output is not None and to_folder:
        from classifier.archive.work import Job  # noqa: PLC0415 - for archives only
        from classifier.cli.archive import tag_archive  # noqa: PLC0415 - as above

        # A table is for people; programs that read a folder take lines.
        form = "jsonl" if format_ == "table" else format_
        job = Job(output.rstrip("/") or "/", form, reading, selection)
        ctx.exit(
            tag_archive(
                tagger,
                sources,
                job,
                n_jobs=jobs,
                scheduler=scheduler,
                resume=resume,
                strict=strict,
            )
        )
    streaming = _Streaming(tagger, sources, reading, selection, strict=strict)
    with Output(output, [source.path for source in sources]) as out:
        if keep_rows:
            pieces = streaming.tables()
        else:
            pieces = _WRITERS[format_](streaming.articles(), tagger.issues)
        for piece in pieces:
            out.write(piece)
        if streaming.n_failed == len(sources):
            out.discard()  # an earlier result is worth more than an empty one
    ctx.exit(1 if streaming.n_problems else 0)


def _is_same_folder(path: str, output: str) -> bool:
    """Tell whether a folder of inputs is that of the outputs."""
    return os.path.isdir(path) and os.path.realpath(path) == os.path.realpath(output)


def _check_usage(ctx: click.Context, *, to_folder: bool) -> None:
    """Refuse options that mean nothing together."""
    given = ctx.params
    if not to_folder:
        for name in ("resume", "scheduler", "jobs"):
            if given[name]:
                message = f"--{name} is for a folder of outputs: give -o DIR/"
                raise click.UsageError(message)
        if given["format_"] == "parquet":
            message = "Parquet goes to a folder: give -o DIR/"
            raise click.UsageError(message)
    elif "://" in given["output"] and promised_suffix(given["output"]):
        message = (
            f"-o '{given['output']}': a URL stands for a folder of outputs: end it "
            "with /"
        )
        raise click.UsageError(message)
    if given["paths"].count("-") > 1:
        message = "standard input can be read once: give one -"
        raise click.UsageError(message)
    if to_folder and any(_is_same_folder(p, given["output"]) for p in given["paths"]):
        message = f"'{given['output']}' is read as well: name another folder"
        raise click.UsageError(message)
    if given["keep_rows"] and (to_folder or given["format_"] not in ("table", "csv")):
        message = "--keep-rows writes CSV to standard output or to -o FILE"
        raise click.UsageError(message)


class _Streaming:
    """Inputs, read and tagged one after the other.

    Attributes
    ----------
    n_problems, n_failed : int
        What could not be read, and the inputs of which nothing could.
    """

    def __init__(
        self,
        tagger: Tagger,
        sources: Sequence[Source],
        reading: ReadingOptions,
        selection: dict[str, Any],
        *,
        strict: bool,
    ) -> None:
        self._tagger = tagger
        self._sources = sources
        self._reading = reading
        self._selection = selection
        self._strict = strict
        self.n_problems = 0
        self.n_failed = 0

    def articles(self) -> Iterator[TaggedArticle]:
        """Yield the tagged articles; report what cannot be read."""
        from classifier.formats.sources import in_parts, read_articles  # noqa: PLC0415

        def read(source: Source, journal: Journal) -> Iterator[TaggedArticle]:
            found = read_articles(source, self._reading, journal)
            for part in in_parts(found, _PART, _PART_PARAGRAPHS):
                yield from self._tagger.tag_articles(part, **self._selection)

        yield from self._each(read)

    def tables(self) -> Iterator[str]:
        """Yield the rows of tables with their tags; report what cannot be read."""
        from classifier.archive.rows import add_columns  # noqa: PLC0415 - seldom used

        def read(source: Source, journal: Journal) -> Iterator[str]:
            if source.kind not in ("csv", "tsv"):
                message = f"{source.name}: --keep-rows is for CSV and TSV files"
                raise ArticleError(message)
            yield from add_columns(
                self._tagger, source, self._reading, self._selection, journal
            )

        yield from self._each(read)

    def _each(self, read: Callable[[Source, Journal], Iterator[T]]) -> Iterator[T]:
        """Yield what each input yields."""
        from classifier.formats.sources import Journal  # noqa: PLC0415

        for source in self._sources:
            journal = Journal(report_error)
            n_read = 0
            try:
                for found in read(source, journal):
                    n_read += 1
                    yield found
                    if self._strict and journal.n_problems:
                        break
            except ArticleError as error:
                journal.problem(str(error))
            self.n_problems += journal.n_problems
            self.n_failed += not n_read
            if self._strict and self.n_problems:
                message = "stopped at the first bad input, as --strict asks"
                raise ArticleError(message)


def _write_table(
    articles: Iterator[TaggedArticle], _: tuple[str, ...]
) -> Iterator[str]:
    """Yield each article as a table of its paragraphs."""
    width = terminal_width()
    for number, article in enumerate(articles):
        yield ("\n" if number else "") + _render(article, width)


def _write_json(articles: Iterator[TaggedArticle], _: tuple[str, ...]) -> Iterator[str]:
    """Yield an array of articles, one at a time."""
    from classifier.serialisation import to_json  # noqa: PLC0415

    opening = "["
    for article in articles:
        yield f"{opening}\n{to_json(article.to_dict(), indent=1)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"


def _write_jsonl(
    articles: Iterator[TaggedArticle], _: tuple[str, ...]
) -> Iterator[str]:
    """Yield a line per paragraph."""
    from classifier.serialisation import to_json  # noqa: PLC0415

    for article in articles:
        yield "".join(f"{to_json(record)}\n" for record in article.to_records())


def _write_csv(
    articles: Iterator[TaggedArticle], slugs: tuple[str, ...]
) -> Iterator[str]:
    """Yield the header and a row per paragraph."""
    from classifier.serialisation import to_csv  # noqa: PLC0415
    from classifier.tagging.results import csv_header, to_csv_rows  # noqa: PLC0415

    yield to_csv([csv_header(slugs)])
    for article in articles:
        yield to_csv(to_csv_rows(article))


_WRITERS = {
    "table": _write_table,
    "json": _write_json,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}


def _render(article: TaggedArticle, width: int) -> str:
    """Return an article as a table: opening words, issues, and a line of sums."""
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
    whole = count_of(n_paragraphs, "paragraph")
    line = f"Of {whole}: {text}" if counts else f"Of {whole} none raises an issue"
    filled = textwrap.wrap(
        line,
        width,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return click.style("\n".join(filled).replace("\u00a0", " "), fg="green")
