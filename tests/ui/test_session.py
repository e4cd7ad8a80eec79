"""Who a visitor is: two browsers beside each other, here and from afar."""

from types import SimpleNamespace

import filelock
import pytest
from streamlit.testing.v1 import AppTest

import ui.session
from mnist_core import permissions
from mnist_core.permissions import Person
from tests.ui.test_training_runs_page import Place, page, place, settings, shown  # noqa: F401

TOKEN = "anna-anna-anna-anna-anna-anna-12"
SECRET = "correct horse battery"


def address():
    import streamlit as st

    from ui.session import link_owner, note_ownership, person

    if st.button("make"):
        note_ownership()
    link_owner()
    st.text(person().token)
    st.text(person().everything)


@pytest.fixture
def public(monkeypatch):
    monkeypatch.setenv(ui.session.PUBLIC, "yes")


@pytest.fixture
def browser(place):  # noqa: F811
    def open_one(token="", script=page):
        app = AppTest.from_function(script, default_timeout=40)
        app.session_state["workspace"] = place.workspace
        if token:
            app.query_params["owner"] = token
        return app.run()

    return open_one


def keys(app):
    return {button.key for button in app.button}


@pytest.mark.usefixtures("public")
def test_of_two_browsers_only_the_owners_can_delete_and_rename(browser, place):  # noqa: F811
    folder = place.run(settings("hers"))
    for made in (folder, place.models / "hers"):
        permissions.write_owner(made, Person(TOKEN))
    ben, anna = browser(), browser(TOKEN)
    assert not ben.exception
    assert "training_delete_results_hers" not in keys(ben)
    assert "training_rename_hers" not in keys(ben)
    assert any("made by someone else" in caption.value for caption in ben.caption)
    anna.button(key="training_delete_results_hers").click().run()
    assert not anna.exception
    assert not folder.exists()
    assert not (place.models / "hers").exists()


@pytest.mark.usefixtures("public")
def test_of_two_browsers_only_the_owners_can_stop(browser, place):  # noqa: F811
    folder = place.run(settings("hers"), "training", epochs=1, epoch=2, step=5, steps=10)
    permissions.write_owner(folder, Person(TOKEN))
    with filelock.FileLock(folder / ".lock"):
        ben, anna = browser(), browser(TOKEN)
        ben.button(key="training_stop").click().run()
        assert "made by someone else" in ben.error[0].value
        assert not (folder / "stop").exists()
        anna.button(key="training_stop").click().run()
        assert (folder / "stop").exists()


@pytest.mark.usefixtures("public")
def test_who_has_made_something_finds_the_way_back_in_the_link(browser):
    app = browser(script=address)
    token, everything = (text.value for text in app.text)
    assert everything == "False"
    assert "owner" not in app.query_params
    app.button[0].click().run()
    assert app.query_params["owner"] == token
    again = browser(token, script=address)
    assert again.text[0].value == token
    assert again.query_params["owner"] in (token, [token])
    assert browser("too short", script=address).text[0].value != "too short"


@pytest.mark.usefixtures("public")
def test_the_administrator_changes_everything_and_the_secret_leaves_the_address(
    browser, monkeypatch
):
    monkeypatch.setenv(permissions.ADMIN, SECRET)
    for secret, allowed in ((SECRET, "True"), ("something else", "False")):
        app = AppTest.from_function(address, default_timeout=40)
        app.query_params["admin"] = secret
        app.run()
        assert app.text[1].value == allowed
        assert "admin" not in app.query_params


@pytest.mark.parametrize(
    ("public", "address", "headers"),
    [
        (False, None, {"Host": "localhost:8501", "Origin": "http://localhost:8501"}),
        (False, None, {"Host": "127.0.0.1:8501"}),
        (False, None, {"Host": "[::1]:8501"}),
        (True, "192.168.1.7", {"Host": "localhost:8501"}),
        (True, None, {"Host": "digits.example.org", "Origin": "https://digits.example.org"}),
        (True, None, {"Host": "127.0.0.1:8501", "Origin": "https://digits.example.org"}),
        (True, None, {"Host": "localhost:8501", "X-Forwarded-For": "192.0.2.1"}),
    ],
)
def test_whether_a_visit_comes_from_this_computer(monkeypatch, public, address, headers):
    monkeypatch.delenv(ui.session.PUBLIC, raising=False)
    context = SimpleNamespace(headers=headers, ip_address=address)
    monkeypatch.setattr(ui.session.st, "context", context)
    assert ui.session._is_public() is public
    monkeypatch.setenv(ui.session.PUBLIC, "no")
    assert ui.session._is_public() is False
