"""Components as a CycloneDX document: equal content gives equal bytes, so no time and no random number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from bootstrap.bundle.sbom.component import Component

MEDIA_TYPE = "application/vnd.cyclonedx+json"
#: Raise it when the same layers would give another document: kept ones are made again then.
VERSION = 1


def document(name: str, digest: str, components: Iterable[Component]) -> dict[str, Any]:
    """The bill of materials of an image (CycloneDX 1.6)."""
    purl = f"pkg:oci/{quote(name.lower(), safe='')}@{quote(digest, safe='')}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": purl,
                "name": name,
                "version": digest,
                "purl": purl,
            }
        },
        "components": [_component(purl, each) for purl, each in _by_purl(components)],
    }


def counts(content: dict[str, Any]) -> dict[str, int]:
    """How many components of which kind a document lists."""
    kinds = (str(each["purl"]).removeprefix("pkg:").partition("/")[0] for each in content["components"])
    return dict(sorted(Counter(kinds).items()))


def _by_purl(components: Iterable[Component]) -> list[tuple[str, Component]]:
    return sorted({each.purl: each for each in sorted(components)}.items())


def _component(purl: str, each: Component) -> dict[str, str]:
    version = {"version": each.version} if each.version else {}
    return {"type": "library", "bom-ref": purl, "name": each.name, **version, "purl": purl}
