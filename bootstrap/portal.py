"""The one adapter to Backstage: signs in as a browser would, then speaks its APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from bootstrap import http, signin
from bootstrap.errors import IdpError

Json = Any
_PROVIDER = "oidc"
_PAGES = 6  # sign-in form, consent and a repetition of each; more is a loop


class PortalClient:
    """The portal at `url`, once `sign_in` succeeded as that user. Errors are IDP-R003 and IDP-R004."""

    def __init__(self, instance: str, url: str) -> None:
        self._url = url
        self._http = http.client(instance, url)
        self.user = ""

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
            "origin": self._url,
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
        return self._checked(self._send("GET", path, **given))

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self._checked(self._send("POST", path, **given))

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
        answer = self._send("GET", f"/api/catalog/entities/by-name/{kind}/{namespace}/{name}")
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

    def document(self, ref: str, page: str = "index.html") -> str:
        """A page of an entity's documentation as HTML, built first where it is not up to date."""
        kind, namespace, name = split(ref)
        where = f"{namespace}/{kind}/{name}"
        built = self.get(f"/api/techdocs/sync/{where}", timeout=180).text
        if "event: error" in built:
            why = built.rpartition("event: error")[2].strip()[:500]
            raise IdpError("IDP-R004", f"the documentation of {ref} could not be built", why, "idp status")
        return self.get(f"/api/techdocs/static/docs/{where.lower()}/{quote(page)}").text

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
        seen = -1
        while True:
            query = {"after": seen} if seen >= 0 else {}
            for event in self.get(f"/api/scaffolder/v2/tasks/{task}/events", params=query, timeout=60).json():
                seen = max(seen, int(event["id"]))
                yield event
                if event["type"] == "completion":
                    return

    def task(self, task: str) -> Json:
        """A task with its `status`: open, processing, completed, failed, cancelled."""
        return self.get(f"/api/scaffolder/v2/tasks/{task}").json()

    def _enter(self, response: Json) -> None:
        identity = response.get("backstageIdentity")
        if not identity:
            why = "the identity provider knows the user, but no catalogue entity matches"
            raise IdpError("IDP-R003", "the portal found no user to sign in", why, "idp status")
        self._http.headers["Authorization"] = f"Bearer {identity['token']}"
        self.user = identity.get("identity", {}).get("userEntityRef", "")

    def _open(self, method: str, url: str, **given: Any) -> httpx.Response:
        return self._checked(self._send(method, url, follow_redirects=True, **given))

    def _send(self, method: str, url: str, **given: Any) -> httpx.Response:
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
