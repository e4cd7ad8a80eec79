"""A PostgreSQL server on the loopback, started for these tests and thrown away after them."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from mnist_core.collection import Collection

REQUIRED = "DIGIT_LAB_REQUIRE_POSTGRES"  # set in CI: without a server the tests fail there


class Server:
    """Debian's PostgreSQL, or that of the PATH, with its data in a folder of its own."""

    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # PostgreSQL does not run as root.
        self.user = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
        if self.user:
            shutil.chown(folder, **self.user)
        self.data = folder / "data"
        self.run("initdb", "--no-sync", "-A", "trust", "-U", "lab")
        self.start()

    def run(self, program, *arguments):
        command = [self.programs / program, "-D", self.data, *arguments]
        with (self.folder / "said").open("w+") as out:
            done = subprocess.run(command, stdout=out, stderr=out, cwd="/", **self.user)
            out.seek(0)
            assert done.returncode == 0, out.read()

    def start(self):
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder}"
        self.run("pg_ctl", "-w", "-o", options, "-l", self.folder / "log", "start")

    def kill(self):
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def new_database(self, name):
        import psycopg

        with psycopg.connect(self.address("postgres"), autocommit=True) as open_:
            open_.execute(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name):
        return f"postgresql://lab@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def postgres():
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not places:
        assert REQUIRED not in os.environ, "apt-get install postgresql"
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # Not in pytest's folder, into which the server's user may not look.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Server(Path(folder), places[-1].resolve())
        yield server
        server.kill()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    """The address of a new and empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/handwriting.sqlite3"
    server = request.getfixturevalue("postgres")
    return server.new_database(f"test_{os.urandom(6).hex()}")


@pytest.fixture
def collection(address):
    opened = Collection(address, days=30)
    yield opened
    opened.close()
