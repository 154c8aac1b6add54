"""Workflows for CI: their commands exist, their rights are few, two never change one platform at once."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from bootstrap import cli
from bootstrap.cli import app as commands
from bootstrap.cloud import workflow
from bootstrap.cloud.iam.estate import Estate
from bootstrap.errors import IdpError

PLACE = Estate("demo", "eu-central-1", "123456789012", "aws")
ORDER = workflow.Order(
    PLACE,
    "my stacks/team.yaml",
    "team",
    "idp.example.org",
    "production",
    "main",
    "registry.example.org/idp:1",
)

TEXTS = {kind: workflow.text(kind, ORDER) for kind in workflow.PATHS}
#: YAML 1.1 reads the key `on` as a truth.
GITHUB: dict[Any, Any] = {
    ("on" if key is True else key): value for key, value in yaml.safe_load(TEXTS["github"]).items()
}
JOBS: dict[str, dict[str, Any]] = GITHUB["jobs"]
ARGO = {(d["kind"], d["metadata"]["name"]): d for d in yaml.safe_load_all(TEXTS["argo"])}
TEMPLATES = {t["name"]: t for t in ARGO["WorkflowTemplate", "platform-demo"]["spec"]["templates"]}

#: Keys of the documented syntax that a job and a step may have (GitHub Docs, "Workflow syntax").
JOB_KEYS = {"if", "runs-on", "timeout-minutes", "permissions", "environment", "concurrency", "steps"}
STEP_KEYS = {"name", "id", "if", "uses", "with", "run", "env"}


def scripts() -> Iterator[tuple[str, str]]:
    for job, content in JOBS.items():
        for index, step in enumerate(content["steps"]):
            if "run" in step:
                yield f"github-{job}-{step.get('name', index)}", step["run"]
    for name, template in TEMPLATES.items():
        yield f"argo-{name}", template["script"]["source"]


SCRIPTS = dict(scripts())
LINES = sorted(
    {
        line.strip()
        for text in SCRIPTS.values()
        for line in text.splitlines()
        if line.strip().startswith("idp ")
    }
)


def arguments(line: str) -> list[str]:
    """The words of a command up to where the shell takes over."""
    words = shlex.split(re.split(r" >| \|\|", line)[0])
    return words[1:]


def test_the_workflows_do_what_they_are_for() -> None:
    wanted = {("bundle", "build"), ("plan", "--cloud"), ("up", "--cloud"), ("cloud", "reap")}
    assert {tuple(arguments(line)[:2]) for line in LINES} == wanted


@pytest.mark.parametrize("line", LINES)
def test_every_command_parses(line: str) -> None:
    words = arguments(line)
    context = typer.main.get_command(commands.app).make_context("idp", list(words))
    command: Any = context.command
    while hasattr(command, "resolve_command"):
        _, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(command.name, rest, parent=context)
    assert context.params


def test_an_unknown_option_would_be_found() -> None:
    with pytest.raises(Exception, match="No such option"):
        test_every_command_parses("idp up --cloud --nonsense")


@pytest.mark.parametrize("script", SCRIPTS)
def test_shell_is_sound(script: str, tmp_path: Path) -> None:
    file = tmp_path / "script.sh"
    file.write_text("#!/bin/bash\n" + re.sub(r"\{\{.*?\}\}", "x", SCRIPTS[script]))
    program = shutil.which("shellcheck", path=str(Path(sys.executable).parent))
    assert program
    done = subprocess.run([program, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_from_outside_becomes_part_of_a_script(script: str) -> None:
    """A branch or a title with `$(…)` in it is text as long as it comes by the environment."""
    assert "${{" not in SCRIPTS[script]
    assert "{{workflow" not in SCRIPTS[script]


# --- GitHub -----------------------------------------------------------------------------------------------


def test_only_documented_keys() -> None:
    assert set(GITHUB) == {"name", "on", "permissions", "defaults", "env", "jobs"}
    assert set(GITHUB["on"]) == {"pull_request", "push", "schedule", "workflow_dispatch"}
    for job in JOBS.values():
        assert set(job) <= JOB_KEYS
        assert all(set(step) <= STEP_KEYS for step in job["steps"])
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])


@pytest.mark.parametrize(
    ("job", "more"),
    [
        ("preview", {"pull-requests": "write"}),
        ("apply", {}),
        ("drift", {"issues": "write"}),
        ("reap", {}),
    ],
)
def test_a_job_may_do_what_it_has_to(job: str, more: dict[str, str]) -> None:
    assert GITHUB["permissions"] == {}
    assert JOBS[job]["permissions"] == {"contents": "read", "id-token": "write", **more}
    assert JOBS[job]["timeout-minutes"] <= 120


def test_two_never_change_a_platform_at_once() -> None:
    one = {"group": "platform-demo", "cancel-in-progress": False}
    assert JOBS["apply"]["concurrency"] == JOBS["reap"]["concurrency"] == one
    assert TEMPLATES["apply"]["synchronization"] == TEMPLATES["reap"]["synchronization"]
    assert all(job["concurrency"]["group"] for job in JOBS.values())


def test_only_what_was_approved_becomes_the_role_that_applies() -> None:
    for name, job in JOBS.items():
        roles = {step["env"]["ROLE"] for step in job["steps"] if "ROLE" in step.get("env", {})}
        changes = name in ("apply", "reap")
        assert roles == {PLACE.role_arn(PLACE.apply if changes else PLACE.preview)}
        assert job.get("environment", "") == ("production" if changes else "")
    for name, template in TEMPLATES.items():
        account = "platform-apply" if name in ("apply", "reap") else "platform-preview"
        assert template["serviceAccountName"] == account


def test_foreign_code_is_pinned_and_leaves_no_token() -> None:
    used = [step for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[a-z-]+/[a-z-]+@[0-9a-f]{40}", step["uses"]) for step in used)
    assert all(step["with"] == {"persist-credentials": False} for step in used)


def test_there_are_no_long_lived_secrets() -> None:
    assert "secrets." not in TEXTS["github"]
    assert not re.search("AKIA|aws_access_key_id: ", TEXTS["github"])


def test_a_fork_previews_nothing() -> None:
    assert "head.repo.full_name == github.repository" in JOBS["preview"]["if"]


def test_the_plan_becomes_a_comment(tmp_path: Path) -> None:
    """The real script with `gh` played: the first run makes a comment, the next one changes it."""
    script = SCRIPTS["github-preview-Comment"]
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "gh").write_text(
        '#!/bin/bash\necho "$*" >>calls\ncase "$*" in *--paginate*) cat existing 2>/dev/null;; esac\nexit 0\n'
    )
    (bin_ / "jq").write_text(f"#!/bin/bash\nexec {shlex.quote(sys.executable)} -c 'print(\"- create: 3\")'\n")
    for program in bin_.iterdir():
        program.chmod(0o755)
    (tmp_path / "plan.json").write_text(json.dumps({"preview": {"create": 3}}))
    environment = {"PATH": f"{bin_}:/usr/bin:/bin", "GITHUB_REPOSITORY": "o/r", "PULL_REQUEST": "7"}

    def run() -> str:
        (tmp_path / "calls").unlink(missing_ok=True)
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=environment, check=True)
        return (tmp_path / "calls").read_text()

    assert "pr comment 7 --body-file comment.md" in run()
    assert (tmp_path / "comment.md").read_text().startswith("<!-- idp plan demo -->\n")
    (tmp_path / "existing").write_text("42\n")
    calls = run()
    assert "--method PATCH repos/o/r/issues/comments/42 --field body=@comment.md" in calls
    assert "pr comment" not in calls


# --- Argo -------------------------------------------------------------------------------------------------


def test_pods_have_no_access_to_the_cluster_that_they_run_in() -> None:
    spec = ARGO["WorkflowTemplate", "platform-demo"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["executor"] == {"serviceAccountName": "platform-executor"}
    for name in ("platform-preview", "platform-apply"):
        assert ARGO["ServiceAccount", name]["automountServiceAccountToken"] is False


def test_schedules_start_what_exists() -> None:
    for (kind, _), document in ARGO.items():
        if kind == "CronWorkflow":
            asked = document["spec"]["workflowSpec"]
            assert asked["entrypoint"] in TEMPLATES
            assert asked["workflowTemplateRef"] == {"name": "platform-demo"}
            assert document["spec"]["concurrencyPolicy"] == "Forbid"
    assert ARGO["CronWorkflow", "platform-demo-reap"]["spec"]["suspend"] is True


def test_the_comment_is_a_program_that_compiles() -> None:
    source = TEMPLATES["preview"]["script"]["source"]
    program = re.search(r"<<'END'\n(.*?)\nEND\n", source, re.S)
    assert program
    compile(program[1], "gitea.py", "exec")


# --- the command ------------------------------------------------------------------------------------------

GIVEN = ["cloud", "workflow", "github", "--account", "123456789012", "--region", "eu-central-1"]


def test_the_command_says_where_the_file_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*GIVEN, "--name", "demo", "--domain", "idp.example.org", "-o", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["path"] == ".github/workflows/platform.yaml"
    assert "idp up --cloud --name demo --stack reference --domain idp.example.org" in printed["text"]


def test_everything_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(IdpError, match="IDP-C073") as caught:
        workflow.text("argo", workflow.Order(PLACE, "reference", "", "", "production", "main"))
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["--domain", "--image"]


@pytest.mark.parametrize("domain", ["x; rm -rf /", "$(id)", "a b"])
def test_words_of_the_user_stay_words(domain: str) -> None:
    text = workflow.text("github", workflow.Order(PLACE, "reference", "", domain, "production", "main"))
    jobs = yaml.safe_load(text)["jobs"]
    line = next(step["run"] for step in jobs["apply"]["steps"] if step.get("name") == "Apply")
    assert domain in shlex.split(line)
