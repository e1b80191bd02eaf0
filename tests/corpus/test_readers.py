"""The files of a corpus to articles."""

import pytest

from classifier.corpus.readers import read_corpus
from classifier.errors import ArticleError

FRONT = '---\ntitle: "Ships: a tally"\ndate: 2021-07-26\nlang: en\nsource: x\n---\n'


def test_a_corpus_is_parted_by_blank_lines_alone(tmp_path):
    """In the corpus a paragraph's number does not hang on how its lines look."""
    (tmp_path / "2021").mkdir()
    long = "A line that goes on and on, well beyond what any editor would wrap. " * 3
    (tmp_path / "2021" / "x.txt").write_text(f"{FRONT}{long}\n{long}\n\nTwo.\n")

    article = read_corpus(tmp_path)["2021/x"]

    assert [p.number for p in article.paragraphs] == [1, 2]
    assert article.title == "Ships: a tally"


def test_every_bad_file_of_a_corpus_is_named(tmp_path):
    """All files that are not UTF-8 are named at once."""
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"caf\xe9")

    with pytest.raises(ArticleError) as raised:
        read_corpus(tmp_path)

    assert [line.rsplit("/")[-1][:6] for line in str(raised.value).splitlines()] == [
        "a.txt:",
        "b.txt:",
    ]
