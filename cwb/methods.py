"""The method pages (docs/methods): what each figure says, how it is worked out, its caveats and its sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from cwb.errors import LookupsError
from cwb.shipped import methods_dir

HEADINGS = ("What it says", "Formula", "Worked example", "Exclusions", "Caveats", "Source", "Demonstration")
# The pages behind a figure of impact, by its kind; those of a kind that is not here go by the start of its name.
_BY_KIND = {
    "lm3": ("lm3",),
    "jobs_net": ("jobs", "input_output", "additionality"),
    "jobs_cles": ("jobs",),
    "jobs_direct": ("jobs",),
    "jobs_company": ("jobs",),
    "jobs": ("jobs", "input_output"),
    "fte": ("jobs",),
    "gva": ("input_output",),
    "pay": ("input_output",),
    "output": ("input_output",),
}
_EVERY_RUN = ("leakage", "location")
_EVERY_CHANGE = ("change", "change_explained", "comparability")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class MethodPage:
    """A method page: its name, its title, and the Markdown of each of `HEADINGS`."""

    name: str
    title: str
    sections: dict[str, str]

    @property
    def html(self) -> list[tuple[str, Markup]]:
        """Each section as HTML, its links leading nowhere; raw HTML in it is shown, not used."""
        return [(heading, Markup(_markdown().render(_unlinked(text)))) for heading, text in self.sections.items()]  # noqa: S704

    @property
    def plain(self) -> list[tuple[str, str]]:
        """Each section as a line of text, without the demonstration, whose lines would not survive it."""
        return [(heading, _text(text)) for heading, text in self.sections.items() if heading != "Demonstration"]


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


@cache
def method_page(name: str) -> MethodPage:
    """Return a method page by its name, as "lm3".

    Raises:
        LookupsError: there is none, or its headings are not `HEADINGS`.
    """
    path = methods_dir() / f"{name}.md"
    try:
        title, *parts = re.split(r"(?m)^## ", path.read_text("utf-8"))
    except OSError:
        raise LookupsError(f"{path}: no such method page") from None
    told = (part.partition("\n") for part in parts)
    sections = {heading.strip(): text.strip() for heading, _, text in told}
    if tuple(sections) != HEADINGS:
        raise LookupsError(f"{path}: its headings are {', '.join(sections)}; they should be {', '.join(HEADINGS)}")
    return MethodPage(name, title.strip().removeprefix("# "), sections)


def method_names() -> list[str]:
    """Return the name of every method page."""
    return sorted(path.stem for path in methods_dir().glob("*.md"))


def pages_of(kinds: Iterable[str]) -> list[MethodPage]:
    """Return the pages behind figures of impact, by their kinds, each once, with the one on ranges last."""
    names: list[str] = []
    for kind in kinds:
        names += _BY_KIND.get(kind) or _BY_KIND.get(kind.split("_")[0], ())
    return [method_page(name) for name in dict.fromkeys([*names, *(["uncertainty"] if names else [])])]


def pages_of_run(kinds: Iterable[str]) -> list[MethodPage]:
    """Return the pages of a run's report: where the money went and where a supplier is, then those behind estimates."""
    return [*(method_page(name) for name in _EVERY_RUN), *pages_of(kinds)]


def pages_of_change(kinds: Iterable[str]) -> list[MethodPage]:
    """Return the pages of a comparison's report: the change and what explains it, then those behind estimates."""
    return [*(method_page(name) for name in _EVERY_CHANGE), *pages_of(kinds)]


def _unlinked(markdown: str) -> str:
    return _LINK.sub(r"\1", markdown)


def _text(markdown: str) -> str:
    """Return Markdown as one line of plain text."""
    words: list[str] = []

    def walk(tokens: Iterable[Token]) -> None:
        for token in tokens:
            if token.children:
                walk(token.children)
            elif token.type in ("text", "code_inline", "fence", "code_block"):
                words.append(token.content)
            elif token.type in ("softbreak", "hardbreak", "paragraph_close", "list_item_close"):
                words.append(" ")

    walk(_markdown().parse(_unlinked(markdown)))
    return " ".join("".join(words).split())
