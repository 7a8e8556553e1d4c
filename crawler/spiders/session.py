"""Sources that give a token for the user's own name and password before they answer."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

from scrapy import Request
from scrapy.http import Response

from crawler.items import Ask, Kind
from crawler.reading import load_json
from crawler.spiders.base import Answer, SourceSpider


class SessionSpider(SourceSpider):
    """Asks for a token once a crawl; neither it nor what it was given for is ever kept."""

    session_path: ClassVar[str]
    given_as: ClassVar[str]
    _token = ""

    def credentials(self) -> dict[str, str]:
        """What is sent for a token."""
        raise NotImplementedError

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    async def start(self) -> AsyncIterator[Request]:
        yield Request(
            f"{self.url}{self.session_path}",
            method="POST",
            body=json.dumps(self.credentials()),
            headers={"Content-Type": "application/json"},
            callback=self.parse_session,
            errback=self._failed,
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
