"""The shape of requests and answers, made from the features of the data set."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from data import Dataset

MOST_INSTANCES = 1000


class Answer(BaseModel):
    predictions: list[str] = Field(description="The class of each instance, in the order of the request")
    probabilities: list[dict[str, float]] = Field(description="How sure the model is of each class")
    version: str = Field(description="The version of the model that has answered")


def request(dataset: Dataset) -> type[BaseModel]:
    """`{"instances": [{feature: number, …}, …]}`; a plain list of numbers in order is an instance too."""
    example = dict(zip(dataset.features, (float(value) for value in dataset.rows[0]), strict=True))
    fields: dict[str, Any] = {feature: (Number, ...) for feature in dataset.features}
    instance = create_model(
        "Instance",
        __config__=ConfigDict(extra="forbid", json_schema_extra={"example": example}),
        **fields,
    )

    def by_position(value: Any) -> Any:
        if isinstance(value, list) and len(value) == len(dataset.features):
            return dict(zip(dataset.features, value, strict=True))
        return value

    listed: Any = list[Annotated[instance, BeforeValidator(by_position)]]
    return create_model(
        "Request",
        __config__=ConfigDict(extra="forbid"),
        instances=(listed, Field(min_length=1, max_length=MOST_INSTANCES)),
    )


Number = Annotated[float, Field(allow_inf_nan=False)]
