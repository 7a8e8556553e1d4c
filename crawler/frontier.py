"""A frontier in Redis, from which several crawlers take their requests.

A request that was taken is in flight, under a lease, until its response is read and stored. If its
crawler dies, the lease expires and another crawler takes the request. Waits that a host asks for,
and the pause between two requests to it, apply to all crawlers. Times are of the Redis server.
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

from crawler.serialization import dump, load, query_from_list, query_to_list
from crawler.spiders.base import SourceSpider
from db.core.errors import BadInput, ShrugError

# Requests with a user's own key stay in this process.
PRIVATE_HEADERS = ("Authorization", "Cookie")
POLL_SECONDS = 0.2
NOW = "local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000); "
# A request that waits or is in flight is not added again.
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
local request = redis.call('RPOP', KEYS[1])
if request then
  redis.call('HSET', KEYS[3], ARGV[1], request); redis.call('ZADD', KEYS[4], now + ARGV[2], ARGV[1])
end
return request
"""
)
FINISH = """
local request = redis.call('HGET', KEYS[3], ARGV[1])
if request then
  redis.call('HDEL', KEYS[3], ARGV[1]); redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('SREM', KEYS[2], redis.sha1hex(request))
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
# Returns how long to wait for a turn at a host; the next turn is a pause later.
TURN = (
    NOW
    + """
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
local after = at + ARGV[1]
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', after - now + 1000)
return at - now
"""
)
DELAY_HOST = (
    NOW
    + """
local until_ = math.max(now + ARGV[1], tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', until_), 'PX', until_ - now + 1000)
"""
)
PENDING = """
if redis.call('LLEN', KEYS[1]) + redis.call('HLEN', KEYS[3]) > 0 then return 1 end
return KEYS[5] and redis.call('EXISTS', KEYS[5]) or 0
"""
RENEW_LEAD = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end"
)
RELEASE_LEAD = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


class Frontier:
    """The frontier of all crawlers with the same Redis and `name`.

    lease: seconds after which a request, or the lead of a source, is taken over from a crawler that
    no longer renews it. `on_failure` is called if Redis fails. Raises BadInput if `url` is not the
    address of a Redis.
    """

    def __init__(self, url: str, name: str, lease: float) -> None:
        try:
            self.server = Redis.from_url(url)
        except ValueError:
            raise BadInput("the frontier: redis://, rediss:// or unix:// was due") from None
        self.lease = round(lease * 1000)
        self.on_failure: Callable[[ShrugError], None] = lambda _: None
        self._name = name
        self._crawler_id = uuid4().hex
        self._in_flight: dict[str, set[str]] = {}
        self._led: set[str] = set()

    def check(self) -> None:
        """Raise ShrugError, without the address and its password, if Redis can't be reached."""
        try:
            self.server.ping()
        except (RedisError, OSError) as error:
            raise _unreachable(error) from None

    def try_to_lead(self, source: str) -> bool:
        """Whether this crawler is the one that adds the first requests of a source.

        The others take part. Raises ShrugError if Redis fails.
        """
        try:
            won = self.server.set(
                self._key(source, "lead"), self._crawler_id, nx=True, px=self.lease
            )
        except (RedisError, OSError) as error:
            raise _unreachable(error) from None
        if won:
            self._led.add(source)
        return bool(won)

    def stop_leading(self, sources: Sequence[str]) -> None:
        """Give up the lead of these sources."""
        for source in self._led.intersection(sources):
            self._led.discard(source)
            self._run(RELEASE_LEAD, [self._key(source, "lead")], self._crawler_id)

    def renew_leases(self) -> None:
        """Renew all leases, so that no other crawler takes the requests over."""
        for source in self._led:
            self._run(RENEW_LEAD, [self._key(source, "lead")], self._crawler_id, self.lease)
        for source, ids in self._in_flight.items():
            if ids:
                self._run(RENEW, self._keys(source), self.lease, *sorted(ids))

    def push(self, source: str, payload: str, instead_of: str) -> None:
        """Add a request; instead_of: one in flight that it replaces."""
        self._in_flight.get(source, set()).discard(instead_of)
        self._run(PUSH, self._keys(source), payload, instead_of)

    def pop(self, source: str) -> tuple[str, str] | None:
        """Take a request: its id in flight, and what was pushed; None if none waits."""
        flight = uuid4().hex
        request = self._run(POP, self._keys(source), flight, self.lease)
        if request is None:
            return None
        self._in_flight.setdefault(source, set()).add(flight)
        return flight, request.decode()

    def finish(self, source: str, flight: str) -> None:
        """Mark a request as done: its response is read and stored."""
        self._in_flight.get(source, set()).discard(flight)
        self._run(FINISH, self._keys(source), flight)

    def has_pending(self, source: str) -> bool:
        """Whether requests wait or are in flight anywhere, or another crawler may add some."""
        elsewhere = [] if source in self._led else [self._key(source, "lead")]
        return bool(self._run(PENDING, self._keys(source) + elsewhere))

    async def wait_for_turn(self, host: str, pause: float) -> None:
        """Wait for this crawler's turn to send a request to a host."""
        wait = float(self._run(TURN, [self._key(host, "turn")], round(pause * 1000)) or 0)
        if wait > 0:
            await asyncio.sleep(wait / 1000)

    def delay_host(self, host: str, seconds: float) -> None:
        """Keep all crawlers from a host for some seconds."""
        if seconds > 0:
            self._run(DELAY_HOST, [self._key(host, "turn")], round(seconds * 1000))

    def _run(self, script: str, keys: list[str], *arguments: str | int) -> Any:
        """Run a script; if Redis fails, call `on_failure` and return None."""
        try:
            return self.server.register_script(script)(keys=keys, args=list(arguments))
        except (RedisError, OSError) as error:
            self.on_failure(_unreachable(error))
            return None

    def _key(self, what: str, kind: str) -> str:
        return f"{self._name}:{kind}:{what}"

    def _keys(self, source: str) -> list[str]:
        return [self._key(source, kind) for kind in ("waiting", "known", "flights", "leases")]


def _unreachable(error: Exception) -> ShrugError:
    return ShrugError(f"the frontier's Redis can't be reached: {error}")


class LeaseRenewer:
    """Scrapy extension that renews leases, and looks for requests that others have added."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._loop: LoopingCall = LoopingCall(self._poll)
        self._renewed_at = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        renewer = cls(crawler)
        crawler.signals.connect(renewer.start, signals.spider_opened)
        crawler.signals.connect(renewer.stop, signals.spider_closed)
        return renewer

    def start(self) -> None:
        self._loop.start(POLL_SECONDS, now=False)

    def stop(self) -> None:
        if self._loop.running:
            self._loop.stop()

    def _poll(self) -> None:
        frontier = _frontier(self._crawler.spider)
        if time.monotonic() - self._renewed_at > frontier.lease / 3000:
            self._renewed_at = time.monotonic()
            frontier.renew_leases()
        # Scrapy itself would only look every five seconds.
        slot = self._crawler.engine._slot
        if slot is not None:
            slot.nextcall.schedule()


def _frontier(spider: Spider | None) -> Frontier:
    frontier = spider.job.frontier if isinstance(spider, SourceSpider) else None
    if not isinstance(frontier, Frontier):
        raise TypeError("a spider with a frontier was due")
    return frontier


class SharedScheduler(Scheduler):
    """scrapy-redis's scheduler on the `Frontier` of the spider's job."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> "SharedScheduler":
        scheduler = cls(_frontier(crawler.spider).server, persist=True, queue_cls=SharedQueue)
        scheduler.stats = crawler.stats
        return scheduler

    def open(self, spider: SourceSpider) -> None:
        self.spider = spider
        self.queue = SharedQueue(spider)

    def close(self, reason: str) -> None:  # noqa: ARG002 - Scrapy's hook
        self.queue.frontier.stop_leading([self.spider.job.source])

    def enqueue_request(self, request: Request) -> bool:
        self.queue.push(request)
        return True


class SharedQueue:
    """Requests of one spider: in the frontier as JSON, or here if they carry a user's own key."""

    def __init__(self, spider: SourceSpider) -> None:
        self.frontier = _frontier(spider)
        self._spider = spider
        self._private_requests: deque[Request] = deque()

    def __len__(self) -> int:
        return len(self._private_requests) + self.frontier.has_pending(self._spider.job.source)

    def push(self, request: Request) -> None:
        """Add a request."""
        flight = request.meta.pop("flight", "")
        if _is_private(request, self._spider.job.secrets):
            self._private_requests.append(request)
            if flight:
                self.frontier.finish(self._spider.job.source, flight)
        else:
            payload = request_to_json(request, self._spider)
            self.frontier.push(self._spider.job.source, payload, flight)

    def pop(self, timeout: int = 0) -> Request | None:  # noqa: ARG002 - scrapy-redis's hook
        """Take a request, private or shared; None if none waits."""
        if self._private_requests:
            return self._private_requests.popleft()
        taken = self.frontier.pop(self._spider.job.source)
        if taken is None:
            return None
        flight, payload = taken
        request = request_from_json(payload, self._spider)
        request.meta["flight"] = flight
        return request


def _is_private(request: Request, secrets: Mapping[str, str]) -> bool:
    """Whether a request carries a key of the user."""
    content = request.url + request.body.decode("latin-1")
    return any(name in request.headers for name in PRIVATE_HEADERS) or any(
        secret in content for secret in secrets.values()
    )


def request_to_json(request: Request, spider: SourceSpider) -> str:
    """Write a request as JSON, of which nothing is ever executed."""
    parts = request.to_dict(spider=spider)
    arguments = dict(parts["cb_kwargs"])
    query = query_to_list(arguments.pop("query"))
    headers = {_text(k): [_text(v) for v in vs] for k, vs in parts["headers"].items()}
    body = _text(parts["body"])
    return dump({**parts, "headers": headers, "body": body, "cb_kwargs": [query, arguments]})


def request_from_json(payload: str, spider: SourceSpider) -> Request:
    """Rebuild the request that `request_to_json` wrote."""
    parts = load(payload)
    query, arguments = parts["cb_kwargs"]
    parts["cb_kwargs"] = {"query": query_from_list(query), **arguments}
    parts["body"] = parts["body"].encode("latin-1")
    return request_from_dict(parts, spider=spider)


def _text(value: bytes) -> str:
    return value.decode("latin-1")
