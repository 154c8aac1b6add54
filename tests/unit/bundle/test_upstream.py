"""Every upstream reference of the project, pulled from a real registry that plays the upstream.

The registry is `distribution`, built from tests/registry. It holds a tiny image under each upstream path,
for two platforms, and is asked through the registry mirror setting, as a company's mirror would be.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from bootstrap import bundle, paths, shell
from bootstrap import plan as planning
from bootstrap.bundle import Source, engine, net, places
from bootstrap.bundle.layout import INDEX_TYPE, MANIFEST_TYPE, Layout
from bootstrap.bundle.logins import RegistryAuth
from bootstrap.bundle.references import Reference, mirrored, parse
from bootstrap.bundle.registry import Registry
from bootstrap.model import Image, Plan, Target
from bootstrap.progress import silent
from tests.registry import running

pytestmark = pytest.mark.engine

STACK = "reference"


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    """Address of a running, empty registry; its image is built by the stage under test."""
    with running() as found:
        yield found.address


class Shelf:
    """Pushes tiny images; remembers which manifest stands for which platform."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.manifests: dict[tuple[str, str], str] = {}

    def push(self, upstream: Reference) -> str:
        """Put an image for two platforms under the upstream's path; returns the digest of its index."""
        reference = mirrored(upstream, self.address)
        base = f"http://{self.address}/v2/{reference.repository}"
        entries = [self._image(base, str(upstream), arch) for arch in ("amd64", "arm64")]
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": entries}).encode()
        return self._put(f"{base}/manifests/{upstream.tag}", index, INDEX_TYPE)

    def _image(self, base: str, mark: str, arch: str) -> dict[str, object]:
        layer = self._blob(base, _tar_of(f"{mark} {arch}"))
        diff_ids = {"type": "layers", "diff_ids": [layer["digest"]]}
        config = {"os": "linux", "architecture": arch, "rootfs": diff_ids, "config": {}}
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST_TYPE,
                "config": self._blob(base, json.dumps(config).encode()),
                "layers": [layer],
            }
        ).encode()
        digest = _digest(manifest)
        self._put(f"{base}/manifests/{digest}", manifest, MANIFEST_TYPE)
        self.manifests[mark, arch] = digest
        platform = {"os": "linux", "architecture": arch}
        return {"mediaType": MANIFEST_TYPE, "digest": digest, "size": len(manifest), "platform": platform}

    def _blob(self, base: str, content: bytes) -> dict[str, object]:
        begun = httpx.post(f"{base}/blobs/uploads/", trust_env=False).raise_for_status()
        place = httpx.URL(begun.headers["Location"]).copy_merge_params({"digest": _digest(content)})
        httpx.put(place, content=content, trust_env=False).raise_for_status()
        return {
            "mediaType": "application/vnd.oci.image.layer.v1.tar",
            "digest": _digest(content),
            "size": len(content),
        }

    def _put(self, url: str, content: bytes, media_type: str) -> str:
        headers = {"Content-Type": media_type}
        httpx.put(url, content=content, headers=headers, trust_env=False).raise_for_status()
        return _digest(content)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _tar_of(text: str) -> bytes:
    from tests.unit.bundle.conftest import tar_of

    return tar_of({"text": text.encode()})


def of_test(shelf: Shelf, upstream: str) -> str:
    """The same reference with the digest of the tiny image in the place of the real one's."""
    reference = parse(upstream)
    digest = shelf.push(dataclasses.replace(reference, digest=""))
    return str(dataclasses.replace(reference, digest=digest if reference.digest else ""))


def plan_with(shelf: Shelf) -> Plan:
    plan = planning.load(STACK, Target("local", "upstream"))
    packages = tuple(
        dataclasses.replace(
            package,
            images=tuple(
                dataclasses.replace(image, upstream=of_test(shelf, image.upstream))
                for image in package.images
                if image.upstream
            ),
            upstream_manifests=(),
        )
        for package in plan.packages
    )
    return dataclasses.replace(plan, packages=packages)


def expected(shelf: Shelf, upstream: str, platform: str) -> str:
    mark = str(dataclasses.replace(parse(upstream), digest=""))
    return shelf.manifests[mark, platform.partition("/")[2]]


def cluster_with(shelf: Shelf, folder: Path) -> str:
    """A copy in `folder` of the cluster's images.yaml with a test digest; returns the node's upstream."""
    content = yaml.safe_load((paths.stacks() / "kind" / "node" / "images.yaml").read_text())
    content["node"]["upstream"] = of_test(shelf, content["node"]["upstream"])
    file = folder / "kind" / "node" / "images.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(content))
    return str(content["node"]["upstream"])


def bases_with(shelf: Shelf, folder: Path) -> None:
    """A folder of base images: Debian's with a test digest, and those that nothing is built upon here."""
    for name in ("golang", "nodejs"):
        (folder / name).mkdir(parents=True)
    (folder / "debian").mkdir(parents=True)
    (folder / "debian" / "upstream.yaml").write_text(yaml.safe_dump({"13": of_test(shelf, debian())}))
    (folder / "debian" / "rootfs.sh").write_text("exit 1")


def debian() -> str:
    upstreams = yaml.safe_load((paths.images() / "debian/upstream.yaml").read_text())
    return str(upstreams["13"])


def with_own_image(plan: Plan, folder: Path) -> Plan:
    """The plan and one image more, which has a Dockerfile and no upstream."""
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM idp.local/debian:13\nCOPY own.txt /\n")
    (folder / "own.txt").write_text("own")
    package = dataclasses.replace(plan.packages[0], name="own", images=(Image("own", "", folder),))
    return dataclasses.replace(plan, packages=(*plan.packages, package))


def content_of(layout: Layout, digest: str) -> str:
    return " ".join(layout.path(b.digest).read_bytes().decode(errors="replace") for b in layout.parts(digest))


def test_a_bundle_from_upstream(
    registry: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has an upstream is pulled; what has none is built upon a base that is pulled."""
    shelf = Shelf(registry)
    plan = with_own_image(plan_with(shelf), tmp_path / "own")
    node = cluster_with(shelf, tmp_path / "stacks")
    bases_with(shelf, tmp_path / "images")
    monkeypatch.setattr(paths, "stacks", lambda: tmp_path / "stacks")
    monkeypatch.setattr(paths, "images", lambda: tmp_path / "images")
    monkeypatch.setenv("IDP_REGISTRY_MIRROR", registry)

    lock = bundle.build(plan, Source.REGISTRY, silent())
    try:
        for name, upstream in {
            **{i.name: i.upstream for i in plan.images if i.upstream},
            "node": node,
        }.items():
            assert lock.image(name).digest == expected(shelf, upstream, lock.platform)
            assert lock.image(name).upstream == upstream
        own = lock.image("own")
        assert own.upstream == ""
        assert "own" in content_of(places.layout(), own.digest)
        assert f"{debian()} {lock.platform.partition('/')[2]}" in content_of(places.layout(), own.digest)
        assert lock.store_node == lock.image("node").digest
        assert lock.node in engine.tags()
        assert bundle.build(plan, Source.AUTO, silent()) == lock
    finally:
        keys = {entry.key[:12] for entry in places.layout().entries()}
        ours = [tag for tag in engine.tags() if tag[-12:] in keys]
        shell.run([engine.DOCKER, "image", "rm", *ours], check=False, timeout=60)


def test_every_upstream_reference_is_pinned_and_pullable(registry: str, layout: Layout) -> None:
    """Those of packages, of Kubernetes' components, and of base images; each says which version."""
    content = yaml.safe_load((paths.stacks() / "kind" / "node" / "images.yaml").read_text())
    bases = yaml.safe_load((paths.images() / "debian" / "upstream.yaml").read_text())
    plan = planning.load(STACK, Target("local", "upstream"))
    references = [
        *(image.upstream for image in plan.images if image.upstream),
        *(entry["upstream"] for entry in (content["node"], *content["components"].values())),
        *bases.values(),
    ]
    shelf = Shelf(registry)
    for reference in references:
        assert parse(reference).tag not in ("", "latest"), reference
        pulled = parse(of_test(shelf, reference))
        with net.client(auth=RegistryAuth()) as http:
            manifest = Registry(mirrored(pulled, registry), http).pull(layout, "linux/arm64")
        assert manifest.digest == expected(shelf, reference, "linux/arm64")
