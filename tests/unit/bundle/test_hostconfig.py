"""What builds learn of this host: cases of files and variables, and the secrets that come of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bootstrap.bundle import hostconfig
from tests.unit.bundle.conftest import cases, write_tree


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostconfig, "MACHINE_NPMRC", ())
    monkeypatch.setattr(hostconfig, "MACHINE_PIP_CONF", ())


@pytest.mark.parametrize("case", cases("hostconfig"))
def test_secrets(case: dict[str, Any], tmp_path: Path) -> None:
    write_tree(tmp_path, case.get("files", {}))
    env = case.get("env", {})
    assert hostconfig.secrets(tmp_path, env) == case["secrets"]
    assert hostconfig.proxies(env) == case.get("proxies", {})


def test_certificates_by_variable_then_by_place(tmp_path: Path) -> None:
    named = tmp_path / "corp.pem"
    named.write_text("x")
    assert hostconfig.ca_bundle({"REQUESTS_CA_BUNDLE": str(named)}) == named
    assert hostconfig.ca_bundle({"SSL_CERT_FILE": str(tmp_path / "missing")}).is_file()
