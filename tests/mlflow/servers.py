"""MLflow of the bundle as plain containers: one PostgreSQL and one store, servers with a database each."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx

from bootstrap import paths
from bootstrap.mlflow import Mlflow

CONFIG = paths.packages() / "mlflow/config"
#: What the smallest size gives a server.
MEMORY = "640m"
_POSTGRES = """
set -eu
initdb --pgdata=/tmp/data --username=root --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
echo 'host all all all trust' >>/tmp/data/pg_hba.conf
exec postgres -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off
"""


@dataclass
class Server:
    """`asked` are the transfer's requests in order; `before` may break one by raising."""

    url: str
    token: str
    container: str
    psql: Callable[[str], str]
    asked: list[str]
    before: Callable[[httpx.Request], None] | None = None

    def transfer(self, token: str | None = None) -> Mlflow:
        headers = {"X-Idp-Transfer": self.token if token is None else token}
        hooks = {"request": [self._seen]}
        return Mlflow(
            httpx.Client(
                base_url=f"{self.url}/idp/transfer/",
                headers=headers,
                event_hooks=hooks,
                timeout=300,
                trust_env=False,
            )
        )

    def answers(self) -> None:
        httpx.get(f"{self.url}/health", trust_env=False).raise_for_status()

    def _seen(self, request: httpx.Request) -> None:
        self.asked.append(f"{request.method} {request.url.path.removeprefix('/idp/transfer/')}")
        if self.before:
            self.before(request)

    def api(self, path: str, body: object = None, method: str = "", **query: str) -> dict[str, object]:
        """What MLflow's own API answers."""
        verb = method or ("POST" if body is not None else "GET")
        url = f"{self.url}/api/2.0/mlflow/{path}"
        answer = httpx.request(verb, url, json=body, params=query or None, trust_env=False, timeout=60)
        assert answer.is_success, answer.text
        found: dict[str, object] = answer.json()
        return found

    def artifact(self, key: str) -> bytes:
        url = f"{self.url}/api/2.0/mlflow-artifacts/artifacts/{key}"
        answer = httpx.get(url, trust_env=False, timeout=300)
        assert answer.is_success, answer.text
        return answer.content

    def python(self, script: str) -> str:
        """What a program prints that speaks to this server with MLflow's own client."""
        line = ["exec", "--interactive", self.container, "python", "-W", "ignore", "-"]
        prologue = "import mlflow\nmlflow.set_tracking_uri('http://127.0.0.1:5000')\n"
        return docker(*line, stdin=prologue + script)


def docker(*arguments: str, stdin: str | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["docker", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


@contextmanager
def running(image: Callable[[str], str], names: list[str]) -> Iterator[list[Server]]:
    """A server by each name, with a database, a bucket and a secret of its own."""
    with ExitStack() as stack:
        network = f"models-{os.getpid()}"
        docker("network", "create", network)
        stack.callback(docker, "network", "rm", network)
        place = ["--network", network]
        database = stack.enter_context(
            _container(*place, "--tmpfs", "/tmp:mode=1777,exec", image("postgres"), "bash", "-c", _POSTGRES)
        )
        key, secret = "models", secrets.token_hex(16)
        keys = {"ROOT_ACCESS_KEY_ID": key, "ROOT_SECRET_ACCESS_KEY": secret}
        folders = " ".join(f"/data/{name}" for name in names)
        script = f"mkdir -p {folders} && exec versitygw --port :9000 --health /health posix /data"
        given = ["--user", "0:0", *_passed(keys), "--entrypoint", "/bin/sh"]
        store = stack.enter_context(_container(*place, *given, image("versitygw"), "-c", script, env=keys))
        psql = ["exec", database, "psql", "-h", "/tmp", "-U", "root", "-At", "-d"]
        _eventually(lambda: docker(*psql, "postgres", "-c", "select 1"), database)
        servers = []
        for name in names:
            docker(*psql, "postgres", "-c", f"create database {name}")
            settings = _settings(network, database, store, name, key, secret)
            servers.append(stack.enter_context(_server([*place], image("mlflow"), settings, psql, name)))
        for server in servers:
            _eventually(server.answers, server.container)
        yield servers


def _settings(network: str, database: str, store: str, name: str, key: str, secret: str) -> dict[str, str]:
    return {
        "MLFLOW_BACKEND_STORE_URI": "postgresql+psycopg2://",
        "PGHOST": database[:12],
        "PGUSER": "root",
        "PGDATABASE": name,
        "MLFLOW_S3_ENDPOINT_URL": f"http://{_address(store, network)}:9000",
        "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE": "path",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "BUCKET": name,
        "PYTHONPATH": "/etc/idp/guard",
        "IDP_GOVERNANCE_SECRET": secrets.token_hex(16),
        "IDP_TRANSFER_SECRET": secrets.token_hex(16),
        "MLFLOW_SERVER_ALLOWED_HOSTS": "127.0.0.1:*",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }


@contextmanager
def _server(
    place: list[str], image: str, settings: dict[str, str], psql: list[str], name: str
) -> Iterator[Server]:
    start = ["python", "-W", "ignore", "-c", (CONFIG / "start.py").read_text()]
    arguments = ["--host=0.0.0.0", "--port=5000", "--workers=1", "--serve-artifacts"]
    files = [
        part
        for file in CONFIG.glob("idp_*.py")
        for part in ("--volume", f"{file}:/etc/idp/guard/{file.name}:ro")
    ]
    options = [*place, *files, *_passed(settings), "--memory", MEMORY, "--publish", "127.0.0.1::5000"]
    line = [*options, image, *start, *arguments, f"--artifacts-destination=s3://{name}"]
    with _container(*line, env=settings) as container:
        port = docker("port", container, "5000/tcp").split()[0]
        ask = [*psql, name, "-c"]
        yield Server(
            f"http://{port}", settings["IDP_TRANSFER_SECRET"], container, lambda q: docker(*ask, q), []
        )


def _passed(environment: dict[str, str]) -> list[str]:
    return [part for key in environment for part in ("--env", key)]


def _address(container: str, network: str) -> str:
    template = f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}'
    return docker("inspect", "--format", template, container)


@contextmanager
def _container(*arguments: str, env: dict[str, str] | None = None) -> Iterator[str]:
    container = docker("run", "--detach", *arguments, env=env)
    try:
        yield container
    finally:
        docker("rm", "--force", "--volumes", container)


def _eventually(probe: Callable[[], object], container: str, seconds: float = 180) -> None:
    ends = time.monotonic() + seconds
    while True:
        try:
            probe()
            return
        except (AssertionError, httpx.HTTPError):
            if time.monotonic() > ends:
                logs = subprocess.run(["docker", "logs", container], capture_output=True, text=True)
                raise AssertionError(re.sub(r"\s+$", "", logs.stderr[-3000:])) from None
            time.sleep(0.5)
