"""Access to a cluster's API by a token that lives for minutes; no other program is needed for it.

`python -m stacks.eks.token CLUSTER REGION` is what the kubeconfig runs: a credential plugin.
"""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

#: EKS takes a token for 15 minutes; a client should fetch the next one before.
LIFETIME = timedelta(minutes=14)
#: Seconds for which the signed request inside is valid, as the AWS CLI has it.
_SIGNED_FOR = 60
_CLUSTER_HEADER = "x-k8s-aws-id"


def token(cluster: str, region: str) -> str:
    """A signed question to STS, who am I; EKS asks it to learn who we are."""
    import boto3
    from botocore.signers import RequestSigner

    session = boto3.session.Session(region_name=region)
    client = session.client("sts", region_name=region)
    signer = RequestSigner(
        client.meta.service_model.service_id,
        region,
        "sts",
        "v4",
        session.get_credentials(),
        session.events,
    )
    request = {
        "method": "GET",
        "url": f"{client.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {_CLUSTER_HEADER: cluster},
        "context": {},
    }
    url = signer.generate_presigned_url(request, operation_name="", expires_in=_SIGNED_FOR)
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def credential(cluster: str, region: str, now: datetime) -> dict[str, Any]:
    """The token as Kubernetes' clients want it of a credential plugin."""
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {
            "token": token(cluster, region),
            "expirationTimestamp": (now + LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }


def kubeconfig(cluster: str, region: str, server: str, authority: str) -> str:
    """Access without a secret in it: whoever uses it asks for a token with their own credentials."""
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": ["-m", "stacks.eks.token", cluster, region],
        "interactiveMode": "Never",
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": cluster, "cluster": {"server": server, "certificate-authority-data": authority}}
            ],
            "users": [{"name": cluster, "user": {"exec": plugin}}],
            "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": cluster}}],
            "current-context": cluster,
        },
        indent=2,
    )


if __name__ == "__main__":
    json.dump(credential(sys.argv[1], sys.argv[2], datetime.now(UTC)), sys.stdout)
