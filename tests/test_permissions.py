"""Who may change what: the switch, owners and the administrator, in every way of the core."""

from dataclasses import replace

import pytest

from mnist_core import permissions, runs, serving
from mnist_core.errors import DigitLabError, ModelError, RunError
from mnist_core.permissions import LOCAL, Person
from mnist_core.runs import control
from mnist_core.training import run_folder
from mnist_core.training.config import RECIPES
from mnist_core.workspace import Workspace
from tests.ui.test_draw_page import card

CONFIG = replace(RECIPES["dense-sigmoid"], epochs=3)
ANNA, BEN = Person("a" * 32), Person("b" * 32)
NOBODY, ADMIN = Person(), Person("c" * 32, everything=True)
SECRET = "correct horse battery"


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(control, "_launch", lambda *given: None)
    monkeypatch.setattr(runs.budget, "memory_free", lambda: 10**11)
    return Workspace.inside(tmp_path)


@pytest.fixture
def made(places):
    """A training and a model of Anna's, and a training that the command line has made."""
    runs.start(replace(CONFIG, name="annas"), workspace=places, by=ANNA)
    runs.start(replace(CONFIG, name="nobodys"), workspace=places)
    for name in ("annas", "nobodys"):
        end(places, name)
        serving.save_model(card(name), CONTENTS, workspace=places)
    return places


CONTENTS = {"model.keras": b"keras", "model.tflite": b"tflite"}
# All ways to change something: name -> what is done by whom.
WAYS = {
    "resume": lambda place, name, by: runs.resume(name, workspace=place, by=by),
    "stop": lambda place, name, by: runs.stop(name, workspace=place, by=by),
    "rename": lambda place, name, by: runs.rename(name, "other", workspace=place, by=by),
    "delete": lambda place, name, by: runs.delete(name, workspace=place, by=by),
    "rename model": lambda place, name, by: serving.rename_model(
        name, "other", workspace=place, by=by
    ),
    "delete model": lambda place, name, by: serving.delete_model(name, workspace=place, by=by),
}


def end(places, name):
    folder = places.runs / name
    record = run_folder.read_record(folder)
    run_folder.write_status(folder, type(record)(state="stopped", created=record.created))


def everything(places):
    """What lies in the folders, but for locks."""
    return {
        path.relative_to(places.runs.parent): path.read_bytes()
        for path in places.runs.parent.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("by", [ANNA, LOCAL, ADMIN])
def test_with_the_switch_off_nobody_changes_anything_in_any_way(made, monkeypatch, way, by):
    before = everything(made)
    monkeypatch.setenv(permissions.SWITCH, "off")
    with pytest.raises(DigitLabError, match="switched off here by the owner"):
        WAYS[way](made, "annas", by)
    with pytest.raises(RunError, match="switched off here by the owner"):
        runs.start(replace(CONFIG, name="new"), workspace=made, by=by)
    assert everything(made) == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["annas", "nobodys"])
@pytest.mark.parametrize("by", [BEN, NOBODY])
def test_nobody_changes_what_another_one_made(made, way, name, by):
    before = everything(made)
    with pytest.raises((RunError, ModelError), match="was made by someone else"):
        WAYS[way](made, name, by)
    assert everything(made) == before


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("by", "name"), [(ANNA, "annas"), (ADMIN, "annas"), (LOCAL, "nobodys")])
def test_the_owner_the_administrator_and_who_sits_here_change_it(made, way, by, name):
    if way == "resume":
        serving.delete_model(name, workspace=made)  # no training here has written it
    before = everything(made)
    WAYS[way](made, name, by)
    assert everything(made) != before


def test_what_is_renamed_and_trained_again_keeps_its_owner(made):
    runs.rename("annas", "still-annas", workspace=made, by=ANNA)
    serving.delete_model("annas", workspace=made, by=ANNA)
    serving.save_model(card("still-annas"), CONTENTS, workspace=made, replace=True)
    runs.delete("still-annas", workspace=made, by=ANNA)
    with pytest.raises(ModelError, match="someone else"):
        serving.delete_model("still-annas", workspace=made, by=BEN)
    serving.rename_model("still-annas", "hers", workspace=made, by=ANNA)
    with pytest.raises(ModelError, match="someone else"):
        serving.delete_model("hers", workspace=made, by=BEN)
    serving.delete_model("hers", workspace=made, by=ANNA)


def test_the_token_is_not_in_the_folder(made):
    owner = (made.runs / "annas" / permissions.OWNER).read_text()
    assert len(owner) == 64
    assert not [path for path, content in everything(made).items() if b"aaaaaaaa" in content]
    assert "aaaa" not in repr(ANNA)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_a_damaged_owner_file_makes_nobody_the_owner(made, content):
    (made.runs / "annas" / permissions.OWNER).write_bytes(content)
    assert "someone else" in runs.change_refusal("annas", workspace=made, by=ANNA)
    assert runs.change_refusal("annas", workspace=made, by=LOCAL) == ""


def test_the_administrators_secret(monkeypatch):
    monkeypatch.delenv(permissions.ADMIN, raising=False)
    assert not permissions.is_admin_secret("")
    monkeypatch.setenv(permissions.ADMIN, SECRET)
    assert permissions.is_admin_secret(SECRET)
    assert not permissions.is_admin_secret(SECRET[:-1])
    monkeypatch.setenv(permissions.ADMIN, "short")
    assert not permissions.is_admin_secret("short")


def test_tokens_differ():
    assert len({permissions.new_token() for _ in range(100)}) == 100
    assert len(permissions.new_token()) == 32
