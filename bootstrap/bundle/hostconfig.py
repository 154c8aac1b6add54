"""How this host reaches its registries: certificates, proxies and clients' settings, for builds to share.

A build gets only what concerns the network, and only as BuildKit secrets or predefined proxy arguments,
neither of which enters an image or a log.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import certifi
import yaml

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "FTP_PROXY", "ALL_PROXY")
MACHINE_NPMRC = ("/etc/npmrc", "/usr/local/etc/npmrc")
MACHINE_PIP_CONF = ("/etc/pip.conf",)
_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_CA_PATHS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_GO_KEYS = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE", "GOAUTH", "GOVCS")
_PIP_KEYS = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries")
# Paths and habits of this host mean nothing in a build, and `ca` already carries the certificates.
_NPM_KEYS = ("registry", "strict-ssl", "proxy", "https-proxy", "noproxy", "always-auth")
_NPM_PREFIXES = ("//", "_auth", "fetch-")
_VARIABLE_PREFIX = "IDP_SECRET_"


def ca_bundle(env: Mapping[str, str] = os.environ) -> Path:
    """Certificates that this host trusts: named by a variable, or at a usual place."""
    named = [Path(env[name]) for name in _CA_VARIABLES if env.get(name)]
    usual = [Path(path) for path in _CA_PATHS]
    return next((path for path in [*named, *usual] if path.is_file()), Path(certifi.where()))


def proxies(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Proxy variables in the upper-case spelling that every build knows as predefined arguments."""
    found = {name: env.get(name) or env.get(name.lower(), "") for name in PROXIES}
    return {name: value for name, value in found.items() if value}


def secrets(home: Path, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Secret id -> content, for every client of which this host has settings; `ca` is a file of its own."""
    npm = npmrc(home, env)
    found = {
        "goenv": _lines(go_settings(home, env)),
        "npmrc": npm,
        "yarnrc": yarnrc(home, npm, env),
        "pipconf": pip_conf(home, env),
    }
    return {name: content for name, content in found.items() if content}


def secret_variable(secret: str) -> str:
    """The variable by which a secret travels from here to the builder, past every file and argument."""
    return f"{_VARIABLE_PREFIX}{secret.upper()}"


def go_settings(home: Path, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Where Go's modules come from: Go's own file of settings, overruled by variables."""
    usual = home / ("Library/Application Support" if sys.platform == "darwin" else ".config") / "go/env"
    file = Path(env["GOENV"]) if env.get("GOENV") else usual
    lines = file.read_text().splitlines() if file.is_file() else []
    settings = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    settings |= {name: env[name] for name in _GO_KEYS if env.get(name)}
    return {name: settings[name] for name in _GO_KEYS if settings.get(name)}


def npmrc(home: Path, env: Mapping[str, str] = os.environ) -> str:
    """The machine's and the user's npm settings in one file, variables in them filled in."""
    user = Path(env.get("NPM_CONFIG_USERCONFIG") or env.get("npm_config_userconfig") or home / ".npmrc")
    files = [*map(Path, MACHINE_NPMRC), user]
    lines = [line for file in files if file.is_file() for line in file.read_text().splitlines()]
    registry = env.get("npm_config_registry") or env.get("NPM_CONFIG_REGISTRY")
    kept = [line for line in lines if _concerns_network(line)]
    kept += [f"registry={registry}"] if registry else []
    return _expand("\n".join(kept) + "\n", env) if kept else ""


def yarnrc(home: Path, npm: str, env: Mapping[str, str] = os.environ) -> str:
    """The user's Yarn settings; where there are none, npm's registry and the proxies in Yarn's words."""
    file = home / ".yarnrc.yml"
    if file.is_file():
        return file.read_text()
    settings = dict(assignments(npm))
    known: dict[str, object] = {}
    if registry := settings.get("registry", "").rstrip("/"):
        known["npmRegistryServer"] = registry
        token = settings.get(f"//{registry.partition('://')[2]}/:_authToken")
        if token:
            known |= {"npmAuthToken": token, "npmAlwaysAuth": True}
    names = {"HTTP_PROXY": "httpProxy", "HTTPS_PROXY": "httpsProxy"}
    known |= {names[name]: value for name, value in proxies(env).items() if name in names}
    return yaml.safe_dump(known) if known else ""


def pip_conf(home: Path, env: Mapping[str, str] = os.environ) -> str:
    """The network part of pip's settings: machine, user, PIP_CONFIG_FILE, then variables."""
    files = [*map(Path, MACHINE_PIP_CONF), home / ".pip/pip.conf", home / ".config/pip/pip.conf"]
    named = env.get("PIP_CONFIG_FILE")
    parser = configparser.RawConfigParser()
    parser.read([*files, *([named] if named else [])])
    settings = {**(dict(parser["global"]) if "global" in parser else {})}
    settings |= {
        key: env[name] for key in _PIP_KEYS if env.get(name := f"PIP_{key.replace('-', '_').upper()}")
    }
    kept = {key: settings[key] for key in _PIP_KEYS if key in settings}
    lines = [f"{key} = {value}\n".replace("\n", "\n  ").rstrip(" ") for key, value in kept.items()]
    return "[global]\n" + "".join(lines) if kept else ""


def assignments(text: str) -> list[tuple[str, str]]:
    """Every `key = value` line."""
    return [_assignment(line) for line in text.splitlines() if "=" in line]


def _concerns_network(line: str) -> bool:
    key = _assignment(line)[0] if "=" in line else ""
    return key in _NPM_KEYS or key.startswith(_NPM_PREFIXES) or key.endswith(":registry")


def _assignment(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip(), value.strip().strip('"')


def _expand(text: str, env: Mapping[str, str]) -> str:
    for name, value in env.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())
