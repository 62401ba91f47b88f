"""What pages are made of: headings, headline figures, tables, pictures with their numbers, and clear errors.

Everything from a ledger is escaped here, whether it goes into HTML or into Streamlit's Markdown.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from cwb.charts import Figure, body_svg, render_png, render_svg, theme, words
from cwb.drill import Question
from cwb.errors import CwbError
from cwb.safety import neutralise
from cwb.schema import BANDS
from cwb.ui import drill, notes

_MOST_IDS = 60  # suppliers that an address names
_STYLE = Path(__file__).with_name("style.css")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|$~:<>&^=])")


def esc(value: object) -> str:
    """Return text safe inside HTML."""
    return html.escape("" if value is None else str(value))


def plain(text: object) -> str:
    """Return text that Streamlit's Markdown prints as it stands."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def style() -> None:
    """Add what the theme cannot say."""
    st.html(_STYLE)


def show(body: str) -> None:
    """Print HTML made by this module."""
    st.html(f'<div class="cwb">{body}</div>')


@contextmanager
def clear_errors() -> Iterator[None]:
    """Print a CwbError as one line in the page."""
    try:
        yield
    except CwbError as error:
        st.error(plain(error), icon=":material/error:")


def heading(title: str, lead: str) -> None:
    """Print a page's name and what it is for."""
    st.title(title, anchor=False)
    show(f'<p class="lead">{esc(lead)}</p>')


_LISTED: ContextVar[list[tuple[str, str]] | None] = ContextVar("listed", default=None)
_FEW = 4  # headings that need no list


@contextmanager
def contents() -> Iterator[None]:
    """Print, above what the block prints, a folded list that leads to each heading in it."""
    place = st.container(key="contents")
    listed: list[tuple[str, str]] = []
    token = _LISTED.set(listed)
    try:
        yield
    finally:
        _LISTED.reset(token)
    if len(listed) > _FEW:
        links = "".join(f'<li><a href="#{name}">{esc(title)}</a></li>' for name, title in listed)
        with place:
            show(
                '<nav aria-label="On this page"><details><summary>On this page</summary>'
                f"<ol>{links}</ol></details></nav>"
            )


def _listed(title: str) -> str:
    """Return the name by which an address finds a heading, which the list of contents is told."""
    name = "part-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    listed = _LISTED.get()
    if listed is not None:
        if name in dict(listed):  # two parts may say the same
            name += f"-{len(listed)}"
        listed.append((name, title))
    return name


def part(title: str) -> None:
    """Print the heading of a part of a long page."""
    show(f'<h2 class="part" id="{_listed(title)}">{esc(title)}</h2>')


def empty(title: str, what_to_do: str, start: st.Page) -> None:
    """Print the state of a page that has nothing to show yet, and the way on."""
    show(f'<h2 class="statement">{esc(title)}</h2><p class="lead">{esc(what_to_do)}</p>')
    st.page_link(start, label="Go to Ledgers", icon=":material/upload_file:")


# --- numbers and names ------------------------------------------------------------------------------------------------


def band_html(band: str) -> str:
    """Return a band's name with its square."""
    if band not in theme.BAND_NAMES:
        return esc(words.sentence(band))
    colours = f"--fill:{theme.BAND_COLOURS[band]};--edge:{theme.BAND_EDGE[band]}"
    return f'<span class="band" style="{colours}">{esc(theme.BAND_NAMES[band])}</span>'


def band_look(band: str) -> tuple[str, str]:
    """Return a band's name and colour."""
    return theme.BAND_NAMES[band], theme.BAND_COLOURS[band]


def _or_dash(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: "–" if value is None else esc(write(value))


KINDS: dict[str, Callable[[Any], str]] = {
    "text": lambda value: esc(value) if value not in (None, "") else "–",
    "html": str,
    "link": str,
    "band": band_html,
    "bands": lambda value: "<br>".join(map(band_html, value.split("; "))) if value else "–",
    "year": lambda value: f'<span class="whole">{esc(value)}</span>' if value else "–",
    "money": _or_dash(words.exact_money),
    "change": _or_dash(lambda pence: ("+" if pence > 0 else "") + words.exact_money(pence)),
    "count": _or_dash(lambda number: f"{number:,}"),
    "number": _or_dash(words.amount),
    "share": _or_dash(words.percent),
    "points": _or_dash(words.points),
}
_NUMERIC = {"money", "change", "count", "number", "share", "points", "link"}


@dataclass(frozen=True)
class Col:
    """A column of a printed table: which, its heading, and how its values are written (a key of `KINDS`)."""

    name: str
    heading: str
    kind: str = "text"


def table(frame: pl.DataFrame, columns: Sequence[Col], caption: str, note: str = "") -> None:
    """Print a real table: caption, headed columns, first column as row headings. Prints every row it is given."""
    print_table(
        [c.heading for c in columns],
        (
            [KINDS[c.kind](value) for c, value in zip(columns, row, strict=True)]
            for row in frame.select([c.name for c in columns]).iter_rows()
        ),
        caption, note, numeric=[c.kind in _NUMERIC for c in columns],
    )  # fmt: skip


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], caption: str, note: str = "", *, numeric: Sequence[bool]
) -> None:
    """Print a table of cells that are HTML already. On a narrow screen each row becomes a block of named values.

    Roles are said out loud because that block layout would take them away.
    """
    css = [" class=n" if yes else "" for yes in numeric]
    head = "".join(
        f'<th scope="col" role="columnheader"{c}>{esc(heading)}</th>' for heading, c in zip(headings, css, strict=True)
    )
    body = []
    for first, *rest in rows:
        cells = "".join(
            f'<td role="cell" data-label="{esc(heading)}"{c}>{cell}</td>'
            for heading, c, cell in zip(headings[1:], css[1:], rest, strict=True)
        )
        body.append(f'<tr role="row"><th scope="row" role="rowheader"{css[0]}>{first}</th>{cells}</tr>')
    said = esc(caption) + (f" <span>{esc(note)}</span>" if note else "")
    show(
        f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(caption)}"><table role="table" class="stack">'
        f'<caption>{said}</caption><thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(body)}</tbody></table></div>'
    )


_Row = dict[str, Any]


def linked(
    frame: pl.DataFrame, column: str, ask: Callable[[_Row], Question | None], *, of: str, kind: str = "money",
    beside: Callable[[_Row], Question | None] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Return a table with a column's values as links to the payments behind each, for a column of kind "link".

    Args:
        frame: rows that are shown.
        column: the values, of which nulls lead nowhere.
        ask: what a row's payments answer; None where there are none to ask for.
        of: column that names the row, said with each link.
        kind: how the values are written, a key of `KINDS`.
        beside: what is set side by side with them, where the value is a difference of the two.
    """
    cells = []
    for row in frame.iter_rows(named=True):
        shown, question = KINDS[kind](row[column]), None if row[column] is None else ask(row)
        name = theme.BAND_NAMES.get(str(row[of]), str(row[of] or "no name printed"))
        other = beside(row) if beside is not None else None
        cells.append(shown if question is None else drill.link(shown, question, of=name, beside=other))
    return frame.with_columns(pl.Series(column, cells, dtype=pl.String))


def ask_suppliers(ids: str | None, asks: Question) -> Question | None:
    """Return the question for some suppliers' payments among others; None where there are none, or too many."""
    told = (ids or "").split()
    return asks.but(supplier="\n".join(told)) if 0 < len(told) <= _MOST_IDS else None


@dataclass(frozen=True)
class Tile:
    """A headline figure; with `asks`, it leads to the payments behind it, beside others where it is a difference."""

    label: str
    big: str
    small: tuple[str, ...] = ()
    colour: str = theme.SOFT_INK
    asks: Question | None = None
    beside: Question | None = None


def _led(tile: Tile) -> str:
    if tile.asks is None:
        return esc(tile.big)
    return drill.link(esc(tile.big), tile.asks, of=tile.label, beside=tile.beside)


def tiles(shown: Sequence[Tile]) -> None:
    """Print headline figures side by side."""
    cells = "".join(
        f'<div style="--tile:{t.colour}"><dt>{esc(t.label)}</dt><dd class="big">{_led(t)}</dd>'
        + "".join(f'<dd class="small">{esc(line)}</dd>' for line in t.small)
        + "</div>"
        for t in shown
    )
    odd = " odd" if len(shown) % 2 else ""  # in two columns, the first of an odd number takes the whole row
    show(f'<dl class="tiles{odd}">{cells}</dl>')


def band_tiles(summary: dict[str, Any], asks: Question | None = None) -> list[Tile]:
    """Return the headline figures of a run: the total and the four bands; `asks` is what all its payments answer."""
    rows, bands = summary["rows"], summary["bands"]
    paid = words.money(summary["amount_pence"]["payments"])
    total = Tile("All payments", paid, (f"{rows['payments']:,} payments",), theme.INK, asks)
    return [total] + [
        Tile(
            theme.BAND_NAMES[band],
            words.percent(bands[band]["share"]),
            (
                words.money(bands[band]["amount_pence"]),
                f"{bands[band]['suppliers']:,} suppliers",
                *filter(None, [words.at_most((summary.get("bounds") or {}).get(band))]),
            ),
            theme.BAND_COLOURS[band],
            asks.but(band=band) if asks is not None else None,
        )
        for band in BANDS
    ]


# --- pictures ---------------------------------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, max_entries=400)
def _drawn(key: str, _figure: Figure) -> tuple[str, str]:
    """Return a picture for a wide and for a narrow column, as addresses an `img` shows without another request."""
    both = (body_svg(_figure), body_svg(_figure, narrow=True))
    wide, narrow = ("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode() for svg in both)
    return wide, narrow


def figure_table(frame: pl.DataFrame, caption: str, asks: Question | None = None) -> None:
    """Print the numbers under a picture: £ columns as £, shares as per cent, the rest as they stand.

    With `asks`, which all its payments answer, what can be asked for by name leads to its payments.
    """
    shown, columns = (frame, list[Col]()) if asks is None else _asking(frame, asks)
    for name, dtype in frame.schema.items():
        if name in {column.name for column in columns}:
            continue
        kind = "text"
        label = words.sentence(name.removesuffix("_gbp").replace("_", " "))
        if name == "band":
            kind = "band"
        elif name.endswith("_gbp"):
            kind, label = "money", f"{label}, £"
            shown = shown.with_columns((pl.col(name) * 100).cast(pl.Int64))
        elif "share" in name and dtype.is_float():
            kind = "points" if name.endswith("points") else "share"
        elif dtype.is_integer():
            kind = "count"
        elif dtype.is_float():
            kind = "number"
        columns.append(Col(name, label, kind))
    table(shown, columns, caption)


_ASKED = {"band": "band", "institution": "institution", "financial_year": "year", "category": "category"}


def _asking(frame: pl.DataFrame, asks: Question) -> tuple[pl.DataFrame, list[Col]]:
    """Return a table with its first column as links to each row's payments, and that column; the rest is as it was."""
    by = {column: part for column, part in _ASKED.items() if column in frame.columns}
    first = frame.columns[0]
    if first not in by:
        return frame, []
    links = []
    for row in frame.select(list(by)).iter_rows(named=True):
        told = {part: str(row[column]) for column, part in by.items() if row[column]}
        shown = band_html(row[first]) if first == "band" else esc(row[first])
        links.append(drill.link(shown, asks.but(**told)) if row[first] else shown or "–")
    label = words.sentence(first.replace("_", " "))
    return frame.with_columns(pl.Series(first, links, dtype=pl.String)), [Col(first, label, "html")]


def picture(figure: Figure, key: str, *, level: int = 2, asks: Question | None = None) -> None:
    """Print a picture with its statement and source line, and beneath it its numbers and downloads.

    Args:
        figure: the picture.
        key: what tells this picture from others with its id: the result and the run it is of.
        level: heading level of its statement.
        asks: the question that all payments in it answer, where its numbers are sums of payments.
    """
    wide, narrow = _drawn(f"{key}-{figure.id}", figure)
    alt = esc(figure.alt)
    named = f' id="{_listed(figure.title)}"' if level == 2 else ""
    show(
        f'<figure><h{level} class="said"{named}>{esc(figure.title)}</h{level}><p class="sub">{esc(figure.subtitle)}</p>'
        f'<img class="wide" src="{wide}" alt="{alt}"><img class="narrow" src="{narrow}" alt="{alt}">'
        f"<figcaption>{esc(figure.note)}</figcaption></figure>"
    )
    with st.expander(f"Numbers and downloads: {plain(figure.title)}"):
        figure_table(figure.data, figure.title, asks)
        with st.container(horizontal=True):
            downloads(figure, key)
        notes.pinned("figure", figure.id, figure.title)


def csv(frame: pl.DataFrame) -> str:
    """Return a table as CSV that Excel opens, with no cell that a spreadsheet would run."""
    return neutralise(frame).write_csv(include_bom=True)


def downloads(figure: Figure, key: str) -> None:
    """Print the buttons that hand over a picture as PNG, SVG and CSV; each is made when it is asked for."""
    made: tuple[tuple[str, str, Callable[[], str | bytes]], ...] = (
        ("PNG", "image/png", lambda: render_png(figure)),
        ("SVG", "image/svg+xml", lambda: render_svg(figure)),
        ("CSV", "text/csv", lambda: csv(figure.data)),
    )
    for kind, mime, make in made:
        st.download_button(
            kind, make, f"{figure.id}.{kind.lower()}", mime, key=f"{key}-{figure.id}-{kind}", on_click="ignore",
            icon=":material/download:", help=f"{plain(figure.title)}: {kind}",
        )  # fmt: skip
