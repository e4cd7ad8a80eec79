"""What the container does, replayed without one, and that the settings of all parts agree."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ui.session
from mnist_core import config, permissions
from mnist_core.runs import budget
from support.app import serve_app

PROJECT = Path(__file__).resolve().parents[2]
DOCKERFILE = (PROJECT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
STEPS = [
    tuple(line.split(None, 1)) for line in DOCKERFILE.splitlines() if re.match("[A-Z]+ ", line)
]
SETTINGS = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text("utf-8"))


def steps(name):
    return [text for step, text in STEPS if step == name]


def health(port):
    command = json.loads(re.search(r"CMD (\[.*\])", *steps("HEALTHCHECK"))[1])
    assert command[0] == "python"
    asked = [sys.executable, *command[1:]]
    return subprocess.run(asked, env=os.environ | {"PORT": str(port)}, cwd=PROJECT).returncode


def test_the_container_runs_as_nobody_special():
    assert steps("USER") == ["visitor"]
    names = [step for step, _ in STEPS]
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("RUN", "COPY"))


def test_what_it_copies_is_there_and_needs_nothing_that_it_leaves_out():
    assert (PROJECT / steps("COPY")[0].split()[0]).is_file()
    left_out = {
        line.strip("/") for line in (PROJECT / ".dockerignore").read_text("utf-8").splitlines()
    }
    assert not left_out & {"app.py", "pages", "ui", "mnist_core", "models", "deploy", ".streamlit"}
    for source in [*PROJECT.glob("ui/*.py"), *PROJECT.glob("pages/*.py"), PROJECT / "app.py"]:
        assert not re.search(r"(from|import) (tests|benchmarks)\b", source.read_text("utf-8"))


def test_its_health_check_distinguishes_running_from_dead():
    with serve_app() as server:
        port = server.url.rsplit(":", 1)[1]
        assert health(port) == 0
    assert health(port) == 1


def test_its_command_starts_the_app_that_the_readme_starts():
    (command,) = steps("CMD")
    shell = json.loads(command)
    assert shell[:2] == ["sh", "-c"]
    words = shlex.split(shell[2])
    assert words[:4] == ["exec", "streamlit", "run", "app.py"]
    assert "streamlit run app.py" in (PROJECT / "README.md").read_text("utf-8")


def test_limits_of_uploads_agree():
    megabytes = SETTINGS["server"]["maxUploadSize"]
    assert megabytes * 1_000_000 == config.MAX_BYTES
    nginx = (PROJECT / "deploy" / "nginx.conf").read_text("utf-8")
    assert re.search(r"client_max_body_size (\d+)m;", nginx)[1] == str(megabytes)


def test_a_drawing_that_is_refused_with_a_sentence_still_arrives():
    assert SETTINGS["server"]["maxWidgetStateSize"] * 1_000_000 >= 1.5 * config.MAX_DRAWING


def test_no_other_site_may_show_the_app_in_a_frame():
    nginx = (PROJECT / "deploy" / "nginx.conf").read_text("utf-8")
    assert "add_header X-Frame-Options SAMEORIGIN always;" in nginx
    assert "frame-ancestors 'self'" in nginx


def test_the_licence_of_the_heic_decoder_is_stated():
    for name in ("README.md", "Dockerfile", "requirements.txt"):
        assert "GPL-2.0" in (PROJECT / name).read_text("utf-8"), name


def test_packages_that_were_not_checked_are_reported():
    assert "pip-audit --strict" in (PROJECT / ".ci" / "run").read_text("utf-8")


def test_visitors_see_no_traceback():
    assert SETTINGS["client"]["showErrorDetails"] == "none"
    assert SETTINGS["server"]["enableXsrfProtection"] is True


@pytest.mark.parametrize(
    "variable", [permissions.SWITCH, permissions.ADMIN, budget.MINUTES, ui.session.PUBLIC]
)
def test_settings_are_documented(variable):
    assert variable in (PROJECT / "docs" / "deployment.md").read_text("utf-8")
