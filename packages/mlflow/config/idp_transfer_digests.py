"""What two servers are compared by: a short digest of every version, run and logged model.

Numbers of experiments and ids of data sets are left out: the same experiment may have another number here.
"""

# ruff: noqa: S608 - statements are put together of constants alone

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

_WORKSPACE = "default"
_DELETED = "Deleted_Internal"

#: Experiments of a model: those of its versions' runs and logged models, and of the runs that measured these.
_SCOPE = """
WITH RECURSIVE scope(name, id) AS (
    SELECT v.name, r.experiment_id FROM model_versions v JOIN runs r ON r.run_uuid = v.run_id
    WHERE v.workspace = :workspace AND v.name = COALESCE(CAST(:name AS text), v.name)
  UNION
    SELECT v.name, m.experiment_id FROM model_versions v
    JOIN logged_models m ON v.source IN ('models:/' || m.model_id, m.artifact_location)
    WHERE v.workspace = :workspace AND v.name = COALESCE(CAST(:name AS text), v.name)
  UNION
    SELECT s.name, r.experiment_id FROM scope s
    JOIN logged_models m ON m.experiment_id = s.id
    JOIN logged_model_metrics x ON x.model_id = m.model_id
    JOIN runs r ON r.run_uuid = x.run_id
)
SELECT name, id FROM scope
"""
_ROW = "md5((to_jsonb(x) - '{experiment_id,dataset_uuid}'::text[])::text)"
_ALL = f"""md5(string_agg({_ROW}, '' ORDER BY {_ROW} COLLATE "C"))"""
_RUN = "JOIN runs r ON r.run_uuid = x.run_uuid WHERE r.experiment_id = ANY(:scope) GROUP BY 1"
_LOGGED = "WHERE x.experiment_id = ANY(:scope) GROUP BY 1"

#: Owner and digest of what it owns, one question for each table.
_THINGS = (
    f"SELECT x.run_uuid, {_ROW} FROM runs x WHERE x.experiment_id = ANY(:scope)",
    f"SELECT x.run_uuid, {_ALL} FROM tags x {_RUN}",
    f"SELECT x.run_uuid, {_ALL} FROM params x {_RUN}",
    f"SELECT x.run_uuid, {_ALL} FROM latest_metrics x {_RUN}",
    # The history only grows; its end is in the latest metrics.
    f"SELECT x.run_uuid, count(*)::text FROM metrics x {_RUN}",
    f"""
    SELECT r.run_uuid, {_ALL} FROM (
        SELECT i.*, d.name AS dataset, d.digest AS dataset_digest,
            CASE WHEN i.destination_type = 'RUN' THEN i.destination_id ELSE i.source_id END AS owner,
            (SELECT string_agg(t.name || '=' || t.value, ',' ORDER BY t.name COLLATE "C")
             FROM input_tags t WHERE t.input_uuid = i.input_uuid) AS tags
        FROM inputs i LEFT JOIN datasets d ON i.source_type = 'DATASET' AND d.dataset_uuid = i.source_id
    ) y
    JOIN runs r ON r.run_uuid = y.owner
    CROSS JOIN LATERAL (SELECT y.input_uuid, y.source_type, y.destination_type, y.destination_id, y.step,
        y.tags, COALESCE(y.dataset || y.dataset_digest, y.source_id) AS source) x
    WHERE r.experiment_id = ANY(:scope) GROUP BY 1
    """,
    f"SELECT x.model_id, {_ROW} FROM logged_models x WHERE x.experiment_id = ANY(:scope)",
    f"SELECT x.model_id, {_ALL} FROM logged_model_tags x {_LOGGED}",
    f"SELECT x.model_id, {_ALL} FROM logged_model_params x {_LOGGED}",
    f"""SELECT x.model_id, {_ALL} FROM logged_model_metrics x
    JOIN logged_models m ON m.model_id = x.model_id WHERE m.experiment_id = ANY(:scope) GROUP BY 1""",
)
_HOME = """
SELECT run_uuid, experiment_id FROM runs WHERE experiment_id = ANY(:scope)
UNION ALL SELECT model_id, experiment_id FROM logged_models WHERE experiment_id = ANY(:scope)
"""
_MODELS = f"""
SELECT x.name, {_ROW} || COALESCE((
    SELECT {_ALL} FROM registered_model_tags x WHERE x.workspace = m.workspace AND x.name = m.name), '')
FROM registered_models m CROSS JOIN LATERAL (SELECT m.*) x WHERE m.workspace = :workspace ORDER BY 1
"""
_VERSIONS = f"""
SELECT v.name, v.version, v.run_id, v.source, v.creation_time AS created, v.current_stage AS stage,
    (SELECT {_ROW} FROM (SELECT v.*) x) || COALESCE((SELECT {_ALL} FROM model_version_tags x
        WHERE x.workspace = v.workspace AND x.name = v.name AND x.version = v.version), '') AS digest,
    (SELECT jsonb_object_agg(t.key, t.value) FROM model_version_tags t WHERE t.workspace = v.workspace
        AND t.name = v.name AND t.version = v.version) AS tags
FROM model_versions v WHERE v.workspace = :workspace ORDER BY v.name, v.version
"""
#: Tags of a version that are told as they are.
_TOLD = {"sha256": "model.sha256", "pipeline": "pipeline.run", "repository": "code.repository"}
_ALIASES = "SELECT name, alias, version FROM registered_model_aliases WHERE workspace = :workspace"
_EXPERIMENTS = (
    "SELECT experiment_id, name, lifecycle_stage FROM experiments WHERE experiment_id = ANY(:scope)"
)
_TAGS = "SELECT experiment_id, key, md5(value) FROM experiment_tags WHERE experiment_id = ANY(:scope)"


def schema(connection: sa.Connection) -> str:
    return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")))


def scope(connection: sa.Connection, name: str | None = None) -> dict[str, set[int]]:
    """Model -> its experiments; of one model, or of all."""
    found: dict[str, set[int]] = defaultdict(set)
    for model, experiment in connection.execute(sa.text(_SCOPE), {"workspace": _WORKSPACE, "name": name}):
        found[model].add(experiment)
    return found


def listing(connection: sa.Connection) -> dict[str, Any]:
    """`models` by name, and `experiments` by name with the digests of their runs and logged models."""
    concerned = scope(connection)
    experiments = _experiments(connection, sorted(set().union(*concerned.values())))
    names = {number: one["name"] for number, one in experiments.items()}
    models = {
        name: {"digest": _short(digest), "versions": {}, "deleted": [], "aliases": {}, "experiments": []}
        for name, digest in _asked(connection, _MODELS)
    }
    for row in _asked(connection, _VERSIONS):
        if row.stage == _DELETED:
            models[row.name]["deleted"].append(str(row.version))
        else:
            models[row.name]["versions"][str(row.version)] = {
                "run": row.run_id or "",
                "source": row.source or "",
                "created": row.created,
                **{field: (row.tags or {}).get(tag) or "" for field, tag in _TOLD.items()},
                "digest": _short(row.digest),
            }
    for name, alias, version in _asked(connection, _ALIASES):
        models[name]["aliases"][alias] = str(version)
    for name, numbers in concerned.items():
        models[name]["experiments"] = sorted(names[number] for number in numbers)
    return {
        "schema": schema(connection),
        "models": models,
        "experiments": {one.pop("name"): one for one in experiments.values()},
    }


def _experiments(connection: sa.Connection, numbers: list[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {
        number: {"name": name, "lifecycle": stage, "tags": {}, "things": {}}
        for number, name, stage in _asked(connection, _EXPERIMENTS, numbers)
    }
    for number, key, digest in _asked(connection, _TAGS, numbers):
        found[number]["tags"][key] = _short(digest or "")
    parts: dict[str, list[str]] = defaultdict(list)
    for position, question in enumerate(_THINGS):
        for owner, digest in _asked(connection, question, numbers):
            parts[owner].append(f"{position}:{digest}")
    for thing, number in _asked(connection, _HOME, numbers):
        found[number]["things"][thing] = _short("\n".join(parts[thing]))
    return found


def _asked(connection: sa.Connection, question: str, numbers: Iterable[int] = ()) -> Any:
    # `:` in a type's name is no parameter.
    text = sa.text(question.replace("::", r"\:\:"))
    known = {"workspace": _WORKSPACE, "scope": list(numbers)}
    return connection.execute(text, {name: value for name, value in known.items() if f":{name}" in question})


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
