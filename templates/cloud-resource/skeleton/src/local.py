"""Resources inside the namespace of this repository: real servers, one volume each, nobody else's."""

from __future__ import annotations

from typing import Any

from pulumi import ResourceOptions
from pulumi_kubernetes import apps, core

from settings import Settings

SIZES = {"small": {"memory": "256Mi", "storage": "1Gi"}, "medium": {"memory": "512Mi", "storage": "5Gi"}}

# A cluster that is made elsewhere and moved into place: an interrupted start leaves no half one behind. The
# superuser has no password and comes in only by the socket; the owner's is read from a file.
DATABASE_START = r"""
set -euo pipefail
say() { printf 'start: %s\n' "$*" >&2; }
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    say "making a new cluster"
    rm -rf "$PGDATA.new"
    initdb --pgdata="$PGDATA.new" --username=postgres --data-checksums --encoding=UTF8 \
        --locale=C.UTF-8 --auth-local=peer --auth-host=scram-sha-256 >/dev/null
    mv "$PGDATA.new" "$PGDATA"
fi
printf '%s\n' 'local all postgres peer' 'host all postgres all reject' 'host all all all scram-sha-256' \
    >"$PGDATA/pg_hba.conf"
pg_ctl start --silent --wait --log=/dev/stderr --options="$(printf "'%s' " "$@" -c listen_addresses=)" >/dev/null
NAME=$(cat /credentials/username) psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --dbname=postgres <<'SQL'
\set name `printf %s "$NAME"`
\set password `cat /credentials/password`
SET log_min_error_statement = panic;
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'name', :'password') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name') \gexec
SQL
pg_ctl stop --silent --wait --mode=fast
say "the database is in place"
exec postgres "$@"
"""

# The bucket is a folder of the volume; its only account is the one in the Secret.
BUCKET_START = r"""
set -eu
read_key() { key=; read -r key <"$1" || [ -n "$key" ]; }
read_key /credentials/bucket && mkdir -p "/data/$key"
read_key /credentials/access_key && export ROOT_ACCESS_KEY="$key"
read_key /credentials/secret_key && export ROOT_SECRET_KEY="$key"
exec versitygw --quiet --port :9000 --health /health posix /data
"""


def database(settings: Settings) -> None:
    """A PostgreSQL server with one database and one user."""
    probe = {"exec": {"command": ["pg_isready", "--quiet", "--host=127.0.0.1", "--username=probe"]}, "period_seconds": 5}
    container = {
        "command": ["/bin/bash", "-c", DATABASE_START, "start"],
        "args": ["--listen-addresses=*", "--unix-socket-directories=/var/run/postgresql", "--shared-buffers=32MB"],
        "env": [{"name": "PGDATA", "value": "/data/17"}],
        "ports": [{"name": "service", "container_port": 5432}],
        "startup_probe": {**probe, "period_seconds": 1, "failure_threshold": 180},
        "readiness_probe": probe,
    }
    folders = [{"name": "run", "mount_path": "/var/run/postgresql"}]
    _server(settings, container, folders, user=999, port=5432)


def bucket(settings: Settings) -> None:
    """An S3-compatible server with one bucket and one account."""
    probe = {"http_get": {"path": "/health", "port": "service"}, "period_seconds": 5}
    container = {
        "command": ["/bin/sh", "-c", BUCKET_START, "start"],
        "ports": [{"name": "service", "container_port": 9000}],
        "startup_probe": {**probe, "period_seconds": 1, "failure_threshold": 120},
        "readiness_probe": probe,
    }
    _server(settings, container, [], user=65532, port=9000)


def _server(
    settings: Settings, container: dict[str, Any], folders: list[dict[str, str]], *, user: int, port: int
) -> None:
    """One pod with a volume of its own behind a Service of the resource's name."""
    size = SIZES[settings.size]
    labels = {"app.kubernetes.io/name": settings.name, "backstage.io/kubernetes-id": settings.name}
    where = {"name": settings.name, "namespace": settings.namespace, "labels": labels}
    select = {"app.kubernetes.io/name": settings.name}
    service = core.v1.Service(
        settings.name,
        metadata=where,
        spec={"selector": select, "ports": [{"name": "service", "port": port, "target_port": "service"}]},
    )
    pod = {
        "automount_service_account_token": False,
        "enable_service_links": False,
        "security_context": {
            "run_as_non_root": True,
            "run_as_user": user,
            "run_as_group": user,
            "fs_group": user,
            "seccomp_profile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": settings.kind,
                "image": settings.server,
                "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": size["memory"]}},
                "security_context": {
                    "allow_privilege_escalation": False,
                    "read_only_root_filesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volume_mounts": [
                    {"name": "data", "mount_path": "/data"},
                    {"name": "credentials", "mount_path": "/credentials", "read_only": True},
                    {"name": "tmp", "mount_path": "/tmp"},
                    *folders,
                ],
                **container,
            }
        ],
        "volumes": [
            {"name": "credentials", "secret": {"secret_name": settings.name, "default_mode": 0o440}},
            {"name": "tmp", "empty_dir": {}},
            *({"name": folder["name"], "empty_dir": {"medium": "Memory"}} for folder in folders),
        ],
    }
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "access_modes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size["storage"]}},
        },
    }
    apps.v1.StatefulSet(
        settings.name,
        metadata=where,
        spec={
            "service_name": settings.name,
            "replicas": 1,
            "selector": {"match_labels": select},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            "volume_claim_templates": [claim],
            # What is taken away is taken away with its data, as the preview says.
            "persistent_volume_claim_retention_policy": {"when_deleted": "Delete", "when_scaled": "Retain"},
        },
        opts=ResourceOptions(depends_on=[service], delete_before_replace=True),
    )
