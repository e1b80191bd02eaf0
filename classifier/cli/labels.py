"""``classifier labels``."""

from __future__ import annotations

from collections import Counter, defaultdict
from textwrap import fill

import click

from classifier.cli import report_warning
from classifier.cli.options import output_options, workspace_option


@click.group
def command() -> None:
    """Check, count and compare the labels."""


@command.command
@workspace_option
@click.pass_context
def check(ctx: click.Context, workspace: str | None) -> None:
    """Check labels.csv against the corpus and the codebook.

    Every problem is named at once, with its line and how to mend it.

    \b
    Example: classifier labels check
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.codebook import Codebook  # noqa: PLC0415
    from classifier.corpus.readers import read_corpus  # noqa: PLC0415
    from classifier.labels import LabelSet, check_labels  # noqa: PLC0415
    from classifier.workspace import require_workspace  # noqa: PLC0415

    found = require_workspace(workspace)
    labels = LabelSet.read(found.labels)
    problems = check_labels(
        labels, read_corpus(found.corpus), Codebook.read(found.codebook)
    )
    for problem in problems:
        click.echo(f"{found.labels}:{problem.line}: {problem.text}")
    n_labels, n_problems = len(labels.labels), len(problems)
    ending = "" if n_problems == 1 else "s"
    click.echo(f"{n_labels} labels, {n_problems or 'no'} problem{ending}", err=True)
    ctx.exit(1 if problems else 0)


@command.command
@output_options("table", "json", "csv")
@workspace_option
def stats(workspace: str | None, format_: str, output: str | None) -> None:
    """Count labelled paragraphs and articles per issue and annotator.

    A paragraph judged by several annotators counts once, as training takes it.

    \b
    Example: classifier labels stats
    """  # noqa: D301 - click's mark for lines to keep
    from classifier.cli.output import Output, to_table  # noqa: PLC0415
    from classifier.codebook import Codebook  # noqa: PLC0415
    from classifier.labels import LabelSet  # noqa: PLC0415
    from classifier.serialisation import to_csv, to_json  # noqa: PLC0415
    from classifier.workspace import require_workspace  # noqa: PLC0415

    found = require_workspace(workspace)
    labels = LabelSet.read(found.labels)
    if labels.problems:
        n_lines = len({problem.line for problem in labels.problems})
        report_warning(
            f"{found.labels}: {n_lines} unreadable rows are not counted: see "
            "'classifier labels check'"
        )
    resolved = labels.resolve()
    articles = defaultdict(set)
    paragraphs: Counter[str] = Counter()
    for (article, _), slugs in resolved.items():
        paragraphs.update(slugs)
        for slug in slugs:
            articles[slug].add(article)
    known = Codebook.read(found.codebook).slugs
    # What the codebook does not know is for 'labels check' to name; it counts here.
    order = [*known, *sorted(paragraphs.keys() - set(known))]
    n_paragraphs = len(resolved)
    annotators = dict(sorted(Counter(x.annotator for x in labels.labels).items()))
    counts = {
        "n_labels": len(labels.labels),
        "n_paragraphs": n_paragraphs,
        "n_articles": len({article for article, _ in resolved}),
        "n_none": sum(not slugs for slugs in resolved.values()),
        "n_two_or_more": sum(len(slugs) > 1 for slugs in resolved.values()),
        "annotators": annotators,
        "issues": {
            s: {"n_paragraphs": paragraphs[s], "n_articles": len(articles[s])}
            for s in order
        },
    }
    rows = [(s, str(paragraphs[s]), str(len(articles[s]))) for s in order]
    with Output(output) as out:
        if format_ == "json":
            out.write(to_json(counts, indent=1) + "\n")
        elif format_ == "csv":
            out.write(to_csv([("issue", "n_paragraphs", "n_articles"), *rows]))
        else:
            whole = max(1, n_paragraphs)
            shares = [f"{paragraphs[s] / whole:.1%}" for s in order]
            by = ", ".join(f"{k}\u00a0{v}" for k, v in annotators.items())
            per = fill(f"{counts['n_labels']} labels: {by or 'none'}", 80)
            out.write(
                f"{n_paragraphs} paragraphs of {counts['n_articles']} articles, "
                f"{counts['n_none']} with no issue, "
                f"{counts['n_two_or_more']} with two or more\n"
                f"{per.replace(chr(0xA0), ' ')}\n\n"
            )
            table = [(*row, share) for row, share in zip(rows, shares, strict=True)]
            out.write(to_table(("issue", "paragraphs", "articles", "share"), table))


@command.command
@output_options("table", "json", "csv")
@workspace_option
def agreement(workspace: str | None, format_: str, output: str | None) -> None:
    """Show how far annotators of the same paragraphs agree.

    Alpha is Krippendorff's: 1 is full agreement, 0 what chance would give. From 0.80 on
    an issue counts as firm, from 0.667 on as tentative.

    \b
    Example: classifier labels agreement
    """  # noqa: D301 - click's mark for lines to keep
    from dataclasses import asdict  # noqa: PLC0415

    from classifier.annotation.agreement import measure_agreement  # noqa: PLC0415
    from classifier.cli.output import Output, to_table  # noqa: PLC0415
    from classifier.codebook import Codebook  # noqa: PLC0415
    from classifier.labels import LabelSet  # noqa: PLC0415
    from classifier.serialisation import to_csv, to_json  # noqa: PLC0415
    from classifier.workspace import require_workspace  # noqa: PLC0415

    found = require_workspace(workspace)
    labels = LabelSet.read(found.labels).labels
    slugs = Codebook.read(found.codebook).slugs
    n_paragraphs, issues = measure_agreement(labels, slugs)
    with Output(output) as out:
        if format_ == "json":
            records = {slug: asdict(row) for slug, row in issues.items()}
            record = {"n_paragraphs": n_paragraphs, "issues": records}
            out.write(to_json(record, indent=1) + "\n")
        elif format_ == "csv":
            rows = [(slug, *asdict(row).values()) for slug, row in issues.items()]
            out.write(to_csv([("issue", "n_yes", "n_disputed", "alpha"), *rows]))
        else:
            table = [
                (
                    slug,
                    str(row.n_yes),
                    str(row.n_disputed),
                    "-" if row.alpha is None else f"{row.alpha:.2f}",
                )
                for slug, row in issues.items()
            ]
            out.write(f"{n_paragraphs} paragraphs with several annotators\n\n")
            out.write(to_table(("issue", "given", "disputed", "alpha"), table))
