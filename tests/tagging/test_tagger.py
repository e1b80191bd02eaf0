"""Texts and articles to issues."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest

import classifier
from classifier.corpus.article import Article, Paragraph
from classifier.errors import ModelNotFoundError, UnknownIssueError
from classifier.tagging.explain import mark_words
from classifier.tagging.tagger import Tagger, load

BOTH = "In Leeds they spoke of Taiwan, the strait and of tariffs in trade."
TEXT = f"{BOTH}\n\nA bakery has bread."


def test_issues_are_tagged_from_their_thresholds_on(tagger):
    """A paragraph carries what reaches its threshold, the most probable first."""
    article = tagger.tag(TEXT, title="T", date="2021-02-03", source="S", article="a")

    paragraph = article.paragraphs[0]
    reached = [
        slug
        for slug, p in paragraph.probabilities.items()
        if p >= tagger.thresholds[slug]
    ]
    assert set(paragraph.issues) == set(reached) == {"taiwan", "trade"}
    falling = [paragraph.probabilities[slug] for slug in paragraph.issues]
    assert falling == sorted(falling, reverse=True)
    assert article.paragraphs[1].issues == ()
    assert article.issues == dict.fromkeys(paragraph.issues, 1)
    assert (article.title, article.article, article.model) == ("T", "a", "tiny")


def test_probabilities_are_in_codebook_order(tagger):
    """Array columns, dictionaries and the codebook have one order."""
    probabilities = tagger.predict_proba([TEXT])

    paragraph = tagger.tag(TEXT.replace("\n\n", " ")).paragraphs[0]
    assert tuple(paragraph.probabilities) == tagger.issues
    assert tagger.issues == ("taiwan", "trade", "climate", "fentanyl")
    assert probabilities.shape == (1, 4)


def test_a_higher_threshold_never_adds_a_tag(tagger):
    """Raising the threshold takes tags away, one after the other."""
    article = Article("a", (Paragraph(1, TEXT), Paragraph(2, "Pills in Ohio.")))

    tagged = [
        {
            (p.number, slug)
            for p in tagger.tag_article(article, threshold=t).paragraphs
            for slug in p.issues
        }
        for t in np.linspace(0, 1, 21)
    ]

    assert all(more >= fewer for more, fewer in pairwise(tagged))
    assert len(tagged[0]) == 6
    assert not tagged[-1]


def test_a_selection_narrows_the_tags(tagger):
    """Thresholds per issue, issues and a top can be asked for together."""
    article = Article("a", (Paragraph(1, BOTH),))

    def issues(**selection: object) -> tuple[str, ...]:
        return tagger.tag_article(article, **selection).paragraphs[0].issues

    both = issues()
    assert issues(issues=["trade"]) == ("trade",)
    assert issues(top=1) == both[:1]
    assert issues(threshold={"trade": 1.0}) == ("taiwan",)
    assert issues(threshold=0.0, issues=["fentanyl"]) == ("fentanyl",)
    assert issues(threshold=0.0, issues=["climate"]) == ()
    with pytest.raises(UnknownIssueError, match=r"'tade' \(did you mean 'trade'"):
        issues(issues=["tade"])
    with pytest.raises(UnknownIssueError, match="'x'"):
        issues(threshold={"x": 0.5})


def test_records_are_as_documented(tagger):
    """A record has the documented fields in their order, and null for the unknown."""
    record = tagger.tag(TEXT).to_records()[0]

    assert list(record) == [
        *("article", "title", "date", "source", "paragraph"),
        *("text", "issues", "probabilities", "model"),
    ]
    assert record["article"] is record["title"] is record["date"] is None
    assert record["probabilities"]["climate"] is None
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_an_article_is_a_dictionary_of_its_paragraphs(tagger):
    """An article counts its issues and holds its records."""
    found = tagger.tag(TEXT).to_dict()

    assert list(found) == ["article", "title", "date", "source", "issues", "paragraphs"]
    assert found["paragraphs"] == tagger.tag(TEXT).to_records()


def test_a_single_string_is_refused(tagger):
    """One string in place of a list is an error, not a list of letters."""
    with pytest.raises(TypeError, match="a sequence of paragraphs, not one string"):
        tagger.predict_proba("one paragraph")


@pytest.mark.parametrize("bad", [float("nan"), None, b"Tariffs", 3])
def test_what_is_no_text_is_refused(tagger, bad):
    """An empty cell of a table, say, is named, not scored."""
    with pytest.raises(TypeError, match="number 1 is not a text but of type"):
        tagger.predict_proba(["Tariffs rose.", bad])
    with pytest.raises(TypeError, match="give the text of an article, not"):
        tagger.tag(bad)


def test_white_space_has_no_paragraphs(tagger):
    """An empty text is an article without paragraphs."""
    assert tagger.tag(" \n\n").paragraphs == ()


def test_contributions_sum_to_the_probability(tagger):
    """The n-grams and the intercept add up to the score of the probability."""
    text = "Taipei counted warplanes; tariffs, tariffs and zzyzx."

    found = tagger.explain(text, "trade")

    assert 1 / (1 + math.exp(-found.score)) == pytest.approx(found.probability)
    assert found.probability == tagger.predict_proba([text])[0, 1]
    assert found.threshold == tagger.thresholds["trade"]
    ngrams = [c.ngram for c in found.contributions]
    assert {"tariffs", "taipei counted"} <= set(ngrams)
    assert "zzyzx" not in ngrams
    strengths = [abs(c.value) for c in found.contributions]
    assert strengths == sorted(strengths, reverse=True)
    values = {c.ngram: c.value for c in found.contributions}
    assert values["tariffs"] > 0 > values["warplanes"]


def test_contributions_of_the_context_count_at_its_weight(contextual):
    """Title and neighbours stand in the sum, named and weighed."""
    tagger = Tagger(contextual.linear)
    context = {
        "title": "Tariffs on steel",
        "previous": "A trade complaint.",
        "following": "Bread from Leeds.",
    }
    alone = tagger.explain("Tariffs on steel", "trade")

    found = tagger.explain("He said no.", "trade", **context)

    assert 1 / (1 + math.exp(-found.score)) == pytest.approx(found.probability)
    p = tagger.predict_proba(
        ["He said no."],
        titles=[context["title"]],
        previous=[context["previous"]],
        following=[context["following"]],
    )
    assert found.probability == p[0, 1]
    own = {c.ngram: c.value for c in alone.contributions}
    of_title = {c.ngram: c.value for c in found.contributions if c.part == "title"}
    weight = tagger.model.context[0]
    assert of_title == pytest.approx({n: weight * v for n, v in own.items()})


def test_an_articles_paragraphs_are_read_in_their_context(contextual):
    """Tagging an article is tagging each paragraph with title and neighbours."""
    tagger = Tagger(contextual.linear)
    texts = ["Tariffs rose.", "He called it a threat.", "A bakery won."]

    article = tagger.tag("\n\n".join(texts), title="Trade")

    expected = tagger.predict_proba(
        texts,
        titles=["Trade"] * 3,
        previous=[None, *texts[:2]],
        following=[*texts[1:], ""],
    )
    found = [list(p.probabilities.values()) for p in article.paragraphs]
    assert np.array_equal(found, expected, equal_nan=True)
    with pytest.raises(ValueError, match="3 paragraphs, but 1 for 'title'"):
        tagger.predict_proba(texts, titles=["Trade"])


@pytest.mark.parametrize(
    "text",
    [
        "Taipei counted warplanes; tariffs, TARIFFS and zzyzx.",
        "\u0130n Leeds: tariffs",
        "...",
    ],
)
def test_marked_words_are_the_text_and_its_score(tagger, text):
    """Pieces joined give the text back, and their values what it adds in all."""
    pieces = mark_words(tagger.model, text, "trade")

    found = tagger.explain(text, "trade")
    assert "".join(piece for piece, _ in pieces).lower() == text.lower()
    added = sum(value for _, value in pieces)
    assert added == pytest.approx(found.score - found.intercept)
    values = dict(pieces)
    assert values.get("tariffs", 1) > 0
    assert values.get("zzyzx", 0) == 0


@pytest.mark.parametrize(
    ("issue", "message"),
    [("tawain", "did you mean 'taiwan'"), ("climate", "not learned: it had too few")],
)
def test_what_is_not_learned_is_not_explained(tagger, issue, message):
    """An unknown or unlearned issue is named."""
    with pytest.raises(UnknownIssueError, match=message):
        tagger.explain("One.", issue)


def test_loading_finds_the_workspace_and_the_version(workspace, version, monkeypatch):
    """The version in use is loaded from the enclosing workspace, by name or folder."""
    (workspace / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(workspace / "deep" / "down")

    tagger = classifier.load()

    assert isinstance(tagger, Tagger)
    assert tagger.version == version.name
    assert load(version=version.name).version == version.name
    assert load(version).version == version.name
    monkeypatch.chdir("/")
    assert load(workspace=workspace).version == version.name
    monkeypatch.setenv("CLASSIFIER_WORKSPACE", str(workspace))
    assert load().version == version.name
    with pytest.raises(ModelNotFoundError, match="no version 'x'"):
        load(version="x")


def test_outside_any_workspace_the_carried_model_is_loaded(tmp_path, monkeypatch):
    """The package brings a model of its own along."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLASSIFIER_WORKSPACE", raising=False)

    assert len(load().issues) >= 21
