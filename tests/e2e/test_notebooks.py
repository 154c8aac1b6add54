"""From a form to a notebook whose run is in MLflow, and the end of its workspace by its time to live."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from bootstrap import http
from bootstrap.portal import PortalClient
from tests.e2e.test_mlflow import sign_in
from tests.platform import Platform

pytestmark = pytest.mark.cluster

NAME = "petal-sizes"
USER = "data-scientist"
POD = f"workspace-{USER}--{NAME}"
MINUTES = 4

#: Runs every cell of the first notebook as JupyterLab would, then asks MLflow what it knows.
RUN = f"""
set -e
cd "$HOME/{NAME}/notebooks"
jupyter nbconvert --to notebook --execute --stdout first.ipynb >/dev/null
cd /tmp
python -c "
import mlflow
for run in mlflow.search_runs(experiment_names=['{NAME}'], output_format='list'):
    print('RUN', run.info.run_name, run.data.metrics['accuracy'])
print('USER', __import__('os').getuid())
"
touch /probe 2>/dev/null || echo READ-ONLY
test -e /var/run/secrets/kubernetes.io || echo NO-TOKEN
git -C "$HOME/{NAME}" log --format=tformat:COMMIT
"""


#: What JupyterLab's own pages do to run a line: a kernel by HTTP, its messages by WebSocket.
KERNEL = """
async base => {
  const token = /_xsrf=([^;]+)/.exec(document.cookie)[1];
  const made = await fetch(`${base}/api/kernels`, {method: 'POST', headers: {'X-XSRFToken': token}});
  const {id} = await made.json();
  const socket = new WebSocket(`${base.replace('https', 'wss')}/api/kernels/${id}/channels`);
  const header = {msg_id: 'one', session: 'one', username: '', msg_type: 'execute_request', version: '5.3'};
  const content = {code: 'print(6 * 7)', silent: false, store_history: false, allow_stdin: false};
  const message = {header, parent_header: {}, metadata: {}, content, channel: 'shell', buffers: []};
  return new Promise((resolve, reject) => {
    setTimeout(() => reject('the kernel said nothing within a minute'), 60000);
    socket.onerror = () => reject('no WebSocket');
    socket.onopen = () => socket.send(JSON.stringify(message));
    socket.onmessage = ({data}) => {
      const said = JSON.parse(data);
      if (said.msg_type === 'stream') resolve(said.content.text);
    };
  });
}
"""


def kubectl(platform: Platform, *arguments: str) -> str:
    """What kubectl prints for the namespace of the workspaces."""
    command = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "-n", "notebooks", *arguments]
    line = ["docker", "exec", f"{platform.name}-control-plane", *command]
    done = subprocess.run(line, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def eventually(what: str, probe: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not (found := probe()):
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s"
        time.sleep(2)
    return found


@pytest.fixture(scope="module")
def url(platform: Platform) -> str:
    return str(platform.status()["endpoints"]["notebooks"])


@pytest.fixture(scope="module")
def browser(platform: Platform) -> Iterator[httpx.Client]:
    with http.client(platform.name, data=platform.data) as client:
        client.headers["Accept"] = "text/html"
        client.timeout = 60
        yield client


@pytest.fixture(scope="module")
def link(platform: Platform) -> Iterator[str]:
    """The link to the workspace, from the entity that the golden path has registered."""
    with PortalClient.for_instance(
        platform.name, str(platform.status()["endpoints"]["backstage"]), data=platform.data
    ) as portal:
        portal.sign_in(USER, platform.password(USER))
        entity = portal.entity(f"component:default/{NAME}")
        if entity is None:
            values = {
                "name": NAME,
                "description": "Do petals alone tell irises apart?",
                "owner": "group:default/ml-team",
                "dataset": "iris",
                "hours": 1,
            }
            task = portal.scaffold("template:default/ml-experiment", values)
            assert task["status"] == "completed", task["log"]
            entity = portal.entity(f"component:default/{NAME}")
        assert entity is not None
        links = {link["title"]: link["url"] for link in entity["metadata"]["links"]}
        yield str(links["Workspace"])


def test_health_needs_no_sign_in_and_everything_else_does(browser: httpx.Client, url: str) -> None:
    assert browser.get(f"{url}/hub/health").status_code == 200
    answer = browser.get(f"{url}/hub/home")
    assert (answer.status_code, "login" in answer.headers["location"]) == (302, True)


def test_the_link_opens_a_workspace_of_whoever_follows_it(
    platform: Platform, browser: httpx.Client, url: str, link: str
) -> None:
    short = re.sub(r"hours=.*", f"hours={MINUTES / 60}", link)
    page = sign_in(browser, short, USER, platform.password(USER))
    assert page.status_code == 200, page.text[-2000:]
    lab = f"{url}/user/{USER}/{NAME}/lab"
    eventually("JupyterLab", lambda: "jupyter-config-data" in opened(browser, lab), 240)


def opened(browser: httpx.Client, page: str) -> str:
    """A page after all redirects; empty while the workspace starts."""
    try:
        answer = browser.get(page, follow_redirects=True)
    except httpx.TooManyRedirects:
        return ""
    return answer.text if answer.status_code == 200 else ""


def test_its_notebook_runs_and_mlflow_has_the_runs(platform: Platform) -> None:
    said = kubectl(platform, "exec", POD, "-c", "notebook", "--", "sh", "-c", RUN)
    assert re.search(r"RUN baseline 0\.9\d*", said), said
    assert "RUN half of the features" in said
    assert "USER 65532" in said
    assert "READ-ONLY" in said
    assert "NO-TOKEN" in said
    assert said.count("COMMIT") == 1


def test_a_kernel_answers_a_real_browser_through_the_gateway(
    browser: httpx.Client, chromium: Browser, url: str, artifacts: Path
) -> None:
    context = chromium.new_context(ignore_https_errors=True, viewport={"width": 1400, "height": 900})
    context.add_cookies(
        [
            {"name": c.name, "value": c.value or "", "domain": httpx.URL(url).host, "path": c.path}
            for c in browser.cookies.jar
            if httpx.URL(url).host in c.domain
        ]
    )
    page = context.new_page()
    page.goto(f"{url}/user/{USER}/{NAME}/lab/tree/{NAME}/notebooks/first.ipynb", timeout=120_000)
    expect(page.get_by_text("first.ipynb").first).to_be_visible(timeout=120_000)
    assert page.evaluate(KERNEL, f"{url}/user/{USER}/{NAME}").strip() == "42"
    page.screenshot(path=artifacts / "workspace.png")
    context.close()


def test_nobody_else_gets_into_it(platform: Platform, url: str) -> None:
    with http.client(platform.name, data=platform.data) as stranger:
        answer = stranger.get(f"{url}/user/{USER}/{NAME}/api/contents/")
        assert answer.status_code in {302, 403}


def test_a_wish_beyond_the_limits_is_refused_in_words(browser: httpx.Client, url: str) -> None:
    page = browser.get(f"{url}/hub/workspace/ml/another?hours=1000", follow_redirects=True)
    assert page.status_code == 400
    assert "at most 24 hours" in page.text


@pytest.mark.late  # others use the platform in the meantime
def test_it_is_taken_down_when_its_time_is_over(platform: Platform) -> None:
    def gone() -> bool:
        return POD not in kubectl(platform, "get", "pods,services,httproutes", "-o", "name") and (
            "workspace" not in kubectl(platform, "get", "httproutes", "-o", "name")
        )

    eventually("the end of the workspace", gone, MINUTES * 60 + 90)
    assert POD in kubectl(platform, "get", "persistentvolumeclaims", "-o", "name"), "its home stays"
