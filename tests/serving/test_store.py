import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_core import serving
from mnist_core.config import SHIPPED_MODELS
from mnist_core.errors import ModelError
from mnist_core.workspace import WORKSPACE, Workspace

CONTENTS = {"model.keras": b"weights", "model.tflite": b"compiled weights"}


@pytest.fixture
def card():
    return serving.Card(
        name="my-model",
        title="My Model",
        summary="One layer.",
        architecture="dense-five",
        source="a test",
        parameters=7,
        trained_on={},
        training={},
        metrics={"test": {"n": 10, "accuracy": 0.9, "interval": [0.6, 1]}},
        output="softmax",
        precision="float32",
        temperature=1.0,
        threshold=0.5,
        versions={},
        date="2026-01-31",
    )


def save(card, folder, **options):
    return serving.save_model(card, CONTENTS, workspace=Workspace(folder), **options)


def test_what_is_saved_is_loaded(card, tmp_path):
    stored = save(card, tmp_path)
    assert serving.load_card("my-model", workspace=Workspace(tmp_path)) == stored
    assert serving.read_file(stored, "model.keras", workspace=Workspace(tmp_path)) == b"weights"
    assert stored.files["model.tflite"]["bytes"] == 16
    assert [path.name for path in tmp_path.iterdir()] == ["my-model"]


def test_the_default_comes_first_then_by_name(card, tmp_path):
    for name in ("zebra", "digit-net", "ant"):
        save(replace(card, name=name), tmp_path)
    names = [card.name for card in serving.list_models(workspace=Workspace(tmp_path))]
    assert names == ["digit-net", "ant", "zebra"]


def test_a_taken_name_is_refused_and_nothing_is_lost(card, tmp_path):
    stored = save(card, tmp_path)
    with pytest.raises(ModelError, match="already a model 'my-model'"):
        save(replace(card, parameters=8), tmp_path)
    assert serving.load_card("my-model", workspace=Workspace(tmp_path)) == stored


def test_a_model_can_be_replaced(card, tmp_path):
    save(card, tmp_path)
    save(replace(card, parameters=8), tmp_path, replace=True)
    assert serving.load_card("my-model", workspace=Workspace(tmp_path)).parameters == 8
    assert [path.name for path in tmp_path.iterdir()] == ["my-model"]


def test_a_failed_save_leaves_nothing(card, tmp_path):
    with pytest.raises(KeyError):
        serving.save_model(card, {"model.keras": b""}, workspace=Workspace(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "", "A", "a/b", "/etc"])
def test_names_that_are_paths_are_refused(card, tmp_path, name):
    with pytest.raises(ModelError, match="cannot be the name"):
        serving.load_card(name, workspace=Workspace(tmp_path))
    with pytest.raises(ValueError, match="cannot be the name"):
        save(replace(card, name=name), tmp_path / "models")


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(ModelError, match="no model 'nobody'"):
        serving.load_card("nobody", workspace=Workspace(tmp_path))


@pytest.mark.parametrize("file", serving.FILES)
@pytest.mark.parametrize("content", [b"", b"weightz", None])
def test_a_damaged_file_is_not_loaded_nor_listed(card, tmp_path, file, content):
    stored = save(card, tmp_path)
    path = tmp_path / "my-model" / file
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(ModelError, match=r"is damaged|lacks"):
        serving.read_file(stored, file, workspace=Workspace(tmp_path))
    with pytest.warns(UserWarning, match=r"is damaged|lacks"):
        assert serving.list_models(workspace=Workspace(tmp_path)) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "my-model"}', "\x00"])
def test_a_damaged_card_is_refused(card, tmp_path, text):
    save(card, tmp_path)
    (tmp_path / "my-model" / serving.CARD).write_text(text)
    with pytest.raises(ModelError, match="cannot be used"):
        serving.load_card("my-model", workspace=Workspace(tmp_path))


def test_a_card_of_another_model_is_refused(card, tmp_path):
    save(card, tmp_path)
    shutil.move(tmp_path / "my-model", tmp_path / "other")
    with pytest.raises(ModelError, match="is that of 'my-model'"):
        serving.load_card("other", workspace=Workspace(tmp_path))


def test_a_card_cannot_name_files_elsewhere(card, tmp_path):
    save(card, tmp_path)
    path = tmp_path / "my-model" / serving.CARD
    stored = json.loads(path.read_text())
    stored["files"]["../../secret"] = {"sha256": "", "bytes": 0}
    path.write_text(json.dumps(stored))
    with pytest.raises(ModelError, match="other files"):
        serving.load_card("my-model", workspace=Workspace(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"model.keras": {}, "model.tflite": {}}},
        {"files": {"model.keras": [], "model.tflite": []}},
        {"files": 3},
        {"metrics": {}},
        {"metrics": {"test": {"accuracy": "high", "interval": [0.6, 1]}}},
        {"metrics": {"test": {"accuracy": 0.9, "interval": []}}},
        {"metrics": {"test": {"accuracy": 0.9, "interval": [0.6, "high"]}}},
        {"metrics": {"test": {"accuracy": 0.9, "interval": [0.6, 0.8, 1]}}},
        {"metrics": {"test": 3}},
        {"metrics": [1]},
        {"files": {"model.keras": {"sha256": "", "bytes": 0}}},
        {"files": {name: {"sha256": 3, "bytes": 0} for name in serving.FILES}},
        {"files": {name: {"sha256": "", "bytes": 1.5} for name in serving.FILES}},
        {"temperature": "warm"},
        {"temperature": 0},
        {"output": "weird"},
        {"metrics": {"test": {"accuracy": float("nan"), "interval": [0.9, 1]}}},
        {"metrics": {"test": {"accuracy": 0.9, "interval": [0.9, float("inf")]}}},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"threshold": 1.5},
        {"threshold": float("nan")},
        {"output": "zzz"},
        {"parameters": None},
        {"parameters": 1.5},
        {"layers": {}},
        {"title": ["x"]},
        {"name": None},
    ],
)
def test_one_malformed_card_does_not_hide_the_other_models(card, tmp_path, change):
    save(card, tmp_path)
    save(replace(card, name="whole"), tmp_path)
    path = tmp_path / "my-model" / serving.CARD
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.warns(UserWarning, match="'my-model' cannot be used"):
        assert [card.name for card in serving.list_models(workspace=Workspace(tmp_path))] == [
            "whole"
        ]


def test_a_model_that_cannot_be_replaced_is_put_back(card, tmp_path, monkeypatch):
    save(card, tmp_path)
    rename = Path.replace

    def full_disk(path, target):
        if path.name.startswith(".my-model-") and not path.name.endswith("-old"):
            raise OSError("no space left")
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        save(replace(card, parameters=8), tmp_path, replace=True)
    assert serving.load_card("my-model", workspace=Workspace(tmp_path)).parameters == 7
    assert [path.name for path in tmp_path.iterdir()] == ["my-model"]


def test_measurements_are_added_to_a_card(card, tmp_path):
    stored = save(card, tmp_path)
    damaged = {"0.5": {"mean": 0.8}}
    changed = serving.add_metrics("my-model", {"damaged": damaged}, workspace=Workspace(tmp_path))
    assert changed == serving.load_card("my-model", workspace=Workspace(tmp_path))
    assert changed.metrics == {**stored.metrics, "damaged": damaged}
    assert replace(changed, metrics=stored.metrics) == stored
    folder = tmp_path / "my-model"
    assert sorted(path.name for path in folder.iterdir()) == [
        "card.json",
        "model.keras",
        "model.tflite",
    ]


def test_measurements_need_a_model(tmp_path):
    with pytest.raises(ModelError, match="There is no model"):
        serving.add_metrics("nobody", {}, workspace=Workspace(tmp_path))


def test_a_model_is_renamed_whole(card, tmp_path):
    stored = save(card, tmp_path)
    renamed = serving.rename_model(stored.name, "other-name", workspace=Workspace(tmp_path))
    assert [card.name for card in serving.list_models(workspace=Workspace(tmp_path))] == [
        "other-name"
    ]
    assert renamed.files == stored.files
    assert renamed.training["name"] == "other-name"
    assert {path.name for path in tmp_path.iterdir()} == {"other-name"}


def test_a_title_made_of_the_name_follows_it(card, tmp_path):
    save(replace(card, title=serving.title_of(card.name)), tmp_path)
    assert (
        serving.rename_model(card.name, "my-cnn", workspace=Workspace(tmp_path)).title == "My CNN"
    )


def test_a_model_is_not_renamed_onto_another(card, tmp_path):
    save(card, tmp_path)
    save(replace(card, name="second"), tmp_path)
    with pytest.raises(ModelError, match="already a model 'second'"):
        serving.rename_model(card.name, "second", workspace=Workspace(tmp_path))
    assert len(serving.list_models(workspace=Workspace(tmp_path))) == 2


def test_a_model_is_deleted_whole(card, tmp_path):
    save(card, tmp_path)
    serving.delete_model(card.name, workspace=Workspace(tmp_path))
    assert not list(tmp_path.iterdir())
    with pytest.raises(ModelError, match="no model"):
        serving.delete_model(card.name, workspace=Workspace(tmp_path))


@pytest.mark.parametrize("name", ["../x", "", "A", "a/b"])
def test_names_that_lead_elsewhere_are_neither_deleted_nor_renamed(tmp_path, name):
    for change in (serving.delete_model, lambda n, **o: serving.rename_model(n, "fine", **o)):
        with pytest.raises(ValueError, match="cannot be the name"):
            change(name, workspace=Workspace(tmp_path))


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_the_models_that_the_project_comes_with_stay(card, tmp_path, name):
    save(replace(card, name=name), tmp_path)
    save(card, tmp_path)
    for change in (
        lambda: serving.delete_model(name, workspace=Workspace(tmp_path)),
        lambda: serving.rename_model(name, "mine", workspace=Workspace(tmp_path)),
        lambda: serving.rename_model(card.name, name, workspace=Workspace(tmp_path)),
    ):
        with pytest.raises(ModelError, match="comes with the project"):
            change()
    assert len(serving.list_models(workspace=Workspace(tmp_path))) == 2


def test_cards_from_before_layers_were_noted_can_be_read(card, tmp_path):
    save(card, tmp_path)
    path = tmp_path / card.name / serving.CARD
    stored = json.loads(path.read_text())
    del stored["layers"]
    path.write_text(json.dumps(stored))
    assert serving.load_card(card.name, workspace=Workspace(tmp_path)).layers == []


def test_the_fault_of_a_damaged_card_is_named(card, tmp_path):
    workspace = Workspace(tmp_path)
    save(card, tmp_path)
    path = workspace.models / card.name / serving.CARD
    path.write_text(json.dumps(json.loads(path.read_text()) | {"parameters": None}))
    words = r"'my-model' cannot be used, because its card\.json is damaged \(.*\$\.parameters"
    with pytest.raises(ModelError, match=words):
        serving.load_card(card.name, workspace=workspace)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"name": ' * 50_000, b"\xff\xfe", "9" * 5000])
def test_hostile_cards_are_refused(card, tmp_path, text):
    workspace = Workspace(tmp_path)
    save(card, tmp_path)
    content = text if isinstance(text, bytes) else text.encode()
    (workspace.models / card.name / serving.CARD).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be used"):
        serving.load_card(card.name, workspace=workspace)


def test_a_folder_in_the_place_of_a_card_is_refused(tmp_path):
    workspace = Workspace(tmp_path)
    (workspace.models / "odd" / serving.CARD).mkdir(parents=True)
    with pytest.raises(ModelError, match="'odd' cannot be used"):
        serving.load_card("odd", workspace=workspace)


def test_unknown_keys_of_a_card_are_left_out_and_those_within_are_kept(card, tmp_path):
    workspace = Workspace(tmp_path)
    stored = save(card, tmp_path)
    path = workspace.models / card.name / serving.CARD
    found = json.loads(path.read_text())
    found["metrics"]["test"]["new"] = found["files"]["model.keras"]["new"] = 1
    path.write_text(json.dumps(found | {"new": 1}))
    read = serving.load_card(card.name, workspace=workspace)
    assert read.metrics["test"]["new"] == read.files["model.keras"]["new"] == 1
    assert replace(read, metrics=stored.metrics, files=stored.files) == stored


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_a_shipped_card_is_written_as_it_was_read(tmp_path, name):
    workspace = Workspace(tmp_path)
    shutil.copytree(WORKSPACE.models / name, workspace.models / name)
    path = workspace.models / name / serving.CARD
    before = path.read_bytes()
    serving.add_metrics(name, {}, workspace=workspace)
    assert path.read_bytes() == before
