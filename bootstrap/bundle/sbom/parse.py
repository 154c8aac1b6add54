"""What package managers leave behind, read: text or bytes in, components out; damaged input gives none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.parser import HeaderParser

from bootstrap.bundle.sbom.component import Component

GO_MAGIC = b"\xff Go buildinf:"
#: Go's debug/buildinfo: a header of 32 bytes at a multiple of 16; byte 15 says whether strings follow inline.
_GO_HEADER, _GO_ALIGN, _GO_FLAGS, _GO_INLINE = 32, 16, 15, 0x2
#: Marks of 16 bytes around the module list (Go's runtime/debug, modinfo).
_GO_FRAME = 16


def debian(content: bytes) -> list[Component]:
    """The installed packages of a dpkg status file."""
    found = []
    for paragraph in content.decode(errors="replace").split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and not line[:1].isspace()
        )
        installed = fields.get("Status", "install ok installed").endswith(" installed")
        if installed and fields.get("Package") and fields.get("Version"):
            found.append(
                Component("deb", fields["Package"], fields["Version"], fields.get("Architecture", ""))
            )
    return found


def python(content: bytes) -> list[Component]:
    """The distribution of a METADATA file."""
    fields = HeaderParser().parsestr(content.decode(errors="replace"), headersonly=True)
    name, version = str(fields.get("Name", "")).strip(), str(fields.get("Version", "")).strip()
    return [Component("pypi", name, version)] if name and version else []


def npm(content: bytes) -> list[Component]:
    """The package of a package.json with a name and a version."""
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        return []
    if not isinstance(fields, dict):
        return []
    name, version = fields.get("name"), fields.get("version")
    if isinstance(name, str) and isinstance(version, str) and name and version:
        return [Component("npm", name, version)]
    return []


def go(content: bytes) -> list[Component]:
    """Modules and the standard library of a Go binary that was built since Go 1.18."""
    for at in _occurrences(content):
        version, rest = _string(content, at + _GO_HEADER)
        modules, _ = _string(content, rest)
        if version.startswith(b"go1") or version.startswith(b"devel"):
            number = version.decode(errors="replace").split()[0].removeprefix("go")
            return [Component("golang", "stdlib", number), *_modules(modules)]
    return []


def _occurrences(content: bytes) -> Iterator[int]:
    """Where a header with inline strings may stand; programs that read such headers hold the mark, too."""
    at = content.find(GO_MAGIC)
    while at >= 0:
        flags = content[at + _GO_FLAGS : at + _GO_FLAGS + 1]
        if at % _GO_ALIGN == 0 and flags and flags[0] & _GO_INLINE:
            yield at
        at = content.find(GO_MAGIC, at + 1)


def _string(content: bytes, at: int) -> tuple[bytes, int]:
    """A string after its length as a varint, and where the next thing begins."""
    length = shift = 0
    while at < len(content) and shift < 64:
        byte = content[at]
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return content[at : at + length], at + length
    return b"", len(content)


def _modules(framed: bytes) -> list[Component]:
    """The lines `mod` and `dep` of build information; `=>` puts another module in the place of the last."""
    found: list[Component] = []
    for line in framed[_GO_FRAME:-_GO_FRAME].decode(errors="replace").split("\n"):
        kind, *fields = line.split("\t")
        if kind in ("mod", "dep", "=>") and len(fields) >= 2 and fields[0]:
            if kind == "=>" and found:
                found.pop()
            version = "" if fields[1] == "(devel)" else fields[1]
            found.append(Component("golang", fields[0], version))
    return found
