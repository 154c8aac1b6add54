"""What the shapes of all definitions are made of."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bootstrap.model import Facts

DNS_LABEL = re.compile(r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")


def _dns_label(text: str) -> str:
    if not DNS_LABEL.match(text):
        raise ValueError("must be a DNS label: a-z, 0-9 and '-', starting with a letter, at most 40")
    return text


def _bucket_name(text: str) -> str:
    if len(_dns_label(text)) < 3:
        raise ValueError("the name of a bucket has at least 3 characters")
    return text


def _known_facts(wanted: dict[str, str]) -> dict[str, str]:
    known = {fact.name for fact in fields(Facts)}
    if unknown := sorted(set(wanted) - known):
        raise ValueError(f"no such fact: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return wanted


Label = Annotated[str, AfterValidator(_dns_label)]
Bucket = Annotated[str, AfterValidator(_bucket_name)]
#: Only where the target offers these values of these facts.
Where = Annotated[dict[str, str], AfterValidator(_known_facts)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
