"""Experiments on a real cluster: people through the sign-in, programs without, artifacts in the bucket."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import httpx
import pytest

from bootstrap import http, signin
from tests.platform import Platform

pytestmark = pytest.mark.cluster

#: Logs a run as a pipeline would, then tries what the account of the bucket must not be able to do.
RUN = """
import os, boto3, mlflow
from botocore.exceptions import ClientError
os.chdir("/tmp")
mlflow.set_tracking_uri("http://mlflow.mlflow.svc:5000")
mlflow.set_experiment("e2e")
with mlflow.start_run() as run:
    mlflow.log_metric("auc", 0.93)
    mlflow.log_text("proof", "proof.txt")
print("ARTIFACT", run.info.run_id, mlflow.artifacts.load_text(run.info.artifact_uri + "/proof.txt"))
store = boto3.client("s3", endpoint_url=os.environ["MLFLOW_S3_ENDPOINT_URL"])
print("BUCKETS", [bucket["Name"] for bucket in store.list_buckets()["Buckets"]])
try:
    store.create_bucket(Bucket="another")
except ClientError as error:
    print("CREATE", error.response["Error"]["Code"])
"""


def in_pod(platform: Platform, namespace: str, pod: str, *command: str) -> str:
    """What a command in a pod prints."""
    kubectl = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "-n", namespace, "exec", pod, "--"]
    line = ["docker", "exec", f"{platform.name}-control-plane", *kubectl, *command]
    return subprocess.run(line, capture_output=True, text=True, check=True, timeout=120).stdout


@pytest.fixture(scope="module")
def url(platform: Platform) -> str:
    return str(platform.status()["endpoints"]["mlflow"])


@pytest.fixture
def browser(platform: Platform) -> Iterator[httpx.Client]:
    with http.client(platform.name, data=platform.data) as client:
        client.headers["Accept"] = "text/html"
        yield client


def sign_in(browser: httpx.Client, url: str, user: str, password: str) -> httpx.Response:
    """Open a page and answer the forms in the way until it is there."""
    page = browser.get(url, follow_redirects=True)
    for _ in range(4):
        form = signin.next_form(page.text)
        if form is None:
            break
        target = page.url.join(form.action)
        page = browser.post(target, data=form.filled(user, password), follow_redirects=True)
    return page


def test_people_sign_in_at_gitea(platform: Platform, browser: httpx.Client, url: str) -> None:
    first = browser.get(url)
    assert first.status_code == 302
    assert first.headers["location"].startswith(f"{platform.status()['endpoints']['gitea']}/login/oauth/")
    page = sign_in(browser, url, "data-scientist", platform.password("data-scientist"))
    assert (page.status_code, "MLflow" in page.text) == (200, True)
    assert str(page.url).rstrip("/") == url
    search = browser.post(f"{url}/ajax-api/2.0/mlflow/experiments/search", json={"max_results": 10})
    assert "Default" in [experiment["name"] for experiment in search.json()["experiments"]]
    [cookie] = [c for c in browser.cookies.jar if c.name == "__Host-mlflow"]
    assert (cookie.secure, cookie.domain_specified, cookie.path) == (True, False, "/")


def test_a_script_without_a_session_is_refused_and_not_redirected(browser: httpx.Client, url: str) -> None:
    answer = browser.post(f"{url}/ajax-api/2.0/mlflow/experiments/search", json={"max_results": 10})
    assert answer.status_code == 401


def test_pages_of_other_hosts_change_nothing(platform: Platform, browser: httpx.Client, url: str) -> None:
    sign_in(browser, url, "data-scientist", platform.password("data-scientist"))
    answer = browser.post(
        f"{url}/ajax-api/2.0/mlflow/experiments/create",
        json={"name": "intruder"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403


def test_artifacts_of_programs_land_in_the_bucket_and_its_account_reaches_no_more(platform: Platform) -> None:
    said = in_pod(platform, "mlflow", "deployment/mlflow", "python", "-W", "ignore", "-c", RUN)
    words = {line.split()[0]: line.split()[1:] for line in said.splitlines() if line.split()}
    run, text = words["ARTIFACT"]
    assert text == "proof"
    assert words["BUCKETS"] == ["['mlflow']"]
    assert words["CREATE"] == ["AccessDenied"]
    files = in_pod(
        platform, "objectstore", "objectstore-0", "find", "/var/lib/objectstore/buckets", "-type", "f"
    )
    assert any("/mlflow/" in file and f"{run}/artifacts/proof.txt" in file for file in files.splitlines())
