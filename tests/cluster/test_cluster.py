"""`read --on ray`: what it finds, what it skips, and one small cluster that really reads.

Where Ray is missing, its tests are skipped; with DIGIT_LAB_REQUIRE_RAY=1 they fail instead.
"""

import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mnist_core import cli, cluster
from mnist_core.cli import inputs
from mnist_core.cli import read as local
from mnist_core.cluster import job, output
from mnist_core.cluster.sources import name_of
from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import UsageError
from mnist_core.reading import parquet
from mnist_core.reading.records import Record
from mnist_core.workspace import WORKSPACE
from tests.cli.test_read import write_number, write_pages


@pytest.fixture(scope="module")
def ray():
    """Ray on this machine, for all tests of this module."""
    try:
        import ray
        import ray.data
    except ImportError as error:
        if os.environ.get("DIGIT_LAB_REQUIRE_RAY") == "1":
            pytest.fail(f"DIGIT_LAB_REQUIRE_RAY is set, but: {error}")
        pytest.skip(f"Ray is missing: {error}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", str(os.nice(0)))
        patch.setattr(job, "cpu_count", lambda: 1)
        with cluster.connect(None):
            yield ray


@pytest.fixture
def models():
    return cluster.load_models(DEFAULT_MODEL, workspace=WORKSPACE)


def rows(path):
    found = pq.read_table(path).to_pylist()
    return sorted(found, key=lambda row: (row["file"], row["page"]))


def read(capsys, *arguments):
    """Run `read`; return its exit code, its records as JSON has them, and its words."""
    code = cli.main(["read", *map(str, arguments)])
    shown = capsys.readouterr()
    return code, [json.loads(line) for line in shown.out.splitlines()], shown.err


def test_a_cluster_reads_what_the_local_command_reads_and_goes_on_where_it_was(
    ray, tmp_path, capsys, monkeypatch
):
    scans = tmp_path / "scans"
    write_number(scans / "1.png", "4071")
    write_number(scans / "b" / "odd #%? name.png", "12")
    write_pages(scans / "three.tif", "12", "305", "48")
    (scans / "broken.png").write_bytes(b"\x89PNG\r\n")
    (scans / "empty.png").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(local, "cpu_count", lambda: 1)
    given = ["scans", "missing.png", "scans/1.png"]
    _, expected, _ = read(capsys, *given[:2], "--json")
    expected.sort(key=lambda row: (row["file"], row["page"]))
    code, _, words = read(capsys, *given, "--on", "ray", "--out", "out")
    assert code == 1
    assert rows("out") == expected
    assert "5 of 8 read by digit-net, 3 failed" in words

    monkeypatch.setattr(job, "_read_source", None)  # nothing is left to do: it is not called
    again = read(capsys, *given, "--on", "ray", "--out", f"{(tmp_path / 'out').as_uri()}")
    assert again[0] == 1
    assert "4 of 4 files are in file:///" in again[2]
    assert rows("out") == expected


def test_locally_a_parquet_file_holds_what_json_has(tmp_path, capsys):
    scans = [write_number(tmp_path / "1.png", "12"), str(tmp_path / "missing.png")]
    code, expected, _ = read(capsys, *scans, "--json")
    out = tmp_path / "out.parquet"
    assert read(capsys, *scans, "--out", out)[:2] == (code, []) == (1, [])
    assert rows(out) == sorted(expected, key=lambda row: row["file"])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--on", "spark", "--out", "x"], "Expected --on ray or --on ray:ADDRESS"),
        (["--on", "ray"], "say where by --out FOLDER"),
        (["--on", "ray", "--out", "nowhere://x"], "cannot be opened"),
        (["--out", ""], "its name ends in .parquet, received ''"),
        (["--out", "x.csv"], "--csv > FILE.csv"),
        (["--out", "nowhere/x.parquet"], "--out takes a file"),
    ],
)
def test_what_cannot_work_is_wrong_usage(capsys, arguments, words):
    code, _, shown = read(capsys, "a.png", *arguments)
    assert code == 2
    assert words in shown


@pytest.mark.parametrize(
    ("package", "arguments", "words"),
    [
        ("ray", ["--on", "ray", "--out", "x"], "pip install 'digit-lab[cluster]'"),
        ("pyarrow", ["--out", "x.parquet"], "pip install pyarrow"),
    ],
)
def test_what_is_missing_is_named(capsys, monkeypatch, package, arguments, words):
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == package else object()
    )
    code, _, shown = read(capsys, "a.png", *arguments)
    assert code == 2
    assert f"{package}, which is not installed" in shown
    assert words in shown


def test_an_unfinished_local_file_does_not_take_its_place(tmp_path):
    path = tmp_path / "out.parquet"
    opened = parquet.open_parquet(path)
    opened.__enter__()(Record("a.png"))
    assert len(list(tmp_path.iterdir())) == 1
    assert not opened.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert list(tmp_path.iterdir()) == []


def test_records_of_many_files_are_written_in_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROWS", 2)
    with parquet.open_parquet(tmp_path / "out.parquet") as write:
        for number in range(5):
            write(Record(f"\udcff{number}.png"))
    found = pq.ParquetFile(tmp_path / "out.parquet")
    assert found.metadata.num_row_groups == 3
    assert found.read()["file"].to_pylist() == [f"\\udcff{number}.png" for number in range(5)]


def test_files_bear_the_names_that_the_local_command_gives_them(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "1.png").write_bytes(b"x")
    monkeypatch.chdir(tmp_path / "a")
    for given in ("b", "b/", ".", "./b", "../a", str(tmp_path), "b/1.png", "/"):
        sources = []
        source, root = cluster.find_root(given, sources)
        found = inputs.find(given)[0].file if given != "/" else str(tmp_path / "a/b/1.png")
        path = Path(tmp_path / "a" / found).resolve()
        assert name_of(str(path), {root.path: given}) == found
        assert sources == [source]
    assert name_of("/elsewhere/1.png", {}) == "/elsewhere/1.png"


def test_an_address_is_searched_by_the_rules_of_folders(tmp_path):
    for name in ("10.png", "2.JPG", "a/3.webp", ".hidden.png", ".cache/1.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "empty.png").touch()
    sources = []
    address = tmp_path.as_uri()
    (broken,) = cluster.find_remote(f"{address}/", sources)
    assert (broken.file, "is empty" in broken.error) == (f"{address}/empty.png", True)
    (source,) = sources
    assert [source.name(path) for path in source.paths] == [
        f"{address}/{name}" for name in ("2.JPG", "10.png", "a/3.webp")
    ]
    (missing,) = cluster.find_remote(f"{address}/nothing", sources)
    assert missing.error.startswith("There is no file at this address")


def test_what_a_stopped_run_left_half_written_is_removed(tmp_path, models):
    out = cluster.open_address(str(tmp_path / "out"))
    cluster.prepare(out, models, single=False)
    output.append(out, [Record("a.png"), Record("b.png", error="It is broken.")])
    (whole,) = (tmp_path / "out").glob("*.parquet")
    half = whole.with_name("half.parquet")
    half.write_bytes(whole.read_bytes()[:-20])
    assert cluster.find_done(out) == cluster.Done({"a.png", "b.png"}, 2, 1)
    assert not half.exists()
    assert len(pa.parquet.read_table(tmp_path / "out")) == 2


def test_output_of_something_else_is_refused(tmp_path, models):
    out = cluster.open_address(str(tmp_path / "out"))
    cluster.prepare(out, models, single=False)
    cluster.prepare(out, models, single=False)
    with pytest.raises(UsageError, match="choose another --out"):
        cluster.prepare(out, models, single=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.parquet").touch()
    with pytest.raises(UsageError, match="of something else"):
        cluster.prepare(cluster.open_address(str(tmp_path / "other")), models, single=False)
    Path(tmp_path / "file").touch()
    with pytest.raises(UsageError, match="takes a folder"):
        cluster.prepare(cluster.open_address(str(tmp_path / "file")), models, single=False)
