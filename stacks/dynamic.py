"""Resources whose provider is Python of this project, run by Pulumi in a process of its own.

Pulumi pickles a provider into the state. Ours hold no values and live in importable modules, so that
the pickle is the name of a class and nothing else: state depends neither on code nor on secrets in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ParamSpec, TypeVar

from pulumi import dynamic

from bootstrap.errors import IdpError

P = ParamSpec("P")
T = TypeVar("T")

_MARK = re.compile(r"idp-error:(\{.*\})")


class Provider(dynamic.ResourceProvider):
    """Base of our providers: carries errors for users across the process boundary."""

    serialize_as_secret_always = False


def reporting(operation: Callable[P, T]) -> Callable[P, T]:
    """Let an IdpError out of a provider's operation in a form that `error_in` understands."""

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return operation(*args, **kwargs)
        except IdpError as error:
            raise RuntimeError(f"idp-error:{json.dumps(asdict(error))}") from error

    run.__doc__, run.__name__ = operation.__doc__, operation.__name__
    return run


def error_in(text: str) -> IdpError | None:
    """The IdpError that a provider reported somewhere in Pulumi's output, if any."""
    for found in _MARK.finditer(text):
        try:
            return IdpError(**json.loads(found[1]))
        except (ValueError, TypeError):
            continue
    return None


def changed(before: Mapping[str, Any], after: Mapping[str, Any], *keys: str) -> list[str]:
    """Those of `keys` whose values differ. Numbers come back from state as floats and compare equal."""
    return [key for key in keys if before.get(key) != after.get(key)]
