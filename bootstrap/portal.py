"""The one adapter to Backstage: signs in as a browser would, then speaks its APIs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from bootstrap import http, signin
from bootstrap.errors import IdpError

Json = Any
_PROVIDER = "oidc"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PAGES = 6  # sign-in form, consent and a repetition of each; more is a loop


class PortalClient:
    """The portal as one user, after `sign_in`. Raises IDP-R003 (sign-in) and IDP-R004 (all else)."""

    def __init__(self, client: httpx.Client) -> None:
        """`client` has the portal's public URL as its base."""
        self._http = client
        self.user = ""

    @classmethod
    def for_instance(cls, name: str, url: str, *, data: Path | None = None) -> PortalClient:
        """The portal of the instance `name`, which lies in this user's data folder or in `data`."""
        return cls(http.client(name, url, data=data))

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> PortalClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def sign_in(self, user: str, password: str) -> None:
        """Walk the OIDC sign-in: start, the provider's form, its consent, back to the portal."""
        query = {
            "env": signin.environment(self._open("GET", "/").text),
            "scope": "openid profile email",
            "origin": str(self._http.base_url).rstrip("/"),
        }
        page = self._open("GET", f"/api/auth/{_PROVIDER}/start", params=query)
        entered = False
        for _ in range(_PAGES):
            if page.url.path.endswith("/handler/frame"):
                return self._enter(signin.answer(page.text))
            form = signin.next_form(page.text)
            if form is None or (form.asks_password and entered):
                break
            entered = entered or form.asks_password
            page = self._open("POST", str(page.url.join(form.action)), data=form.filled(user, password))
        why = "name or password were not accepted" if entered else f"no way on from {page.url.path}"
        raise IdpError("IDP-R003", f"signing in to the portal as {user} failed", why, "idp secrets")

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self._checked(self.ask("GET", path, **given))

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self._checked(self.ask("POST", path, **given))

    def entities(self, *filters: str, fields: str = "kind,metadata") -> list[Json]:
        """Catalogue entities that match one of the filters, such as `kind=template`; all without a filter."""
        found: list[Json] = []
        query: dict[str, Any] = {"limit": 500, "fields": fields, "filter": list(filters)}
        while True:
            page = self.get("/api/catalog/entities/by-query", params=query).json()
            found += page["items"]
            cursor = page.get("pageInfo", {}).get("nextCursor")
            if not cursor:
                return found
            query = {"limit": 500, "fields": fields, "cursor": cursor}

    def entity(self, ref: str) -> Json | None:
        """The entity `kind:namespace/name`, or None while the catalogue does not know it."""
        kind, namespace, name = split(ref)
        answer = self.ask("GET", f"/api/catalog/entities/by-name/{kind}/{namespace}/{name}")
        return None if answer.status_code == 404 else self._checked(answer).json()

    def refresh(self, ref: str) -> None:
        """Let the catalogue read an entity's source again soon."""
        self.post("/api/catalog/refresh", json={"entityRef": ref})

    def search(self, term: str) -> list[Json]:
        """Hits over entities and documentation."""
        return list(self.get("/api/search/query", params={"term": term}).json()["results"])

    def index(self) -> None:
        """Let the search engine collect its documents now instead of at its next time."""
        tasks = "/api/search/.backstage/scheduler/v1/tasks"
        for task in self.get(tasks).json()["tasks"]:
            if task["taskId"].startswith("search_index_"):
                self.post(f"{tasks}/{task['taskId']}/trigger")

    def docs_page(self, ref: str, page: str = "index.html") -> str:
        """A page of an entity's documentation as HTML, built first where it is not up to date."""
        kind, namespace, name = split(ref)
        where = f"{namespace}/{kind}/{name}"
        built = self.get(f"/api/techdocs/sync/{where}", timeout=180).text
        if "event: error" in built:
            why = built.rpartition("event: error")[2].strip()[:500]
            raise IdpError("IDP-R004", f"the documentation of {ref} could not be built", why, "idp status")
        return self.get(f"/api/techdocs/static/docs/{where}/{quote(page)}").text

    def pods(self, entity: Json) -> list[Json]:
        """The pods of an entity, as its Kubernetes tab shows them."""
        query = {"entityRef": ref(entity), "auth": {}}
        clusters = self.post("/api/kubernetes/resources/workloads/query", json=query).json()["items"]
        errors = [error for cluster in clusters for error in cluster.get("errors", [])]
        if errors:
            raise IdpError("IDP-R004", "the portal cannot read the cluster", str(errors[0]), "idp status")
        kinds = [kind for cluster in clusters for kind in cluster["resources"]]
        return [pod for kind in kinds if kind["type"] == "pods" for pod in kind["resources"]]

    def form(self, template: str) -> Json:
        """The form of a software template: its title and the schema of each step."""
        kind, namespace, name = split(template)
        return self.get(f"/api/scaffolder/v2/templates/{namespace}/{kind}/{name}/parameter-schema").json()

    def start_task(self, template: str, values: Mapping[str, Json]) -> str:
        """Run the software template `template:namespace/name`; returns the task's id."""
        body = {"templateRef": template, "values": dict(values)}
        return str(self.post("/api/scaffolder/v2/tasks", json=body).json()["id"])

    def events(self, task: str) -> Iterator[Json]:
        """The events of a task as they happen, up to and with its completion."""
        path, seen = f"/api/scaffolder/v2/tasks/{task}/events", -1
        while True:  # the portal answers at once when there is news, else with nothing after 30 s
            for event in self.get(path, params={"after": seen} if seen >= 0 else {}, timeout=60).json():
                seen = max(seen, int(event["id"]))
                yield event
                if event["type"] == "completion":
                    return

    def task(self, task: str) -> Json:
        """A task with its `status`: open, processing, completed, failed, cancelled."""
        return self.get(f"/api/scaffolder/v2/tasks/{task}").json()

    def scaffold(self, template: str, values: Mapping[str, Json], timeout: float = 300) -> Json:
        """Run a template to its end; returns the task with its `log` as text.

        Raises IDP-R004 when it has not ended after `timeout` seconds; a failed task is no error.
        """
        task = self.start_task(template, values)
        log: list[str] = []
        deadline = time.monotonic() + timeout
        for event in self.events(task):
            log.append(_COLOUR.sub("", str(event.get("body", {}).get("message", ""))))
            if time.monotonic() > deadline:
                raise IdpError("IDP-R004", f"the task {task} did not end within {timeout:.0f} s", log[-1])
        return {**self.task(task), "log": "\n".join(log)}

    def _enter(self, response: Json) -> None:
        identity = response.get("backstageIdentity")
        if not identity:
            why = "the identity provider knows the user, but no catalogue entity matches"
            raise IdpError("IDP-R003", "the portal found no user to sign in", why, "idp status")
        self._http.headers["Authorization"] = f"Bearer {identity['token']}"
        self.user = identity.get("identity", {}).get("userEntityRef", "")

    def _open(self, method: str, url: str, **given: Any) -> httpx.Response:
        return self._checked(self.ask(method, url, follow_redirects=True, **given))

    def ask(self, method: str, url: str, **given: Any) -> httpx.Response:
        """The portal's answer, a refusal too."""
        try:
            return self._http.request(method, url, **given)
        except httpx.TransportError as error:
            what = f"no answer from {self._http.base_url.join(url).host}"
            raise IdpError("IDP-R004", what, f"{method} {url}: {error}", "idp status") from error

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        request = answer.request
        what = f"{request.method} {request.url.path} answered {answer.status_code}"
        raise IdpError("IDP-R004", what, answer.text[:300], "idp status")


def split(ref: str) -> tuple[str, str, str]:
    """Kind, namespace and name of an entity reference; `default` where it names no namespace."""
    kind, _, rest = ref.partition(":")
    namespace, _, name = rest.rpartition("/")
    return kind.lower(), namespace or "default", name


def ref(entity: Json) -> str:
    """`kind:namespace/name` of an entity, in lower case as the catalogue compares it."""
    metadata = entity["metadata"]
    return f"{entity['kind']}:{metadata.get('namespace') or 'default'}/{metadata['name']}".lower()
