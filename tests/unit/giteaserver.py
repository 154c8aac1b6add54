"""A real Gitea on loopback, for tests of what speaks to one."""

from __future__ import annotations

import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from bootstrap.gitea import Gitea

START_POSTGRES = """
set -e
initdb -D /tmp/data -U gitea -A scram-sha-256 --pwfile=<(printf %s "$PASSWORD") >/dev/null
exec postgres -D /tmp/data -p "$PORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp
"""
START_GITEA = """
set -e
mkdir -p /tmp/gitea && cd /tmp/gitea && : >app.ini
gitea config edit-ini --config app.ini --in-place --apply-env
until gitea --config app.ini migrate >/dev/null; do sleep 1; done
gitea --config app.ini admin user create --admin --username admin --password "$PASSWORD" \
    --email admin@example.org --must-change-password=false >/dev/null
exec gitea --config app.ini web
"""


@dataclass(frozen=True)
class Server:
    """A Gitea of the test's own on loopback."""

    url: str
    password: str

    def client(self, **given: object) -> httpx.Client:
        return httpx.Client(base_url=f"{self.url}/api/v1/", timeout=60, trust_env=False, **given)  # type: ignore[arg-type]

    def as_user(self, name: str, password: str) -> Gitea:
        return Gitea(self.client(auth=httpx.BasicAuth(name, password)))

    def with_token(self, token: str) -> Gitea:
        return Gitea(self.client(headers={"Authorization": f"token {token}"}))


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(image: str, script: str, environment: dict[str, str]) -> str:
    given = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
    run = ["run", "--detach", "--rm", "--network", "host", *given, "--entrypoint", "/bin/bash", image]
    return docker(*run, "-c", script)


@contextmanager
def running(image: Callable[[str], str]) -> Iterator[Server]:
    """A new one with a database of its own; both are gone with the block."""
    password, database, web = secrets.token_hex(20), free_port(), free_port()
    url = f"http://127.0.0.1:{web}"
    containers = [started(image("postgres"), START_POSTGRES, {"PASSWORD": password, "PORT": str(database)})]
    settings = {
        "PASSWORD": password,
        "GITEA_WORK_DIR": "/tmp/gitea",
        "GITEA_CUSTOM": "/tmp/gitea/custom",
        "GITEA__database__DB_TYPE": "postgres",
        "GITEA__database__HOST": f"127.0.0.1:{database}",
        "GITEA__database__NAME": "postgres",
        "GITEA__database__USER": "gitea",
        "GITEA__database__PASSWD": password,
        "GITEA__security__INSTALL_LOCK": "true",
        "GITEA__server__HTTP_ADDR": "127.0.0.1",
        "GITEA__server__HTTP_PORT": str(web),
        "GITEA__server__ROOT_URL": f"{url}/",
        "GITEA__server__DISABLE_SSH": "true",
        "GITEA__server__LFS_START_SERVER": "false",
        "GITEA__oauth2__DEFAULT_APPLICATIONS": "",
        "GITEA__log__LEVEL": "Warn",
    }
    try:
        containers.append(started(image("gitea"), START_GITEA, settings))
        wait_for(url, containers[-1])
        yield Server(url, password)
    finally:
        docker("rm", "--force", *containers)


def wait_for(url: str, container: str) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/api/healthz", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError(docker("logs", "--tail", "20", container))
