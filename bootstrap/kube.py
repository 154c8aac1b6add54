"""The one adapter to Kubernetes. Objects are plain dictionaries, as they stand in YAML.

A kind is named by API version and kind, for instance `v1/Secret` or `apps/v1/Deployment`.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bootstrap import kinds, watch
from bootstrap.errors import IdpError

Object = dict[str, Any]
Objects = list[Object]
Labels = Mapping[str, str | None]

SECRET = "v1/Secret"  # noqa: S105
APPLICATION = "argoproj.io/v1alpha1/Application"
INSTANCE = "idp.dev/instance"
FIELD_MANAGER = "idp"


class Cluster:
    """The cluster that a kubeconfig names; safe to use from several threads."""

    def __init__(self, kubeconfig: Path, context: str | None = None) -> None:
        # Imported here: lightkube costs a third of a second, and `idp --help` must not pay it.
        import lightkube

        if not kubeconfig.is_file():
            raise _unreachable(f"{kubeconfig} does not exist")
        try:
            config = lightkube.KubeConfig.from_file(kubeconfig).get(context)
        except lightkube.ConfigError as error:
            raise _unreachable(f"{kubeconfig}: {error}") from error
        if config is None:
            raise _unreachable(f"{kubeconfig} names no context")
        server = urlsplit(config.cluster.server).hostname
        # A proxy cannot reach this machine's loopback, but a cloud's API may stand behind one.
        trust_env = server not in {"127.0.0.1", "::1", "localhost"}
        self._kinds = kinds.Kinds(config, trust_env)
        self._kind = self._kinds.of
        self._client: Any = lightkube.Client(config, trust_env=trust_env)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """The object, or None where there is none."""
        with _errors(f"read {kind} {name}"):
            return _unless_missing(lambda: dict(self._client.get(self._kind(kind), name, **_in(namespace))))

    def list(self, kind: str, namespace: str | None = None, labels: Labels | None = None) -> Objects:
        """All objects of a kind, in one namespace or in all; a label with None must be present only."""
        return self._listed(kind, namespace, labels)[0]

    def apply(
        self, objects: Iterable[Object], *, field_manager: str = FIELD_MANAGER, force: bool = False
    ) -> Objects:
        """Server-side apply, in the given order; returns the objects that this changed.

        `force` takes over fields that another manager owns; without it such a conflict is an error.
        """
        return [changed for o in objects if (changed := self._apply(o, field_manager, force))]

    def delete(self, kind: str, name: str, namespace: str | None = None) -> bool:
        """Delete an object; False where it did not exist."""
        with _errors(f"delete {kind} {name}"):
            client, resource = self._client, self._kind(kind)
            gone = _unless_missing(lambda: client.delete(resource, name, **_in(namespace)) or {})
        return gone is not None

    def annotate(
        self, kind: str, name: str, namespace: str | None, annotations: Mapping[str, str | None]
    ) -> None:
        """Set annotations; None removes one."""
        with _errors(f"annotate {kind} {name}"):
            self._client.set(
                self._kind(kind),
                name,
                **_in(namespace),
                annotations=dict(annotations),
                field_manager=FIELD_MANAGER,
            )

    def version(self) -> tuple[int, int]:
        """The major and minor version of Kubernetes."""
        with _errors("ask for the version"), self._kinds.raw() as raw:
            said = raw.get("version").json()
        return int(said["major"]), int("".join(c for c in said["minor"] if c.isdigit()))

    def may_do_everything(self) -> bool:
        """Is this an administrator of the whole cluster?"""
        asked = {"resourceAttributes": {"group": "*", "resource": "*", "verb": "*"}}
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": {}}
        with _errors("ask for rights"):
            resource = self._kind("authorization.k8s.io/v1/SelfSubjectAccessReview")
            answer = self._client.create(resource({**review, "spec": asked}))
        return bool(dict(answer)["status"]["allowed"])

    def merge(self, kind: str, name: str, namespace: str | None, change: Object) -> None:
        """Change fields of an object by merge patch; None removes one."""
        from lightkube.types import PatchType

        with _errors(f"change {kind} {name}"):
            self._client.patch(self._kind(kind), name, change, **_in(namespace), patch_type=PatchType.MERGE)

    def refresh_applications(self, names: Collection[str] | None = None) -> int:
        """Let Argo CD compare Applications with Git at once, all or those named; returns how many."""
        every = [o["metadata"] for o in self.list(APPLICATION)]
        found = [one for one in every if names is None or one["name"] in names]

        def refresh(metadata: Object) -> None:
            ask = {"argocd.argoproj.io/refresh": "normal"}
            with suppress(IdpError):  # one that has gone in the meantime needs no look
                self.annotate(APPLICATION, metadata["name"], metadata["namespace"], ask)

        with ThreadPoolExecutor(8) as pool:
            return len(list(pool.map(refresh, found)))

    def wait_for(
        self,
        kind: str,
        missing: Callable[[Sequence[Object]], Sequence[str]],
        waiting: Callable[[str], None],
        timeout: float,
        *,
        namespace: str | None = None,
        labels: Labels | None = None,
    ) -> Sequence[Object]:
        """Watch the objects of a kind until `missing` names nothing any more, and return them.

        `waiting` hears what is missing, each time that changes. Raises IDP-K003 after `timeout` seconds.
        """
        said: Sequence[str] = ()
        listed = lambda: self._listed(kind, namespace, labels)  # noqa: E731
        follow = lambda version: self._watched(kind, namespace, labels, version)  # noqa: E731
        for objects in watch.states(listed, follow, time.monotonic() + timeout):
            absent = missing(objects)
            if not absent:
                return objects
            if absent != said:
                said = absent
                waiting(", ".join(absent))
        what = f"waited {timeout:.0f} s in vain for {len(said)} things"
        raise IdpError("IDP-K003", what, fix="idp status", faults=list(said))

    def _listed(self, kind: str, namespace: str | None, labels: Labels | None) -> tuple[Objects, str]:
        with _errors(f"list {kind}"):
            where = self._where(kind, namespace, labels)

            def ask() -> Object:
                found = self._client.list(self._kind(kind), **where)
                return {"items": [dict(o) for o in found], "version": found.resourceVersion}

            listed = _unless_missing(ask)
        if listed is None:  # known from another cluster of this process
            raise kinds.unknown(kind, "Not Found")
        return listed["items"], listed["version"]

    def _watched(
        self, kind: str, namespace: str | None, labels: Labels | None, version: str
    ) -> Iterator[tuple[str, Object]]:
        where = self._where(kind, namespace, labels)
        resource = self._kind(kind)
        for operation, changed in self._client.watch(
            resource, **where, server_timeout=watch.SERVER_TIMEOUT, resource_version=version
        ):
            yield operation, dict(changed)

    def _apply(self, wanted: Object, field_manager: str, force: bool) -> Object | None:
        from lightkube.types import PatchType

        metadata = wanted["metadata"]
        kind = f"{wanted['apiVersion']}/{wanted['kind']}"
        name, namespace = metadata["name"], metadata.get("namespace")
        before = self.get(kind, name, namespace)
        with _errors(f"apply {kind} {name}"):
            after = self._client.patch(
                self._kind(kind),
                name,
                wanted,
                **_in(namespace),
                patch_type=PatchType.APPLY,
                field_manager=field_manager,
                force=force,
            )
        return None if before and _version(before) == _version(after) else dict(after)

    def _where(self, kind: str, namespace: str | None, labels: Labels | None) -> dict[str, Any]:
        """Selection of a list or watch; kinds that live outside namespaces take none."""
        from lightkube.core.resource import NamespacedResource

        scope = {"namespace": namespace or "*"} if issubclass(self._kind(kind), NamespacedResource) else {}
        return {**scope, "labels": dict(labels) if labels else None}


def secret(name: str, namespace: str, values: Mapping[str, str], labels: Mapping[str, str]) -> Object:
    """A Secret to apply."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "type": "Opaque",
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()},
    }


def decoded(found: Object) -> dict[str, str]:
    """The values of a Secret in clear text."""
    return {key: base64.b64decode(value).decode() for key, value in (found.get("data") or {}).items()}


def _in(namespace: str | None) -> dict[str, str]:
    return {"namespace": namespace} if namespace else {}


def _version(found: Object) -> str:
    return str(found["metadata"].get("resourceVersion"))


def _unreachable(why: str) -> IdpError:
    return IdpError("IDP-K001", "the cluster does not answer", why, "idp up")


def _unless_missing(call: Callable[[], Object]) -> Object | None:
    import lightkube

    try:
        return call()
    except lightkube.ApiError as error:
        if error.status.code == 404:
            return None
        raise


@contextmanager
def _errors(action: str) -> Iterator[None]:
    """Turn lightkube's errors into ours: IDP-K001 (no answer), IDP-K004 (refused)."""
    import httpx2
    import lightkube

    try:
        yield
    except lightkube.ApiError as error:
        why = str(error.status.message)
        raise IdpError("IDP-K004", f"the cluster refused to {action}", why, "idp status") from error
    except httpx2.TransportError as error:
        raise _unreachable(f"{action}: {error}") from error
