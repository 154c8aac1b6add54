"""What a cloud has around its cluster, as far as this machine can have it: a registry, a PostgreSQL and an S3
store outside the cluster, in a network with it, and a key for signatures in KMS, which moto plays.

It plays the part of ECR, RDS and S3, and a bare kind cluster that of EKS. What is AWS's own (its load
balancer, its identities, its certificates) is not here, and nothing in these tests speaks of it.
"""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bootstrap import instance, shell
from bootstrap.bundle import store
from bootstrap.bundle.lock import Lock
from bootstrap.cloud import signer
from bootstrap.model import KMS, Plan
from stacks.kind import config, dns, host
from tests import aws, registry

DOCKER = "docker"
NONE: Mapping[str, str] = {}
_CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=postgres -keyout server.key -out server.crt"
)
_POSTGRES = """
set -eu
mkdir -p /tmp/data && chmod 700 /tmp/data && cp /certificate/* /tmp/ && chmod 600 /tmp/server.key
initdb --pgdata=/tmp/data --username=root --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 \
    --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C.UTF-8 >/dev/null
echo 'hostssl all all all scram-sha-256' >/tmp/data/pg_hba.conf
echo 'local all root peer map=here' >>/tmp/data/pg_hba.conf
echo 'here postgres root' >/tmp/data/pg_ident.conf
exec postgres -D /tmp/data -c listen_addresses='*' -c ssl=on -c max_connections=200 \
    -c ssl_cert_file=/tmp/server.crt -c ssl_key_file=/tmp/server.key
"""


@dataclass(frozen=True)
class World:
    """A cluster by its context, and what a user would write into the file that --facts reads."""

    name: str
    kubeconfig: Path
    facts: Path
    registry: str
    postgres: str
    store: str
    kms: str = ""
    signer: str = ""

    @property
    def node(self) -> str:
        return f"{self.name}-control-plane"

    @property
    def environment(self) -> dict[str, str]:
        return {"KUBECONFIG": str(self.kubeconfig), **aws.environment(self.kms)}

    def psql(self, question: str) -> str:
        """What the database outside answers."""
        line = [DOCKER, "exec", self.postgres, "psql", "-U", "root", "-d", "postgres", "-Atc", question]
        return shell.run(line, timeout=60).out.strip()

    def images(self) -> set[str]:
        """References of the images that the node has."""
        listed = shell.run([DOCKER, "exec", self.node, "crictl", "images", "-o", "json"], timeout=60).out
        return {reference for image in yaml.safe_load(listed)["images"] for reference in image["repoDigests"]}

    def objects(self, bucket: str) -> list[str]:
        """Files in a bucket of the store outside."""
        line = [DOCKER, "exec", self.store, "find", f"/data/{bucket}", "-type", "f"]
        return shell.run(line, timeout=60).out.split()


@contextmanager
def existing(
    name: str, lock: Lock, image: Callable[[str], str], plan: Plan, work: Path, more: Mapping[str, str] = NONE
) -> Iterator[World]:
    """The whole world under a name, with more facts; everything is gone with the block."""
    port = instance.free_port(19443)
    with ExitStack() as stack:
        network = stack.enter_context(_network(name))
        folder = _open_folder(work / "registry")
        ours = stack.enter_context(
            registry.running(
                [
                    "--network",
                    network,
                    "--name",
                    f"{name}-registry",
                    "--volume",
                    f"{folder}:/var/lib/registry",
                ],
                ["/folder.yaml"],
            )
        )
        password = secrets.token_urlsafe(24)
        postgres = stack.enter_context(_postgres(name, network, image("postgres"), work, password))
        kms, signs = stack.enter_context(_signing_key())
        keys = {share.name: (f"key-{share.name}", secrets.token_urlsafe(24)) for share in plan.buckets}
        buckets = stack.enter_context(_store(name, network, image("versitygw"), keys))
        kubeconfig = stack.enter_context(_cluster(name, network, lock, port, work))
        _mirror(f"{name}-control-plane", ours.address, address_of(ours.container, network))
        domain = f"{name}.localhost"
        dns.teach(kubeconfig, domain)  # whoever owns a domain leads it to the gateway, within the cluster too
        facts = {
            "domain": domain,
            "https_port": port,
            "exposure": "node-port",  # no load balancer is to be had here
            "storage_class": "standard",
            "registry": f"{ours.address}/idp",
            "database": "managed",
            "database_host": address_of(postgres, network),
            "database_tls": "require",
            "objectstore": "managed",
            "objectstore_endpoint": f"http://{address_of(buckets, network)}:9000",
            "objectstore_region": "eu-central-1",
            "bucket_prefix": "cloud-",
            "admission": "signed",
            "signer": signs,
            **more,
        }
        file = work / "facts.yaml"
        file.write_text(yaml.safe_dump({"facts": facts, "credentials": _credentials(password, keys)}))
        yield World(name, kubeconfig, file, ours.address, postgres, buckets, kms, signs)


def gateway_of(network: str) -> str:
    """This machine's own address in a network: what its containers can reach of it."""
    template = "{{(index .IPAM.Config 0).Gateway}}"
    return shell.run([DOCKER, "network", "inspect", "--format", template, network], timeout=30).out.strip()


def address_of(container: str, network: str) -> str:
    """The address of a container in a network."""
    template = f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}'
    return shell.run([DOCKER, "inspect", "--format", template, container], timeout=30).out.strip()


def _credentials(password: str, keys: dict[str, tuple[str, str]]) -> dict[str, Any]:
    buckets = {name: {"access_key": access, "secret_key": secret} for name, (access, secret) in keys.items()}
    return {"database": {"password": password}, "buckets": buckets}


@contextmanager
def _network(name: str) -> Iterator[str]:
    shell.run([DOCKER, "network", "create", name], timeout=60)
    try:
        yield name
    finally:
        shell.run([DOCKER, "network", "rm", name], timeout=60, check=False)


@contextmanager
def _signing_key() -> Iterator[tuple[str, str]]:
    """Where KMS is (moto plays it), and a key there that signs images."""
    with aws.serving() as url:
        made = aws.client("kms", url).create_key(KeySpec=signer.SPEC, KeyUsage=signer.USAGE)
        yield url, f"{KMS}{made['KeyMetadata']['Arn']}"


@contextmanager
def _container(*arguments: str, env: dict[str, str] | None = None) -> Iterator[str]:
    container = shell.run([DOCKER, "run", "--detach", *arguments], env=env, timeout=60).out.strip()
    try:
        yield container
    finally:
        shell.run([DOCKER, "rm", "--force", "--volumes", container], timeout=60)


@contextmanager
def _postgres(name: str, network: str, image: str, work: Path, password: str) -> Iterator[str]:
    """A server that takes TLS only, with an administrator who is no superuser, as managed ones have."""
    certificate = _open_folder(work / "certificate")
    shell.run(["sh", "-c", _CERTIFICATE], cwd=certificate, timeout=60)
    for file in certificate.iterdir():
        file.chmod(0o644)
    mount = ["--volume", f"{certificate}:/certificate:ro", "--tmpfs", "/tmp:mode=1777,exec"]
    command = ["--network", network, "--name", f"{name}-postgres", *mount, image, "bash", "-c", _POSTGRES]
    with _container(*command) as container:
        world = World(name, Path(), Path(), "", container, "")
        _eventually("PostgreSQL answers", lambda: world.psql("select 1") == "1")
        shell.run(
            [DOCKER, "exec", "--interactive", container, "psql", "-U", "root", "-d", "postgres", "-q"],
            stdin=f"create role idp_admin login createdb createrole password '{password}'",
            timeout=60,
        )
        yield container


@contextmanager
def _store(name: str, network: str, image: str, keys: dict[str, tuple[str, str]]) -> Iterator[str]:
    """A store with a bucket and an account for each, made by the administrator beforehand."""
    accounts = {
        access: {
            "access": access,
            "secret": secret,
            "role": "user",
            "userID": 0,
            "groupID": 0,
            "projectID": 0,
        }
        for access, secret in keys.values()
    }
    script = (
        'mkdir -p /data /accounts && printf %s "$ACCOUNTS" >/accounts/users.json && '
        "exec versitygw --port :9000 --admin-port 127.0.0.1:9001 --health /health posix /data"
    )
    env = {
        "ROOT_ACCESS_KEY_ID": "root",
        "ROOT_SECRET_ACCESS_KEY": secrets.token_urlsafe(24),
        "ADMIN_ENDPOINT_URL": "http://127.0.0.1:9001",
        "VGW_IAM_DIR": "/accounts",
        "VGW_REGION": "eu-central-1",
        "ADMIN_REGION": "eu-central-1",
        "ACCOUNTS": json.dumps({"accessAccounts": accounts}),
    }
    passed = [part for key in env for part in ("--env", key)]
    options = ["--network", network, "--name", f"{name}-store", "--user", "0:0", *passed]
    with _container(*options, "--entrypoint", "/bin/sh", image, "-c", script, env=env) as container:
        administer = [DOCKER, "exec", container, "versitygw", "admin"]
        _eventually(
            "the store answers",
            lambda: shell.run([*administer, "list-buckets"], check=False, timeout=60).code == 0,
        )
        for bucket, (access, _) in keys.items():
            made = ["create-bucket", "--bucket", f"cloud-{bucket}", "--owner", access]
            shell.run([*administer, *made], timeout=60)
        yield container


@contextmanager
def _cluster(name: str, network: str, lock: Lock, port: int, work: Path) -> Iterator[Path]:
    """A cluster that knows nothing of the platform: its node has the images of Kubernetes alone."""
    quirks = host.quirks(host.detect())
    folder = _open_folder(work / "node")
    for file, text in config.files(quirks).items():
        (folder / file).write_text(text)
    settings = config.NodeSettings(
        name, store.bare_node(lock), port, instance.free_api_port(frozenset({port})), str(folder)
    )
    kubeconfig = work / "kubeconfig"
    environment = {"KIND_EXPERIMENTAL_DOCKER_NETWORK": network}
    try:
        shell.run(
            ["kind", "create", "cluster", "--config", "-", "--name", name, "--kubeconfig", str(kubeconfig)],
            stdin=config.cluster(settings, quirks),
            env=environment,
            timeout=600,
        )
        yield kubeconfig
    finally:
        shell.run(["kind", "delete", "cluster", "--name", name], env=environment, timeout=300, check=False)


def _mirror(node: str, address: str, real: str) -> None:
    """Nodes reach the registry at an address of its own, under the name that this machine knows it by."""
    folder = f"/etc/containerd/certs.d/{address}"
    text = f'server = "http://{real}:5000"\n'
    script = f"mkdir -p '{folder}' && cat >'{folder}/hosts.toml'"
    shell.run([DOCKER, "exec", "--interactive", node, "sh", "-c", script], stdin=text, timeout=60)


def _open_folder(folder: Path) -> Path:
    """A folder that containers with other users may write to."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    return folder


def _eventually(what: str, probe: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while True:
        try:
            if probe():
                return
        except Exception as error:  # the container may not take commands yet
            last = error
        else:
            last = AssertionError("no")
        assert time.monotonic() < ends, f"{what}: not within {seconds:.0f} s: {last}"
        time.sleep(0.5)
