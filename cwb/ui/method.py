"""How a figure is worked out, a key away from it: the method pages, as the report's annex prints them."""

from __future__ import annotations

import streamlit as st

from cwb.methods import method_page
from cwb.ui import parts


def beside(*names: str) -> None:
    """Print method pages, each folded under its title: what it says, formula, example, exclusions, caveats, source."""
    for name in names:
        page = method_page(name)
        with st.expander(f"Method: {parts.plain(page.title)}", icon=":material/functions:"):
            said = "".join(f"<h3>{parts.esc(heading)}</h3>{body}" for heading, body in page.html)
            parts.show(f'<div class="method">{said}</div>')
