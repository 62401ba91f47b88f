"""Charts as files: SVG, PNG at print size, the data beneath as CSV and the text alternative."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cwb.charts import Figure, render_svg, svg_to_png
from cwb.safety import neutralise


def write_charts(out: Path, figures: Sequence[Figure]) -> list[Path]:
    """Write `<id>.svg`, `.png`, `.csv` and `.txt` (the text alternative) for each figure into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for figure in figures:
        stem = out / figure.id
        svg, png, data, words = (stem.with_suffix(s) for s in (".svg", ".png", ".csv", ".txt"))
        whole = render_svg(figure)
        svg.write_text(whole, "utf-8")
        png.write_bytes(svg_to_png(whole))
        neutralise(figure.data).write_csv(data, include_bom=True)
        words.write_text(f"{figure.title}\n{figure.subtitle}\n\n{figure.alt}\n\n{figure.note}\n", "utf-8")
        paths += [svg, png, data, words]
    return paths
