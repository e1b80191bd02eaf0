"""The report."""

from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn import metrics

from classifier.evaluation.metrics import measure
from classifier.evaluation.predictions import Predictions
from classifier.evaluation.report import (
    TRIED,
    CurvePoint,
    ErrorCase,
    Report,
    render_report,
    thin,
)

SLUGS = ("trade", "taiwan", "health", "climate")
VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """A page's tables, text, ids, links and elements; its tags must pair up."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []
        self.ids, self.links = [], []
        self.tables, self.sections, self.text = {}, {}, ""
        self.table = None
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        """Open an element."""
        attributes = dict(attrs)
        self.tags.append(tag)
        self.attributes += [(tag, *item) for item in attrs]
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        if tag == "table":
            self.table = self.tables.setdefault(attributes.get("id"), [])
        elif tag == "tr":
            self.table.append([])
        elif tag in {"td", "th"}:
            self.table[-1].append("")
        if tag not in VOID:
            self.open.append((tag, attributes))

    def handle_startendtag(self, tag, attrs):
        """Pass an element that is closed at once, as those of drawings are."""
        self.tags.append(tag)
        self.attributes += [(tag, *item) for item in attrs]

    def handle_endtag(self, tag):
        """Close an element."""
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        """Add text to what is open; that of drawings and styles is no page text."""
        tags = [tag for tag, _ in self.open]
        if {"svg", "style"} & set(tags):
            return
        self.text += data
        for tag, attributes in self.open:
            if tag == "section":
                key = attributes["id"]
                self.sections[key] = self.sections.get(key, "") + data
        if {"td", "th"} & set(tags):
            self.table[-1][-1] += data


def random_predictions(n=400):
    """Return random tags, with many equal probabilities and no tags above 0.9."""
    rng = np.random.default_rng(5)
    labelled = rng.random((n, 4)) < [0.4, 0.2, 0.1, 0.3]
    drawn = labelled * 0.3 + rng.random((n, 4)) * 0.6
    probabilities = np.round(drawn, 2)
    return Predictions(
        SLUGS,
        tuple(f"a{i // 4}" for i in range(n)),
        np.arange(n) % 4 + 1,
        labelled,
        probabilities >= 0.55,
        probabilities,
    )


def sparse_predictions():
    """Return predictions of an issue not learned, one in two articles, one nowhere."""
    predictions = random_predictions()
    labelled, tagged = predictions.labelled.copy(), predictions.tagged.copy()
    probabilities = predictions.probabilities.copy()
    probabilities[:, 1], tagged[:, 1] = np.nan, False
    labelled[8:, 2] = False
    labelled[:8, 2] = True
    labelled[:, 3] = False
    return Predictions(
        SLUGS,
        predictions.articles,
        predictions.numbers,
        labelled,
        tagged,
        probabilities,
    )


def report_of(predictions, **changes):
    """Return a report of predictions."""
    learned = dict(zip(predictions.issues, predictions.learned.tolist(), strict=True))
    return Report(
        **{
            "model": "2026-11-23-01",
            "measured": "out-of-fold",
            "created": "2026-11-23T03:00:00+00:00",
            "predictions": predictions,
            "figures": measure(predictions),
            "names": {slug: slug.title() for slug in predictions.issues},
            "thresholds": {slug: 0.55 for slug, ok in learned.items() if ok},
            **changes,
        }
    )


def error_case(*words, article="2020/talks", issue="trade"):
    """Return a paragraph that was wrongly tagged."""
    return ErrorCase(article, 3, issue, 0.91, 0.55, True, words)  # noqa: FBT003


def numbers(cells):
    """Return the numbers of cells; None for a dash or nothing."""
    return [
        None if cell in {"\N{EN DASH}", ""} else float(cell.replace(",", ""))
        for cell in cells
    ]


def test_the_table_of_issues_is_that_of_scikit_learn():
    """Each figure printed, micro and macro included, is what scikit-learn finds."""
    predictions = random_predictions()
    labelled, tagged = predictions.labelled, predictions.tagged

    page = Page(render_report(report_of(predictions)))

    header, *rows, micro, macro = page.tables["by-issue"]
    expected = metrics.precision_recall_fscore_support(labelled, tagged)
    assert [row[0] for row in rows] == ["Trade", "Taiwan", "Health", "Climate"]
    assert [len(row) for row in rows] == [len(header)] * 4
    for i, row in enumerate(rows):
        column, p = labelled[:, i], predictions.probabilities[:, i]
        owners = np.array(predictions.articles)[column]
        support, n_articles, n_tagged, *scores = numbers(row[1:7])
        assert support == expected[3][i]
        assert n_articles == len(np.unique(owners))
        assert n_tagged == tagged[:, i].sum()
        assert scores == pytest.approx([e[i] for e in expected[:3]], abs=0.0005)
        low, high = map(float, row[7].split(" to "))
        assert low < scores[2] < high
        assert numbers(row[8:10]) == pytest.approx(
            [
                metrics.average_precision_score(column, p),
                metrics.brier_score_loss(column, p),
            ],
            abs=0.0005,
        )
        assert row[11] == "0.55"
    for row, average in ((micro, "micro"), (macro, "macro")):
        scores = metrics.precision_recall_fscore_support(
            labelled, tagged, average=average
        )
        assert numbers(row[4:7]) == pytest.approx(scores[:3], abs=0.0005)
        assert f"{scores[2]:.3f}" in page.sections["headline"]
    precision = metrics.average_precision_score(labelled, predictions.probabilities)
    assert f"{precision:.3f}" in page.sections["headline"]
    none = ~labelled.any(axis=1)
    assert f"{tagged[none].any(axis=1).mean():.1%}" in page.sections["headline"]


def test_the_table_of_thresholds_is_what_tagging_there_would_give():
    """Tags, precision, recall and F1 at each threshold are those of tags made anew."""
    predictions = random_predictions()

    page = Page(render_report(report_of(predictions)))

    for i, slug in enumerate(SLUGS):
        _, *rows = page.tables[f"thresholds-{slug}"]
        assert [row[0] for row in rows] == [
            *(f"{threshold:.2f}" for threshold in TRIED),
            "0.55 in use",
        ]
        for threshold, row in zip((*TRIED, 0.55), rows, strict=True):
            tagged = predictions.probabilities[:, i] >= threshold
            precision, recall, f1, _ = metrics.precision_recall_fscore_support(
                predictions.labelled[:, i], tagged, average="binary"
            )
            assert numbers(row[1:]) == pytest.approx(
                [tagged.sum(), precision, recall, f1], abs=0.0005
            )


def test_a_threshold_without_tags_has_no_precision():
    """Where nothing would be tagged there is a dash, not a precision of 0."""
    predictions = random_predictions()
    predictions.probabilities[:, 0] *= 0.5

    page = Page(render_report(report_of(predictions)))

    by_threshold = {row[0]: row[1:] for row in page.tables["thresholds-trade"]}
    assert numbers(by_threshold["0.80"]) == [0, None, 0, 0]


def test_text_is_escaped():
    """Names, articles, words, the model and the file measured on bring no element."""
    evil = '<script>alert("x")</script>&amp;'
    predictions = random_predictions()
    names = {slug: f"{evil}{slug}" for slug in SLUGS}
    case = error_case((evil, 0.8), (" ", 0.0), (evil, 0.0), article=evil)

    text = render_report(
        report_of(
            predictions,
            model=evil,
            measured=evil,
            created=evil,
            names=names,
            errors=(case,),
        )
    )

    page = Page(text)
    assert "<script" not in text
    assert "script" not in page.tags
    assert f"{evil} {evil}" in page.sections["errors"]
    assert f"{evil}, paragraph 3" in page.sections["errors"]
    assert page.tables["by-issue"][1][0] == f"{evil}trade"
    assert f"Measured on {evil}" in page.text


def test_the_page_needs_nothing_else():
    """No script, resource or link leads out of the page, and those within it arrive."""
    curve = (CurvePoint(10, 40, 0.5, 0.4), CurvePoint(20, 80, 0.6, 0.5))
    text = render_report(
        report_of(random_predictions(), errors=(error_case(("x", 1.0)),), curve=curve)
    )

    page = Page(text)

    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not [a for _, a, _ in page.attributes if a == "src" or a[:2] == "on"]
    assert len(set(page.ids)) == len(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert all(link.startswith("#") for link in page.links)
    pictures = [a for a in page.attributes if a[:2] == ("svg", "role")]
    assert len(pictures) == page.tags.count("svg") > 20
    # One of them names the page.
    assert page.tags.count("title") == page.tags.count("svg") + 1


def test_sections_without_content_are_left_out():
    """Without errors or learning curve nothing speaks of them; with them it does."""
    predictions = random_predictions()
    curve = (CurvePoint(10, 40, 0.512, 0.4), CurvePoint(20, 80, 0.6, 0.5))

    bare = Page(render_report(report_of(predictions)))
    full = Page(
        render_report(
            report_of(predictions, errors=(error_case(("x", 1.0)),), curve=curve)
        )
    )

    assert {"errors", "learning"} & {*bare.ids, *bare.sections} == set()
    assert not {"#errors", "#learning"} & set(bare.links)
    assert "Wrongly tagged: Trade" in full.sections["errors"]
    assert "0.512" in full.sections["learning"]


def test_words_are_marked_by_what_they_add():
    """Words for and against have marks by strength; blanks and weak ones have none."""
    words = (("Tariffs", 0.8), (" ", 0.0), ("on", -0.4), (" ", 0.0), ("tea", 0.001))

    text = render_report(report_of(random_predictions(), errors=(error_case(*words),)))

    assert (
        '<mark class="f s5" title="+0.80">Tariffs</mark> '
        '<mark class="a s3" title="-0.40">on</mark> tea</p>'
    ) in text
    assert "Tariffs on tea" in Page(text).sections["errors"]


def test_what_cannot_be_measured_is_said_to_be_so():
    """Issues not learned, in too few articles or nowhere are named as such."""
    page = Page(render_report(report_of(sparse_predictions())))

    trade, taiwan, health, climate = (row[0] for row in page.tables["by-issue"][1:5])
    assert trade == "Trade"
    assert taiwan == "Taiwannot learned: it had too few labels"
    assert health == "Healthin too few articles to be measured"
    assert climate == "Climatein too few articles to be measured"
    assert "Not learned" in page.sections["issue-taiwan"]
    few = "In too few articles to be measured (2 articles, at least 5 are needed)"
    assert few in page.sections["issue-health"]
    assert numbers(page.tables["by-issue"][2][8:]) == [None] * 4
    greyed = [a for a in page.attributes if a == ("tr", "class", "dim")]
    assert len(greyed) == 3
    # Nothing to draw for what has no probabilities or no labels.
    assert {"thresholds-trade", "thresholds-health"} == {
        key for key in page.tables if key and key.startswith("thresholds-")
    }


def test_a_report_of_nothing_learned_is_rendered():
    """Even where no issue has been learned there is a page."""
    predictions = sparse_predictions().take(range(40), [1])

    page = Page(render_report(report_of(predictions, model=None)))

    assert "the labels as they are" in page.text
    assert "Reliability" not in page.text
    assert "pairs" not in page.ids


def test_pairs_are_told_by_issue_and_in_tables():
    """What is labelled together, and taken for what, has its counts."""
    predictions = random_predictions()
    figures = measure(predictions)

    page = Page(render_report(report_of(predictions, figures=figures)))

    assert (
        f"Taiwan {figures.together['trade']['taiwan']} "
        in (page.sections["issue-trade"])
    )
    cells = [row[1:] for row in page.tables[None] if row[0] == "trade"]
    assert cells == [
        ["", *(str(pairs["trade"][other]) for other in SLUGS[1:])]
        for pairs in (figures.together, figures.confused)
    ]


def distances(points, corners):
    """Return how far points lie from the line through some corners."""
    starts, chords = corners[:-1], np.diff(corners, axis=0)
    inner = points[:, np.newaxis] - starts
    along = (inner * chords).sum(axis=2) / (chords**2).sum(axis=1)
    nearest = starts + np.clip(along, 0, 1)[:, :, np.newaxis] * chords
    return np.linalg.norm(points[:, np.newaxis] - nearest, axis=2).min(axis=1)


def test_a_thinned_curve_keeps_its_shape():
    """Of thousands of points 120 are left, and none lay farther from them than this."""
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 5000)
    curve = np.column_stack([x, 0.5 + np.cumsum(rng.normal(size=5000)) / 500])
    curve[1000, 1] = 1.0

    thinned = thin(curve)

    assert len(thinned) == 120
    assert thinned[[0, -1]].tolist() == curve[[0, -1]].tolist()
    assert 1.0 in thinned[:, 1]
    assert distances(curve, thinned).max() < 0.008
    line = np.column_stack([x, x])
    assert thin(line).tolist() == [[0, 0], [1, 1]]


def test_the_page_does_not_grow_with_the_paragraphs():
    """Curves of many paragraphs are thinned: ten times as many add little."""
    few, many = (
        len(render_report(report_of(random_predictions(n)))) for n in (1000, 10_000)
    )

    assert many < few * 1.2
