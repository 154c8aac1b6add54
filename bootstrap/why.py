"""Why a platform is not ready, read from pods, events and Applications. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bootstrap.model import Application

Object = Mapping[str, Any]

_LONGEST = 240


def blocked(pods: Sequence[Object], events: Sequence[Object]) -> list[str]:
    """One line for each pod that does not work: where it is stuck and what was last said about it."""
    lines = []
    for pod in pods:
        reason = stuck(pod)
        if reason:
            metadata = pod["metadata"]
            said = last_warning(metadata["namespace"], metadata["name"], events)
            line = f"pod {metadata['namespace']}/{metadata['name']}: {reason}"
            lines.append(_shortened(f"{line} ({said})" if said and said not in line else line))
    return sorted(lines)


def stuck(pod: Object) -> str:
    """Why a pod is not ready; empty where it is, or where it has done its work."""
    status = pod.get("status") or {}
    if status.get("phase") == "Succeeded" or "deletionTimestamp" in pod["metadata"]:
        return ""
    containers = [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]
    for container in containers:
        waiting = (container.get("state") or {}).get("waiting")
        if waiting and waiting.get("reason") not in {None, "PodInitializing", "ContainerCreating"}:
            return f"{container['name']} {waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")
        ended = (container.get("state") or {}).get("terminated")
        if ended and ended.get("exitCode"):
            return f"{container['name']} ended with exit code {ended['exitCode']}"
    return _condition(status)


def last_warning(namespace: str, name: str, events: Iterable[Object]) -> str:
    """The newest warning about an object, without its repetitions."""
    about = [
        event
        for event in events
        if event.get("type") == "Warning"
        and event.get("involvedObject", {}).get("name") == name
        and event["metadata"].get("namespace") == namespace
    ]
    newest = max(about, key=_time, default=None)
    return f"{newest.get('reason')}: {newest.get('message', '')}".strip() if newest else ""


def application(found: Object) -> Application:
    """An Argo CD Application as we show it; `Unknown` until Argo CD has looked at it."""
    status = found.get("status") or {}
    return Application(
        name=found["metadata"]["name"],
        sync=(status.get("sync") or {}).get("status") or "Unknown",
        health=(status.get("health") or {}).get("status") or "Unknown",
    )


def complaint(found: Object) -> str:
    """What Argo CD has against an Application, in its own words; empty where it is content."""
    shown = application(found)
    if (shown.sync, shown.health) == ("Synced", "Healthy"):
        return ""
    status = found.get("status") or {}
    said = [c.get("message", "") for c in status.get("conditions") or [] if "Error" in c.get("type", "")]
    said += [(status.get("operationState") or {}).get("message", "")] if shown.sync != "Synced" else []
    said += [
        f"{r.get('kind')} {r.get('name')} {r['health'].get('message', '')}".strip()
        for r in status.get("resources") or []
        if (r.get("health") or {}).get("status") in {"Degraded", "Missing"}
    ]
    reason = next((text for text in said if text), "")
    return _shortened(f"{shown.name} is {shown.sync}, {shown.health}" + (f": {reason}" if reason else ""))


def _condition(status: Object) -> str:
    conditions = {c["type"]: c for c in status.get("conditions") or []}
    for kind, meaning in (("PodScheduled", "not scheduled"), ("Ready", "not ready")):
        condition = conditions.get(kind)
        if condition and condition["status"] != "True":
            return f"{meaning}: {condition.get('message', '')}".rstrip(": ")
    return "" if "Ready" in conditions else "not started"


def _time(event: Object) -> str:
    """When an event was last seen; RFC 3339 in UTC sorts as text."""
    series = event.get("series") or {}
    return str(
        series.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
        or ""
    )


def _shortened(line: str) -> str:
    flat = " ".join(line.split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"
