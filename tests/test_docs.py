"""Help and documents say what is so."""

import re
import shlex
from pathlib import Path

import click
import pytest

from classifier.cli import main

ROOT = Path(__file__).parents[1]


def commands(group: click.Group = main, path: tuple[str, ...] = ()):
    """Yield every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


ALL = dict(commands())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_help_and_stands_in_the_readme(words):
    """Help is an imperative line and an example; the README names the command."""
    help_ = ALL[words].help or ""
    readme = (ROOT / "README.md").read_text()

    assert re.match(r"[A-Z][^\n]+\.\n", help_)
    assert f"Example: classifier {' '.join(words)}" in help_
    row = next(
        line
        for line in readme.splitlines()
        if line.startswith(f"| `classifier {words[0]}")
    )
    assert words[-1] in row
    for parameter in ALL[words].params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            assert parameter.help, f"{parameter.name} has no help"


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_example_runs(workspace, version, run, words):
    """The example of each command's help does what it says."""
    (workspace / "labelled.jsonl").write_text('{"text": "Tariffs.", "issues": []}\n')
    example = re.search(r"Example: classifier (.+)", ALL[words].help or "")
    assert example
    version.rename(version.parent / "2026-01-31-01")
    (version.parent / "current").write_text("2026-01-31-01\n")
    if words == ("models", "rollback"):
        (version.parent / "history").write_text("2026-01-31-01\n")
        assert run("train", "--promote").exit_code == 0

    result = run(*shlex.split(example[1]))

    assert result.exit_code == 0, result.output


def test_the_readmes_python_runs(tmp_path, monkeypatch, capsys):
    """The README's example of Python tags with the model that is carried."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLASSIFIER_WORKSPACE", raising=False)
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert block
    exec(compile(block[1], "README.md", "exec"), {})  # noqa: S102 - our own text

    assert re.fullmatch(r"1 \('taiwan',.*\)\n2 \(\)\n", capsys.readouterr().out)


def test_the_readmes_article_is_no_training_text():
    """The article that the README tags is there, and not among the labelled ones."""
    example = (ROOT / "docs" / "example.txt").read_text().split("---\n", 2)[2]
    corpus = "".join(p.read_text() for p in (ROOT / "corpus").rglob("*.txt"))

    assert "classifier tag docs/example.txt" in (ROOT / "README.md").read_text()
    assert not [text for text in example.split("\n\n") if text.strip() in corpus]


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))])
def test_links_lead_somewhere(page):
    """Every relative link of the documents leads to a file."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target
