"""The production shape: valid, and every command and health check in it works on real servers."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml

from revops import embedded
from revops.embedded import binaries, lifeline
from tests.traces import until

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_it_is_what_the_compose_specification_says():
    folder = files("check_jsonschema") / "builtin_schemas" / "vendor"
    jsonschema.validate(COMPOSE, json.loads((folder / "compose-spec.json").read_text()))


def test_every_lasting_service_has_a_health_check_an_init_and_a_restart_policy():
    for name, service in COMPOSE["services"].items():
        assert service["init"] is True, name
        if name != "prepare":
            assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
            assert service["restart"] == "unless-stopped", name
    assert COMPOSE["services"]["postgres"]["image"] == f"postgres:{binaries.POSTGRES_MAJOR}"


def test_secrets_come_from_the_environment_alone():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert text.count(f"${{{name}") == text.count(f"${{{name}:?set {name} in .env}}") > 0


def test_every_variable_of_the_product_is_in_the_example():
    listed = {line.split("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line}
    used = set()
    for package in ("revops", "funnel", "handoffs", "dashboards"):
        for file in (ROOT / package).rglob("*.py"):
            used |= set(re.findall(r"\"(REVOPS_[A-Z_]+)\"", file.read_text()))
    assert used <= listed


def words(service: str) -> list[str]:
    return [sys.executable if word == "python" else word for word in COMPOSE["services"][service]["command"]]


def healthy(service: str, environment: dict[str, str]) -> bool:
    check = COMPOSE["services"][service]["healthcheck"]["test"][1:]
    check = [sys.executable if word == "python" else word for word in check]
    return subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def environment():
    """Servers of its own, as an image would be given them, and a free port."""
    home = Path(os.environ["REVOPS_HOME"]) / "composed"
    home.mkdir(mode=0o755)
    line = embedded.hold(home, fast=True)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    kept = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    yield {
        **kept, **line.urls, "REVOPS_HOME": str(home), "REVOPS_DEMO": "0", "REVOPS_PORT": str(port),
        "PGHOST": line.urls["DATABASE_URL"].split("host=")[1],
        "PATH": f"{binaries.postgres() / 'bin'}:{os.environ['PATH']}",
    }  # fmt: skip
    line.release()
    shutil.rmtree(home)


def test_the_database_check_of_the_compose_file_tells_up_from_down(environment):
    assert healthy("postgres", environment)
    assert not healthy("postgres", {**environment, "PGHOST": "/nowhere"})


def test_the_redis_command_asks_for_the_password_and_its_check_gives_it(tmp_path):
    secret = "s3cret-for-test"
    said = [word.replace("${REDIS_PASSWORD:?set REDIS_PASSWORD in .env}", secret) for word in words("redis")]
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = str(door.getsockname()[1])
    server = binaries.redis()
    process = subprocess.Popen(
        [server, *said[1:], "--port", port, "--dir", tmp_path], stdout=subprocess.DEVNULL,
        preexec_fn=lambda: lifeline.die_with_parent(signal.SIGKILL),
    )  # fmt: skip
    check = COMPOSE["services"]["redis"]["healthcheck"]["test"][1].replace(
        "redis-cli", f"redis-cli -p {port}"
    )

    def answers(password: str) -> bool:
        given = {"PATH": f"{server.parent}:{os.environ['PATH']}", "REDISCLI_AUTH": password}
        return (
            subprocess.run(["sh", "-c", check], env=given, capture_output=True, check=False).returncode == 0
        )

    try:
        until(lambda: answers(secret))
        assert not answers("another")
    finally:
        process.terminate()
        process.wait(10)


def test_preparing_twice_is_preparing_once(environment):
    for _ in range(2):
        done = subprocess.run(
            words("prepare"), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("service", ["web", "worker", "imports", "beat"])
def test_a_service_is_unhealthy_until_its_command_runs(environment, service):
    assert not healthy(service, environment)
    process = subprocess.Popen(
        words(service), cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: lifeline.die_with_parent(signal.SIGKILL),
    )  # fmt: skip
    try:
        until(lambda: healthy(service, environment), 60)
    finally:
        process.terminate()
        process.wait(60)
