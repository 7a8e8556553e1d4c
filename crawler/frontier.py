"""One frontier for many crawlers: what is to be asked lies in Redis, and whoever is free takes it.

A request that was taken stays in flight, under a lease, until its answer is read and stored; where
its crawler dies, the lease runs out and another takes the request. Waits that a host asks for, and
the pause between two requests to it, hold for all crawlers. Times are those of the Redis server.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self
from uuid import uuid4

from redis import Redis
from redis.exceptions import RedisError
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.utils.request import request_from_dict
from scrapy_redis.scheduler import Scheduler
from twisted.internet.task import LoopingCall

from crawler.serialization import ask_of, dump, load, told
from crawler.spiders.base import SourceSpider
from db.core.errors import BadInput, ShrugError

# What carries a user's own key stays with the crawler that has it.
PRIVATE_HEADERS = ("Authorization", "Cookie")
LOOK_SECONDS = 0.2
NOW = "local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000); "
# A request that waits or is in flight already is not put in again.
PUSH = """
local old = redis.call('HGET', KEYS[3], ARGV[2])
if old then
  redis.call('HDEL', KEYS[3], ARGV[2]); redis.call('ZREM', KEYS[4], ARGV[2])
  redis.call('SREM', KEYS[2], redis.sha1hex(old))
end
if redis.call('SADD', KEYS[2], redis.sha1hex(ARGV[1])) == 0 then return 0 end
redis.call('LPUSH', KEYS[1], ARGV[1])
return 1
"""
POP = (
    NOW
    + """
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now)) do
  local lost = redis.call('HGET', KEYS[3], id)
  redis.call('HDEL', KEYS[3], id); redis.call('ZREM', KEYS[4], id)
  if lost then redis.call('RPUSH', KEYS[1], lost) end
end
local found = redis.call('RPOP', KEYS[1])
if found then
  redis.call('HSET', KEYS[3], ARGV[1], found); redis.call('ZADD', KEYS[4], now + ARGV[2], ARGV[1])
end
return found
"""
)
DONE = """
local own = redis.call('HGET', KEYS[3], ARGV[1])
if own then
  redis.call('HDEL', KEYS[3], ARGV[1]); redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('SREM', KEYS[2], redis.sha1hex(own))
end
"""
RENEW = (
    NOW
    + """
for _, id in ipairs(ARGV) do
  if id ~= ARGV[1] then redis.call('ZADD', KEYS[4], 'XX', now + ARGV[1], id) end
end
"""
)
# A host's turn: how long to wait for it; the next one comes a pause later.
TURN = (
    NOW
    + """
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local after = at + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', after - now + 1000)
return at - now
"""
)
HOLD = (
    NOW
    + """
local until_ = math.max(now + ARGV[1], tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', until_), 'PX', until_ - now + 1000)
"""
)
AWAITED = """
if redis.call('LLEN', KEYS[1]) + redis.call('HLEN', KEYS[3]) > 0 then return 1 end
return KEYS[5] and redis.call('EXISTS', KEYS[5]) or 0
"""
KEEP = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end"
GIVE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Frontier:
    """The frontier of all crawlers that name the same Redis and `name`. lease: seconds after which
    a request, or the lead of a source, is taken over from a crawler that does not stir any more.
    Where Redis fails, `broken` hears why. Raises BadInput where `url` is no address of one."""

    def __init__(self, url: str, name: str, lease: float) -> None:
        try:
            self.server = Redis.from_url(url)
        except ValueError:
            raise BadInput("the frontier: redis://, rediss:// or unix:// was due") from None
        self.lease = round(lease * 1000)
        self.broken: Callable[[ShrugError], None] = lambda _: None
        self._name = name
        self._me = uuid4().hex
        self._flying: dict[str, set[str]] = {}
        self._led: set[str] = set()

    def check(self) -> None:
        """ShrugError where Redis can't be reached; its address, which may hold a password, is not
        told."""
        try:
            self.server.ping()
        except (RedisError, OSError) as error:
            raise _told(error) from None

    def lead(self, source: str) -> bool:
        """Whether this crawler is the one that puts in what is to be asked of a source; another
        that comes meanwhile takes part. Raises ShrugError where Redis fails."""
        try:
            won = self.server.set(self._key(source, "lead"), self._me, nx=True, px=self.lease)
        except (RedisError, OSError) as error:
            raise _told(error) from None
        if won:
            self._led.add(source)
        return bool(won)

    def leave(self, sources: Sequence[str]) -> None:
        """Lead these sources no more."""
        for source in self._led.intersection(sources):
            self._led.discard(source)
            self._run(GIVE, [self._key(source, "lead")], self._me)

    def stir(self) -> None:
        """Say that this crawler lives, so that nothing is taken over from it."""
        for source in self._led:
            self._run(KEEP, [self._key(source, "lead")], self._me, self.lease)
        for source, ids in self._flying.items():
            if ids:
                self._run(RENEW, self._keys(source), self.lease, *sorted(ids))

    def push(self, source: str, payload: str, instead_of: str) -> None:
        """Put a request in; instead_of: one in flight that it goes on with."""
        self._flying.get(source, set()).discard(instead_of)
        self._run(PUSH, self._keys(source), payload, instead_of)

    def pop(self, source: str) -> tuple[str, str] | None:
        """Take a request: what it is in flight as, and what was put in."""
        flight = uuid4().hex
        found = self._run(POP, self._keys(source), flight, self.lease)
        if found is None:
            return None
        self._flying.setdefault(source, set()).add(flight)
        return flight, found.decode()

    def done(self, source: str, flight: str) -> None:
        """The answer is read, and what it held is stored."""
        self._flying.get(source, set()).discard(flight)
        self._run(DONE, self._keys(source), flight)

    def awaited(self, source: str) -> bool:
        """Whether requests of a source wait or are in flight anywhere, or another crawler may still
        put some in."""
        elsewhere = [] if source in self._led else [self._key(source, "lead")]
        return bool(self._run(AWAITED, self._keys(source) + elsewhere))

    async def turn(self, host: str, pause: float) -> None:
        """Wait for this crawler's turn at a host."""
        wait = float(self._run(TURN, [self._key(host, "turn")], round(pause * 1000)) or 0)
        if wait > 0:
            await asyncio.sleep(wait / 1000)

    def hold(self, host: str, seconds: float) -> None:
        """Leave a host alone for so long, whoever crawls."""
        if seconds > 0:
            self._run(HOLD, [self._key(host, "turn")], round(seconds * 1000))

    def _run(self, script: str, keys: list[str], *arguments: str | int) -> Any:
        """What a script gives; nothing where Redis fails, which is told."""
        try:
            return self.server.register_script(script)(keys=keys, args=list(arguments))
        except (RedisError, OSError) as error:
            self.broken(_told(error))
            return None

    def _key(self, what: str, kind: str) -> str:
        return f"{self._name}:{kind}:{what}"

    def _keys(self, source: str) -> list[str]:
        return [self._key(source, kind) for kind in ("waiting", "known", "flights", "leases")]


def _told(error: Exception) -> ShrugError:
    return ShrugError(f"the frontier's Redis can't be reached: {error}")


class Stirring:
    """Keeps what a crawler has taken, and looks for what others have put in."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._every: LoopingCall = LoopingCall(self._look)
        self._stirred = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        made = cls(crawler)
        crawler.signals.connect(made.begin, signals.spider_opened)
        crawler.signals.connect(made.end, signals.spider_closed)
        return made

    def begin(self) -> None:
        self._every.start(LOOK_SECONDS, now=False)

    def end(self) -> None:
        if self._every.running:
            self._every.stop()

    def _look(self) -> None:
        frontier = _frontier(self._crawler.spider)
        if time.monotonic() - self._stirred > frontier.lease / 3000:
            self._stirred = time.monotonic()
            frontier.stir()
        # Scrapy itself would look every five seconds.
        slot = self._crawler.engine._slot
        if slot is not None:
            slot.nextcall.schedule()


def _frontier(spider: Spider | None) -> Frontier:
    """The frontier that a spider's job brings along."""
    frontier = spider.job.frontier if isinstance(spider, SourceSpider) else None
    if not isinstance(frontier, Frontier):
        raise TypeError("a spider with a frontier was due")
    return frontier


class SharedScheduler(Scheduler):
    """scrapy-redis's scheduler on a `Frontier`, which a spider's job brings along."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> "SharedScheduler":
        made = cls(_frontier(crawler.spider).server, persist=True, queue_cls=SharedQueue)
        made.stats = crawler.stats
        return made

    def open(self, spider: SourceSpider) -> None:
        self.spider = spider
        self.queue = SharedQueue(spider)

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's hook
        self.queue.frontier.leave([self.spider.job.source])

    def enqueue_request(self, request: Request) -> bool:
        self.queue.push(request)
        return True


class SharedQueue:
    """Requests of one spider: as JSON in the frontier; here where they carry a user's own key."""

    def __init__(self, spider: SourceSpider) -> None:
        self.frontier = _frontier(spider)
        self._spider = spider
        self._own: deque[Request] = deque()

    def __len__(self) -> int:
        return len(self._own) + self.frontier.awaited(self._spider.job.source)

    def push(self, request: Request) -> None:
        """Put a request in."""
        flight = request.meta.pop("flight", "")
        if _private(request, self._spider.job.secrets):
            self._own.append(request)
            if flight:
                self.frontier.done(self._spider.job.source, flight)
        else:
            payload = packed(request, self._spider)
            self.frontier.push(self._spider.job.source, payload, flight)

    def pop(self, timeout: int = 0) -> Request | None:  # noqa: ARG002 - scrapy-redis's hook
        """Take a request, of one's own or of all; None where none waits."""
        if self._own:
            return self._own.popleft()
        found = self.frontier.pop(self._spider.job.source)
        if found is None:
            return None
        flight, payload = found
        request = unpacked(payload, self._spider)
        request.meta["flight"] = flight
        return request


def _private(request: Request, secrets: Mapping[str, str]) -> bool:
    """Whether a request carries what only its user may know."""
    told = request.url + request.body.decode("latin-1")
    return any(name in request.headers for name in PRIVATE_HEADERS) or any(
        secret in told for secret in secrets.values()
    )


def packed(request: Request, spider: SourceSpider) -> str:
    """A request as JSON; nothing in it is ever run where it is read."""
    parts = request.to_dict(spider=spider)
    kept = dict(parts["cb_kwargs"])
    ask = kept.pop("ask")
    headers = {_text(k): [_text(v) for v in vs] for k, vs in parts["headers"].items()}
    body = _text(parts["body"])
    return dump({**parts, "headers": headers, "body": body, "cb_kwargs": [told(ask), kept]})


def unpacked(payload: str, spider: SourceSpider) -> Request:
    """The request that `packed` wrote."""
    parts = load(payload)
    ask, kept = parts["cb_kwargs"]
    made = {
        **parts,
        "body": parts["body"].encode("latin-1"),
        "cb_kwargs": {"ask": ask_of(ask), **kept},
    }
    return request_from_dict(made, spider=spider)


def _text(value: bytes) -> str:
    return value.decode("latin-1")
