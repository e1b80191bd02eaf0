"""Files of every kind to articles."""

import pickle
import re
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from samples import MORE, TEXT, bad_files, good_files

from classifier.errors import ArticleError
from classifier.formats import parquet
from classifier.formats.records import cut_records
from classifier.formats.sources import (
    Journal,
    ReadingOptions,
    find_sources,
    read_articles,
)

# Kinds that tell no more than their text, and what the others tell.
FIELDS = {
    "a.txt": (None, None, None),
    "b.md": ("Jets", None, None),
    "c.html": ("Jets near the island", "2024-05-20", "The Daily"),
    "h.pdf": (None, None, None),
    "i.docx": ("Jets near the island", None, None),
    "j.warc.gz": ("Jets near the island", "2024-05-20", "The Daily"),
}
MANY = ("Jets", "2024-05-20", "The Daily")


def read(path, **options):
    """Return the articles of a path, and the lines on what could not be read."""
    lines = []
    articles = []
    for source in find_sources([str(path)]):
        chosen = ReadingOptions(options.get("columns", {}))
        try:
            articles += read_articles(source, chosen, Journal(lines.append))
        except ArticleError as error:
            lines.append(str(error))
    return articles, lines


def test_every_kind_gives_its_text_and_what_is_known_of_it(tmp_path):
    """Paragraphs, title, date and source come out of each kind of file."""
    for name, data in good_files().items():
        (tmp_path / name).write_bytes(data)
        articles, lines = read(tmp_path / name)

        assert lines == [], name
        first = articles[0]
        expected = FIELDS.get(name, MANY)
        assert (first.title, first.date, first.source) == expected, name
        assert first.paragraphs[0].text.startswith(TEXT), name
        assert [p.number for p in first.paragraphs] == list(
            range(1, len(first.paragraphs) + 1)
        )
        if name not in FIELDS:
            assert [a.id for a in articles] == ["a1", "a2"], name
            assert [p.text for p in articles[1].paragraphs] == [MORE, TEXT], name


@pytest.mark.parametrize("is_numbered", [False, True])
def test_a_table_is_cut_where_its_records_would_be(tmp_path, monkeypatch, is_numbered):
    """Rows that are to become objects elsewhere are cut like those that are."""
    monkeypatch.setattr(parquet, "_BATCH", 7)
    table = pa.table(
        {
            "id": pa.array([f"a{i // 4}" for i in range(50)]).dictionary_encode(),
            "date": pa.array([date(2024, 5, 20)] * 50),
            "text": [
                None if i % 9 == 8 else f"\u53f0 {TEXT}" * (i % 5) for i in range(50)
            ],
            "title": pa.array(["Jets"] * 50, pa.large_string()),
            **({"paragraph": [1 + i % 4 for i in range(50)]} if is_numbered else {}),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    (source,) = find_sources([str(tmp_path / "a.parquet")])
    given = (source, ReadingOptions({}))
    for size in (1, 150, 700, 100_000):
        found = list(parquet.cut_rows(*given, Journal(), size))
        expected = list(cut_records(parquet.records(*given, Journal()), *given, size))

        assert [list(pickle.loads(pickle.dumps(part))) for part in found] == expected  # noqa: S301 - our own
        assert [len(part) for part in found] == list(map(len, expected))


def test_a_page_loses_what_stands_around_its_text(tmp_path):
    """Menus, footers and repeated paragraphs are no part of an article."""
    (tmp_path / "c.html").write_bytes(good_files()["c.html"])

    (article,), _ = read(tmp_path / "c.html")

    texts = [paragraph.text for paragraph in article.paragraphs]
    assert len(texts) == 3
    assert len(set(texts)) == 3
    assert not any("newsletter" in text or "Home" in text for text in texts)


def test_every_broken_file_is_told_in_one_line(tmp_path):
    """Each broken file gives no article and a line that says what is wrong."""
    for name, (data, message) in bad_files().items():
        path = tmp_path / name
        path.write_bytes(data)

        articles, lines = read(path)

        assert not any(TEXT in a.paragraphs[0].text for a in articles), name
        assert lines, name
        assert all(line.startswith(str(path)) for line in lines), lines
        assert re.search(message, lines[-1]), (name, lines)
        assert not any("\n" in line for line in lines)


def test_good_records_of_a_bad_file_are_kept(tmp_path):
    """A line that is no record costs itself alone."""
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "{TEXT}"}}\nno json\n[1]\n{{"text": ""}}\n{{"x": 1}}\n')
    articles, lines = read(path)

    assert [a.id for a in articles] == [str(tmp_path / "a:1")]
    assert [line.removeprefix(f"{path}:") for line in lines] == [
        "2: not JSON (Expecting value): left out",
        "3: not a JSON object: left out",
        "4: no text in 'text': left out",
        "5: no texts in it, only 'x': give --column text=NAME",
    ]
    table = tmp_path / "a.csv"
    table.write_text(f'text,id\n"{TEXT}",1\nx,2,3\n"{MORE}",4\n')
    articles, lines = read(table)
    assert [a.id for a in articles] == ["1", "4"]
    assert lines == [f"{table}:3: 3 fields, the header has 2: left out"]


def test_columns_are_found_by_name_or_named(tmp_path):
    """Usual names are found in any case; others are said, and a wrong one corrected."""
    path = tmp_path / "a.csv"
    path.write_text(f"Headline;Inhalt;Kennung\nJets;{TEXT};7\n")

    _, lines = read(path)
    assert "only 'Headline', 'Inhalt', 'Kennung': give --column text=NAME" in lines[0]
    (article,), lines = read(path, columns={"text": "inhalt", "id": "Kennung"})
    assert (article.id, article.title, lines) == ("7", "Jets", [])
    _, lines = read(path, columns={"text": "Inhalte"})
    assert "no column 'Inhalte' (did you mean 'Inhalt'?)" in lines[0]


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_records_of_paragraphs_make_articles(tmp_path, kind):
    """Rows that number their paragraphs, as our own output does, are put together."""
    path = tmp_path / f"a.{kind}"
    rows = [("x", 1, TEXT), ("x", 3, MORE), ("y", 1, MORE)]
    if kind == "jsonl":
        line = '{{"article": "{}", "paragraph": {}, "text": "{}"}}\n'
        path.write_text("".join(line.format(*row) for row in rows))
    else:
        lines = [f'{a},{n},"{t}"\n' for a, n, t in rows]
        path.write_text("article,paragraph,text\n" + "".join(lines))

    articles, lines = read(path)

    assert lines == []
    assert [(a.id, [p.number for p in a.paragraphs]) for a in articles] == [
        ("x", [1, 3]),
        ("y", [1]),
    ]


def test_a_column_without_a_name_numbers_no_paragraphs(tmp_path):
    """As pandas writes its index; every row is an article."""
    path = tmp_path / "a.csv"
    path.write_text(f',id,text\n0,x,"{TEXT}\n\n{MORE}"\n1,y,"{MORE}"\n')

    articles, lines = read(path)

    assert lines == []
    assert [(a.id, [p.number for p in a.paragraphs]) for a in articles] == [
        ("x", [1, 2]),
        ("y", [1]),
    ]


def test_a_quote_too_many_costs_its_row_alone(tmp_path):
    """The rows behind it are read."""
    path = tmp_path / "a.tsv"
    path.write_text(f'id\ttext\n1\t{TEXT}\n2\t"Taiwan" jets\n3\t{MORE}\n')

    articles, lines = read(path)

    assert [article.id for article in articles] == ["1", "3"]
    (line,) = lines
    assert line.startswith(f"{path}:3: a stray quote")
    assert line.endswith(": left out")


@pytest.mark.parametrize(
    "header", ['"Text";"Title, or more, of it"', '"id, old";text;"a,b,c"']
)
def test_a_delimiter_within_quotes_parts_nothing(tmp_path, header):
    """The semicolon is found though commas are more."""
    path = tmp_path / "a.csv"
    path.write_text(f"{header}\n{TEXT};{TEXT}" + ";x\n" * ("id" in header))

    (article,), lines = read(path)

    assert lines == []
    assert article.paragraphs[0].text == TEXT


def test_a_stray_quote_in_the_header_hides_no_columns(tmp_path):
    """Its names are read as far as they go."""
    path = tmp_path / "a.csv"
    path.write_text(f'id;text;"Notes" of it\n7;"{TEXT}";x\n')

    (article,), lines = read(path)

    assert (article.id, article.paragraphs[0].text, lines) == ("7", TEXT, [])


def test_a_word_document_gives_its_tables_too(tmp_path):
    """A row is a paragraph, in its place; a cell over two columns is read once."""
    from docx import Document

    document = Document()
    document.add_paragraph(TEXT)
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Duties"
    table.cell(1, 0).text, table.cell(1, 1).text = "steel", "25 per cent"
    document.add_paragraph(MORE)
    document.save(str(tmp_path / "a.docx"))

    (article,), _ = read(tmp_path / "a.docx")

    texts = [paragraph.text for paragraph in article.paragraphs]
    assert texts == [TEXT, "Duties", "steel, 25 per cent", MORE]


def test_a_file_given_twice_is_read_once(tmp_path, monkeypatch):
    """However it is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text(TEXT)

    found = list(find_sources(["sub", "sub/a.txt", "./sub/*.txt", str(tmp_path)]))

    assert [source.path for source in found] == ["sub/a.txt"]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"%PDF-1.7\n1 0 obj", "looks like PDF, not like prose: name it .pdf"),
        ("a.txt", b"\n<!DOCTYPE HTML><p>x", "looks like HTML"),
        ("a.txt", b'{"text": "Tariffs rose."}\n', "looks like JSONL"),
        ("a.txt", b"\x1f\x8b\x08\x00", "compressed: unpack it first"),
        ("a.jsonl", b"\x28\xb5\x2f\xfd\x00", "compressed: unpack it first"),
    ],
)
def test_what_is_plainly_of_another_kind_is_told(tmp_path, name, data, message):
    """It is not tagged as if its source were prose."""
    (tmp_path / name).write_bytes(data)

    articles, lines = read(tmp_path / name)

    assert articles == []
    assert message in lines[0]


def test_folders_and_patterns_stand_for_files(tmp_path):
    """A pattern stands for what fits it, a folder for the kinds that are known."""
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "d.jsonl"):
        (tmp_path / "sub" / name).write_bytes(good_files()[name])
    (tmp_path / "notes.xyz").write_text("One.")

    def found(path):
        return [source.relative for source in find_sources([str(path)])]

    assert found(tmp_path) == ["sub/a.txt", "sub/d.jsonl"]
    assert found(tmp_path / "**" / "*.txt") == ["sub/a.txt"]
    assert found(tmp_path / "notes.xyz") == ["notes.xyz"]
    _, lines = read(tmp_path / "*.pdf")
    assert lines == [f"{tmp_path}/*.pdf: no such file: check the path"]


def test_a_missing_library_is_named_with_its_extra(tmp_path, monkeypatch):
    """What to install is said; the libraries are no part of the base install."""
    modules = {
        "c.html": ("trafilatura", "html"),
        "g.parquet": ("pyarrow.parquet", "parquet"),
        "h.pdf": ("pypdf", "pdf"),
        "i.docx": ("docx", "docx"),
        "j.warc.gz": ("warcio.archiveiterator", "warc"),
        "l.csv.zst": ("zstandard", "zst"),
    }
    monkeypatch.setattr("classifier.extras.find_spec", lambda _: None)
    for name, (module, extra) in modules.items():
        monkeypatch.setitem(__import__("sys").modules, module, None)
        (tmp_path / name).write_bytes(good_files()[name])

        _, lines = read(tmp_path / name)

        package = module.split(".")[0]
        assert lines == [
            f"{tmp_path / name}: needs {package}: pip install 'classifier[{extra}]'"
        ]
