"""Two copies of the app behind nginx, as docs/deployment.md describes."""

import base64
import re
import shutil
import subprocess
import time
import urllib.request
import uuid
from dataclasses import replace

import psutil
import pytest
from playwright.sync_api import expect

from mnist_core.permissions import Person, new_token, write_owner
from mnist_core.runs import control
from mnist_core.training import run_folder
from mnist_core.training.config import RECIPES
from mnist_core.workspace import WORKSPACE
from support.app import PROJECT, free_port, serve_app
from support.draw_page import DrawPage

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
CONFIG = (PROJECT / "deploy" / "nginx.conf").read_text("utf-8")
pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


def visit(url, cookie=""):
    """Ask for the app as a browser does; return the process that answered, and the cookie."""
    request = urllib.request.Request(url, headers={"Cookie": cookie} if cookie else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
        given = (answer.headers["Set-Cookie"] or cookie).partition(";")[0]
        return answer.headers["X-Copy"], given


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """nginx with our configuration, on free ports, before two processes of the app."""
    folder = tmp_path_factory.mktemp("nginx")
    with serve_app() as first, serve_app() as second:
        own = free_port()
        ports = {"8500": own, "8501": first.url.split(":")[-1], "8502": second.url.split(":")[-1]}
        config = re.sub(
            r"(?<=listen )\d+|(?<=127\.0\.0\.1:)\d+", lambda m: str(ports[m[0]]), CONFIG
        )
        config = config.replace("server_tokens off;", "add_header X-Copy $upstream_addr;")
        places = "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = config.replace("http {", f"http {{\naccess_log off;\n{places}")
        (folder / "nginx.conf").write_text(f"pid {folder}/pid;\n{config}", "utf-8")
        options = ["-p", folder, "-c", folder / "nginx.conf", "-e", folder / "errors"]
        process = subprocess.Popen([NGINX, *options, "-g", "daemon off;"])
        url = f"http://127.0.0.1:{own}"
        try:
            for _ in range(100):
                try:
                    visit(url)
                    break
                except OSError:
                    time.sleep(0.1)
            yield url, {server.url.removeprefix("http://"): server for server in (first, second)}
        finally:
            process.terminate()
            process.wait(10)


def test_each_visitor_stays_with_one_process(copies):
    url, servers = copies
    visitors = [visit(url) for _ in range(20)]
    assert {copy for copy, _ in visitors} == set(servers)  # visitors from one address, on both
    assert len({cookie for _, cookie in visitors}) == 20
    for copy, cookie in visitors[:6]:
        assert {visit(f"{url}/{page}", cookie)[0] for page in ("", "upload", "models")} == {copy}


def test_drawing_and_uploading_work_through_it(copies, browser):
    url, _ = copies
    context = browser.new_context()
    for _ in range(2):
        context.clear_cookies()  # another visitor
        page = context.new_page()
        page.goto(url)
        drawn = DrawPage(page)
        drawn.write(7, "barred")
        assert "7" in drawn.answer.inner_text()
        drawn.go_to("Upload")
        picture = page.evaluate(
            "() => { const c = document.createElement('canvas'); c.width = c.height = 120;"
            "const p = c.getContext('2d'); p.fillStyle = 'white'; p.fillRect(0, 0, 120, 120);"
            "p.lineWidth = 9; p.beginPath(); p.moveTo(60, 20); p.lineTo(58, 100); p.stroke();"
            "return c.toDataURL('image/png').split(',')[1] }"
        )
        file = {"name": "one.png", "mimeType": "image/png", "buffer": base64.b64decode(picture)}
        page.locator(".st-key-upload_files input[type=file]").set_input_files(file)
        page.locator(".st-key-upload_results").get_by_text("one.png").first.wait_for()
        page.close()
    context.close()


@pytest.fixture
def ended():
    """A training of a visitor's own that has ended; yields its name and the visitor's token."""
    name, token = f"test-{uuid.uuid4().hex[:8]}", new_token()
    folder = WORKSPACE.runs / name
    config = replace(RECIPES["dense-sigmoid"], name=name, epochs=3)
    control.prepare(config, WORKSPACE)
    write_owner(folder, Person(token))
    run_folder.write_status(folder, run_folder.StatusRecord(state="stopped", created=time.time()))
    yield name, token
    shutil.rmtree(folder, ignore_errors=True)


def test_of_two_visitors_the_owner_alone_can_delete_a_training(copies, browser, ended):
    url, _ = copies
    name, token = ended
    anna, ben = browser.new_context().new_page(), browser.new_context().new_page()
    anna.goto(f"{url}/training?owner={token}")
    ben.goto(f"{url}/training?owner={new_token()}")
    for page in (anna, ben):
        page.get_by_role("tab", name="Results").click(timeout=60_000)
    delete = f"[class*='training_deleting_'][class*='_{name}']"
    expect(anna.locator(delete).first).to_be_visible(timeout=60_000)
    expect(ben.get_by_text(name).first).to_be_attached(timeout=60_000)
    expect(ben.get_by_text("was made by someone else").first).to_be_attached()
    expect(ben.locator(delete)).to_have_count(0)
    anna.locator(delete).first.click()
    anna.get_by_role("button", name="Delete permanently").click()
    expect(anna.get_by_text(f"{name} was deleted.").first).to_be_visible()
    assert not (WORKSPACE.runs / name).exists()
    for page in (anna, ben):
        page.context.close()


def test_where_a_process_dies_the_other_takes_its_visitors(copies):
    url, servers = copies
    visitors = [visit(url) for _ in range(12)]
    dead, alive = servers
    psutil.Process(servers[dead].pid).kill()
    assert {visit(url, cookie)[0].split(", ")[-1] for _, cookie in visitors} == {alive}
