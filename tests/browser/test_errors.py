"""What a visitor sees of an error that nobody foresaw."""

from support.app import serve_app

FAILING = """
import streamlit as st
st.title("A page")
raise RuntimeError("secret words of a secret-path")
"""


def test_an_error_is_reported_without_its_details_and_logged(tmp_path, browser):
    script = tmp_path / "failing.py"
    script.write_text(FAILING)
    with serve_app(script=str(script)) as server:
        page = browser.new_page()
        page.goto(server.url)
        message = page.get_by_test_id("stException")
        message.wait_for()
        text = page.locator("body").inner_text()
        page.close()
        assert "A page" in text
        assert "secret" not in text
        assert str(tmp_path) not in text
        assert "Traceback" not in text
        assert "secret words of a secret-path" in server.log()
