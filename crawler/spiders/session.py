"""The base of sources that require a token, had for the user's own credentials."""

from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import CrawlQuery, TroubleKind
from crawler.parsing import load_json
from crawler.spiders.base import SourceSpider, SpiderOutput


class SessionSpider(SourceSpider):
    """Requests a token once a crawl; neither the token nor the credentials are ever stored."""

    session_path: ClassVar[str]
    session_field: ClassVar[str]
    _token = ""

    @property
    def session_base(self) -> str:
        """The base address of the server that issues tokens."""
        return self.url

    def session_body(self) -> tuple[str, Mapping[str, str]]:
        """Return the body and the headers of the request for a token."""
        raise NotImplementedError

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    async def start(self) -> AsyncIterator[Request]:
        body, headers = self.session_body()
        yield Request(
            f"{self.session_base}{self.session_path}",
            method="POST",
            body=body,
            headers=dict(headers),
            meta={"dont_cache": True},
            callback=self.parse_session,
            errback=self.failed,
            cb_kwargs={"query": self.job.queries[0]},
            dont_filter=True,
        )

    def parse_session(self, response: Response, query: CrawlQuery) -> SpiderOutput:
        """Take the token and start the queries, or report why there is none."""
        if response.status in {400, 401}:
            # The body may repeat the credentials: it is neither shown nor stored.
            why = "name or password are not accepted"
            yield self.trouble(query, TroubleKind.BLOCKED, response, why)
            return
        refusal = self.refusal(response, query)
        if refusal:
            yield refusal
            return
        token = load_json(response.body, self.name).get(self.session_field)
        if not isinstance(token, str) or not token:
            yield self.trouble(
                query, TroubleKind.UNREADABLE, response, f"{self.session_field} was due"
            )
            return
        self._token = token
        yield from self.first_requests()
