"""An evaluation as one HTML page that needs nothing but itself."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from classifier.evaluation.bootstrap import divide
from classifier.evaluation.metrics import MIN_ARTICLES, reliability

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from classifier.evaluation.metrics import Figures, IssueFigures, Scores
    from classifier.evaluation.predictions import Predictions

OUT_OF_FOLD = "out-of-fold"
# Thresholds that the table of each issue tries.
TRIED = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

_DASH = "&ndash;"
_N_NEIGHBOURS = 5
_N_BARS = 20
# Shades of a colour; the style sheet has as many.
_N_SHADES = 5
# Points of a curve: what a small chart can show, and a page of 21 issues can bear.
_MAX_POINTS = 120
# A tenth of a pixel, in widths of a chart: nearer to the line nobody sees a point.
_TOLERANCE = 0.0005
# A chart's drawing and, within it, the square that the axes span.
_WIDTH, _HEIGHT = 300, 212
_LEFT, _TOP, _ACROSS, _DOWN = 46, 8, 246, 164


@dataclass(frozen=True, slots=True)
class ErrorCase:
    """A paragraph that was wrongly tagged with an issue, or missed.

    Attributes
    ----------
    article, number : str, int
        Where it stands; see `Predictions`.
    issue : str
        The slug.
    probability, threshold : float
        What the model said, and from where on the issue is tagged.
    is_false_tag : bool
        Whether it was tagged and not labelled; labelled and not tagged otherwise.
    words : tuple of (str, float)
        The paragraph's text in pieces that, joined, are the text; each with what it
        adds to the score in log-odds, 0 for blanks and unknown words.
    """

    article: str
    number: int
    issue: str
    probability: float
    threshold: float
    is_false_tag: bool
    words: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How good the tags are when trained on some of the articles only."""

    n_articles: int
    n_paragraphs: int
    micro_f1: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells.

    Attributes
    ----------
    model : str or None
        The version; None where the labels were measured as they are.
    measured : str
        ``out-of-fold``, or the name of the file measured on.
    created : str
        Date and time, ISO 8601.
    predictions : Predictions
        What was measured.
    figures : Figures
        What `measure` found of them.
    names : dict of str to str
        The issues' names by their slugs.
    thresholds : dict of str to float
        The thresholds in use, of learned issues only.
    errors : tuple of ErrorCase
        The worst errors, worst first; none leaves the section out.
    curve : tuple of CurvePoint
        The learning curve, fewest articles first; none leaves the section out.
    """

    model: str | None
    measured: str
    created: str
    predictions: Predictions
    figures: Figures
    names: dict[str, str]
    thresholds: dict[str, float]
    errors: tuple[ErrorCase, ...] = ()
    curve: tuple[CurvePoint, ...] = ()


def render_report(report: Report) -> str:
    """Render an evaluation as one HTML page without script or outside resources.

    Returns
    -------
    str
        To be written as UTF-8. About 0.3 MB for 21 issues, however many paragraphs
        were measured; each error adds a few kB.
    """
    of = report.model or "the labels as they are"
    issues = [
        _Issue.of(report, column) for column in range(len(report.predictions.issues))
    ]
    sections = [
        ("headline", "Headline", _headline(report)),
        ("issues", "Issues", _issue_table(report, issues)),
        ("each", "Issue by issue", "".join(_issue_section(report, i) for i in issues)),
        ("pairs", "Pairs of issues", _pairs(report.figures, issues)),
        ("errors", "Worst errors", _errors(report)),
        ("learning", "More labels", _learning(report.curve)),
        ("reading", "How to read this", _notes(report)),
    ]
    told = [section for section in sections if section[2]]
    links = "\n".join(f'<a href="#{key}">{title}</a>' for key, title, _ in told)
    body = "\n".join(
        f'<section id="{key}">\n<h2>{title}</h2>\n{content}\n</section>'
        for key, title, content in told
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>Evaluation of {escape(of)}</title>\n<style>{_STYLE}</style>\n"
        f"</head>\n<body>\n<header>\n<h1>Evaluation of {escape(of)}</h1>\n"
        f"{_subtitle(report)}\n<nav>{links}</nav>\n</header>\n"
        f"<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


@dataclass(frozen=True, slots=True)
class _Issue:
    """One issue of a report: its columns, and what is said of it."""

    slug: str
    name: str
    row: IssueFigures
    labelled: NDArray[np.bool_]
    probabilities: NDArray[np.float64]
    is_learned: bool
    threshold: float | None

    @classmethod
    def of(cls, report: Report, column: int) -> _Issue:
        """Return the issue of a column."""
        predictions = report.predictions
        slug = predictions.issues[column]
        probabilities = predictions.probabilities[:, column]
        return cls(
            slug,
            report.names.get(slug, slug),
            report.figures.issues[slug],
            predictions.labelled[:, column],
            probabilities,
            not np.isnan(probabilities).any(),
            report.thresholds.get(slug),
        )

    @property
    def link(self) -> str:
        """The name, leading to the issue's own section."""
        return f'<a href="#issue-{escape(self.slug)}">{escape(self.name)}</a>'

    @property
    def remarks(self) -> list[str]:
        """What keeps its figures from saying much."""
        remarks = []
        if not self.is_learned:
            remarks.append("not learned: it had too few labels")
        if not self.row.is_measurable:
            remarks.append("in too few articles to be measured")
        return remarks


@dataclass(frozen=True, slots=True)
class _Tradeoff:
    """What tags would be worth at some thresholds, each array of their length."""

    thresholds: NDArray[np.float64]
    n_tagged: NDArray[np.intp]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]

    @classmethod
    def of(cls, issue: _Issue, thresholds: Sequence[float]) -> _Tradeoff:
        """Tag at each threshold; precision is NaN where nothing is tagged."""
        rising = np.argsort(issue.probabilities)
        places = np.searchsorted(issue.probabilities[rising], thresholds)
        n_labelled = int(issue.labelled.sum())
        below = np.concatenate([[0], np.cumsum(issue.labelled[rising])])[places]
        true, n_tagged = n_labelled - below, len(rising) - places
        whole = np.full(len(places), n_labelled)
        return cls(
            np.array(thresholds),
            n_tagged,
            divide(true, n_tagged),
            divide(true, whole),
            divide(2 * true, whole + n_tagged),
        )


def _subtitle(report: Report) -> str:
    """Say what was measured on, and when."""
    figures = report.figures
    how = "out-of-fold" if report.measured == OUT_OF_FOLD else f"on {report.measured}"
    return (
        f"<p>Measured {escape(how)}: {figures.n_paragraphs:,} paragraphs of "
        f"{figures.n_articles:,} articles, {figures.n_measured} issues. "
        f'<time datetime="{escape(report.created)}">{escape(report.created)}</time></p>'
    )


def _headline(report: Report) -> str:
    """Render the figures over all issues, and how far probabilities can be trusted."""
    figures = report.figures
    tiles = [
        ("Micro F1", _three(figures.micro.f1), _range(figures.micro.intervals, "f1")),
        ("Macro F1", _three(figures.macro.f1), _range(figures.macro.intervals, "f1")),
        (
            "Mean average precision",
            _three(figures.average_precision),
            _range(figures.intervals, "average_precision"),
        ),
        ("Calibration error", _three(figures.calibration_error), ""),
        (
            f"Tagged, of {figures.n_none:,} paragraphs with no issue",
            f"{figures.none_tagged:.1%}" if figures.n_none else _DASH,
            _range(figures.intervals, "none_tagged", "{:.1%}"),
        ),
    ]
    items = "\n".join(
        f"<div><dt>{name}</dt><dd>{value}"
        f"{f'<small>95% interval {between}</small>' if between else ''}</dd></div>"
        for name, value, between in tiles
    )
    learned = report.predictions.learned
    if not learned.any():
        return f'<dl class="tiles">{items}</dl>'
    pooled = _reliability_chart(
        report.predictions.labelled[:, learned],
        report.predictions.probabilities[:, learned],
        "all issues together",
    )
    return f'<div class="headline"><dl class="tiles">{items}</dl>{pooled}</div>'


def _issue_table(report: Report, issues: Iterable[_Issue]) -> str:
    """Render the table of issues, with the figures over all of them below."""
    figures = report.figures
    columns = (
        "labelled",
        "articles",
        "tagged",
        "precision",
        "recall",
        "F1",
        "95% interval of F1",
        "average precision",
        "Brier score",
        "calibration error",
        "threshold",
    )
    head = "".join(f'<th scope="col">{column}</th>' for column in ("issue", *columns))
    rows = figures.issues.values()
    micro = (
        f"{sum(row.support for row in rows):,}",
        f"{figures.n_articles:,}",
        f"{sum(row.n_tagged for row in rows):,}",
        *_score_cells(figures.micro),
        "",
        _three(figures.brier),
        _three(figures.calibration_error),
        "",
    )
    average = _three(figures.average_precision)
    macro = ("", "", "", *_score_cells(figures.macro), average, "", "", "")
    foot = _table_row("All issues together (micro)", micro) + _table_row(
        f"Mean of {figures.n_measured} issues (macro)", macro
    )
    return _scrolling(
        "Figures by issue",
        f'<table id="by-issue"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{''.join(map(_issue_row, issues))}</tbody>\n"
        f"<tfoot>{foot}</tfoot></table>",
    )


def _issue_row(issue: _Issue) -> str:
    """Render an issue's row of the table."""
    row = issue.row
    remarks = "".join(f"<small>{remark}</small>" for remark in issue.remarks)
    values = (
        f"{row.support:,}",
        f"{row.n_articles:,}",
        f"{row.n_tagged:,}",
        *_score_cells(row),
        _three(row.average_precision),
        _three(row.brier),
        _three(row.calibration_error),
        _two(issue.threshold),
    )
    return _table_row(issue.link + remarks, values, is_dim=bool(remarks))


def _table_row(title: str, values: Iterable[str], *, is_dim: bool = False) -> str:
    """Render a row whose first cell is its heading."""
    cells = "".join(f"<td>{value}</td>" for value in values)
    opening = '<tr class="dim">' if is_dim else "<tr>"
    return f'{opening}<th scope="row">{title}</th>{cells}</tr>\n'


def _score_cells(scores: Scores | IssueFigures) -> tuple[str, str, str, str]:
    """Return precision, recall, F1 and the interval of F1."""
    return (
        _three(scores.precision),
        _three(scores.recall),
        _three(scores.f1),
        _interval_bar(scores),
    )


def _interval_bar(scores: Scores | IssueFigures) -> str:
    """Draw F1 and its interval on a scale from 0 to 1, with the numbers beside it."""
    pair = scores.intervals.get("f1")
    if pair is None:
        return _DASH
    low, high, at = (f"{160 * value:.1f}" for value in (*pair, scores.f1))
    between = _range(scores.intervals, "f1")
    return (
        f'<span class="between"><svg class="bar" viewBox="0 0 160 12" role="img">'
        f"<title>F1 {scores.f1:.3f}, 95% interval {between}</title>"
        f'<path class="grid" d="M0 6H160M0 2V10M80 4V8M160 2V10"/>'
        f'<path class="span" d="M{low} 6H{high}"/><path class="at" d="M{at} 1V11"/>'
        f"</svg> {between}</span>"
    )


def _issue_section(report: Report, issue: _Issue) -> str:
    """Render what is known of one issue."""
    remarks = "".join(
        f"<p><strong>{remark[0].upper()}{remark[1:]}</strong>"
        f"{_because(issue) if 'articles' in remark else ''}.</p>"
        for remark in issue.remarks
    )
    tables = []
    charts = ""
    if issue.is_learned and issue.row.support:
        charts = (
            f'<div class="charts">{_precision_recall_chart(issue)}'
            f"{_reliability_chart(issue.labelled, issue.probabilities, issue.name)}"
            f"{_tradeoff_chart(issue)}{_spread_chart(issue)}</div>"
        )
        tables.append(_tradeoff_table(issue))
    for title, pairs in (
        ("Labelled together with", report.figures.together),
        ("Missed, and taken for", report.figures.confused),
    ):
        counts = pairs.get(issue.slug, {})
        tables.append(_neighbours(title, counts, issue, report.names))
    return (
        f'<section class="issue" id="issue-{escape(issue.slug)}">'
        f'<h3>{escape(issue.name)} <a class="up" href="#issues">to the table</a></h3>'
        f'{remarks}{charts}<div class="beside">{"".join(tables)}</div></section>\n'
    )


def _because(issue: _Issue) -> str:
    """Say how few the articles of an issue are."""
    n = issue.row.n_articles
    return f" ({n} article{'' if n == 1 else 's'}, at least {MIN_ARTICLES} are needed)"


def _precision_recall_chart(issue: _Issue) -> str:
    """Chart precision against recall over all thresholds."""
    every = _Tradeoff.of(issue, np.unique(issue.probabilities)[::-1].tolist())
    marks = [_line(np.column_stack([every.recall, every.precision]), "first")]
    at = ""
    if issue.threshold is not None:
        now = _Tradeoff.of(issue, [issue.threshold])
        precision, recall = float(now.precision[0]), float(now.recall[0])
        if not math.isnan(precision):
            marks.append(_dot(recall, precision, "now"))
            at = (
                f"; {precision:.2f} and {recall:.2f} at the threshold "
                f"{issue.threshold:.2f}"
            )
    return _chart(
        "Precision and recall",
        f"Precision and recall of {issue.name} at every threshold{at}",
        marks,
        _Axis("recall", _EVEN),
        _Axis("precision", _EVEN),
        '<span class="key now">at the threshold in use</span>' if at else "",
    )


def _reliability_chart(
    labelled: NDArray[np.bool_], probabilities: NDArray[np.float64], name: str
) -> str:
    """Chart the shares that are labelled against the probabilities."""
    means, shares, _ = reliability(labelled, probabilities)
    # Most probabilities are small: roots part them, and the diagonal stays one.
    points = np.sqrt(np.column_stack([means, shares]).clip(0, 1))
    marks = [
        _line(np.array([[0, 0], [1, 1]]), "diagonal"),
        _line(points, "first"),
        *(_dot(x, y, "first") for x, y in points.tolist()),
    ]
    told = ", ".join(
        f"{mean:.2f}: {share:.2f}"
        for mean, share in zip(means.tolist(), shares.tolist(), strict=True)
    )
    ticks = tuple((math.sqrt(at), f"{at:g}") for at in (0, 0.05, 0.2, 0.4, 0.7, 1))
    return _chart(
        "Reliability",
        f"Share labelled by mean probability of {name}, in ten bins: {told}",
        marks,
        _Axis("probability (root scale)", ticks),
        _Axis("share labelled", ticks),
        '<span class="key diagonal">what it should be</span>',
    )


def _tradeoff_chart(issue: _Issue) -> str:
    """Chart precision, recall and F1 against the threshold."""
    found = _Tradeoff.of(issue, (np.arange(201) / 200).tolist())
    has_tags = found.n_tagged > 0
    marks = []
    if issue.threshold is not None:
        x = issue.threshold
        marks.append(_line(np.array([[x, 0], [x, 1]]), "now"))
    marks += [
        _line(np.column_stack([found.thresholds, values])[has_tags], kind)
        for values, kind in (
            (found.precision, "first"),
            (found.recall, "second"),
            (found.f1, "third"),
        )
    ]
    return _chart(
        "Threshold",
        f"Precision, recall and F1 of {issue.name} against the threshold, "
        f"{_two(issue.threshold)} in use; the table says the same in numbers",
        marks,
        _Axis("threshold", _EVEN),
        _Axis("", _EVEN),
        '<span class="key first">precision</span> '
        '<span class="key second">recall</span> <span class="key third">F1</span>'
        + (
            ""
            if issue.threshold is None
            else ' <span class="key line">threshold in use</span>'
        ),
    )


def _spread_chart(issue: _Issue) -> str:
    """Chart how many paragraphs, labelled and not, have which probability."""
    edges = np.arange(_N_BARS + 1) / _N_BARS
    counts = [
        np.histogram(issue.probabilities[chosen], edges)[0]
        for chosen in (issue.labelled, ~issue.labelled)
    ]
    # Next to thousands at 0, the tens elsewhere are seen on a logarithmic scale only;
    # log(1 + n) has a place for none.
    top = math.log1p(max(10, *(int(c.max()) for c in counts)))
    marks = []
    for count, kind in zip(counts, ("area first", "second"), strict=True):
        heights = np.concatenate([[0], np.repeat(np.log1p(count) / top, 2), [0]])
        steps = np.column_stack([np.repeat(edges, 2), heights])
        marks.append(_line(steps, kind))
    if issue.threshold is not None:
        x = issue.threshold
        marks.append(_line(np.array([[x, 0], [x, 1]]), "now"))
    ticks = [
        (math.log1p(n) / top, text)
        for n, text in ((0, "0"), (1, "1"), (10, "10"), (100, "100"), (1000, "1k"))
    ]
    return _chart(
        "Spread",
        f"How many of the {issue.row.support:,} paragraphs labelled with {issue.name}, "
        f"and of the others, have which probability",
        marks,
        _Axis("probability", _EVEN),
        _Axis("paragraphs (log scale)", tuple(t for t in ticks if t[0] <= 1)),
        '<span class="key first">labelled</span> '
        '<span class="key second">not labelled</span>',
    )


def _tradeoff_table(issue: _Issue) -> str:
    """Tabulate what tags would be worth at some thresholds, and at the one in use."""
    in_use = [] if issue.threshold is None else [issue.threshold]
    found = _Tradeoff.of(issue, [*TRIED, *in_use])
    rows = [
        _table_row(
            f"{threshold:.2f}" + (" in use" if i >= len(TRIED) else ""),
            (
                f"{int(found.n_tagged[i]):,}",
                _three(float(found.precision[i])),
                _three(float(found.recall[i])),
                _three(float(found.f1[i])),
            ),
        )
        for i, threshold in enumerate(found.thresholds.tolist())
    ]
    head = "".join(
        f'<th scope="col">{column}</th>'
        for column in ("threshold", "tags", "precision", "recall", "F1")
    )
    table = (
        f'<table id="thresholds-{escape(issue.slug)}"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{''.join(rows[: len(TRIED)])}</tbody>\n"
        f"<tfoot>{''.join(rows[len(TRIED) :])}</tfoot></table>"
    )
    box = _scrolling(f"Thresholds of {issue.name}", table)
    return f"<div><h4>At other thresholds</h4>{box}</div>"


def _neighbours(
    title: str, counts: dict[str, int], issue: _Issue, names: dict[str, str]
) -> str:
    """List the issues that most often stand in for or beside another."""
    most = sorted(counts.items(), key=lambda item: -item[1])[:_N_NEIGHBOURS]
    items = "".join(
        f"<li>{escape(names.get(slug, slug))} <b>{n:,}</b> "
        f"<small>{n / max(1, issue.row.support):.0%}</small></li>"
        for slug, n in most
    )
    listed = f"<ol>{items}</ol>" if items else "<p>none</p>"
    return f"<div><h4>{title}</h4>{listed}</div>"


def _pairs(figures: Figures, issues: Sequence[_Issue]) -> str:
    """Render which issues stand together, and which are taken for which."""
    tables = [
        _heat_table(title, note, pairs, issues)
        for title, note, pairs in (
            (
                "Labelled together",
                "Paragraphs labelled with both issues, the row's and the column's.",
                figures.together,
            ),
            (
                "Taken for another",
                (
                    "Paragraphs of the row's issue that were not tagged with it, but "
                    "wrongly with the column's."
                ),
                figures.confused,
            ),
        )
        if any(pairs.values())
    ]
    return "".join(tables)


def _heat_table(
    title: str, note: str, pairs: dict[str, dict[str, int]], issues: Sequence[_Issue]
) -> str:
    """Render counts of pairs, shaded by their shares of the rows' paragraphs."""
    # The shares of a handful of paragraphs say nothing, and would outshine the others.
    shares = {
        (row.slug, slug): n / row.row.support
        for row in issues
        if row.row.is_measurable
        for slug, n in pairs.get(row.slug, {}).items()
    }
    # Roots, since a few pairs of near neighbours would leave all others white.
    top = math.sqrt(max(shares.values(), default=1.0))
    head = "".join(
        f'<th scope="col"><span>{escape(issue.slug)}</span></th>' for issue in issues
    )
    rows = []
    for row in issues:
        cells = [f'<th scope="row">{escape(row.slug)}</th>']
        for column in issues:
            n = pairs.get(row.slug, {}).get(column.slug, 0)
            share = shares.get((row.slug, column.slug), 0.0)
            if row is column:
                cells.append('<td class="self"></td>')
            elif share:
                cells.append(
                    f'<td class="s{_shade(math.sqrt(share) / top)}" '
                    f'title="{escape(row.slug)}, {escape(column.slug)}: {share:.0%}">'
                    f"{n}</td>"
                )
            else:
                cells.append(f"<td>{n or ''}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>\n")
    table = (
        f'<table class="heat"><thead><tr><td></td>{head}</tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
    return (
        f"<h3>{title}</h3><p>{note} The stronger the colour, the larger the "
        f"share of the row's labelled paragraphs.</p>{_scrolling(title, table)}"
    )


def _errors(report: Report) -> str:
    """Render the worst errors with what their words said for and against."""
    if not report.errors:
        return ""
    values = [abs(v) for case in report.errors for _, v in case.words if v]
    # One word of extreme weight would leave all others white.
    top = float(np.quantile(values, 0.95)) if values else 1.0
    shades = range(1, _N_SHADES + 1)
    keys = [
        "".join(f'<mark class="{kind} s{i}">&nbsp;{i}&nbsp;</mark>' for i in shades)
        for kind in ("f", "a")
    ]
    legend = (
        f'<p class="legend">Words speak <span>for the issue {keys[0]}</span> '
        f"<span>or against it {keys[1]}</span>, the stronger the colour the more; "
        f"the strongest adds {top:.2f} or more to the score (log-odds).</p>"
    )
    cases = "".join(_error(case, report.names, top) for case in report.errors)
    return f'{legend}<ol class="errors">{cases}</ol>'


def _error(case: ErrorCase, names: dict[str, str], top: float) -> str:
    """Render one error."""
    verdict = "Wrongly tagged" if case.is_false_tag else "Missed"
    return (
        f"<li><h3>{verdict}: "
        f'<a href="#issue-{escape(case.issue)}">'
        f"{escape(names.get(case.issue, case.issue))}</a></h3>"
        f'<p class="about">{escape(case.article)}, paragraph {case.number}; '
        f"probability {case.probability:.2f}, threshold {case.threshold:.2f}</p>"
        f'<p class="text">{_marked(case.words, top)}</p></li>\n'
    )


def _marked(words: Iterable[tuple[str, float]], top: float) -> str:
    """Return text with its words marked by what they add to a score."""
    parts = []
    for word, value in words:
        shade = _shade(abs(value) / top)
        if shade and word.strip():
            kind = "f" if value > 0 else "a"
            parts.append(
                f'<mark class="{kind} s{shade}" title="{value:+.2f}">'
                f"{escape(word)}</mark>"
            )
        else:
            parts.append(escape(word))
    return "".join(parts)


def _learning(curve: Sequence[CurvePoint]) -> str:
    """Render how the figures grow with the labelled articles."""
    if not curve:
        return ""
    head = "".join(
        f'<th scope="col">{column}</th>'
        for column in ("articles", "paragraphs", "micro F1", "macro F1")
    )
    rows = "".join(
        _table_row(
            f"{p.n_articles:,}",
            (f"{p.n_paragraphs:,}", _three(p.micro_f1), _three(p.macro_f1)),
        )
        for p in curve
    )
    table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody>\n</table>"
    return (
        f'<div class="charts">{_learning_chart(curve)}'
        f"{_scrolling('Learning curve', table)}</div>"
    )


def _learning_chart(curve: Sequence[CurvePoint]) -> str:
    """Chart F1 against the number of articles."""
    micro, macro = np.array([[p.micro_f1, p.macro_f1] for p in curve]).T
    low = math.floor(min(micro.min(), macro.min()) * 10) / 10
    high = max(low + 0.1, math.ceil(max(micro.max(), macro.max()) * 10) / 10)
    most = max(point.n_articles for point in curve)
    places = np.array([point.n_articles / most for point in curve])
    marks = []
    for kind, values in (("first", micro), ("second", macro)):
        points = np.column_stack([places, (values - low) / (high - low)])
        marks.append(_line(points, kind))
        marks += [_dot(x, y, kind) for x, y in points.tolist()]
    return _chart(
        "Learning curve",
        "Micro and macro F1 by the number of articles trained on; the table says the "
        "same in numbers",
        marks,
        _Axis("articles trained on", _round_ticks(0, most)),
        _Axis("F1", _round_ticks(low, high)),
        '<span class="key first">micro F1</span> '
        '<span class="key second">macro F1</span>',
    )


def _notes(report: Report) -> str:
    """Explain the figures."""
    how = _OUT_OF_FOLD_NOTE if report.measured == OUT_OF_FOLD else _FILE_NOTE
    return f'<dl class="notes">{how}{_NOTES}</dl>'


@dataclass(frozen=True, slots=True)
class _Axis:
    """What an axis shows, and its ticks: places in [0, 1] and what they say."""

    label: str
    ticks: tuple[tuple[float, str], ...]


_EVEN = tuple((i / 5, f"{i / 5:g}") for i in range(6))


def _round_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return ticks at up to six round numbers of a range."""
    least = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(least))
    # Rounded, since 0.3 / 0.1 is less than 3.
    step = next(n * power for n in (1, 2, 5, 10) if round(n * power - least, 9) >= 0)
    first, last = math.ceil(round(low / step, 6)), math.floor(round(high / step, 6))
    return tuple(
        ((n * step - low) / (high - low), f"{n * step:,.6g}")
        for n in range(first, last + 1)
    )


def _chart(
    caption: str, title: str, marks: Iterable[str], x: _Axis, y: _Axis, key: str
) -> str:
    """Draw marks in a frame with axes."""
    grid = "".join(f"M{_x(at)} {_TOP}V{_TOP + _DOWN}" for at, _ in x.ticks)
    grid += "".join(f"M{_LEFT} {_y(at)}H{_LEFT + _ACROSS}" for at, _ in y.ticks)
    bottom, center = _TOP + _DOWN, _LEFT + _ACROSS / 2
    turned = f'transform="translate(9 {_TOP + _DOWN / 2}) rotate(-90)"'
    texts = [
        *(
            f'<text x="{_x(at)}" y="{bottom + 14}" class="middle">{text}</text>'
            for at, text in x.ticks
        ),
        *(
            f'<text x="{_LEFT - 5}" y="{_y(at)}" dy="4" class="end">{text}</text>'
            for at, text in y.ticks
        ),
        f'<text x="{center}" y="{_HEIGHT - 6}" class="middle">{x.label}</text>',
        f'<text {turned} class="middle">{y.label}</text>',
    ]
    return (
        f"<figure><figcaption><b>{caption}</b> {key}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">'
        f'<title>{escape(title)}</title><path class="grid" d="{grid}"/>'
        f"{''.join(texts)}{''.join(marks)}</svg></figure>\n"
    )


def _line(points: NDArray[np.float64], kind: str) -> str:
    """Draw a line through points in [0, 1]."""
    places = " ".join(f"{_x(x)},{_y(y)}" for x, y in thin(points).tolist())
    return f'<polyline class="{kind}" points="{places}"/>'


def _dot(x: float, y: float, kind: str) -> str:
    """Draw a point in [0, 1]."""
    return f'<circle class="{kind}" cx="{_x(x)}" cy="{_y(y)}" r="3.5"/>'


def _x(at: float) -> str:
    """Return where a place in [0, 1] lies across a drawing."""
    return f"{_LEFT + _ACROSS * at:.1f}"


def _y(at: float) -> str:
    """Return where a place in [0, 1] lies down a drawing."""
    return f"{_TOP + _DOWN * (1 - at):.1f}"


def thin(
    points: NDArray[np.float64], *, most: int = _MAX_POINTS
) -> NDArray[np.float64]:
    """Return those points of a curve that make its shape.

    By turns the point that lies farthest from the line so far is added to it, until
    none lies visibly off it or there are enough (Douglas and Peucker, 1973).

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Along the curve, in widths of the chart.
    most : int
        Return no more than so many.
    """
    if len(points) <= 2:  # noqa: PLR2004 - a line's ends
        return points
    kept = [0, len(points) - 1]
    heap = [_farthest(points, 0, len(points) - 1)]
    while heap and len(kept) < most:
        distance, place, start, end = heapq.heappop(heap)
        if -distance < _TOLERANCE:
            break
        kept.append(place)
        heap_of = [(a, b) for a, b in ((start, place), (place, end)) if b - a > 1]
        for a, b in heap_of:
            heapq.heappush(heap, _farthest(points, a, b))
    return points[sorted(kept)]


def _farthest(
    points: NDArray[np.float64], start: int, end: int
) -> tuple[float, int, int, int]:
    """Return the point farthest from the line between two others, as a heap's item."""
    inner = points[start + 1 : end] - points[start]
    chord = points[end] - points[start]
    along = np.clip(inner @ chord / max(float(chord @ chord), 1e-12), 0, 1)
    distances = np.hypot(*(inner - along[:, np.newaxis] * chord).T)
    farthest = int(distances.argmax())
    return -float(distances[farthest]), start + 1 + farthest, start, end


def _shade(strength: float) -> int:
    """Return which shade shows a strength in [0, 1]; 0 for none to be seen."""
    return min(_N_SHADES, math.ceil(_N_SHADES * strength - 0.25))


def _scrolling(label: str, table: str) -> str:
    """Put a table into a box of its own, which scrolls where it is too wide."""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"{table}</div>"
    )


def _range(
    intervals: dict[str, tuple[float, float] | None], name: str, form: str = "{:.2f}"
) -> str:
    """Return an interval in words, or nothing."""
    pair = intervals.get(name)
    return " to ".join(form.format(value) for value in pair) if pair else ""


def _two(value: float | None) -> str:
    """Return a figure with two decimals, or a dash."""
    return _DASH if value is None else f"{value:.2f}"


def _three(value: float | None) -> str:
    """Return a figure with three decimals, or a dash."""
    return _DASH if value is None or math.isnan(value) else f"{value:.3f}"


_OUT_OF_FOLD_NOTE = """
<dt>Out-of-fold</dt>
<dd>The labelled articles are parted into folds. The paragraphs of each fold are tagged
by a model trained on the other folds alone, which saw nothing of their articles: the
figures say what to expect of new articles of this kind. Each of these models has
thresholds of its own, so that what charts and tables of thresholds say of the threshold
in use may differ a little from the table of issues.</dd>
"""
_FILE_NOTE = """
<dt>Measured on a file</dt>
<dd>The paragraphs come from a file; they are not the training labels, left out fold by
fold (out-of-fold). The figures hold for new articles only if the model was not trained
on these.</dd>
"""
_NOTES = f"""
<dt>Precision, recall, F1</dt>
<dd>Precision is the share of tags that are right, recall the share of labels that are
found, F1 their harmonic mean. Micro counts all pairs of paragraph and issue alike;
macro is the mean over the issues, rare ones counting as much as common ones.</dd>
<dt>Average precision</dt>
<dd>The area under the curve of precision and recall: how well paragraphs are ranked,
whatever the threshold.</dd>
<dt>95% intervals</dt>
<dd>Articles, not paragraphs, are drawn anew with replacement, and the figures taken
again each time, since the paragraphs of an article are alike. Figures whose intervals
overlap widely may differ by chance. An issue in fewer than {MIN_ARTICLES} articles is
not measured by its own figures, though they enter the macro mean.</dd>
<dt>Calibration error</dt>
<dd>Of paragraphs given a probability of 0.7, 70 in 100 should carry the issue.
Probabilities are sorted into ten bins of equal count; the error is the mean distance
between the probability of a bin and the share of it that is labelled. The Brier score,
the mean squared distance of probabilities from labels, counts ranking too. 0 is best
for both.</dd>
"""

_STYLE = """
:root { --paper: #fff; --soft: #f4f5f7; --ink: #1b1f24; --dim: #5c6570;
  --rule: #d8dce1; --blue: 0 92 175; --orange: 200 85 0; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --soft: #1e2227; --ink: #e4e7ea; --dim: #9ba4ae;
    --rule: #363c43; --blue: 110 178 245; --orange: 245 155 80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 86rem; padding: 1rem 1.25rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", "Liberation Sans", sans-serif;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 1rem; border-bottom: 1px solid var(--rule); }
h3 { font-size: 1.1rem; margin: 1.5rem 0 .25rem; }
h4 { font-size: .9rem; margin: .5rem 0 .25rem; }
p { max-width: 46rem; margin: .25rem 0 .75rem; overflow-wrap: anywhere; }
a { color: rgb(var(--blue)); text-underline-offset: .15em; }
small, .dim, .about, .up, time { color: var(--dim); }
small, .up { font-size: .8rem; font-weight: normal; }
time { white-space: nowrap; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.headline { display: grid; grid-template-columns: 1fr minmax(0, 22rem); gap: 1.5rem; }
.tiles { display: grid; gap: 1rem; margin: 0; align-content: start;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); }
.tiles div { background: var(--soft); border-radius: .4rem; padding: .75rem 1rem; }
.tiles dt { color: var(--dim); font-size: .9rem; }
.tiles dd { margin: 0; font-size: 1.8rem; line-height: 1.3; }
.tiles small { display: block; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .875rem; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; vertical-align: top; }
thead th { vertical-align: bottom; color: var(--dim); font-weight: normal; }
th:first-child { text-align: left; padding-left: 0; position: sticky; left: 0;
  background: var(--paper); font-weight: normal; min-width: 7rem; }
th small { display: block; }
tbody tr { border-top: 1px solid var(--rule); }
tfoot { border-top: 2px solid var(--dim); }
#by-issue { width: 100%; }
#by-issue th:first-child { min-width: 15rem; }
tfoot th:first-child { font-weight: bold; }
.between { display: inline-flex; align-items: center; gap: .5rem; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; overflow: visible;
  font-size: 11px; }
svg text { fill: var(--dim); }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .grid { stroke: var(--rule); fill: none; }
.bar { width: 7.5rem; flex: none; }
.bar .span { stroke: rgb(var(--blue)); stroke-width: 5; }
.bar .at { stroke: var(--ink); stroke-width: 2; }
.dim .bar { opacity: .5; }
polyline { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
polyline.first { stroke: rgb(var(--blue)); }
polyline.second { stroke: rgb(var(--orange)); stroke-dasharray: 5 2; }
polyline.third { stroke: var(--ink); stroke-width: 2.25; }
polyline.area { fill: rgb(var(--blue) / .2); }
polyline.diagonal { stroke: var(--dim); stroke-width: 1; stroke-dasharray: 3 3; }
polyline.now { stroke: var(--dim); stroke-width: 1.25; stroke-dasharray: 1.5 2.5; }
circle.first { fill: rgb(var(--blue)); } circle.second { fill: rgb(var(--orange)); }
circle.now { fill: var(--paper); stroke: var(--ink); stroke-width: 2; r: 4.5px; }
figure { margin: 0; min-width: 0; max-width: 27rem; }
figcaption { font-size: .85rem; }
.issue figcaption { min-height: 2.6rem; }
figcaption b { margin-right: .35rem; }
.key { white-space: nowrap; color: var(--dim); margin-right: .35rem; }
.key::before { content: ""; display: inline-block; width: 1.1rem; vertical-align: .25em;
  margin-right: .3rem; border-top: 2px solid; }
.key.first::before { border-color: rgb(var(--blue)); }
.key.second::before { border-top: 2px dashed rgb(var(--orange)); }
.key.third::before { border-color: var(--ink); }
.key.diagonal::before { border-top: 1px dashed var(--dim); }
.key.line::before { border-top: 2px dotted var(--dim); }
.key.now::before { width: .6rem; height: .6rem; border: 2px solid var(--ink);
  border-radius: 50%; vertical-align: -.05em; }
.charts { display: grid; gap: 1.25rem; margin: .5rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.beside { display: flex; flex-wrap: wrap; gap: .5rem 3rem; }
.beside > div { max-width: 100%; }
.beside ol { margin: 0; padding-left: 1.4rem; font-size: .9rem; }
.beside p { font-size: .9rem; color: var(--dim); }
.issue { border-top: 1px solid var(--rule); padding-bottom: 1rem; }
.up { margin-left: .75rem; }
.heat { font-size: .75rem; }
.heat td, .heat th { padding: .1rem .25rem; }
.heat tbody td { min-width: 2rem; text-align: center; border-left: 1px solid
  var(--rule); }
.heat th:first-child { white-space: nowrap; padding-right: .5rem; }
.heat thead th span { writing-mode: vertical-rl; transform: rotate(180deg);
  white-space: nowrap; }
.heat thead td { position: sticky; left: 0; background: var(--paper); }
.heat td.self { background: var(--rule); }
.errors { padding-left: 1.75rem; display: grid; gap: 0 3.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); }
.errors h3 { font-size: 1rem; margin: 1.25rem 0 0; }
.about { font-size: .85rem; margin: 0 0 .25rem; }
.text { white-space: pre-line; }
mark { color: inherit; border-radius: .15rem; }
.s1 { --shade: .1; } .s2 { --shade: .2; } .s3 { --shade: .3; }
.s4 { --shade: .4; } .s5 { --shade: .5; }
.heat td, .f { background: rgb(var(--blue) / var(--shade, 0)); }
.a { background: rgb(var(--orange) / var(--shade)); text-decoration: underline dotted; }
.legend span { white-space: nowrap; }
.notes { max-width: 46rem; }
.notes dt { font-weight: bold; } .notes dd { margin: 0 0 .75rem; }
@media (max-width: 50rem) {
  body { padding: .5rem .9rem 3rem; }
  #by-issue th:first-child { min-width: 7rem; }
  th, td { padding: .3rem .4rem; }
  .headline { grid-template-columns: 1fr; }
  .tiles { gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); }
  .tiles div { padding: .5rem .75rem; }
  .issue figcaption { min-height: 0; }
}
@media print {
  body { font-size: 9pt; max-width: none; padding: 0; }
  nav, .up { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 7pt; } th, td { padding: .15rem .3rem; }
  .heat { font-size: 5.5pt; } .heat tbody td { min-width: 0; }
  .bar { width: 5rem; }
  th:first-child, #by-issue th:first-child { position: static; min-width: 0; }
  small { font-size: .85em; } .tiles small { font-size: .7rem; }
  tfoot { display: table-row-group; }
  .tiles { grid-template-columns: repeat(3, 1fr); gap: .5rem; }
  .tiles dd { font-size: 1.2rem; }
  .charts { grid-template-columns: 1fr 1fr; gap: .5rem 1.5rem; }
  .issue figcaption { min-height: 0; }
  .beside { gap: .5rem 2rem; } .beside ol { font-size: 1em; }
  .issue, figure, .errors li, tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
}
"""
