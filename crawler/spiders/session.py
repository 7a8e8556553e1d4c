"""Sources that give a token for the user's own name and password before they answer."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.parsing import load_json
from crawler.spiders.base import Answer, SourceSpider


class SessionSpider(SourceSpider):
    """Asks for a token once a crawl; neither it nor what it was given for is ever kept."""

    session_path: ClassVar[str]
    given_as: ClassVar[str]
    _token = ""

    @property
    def session_base(self) -> str:
        """The address that gives tokens."""
        return self.url

    def credentials(self) -> dict[str, str]:
        """What is sent for a token."""
        raise NotImplementedError

    def session_body(self) -> tuple[str, Mapping[str, str]]:
        """Body and headers of the request for a token."""
        return json.dumps(self.credentials()), {"Content-Type": "application/json"}

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
            cb_kwargs={"ask": self.job.asks[0]},
            dont_filter=True,
        )

    def parse_session(self, response: Response, ask: Ask) -> Answer:
        if response.status in {400, 401}:
            # The answer may repeat what was sent: it is neither shown nor kept.
            yield self.trouble(ask, Kind.BLOCKED, response, "name or password are not accepted")
            return
        refusal = self.refusal(response, ask)
        if refusal:
            yield refusal
            return
        token = load_json(response.body, self.name).get(self.given_as)
        if not isinstance(token, str) or not token:
            yield self.trouble(ask, Kind.UNREADABLE, response, f"{self.given_as} was due")
            return
        self._token = token
        yield from self.beginning()
