"""Where models and trainings lie, in a checkout and in an installed copy."""

import pytest

from mnist_core import config, workspace


def test_a_checkout_keeps_its_own_trainings():
    assert workspace.home_folder() == config.PROJECT_DIR
    assert workspace.WORKSPACE.models == config.PROJECT_DIR / "models"


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "home/.local/share/digit-lab"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/digit-lab"),
        ("darwin", {}, "home/Library/Application Support/digit-lab"),
        ("win32", {}, "home/AppData/Local/digit-lab"),
        ("linux", {"DIGIT_LAB_HOME": "/mine", "XDG_DATA_HOME": "/data"}, "/mine"),
    ],
)
def test_an_installed_copy_works_in_a_folder_of_the_user(
    platform, variables, expected, tmp_path, monkeypatch
):
    monkeypatch.setattr(workspace, "PACKAGED_MODELS", tmp_path)
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(workspace.Path, "home", lambda: workspace.Path("home"))
    for name in ("XDG_DATA_HOME", "DIGIT_LAB_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert workspace.home_folder() == workspace.Path(expected)
