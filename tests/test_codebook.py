"""The codebook."""

import pytest
from conftest import CODEBOOK

from classifier.codebook import Codebook
from classifier.errors import CodebookError, UnknownIssueError


def test_issues_come_in_the_order_of_the_file():
    """The order of the file is the order of the slugs."""
    book = Codebook.parse(CODEBOOK.encode())

    assert book.slugs == ("taiwan", "trade", "climate", "fentanyl")
    assert book["taiwan"].include == ("transits of the strait",)


def test_beta_and_terms_are_read():
    """A codebook may say what thresholds are for, and the words of its issues."""
    source = CODEBOOK.replace('name = "Taiwan"', 'name = "Taiwan"\nterms = ["DPP"]')

    book = Codebook.parse(f"beta = 0.5\n{source}".encode())

    assert book.beta == 0.5
    assert book["taiwan"].terms == ("DPP",)
    assert Codebook.parse(CODEBOOK.encode()).beta == 1.0


def test_an_unknown_slug_is_met_with_the_nearest():
    """Asking for a mistyped issue names the one that was meant."""
    book = Codebook.parse(CODEBOOK.encode())

    with pytest.raises(UnknownIssueError, match="did you mean 'trade'"):
        book["tade"]


def test_all_problems_are_named_at_once_with_their_lines():
    """Each broken rule has a line of its own that says where and what."""
    source = b"""\
[[issue]]
slug = "Trade"
name = "Trade"
definition = ""
exlude = ["x"]

[[issue]]
slug = "climate"
name = "Climate"
definition = "Emissions."
include = "coal"
neighbours = ["climte", "in words"]

[[issue]]
slug = "climate"
name = "Again"
definition = "Twice."
"""
    with pytest.raises(CodebookError) as raised:
        Codebook.parse(source, where="book.toml")

    assert str(raised.value).splitlines() == [
        "book.toml:1: issue 'Trade': 'definition' is missing: give it a text",
        "book.toml:1: issue 'Trade': unknown key 'exlude' (did you mean 'exclude'?)",
        "book.toml:1: issue 'Trade': a slug has lower-case letters, digits and hyphens "
        "only",
        "book.toml:7: issue 'climate': 'include' must be a list of texts: "
        'include = ["...", "..."]',
        "book.toml:7: issue 'climate': unknown neighbour 'climte' "
        "(did you mean 'climate'?)",
        "book.toml:14: 'climate' is taken: line 7 has it too",
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"[[issue]\n", "book.toml: not a TOML file in UTF-8: .*line 1"),
        (b"\xff", "book.toml: not a TOML file in UTF-8"),
        (b"", r"book.toml: no \[\[issue\]\] table"),
        (b"[other]\n", "unknown 'other': a codebook has"),
        (b"beta = 0\n", "'beta' must be a number from 0.1 to 10"),
        (b"beta = true\n", "'beta' must be a number from 0.1 to 10"),
    ],
)
def test_what_is_no_codebook_is_refused(source, message):
    """A file of another kind is refused with what it lacks."""
    with pytest.raises(CodebookError, match=message):
        Codebook.parse(source, where="book.toml")


def test_a_missing_codebook_is_named(tmp_path):
    """A missing file is named."""
    with pytest.raises(CodebookError, match=r"gone\.toml: cannot read the codebook"):
        Codebook.read(tmp_path / "gone.toml")
