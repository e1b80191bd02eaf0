"""Text and Markdown files to articles."""

import warnings

import pytest

from classifier.errors import ArticleError, ArticleWarning
from classifier.formats.sources import find_sources, read_article

FRONT = '---\ntitle: "Ships: a tally"\ndate: 2021-07-26\nlang: en\nsource: x\n---\n'


@pytest.fixture
def saved(tmp_path):
    """Write bytes to a file and return its path as text."""

    def save(data: bytes | str, name: str = "a.txt") -> str:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)

    return save


def texts(path: str) -> list[str]:
    """Return the texts of an article's paragraphs."""
    return [paragraph.text for paragraph in read_article(path).paragraphs]


def test_front_matter_is_read_and_not_tagged(saved):
    """Title, date and source come from the front matter; the rest is the text."""
    path = saved(f"{FRONT}One.\n\nTwo.\n")

    article = read_article(path)

    assert (article.title, article.date) == ("Ships: a tally", "2021-07-26")
    assert article.source == "x"
    assert article.id == path.removesuffix(".txt")
    assert [(p.number, p.text) for p in article.paragraphs] == [
        (1, "One."),
        (2, "Two."),
    ]


def test_a_rule_at_the_top_is_no_front_matter(saved):
    """A text that opens with a rule keeps all its words."""
    assert "A stormy night" in texts(saved("---\nA stormy night\n---\nWent on.\n"))
    assert texts(saved("---\nNo end, and so no: front matter.\n"))[0].startswith("---")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16"], ids=["plain", "mark", "wide"]
)
def test_unicode_is_read_without_a_word(saved, encoding):
    """UTF-8 with and without a mark, and UTF-16 with one, are read silently."""
    path = saved(f"{FRONT}Café — “quoted”.".encode(encoding))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert texts(path) == ["Café — “quoted”."]
        assert read_article(path).title == "Ships: a tally"


def test_windows_1252_is_read_and_said(saved):
    """A text of old Windows is read as one, with a warning that names the line."""
    path = saved("One.\n\nCaf\u00e9 \u2013 \u201cquoted\u201d.".encode("cp1252"))

    with pytest.warns(
        ArticleWarning, match=r"a\.txt:3: not UTF-8; read as Windows-125"
    ):
        assert texts(path) == ["One.", "Caf\u00e9 \u2013 \u201cquoted\u201d."]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no text in it"),
        (b" \n\n\t\n", "no text in it"),
        (FRONT.encode(), "no text in it"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "binary, not a text"),
        (b"text with a \x00 in it", "binary, not a text"),
        (b"\xff\xfe\x00", "binary, not a text"),
        (b"neither \x81 nor \xff", "binary, not a text"),
    ],
)
def test_what_is_no_text_is_refused(saved, data, message):
    """Empty and binary files are refused in one line that names the file."""
    with pytest.raises(ArticleError, match=rf"a\.txt: {message}") as raised:
        read_article(saved(data))

    assert "\n" not in str(raised.value)


def test_other_kinds_of_files_are_refused(saved, tmp_path):
    """Another kind, a file of many, a folder and a missing one are told apart."""
    with pytest.raises(ArticleError, match=r"\.rtf is not read: save the text as"):
        read_article(saved("One.", "a.rtf"))
    with pytest.raises(ArticleError, match="may hold many articles"):
        read_article(saved('{"text": "One."}', "a.jsonl"))
    with pytest.raises(ArticleError, match="no such file"):
        read_article(str(tmp_path / "gone.txt"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(ArticleError, match="may hold many articles"):
        read_article(str(tmp_path / "folder"))


def test_markdown_loses_its_markup_only(saved):
    """The heading is the title; links, emphasis, lists and code lose their marks."""
    text = """\
# Ships and tariffs

Officials *said* the [new tariffs](https://example.org "t") on **steel** stay.

## Next

- first point
- second_point_here

> quoted `words`

```
code
```
![chart](a.png)

| goods | duty |
|:------|-----:|
| steel | 25 % |

Yes | no.
"""
    path = saved(text, "a.md")

    assert read_article(path).title == "Ships and tariffs"
    assert texts(path) == [
        "Officials said the new tariffs on steel stay.",
        "first point",
        "second_point_here",
        "quoted words",
        "goods, duty steel, 25 %",
        "Yes | no.",
    ]


def test_folders_are_opened_in_order(tmp_path):
    """A folder stands for its files of known kinds, hidden ones left out."""
    for name in ("b.txt", "a.md", "sub/c.TXT", ".hidden/d.txt", "e.xls", ".f.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("One.")

    found = list(find_sources([str(tmp_path), "-", "gone.txt"]))

    names = [source.path.removeprefix(f"{tmp_path}/") for source in found]
    assert names == ["a.md", "b.txt", "sub/c.TXT", "-", "gone.txt"]
