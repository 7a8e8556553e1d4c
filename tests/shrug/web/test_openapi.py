"""The description of the API, and responses that follow it."""

from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from tests.shrug.web.conftest import PageClient

V1 = "/api/v1"


ADDRESSES = {
    "/api/v1/now": "",
    "/api/v1/report": "",
    "/api/v1/outages": "?sort=loudest",
    "/api/v1/outages/{id}": "",
    "/api/v1/providers": "",
    "/api/v1/compare": "?id=1&id=2",
    "/api/v1/claims": "",
    "/api/v1/sources": "",
}


@pytest.fixture(scope="module")
def described(page: PageClient) -> dict[str, Any]:
    document: dict[str, Any] = page.get(f"{V1}/openapi.json").json()
    return document


def test_the_description_is_valid_openapi(described: dict[str, Any]) -> None:
    validate(described)
    assert set(described["paths"]) == set(ADDRESSES)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_response_follows_its_schema(
    page: PageClient, described: dict[str, Any], path: str
) -> None:
    got = page.get(path.replace("{id}", "1") + ADDRESSES[path])
    assert got.status == 200
    answer = described["paths"][path]["get"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    whole = {**schema, "components": described["components"]}
    jsonschema.validate(got.json(), whole, format_checker=jsonschema.FormatChecker())
