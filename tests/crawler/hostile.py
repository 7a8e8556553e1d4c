"""A hostile server: the bytes of its responses, and the damage that each may do."""

import gzip
import json
import socketserver
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from itertools import count
from typing import Any

import brotli

AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
# Set at the end: endless responses stop.
STOPPED = threading.Event()
MEGABYTE = 1 << 20
EMOJI = "\U0001f600"
MARKUP = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://evil.example","click")'
STEERING = "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u2066\u2069"
Send = Callable[[bytes], None]


@dataclass(frozen=True)
class Attack:
    """send: writes a response with its head; its posts name the given word. posts: that are
    stored in spite of it. fails: it must be reported, and cover nothing. ends: whether the
    response ever ends."""

    name: str
    send: Callable[[Send, str], None]
    posts: int = 0
    fails: bool = True
    ends: bool = True


def head(status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def reply(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    return head(status, Content_Length=str(len(body)), **headers) + body


def status_of(number: int, word: str, **changed: Any) -> dict[str, Any]:
    """A valid Mastodon status with some fields changed."""
    status = {
        "id": str((int(AT.timestamp() * 1000) << 16) + number),
        "uri": f"https://m.example/{word}/{number}",
        "url": f"https://m.example/{word}/{number}",
        "created_at": (AT + timedelta(seconds=number)).isoformat(),
        "content": f"<p>{word} is down, number {number}</p>",
        "account": {"acct": f"someone{number}"},
        "language": "en",
        "favourites_count": 1,
    }
    return status | changed


def page(word: str, *more: Mapping[str, Any]) -> bytes:
    """A page with two good posts around the given statuses."""
    rows = [status_of(1, word), *more, status_of(2, word)]
    return json.dumps(rows, ensure_ascii=False).encode()


def plain(answer: bytes) -> Callable[[Send, str], None]:
    return lambda send, _word: send(answer)


def entry(**changed: Any) -> Callable[[Send, str], None]:
    """A page with one entry that differs from the form in these fields."""
    return lambda send, word: send(reply(page(word, status_of(7, word, **changed))))


def raw(old: bytes, new: bytes) -> Callable[[Send, str], None]:
    """A page one of whose entries is changed after it was written as JSON."""

    def send_raw(send: Send, word: str) -> None:
        send(reply(page(word, status_of(7, word, content="MARK")).replace(old, new)))

    return send_raw


def endless(part: bytes, before: bytes, pause: float = 0.0) -> Callable[[Send, str], None]:
    def send_on(send: Send, word: str) -> None:
        send(before)
        while not STOPPED.wait(pause):
            send(part)

    return send_on


def silence(send: Send, word: str) -> None:
    STOPPED.wait()


def packed(pack: Callable[[bytes], bytes], name: str, body: bytes) -> bytes:
    return reply(pack(body), Content_Encoding=name)


@cache
def bomb(pack: Callable[[bytes], bytes], name: str) -> bytes:
    """Some kilobytes that unpack to five times of what is taken."""
    return packed(pack, name, b"[" + b" " * (100 * MEGABYTE) + b"]")


def brotlied(body: bytes) -> bytes:
    made: bytes = brotli.compress(body, quality=1)
    return made


def gzipped_twice(body: bytes) -> bytes:
    return gzip.compress(gzip.compress(body))


def endless_pages(send: Send, word: str, _numbers: Iterator[int] = count(100)) -> None:  # noqa: B008
    """Full pages of new posts, each time it is asked, for ever."""
    at = AT.isoformat()
    rows = [status_of(next(_numbers), word, created_at=at) for _ in range(40)]
    send(reply(json.dumps(rows).encode()))


def redirects(send: Send, word: str, _numbers: Iterator[int] = count()) -> None:  # noqa: B008
    send(head("302 Found", Location=f"/elsewhere/{next(_numbers)}", Content_Length="0"))


def moved(to: str, status: str = "302 Found") -> Callable[[Send, str], None]:
    return plain(head(status, Location=to, Content_Length="0"))


OPENING = b"HTTP/1.1 200 OK\r\n"
LIKES = b'"favourites_count": 1'
NOTHING = dict.fromkeys(status_of(1, ""))
DEEP = b"[" * 2_000_000 + b"]" * 2_000_000
LOG_IN = b"<!doctype html><html><body><form>Please log in</form></body></html>"


def transport() -> list[Attack]:
    """What comes before anything is read."""
    return [
        Attack("nothing at all", silence, ends=False),
        Attack("hangs up", plain(b"")),
        Attack("a head without end", endless(b"X-A: " + b"a" * 4000 + b"\r\n", OPENING),
            ends=False),
        Attack("a body without end", endless(b"[" * MEGABYTE, head()), ends=False),
        Attack("chunks without end", endless(b"400\r\n" + b"[" * 1024 + b"\r\n",
            head(Transfer_Encoding="chunked")), ends=False),
        Attack("a slow drip", endless(b"[", head(), pause=0.2), ends=False),
        Attack("a chunk that is none", plain(head(Transfer_Encoding="chunked") + b"zz\r\n[]\r\n")),
        Attack("a length that is too long", plain(head(Content_Length="5000") + b"[]")),
        Attack("a length that is none", plain(head(Content_Length="-7") + b"[]")),
        Attack("two lengths", plain(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
            b"Content-Length: 900\r\nConnection: close\r\n\r\n[]")),
        Attack("no HTTP", plain(b"220 mail.example ESMTP\r\n")),
        Attack("bytes", plain(bytes(range(256)) * 100)),
        Attack("a status that is none", plain(b"HTTP/1.1 abc OK\r\n\r\n[]")),
        Attack("status 999", plain(reply(b"[]", "999 Enhance Your Calm"))),
        Attack("a status line of 1 MB", plain(b"HTTP/1.1 200 " + b"O" * MEGABYTE + b"\r\n\r\n[]")),
        Attack("interim answers without end", endless(b"HTTP/1.1 102 Processing\r\n\r\n", b""),
            ends=False),
        Attack("a gzip bomb", lambda send, _: send(bomb(gzip.compress, "gzip"))),
        Attack("a brotli bomb", lambda send, _: send(bomb(brotlied, "br"))),
        Attack("a deflate bomb", lambda send, _: send(bomb(zlib.compress, "deflate"))),
        Attack("a bomb in a bomb", lambda send, _: send(bomb(gzipped_twice, "gzip, gzip"))),
        Attack("gzip that is none", plain(reply(b"[]", Content_Encoding="gzip"))),
        Attack("gzip cut off", plain(packed(lambda b: gzip.compress(b)[:20], "gzip", b"[1]" * 99))),
        Attack("redirects without end", redirects),
        Attack("a redirect to itself", lambda send, word: send(head("301 Moved",
            Location=f"/api/v1/timelines/tag/{word}", Content_Length="0"))),
        Attack("a redirect to loopback", moved("http://127.0.0.1:22/")),
        Attack("a redirect to loopback, as one number", moved("http://2130706433/")),
        Attack("a redirect to loopback, in hexadecimal", moved("http://0x7f.1/")),
        Attack("a redirect to loopback, of IPv6", moved("http://[::1]:22/")),
        Attack("a redirect to loopback, as IPv4 in IPv6", moved("http://[::ffff:127.0.0.1]/")),
        Attack("a redirect to the cloud's metadata", moved("http://169.254.169.254/latest/meta-data")),
        Attack("a redirect to cloud data", moved("http://192.168.0.1/", "307 Temporary Redirect")),
        Attack("a redirect to a file", moved("file:///etc/passwd")),
        Attack("a redirect to data", moved("data:application/json,[]")),
        Attack("a redirect to a script", moved("javascript:alert(1)")),
        Attack("a redirect to nowhere", plain(head("302 Found", Content_Length="0"))),
        Attack("a header in a redirect", moved("/a%0d%0aSet-Cookie:%20x=1")),
        Attack("a cookie of 1 MB", plain(reply(b"[]", Set_Cookie="a=" + "b" * MEGABYTE))),
        Attack("wait a year", plain(reply(b"", "429 Too Many Requests", Retry_After="31536000"))),
        Attack("wait until 9999", plain(reply(b"", "503 Service Unavailable",
            Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"))),
        Attack("an error that is called 200", plain(reply(LOG_IN, Content_Type="text/html"))),
        Attack("an error in JSON that is called 200", plain(reply(b'{"error": "rate limited"}'))),
        Attack("418", plain(reply(b"", "418 I'm a teapot"))),
        Attack("304 that nobody asked for", plain(head("304 Not Modified"))),
        Attack("a date of 1970", plain(reply(b"[]", Date="Thu, 01 Jan 1970 00:00:00 GMT"))),
    ]  # fmt: skip


def bodies() -> list[Attack]:
    """What is read: a bad entry costs itself, a bad page costs that page."""
    return [
        Attack("JSON of great depth", plain(reply(DEEP))),
        Attack("seven million lists", plain(reply(b"[" + b"[]," * 6_000_000 + b"[]]"))),
        Attack("20,000 posts on a page", lambda send, word: send(reply(json.dumps(
            [status_of(n, word) for n in range(20_000)]).encode()))),
        Attack("pages without end", endless_pages, posts=40),
        Attack("HTML for JSON", plain(reply(LOG_IN))),
        Attack("another charset", lambda send, word: send(reply(
            page(word).decode().encode("utf-16"), Content_Type="application/json; charset=utf-7")),
            posts=2, fails=False),
        Attack("half characters", raw(b"MARK", b"\\ud800 x \\udfff"), posts=2, fails=False),
        Attack("NUL", raw(b"MARK", b"a\\u0000b"), posts=2, fails=False),
        Attack("bytes that are no UTF-8", raw(b"MARK", b"\xff\xfe\xc3\x28")),
        Attack("steering and right-to-left", entry(content=STEERING), posts=2, fails=False),
        Attack("10 MB of emoji", entry(content=EMOJI * 2_500_000), posts=2, fails=False),
        Attack("an id of 1 MB", entry(uri="u" * MEGABYTE), posts=2, fails=False),
        Attack("ids that repeat", lambda send, word: send(reply(
            page(word, *[status_of(1, word)] * 50))), posts=2, fails=False),
        Attack("a shared id", entry(uri="https://m.example/collides"), posts=2, fails=False),
        Attack("an id that is none", entry(id="../../etc/passwd"), posts=2, fails=False),
        Attack("an id of a thousand digits", entry(id="9" * 1000), posts=2, fails=False),
        Attack("made in 1970", entry(created_at="1970-01-01T00:00:00Z"), posts=2, fails=False),
        Attack("made in 9999", entry(created_at="9999-12-31T23:59:59-14:00"), posts=2, fails=False),
        Attack("made in no zone", entry(created_at="2026-08-01T00:00:00"), posts=2, fails=False),
        Attack("made tomorrow", entry(created_at=(AT + timedelta(days=40)).isoformat()), posts=2,
            fails=False),
        Attack("a time that is a list", entry(created_at=[[]]), posts=2, fails=False),
        Attack("numbers as text", entry(favourites_count="1e999", replies_count="NaN"), posts=2,
            fails=False),
        Attack("numbers beyond all bounds", raw(LIKES, LIKES + b"e999"), posts=2, fails=False),
        Attack("a number of 5,000 digits", raw(b'"favourites_count": 1',
            b'"favourites_count": ' + b"9" * 5000)),
        Attack("a text that is an object", entry(content={"$gt": ""}), posts=2, fails=False),
        Attack("an account that is a list", entry(account=[1, 2]), posts=2, fails=False),
        Attack("nothing in every field", entry(**NOTHING), posts=2, fails=False),
        Attack("markup in every field", entry(content=MARKUP, url=f"javascript:{MARKUP}",
            uri=MARKUP, language=MARKUP, account={"acct": MARKUP}), posts=2, fails=False),
        Attack("formulas in every field", entry(content=FORMULA, url=FORMULA, uri=FORMULA,
            language=FORMULA, account={"acct": FORMULA}), posts=2, fails=False),
        Attack("SQL in every field", entry(content="'; drop table posts; --", uri="' or '1'='1"),
            posts=2, fails=False),
        Attack("a name twice", raw(b'"uri": ', b'"uri": "x", "uri": '), posts=2, fails=False),
        Attack("tags of great depth", entry(content="<b>x" * 150_000), posts=2, fails=False),
        Attack("a quarter of a million tags", entry(content="<b>" * 250_000)),
        Attack("entities without end", entry(content="&lt;" * 2_000_000), posts=2, fails=False),
    ]  # fmt: skip


def item(number: int, text: str = "", when: str | None = None, more: str = "") -> str:
    at = when or format_datetime(AT + timedelta(seconds=number))
    return (
        f"<item><title>DeepSeek is down {text}</title><guid>WORD/{number}</guid>"
        f"<pubDate>{at}</pubDate>{more}</item>"
    )


def feed(
    middle: str = "", before: str = "", encoding: str = "utf-8"
) -> Callable[[Send, str], None]:
    """A feed with two good items around whatever else there is."""

    def send_feed(send: Send, word: str) -> None:
        items = (item(1) + middle + item(2)).replace("WORD", word)
        document = (
            f'<?xml version="1.0"?>{before}<rss version="2.0"><channel>{items}</channel></rss>'
        )
        send(reply(document.encode(encoding, "surrogatepass"), Content_Type="application/rss+xml"))

    return send_feed


def laughs() -> str:
    lines = ['<!ENTITY a0 "DeepSeek is down ">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE rss [{''.join(lines)}]>"


FILE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
ABROAD = '<!DOCTYPE rss SYSTEM "http://169.254.169.254/evil.dtd">'
BLOWN = f'<!DOCTYPE rss [<!ENTITY b "{"b" * 100_000}">]>'


def documents() -> list[Attack]:
    """What is read as XML."""
    return [
        Attack("a billion laughs", feed(item(7, "&a9;"), laughs()), posts=3, fails=False),
        Attack("quadratic blow-up", feed(item(7, "&b;" * 2000), BLOWN), posts=3, fails=False),
        Attack("a file as an entity", feed(item(7, "&x;"), FILE), posts=3, fails=False),
        Attack("a DTD from elsewhere", feed("", ABROAD), posts=2, fails=False),
        Attack("tags without number", feed("<item/>" * 300_000)),
        Attack("elements of great depth", feed("<a>" * 90_000), posts=2, fails=False),
        Attack("a cut document", plain(reply(b'<rss version="2.0"><channel><item><title>DeepSeek')),
            posts=0, fails=True),
        Attack("no document", plain(reply(LOG_IN))),
        Attack("UTF-7", feed("", "", "utf-7"), posts=2, fails=False),
        Attack("no date", feed("<item><title>DeepSeek</title></item>"), posts=2, fails=False),
        Attack("a date of 9999", feed(item(7, when="Fri, 31 Dec 9999 23:59:59 GMT")), posts=2,
            fails=False),
        Attack("a date that is none", feed(item(7, when="the day after")), posts=2, fails=False),
        Attack("markup in a title", feed(item(7, f"<![CDATA[{MARKUP}]]>")), posts=3, fails=False),
        Attack("a link that is a script", feed(item(7, more="<link>javascript:alert(1)</link>")),
            posts=3, fails=False),
        Attack("half characters in XML", feed(item(7, "&#xD800;&#0;")), posts=3, fails=False),
        Attack("10 MB in a title", feed(item(7, EMOJI * 2_500_000)), posts=3, fails=False),
    ]  # fmt: skip


@dataclass
class HostileServer:
    """A running hostile server. attacks: (attack, word) by path. requested_paths:
    of every request."""

    base: str = ""
    attacks: dict[str, tuple[Attack, str]] = field(default_factory=dict)
    requested_paths: list[str] = field(default_factory=list)


@contextmanager
def hostile_server() -> Iterator[HostileServer]:
    server = HostileServer()
    STOPPED.clear()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                line = self.rfile.readline(65_536).decode("latin-1").split()
                while self.rfile.readline(65_536).strip():
                    pass
                path = line[1].partition("?")[0] if len(line) > 1 else ""
                server.requested_paths.append(path)
                way, word = server.attacks.get(path, (None, ""))
                if path == "/robots.txt":
                    self.request.sendall(reply(b"User-agent: *\nAllow: /\n"))
                elif way:
                    way.send(self.request.sendall, word)
                else:
                    redirects(self.request.sendall, "")

    class Threads(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None:
            """A client that hangs up is what a way may come to."""

    listening = Threads(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    server.base = f"http://127.0.0.1:{listening.server_address[1]}"
    try:
        yield server
    finally:
        STOPPED.set()
        listening.shutdown()
        listening.server_close()
