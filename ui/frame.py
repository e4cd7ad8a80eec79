"""What surrounds every page: page settings, navigation, style sheet and sidebar."""

from dataclasses import dataclass

import streamlit as st

from mnist_core.config import PROJECT_DIR
from ui import shell
from ui.model_choice import choose_model
from ui.session import note_page
from ui.style import use_style
from ui.sweep import start_sweep

NAME = "Digit Lab"
SENTENCE = f"**{NAME}** reads handwritten digits, and shows how sure it is and why."
ICON = PROJECT_DIR / "ui" / "icon.png"  # an icon by name would be fetched from another server
LOGO, MARK = (PROJECT_DIR / "ui" / name for name in ("logo.svg", "mark.svg"))


@dataclass(frozen=True)
class AppPage:
    """A page of the app.

    Attributes
    ----------
    title : one word, in the navigation; in small letters it names the page's picture in `docs/`
    path : in the address; the first page, which opens first, has "/"
    file : in the folder of the project
    """

    title: str
    path: str
    file: str


# In the order of the navigation; benchmarks and tests go through them as well. Their icons are in
# style.css: those of `st.Page` become the browser's icon, which it would load from another server.
PAGES = (
    AppPage("Draw", "/", "pages/draw.py"),
    AppPage("Upload", "/upload", "pages/upload.py"),
    AppPage("Robustness", "/robustness", "pages/robustness.py"),
    AppPage("Training", "/training", "pages/training.py"),
    AppPage("Models", "/models", "pages/models.py"),
)


def run_app() -> None:
    """Draw the frame, and in it the page that the address names."""
    shell.bound_messages()
    shell.keep_uploads_in_memory()
    shell.bound_uploads()
    start_sweep()
    page = st.navigation(
        [st.Page(page.file, title=page.title, default=page.path == "/") for page in PAGES]
    )
    note_page(page.url_path)
    layout = "wide" if page.url_path else "centered"
    st.set_page_config(page_title=f"{page.title} · {NAME}", page_icon=str(ICON), layout=layout)
    use_style()  # here and not in the pages, so that it stays while they change
    st.logo(str(LOGO), size="large", icon_image=str(MARK))
    shell.show_refused_message()
    choose_model()
    if page.url_path:  # the first page begins with it
        st.sidebar.caption(SENTENCE)
    shell.run_page(page)


def ensure_frame() -> None:
    """Run the whole app if only the page was run; every page calls this before anything else."""
    shell.ensure_frame(run_app)
