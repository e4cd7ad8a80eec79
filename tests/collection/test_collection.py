import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module

import numpy as np
import pytest
import sqlalchemy as sa

from mnist_core import cli
from mnist_core import collection as rooms
from mnist_core.collection import Collection, Drawing, migrating, new_code, schema
from mnist_core.collection.store import _open
from mnist_core.errors import DataError, InvalidValueError
from mnist_core.workspace import Workspace

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 28, 28), np.uint8)
# Gives drawings for ever, and says which are stored.
GIVER = """
import sys, numpy as np
from mnist_core.collection import Collection, Drawing
opened = Collection(sys.argv[1], days=30)
image = np.zeros((28, 28), np.uint8)
while True:
    drawings = [Drawing(image, 7, (), "m", 1, 0.5) for _ in range(2)]
    opened.give(drawings, "code")
    print(*(drawing.key for drawing in drawings), flush=True)
"""


def drawing(place=0, **changes):
    strokes = (np.array([[10.0, 20.5], [30.0, 40.0]]), np.array([[1.0, 2.0]]))
    made = Drawing(IMAGES[place], place % 10, strokes, "digit-net", 3, 0.75)
    return replace(made, **changes)


def stored(opened):
    return {drawing.key: drawing for drawing in opened.drawings()}


def test_what_was_given_is_read_again_and_deleted_by_its_code(collection):
    codes = [new_code(), new_code()]
    mine, others = [drawing(0), drawing(1), drawing(2)], [drawing(3)]
    collection.give(mine, codes[0])
    collection.give(others, codes[1])
    collection.give(mine[:2], codes[0])  # sent again
    collection.give([], codes[0])
    assert collection.count() == 4
    found = stored(collection)[mine[1].key]
    assert np.array_equal(found.image, mine[1].image)
    assert [stroke.tolist() for stroke in found.strokes] == [[[10, 20.5], [30, 40]], [[1, 2]]]
    assert replace(found, image=mine[1].image, strokes=mine[1].strokes) == mine[1]
    assert collection.delete("another-code") == 0
    assert collection.delete_drawing(mine[2].key, codes[1]) == 0
    assert collection.delete_drawing(mine[2].key, codes[0]) == 1
    assert collection.delete(f" {codes[0].upper()}") == 2
    assert set(stored(collection)) == {others[0].key}


def test_what_is_old_is_deleted_when_the_collection_is_opened(collection, address):
    now = datetime.now(UTC)
    old, new = drawing(given_at=now - timedelta(days=31)), drawing(given_at=now)
    collection.give([old, new], "code")
    again = Collection(address, days=30)
    assert set(stored(again)) == {new.key}
    again.close()


def test_50_visitors_give_at_once_and_nothing_is_lost_or_doubled(address):
    """The first to come also make the tables."""
    given = [[drawing(place), drawing(place)] for place in range(50)]

    def visit(place):
        opened = Collection(address, days=30)
        opened.give(given[place], f"code {place}")
        opened.give(given[place][:1] + given[place - 1][:1], f"code {place}")
        opened.close()

    with ThreadPoolExecutor(50) as visitors:
        list(visitors.map(visit, range(50)))
    opened = Collection(address, days=30)
    assert opened.count() == 100
    assert set(stored(opened)) == {one.key for pair in given for one in pair}
    opened.close()


def test_a_process_that_is_killed_while_it_writes_loses_and_doubles_nothing(collection, address):
    writer = subprocess.Popen([sys.executable, "-c", GIVER, address], stdout=subprocess.PIPE)
    said = [writer.stdout.readline().split() for _ in range(3)]
    writer.send_signal(signal.SIGKILL)
    said += [line.split() for line in writer.communicate()[0].splitlines()]
    keys = {key.decode() for pair in said for key in pair}
    found = set(stored(collection))
    assert keys <= found
    assert len(found) % 2 == 0, "pairs are stored whole"
    assert len(found) - len(keys) <= 2, "of the last pair the process may not have told"
    collection.give([drawing()], "code")


def test_an_older_database_is_migrated_with_all_that_it_holds(address):
    engine = _open(address)
    migrating.migrate(engine, "0001")
    row = drawing(7).to_row("code")
    old = {name: row[name] for name in row if name not in {"model", "answer", "confidence"}}
    names, values = ", ".join(old), ", ".join(f":{name}" for name in old)
    with engine.begin() as open_:
        open_.execute(sa.text(f"INSERT INTO drawings ({names}) VALUES ({values})"), old)
    engine.dispose()
    opened = Collection(address, days=30)
    (found,) = opened.drawings()
    assert (found.key, found.label) == (old["key"], 7)
    assert (found.model, found.answer, found.confidence) == ("", 7, 0)
    opened.give([drawing(1)], "code")
    assert opened.delete("code") == 2
    opened.close()


def test_migrations_lead_to_the_schema(collection):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with collection._engine.connect() as open_:
        assert compare_metadata(MigrationContext.configure(open_), schema.METADATA) == []
        assert migrating._version(open_) == schema.VERSION


def test_a_full_disk_gets_a_sentence_and_what_was_there_stays(tmp_path):
    opened = Collection(f"sqlite:///{tmp_path}/full.sqlite3", days=30)
    opened.give([drawing()], "code")

    @sa.event.listens_for(opened._engine, "begin")
    def fill(open_):
        pages = open_.exec_driver_sql("PRAGMA page_count").scalar()
        open_.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(DataError, match="no room left"):
        opened.give([drawing(place) for place in range(50)], "code")
    assert opened.count() == 1
    assert opened.delete("code") == 1
    opened.close()


def test_a_server_that_died_gets_a_sentence_and_one_that_is_back_is_used(postgres):
    address = postgres.new_database("dies")
    opened = Collection(address, days=30)
    opened.give([drawing()], "code")
    postgres.kill()
    try:
        with pytest.raises(DataError, match="does not answer") as found:
            opened.give([drawing(1)], "code")
        assert "lab@" not in str(found.value), "an address may hold a password"
        with pytest.raises(DataError, match="does not answer"):
            Collection(address, days=30)
    finally:
        postgres.start()
    opened.give([drawing(2)], "code")
    assert opened.count() == 2
    opened.close()


@pytest.mark.parametrize("wrong", ["nonsense", "nosuch://host/name", "sqlite:////proc/no/file"])
def test_an_address_that_cannot_be_opened_gets_a_sentence(wrong):
    with pytest.raises(DataError, match="collection"):
        Collection(wrong, days=30)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"label": 10}, "digits from 0 to 9"),
        ({"answer": -1}, "digits from 0 to 9"),
        ({"image": np.zeros((28, 28))}, "uint8"),
        ({"image": np.zeros((28, 27), np.uint8)}, "uint8"),
        ({"strokes": (np.zeros((20_001, 2)),)}, "20,000 points"),
        ({"strokes": (np.full((3, 2), np.nan),)}, "all of them numbers"),
    ],
)
def test_what_is_no_drawing_is_refused(wrong, sentence):
    with pytest.raises(InvalidValueError, match=sentence):
        drawing(**wrong)


def test_codes_differ_and_the_database_holds_only_their_hash():
    codes = {new_code() for _ in range(100)}
    assert len(codes) == 100
    code = codes.pop()
    assert len(code) == 19
    assert code not in str(drawing().to_row(code))


def test_the_deployer_chooses(monkeypatch, tmp_path):
    for name in ("COLLECTION", "DATABASE", "COLLECTION_DAYS"):
        monkeypatch.delenv(f"DIGIT_LAB_{name}", raising=False)
    assert (rooms.mode(), rooms.days_kept()) == (rooms.Mode.SESSION, 365)
    assert rooms.address().endswith("/collection/handwriting.sqlite3")
    monkeypatch.setenv("DIGIT_LAB_COLLECTION", " On")
    monkeypatch.setenv("DIGIT_LAB_COLLECTION_DAYS", "7")
    monkeypatch.setenv("DIGIT_LAB_DATABASE", "sqlite:///x")
    assert (rooms.mode(), rooms.days_kept(), rooms.address()) == ("on", 7, "sqlite:///x")
    for name, wrong in {"COLLECTION": "perhaps", "COLLECTION_DAYS": "0"}.items():
        monkeypatch.setenv(f"DIGIT_LAB_{name}", wrong)
    with pytest.raises(InvalidValueError, match="off, session, on"):
        rooms.mode()
    with pytest.raises(InvalidValueError, match="from 1 to 3650"):
        rooms.days_kept()


def test_the_command_counts_exports_and_deletes(monkeypatch, tmp_path, capsys):
    address = f"sqlite:///{tmp_path}/some.sqlite3"
    monkeypatch.setenv("DIGIT_LAB_DATABASE", address)
    opened = Collection(address, days=30)
    opened.give([drawing(1), drawing(2)], "a-code")
    opened.close()
    for name in ("all.npz", "all.json"):
        assert cli.main(["collection", "export", "--out", str(tmp_path / name)]) == 0
    with np.load(tmp_path / "all.npz") as arrays:
        assert np.array_equal(arrays["x"], IMAGES[1:3])
        assert arrays["y"].tolist() == [1, 2]
    rows = [json.loads(line) for line in (tmp_path / "all.json").read_text().splitlines()]
    assert [(row["label"], row["model"], row["answer"]) for row in rows] == [
        (1, "digit-net", 3),
        (2, "digit-net", 3),
    ]
    assert rows[0]["strokes"][1] == [[1, 2]]
    assert not {"code", "code_hash"} & set(rows[0])
    assert cli.main(["collection", "delete", "a-code"]) == 0
    assert "2 drawings deleted" in capsys.readouterr().err
    assert cli.main(["collection", "count"]) == 0
    assert capsys.readouterr().out == "0\n"
    assert cli.main(["collection", "export", "--out", "all.txt"]) == 2
    assert cli.main(["collection", "export", "--out", str(tmp_path / "no" / "all.npz")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_reading_a_collection_makes_none_and_unknown_codes_are_reported(
    monkeypatch, tmp_path, capsys
):
    monkeypatch.delenv("DIGIT_LAB_DATABASE", raising=False)
    monkeypatch.setattr(
        import_module("mnist_core.cli.main"), "WORKSPACE", Workspace.inside(tmp_path)
    )
    assert cli.main(["collection", "count"]) == 0
    assert capsys.readouterr().out == "0\n"
    assert cli.main(["collection", "delete", "abc"]) == 1
    assert "code 'abc'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_sqlalchemy_the_command_names_what_to_install(monkeypatch, capsys):
    with monkeypatch.context() as patched:
        patched.setattr("importlib.util.find_spec", lambda name: None)
        assert cli.main(["collection", "count"]) == 2
    assert "digit-lab[collection]" in capsys.readouterr().err
