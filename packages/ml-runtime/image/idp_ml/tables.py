"""Data sets: those that ship with scikit-learn, repositories of the golden path ml-dataset, folders.

A source is a word: `iris`, `dataset:NAME`, `dataset:NAME@COMMIT`, or `folder:PATH`. Loading pins it: the
table says by which word the very same bytes can be had again.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from idp_ml import gitea, schema, validation
from idp_ml.errors import Refused
from idp_ml.schema import Column, Schema

SHIPPED = ("iris", "wine", "breast_cancer")
ORGANISATION = "ml"
Reader = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Table:
    """Checked rows with their types. `pin` is the source that gives these very rows again."""

    name: str
    version: str
    sha256: str
    pin: str
    schema: Schema
    frame: pd.DataFrame

    @property
    def features(self) -> pd.DataFrame:
        return self.frame[list(self.schema.features)]

    @property
    def target(self) -> pd.Series:
        return self.frame[self.schema.target].astype(str)


@dataclass(frozen=True)
class Raw:
    """A table before its checks: cells as text."""

    name: str
    version: str
    sha256: str
    pin: str
    schema: Schema
    cells: pd.DataFrame


def load(source: str, target: str = "") -> Table:
    """Raises Refused with every failing value where the data breaks its schema."""
    return checked(read(source), target)


def read(source: str) -> Raw:
    """The cells and their schema, not yet checked."""
    kind, _, rest = source.rpartition(":")
    if not kind and source in SHIPPED:
        return _shipped(source)
    if kind == "dataset":
        return _repository(rest)
    if kind == "folder":
        folder = Path(rest)
        return folder_of(folder)
    raise Refused(
        f"data.source {source!r} is none of {', '.join(SHIPPED)}, "
        "dataset:NAME, dataset:NAME@COMMIT, folder:PATH"
    )


def checked(raw: Raw, target: str = "") -> Table:
    """The table with its types, after every cell has been looked at."""
    described = Schema(**{**vars(raw.schema), "target": target}) if target else raw.schema
    if not described.columns:
        hint = schema.suggest(pd.read_csv(io.StringIO(raw.cells.to_csv(index=False))))
        raise Refused(f"schema.yaml describes no columns yet. A first draft from the data:\n\n{hint}")
    if described.target and described.target not in described.names:
        raise Refused(f"the target {described.target!r} is no column; there are {', '.join(described.names)}")
    if found := validation.faults(raw.cells, described):
        raise Refused(f"{raw.name} {raw.version}: {validation.report(found, len(raw.cells))}")
    return Table(raw.name, raw.version, raw.sha256, raw.pin, described, _typed(raw.cells, described))


def folder_of(folder: Path) -> Raw:
    """A data set repository on this disk; its version is the hash of its content."""

    def reader(path: str) -> bytes | None:
        # In the cluster the files of a repository lie side by side.
        found = [file for file in (folder / path, folder / Path(path).name) if file.is_file()]
        return found[0].read_bytes() if found else None

    text, content = _content(reader, str(folder))
    sha256 = hashlib.sha256(content).hexdigest()
    return Raw(
        folder.resolve().name, sha256[:12], sha256, f"folder:{folder}", schema.parse(text), _cells(content)
    )


def _repository(word: str) -> Raw:
    name, _, reference = word.partition("@")
    repository = name if "/" in name else f"{ORGANISATION}/{name}"
    commit = gitea.commit(repository, reference or "main")
    text, content = _content(lambda path: gitea.file(repository, commit, path), repository)
    sha256 = hashlib.sha256(content).hexdigest()
    pin = f"dataset:{name}@{commit}"
    return Raw(repository.rpartition("/")[2], commit[:12], sha256, pin, schema.parse(text), _cells(content))


def _content(reader: Reader, where: str) -> tuple[str, bytes]:
    """The text of the schema, and the bytes of the table."""
    described = reader("schema.yaml")
    if described is None:
        raise Refused(f"{where}: there is no schema.yaml; is it a repository of the golden path ml-dataset?")
    parsed = schema.parse(described.decode())
    if parsed.url:
        content = gitea.download(parsed.url)
        _require_hash(parsed, content)
        return described.decode(), content
    parts = [(path, reader(path)) for path in parsed.files]
    if missing := [path for path, part in parts if part is None]:
        raise Refused(f"{where}: {', '.join(missing)} of schema.yaml does not exist")
    head, *rest = [part for _, part in parts if part is not None]
    # One table may be kept in several files: each repeats the header.
    return described.decode(), head + b"".join(part.partition(b"\n")[2] for part in rest)


def _require_hash(parsed: Schema, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    if not parsed.sha256:
        raise Refused(f"schema.yaml: pin the data behind the address, add under `data`:\n  sha256: {sha256}")
    if parsed.sha256 != sha256:
        raise Refused(
            f"{parsed.url} holds other data than schema.yaml says ({sha256}, not {parsed.sha256}); "
            "look at it, then write the new sha256 into schema.yaml"
        )


def _cells(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, skipinitialspace=True)


def _typed(cells: pd.DataFrame, described: Schema) -> pd.DataFrame:
    return pd.DataFrame({column.name: _column(cells[column.name], column) for column in described.columns})


def _column(cells: pd.Series, column: Column) -> pd.Series:
    filled = cells.str.strip()
    if column.type in {"number", "integer"}:
        return pd.to_numeric(filled.where(filled != "")).astype("float64")
    if column.type == "boolean":
        return filled.str.lower().map({"true": True, "false": False})
    return filled.astype(object)


def _shipped(name: str) -> Raw:
    from sklearn import datasets

    loaded = getattr(datasets, f"load_{name}")()
    features = [_identifier(feature) for feature in loaded.feature_names]
    frame = pd.DataFrame(loaded.data, columns=features)
    frame["target"] = [str(loaded.target_names[label]) for label in loaded.target]
    content = frame.to_csv(index=False, lineterminator="\n").encode()
    columns = (
        *(Column(feature, "number", least=0.0) for feature in features),
        Column("target", "string", allowed=tuple(str(label) for label in loaded.target_names)),
    )
    sha256 = hashlib.sha256(content).hexdigest()
    described = Schema(columns, target="target", files=(f"{name}.csv",))
    return Raw(name, sha256[:12], sha256, name, described, _cells(content))


def _identifier(feature: str) -> str:
    """`sepal length (cm)` becomes `sepal_length_cm`."""
    return re.sub(r"\W+", "_", feature).strip("_").lower()
