"""The app in a child process, and a real browser to visit it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


class NoBrowserError(RuntimeError):
    """There is no browser to be found; the message says what was looked for."""


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str
    pid: int
    output: IO[str]

    def log(self) -> str:
        """Return what the app has printed so far."""
        self.output.seek(0)
        return self.output.read()


@contextlib.contextmanager
def serve_app(*, script: str = "app.py", start_within: float = 60) -> Iterator[Server]:
    """Run the app on a free port, for this machine only.

    Raises
    ------
    RuntimeError : it did not start; the message ends with what it printed
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1", "--server.headless", "true"]
    command += ["--server.fileWatcherType", "none"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=output, stderr=output)
        try:
            url = f"http://127.0.0.1:{port}"
            if not _answers(process, f"{url}/_stcore/health", start_within):
                output.seek(0)
                raise RuntimeError(f"The app did not start:\n{output.read()[-2000:]}")
            yield Server(url, process.pid, output)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def open_browser() -> Iterator["Browser"]:
    """Start a headless browser.

    It is the one in BROWSER_PATH, Chromium or Chrome on PATH, or Playwright's own.

    Raises
    ------
    NoBrowserError : there is none
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoBrowserError(
            "Playwright is not installed: pip install -r requirements-dev.txt"
        ) from error
    with sync_playwright() as playwright:
        path = _browser_path(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _browser_path(playwrights_own: str) -> str:
    given = os.environ.get("BROWSER_PATH")
    candidates = [given] if given else [*map(shutil.which, BROWSERS), playwrights_own]
    for path in candidates:
        if path and Path(path).exists():
            return path
    raise NoBrowserError(
        f"BROWSER_PATH names {given!r}, which is not there."
        if given
        else "There is no Chromium or Chrome on PATH; install one, or set BROWSER_PATH to it."
    )


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _answers(process: subprocess.Popen[bytes], url: str, within: float) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return True
        time.sleep(0.02)
    return False
