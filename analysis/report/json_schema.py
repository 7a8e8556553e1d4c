"""The JSON schema of a report and its parts, derived from their dataclasses."""

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from pydantic.alias_generators import to_snake
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from analysis.report.data import Report
from analysis.report.serialization import adapter

# Names of parts that differ from the names of their classes.
PUBLIC_NAMES = {
    "BoardComparison": "comparison",
    "BoardEvent": "event",
    "BoardYear": "year",
    "ClaimAnswer": "answer",
    "LanguageMood": "felt",
    "Measurement": "channel",
    "NamedAlternative": "turned",
    "OutageReport": "outage",
    "PooledOutages": "together",
    "ProviderSummary": "provider",
    "SourceCoverage": "source",
    "VolumeComparison": "volume",
}


def public_name(class_name: str) -> str:
    """The name of a class in the schema."""
    return PUBLIC_NAMES.get(class_name) or to_snake(class_name)


class StrictJsonSchema(GenerateJsonSchema):
    """A schema whose objects have every described key and no other."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        described = {**super().dataclass_schema(schema), "additionalProperties": False}
        described["description"] = " ".join(described["description"].split())
        described.pop("title")
        return described

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: ARG002
        return True

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def normalize_name(self, name: str) -> str:
        return public_name(super().normalize_name(name))


def report_schema() -> dict[str, Any]:
    """The JSON schema of what `to_json` writes."""
    schema = adapter(Report).json_schema(mode="serialization", schema_generator=StrictJsonSchema)
    return {"$schema": StrictJsonSchema.schema_dialect, "title": "shrug report", **schema}


def component_schemas(types: Iterable[type[Any]]) -> dict[str, Any]:
    """The schemas of these types and of all their parts by name, as OpenAPI refers to them."""
    _, schema = TypeAdapter.json_schemas(
        [(type_.__name__, "serialization", adapter(type_)) for type_ in types],
        ref_template="#/components/schemas/{model}",
        schema_generator=StrictJsonSchema,
    )
    components: dict[str, Any] = schema["$defs"]
    return components
