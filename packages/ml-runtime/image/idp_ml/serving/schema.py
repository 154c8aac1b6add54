"""The shape of requests and answers, made from the columns of the model in service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

MOST_INSTANCES = 1000

Number = Annotated[float, Field(allow_inf_nan=False)]
_TYPES: Mapping[str, Any] = {"boolean": bool, "string": str}


class Answer(BaseModel):
    predictions: list[str] = Field(description="The class of each instance, in the order of the request")
    probabilities: list[dict[str, float]] = Field(description="How sure the model is of each class")
    model: str = Field(description="The registered model that has answered")
    version: str = Field(description="Its version")
    request_id: str = Field(description="Finds the entries of this request in the prediction log")


class AnyRequest(BaseModel):
    """What is known of a request before a model is in service."""

    model_config = ConfigDict(title="Request", extra="forbid")
    instances: list[dict[str, Any] | list[Any]] = Field(min_length=1, max_length=MOST_INSTANCES)


def request(columns: Mapping[str, str], example: Mapping[str, Any]) -> type[BaseModel]:
    """`{"instances": [{feature: value, …}, …]}`; a plain list of values in order is an instance too."""
    fields: dict[str, Any] = {name: (_TYPES.get(kind, Number), ...) for name, kind in columns.items()}
    instance = create_model(
        "Instance",
        __config__=ConfigDict(extra="forbid", json_schema_extra={"example": dict(example)}),
        **fields,
    )

    def by_position(value: Any) -> Any:
        if isinstance(value, list) and len(value) == len(columns):
            return dict(zip(columns, value, strict=True))
        return value

    listed: Any = list[Annotated[instance, BeforeValidator(by_position)]]
    return create_model(
        "Request",
        __config__=ConfigDict(extra="forbid"),
        instances=(listed, Field(min_length=1, max_length=MOST_INSTANCES)),
    )
