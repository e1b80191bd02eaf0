"""Web pages by their addresses, fetched with bounds."""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import threading
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from classifier import __version__
from classifier.corpus.article import make_article
from classifier.corpus.paragraphs import split_paragraphs
from classifier.errors import ArticleError
from classifier.formats.html import from_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classifier.corpus.article import Article
    from classifier.formats.sources import Journal, ReadingOptions, Source

_SIZE_LIMIT = 10 << 20
_SECONDS = 30.0
_SECONDS_OF_SILENCE = 10.0
_MOST_REDIRECTS = 5
_CHUNK = 1 << 16
# What is left as it is in an address; "%" too, as it may have been quoted already.
_KEPT = "%/:=&?~+!$,;'@()*[]"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def read(
    source: Source, options: ReadingOptions, _journal: Journal
) -> Iterator[Article]:
    """Yield the article of a web page.

    Raises
    ------
    ArticleError
        If the page cannot be had within the bounds, or has no main text.
    """
    data, kind, address = _fetch_in_time(source.path, options)
    if kind == "text/plain":
        paragraphs = split_paragraphs(data.decode("utf-8", "replace"))
        if not paragraphs:
            message = f"{source.path}: no text in it"
            raise ArticleError(message)
        fields = {"source": urlsplit(address).hostname}
        yield make_article(source.path, paragraphs, fields)
    else:
        yield from_page(data, source.path, source.path, url=address)


class _PrivateAddressError(OSError):
    """Raised when a connection leads to an address that is not public."""


def _embedded(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address]:
    """Return the address of the older kind that one of the newer may stand for."""
    if not isinstance(address, ipaddress.IPv6Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour]
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in found if inner]


class _PublicOnly(http.client.HTTPConnection):
    """A connection that is given up where it leads to an address that is not public.

    The address is that of the connection itself, so that no second answer of a name
    server can lead elsewhere; nothing has been sent by then.
    """

    def connect(self) -> None:
        """Connect, and look at where that led."""
        super().connect()
        address = ipaddress.ip_address(self.sock.getpeername()[0].partition("%")[0])
        for inner in (address, *_embedded(address)):
            if not inner.is_global or inner.is_multicast:
                self.close()
                raise _PrivateAddressError(str(inner))


class _PublicOnlyTls(http.client.HTTPSConnection, _PublicOnly):
    """The same over TLS, which begins after the look."""


class _HttpHandler(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        # A proxy is asked in our place, and decides for itself where it goes.
        if request.has_proxy():
            return super().http_open(request)
        return self.do_open(_PublicOnly, request)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        if getattr(request, "_tunnel_host", None):
            return super().https_open(request)
        return self.do_open(_PublicOnlyTls, request)


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
    max_redirections = _MOST_REDIRECTS

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: Any,  # noqa: ANN401 - a response
        code: int,
        msg: str,
        headers: Any,  # noqa: ANN401 - of a response
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            fp.close()
            message = f"leads to {newurl}, which is no web page"
            raise urllib.error.URLError(message)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch_in_time(url: str, options: ReadingOptions) -> tuple[bytes, str, str]:
    """Fetch a page, but wait for no longer than `_SECONDS`.

    A server that sends a byte now and then would hold each read below its own bound, so
    that only somebody else can look at the clock.

    Raises
    ------
    ArticleError
        If it cannot be had within the bounds.
    """
    answers: queue.SimpleQueue[tuple[bytes, str, str] | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put(_fetch(url, allow_private=options.allow_private))
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            answers.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        answer = answers.get(timeout=_SECONDS)
    except queue.Empty:
        message = f"{url}: took longer than {_SECONDS:.0f} s: try again"
        raise ArticleError(message) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _fetch(url: str, *, allow_private: bool) -> tuple[bytes, str, str]:
    """Return a page's bytes, its kind, and the address that it came from.

    Raises
    ------
    ArticleError
        If it cannot be had within the bounds.
    """
    guards = [] if allow_private else [_HttpHandler(), _HttpsHandler()]
    opener = urllib.request.build_opener(_RedirectHandler(), *guards)
    opener.addheaders = [
        ("User-Agent", f"classifier/{__version__}"),
        ("Accept", "text/html, text/plain;q=0.5"),
    ]
    try:
        with opener.open(_to_ascii(url), timeout=_SECONDS_OF_SILENCE) as response:
            kind = response.headers.get_content_type()
            if kind not in ("text/html", "application/xhtml+xml", "text/plain"):
                message = f"{url}: {kind}, not a page: download it and give the file"
                raise ArticleError(message)
            parts, size = [], 0
            while chunk := response.read1(_CHUNK):
                parts.append(chunk)
                size += len(chunk)
                if size > _SIZE_LIMIT:
                    message = f"{url}: larger than {_SIZE_LIMIT >> 20} MB: left out"
                    raise ArticleError(message)
            return b"".join(parts), kind, response.geturl()
    except urllib.error.HTTPError as error:
        error.close()
        reason = "redirected too often" if "redirect" in str(error.msg) else ""
        message = f"{url}: {reason or f'{error.code} {error.reason}'}"
        raise ArticleError(message) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ArticleError(_explain(url, error)) from error


def _to_ascii(url: str) -> str:
    """Return an address as it goes over the line."""
    parts = urlsplit(url)
    host = (
        parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    )
    path, query = (quote(part, safe=_KEPT) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, host, path, query, ""))


def _explain(url: str, error: Exception) -> str:
    """Return one line on why a page could not be had."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, _PrivateAddressError):
        return f"{url}: leads to the private address {cause}: see --allow-private"
    if isinstance(cause, TimeoutError):
        return f"{url}: no answer within {_SECONDS_OF_SILENCE:.0f} s: try again"
    if isinstance(cause, socket.gaierror):
        return f"{url}: no such host: check the address"
    return f"{url}: cannot fetch it: {getattr(cause, 'strerror', None) or cause}"
