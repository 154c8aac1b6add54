"""What is found in layers: by package manager, through whiteouts, the same bytes each time."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.bundle.layout import Layout
from bootstrap.bundle.sbom import document, parse, scan, shelf
from bootstrap.bundle.sbom.component import Component
from bootstrap.errors import IdpError
from bootstrap.progress import Event, Progress
from tests.unit.bundle.conftest import add_image, tar_of

STATUS = b"""\
Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.41-12+deb13u1
Description: GNU C Library
 Version: not a field

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: adduser
Status: hold ok installed
Architecture: all
Version: 1:3.152~x
"""
METADATA = b"Metadata-Version: 2.4\nName: Ruamel.YAML_x\nVersion: 1.0+local\n\nName: not this\n"
PACKAGE = b'{"name": "@types/node", "version": "24.1.0", "dependencies": {"a": "1"}}'


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def binary(modules: str, version: str = "go1.26.3", before: bytes = b"\x7fELF" + bytes(60)) -> bytes:
    """A program as Go's linker marks it since 1.18."""
    framed = b"0" * 16 + modules.encode() + b"1" * 16
    header = (parse.GO_MAGIC + b"\x08\x02").ljust(32, b"\0")
    strings = (varint(len(version.encode())) + version.encode(), varint(len(framed)) + framed)
    return before + header + b"".join(strings) + b"tail"


MODULES = (
    "path\texample.org/Tool/cmd\nmod\texample.org/Tool\t(devel)\t\n"
    "dep\tgolang.org/x/net\tv0.40.0\th1:a=\n"
    "dep\tgithub.com/Old/thing\tv1.0.0\n=>\tgithub.com/new/thing\tv1.1.0\th1:b=\nbuild\t-trimpath=true\n"
)
GO = [
    "pkg:golang/stdlib@1.26.3",
    "pkg:golang/example.org/tool",
    "pkg:golang/golang.org/x/net@v0.40.0",
    "pkg:golang/github.com/new/thing@v1.1.0",
]
#: A program that reads such headers holds the mark itself, at any place, with anything behind it.
READER = binary(MODULES, before=(b"\x7fELF" + bytes(9) + parse.GO_MAGIC).ljust(64, b"\x02"))

READ = {
    "debian": (
        parse.debian(STATUS),
        [
            "pkg:deb/debian/libc6@2.41-12%2Bdeb13u1?arch=amd64",
            "pkg:deb/debian/adduser@1:3.152~x?arch=all",
        ],
    ),
    "distroless": (
        parse.debian(b"Package: base\nVersion: 13\nArchitecture: all\n"),
        ["pkg:deb/debian/base@13?arch=all"],
    ),
    "python": (parse.python(METADATA), ["pkg:pypi/ruamel-yaml-x@1.0%2Blocal"]),
    "npm": (parse.npm(PACKAGE), ["pkg:npm/%40types/node@24.1.0"]),
    "npm without version": (parse.npm(b'{"name": "a"}'), []),
    "npm of another kind": (parse.npm(b'{"name": ["a"], "version": 1}'), []),
    "go": (parse.go(binary(MODULES)), GO),
    "go that reads go": (parse.go(READER), GO),
    "go cut short": (parse.go(binary(MODULES)[:90]), []),
    "no go": (parse.go(b"\x7fELF" + bytes(400)), []),
}


@pytest.mark.parametrize("name", READ)
def test_what_package_managers_leave_is_read(name: str) -> None:
    found, purls = READ[name]
    assert [each.purl for each in found] == purls


@pytest.mark.parametrize(
    "reader", [parse.debian, parse.python, parse.npm, parse.go], ids=lambda f: f.__name__
)
@given(data=st.data())
def test_damaged_input_gives_no_error(reader, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    whole = data.draw(st.sampled_from([STATUS, METADATA, PACKAGE, binary(MODULES)]))
    at, junk = data.draw(st.integers(0, len(whole))), data.draw(st.binary(max_size=40))
    for content in (whole[:at] + junk, whole[:at] + junk + whole[at:], junk):
        assert all(each.name and each.purl.startswith("pkg:") for each in reader(content))


@given(st.text(min_size=0, max_size=300), st.integers(0, 40))
def test_strings_of_any_length_are_found(text: str, lines: int) -> None:
    modules = "".join(f"dep\texample.org/m{n}\tv{n}.0.0\n" for n in range(lines))
    found = parse.go(binary(modules, version="go1.26 " + text.replace("\n", " ")))
    assert [each.name for each in found] == ["stdlib", *(f"example.org/m{n}" for n in range(lines))]


def layers_of(*contents: Mapping[str, bytes]) -> list[str]:
    """Names of components in an image of these layers, which are files in memory."""
    return [each.name for each in scan.merge(layer_of(tar_of(content)) for content in contents)]


def layer_of(content: bytes) -> scan.Layer:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return scan._members(tar)


def dist(name: str) -> bytes:
    return f"Name: {name}\nVersion: 1\n".encode()


LOW = {"./usr/lib/a.dist-info/METADATA": dist("a"), "usr/lib/b.dist-info/METADATA": dist("b")}
IMAGES: dict[str, tuple[list[Mapping[str, bytes]], list[str]]] = {
    "one layer": ([LOW], ["a", "b"]),
    "a file removed": ([LOW, {"usr/lib/a.dist-info/.wh.METADATA": b""}], ["b"]),
    "a folder removed": ([LOW, {"usr/lib/.wh.a.dist-info": b""}], ["b"]),
    "the root removed": ([LOW, {".wh.usr": b""}], []),
    "a name that only begins alike": ([LOW, {"usr/.wh.li": b""}], ["a", "b"]),
    "a folder emptied": ([LOW, {"usr/lib/.wh..wh..opq": b""}], []),
    "emptied and filled by one layer": (
        [LOW, {"usr/lib/c.dist-info/METADATA": dist("c"), "usr/lib/.wh..wh..opq": b""}],
        ["c"],
    ),
    "replaced": ([LOW, {"usr/lib/a.dist-info/METADATA": dist("other")}], ["b", "other"]),
    "a file over a folder": ([LOW, {"usr/lib/a.dist-info": b""}], ["b"]),
    "removed and back": ([LOW, {".wh.usr": b""}, LOW], ["a", "b"]),
    "removed below, not above": ([{".wh.usr": b""}, LOW], ["a", "b"]),
    "one thing in two places": ([LOW, {"opt/a.dist-info/METADATA": dist("a")}], ["a", "b"]),
    "npm, and what only looks so": (
        [
            {
                "app/node_modules/@types/node/package.json": PACKAGE,
                "app/node_modules/@types/node/dist/package.json": b'{"name": "inner", "version": "1"}',
                "app/package.json": b'{"name": "app", "version": "1"}',
                "node_modules/x/node_modules/y/package.json": b'{"name": "y", "version": "1"}',
            }
        ],
        ["@types/node", "y"],
    ),
}


@pytest.mark.parametrize("name", IMAGES)
def test_layers_lie_upon_each_other(name: str) -> None:
    contents, names = IMAGES[name]
    assert layers_of(*contents) == names


def test_programs_are_looked_into_where_they_can_run(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, mode in (("bin/tool", 0o755), ("share/tool", 0o644)):
            content = binary(MODULES.replace("example.org/Tool", name))
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            tar.addfile(member, io.BytesIO(content))
    found = {each.name for each in scan.merge([layer_of(buffer.getvalue())])}
    assert "bin/tool" in found
    assert "share/tool" not in found


def test_a_compressed_layer_is_read_and_a_damaged_one_named(tmp_path: Path) -> None:
    file = tmp_path / "layer"
    file.write_bytes(gzip.compress(tar_of(LOW)))
    assert set(scan.layer(file).found) == {"usr/lib/a.dist-info/METADATA", "usr/lib/b.dist-info/METADATA"}
    file.write_bytes(b"nonsense" * 200)
    with pytest.raises(IdpError, match="IDP-B021"):
        scan.layer(file)


def test_a_document_depends_on_content_alone() -> None:
    components = [Component("pypi", "b", "1"), Component("deb", "a", "2", "all"), Component("pypi", "B", "1")]
    one = document.document("x", "sha256:1", components)
    assert json.dumps(one) == json.dumps(document.document("x", "sha256:1", reversed(components)))
    purls = [each["bom-ref"] for each in one["components"]]
    assert purls == sorted(set(purls))
    assert document.counts(one) == {"deb": 1, "pypi": 1}
    assert (one["bomFormat"], one["specVersion"]) == ("CycloneDX", "1.6")


def provided(layout: Layout, images: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Digests of the bills by name, and the notes of making them."""
    events: list[Event] = []
    with Progress(events.append).step("bills") as step:
        found = shelf.provide(layout, images, step)
    return {name: entry.digest for name, entry in found.items()}, [e.text for e in events if e.kind == "note"]


def test_a_bill_is_made_once_refers_to_its_image_and_lives_as_long(layout: Layout, tmp_path: Path) -> None:
    image = add_image(layout, tar_of(LOW))
    layout.record("a", "key", image, "packages")
    bills, notes = provided(layout, {"a": image.digest})
    assert notes == ["read a, 1 of 1"]
    assert provided(layout, {"a": image.digest}) == (bills, [])
    manifest = layout.read_json(bills["a"])
    assert manifest["subject"]["digest"] == image.digest
    assert manifest["artifactType"] == "application/vnd.cyclonedx+json"

    layout.keep({image.digest})
    assert provided(layout, {"a": image.digest}) == (bills, [])
    layout.keep(set())
    assert layout.entries() == []
    assert not layout.has(bills["a"])

    elsewhere = Layout(tmp_path / "elsewhere").create()
    add_image(elsewhere, tar_of(LOW))
    assert provided(elsewhere, {"a": image.digest})[0] == bills
