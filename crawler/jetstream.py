"""Bluesky's Jetstream: every post of the network as it is made, over a websocket.

A crawl replays from where the last one stopped until it has caught up with the time at which it
began, so nothing is missed between two crawls that lie within what the server keeps.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.proxy import get_proxy
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from crawler.items import Job, Kind, Trouble
from crawler.parsing import instant, text_or_none
from crawler.private_addresses import Inside, dial
from db.core.errors import SourceChanged
from db.core.records import Page, RawPost

COLLECTION = "app.bsky.feed.post"
NEWER = "/xrpc/network.bsky.jetstream.subscribeEvents"
OLDER = "/subscribe"
SUBPROTOCOL = "xrpc.v1.json"
# No such while passes without a post on the whole network: a server that begins so much later
# than it was asked to no longer has what lies between.
QUIET = timedelta(minutes=10)
OVERLAP = timedelta(seconds=5)
BATCH = 500
LONGEST_BATCH = 2.0
# At the live end of a quiet network nothing comes; then the crawl is over.
IDLE = 10.0
MOST_TRIES = 4
_LARGEST = 4 * 1024 * 1024
_BAD_AT_FIRST = 50


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one post, and when the server saw it; no post: it was deleted."""

    at: datetime
    uri: str
    post: RawPost | None


def read(frame: str | bytes) -> Event | None:
    """The event of a frame of either version; None for what is not about a post.

    Raises ValueError for a frame that is no event, SourceChanged for one that reports an error.
    """
    try:
        value = json.loads(frame)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError(f"an object was due, {type(value).__name__} came")
    if value.get("$type") == "error":
        raise SourceChanged(f"jetstream: {value.get('error')}: {value.get('message')}"[:300])
    if value.get("$type") == "message":
        return _newer(value["payload"])
    if value.get("kind") != "commit":
        return None
    at = instant(int(value["time_us"]) / 1e6)
    return _event(at, str(value["did"]), value["commit"])


def _newer(payload: dict[str, Any]) -> Event | None:
    if not str(payload["$type"]).endswith("#commit"):
        return None
    return _event(instant(payload["time"]), str(payload["did"]), payload)


def _event(at: datetime, did: str, commit: dict[str, Any]) -> Event | None:
    if commit["collection"] != COLLECTION:
        return None
    rkey = str(commit["rkey"])
    uri = f"at://{did}/{COLLECTION}/{rkey}"
    if commit["operation"] == "delete":
        return Event(at, uri, None)
    record = commit["record"]
    parent = ((record.get("reply") or {}).get("parent") or {}).get("uri")
    post = RawPost(
        external_id=uri,
        # Clients date their posts themselves; none was made after it was seen.
        created_at=min(at, instant(record["createdAt"])),
        text=record["text"],
        url=f"https://bsky.app/profile/{did}/post/{rkey}",
        author=did,
        lang=text_or_none((record.get("langs") or [None])[0]),
        reply_to=text_or_none(parent),
    )
    return Event(at, uri, post)


@dataclass
class _Batch:
    """Events that are not stored yet."""

    posts: dict[str, RawPost] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def add(self, event: Event, job: Job) -> None:
        # What was edited to name nobody is as good as gone.
        if event.post is not None and job.relevant(event.post.text):
            self.posts[event.uri] = event.post
            self.deleted.discard(event.uri)
        else:
            self.posts.pop(event.uri, None)
            self.deleted.add(event.uri)


class Jetstream:
    """Reads one ask of a job to its end."""

    def __init__(self, job: Job, url: str) -> None:
        self._job = job
        self._ask = job.asks[0]
        self._base = url.rstrip("/").replace("http", "ws", 1)
        self._path = NEWER
        cursor = self._ask.cursor
        self._since = datetime.fromisoformat(cursor) if cursor else self._ask.since
        self._clamped = False
        self._seen = 0

    def run(self) -> None:
        """Listen until caught up; what could not be had is a Trouble of the job's keeper."""
        for number in range(1, MOST_TRIES + 1):
            trouble = self._try()
            if trouble is None:
                return
            if trouble.kind is not Kind.UNREACHABLE or number == MOST_TRIES:
                self._job.keeper.keep(trouble)
                return
            time.sleep(2.0**number)

    def _try(self) -> Trouble | None:
        try:
            with closing(self._connected()) as connection:
                self._listen(connection)
            if not self._seen:
                return self._trouble(
                    Kind.EMPTY, "not one event came, of a network that never rests"
                )
        except InvalidStatus as error:
            return self._refused(error)
        except SourceChanged as error:
            return self._trouble(Kind.UNREADABLE, str(error))
        except Inside as error:
            return self._trouble(Kind.BLOCKED, str(error))
        except ValueError as error:
            # A redirect: no address is asked that was not looked at.
            return self._trouble(Kind.MOVED, str(error))
        except (OSError, WebSocketException, TimeoutError) as error:
            return self._trouble(Kind.UNREACHABLE, f"{type(error).__name__}: {error}")
        return None

    def _refused(self, error: InvalidStatus) -> Trouble | None:
        status = error.response.status_code
        body = (error.response.body or b"")[:300].decode("utf-8", "replace")
        if self._path == NEWER and status in {400, 404, 405, 426} and "Cursor" not in body:
            self._path = OLDER
            return self._try()
        if "CursorTooOld" in body and not self._clamped:
            self._clamped, self._since = True, datetime.now(UTC) - OVERLAP
            return self._try()
        kind = Kind.BLOCKED if status in {401, 403, 429, 503} else Kind.UNREACHABLE
        return self._trouble(kind, f"HTTP {status} {body}".strip())

    def _connected(self) -> ClientConnection:
        cursor = int((self._since - OVERLAP).timestamp() * 1_000_000)
        name = "collections" if self._path == NEWER else "wantedCollections"
        asked: dict[str, Any] = {name: COLLECTION, "cursor": cursor}
        if self._path == NEWER:
            asked["kinds"] = "commit"
        return connect(
            f"{self._base}{self._path}?{urlencode(asked)}",
            subprotocols=[SUBPROTOCOL] if self._path == NEWER else None,  # type: ignore[list-item]
            user_agent_header=self._job.user_agent,
            open_timeout=20,
            max_size=_LARGEST,
            sock=self._dialled(),
        )

    def _dialled(self) -> socket.socket | None:
        """A connection to an address that was looked at; None where a proxy of the user connects,
        which decides by itself."""
        address = parse_uri(self._base)
        if get_proxy(address):
            return None
        return dial(address.host, address.port, named=self._job.named)

    def _listen(self, connection: ClientConnection) -> None:
        batch, last, at = _Batch(), time.monotonic(), self._since
        begun = False
        for frame in _frames(connection):
            event = self._read(frame, batch)
            if event is not None:
                if not begun and event.at > self._since + QUIET:
                    # What it no longer has is a gap, not silence.
                    self._since = event.at
                begun, at = True, max(at, event.at)
                batch.add(event, self._job)
            full = len(batch.posts) + len(batch.deleted) >= BATCH
            if full or time.monotonic() - last > LONGEST_BATCH:
                self._keep(batch, at)
                batch, last = _Batch(), time.monotonic()
            if at >= self._ask.until:
                break
        self._keep(batch, at)

    def _read(self, frame: str | bytes, batch: _Batch) -> Event | None:
        try:
            event = read(frame)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            batch.refused.append(f"{type(error).__name__}: {str(error)[:80]}")
            if not self._seen and len(batch.refused) >= _BAD_AT_FIRST:
                raise SourceChanged(f"jetstream: no event could be read: {error}") from None
            return None
        self._seen += event is not None
        return event

    def _keep(self, batch: _Batch, at: datetime) -> None:
        """Store a batch with how far it reaches."""
        until = min(at, self._ask.until)
        covered = self._ask.covered(self._since, until) if until > self._since else ()
        posts = tuple(p for p in batch.posts.values() if p.created_at < self._ask.until)
        page = Page(
            self._ask.source,
            self._ask.query,
            posts,
            max(until, self._since).isoformat(),
            covered,
            tuple(batch.refused),
            tuple(sorted(batch.deleted)),
        )
        self._job.keeper.keep(page)
        self._since = max(until, self._since)

    def _trouble(self, kind: Kind, why: str) -> Trouble:
        address = f"{self._base}{self._path}"
        return Trouble(self._ask.source, self._ask.query, kind, address, why[:300])


def _frames(connection: ClientConnection) -> Iterator[str | bytes]:
    """Frames until nothing comes for a while."""
    while True:
        try:
            yield connection.recv(timeout=IDLE)
        except TimeoutError:
            return


# Sources that are listened to rather than asked, by the name of their spider.
STREAMS = {"jetstream": Jetstream}
