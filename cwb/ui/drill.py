"""Addresses of the payments behind a number, for links from any figure or table."""

from __future__ import annotations

import html
from urllib.parse import urlencode

import streamlit as st

from cwb.drill import Question

PAGE = "payments"


def href(question: Question, beside: Question | None = None) -> str:
    """Return the address of the payments that a question asks for, in the project at hand; `beside` is set aside."""
    project = st.query_params.get("project")
    told = {**({"project": project} if project else {}), **question.params()}
    if beside is not None:
        told["beside"] = urlencode(beside.params())
    return f"{PAGE}?{urlencode(told)}"


def link(shown: str, question: Question, *, of: str = "", beside: Question | None = None) -> str:
    """Return HTML that shows a value and leads to its payments.

    Args:
        shown: the value, HTML already.
        question: which payments.
        of: what the value is of, said to who cannot see the row it stands in; the value is plain text then.
        beside: other payments, set side by side with them: what a change is the change of.
    """
    told = f' aria-label="{shown}: payments of {html.escape(of)}"' if of else ""
    return f'<a href="{html.escape(href(question, beside))}"{told}>{shown}</a>'
