"""What the program declares, in each place and of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import settings
from conftest import Declared
from settings import KINDS, Settings

Run = Callable[..., Declared]


def stateful_set(declared: Declared) -> dict[str, Any]:
    (found,) = declared.of("kubernetes:apps/v1:StatefulSet")
    return found["spec"]


@pytest.mark.parametrize(("place", "kind"), [(place, kind) for place, kinds in KINDS.items() for kind in kinds])
def test_what_is_not_wanted_is_not_declared(place: str, kind: str, declared: Run) -> None:
    assert declared(place=place, kind=kind, wanted=False).found == []
    assert declared(place=place, kind=kind).found


def test_a_kind_that_a_place_lacks_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "infrastructure.toml"
    text = (settings.Path(settings.__file__).with_name("infrastructure.toml")).read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("kind", "place"))]
    file.write_text("\n".join(['kind = "queue"', 'place = "local"', *lines]))
    with pytest.raises(ValueError, match="no queue in the place local"):
        settings.load(file)


@pytest.mark.parametrize(("kind", "port", "user"), [("database", 5432, 999), ("bucket", 9000, 65532)])
def test_a_local_resource_is_a_server_of_its_own(
    kind: str, port: int, user: int, declared: Run, chosen: Settings
) -> None:
    found = declared(place="local", kind=kind, server="server@sha256:0")
    (service,) = found.of("kubernetes:core/v1:Service")
    assert service["spec"]["ports"][0]["port"] == port
    assert service["metadata"]["namespace"] == chosen.namespace
    spec = stateful_set(found)
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == "server@sha256:0"
    assert container["resources"]["limits"]["memory"]
    assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, user)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod["automountServiceAccountToken"] is False
    (claim,) = spec["volumeClaimTemplates"]
    assert "storageClassName" not in claim["spec"]


def test_the_server_is_the_one_that_the_workflow_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_IMAGE", "server@sha256:0")
    assert settings.load().server == "server@sha256:0"


@pytest.mark.parametrize("kind", KINDS["local"])
def test_no_password_passes_through_the_program(kind: str, declared: Run, chosen: Settings) -> None:
    pod = stateful_set(declared(place="local", kind=kind))["template"]["spec"]
    assert [v["secret"]["secretName"] for v in pod["volumes"] if "secret" in v] == [chosen.name]
    assert not any("password" in e["name"].lower() for e in pod["containers"][0].get("env", []))


def test_a_bucket_of_aws_is_closed_encrypted_and_versioned(declared: Run) -> None:
    found = declared(place="aws", kind="bucket")
    (closed,) = found.of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert {closed[key] for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")} == {True}
    (encrypted,) = found.of(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    )
    assert encrypted["rules"][0]["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    (versioned,) = found.of("aws:s3/bucketVersioning:BucketVersioning")
    assert versioned["versioningConfiguration"]["status"] == "Enabled"
    (policy,) = found.of("aws:s3/bucketPolicy:BucketPolicy")
    (statement,) = json.loads(policy["policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_a_queue_of_aws_is_encrypted_and_sets_refused_messages_aside(declared: Run, chosen: Settings) -> None:
    queues = declared(place="aws", kind="queue").of("aws:sqs/queue:Queue")
    assert all(queue["sqsManagedSseEnabled"] for queue in queues)
    (redrive,) = [json.loads(queue["redrivePolicy"]) for queue in queues if "redrivePolicy" in queue]
    assert redrive == {"deadLetterTargetArn": f"arn:aws:::{chosen.name}-refused", "maxReceiveCount": 5}


def test_a_database_of_aws_is_not_public_and_is_kept(declared: Run, chosen: Settings) -> None:
    network = {**chosen.aws, "subnet_ids": ["a", "b"], "security_group_ids": ["c"]}
    found = declared(place="aws", kind="database", aws=network)
    (database,) = found.of("aws:rds/instance:Instance")
    assert database["publiclyAccessible"] is False
    assert database["storageEncrypted"] is True
    assert database["manageMasterUserPassword"] is True
    assert "password" not in database
    assert database["deletionProtection"] is True
    assert database["backupRetentionPeriod"] >= 7
    assert database["vpcSecurityGroupIds"] == ["c"]
    (group,) = found.of("aws:rds/subnetGroup:SubnetGroup")
    assert group["subnetIds"] == ["a", "b"]


@pytest.mark.parametrize("kind", KINDS["aws"])
def test_resources_of_aws_say_whose_they_are(kind: str, declared: Run, chosen: Settings) -> None:
    found = declared(place="aws", kind=kind)
    tagged = [inputs["tags"] for _, _, inputs in found.found if "tags" in inputs]
    assert tagged
    assert all(tags["idp.dev/owner"] == chosen.owner for tags in tagged)
    assert {inputs["region"] for inputs in found.of("pulumi:providers:aws")} == {chosen.aws["region"]}
