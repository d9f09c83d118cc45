"""The JSON Schema of the YAML, by which an editor completes, explains and checks it."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from config.models import Settings
from config.values import show_duration


def json_schema() -> dict[str, Any]:
    """As plain data. Whatever it allows in `${NAME}` form, the loader checks when it knows the value."""
    described = Settings.model_json_schema(schema_generator=_Generator)
    return {"$schema": GenerateJsonSchema.schema_dialect, **described}


class _Generator(GenerateJsonSchema):
    def encode_default(self, dft: Any) -> Any:
        """As it would be written: pydantic writes PT10M for 10m."""
        if isinstance(dft, BaseModel):
            return {name: self.encode_default(value) for name, value in dft}
        return show_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        """Key names are titles enough."""
        return False
