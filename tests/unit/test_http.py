"""The instance's own addresses need no DNS, keep their names, and are trusted by the instance's CA only."""

from __future__ import annotations

import datetime
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bootstrap import http as ours


def issue(folder: Path, name: str) -> tuple[Path, Path]:
    """A CA in `folder/ca.crt` and a wildcard certificate with its key for `*.NAME.localhost`."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test CA")])

    def certificate(subject: str, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(ca_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )

    ca = certificate("test CA", ca_key.public_key()).add_extension(
        x509.BasicConstraints(True, 0), critical=True
    )
    names = x509.SubjectAlternativeName([x509.DNSName(f"*.{name}.localhost")])
    leaf = certificate("leaf", key.public_key()).add_extension(names, critical=False)
    pem = serialization.Encoding.PEM
    (folder / "ca.crt").write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    (folder / "tls.crt").write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    (folder / "tls.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "tls.crt", folder / "tls.key"


class Answer(http.server.BaseHTTPRequestHandler):
    """Says which host the request names and which name the handshake was for."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        said = f"{self.headers['Host']} {getattr(self.connection, 'asked_for', None)}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IDP_DATA_DIR", str(tmp_path))
    for name in ("demo", "other"):
        (tmp_path / "instances" / name).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def port(data: Path) -> Iterator[int]:
    """A TLS server on loopback for the instance `demo`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issue(data / "instances/demo", "demo"))
    issue(data / "instances/other", "other")

    def remember(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.asked_for = name  # type: ignore[attr-defined]

    context.sni_callback = remember
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_names_are_kept_and_proxies_ignored(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with ours.client("demo", f"https://gitea.demo.localhost:{port}") as client:
        assert client.get("/").text == f"gitea.demo.localhost:{port} gitea.demo.localhost"
        other = client.get(f"https://backstage.demo.localhost:{port}/").text
        assert other == f"backstage.demo.localhost:{port} backstage.demo.localhost"


def test_another_data_folder_may_be_named(port: int, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDP_DATA_DIR", str(data / "elsewhere"))
    with ours.client("demo", f"https://gitea.demo.localhost:{port}", data=data) as client:
        assert client.get("/").is_success


def test_another_instance_is_not_trusted(port: int) -> None:
    with (
        ours.client("other", f"https://gitea.demo.localhost:{port}") as client,
        pytest.raises(httpx.ConnectError, match="certificate verify failed"),
    ):
        client.get("/")


def test_a_name_outside_the_certificate_is_not_trusted(port: int) -> None:
    with (
        ours.client("demo", f"https://gitea.other.localhost:{port}") as client,
        pytest.raises(httpx.ConnectError, match="Hostname mismatch"),
    ):
        client.get("/")


def test_only_missing_connections_are_retried() -> None:
    tries: list[int] = []

    def send() -> int:
        tries.append(1)
        if len(tries) < 3:
            raise httpx.ConnectError("refused")
        return 503

    assert ours.retried(send) == 503
    assert len(tries) == 3


@pytest.mark.parametrize(
    ("host", "proxied"),
    [
        ("localhost", False),
        ("gitea.idp.localhost", False),
        ("localhost.example.org", True),
        ("notlocalhost", True),
    ],
)
def test_only_what_means_this_machine_goes_past_a_proxy(
    host: str, proxied: bool, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        proxy.settimeout(2 if proxied else 0.2)

        def ask() -> None:
            with ours.client("demo", timeout=1) as client, suppress(httpx.HTTPError):
                client.get(f"https://{host}:1/")

        asked = threading.Thread(target=ask)
        asked.start()
        try:
            connection, _ = proxy.accept()
            with connection:
                assert connection.recv(99).startswith(f"CONNECT {host}:1 ".encode())
                assert proxied
        except TimeoutError:
            assert not proxied
        asked.join()
