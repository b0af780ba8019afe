"""docker-compose.yml, Dockerfile and deploy/ agree with the code: every program, setting and folder, none misspelt."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from bus import program
from bus.programs import table
from bus.settings import Settings
from schemas.city import load_pack
from tests.deploy.compose import COMPOSE, COPIED, DOCKERFILE, PARTS, SERVICES, VARIABLES
from tests.support.servers import KAFKA_IMAGE, POSTGRES_IMAGE
from tests.support.waiting import free_port

PROGRAMS = {each.name: each for each in table(Settings(_env_file=None))}
SIMULATORS = {name: service for name, service in PARTS.items() if service.get("profiles") == ["demo"]}
FOREIGN = {"PGPASSWORD", "FORWARDED_ALLOW_IPS"}
"""Names that others read: libpq, uvicorn."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_is_a_service_that_runs_it(name: str) -> None:
    service, wanted = SERVICES[name], PROGRAMS[name]
    assert service["command"] == ["python", *wanted.command[1:]]
    assert service["healthcheck"]["test"][-1] == str(wanted.port)


@pytest.mark.parametrize("name", sorted(PROGRAMS.keys() - {"router", "matters"}))
def test_what_has_pages_has_its_port_published(name: str) -> None:
    (published,) = SERVICES[name]["ports"]
    port = PROGRAMS[name].port
    assert published == f"${{GONGKAI_BIND:-127.0.0.1}}:${{GONGKAI_{name.upper()}_PORTS:-{port}}}:{port}"


def test_nothing_runs_that_is_not_known() -> None:
    assert PARTS.keys() == {*PROGRAMS, "topics", *SIMULATORS}
    assert SERVICES.keys() - PARTS.keys() == {"kafka", "postgres"}


def test_servers_are_the_official_images_that_the_tests_run_on() -> None:
    assert SERVICES["kafka"]["image"] == KAFKA_IMAGE
    assert SERVICES["postgres"]["image"] == POSTGRES_IMAGE


@pytest.mark.parametrize("name", PARTS)
def test_every_command_exists(name: str) -> None:
    program_, *rest = PARTS[name]["command"]
    if program_ == "gongkai":
        subprocess.run([sys.executable, "-m", "bus.cli", *rest, "--help"], check=True, capture_output=True)
        return
    assert (program_, rest[0]) == ("python", "-m")
    module = rest[1]
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.submodule_search_locations is None or importlib.util.find_spec(f"{module}.__main__") is not None


def test_every_name_in_an_environment_is_a_setting() -> None:
    given = {name for service in PARTS.values() for name in service["environment"]}
    given |= set(re.findall(r"\b(GONGKAI_\w+)=", DOCKERFILE))
    settings = {f"GONGKAI_{name.upper()}" for name in Settings.model_fields}
    assert given - settings == FOREIGN


def test_every_variable_of_an_operator_is_documented() -> None:
    said = Path("docs/deploy.md").read_text(encoding="utf-8")
    assert [name for name in sorted(VARIABLES) if f"`{name}`" not in said] == []


def test_no_secret_is_in_a_file() -> None:
    secrets = [
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name
    ]
    assert secrets
    assert {re.sub(r":\?.*", "", value) for value in secrets} == {"${GONGKAI_DB_PASSWORD"}
    assert not re.search(r"://[^/@\s]*:[^/@\s]*@", COMPOSE)


@pytest.mark.parametrize("name", sorted(PARTS.keys() - {"topics"}))
def test_a_part_is_looked_after(name: str) -> None:
    service = PARTS[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][:3] == ["CMD", "python", "/usr/local/lib/gongkai/healthy.py"]
    assert int(service["stop_grace_period"].removesuffix("s")) > program.STOP_SECONDS
    assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_part_waits_for_topics_and_database(name: str) -> None:
    waits = {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()}
    assert waits == {"topics": "service_completed_successfully", "postgres": "service_healthy"}


def test_the_portal_reads_the_files_that_the_door_writes() -> None:
    assert "files:/var/lib/gongkai/files" in SERVICES["gateway"]["volumes"]
    assert "files:/var/lib/gongkai/files:ro" in SERVICES["portal"]["volumes"]


def test_every_volume_lies_on_a_folder_that_the_image_gives_to_its_user() -> None:
    made = re.search(r"install --directory --owner gongkai .*\\\n(.*)", DOCKERFILE)
    assert made is not None
    mounted = {
        volume.split(":/")[1].removesuffix(":ro") for part in PARTS.values() for volume in part.get("volumes", ())
    }
    assert {f"/{path}" for path in mounted} <= set(made[1].split())
    assert re.search(r"^USER gongkai$", DOCKERFILE, re.MULTILINE)


def test_the_simulators_know_the_example_s_service_accounts() -> None:
    outlets = load_pack(Path("cities/example")).outlets
    accounts = {each.id for each in outlets if each.platform == "wechat" and each.account_type == "service"}
    command = SERVICES["wechat"]["command"]
    assert {command[n + 1] for n, word in enumerate(command) if word == "--service"} == accounts


def test_the_demonstration_names_its_simulators() -> None:
    lines = [line for line in Path("deploy/demo.env").read_text().splitlines() if line and not line.startswith("#")]
    named = dict(line.split("=", 1) for line in lines)
    assert named.pop("COMPOSE_PROFILES") == "demo"
    for name, service in SIMULATORS.items():
        if name == "platform":
            continue  # its address is a line of the operators' platforms.toml, with a secret
        port = service["command"][service["command"].index("--port") + 1]
        assert named.pop(f"GONGKAI_{name.upper()}_URL") == f"http://{name}:{port}"
    assert not named


def test_the_image_holds_every_package() -> None:
    found = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]["find"]
    assert {name.removesuffix("*") for name in found["include"]} <= set(COPIED)
    assert all(Path(source).exists() for source in COPIED)


def test_docker_is_sent_what_the_image_is_built_from() -> None:
    lines = Path(".dockerignore").read_text(encoding="utf-8").split()
    assert lines[0] == "**"
    assert {line[1:] for line in lines if line.startswith("!")} == set(COPIED)


def test_anchors_are_merged_as_meant() -> None:
    assert SERVICES["newmedia"]["environment"].keys() > SERVICES["router"]["environment"].keys()
    assert yaml.safe_load(COMPOSE)["volumes"].keys() >= {"kafka", "postgres", "door", "files"}


@contextmanager
def _answering(status: int) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()
            self.wfile.write(b"said")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_the_health_check_repeats_what_a_part_says(status: int, code: int) -> None:
    with _answering(status) as port:
        assert _healthy(port) == (code, "said\n")


def test_the_health_check_knows_that_nothing_listens() -> None:
    code, said = _healthy(free_port())
    assert code == 1
    assert said.startswith("ConnectionRefusedError")


def _healthy(port: int) -> tuple[int, str]:
    ran = subprocess.run([sys.executable, "deploy/healthy.py", str(port)], capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout
