"""What Argo CD makes of a repository, with the facts that its Application brings to it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bootstrap import shell


def build(repository: Path, folder: str, given: Mapping[str, Any]) -> shell.Result:
    """`kustomize build` of a folder of the repository; `given` are the inputs of its step `idp:deploy`."""
    with tempfile.TemporaryDirectory(prefix="idp-delivery-") as scratch:
        copy = shutil.copytree(repository, Path(scratch) / "repository")
        file = copy / folder / "kustomization.yaml"
        if file.is_file():
            file.write_text(with_facts(file.read_text(), given))
        return shell.run(["kubectl", "kustomize", str(copy / folder)], check=False, timeout=60)


def with_facts(kustomization: str, given: Mapping[str, Any]) -> str:
    """A kustomization as Argo CD edits it for `spec.source.kustomize` of the Application. Pure.

    What is no mapping comes back as it is: kustomize says best what is wrong with it.
    """
    try:
        content = yaml.safe_load(kustomization)
    except yaml.YAMLError:
        return kustomization
    if not isinstance(content, dict):
        return kustomization
    images = {entry["name"]: entry for entry in [*(content.get("images") or []), *_images(given)]}
    patches = [*(content.get("patches") or []), *_patches(given)]
    return yaml.safe_dump({**content, "images": list(images.values()), "patches": patches}, sort_keys=False)


def _images(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, reference in (given.get("images") or {}).items():
        where, _, digest = str(reference).partition("@")
        yield {"name": name, "newName": where, **({"digest": digest} if digest else {})}


def _patches(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if host := given.get("host"):
        target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": given["name"]}
        added = [{"op": "add", "path": "/spec/hostnames", "value": [host]}]
        yield {"target": target, "patch": yaml.safe_dump(added)}
