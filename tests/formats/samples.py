"""Files of every kind, whole and broken."""

import gzip
import io
import json
from functools import cache

TEXT = "Warplanes crossed the strait near Taipei on Monday, officials said."
MORE = "Tariffs on steel rise to 25 per cent, the ministry of commerce announced."
PAGE = """<!doctype html><html lang="en"><head><title>{title} | The Daily</title>
<meta property="og:site_name" content="The Daily">
<meta property="og:title" content="{title}">
<meta property="article:published_time" content="2024-05-20T08:00:00Z"></head>
<body><nav><a href="/">Home</a><a href="/world">World</a></nav><article><h1>{title}</h1>
<p>{text} A second sentence makes the paragraph long enough to be the main text.</p>
<p>{more} Importers said that they had expected as much for some weeks.</p>
<p>{more} Importers said that they had expected as much for some weeks.</p>
<p>The ministry gave no further details, and the two sides meet again in June.</p>
</article><footer>Subscribe to our newsletter</footer></body></html>"""


def page(title: str = "Jets near the island") -> bytes:
    """Return a web page of news."""
    return PAGE.format(title=title, text=TEXT, more=MORE).encode()


def pdf(lines: list[str]) -> bytes:
    """Return a PDF file with some lines of text, written out by hand."""
    show = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
    stream = f"BT /F1 12 Tf 72 720 Td {show}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def locked_pdf() -> bytes:
    """Return a PDF file that asks for a password."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(PdfReader(io.BytesIO(pdf([TEXT]))))
    writer.encrypt("secret", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx(paragraphs: list[str], title: str) -> bytes:
    """Return a Word document."""
    from docx import Document

    document = Document()
    document.add_heading(title, 0)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def docx_bomb() -> bytes:
    """Return a document of a few hundred kilobytes that inflates to 300 MB."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (300 << 20))
    return out.getvalue()


def warc(pages: dict[str, bytes]) -> bytes:
    """Return a compressed archive of pages by their addresses, and pictures."""
    out = b""
    for address, body in pages.items():
        for kind in ("text/html", "image/png"):
            http = b"HTTP/1.0 200 OK\r\nContent-Type: %s\r\n\r\n" % kind.encode() + body
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {address}\r\n"
                "WARC-Date: 2023-03-04T05:06:07Z\r\n"
                "WARC-Record-ID: <urn:uuid:0d6c7e43-8f0e-4a4e-9f3e-000000000001>\r\n"
                "Content-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(http)}\r\n\r\n"
            )
            out += gzip.compress(head.encode() + http + b"\r\n\r\n")
    return out


def parquet(rows: list[dict]) -> bytes:
    """Return a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


ROWS = [
    {
        "id": "a1",
        "headline": "Jets",
        "published": "2024-05-20",
        "outlet": "The Daily",
        "body": TEXT,
    },
    {
        "id": "a2",
        "headline": "Steel",
        "published": "2024-05-21",
        "outlet": "The Daily",
        "body": f"{MORE}\n\n{TEXT}",
    },
]


def jsonl(rows: list[dict]) -> bytes:
    """Return JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def csv(rows: list[dict], delimiter: str = ",") -> bytes:
    """Return a table."""
    import csv as module

    out = io.StringIO()
    writer = module.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def zst(data: bytes) -> bytes:
    """Return compressed bytes."""
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


@cache
def good_files() -> dict[str, bytes]:
    """Return one good file of each kind by name."""
    rows = jsonl(ROWS)
    return {
        "a.txt": f"{TEXT}\n\n{MORE}\n".encode(),
        "b.md": f"# Jets\n\n{TEXT}\n".encode(),
        "c.html": page(),
        "d.jsonl": rows,
        "e.csv": csv(ROWS),
        "f.tsv": csv(ROWS, "\t"),
        "g.parquet": parquet(ROWS),
        "h.pdf": pdf([TEXT, MORE]),
        "i.docx": docx([TEXT, MORE], "Jets near the island"),
        "j.warc.gz": warc({"https://daily.example/jets": page()}),
        "k.jsonl.gz": gzip.compress(rows),
        "l.csv.zst": zst(csv(ROWS, ";")),
    }


@cache
def bad_files() -> dict[str, tuple[bytes, str]]:
    """Return broken files by name, each with what is to be said of it."""
    deep = b"<div>" * 200_000 + b"x" + b"</div>" * 200_000
    bomb = gzip.compress(b'{"text": "' + b"x" * (40 << 20) + b'"}\n', 9)
    return {
        "cut.docx": (good_files()["i.docx"][:2000], "not a Word document, damaged"),
        "cut.parquet": (good_files()["g.parquet"][:500], "not a Parquet file"),
        "cut.pdf": (good_files()["h.pdf"][:200], "damaged|no text in it"),
        "cut.jsonl.gz": (good_files()["k.jsonl.gz"][:-20], "cut off or damaged"),
        "cut.csv.zst": (good_files()["l.csv.zst"][:40], "cut off or damaged|no header"),
        "cut.csv": (b'text,id\n"never closed,1\n', "cut off: a quoted field has no"),
        "cut.warc.gz": (
            good_files()["j.warc.gz"][:300],
            "cut off: its last|no record",
        ),
        "deep.html": (deep, "no main text|not a page"),
        "empty.txt": (b"", "no text in it"),
        "latin.jsonl": (b'{"text": "caf\xe9"}\n', "not UTF-8"),
        "locked.pdf": (locked_pdf(), "asks for a password"),
        "scan.pdf": (pdf([]), "no text in it, perhaps a scan"),
        "bomb.docx": (docx_bomb(), "inflates to 300 MB: refused"),
        "wrong.parquet": (b"text\n" * 9, "not a Parquet file"),
        "wrong.txt": (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "binary, not a text"),
        "wide.jsonl": (jsonl(ROWS).decode().encode("utf-16"), "UTF-16: save it as"),
        "names.csv": (b"a,b\n1,2\n", "no texts in it, only 'a', 'b'"),
        "bomb.jsonl.gz": (bomb, "inflates more than 200 times|a line of more than"),
    }
