"""Text to paragraphs."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.corpus.article import paragraph_digest
from classifier.corpus.paragraphs import clean_text, split_blocks, split_paragraphs

LONG = (
    "The ministry said on Monday that it would answer the new tariffs with measures of "
    "its own, and that exporters had been told to prepare for a difficult spring."
)
OTHER = "Shares fell, and the yuan weakened against the dollar after the announcement."


def test_blank_lines_part_paragraphs():
    """Lines between blank ones are one paragraph, however they were wrapped."""
    text = "One\nparagraph.\n \t\n\nAnother,\nlonger\none.\n"

    assert split_paragraphs(text) == ["One paragraph.", "Another, longer one."]


def test_without_blank_lines_each_line_is_a_paragraph():
    """A text saved with single line ends has a paragraph a line."""
    assert split_paragraphs(f"{LONG}\n{OTHER}\nHe left.") == [LONG, OTHER, "He left."]


def test_a_title_above_a_blank_line_does_not_hide_single_line_ends():
    """Below a title the lines are paragraphs as in a text without blank lines."""
    text = f"Ministry answers tariffs\n\n{LONG}\n{OTHER}"

    assert split_paragraphs(text) == ["Ministry answers tariffs", LONG, OTHER]


@pytest.mark.parametrize("width", [50, 72, 100])
def test_a_hard_wrapped_text_is_not_cut_at_every_line(width):
    """Lines filled to a width are joined; a short last line ends its paragraph."""
    wrapped = "\n".join(
        line for text in (LONG, OTHER) for line in textwrap.wrap(text, width)
    )

    assert split_paragraphs(wrapped) == [LONG, OTHER]


def test_an_indent_begins_a_paragraph_of_a_hard_wrapped_text():
    """Indented first lines part paragraphs even after a full line."""
    text = "\n".join(
        textwrap.wrap(LONG, 60, initial_indent="    ")
        + textwrap.wrap(LONG, 60, initial_indent="    ")
    )

    assert split_paragraphs(text) == [LONG, LONG]


def test_hard_wrapped_blocks_stay_whole():
    """Blank lines part the paragraphs of a hard-wrapped text that has them."""
    text = "\n\n".join(textwrap.fill(t, 60) for t in (LONG, OTHER, LONG))

    assert split_paragraphs(text) == [LONG, OTHER, LONG]


def test_a_line_too_long_to_be_wrapped_is_a_paragraph_anywhere():
    """A block of unwrapped lines among blank lines is cut at its line ends."""
    text = f"QUESTION: And then?\n\n{LONG}\nQ Thanks.\n\n{OTHER}"

    assert split_paragraphs(text) == ["QUESTION: And then?", LONG, "Q Thanks.", OTHER]


def test_a_word_cut_at_its_hyphen_stays_whole():
    """A line end after a hyphen leaves no blank in the word."""
    assert split_blocks("x")[0] == "x"
    assert split_paragraphs("on counter-\nnarcotics\n\nTwo.\n\nThree.")[0] == (
        "on counter-narcotics"
    )


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\u2028", "\x85"])
def test_every_line_end_is_a_line_end(ending):
    """Files of other systems split as ours do."""
    text = ending.join(["One.", "", "Two.", "", "Three."])

    assert split_paragraphs(text) == ["One.", "Two.", "Three."]


def test_typesetting_is_undone():
    """Soft hyphens go, no-break spaces become spaces, accents are composed."""
    text = "semi\u00adconductors\u00a0and\u202fmore, cafe\u0301 \u201cquoted\u201d"

    assert clean_text(text) == "semiconductors and more, caf\u00e9 \u201cquoted\u201d"


@given(st.text())
def test_no_word_is_lost(text):
    """Whatever the text, its paragraphs hold its words in their order."""
    words = clean_text(text).replace("-\n", "- ").split()
    found = " ".join(split_paragraphs(text)).split()

    assert "".join(found) == "".join(words)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_digest_survives_wrapping_and_normal_forms(text):
    """The digest of a text is that of the text folded and composed otherwise."""
    import unicodedata

    folded = " \n ".join(text.split())

    assert paragraph_digest(unicodedata.normalize("NFD", folded)) == (
        paragraph_digest(text)
    )


def test_a_digest_is_the_one_that_is_documented():
    """Twelve hex digits of SHA-256 over the folded text."""
    import hashlib

    expected = hashlib.sha256(b"He had tea.").hexdigest()[:12]

    assert paragraph_digest(" He had\n tea.") == expected
