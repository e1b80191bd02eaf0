"""``classifier tag`` on tables, streams and folders of outputs."""

import csv
import io
import json
import subprocess
import sys

import pytest
from samples import MORE, TEXT, jsonl


def records(text: str) -> list[dict]:
    """Return the objects of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_standard_input_may_hold_records(workspace, run):
    """`--input-format` says what comes through a pipe."""
    data = jsonl([{"id": "x", "text": TEXT}, {"id": "y", "text": MORE}])

    result = run("tag", "-", "--input-format", "jsonl", "--format", "jsonl", stdin=data)

    assert result.exit_code == 0, result.stderr
    assert [record["article"] for record in records(result.stdout)] == ["x", "y"]


def test_a_pipe_may_hold_parquet(version):
    """A pipe has no end to go to first, where such a file says what is in it."""
    from samples import good_files

    code = "from classifier.cli import main; main(prog_name='classifier')"
    done = subprocess.run(
        [
            *(sys.executable, "-c", code, "tag", "-"),
            *("--input-format", "parquet", "--format", "jsonl"),
        ],
        input=good_files()["g.parquet"],
        capture_output=True,
        check=True,
    )

    found = [record["article"] for record in records(done.stdout.decode())]
    assert found == ["a1", "a2", "a2"]


def test_a_table_keeps_its_rows(workspace, run):
    """Rows come out as they went in, with columns added, or empty without a text."""
    rows = [["nr", "Body", "note"], ["1", f"{MORE}\n\n{TEXT}", "a;b"], ["2", "", '"']]
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    (workspace / "t.csv").write_text(out.getvalue())

    result = run("tag", "t.csv", "--keep-rows")

    assert result.exit_code == 1
    assert "t.csv:5: no text in 'Body': left out" in result.stderr
    found = list(csv.reader(io.StringIO(result.stdout), delimiter=";"))
    assert [row[:3] for row in found] == rows
    assert found[0][3:5] == ["issues", "taiwan"]
    assert set(found[1][3].split()) == {"taiwan", "trade"}
    assert float(found[1][4]) > 0.5
    assert not any(found[2][3:])


def test_a_folder_gets_an_output_for_each_input(workspace, run):
    """With a folder as output the summary goes to standard error."""
    (workspace / "in").mkdir()
    (workspace / "in" / "a.txt").write_text(TEXT)
    (workspace / "in" / "b.jsonl").write_bytes(jsonl([{"text": MORE}, {"x": 1}]))

    result = run("tag", "in", "-o", "out/")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "Error: in/b.jsonl:2: no texts in it, only 'x': give --column text=NAME",
        "out: 2 inputs: 2 articles, 2 paragraphs, 2 of them tagged, 1 problem",
    ]
    (record,) = records((workspace / "out" / "a.jsonl").read_text())
    assert record["issues"] == ["taiwan"]
    assert run("tag", "in", "-o", "out").exit_code == 1  # it is there, and done
    again = run("tag", "in", "-o", "out", "--resume")
    assert "2 done before" in again.stderr


def test_strict_ends_at_the_first_bad_input(workspace, run):
    """Without it a bad input costs itself alone; with it nothing is written."""
    (workspace / "bad.txt").write_bytes(b"\x00")

    kept = run("tag", "bad.txt", "article.txt", "--format", "jsonl", "-o", "x.jsonl")
    assert kept.exit_code == 1
    assert len(records((workspace / "x.jsonl").read_text())) == 2

    strict = run("tag", "bad.txt", "article.txt", "--strict", "-o", "y.jsonl")
    assert strict.exit_code == 1
    assert "as --strict asks" in strict.stderr
    assert not (workspace / "y.jsonl").exists()
    folder = run("tag", "bad.txt", "article.txt", "--strict", "-o", "y/")
    assert folder.exit_code == 1
    assert "as --strict asks" in folder.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["article.txt", "--resume"], "--resume is for a folder of outputs"),
        (["article.txt", "--format", "parquet"], "Parquet goes to a folder"),
        (["article.txt", "--keep-rows", "--format", "json"], "--keep-rows writes CSV"),
        (["article.txt", "--column", "body=x"], "give text|title|date"),
    ],
)
def test_options_that_mean_nothing_together_are_misuse(
    workspace, run, arguments, message
):
    """What cannot be done is said before anything is read."""
    result = run("tag", *arguments)

    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


COMPLETIONS = [
    ("classifier tag --issue ta", {"taiwan"}),
    ("classifier tag --threshold tr", {"trade="}),
    ("classifier models show 2", {"2026-01-31-01"}),
    ("classifier comp", {"completion"}),
    ("classifier tag --resu", {"--resume"}),
]


@pytest.mark.parametrize(("words", "expected"), COMPLETIONS)
def test_a_shell_completes_names_without_numpy(version, words, expected):
    """Commands, options, issues and versions are offered, and nothing heavy loads."""
    version.rename(version.parent / "2026-01-31-01")
    (version.parent / "current").write_text("2026-01-31-01\n")
    code = (
        "import sys, atexit\n"
        "def say(): print('heavy' if 'numpy' in sys.modules else 'light')\n"
        "atexit.register(say)\n"
        "from classifier.cli import main\n"
        "main(prog_name='classifier')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "_CLASSIFIER_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    *found, weight = done.stdout.split()
    assert {line.partition(",")[2] for line in found} == expected
    assert weight == "light"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(run, shell):
    """The script names the program and calls it back."""
    result = run("completion", shell)

    assert result.exit_code == 0, result.stderr
    assert f"_CLASSIFIER_COMPLETE={shell}_complete" in result.stdout
