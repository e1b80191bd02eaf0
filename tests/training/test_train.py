"""Labels and corpus to a model."""

import dataclasses
import datetime as dt
import json

import numpy as np
import pytest

import classifier
from classifier.corpus.passages import Passages
from classifier.errors import LabelsError, TrainingError
from classifier.model.store import ModelStore
from classifier.training import train as module
from classifier.training.data import read_training_data
from classifier.training.settings import TrainingSettings
from classifier.training.train import measure_out_of_fold, train


def inputs(workspace):
    """Return the three paths that training takes."""
    corpus = workspace / "corpus"
    return workspace / "labels.csv", corpus, corpus / "codebook.toml"


def test_the_same_inputs_give_the_same_bytes(workspace):
    """Two trainings make one and the same weights file; another seed's may differ."""
    store = ModelStore(workspace / "models")
    first = store.read().folder / "weights.npz"

    again = train(*inputs(workspace)).save(store.root)

    assert (again.folder / "weights.npz").read_bytes() == first.read_bytes()


def test_a_version_records_what_it_was_made_of(workspace):
    """The manifest names inputs, settings, libraries, thresholds and figures."""
    version = ModelStore(workspace / "models").read()

    manifest = version.manifest
    assert manifest["issues"] == ["taiwan", "trade", "climate", "fentanyl"]
    assert list(manifest["thresholds"]) == ["taiwan", "trade", "fentanyl"]
    assert manifest["settings"]["n_folds"] == 5
    assert set(manifest["inputs"]) == {"labels", "corpus", "codebook"}
    assert manifest["inputs"] == read_training_data(*inputs(workspace)).digests
    assert {"python", "numpy", "scikit-learn"} <= set(manifest["libraries"])
    figures = version.evaluation()["out_of_fold"]
    assert manifest["figures"]["micro_f1"] == figures["micro"]["f1"]
    assert "Micro F1" in version.files["card.md"].decode()
    assert version.files["codebook.toml"] == inputs(workspace)[2].read_bytes()


def test_a_version_is_named_by_its_day(trained, tmp_path):
    """Versions of one day are numbered; the first of a folder is put in use."""
    now = dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)

    names = [trained[1].save(tmp_path, now=now).name for _ in range(2)]

    assert names == ["2024-02-29-01", "2024-02-29-02"]
    assert ModelStore(tmp_path).current() == names[0]


def test_an_issue_with_too_few_labels_is_named(trained):
    """It is left out of the model, and said to be, with what it would take."""
    _, model = trained

    assert model.not_learned == {
        "climate": "2 paragraphs in 2 articles; it takes 10 in 5"
    }
    assert model.linear.learned.tolist() == [0, 1, 3]
    assert np.isnan(model.linear.thresholds).tolist() == [False, False, True, False]


def test_labels_that_do_not_suffice_are_refused(workspace):
    """Where no issue can be learned, training says what it takes."""
    with pytest.raises(TrainingError, match="it takes 99 paragraphs in 5 articles"):
        train(*inputs(workspace), settings=TrainingSettings(min_paragraphs=99))


def test_wrong_labels_are_refused_all_at_once(workspace):
    """Nothing is trained on labels that do not fit; each has its line."""
    path = workspace / "labels.csv"
    text = path.read_text().replace(",taiwan,", ",tawain,")
    path.write_text(text)

    with pytest.raises(LabelsError) as raised:
        train(*inputs(workspace))

    lines = str(raised.value).splitlines()
    assert len(lines) == text.count(",tawain,")
    assert lines[0].startswith(f"{path}:2: unknown issue 'tawain' (did you mean")


def test_folds_are_measured_by_models_that_did_not_see_them(workspace, monkeypatch):
    """No article's paragraphs are among those that its model is fitted on."""
    from classifier.training import pipeline

    data = read_training_data(*inputs(workspace))
    fitted_on = []
    make = pipeline._make_classifier  # noqa: SLF001 - spied on

    def spy(settings):
        model = make(settings)
        fit = model.fit

        def remember(features, labelled):
            fitted_on.append(features.shape[0])
            return fit(features, labelled)

        model.fit = remember
        return model

    monkeypatch.setattr(pipeline, "_make_classifier", spy)
    handed = []
    fit_folds = pipeline.fit_folds

    def watch(counts, passages, labelled, folds, *others, **final):
        handed.append(folds)
        yield from fit_folds(counts, passages, labelled, folds, *others, **final)

    monkeypatch.setattr(pipeline, "fit_folds", watch)
    measure_out_of_fold(data, TrainingSettings())

    probed, folds = handed
    assert np.array_equal(probed, folds)
    assert fitted_on == 2 * [int((folds != fold).sum()) for fold in range(5)]
    folds = folds[folds >= 0]
    for article in set(data.articles):
        inside = np.array(data.articles) == article
        assert len(set(folds[inside].tolist())) == 1


def test_a_label_that_only_its_article_teaches_is_not_found(workspace):
    """What a single article teaches cannot be known out-of-fold."""
    data = read_training_data(*inputs(workspace))
    rng = np.random.default_rng(0)
    # Labels by the toss of a coin per article: an honest measurement finds nothing.
    coin = {article: rng.random() < 0.5 for article in sorted(set(data.articles))}
    column = np.array([coin[article] for article in data.articles])
    texts = data.passages.paragraph_texts
    marked = [
        f"{text} {'mark' + article[-2:]}"
        for text, article in zip(texts, data.articles, strict=True)
    ]
    tossed = module.TrainingData(
        data.codebook,
        Passages.gather(marked, [f"mark{a[-2:]}" for a in data.articles], marked),
        data.articles,
        data.numbers,
        np.column_stack([column] * 4),
        data.paragraph_digests,
        data.digests,
    )

    figures = measure_out_of_fold(tossed, TrainingSettings(min_df=1)).figures

    assert figures.issues["taiwan"].average_precision < column.mean() + 0.2


def test_the_pipeline_file_gives_the_models_probabilities(trained, version):
    """Whoever unpickles it gets scikit-learn's pipeline with the calibration in it."""
    import joblib

    pipeline = joblib.load(version / "pipeline.joblib")

    found = pipeline.predict_proba(["Taipei and tariffs."])
    expected = trained[1].linear.predict_proba(Passages.gather(["Taipei and tariffs."]))
    assert np.abs(found - expected[:, [0, 1, 3]]).max() < 1e-6
    assert type(pipeline).__module__.startswith("sklearn.")


def test_context_says_what_a_paragraph_leaves_unsaid(contextual):
    """Title and neighbours raise what they speak of, and count for less than it."""
    linear = contextual.linear
    bare, tariff = "He called it a threat.", "Tariffs on steel rose after a complaint."

    def trade(text: str, **context: str) -> float:
        columns = {key: [value] for key, value in context.items()}
        return float(linear.predict_proba(Passages.gather([text], **columns))[0, 1])

    for part in ("titles", "previous", "following"):
        spoken, silent = (trade(bare, **{part: t}) for t in (tariff, "A bakery won."))
        assert silent < spoken < trade(tariff)


def test_a_paragraph_alone_is_calibrated_as_such(workspace):
    """Without any context probabilities keep the labels' frequencies."""
    data = read_training_data(*inputs(workspace))
    model = train(*inputs(workspace))

    alone = model.linear.predict_proba(data.passages.hide(0))[:, model.linear.learned]

    labelled = data.labelled[:, model.linear.learned]
    assert np.abs(alone.mean(axis=0) - labelled.mean(axis=0)).max() < 0.1


def test_progress_is_reported(workspace):
    """The steps are told in order and end with all of them done."""
    steps = []

    classifier.train(
        *inputs(workspace),
        progress=lambda _, done, total: steps.append((done, total)),
    )

    assert steps == sorted(steps)
    assert steps[0][0] == 0
    assert steps[-1][0] == steps[-1][1]


def test_any_label_set_of_this_form_is_taken(tmp_path):
    """Other issues, one of them alone, and flat file names train as well."""
    from classifier.corpus.readers import read_corpus
    from classifier.labels import Label, LabelSet

    corpus = tmp_path / "texts"
    corpus.mkdir()
    for i in range(12):
        (corpus / f"doc{i}.txt").write_text(f"A cat sat {i}.\n\nA dog ran {i}.\n")
    book = tmp_path / "book.toml"
    book.write_text('[[issue]]\nslug = "cat"\nname = "Cat"\ndefinition = "Cats."\n')
    articles = read_corpus(corpus)
    LabelSet(()).with_labels(
        Label(a, p.number, p.digest, ("cat",) if "cat" in p.text else (), "me")
        for a, article in articles.items()
        for p in article.paragraphs
    ).write(tmp_path / "l.csv")

    model = train(tmp_path / "l.csv", corpus, book)

    saved = model.save(tmp_path / "models")
    assert saved.model().predict_proba(Passages.gather(["a cat"]))[0, 0] > 0.5
    assert json.loads(saved.files["evaluation.json"])["out_of_fold"]["micro"]["f1"] == 1


def test_an_issue_that_no_fold_can_be_without_is_refused(workspace, monkeypatch):
    """Where one fold holds all labels of an issue, training names the issue."""
    from classifier.training import folds

    def all_of_taiwan_in_one(labelled, *_, **__):
        return np.where(labelled[:, 0], 0, 1 + np.arange(len(labelled)) % 4)

    monkeypatch.setattr(folds, "assign_folds", all_of_taiwan_in_one)

    with pytest.raises(TrainingError, match="issue 'taiwan' cannot be measured"):
        train(*inputs(workspace))


def test_near_copies_share_a_fold(workspace, monkeypatch):
    """An article printed twice is never measured by a model that saw the other."""
    from classifier.training import pipeline

    data = read_training_data(*inputs(workspace))
    stories = [
        f"Officials of {i} said on Monday that the {i} ships of company {i} had left "
        f"port {i} after a week of talks over fees of {i} dollars."
        for i in range(12)
    ]
    # The 24 articles become 12 stories, each printed by two of them.
    places = [int(article[-2:]) % 12 for article in data.articles]
    texts = [
        f"{stories[place]} {text}"
        for place, text in zip(places, data.passages.paragraph_texts, strict=True)
    ]
    copied = dataclasses.replace(data, passages=Passages.gather(texts))
    handed = []
    fit_folds = pipeline.fit_folds

    def watch(counts, passages, labelled, folds, *others, **final):
        handed.append(folds[folds >= 0])
        yield from fit_folds(counts, passages, labelled, folds, *others, **final)

    monkeypatch.setattr(pipeline, "fit_folds", watch)
    measure_out_of_fold(copied, TrainingSettings())

    folds_of = {place: set() for place in places}
    for place, fold in zip(places, handed[0].tolist(), strict=True):
        folds_of[place].add(fold)
    assert all(len(folds) == 1 for folds in folds_of.values())
