"""Commands as a user types them."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from classifier.files import sha256
from classifier.model.store import ModelStore


def lines(text: str) -> list[str]:
    """Return the lines of an output."""
    return text.splitlines()


def test_the_table_shows_words_issues_and_sums(workspace, run):
    """Each paragraph has its opening words and issues; a line sums them up."""
    path = workspace / "long.txt"
    title = "---\ntitle: Jets and duties\ndate: 2021-02-03\nsource: a daily\n---\n"
    path.write_text(
        f"{title}In Leeds they spoke of Taiwan, the strait and of tariffs in trade "
        "and little else on that day.\n\nA bakery won a prize.\n"
    )

    result = run("tag", "long.txt")

    assert result.exit_code == 0
    assert not result.stderr
    found = lines(result.stdout)
    assert found[:2] == ["Jets and duties", "2021-02-03 · a daily"]
    assert re.fullmatch(
        r"1  In Leeds they .*…  (taiwan|trade) [01]\.\d\d, (taiwan|trade) [01]\.\d\d",
        found[2],
    )
    assert found[3] == "2  A bakery won a prize."
    assert re.fullmatch(
        r"Of 2 paragraphs: (taiwan|trade) 1, (taiwan|trade) 1", found[4]
    )


@pytest.mark.parametrize("width", [40, 60, 200])
def test_the_table_fits_the_width(workspace, run, monkeypatch, width):
    """No line is wider than the terminal, wide characters included."""
    text = "Taipei counted warplanes 台灣海峽 near the strait; tariffs and pills. " * 4
    (workspace / "wide.txt").write_text(text)
    monkeypatch.setenv("COLUMNS", str(width))

    result = run("tag", "wide.txt", "--threshold", "0")

    from classifier.cli.output import text_width

    assert max(map(text_width, lines(result.stdout))) <= width
    assert result.stdout.count("fentanyl") == 2


def test_a_pipe_is_plain_and_a_terminal_coloured(workspace, run):
    """Colours are for terminals."""
    from click.testing import CliRunner

    from classifier.cli import main

    plain = run("tag", "article.txt").stdout
    coloured = CliRunner().invoke(main, ["tag", "article.txt"], color=True).stdout

    assert "\x1b[" not in plain
    assert "\x1b[36mtaiwan\x1b[0m" in coloured
    quiet = CliRunner(env={"NO_COLOR": "1"})
    assert "\x1b[" not in quiet.invoke(main, ["tag", "article.txt"], color=True).stdout


def test_control_characters_do_not_reach_the_terminal(workspace, run):
    """An escape sequence in a text is shown, not obeyed."""
    (workspace / "evil.txt").write_text("Tariffs \x1b[2Jrose.")

    assert "\x1b" not in run("tag", "evil.txt").stdout


def test_jsonl_has_a_record_per_paragraph(workspace, run, version):
    """Every line is a record with all documented fields."""
    result = run("tag", "article.txt", "--format", "jsonl")

    records = [json.loads(line) for line in lines(result.stdout)]
    assert [record["paragraph"] for record in records] == [1, 2]
    assert records[0]["article"] == "article"
    assert records[0]["issues"] == ["taiwan"]
    assert records[0]["model"] == version.name
    assert list(records[0]["probabilities"]) == [
        "taiwan",
        "trade",
        "climate",
        "fentanyl",
    ]


def test_json_is_an_array_of_articles(workspace, run):
    """The array holds every article, and none is an empty array."""
    shutil.copy(workspace / "article.txt", workspace / "again.txt")

    result = run("tag", "article.txt", "again.txt", "--format", "json")

    articles = json.loads(result.stdout)
    assert [article["issues"] for article in articles] == [{"taiwan": 1}] * 2
    assert len(articles[0]["paragraphs"]) == 2
    assert json.loads(run("tag", "gone.txt", "--format", "json").stdout) == []


def test_csv_has_a_column_per_issue(workspace, run):
    """Header and rows are as documented; an unlearned issue's cell is empty."""
    result = run("tag", "article.txt", "--format", "csv")

    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows[0] == [
        *("article", "paragraph", "issues"),
        *("taiwan", "trade", "climate", "fentanyl"),
    ]
    assert rows[1][:3] == ["article", "1", "taiwan"]
    assert float(rows[1][3]) > float(rows[1][4])
    assert rows[1][5] == ""


def test_standard_input_is_an_article(workspace, run):
    """A dash reads the text from standard input."""
    result = run("tag", "-", "--format", "jsonl", stdin="Tariffs on trade rose.")

    record = json.loads(result.stdout)
    assert (record["article"], record["issues"]) == ("-", ["trade"])


def test_bad_files_do_not_stop_the_good_ones(workspace, run):
    """Each bad file has one line, the good ones their tags, and the exit code is 1."""
    (workspace / "empty.txt").write_text("")
    (workspace / "binary.txt").write_bytes(b"\x00\x01")
    (workspace / "old.txt").write_bytes(b"Tariffs on caf\xe9s rose in trade.")

    result = run(
        *("tag", "gone.txt", "empty.txt", "article.txt", "binary.txt", "old.txt"),
        *("--format", "jsonl"),
    )

    assert result.exit_code == 1
    articles = {json.loads(line)["article"] for line in lines(result.stdout)}
    assert articles == {"article", "old"}
    assert lines(result.stderr) == [
        "Error: gone.txt: no such file: check the path",
        "Error: empty.txt: no text in it: give a file with at least one paragraph",
        "Error: binary.txt: binary, not a text: give the article's text in UTF-8",
        "Warning: old.txt:1: not UTF-8; read as Windows-1252",
    ]


def test_a_warning_is_no_failure(workspace, run):
    """A text of another encoding is tagged, warned of, and the exit code is 0."""
    (workspace / "old.txt").write_bytes(b"caf\xe9")

    result = run("tag", "old.txt")

    assert result.exit_code == 0
    assert "Windows-1252" in result.stderr


def test_selections_narrow_the_tags(workspace, run):
    """Thresholds, issues and a top are taken as documented."""

    def issues(*options: str) -> list[str]:
        result = run("tag", "article.txt", "--format", "jsonl", *options)
        return json.loads(lines(result.stdout)[0])["issues"]

    assert issues("--threshold", "1") == []
    assert len(issues("--threshold", "0")) == 3
    assert len(issues("--threshold", "0", "--top", "2")) == 2
    assert issues("--threshold", "0", "--issue", "trade") == ["trade"]
    assert issues("--threshold", "1", "--threshold", "trade=0") == ["trade"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tag"], "Missing argument 'PATH...'"),
        (["tag", "article.txt", "--threshold", "2"], "'2' is no probability"),
        (["tag", "article.txt", "--threshold", "trade=x"], "is no probability"),
        (["tag", "article.txt", "--top", "0"], "0 is not in the range x>=1"),
        (["tag", "article.txt", "--issue", "tade"], "(did you mean 'trade'?)"),
        (
            ["tag", "article.txt", "--issue", "taiwan", "--threshold", "trade=0.3"],
            "--issue leaves 'trade' out",
        ),
        (["tag", "article.txt", "-o", "out.parquet"], "Parquet goes to a folder"),
        (["tag", "article.txt", "-o", "out.tsv"], "not written as TSV here"),
        (["tag", "article.txt", "-o", "out.csv.gz"], "name it without .gz"),
        (["tag", "article.txt", "-o", "memory://out.jsonl"], "end it with /"),
        (["issues", "list", "-o", "out.csv"], "not written as CSV here"),
        (["issues", "list", "-o", "corpus"], "'corpus' is a folder: name a file"),
        (
            ["explain", "article.txt", "--paragraph", "3"],
            "the article has 2 paragraphs",
        ),
        (["explain", "corpus"], "'corpus' is a folder: name a file"),
        (["tag", "article.txt", "-o", "article.txt"], "is read as well"),
        (["tag", ".", "-o", "article.txt"], "is read as well"),
        (["explain", "article.txt", "-o", "article.txt"], "is read as well"),
        (["explain", "article.txt", "--issue", "climate"], "is not learned"),
        (["issues", "show", "tawain"], "(did you mean 'taiwan'?)"),
        (["tga", "article.txt"], "No such command 'tga' (did you mean 'tag'?)"),
    ],
)
def test_misuse_is_exit_code_2(workspace, run, arguments, message):
    """What was typed wrongly is named, and the exit code is 2."""
    result = run(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert not result.stdout


@pytest.mark.parametrize("format_", ["table", "json", "jsonl", "csv"])
def test_an_output_file_is_what_standard_output_would_be(workspace, run, format_):
    """The file has the same text, without colours, and nothing is printed."""
    printed = run("tag", "article.txt", "--format", format_).stdout

    result = run("tag", "article.txt", "--format", format_, "-o", "out")

    assert not result.stdout
    assert (workspace / "out").read_text() == printed


@pytest.mark.parametrize(
    ("name", "options", "format_"),
    [
        ("out.csv", [], "csv"),
        ("out.JSONL", [], "jsonl"),
        ("out.txt", [], "table"),
        ("out.csv", ["--format", "json"], "json"),
    ],
)
def test_the_name_of_an_output_tells_its_format(workspace, run, name, options, format_):
    """What is called .csv is CSV, unless it is asked for otherwise."""
    expected = run("tag", "article.txt", "--format", format_).stdout

    run("tag", "article.txt", "-o", name, *options)

    assert (workspace / name).read_text() == expected


def test_an_output_that_cannot_be_written_is_one_line(workspace, run):
    """A missing folder is named without a traceback."""
    result = run("tag", "article.txt", "-o", "no/such/out")

    assert result.exit_code == 1
    assert len(lines(result.stderr)) == 1
    assert result.stderr.endswith("no/such/out: No such file or directory\n")


def test_ctrl_c_is_one_line_and_keeps_an_earlier_result(workspace, run, monkeypatch):
    """The exit code is the one that shells give."""
    (workspace / "out").write_text("earlier")

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("classifier.tagging.tagger.Tagger.tag_articles", stop)
    result = run("tag", "article.txt", "-o", "out")

    assert result.exit_code == 130
    assert result.stderr == "Error: stopped\n"
    assert (workspace / "out").read_text() == "earlier"


def test_a_failed_run_keeps_an_earlier_result(workspace, run):
    """Where nothing could be tagged, the output file stays as it was."""
    (workspace / "out").write_text("earlier")

    assert run("tag", "gone.txt", "-o", "out").exit_code == 1
    assert (workspace / "out").read_text() == "earlier"
    assert run("tag", "gone.txt", "article.txt", "-o", "out").exit_code == 1
    assert "taiwan" in (workspace / "out").read_text()


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
def test_a_pipe_of_another_encoding_gets_utf_8(workspace, encoding):
    """No character that a pipe's encoding lacks ends in a traceback."""
    long = "Caf\u00e9 \u53f0\u7063 tariffs on steel rose " * 9
    (workspace / "long.txt").write_text(long, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "classifier", "explain", "long.txt"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=True,
    )

    assert "\u2588" in done.stdout.decode("utf-8")
    assert not done.stderr


def test_unreadable_rows_are_said_not_to_be_counted(workspace, run):
    """Counting labels warns of rows that it had to leave out."""
    labels = workspace / "labels.csv"
    labels.write_text(labels.read_text() + "bad,row\n")

    assert "1 unreadable rows are not counted" in run("labels", "stats").stderr


def test_a_damaged_version_is_one_line(workspace, version, run):
    """Tagging with a damaged version says what is wrong and what to do."""
    path = version / "weights.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    result = run("tag", "article.txt")

    assert result.exit_code == 1
    assert re.fullmatch(
        r"Error: .*weights\.npz: not as it was saved \(digest differs\): restore .*\n",
        result.stderr,
    )


def test_explain_shows_what_sums_to_the_score(workspace, run):
    """The printed contributions, the rest and the intercept add up."""
    result = run("explain", "article.txt", "--paragraph", "1", "--top", "3")

    assert result.exit_code == 0
    assert lines(result.stdout)[0] == "1  Warplanes crossed the strait."
    assert "taiwan 0." in result.stdout
    values = [
        float(v) for v in re.findall(r"^ +([+-]\d+\.\d\d)", result.stdout, re.MULTILINE)
    ]
    assert len(values) == 3 + 3
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=0.03)


def test_explain_as_json_has_every_untagged_paragraph_too(workspace, run, contextual):
    """A paragraph without an issue is explained by its most probable one."""
    store = ModelStore(workspace / "models")
    store.promote(contextual.save(store.root).name)
    result = run("explain", "article.txt", "--format", "json")

    found = json.loads(result.stdout)
    assert [record["paragraph"] for record in found] == [1, 2]
    assert found[1]["probability"] < found[1]["threshold"]
    assert {"ngram", "value", "part"} == set(found[0]["contributions"][0])
    parts = [{c["part"] for c in record["contributions"]} for record in found]
    assert parts[0] <= {"text", "following"}
    assert "previous" in parts[1]


def test_train_saves_a_version_beside_the_one_in_use(workspace, run, version):
    """A second version waits for its promotion, which can be taken back."""
    result = run("train")

    assert result.exit_code == 0
    name = result.stdout.split(":")[0]
    assert re.fullmatch(
        r"\S+: micro F1 0\.\d{3}, macro F1 0\.\d{3} .*\n", result.stdout
    )
    assert "issue 'climate' is not learned: 2 paragraphs in 2" in result.stderr
    assert f"models promote {name}" in result.stderr
    store = ModelStore(workspace / "models")
    assert store.current() == version.name

    assert run("models", "promote", name).exit_code == 0
    assert store.current() == name
    assert run("models", "rollback").stdout.startswith(f"{version.name} is in use")
    assert store.current() == version.name
    assert run("train", "--promote").stdout.rstrip().endswith("now in use")


def test_a_dry_run_saves_nothing(workspace, run):
    """Figures are printed, and no version is added."""
    before = ModelStore(workspace / "models").versions()

    assert run("train", "--dry-run").stdout.startswith("not saved: micro F1")
    assert ModelStore(workspace / "models").versions() == before


def add_label(workspace, article, number, issues):
    """Replace the label of a paragraph by another one."""
    path = workspace / "labels.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    for row in rows:
        if row[:2] == [article, str(number)]:
            row[3] = issues
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")


def test_retrain_takes_over_new_labels_and_can_be_taken_back(workspace, run, version):
    """Nothing to do is said; a change is trained, compared and put in use."""
    store = ModelStore(workspace / "models")
    result = run("retrain")
    assert (result.exit_code, store.versions()) == (0, [version.name])
    assert "nothing to do" in result.stdout
    add_label(workspace, "2021/a00", 5, "climate trade")

    result = run("retrain")

    assert result.exit_code == 0, result.output
    name = result.stdout.split(":")[0]
    assert store.current() == name != version.name
    assert f"against {version.name}, on the 98 paragraphs that both" in result.stdout
    assert "take it back with 'classifier models rollback'" in result.stdout
    assert run("models", "rollback").exit_code == 0
    assert store.current() == version.name


def test_retrain_does_not_put_a_worse_version_in_use(workspace, run, version):
    """Labels that make no sense give a version that is worse; force takes it."""
    path = workspace / "labels.csv"
    lines = path.read_text().splitlines()
    swapped = [
        re.sub(r",(taiwan trade|taiwan|trade|fentanyl|),a1$", spoil(i), line)
        for i, line in enumerate(lines)
    ]
    path.write_text("\n".join(swapped) + "\n")
    store = ModelStore(workspace / "models")

    result = run("retrain")

    assert result.exit_code == 1
    assert "not put in use, as it is worse beyond noise" in result.stdout
    assert store.current() == version.name
    assert len(store.versions()) == 2
    assert run("retrain", "--force").exit_code == 0
    assert store.current() not in {version.name, None}


def spoil(i):
    """Return labels that a paragraph's words say nothing of."""
    slugs = ("taiwan", "trade", "fentanyl", "", "taiwan trade")
    return f",{slugs[(i * 7 + i // 3) % 5]},a1"


def test_versions_are_compared(workspace, run, version, contextual):
    """F1 by issue of two versions, their difference and its interval."""
    store = ModelStore(workspace / "models")
    other = contextual.save(store.root)

    table = run("models", "compare", version.name, other.name)
    as_json = run("models", "compare", other.name, "--format", "json")

    assert table.exit_code == 0, table.output
    found = lines(table.stdout)
    assert found[0] == "F1 on 98 paragraphs of 24 articles, out-of-fold"
    assert found[2].split() == [
        *("issue", version.name, other.name, "difference", "95", "%"),
    ]
    assert [line.split()[0] for line in found[3:]] == [
        *("taiwan", "trade", "fentanyl", "micro", "macro"),
    ]
    data = json.loads(as_json.stdout)
    assert (data["first"], data["second"]) == (other.name, version.name)
    recorded = json.loads((version / "evaluation.json").read_text())["out_of_fold"]
    for slug, row in data["issues"].items():
        assert row["second"] == recorded["issues"][slug]["f1"]
    (version / "predictions.npz").unlink()
    refused = run("models", "compare", version.name, other.name)
    assert refused.exit_code == 1
    assert "goes without its out-of-fold predictions" in refused.stderr
    on = [{"text": "Taipei counted warplanes.", "issues": ["taiwan"]}] * 3
    (workspace / "on.jsonl").write_text("\n".join(map(json.dumps, on)))
    result = run("models", "compare", version.name, other.name, "--on", "on.jsonl")
    assert result.exit_code == 0, result.output
    assert "3 paragraphs of 3 articles, on.jsonl" in result.stdout


def test_evaluate_prints_the_record_or_measures_anew(workspace, run, version):
    """Unchanged inputs give the version's figures, changed ones are measured."""
    recorded = json.loads(run("evaluate", "--format", "json").stdout)
    assert recorded["model"] == version.name
    assert recorded["issues"]["taiwan"]["support"] == 36

    labels = workspace / "labels.csv"
    labels.write_text(labels.read_text().replace(",taiwan,a1", ",,a1", 1))
    fresh = json.loads(run("evaluate", "--format", "json").stdout)

    assert fresh["model"] is None
    assert f"changed since {version.name}" in run("evaluate").stderr
    assert fresh["issues"]["taiwan"]["support"] == 35
    table = run("evaluate", "--model", version.name).stdout
    assert f"out-of-fold, model {version.name}: micro F1" in table
    assert lines(table)[-2].startswith("macro")
    assert lines(table)[-1] == "* in too few articles to be measured"


def test_evaluate_on_a_file_measures_the_version_in_use(workspace, run):
    """Labelled paragraphs from elsewhere give a row per issue, micro and macro."""
    rows = [
        {"text": "Warplanes crossed the strait.", "issues": ["taiwan"]},
        {"text": "A bakery won a prize.", "issues": []},
        {"text": "Emissions fell.", "issues": ["climate"]},
    ]
    (workspace / "dev.jsonl").write_text("\n".join(map(json.dumps, rows)))

    found = json.loads(run("evaluate", "--on", "dev.jsonl", "--format", "json").stdout)

    assert found["issues"]["taiwan"]["f1"] == 1.0
    assert found["issues"]["climate"]["f1"] == 0.0
    assert found["macro"]["f1"] == 0.5
    assert found["n_measured"] == 2
    table = csv.reader(
        io.StringIO(run("evaluate", "--on", "dev.jsonl", "--format", "csv").stdout)
    )
    rows = list(table)
    assert [row[0] for row in rows] == [
        *("issue", "taiwan", "trade", "climate", "fentanyl"),
    ]
    assert {len(row) for row in rows} == {len(rows[0])}
    assert {"f1", "f1_low", "f1_high"} <= set(rows[0])


def test_labels_check_names_problems(workspace, run):
    """Fitting labels pass; a changed text is found, with line and mend."""
    good = run("labels", "check")
    assert (good.exit_code, good.stdout) == (0, "")
    article = workspace / "corpus" / "2021" / "a00.txt"
    article.write_text(article.read_text().replace("bakery", "brewery"))

    bad = run("labels", "check")

    assert bad.exit_code == 1
    assert re.search(r"labels\.csv:4: the text of paragraph 3 has changed", bad.stdout)
    assert bad.stderr.endswith("labels, 1 problem\n")


def test_labels_stats_counts(workspace, run):
    """Paragraphs and articles are counted per issue and annotator."""
    found = json.loads(run("labels", "stats", "--format", "json").stdout)

    assert found["n_articles"] == 24
    assert found["annotators"] == {"a1": found["n_labels"]}
    assert found["issues"]["climate"] == {"n_paragraphs": 2, "n_articles": 2}
    assert "climate            2         2   2.0%" in run("labels", "stats").stdout
    assert run("labels", "stats", "--format", "csv").stdout.count("\n") == 5


def test_labels_agreement_compares_annotators(workspace, run):
    """Only paragraphs with several annotators count, issue by issue."""
    labels = workspace / "labels.csv"
    rows = labels.read_text().splitlines()
    second = [row.removesuffix("a1") + "a2" for row in rows[1:11]]
    second[0] = second[0].replace(",taiwan,", ",,")
    labels.write_text("\n".join([*rows, *second]) + "\n")

    found = json.loads(run("labels", "agreement", "--format", "json").stdout)

    assert found["n_paragraphs"] == 10
    assert found["issues"]["taiwan"]["n_disputed"] == 1
    assert found["issues"]["trade"]["alpha"] == 1.0
    assert "trade         3         0   1.00" in run("labels", "agreement").stdout
    csv_ = run("labels", "agreement", "--format", "csv").stdout
    assert "fentanyl,1,0,1.0" in csv_


def test_issues_are_listed_and_shown(workspace, run):
    """The codebook of the workspace is read."""
    assert "taiwan    Taiwan" in run("issues", "list").stdout
    assert "- transits of the strait" in run("issues", "show", "taiwan").stdout
    assert "4 issues, no problems" in run("issues", "check").stderr
    book = workspace / "corpus" / "codebook.toml"
    book.write_text(book.read_text().replace('name = "Trade"', 'nam = "Trade"'))

    bad = run("issues", "check")

    assert bad.exit_code == 1
    assert len(lines(bad.stderr)) == 2
    assert "unknown key 'nam' (did you mean 'name'?)" in bad.stderr


def test_what_cannot_be_saved_is_told_before_training(workspace, run, monkeypatch):
    """Nobody waits for a version that there is no place for."""
    shutil.rmtree(workspace / "models")
    (workspace / "models").write_text("no folder")
    monkeypatch.setattr(
        "classifier.training.train.train", lambda *_, **__: pytest.fail("trained")
    )

    result = run("train")

    assert result.exit_code == 1
    assert "models: no version can be saved here: File exists" in result.stderr


def test_a_version_in_use_that_is_gone_is_told(workspace, run, version):
    """The list says where the version in use is not among those it lists."""
    (workspace / "models" / "current").write_text("2020-01-01-01\n")

    result = run("models", "list")

    assert result.exit_code == 1
    assert version.name in result.stdout
    assert "no version '2020-01-01-01', which is to be in use" in result.stderr


def test_models_are_listed_shown_and_verified(workspace, run, version):
    """The version in use is marked; a damaged one is reported and the others shown."""
    listed = run("models", "list").stdout
    assert f"* {version.name}" in listed
    manifest = json.loads(run("models", "show", "--format", "json").stdout)
    assert manifest["version"] == version.name
    assert run("models", "show").stdout.startswith("# Which issues")
    assert run("models", "verify").stdout == f"{version.name}: as it was saved\n"

    copy = version.parent / "2000-01-01-01"
    shutil.copytree(version, copy)
    (copy / "card.md").write_text("altered")

    verified = run("models", "verify")
    assert verified.exit_code == 1
    assert version.name in verified.stdout
    assert "card.md: not as it was saved" in verified.stderr
    assert f"* {version.name}" in run("models", "list").stdout


def test_the_workspace_may_stand_before_or_behind_the_command(
    workspace, run, monkeypatch, tmp_path
):
    """Both places name the workspace; a folder that is none is refused."""
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["--workspace", str(workspace), "issues", "list"],
        ["issues", "list", "--workspace", str(workspace)],
    ):
        assert len(lines(run(*arguments).stdout)) == 5
    refused = run("issues", "list", "--workspace", str(tmp_path / "none"))
    assert refused.exit_code == 1
    assert "no workspace" in refused.stderr
    monkeypatch.delenv("CLASSIFIER_WORKSPACE", raising=False)
    assert "name it with --workspace" in run("labels", "check").stderr


def test_a_model_may_be_named_by_folder(workspace, version, run, tmp_path):
    """A version's folder from elsewhere is taken as it is."""
    other = tmp_path / "from-a-friend"
    shutil.copytree(version, other)

    result = run("tag", "article.txt", "--format", "jsonl", "--model", str(other))

    assert json.loads(lines(result.stdout)[0])["issues"] == ["taiwan"]
    assert sha256((other / "card.md").read_bytes())


def test_evaluate_writes_a_report(workspace, run, version):
    """Out-of-fold with a learning curve, or on a file; errors carry their words."""
    (workspace / "on.jsonl").write_text(
        '{"text": "Tariffs on steel rose <b>.", "issues": ["taiwan"]}\n'
    )

    result = run("evaluate", "--report", "report.html")
    on_file = run("evaluate", "--on", "on.jsonl", "--report", "on.html")

    assert result.exit_code == on_file.exit_code == 0, result.output + on_file.output
    assert result.stderr.endswith("report: report.html\n")
    page = (workspace / "report.html").read_text()
    assert version.name in page
    assert "out-of-fold" in page
    assert "articles trained on" in page.lower() or "more labels" in page.lower()
    other = (workspace / "on.html").read_text()
    assert "on.jsonl" in other
    assert "steel" in other
    assert "<b>" not in other.split("</style>")[1].split("steel")[1][:200]
    missing = run("evaluate", "--on", "on.jsonl", "--report", "on.jsonl")
    assert missing.exit_code == 2
    (version / "predictions.npz").unlink()
    refused = run("evaluate", "--report", "report.html")
    assert refused.exit_code == 1
    assert "goes without its out-of-fold predictions" in refused.stderr
    add_label(workspace, "2021/a00", 5, "climate trade")
    assert "train one on the labels" in run("evaluate", "--report", "r.html").stderr
