"""The label set."""

import pytest
from conftest import CODEBOOK
from hypothesis import given
from hypothesis import strategies as st

from classifier.codebook import Codebook
from classifier.corpus.article import Article, Paragraph, paragraph_digest
from classifier.errors import LabelsError
from classifier.labels import Label, LabelSet, Problem, check_labels

HEADER = b"article,paragraph,digest,issues,annotator\n"
TEXTS = ("Tariffs rose.", "Taipei protested.", "He had tea.")
BOOK = Codebook.parse(CODEBOOK.encode())
CORPUS = {
    "2021/visit": Article(
        "2021/visit", tuple(Paragraph(n, t) for n, t in enumerate(TEXTS, 1))
    )
}
DIGESTS = [paragraph_digest(text) for text in TEXTS]


def problems_of(*rows: str) -> list[Problem]:
    """Check rows below the header against the small corpus."""
    source = HEADER + "".join(f"{row}\n" for row in rows).encode()
    return check_labels(LabelSet.parse(source), CORPUS, BOOK)


def test_labels_that_fit_have_no_problem():
    """Several issues, none, and two annotators are all in order."""
    assert not problems_of(
        f"2021/visit,1,{DIGESTS[0]},trade taiwan,a1",
        f"2021/visit,1,{DIGESTS[0]},trade,a2",
        f"2021/visit,3,{DIGESTS[2]},,a1",
    )


def test_all_problems_are_named_at_once():
    """Each problem has its line, what it is, and how to mend it."""
    found = problems_of(
        f"2021/visti,1,{DIGESTS[0]},trade,a1",
        f"2021/visit,1,{DIGESTS[0]},tawain,a1",
        f"2021/visit,2,{DIGESTS[2]},,a1",
        "2021/visit,3,000000000000,,a1",
        "2021/visit,4,000000000000,,a1",
        f'2021/visit,1,{DIGESTS[0]},"trade,taiwan",a1',
        f"2021/visit,1,{DIGESTS[0]},trade trade,a2",
        f"2021/visit,1,{DIGESTS[0]},trade,a2",
        "2021/visit,one,xyz,,",
        "2021/visit,1",
    )

    assert [(problem.line, problem.text) for problem in found] == [
        (
            2,
            "unknown article '2021/visti' (did you mean '2021/visit'?): "
            "there is no such file",
        ),
        (3, "unknown issue 'tawain' (did you mean 'taiwan'?)"),
        (
            4,
            "the text of paragraph 2 has changed since: the text is paragraph 3 now: "
            "write 3",
        ),
        (
            5,
            "the text of paragraph 3 has changed since: read it again and set its "
            f"digest to {DIGESTS[2]}",
        ),
        (6, "'2021/visit' has 3 paragraphs, not 4: delete this line"),
        (7, "issues 'trade,taiwan': part them by one space"),
        (8, "issue 'trade' stands 2 times: keep one"),
        (
            9,
            "annotator 'a2' labelled paragraph 1 of '2021/visit' on line 8 already: "
            "keep one of the two",
        ),
        (10, "paragraph 'one' is no whole number from 1"),
        (10, "digest 'xyz' is not 12 hex digits in lower case"),
        (10, "no annotator: say who judged"),
        (11, "2 fields, not 5: write article,paragraph,digest,issues,annotator"),
    ]


def test_a_line_number_counts_lines_of_the_file():
    """A quoted line end before a row does not shift the row's line."""
    found = problems_of('"2021/\nvisit",1,000000000000,,a1', "2021/visit,1")

    assert [problem.line for problem in found] == [2, 4]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            b"article,paragraph\n",
            "labels.csv:1: the header must be article,paragraph,d",
        ),
        (b"", "labels.csv:1: the header must be"),
        (HEADER + b"caf\xe9,1\n", "labels.csv:2: not UTF-8"),
        (HEADER + b'"open,1\n', "labels.csv:2: not CSV: .*mend the quotes"),
    ],
)
def test_a_file_of_another_kind_is_refused(source, message):
    """What cannot be read as a label set is refused with line and reason."""
    with pytest.raises(LabelsError, match=message):
        LabelSet.parse(source)


def test_a_missing_file_is_named(tmp_path):
    """A missing file is named."""
    with pytest.raises(LabelsError, match=r"gone\.csv: cannot read the labels"):
        LabelSet.read(tmp_path / "gone.csv")


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("last", [True, False])
def test_what_nobody_changed_keeps_its_bytes(tmp_path, ending, mark, last):
    """Quotes, order, line ends, byte order mark and bad rows survive reading."""
    rows = [b'"2021/visit","1",0123456789ab,"trade",a1', b"", b"bad,row"]
    source = mark + ending.join([HEADER.strip(), *rows]) + (ending if last else b"")
    path = tmp_path / "labels.csv"
    path.write_bytes(source)

    LabelSet.read(path).write(path)

    assert path.read_bytes() == source


fields = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
)
labels = st.builds(
    Label,
    fields,
    st.integers(1, 999),
    st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
    st.lists(st.sampled_from(BOOK.slugs), unique=True).map(tuple),
    fields.filter(str.strip),
)


@given(st.lists(labels), st.lists(labels))
def test_labels_survive_the_file(first, more):
    """What is added is read back, and what stood there stays as it was."""
    old = LabelSet(()).with_labels(first)
    new = old.with_labels(more)

    assert list(new.labels) == first + more
    assert new.source.startswith(old.source)


def test_annotators_are_resolved_by_majority():
    """More than half of the annotators decide, on a tie the first."""
    d = DIGESTS[0]
    rows = [
        Label("a", 1, d, ("trade", "taiwan"), "a1"),
        Label("a", 1, d, ("climate",), "a2"),
        Label("b", 1, d, ("trade",), "a1"),
        Label("b", 1, d, ("taiwan",), "a2"),
        Label("b", 1, d, ("taiwan", "climate"), "a3"),
    ]

    resolved = LabelSet(()).with_labels(rows).resolve()

    assert resolved == {("a", 1): ("trade", "taiwan"), ("b", 1): ("taiwan",)}
