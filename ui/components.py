"""Components of our own: some HTML, and a script that lies beside the module that shows it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component


@cache
def component_of(module: str, name: str, html: str) -> Callable[..., Any]:
    """Return what shows a component; its script is registered once.

    Parameters
    ----------
    module : `__file__` of the module, beside which there is a `.js` of the same name
    name : of the component
    html : what the script finds
    """
    script = Path(module).with_suffix(".js").read_text("utf-8")
    return component(f"digit-lab.{name}", html=html, js=script, isolate_styles=False)
