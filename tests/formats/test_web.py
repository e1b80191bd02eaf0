"""Web pages by their addresses."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from samples import TEXT, page

from classifier.errors import ArticleError
from classifier.formats import web
from classifier.formats.sources import (
    Journal,
    ReadingOptions,
    find_sources,
    read_articles,
)

ANSWERS = {
    "/jets": (200, {"Content-Type": "text/html; charset=utf-8"}, page()),
    "/plain": (200, {"Content-Type": "text/plain"}, TEXT.encode()),
    "/moved": (302, {"Location": "/jets"}, b""),
    "/round": (302, {"Location": "/round?again"}, b""),
    "/file": (302, {"Location": "file:///etc/hostname"}, b""),
    "/ftp": (302, {"Location": "ftp://127.0.0.1/x"}, b""),
    "/large": (200, {"Content-Type": "text/html"}, page() + b" " * 3000),
    "/picture": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
}


@pytest.fixture
def site(monkeypatch):
    """Serve the answers on this machine alone, and return the address."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.partition("?")[0]
            if path == "/never":
                over.wait()
            status, headers, body = ANSWERS.get(path, (404, {}, b""))
            if self.path.startswith("/round"):
                headers = {"Location": f"{self.path}?x"}
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        over.set()
        server.shutdown()


def fetch(url, *, allow_private=True):
    """Return the article of an address."""
    (source,) = find_sources([url])
    options = ReadingOptions({}, allow_private)
    (article,) = read_articles(source, options, Journal())
    return article


def test_a_page_is_read_by_its_address(site):
    """Pages and plain texts are articles, also where the address has moved."""
    article = fetch(f"{site}/jets")
    assert (article.id, article.title) == (f"{site}/jets", "Jets near the island")
    assert article.date == "2024-05-20"
    assert article.paragraphs[0].text.startswith(TEXT)
    assert fetch(f"{site}/moved").paragraphs == article.paragraphs
    assert fetch(f"{site}/plain").paragraphs[0].text == TEXT


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/gone", "404 Not Found"),
        ("/picture", "image/png, not a page"),
        ("/round", "redirected too often"),
        ("/file", "Redirection to url 'file:///etc/hostname' is not allowed"),
        ("/ftp", "leads to ftp://127.0.0.1/x, which is no web page"),
    ],
)
def test_what_is_no_page_is_told(site, path, message):
    """Errors, other kinds, and addresses that lead elsewhere are named."""
    with pytest.raises(ArticleError, match=message) as raised:
        fetch(f"{site}{path}")

    assert str(raised.value).startswith(f"{site}{path}: ")


def test_private_addresses_are_refused_unless_asked_for(site):
    """Neither an address nor a name leads into the own network."""
    port = site.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(ArticleError, match=r"leads to the private address .*--all"):
            fetch(f"http://{host}:{port}/jets", allow_private=False)


def test_a_page_has_bounds(site, monkeypatch):
    """What is too large or takes too long is given up."""
    monkeypatch.setattr(web, "_SIZE_LIMIT", len(page()) + 100)
    assert fetch(f"{site}/jets").title
    with pytest.raises(ArticleError, match="larger than 0 MB"):
        fetch(f"{site}/large")
    # Also where each read by itself would be in time, as of what comes in drops.
    monkeypatch.setattr(web, "_SECONDS", 0.1)
    with pytest.raises(ArticleError, match="took longer than 0 s"):
        fetch(f"{site}/never")


def test_a_host_that_is_not_there_is_told():
    """A closed port is told in one line."""
    with pytest.raises(ArticleError, match=r"cannot fetch it: .*refused"):
        fetch("http://127.0.0.1:9/x")
