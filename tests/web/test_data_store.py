"""The store of public data: read before it is kept, told of by day and origin, fetched from a server that fails."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from companies_house_file import write
from faulty_server import Act, FaultyServer, file_of, status

from cwb import data, lookups
from cwb.errors import CwbError, WebError
from cwb.files import sha256
from cwb.register.layouts import LAYOUTS
from cwb.web import Patience

COMPANY = {"CompanyName": "MADE UP LTD", "CompanyNumber": "00000042", "CompanyCategory": "Private Limited Company"}
TODAY = datetime.now(UTC).date()
CODES = ["A01", "C10", "F41", "G46", "Q86"]


def register_file(folder: Path, name: str = "BasicCompanyData.csv") -> Path:
    return write(folder / name, COMPANY)


def io_file(folder: Path, name: str = "iot.xlsx") -> Path:
    """A made-up table of five industries in ONS's layout."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "IOT"
    sheet.append(["Industry by industry, 2023"])
    sheet.append(["Code", "Industry", *CODES, "_T", "P3 S14"])
    for i, code in enumerate(CODES):
        sheet.append([code, f"Industry {code}", *[10.0 + i + j for j in range(5)], 0, 50.0])
    for label, value in (("Compensation of employees", 40.0), ("Gross value added", 80.0), ("Total output", 200.0)):
        sheet.append(["", label, *[value] * 5])
    book.save(folder / name)
    return folder / name


def jobs_file(folder: Path, *districts: str, name: str = "jobs.csv") -> Path:
    rows = [("A : Agriculture, forestry and fishing", 100), ("C : Manufacturing", 2000), ("Q : Human health", 7000)]
    frame = pl.DataFrame(
        [("2024", d, "Somewhere", section, jobs * n) for n, d in enumerate(districts, 1) for section, jobs in rows],
        schema=["DATE_NAME", "GEOGRAPHY_CODE", "GEOGRAPHY_NAME", "INDUSTRY_NAME", "OBS_VALUE"], orient="row",
    )  # fmt: skip
    frame.write_csv(folder / name)
    return folder / name


def boundaries_file(folder: Path, *features: dict, name: str = "districts.geojson", **more: object) -> Path:
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), "utf-8")
    return folder / name


def district(code: str = "E07000123", at: tuple[float, float] = (-2.7, 53.7), kind: str = "Polygon") -> dict:
    ring = [[at[0], at[1]], [at[0] + 0.1, at[1]], [at[0], at[1] + 0.1], [at[0], at[1]]]
    coordinates = {"Polygon": [ring], "MultiPolygon": [[ring]], "Point": list(at)}[kind]
    return {"type": "Feature", "properties": {"LAD25CD": code}, "geometry": {"type": kind, "coordinates": coordinates}}


GOOD = {
    "companies_house": (register_file, "1 organisations"),
    "ons_io": (io_file, "5 industries, 2023"),
    "bres": (lambda folder: jobs_file(folder, "E07000123"), "9,100 jobs in 3 sections"),
    "boundaries": (
        lambda folder: boundaries_file(folder, district(), district("E06000001", kind="MultiPolygon")), "2 districts"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_is_added_is_kept_with_its_day_and_sum(name: str, tmp_path: Path) -> None:
    make, holds = GOOD[name]
    file = make(tmp_path)
    kept = data.add(name, file)
    assert kept.holds == holds
    assert date.fromisoformat(kept.added) == TODAY
    assert kept.sha256 == sha256(file)
    file.unlink()  # the store has its own
    assert data.find(Path(name)) == kept.path
    assert kept.path.name == file.name
    here = {one["id"]: one["here"] for one in data.listing()}
    assert here[name]["holds"] == holds
    assert [k for k, held in here.items() if held] == [name]


def test_a_newer_file_replaces_the_one_before(tmp_path: Path) -> None:
    first = data.add("companies_house", register_file(tmp_path, "october.csv"))
    second = data.add("companies_house", register_file(tmp_path, "november.csv"))
    assert data.find(Path("companies_house")) == second.path
    assert not first.path.exists()


NO_GOOD = {
    "a page": (
        "companies_house", lambda f: _text(f, "x.csv", "<html>Not found</html>"), "is not a register"),
    "another register": ("charities_ew", register_file, "cwb data add companies_house"),
    "no table": ("ons_io", lambda f: _text(f, "x.xlsx", "nothing"), "not a workbook"),
    "no jobs": ("bres", lambda f: _text(f, "x.csv", "a,b\n1,2\n"), "needs a column section"),
    "names without outlines": ("boundaries", lambda f: boundaries_file(f, district(kind="Point")), "no outlines"),
    "metres and not degrees": (
        "boundaries", lambda f: boundaries_file(f, district(at=(350000.0, 430000.0))), "EPSG:4326"),
    "twice": ("boundaries", lambda f: boundaries_file(f, district(), district()), "twice"),
    "cut by the publisher": (
        "boundaries", lambda f: boundaries_file(f, district(), exceededTransferLimit=True), "cut short"),
    "no GeoJSON": ("boundaries", lambda f: _text(f, "x.geojson", '{"features": [{}]}'), "is not GeoJSON"),
    "empty outline": (
        "boundaries",
        lambda f: boundaries_file(f, {**district(), "geometry": {"type": "Polygon", "coordinates": []}}),
        "is not GeoJSON"),
    "not there": ("bres", lambda f: f / "nowhere.csv", "no such file"),
    "unknown": ("bress", register_file, "Did you mean bres"),
}  # fmt: skip


def _text(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


@pytest.mark.parametrize("case", NO_GOOD)
def test_what_its_reader_cannot_read_is_not_kept(case: str, tmp_path: Path) -> None:
    name, make, says = NO_GOOD[case]
    with pytest.raises(CwbError) as raised:
        data.add(name, make(tmp_path))
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not any(one["here"] for one in data.listing())


def test_a_copy_that_was_changed_is_not_used(tmp_path: Path) -> None:
    kept = data.add("bres", jobs_file(tmp_path, "E07000123"))
    kept.path.write_text("section,jobs\nA,1\n", "utf-8")
    with pytest.raises(CwbError, match="is not the file that was added"):
        data.find(Path("bres"))


def test_a_file_of_that_name_comes_before_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bres").write_text("x", "utf-8")
    assert data.find(Path("bres")) == Path("bres")
    assert data.find(Path("some/where.csv")) == Path("some/where.csv")


def test_a_store_that_cannot_be_written_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CWB_HOME", str(_text(tmp_path, "file", "x")))
    with pytest.raises(CwbError, match="set CWB_HOME"):
        data.add("bres", jobs_file(tmp_path, "E07000123"))


def test_every_data_set_has_a_reader_and_a_place() -> None:
    titles = {layout.title for layout in LAYOUTS}
    for one in data.data_sets().values():
        assert one.source in lookups.sources()
        assert one.page.startswith("https://")
        assert one.address is None or one.address.startswith("https://")
        assert one.kind in {"register", "io_table", "employment", "boundaries"}
        assert (one.layout in titles) == (one.kind == "register"), one.id


def test_the_page_of_the_manual_names_every_data_set() -> None:
    page = (Path(__file__).parents[2] / "docs" / "data.md").read_text("utf-8")
    assert [name for name in data.data_sets() if f"`{name}`" not in page] == []


def _fetch(
    name: str, server: FaultyServer, patience: Patience, path: str = "/file.csv", *acts: Act, **more: object
) -> data.Kept:
    server.acts[path] = list(acts)
    return data.fetch(data.data_set(name), url=f"{server.url}{path}", patience=patience, **more)


def test_a_file_is_fetched_through_faults(server: FaultyServer, patience: Patience, tmp_path: Path) -> None:
    body = jobs_file(tmp_path, "E07000123").read_bytes()
    kept = _fetch(
        "bres", server, patience, "/a/jobs.csv", status(429), status(503), file_of(body, stop_after=50), file_of(body)
    )
    assert kept.path.read_bytes() == body
    assert (kept.path.name, kept.origin) == ("jobs.csv", f"{server.url}/a/jobs.csv")
    assert [path.name for path in kept.path.parent.iterdir()] == ["jobs.csv"]
    assert server.asked[-1].headers["Range"] == "bytes=50-"


@pytest.mark.parametrize(
    "act", [status(404), status(403), file_of(b"<html>", kind="text/html"), file_of(b"a,b\n1,2\n")],
    ids=["gone", "not for all", "a page", "another file"],
)  # fmt: skip
def test_what_has_moved_is_told_with_the_page_to_look_at(
    act: Act, server: FaultyServer, patience: Patience, tmp_path: Path
) -> None:
    before = data.add("bres", jobs_file(tmp_path, "E07000123"))
    with pytest.raises(CwbError) as raised:
        _fetch("bres", server, patience, "/file.csv", act)
    text = str(raised.value)
    assert "look at https://www.nomisweb.co.uk/" in text
    assert "cwb data fetch bres --url ADDRESS" in text
    assert ".new-" not in text
    assert data.find(Path("bres")) == before.path


def test_a_monthly_file_is_looked_for_in_this_month_and_the_last(
    server: FaultyServer, patience: Patience, tmp_path: Path
) -> None:
    here = _at("companies_house", f"{server.url}/Basic-{{month}}.csv")
    this = TODAY.replace(day=1)
    last = (this.replace(year=this.year - 1, month=12)) if this.month == 1 else this.replace(month=this.month - 1)
    server.acts[f"/Basic-{last}.csv"] = [file_of(register_file(tmp_path).read_bytes())]
    kept = data.fetch(here, patience=patience)
    assert kept.path.name == f"Basic-{last}.csv"
    assert server.paths() == [f"/Basic-{this}.csv", f"/Basic-{last}.csv"]


def test_jobs_are_fetched_for_the_districts_of_a_place(
    server: FaultyServer, patience: Patience, tmp_path: Path
) -> None:
    here = _at("bres", f"{server.url}/api?geography={{districts}}&date=latest")
    with pytest.raises(CwbError, match="--place"):
        data.fetch(here, patience=patience)
    server.acts["/api"] = [file_of(jobs_file(tmp_path, "E07000123", "E07000117").read_bytes(), kind="text/csv")]
    kept = data.fetch(here, districts={"E07000123", "E07000117"}, patience=patience)
    assert server.asked[0].path == "/api?geography=E07000117,E07000123&date=latest"
    assert (kept.path.name, kept.holds) == ("bres.csv", "27,300 jobs in 3 sections")


def _at(name: str, address: str) -> data.DataSet:
    return replace(data.data_set(name), address=address)


def test_what_has_no_lasting_address_tells_the_page(patience: Patience) -> None:
    with pytest.raises(CwbError, match=r"take it from https://get-information-schools.*cwb data add schools FILE"):
        data.fetch(data.data_set("schools"), patience=patience)


def test_a_host_in_trouble_is_not_called_moved(server: FaultyServer, patience: Patience) -> None:
    with pytest.raises(WebError, match="is in trouble") as raised:
        _fetch("bres", server, patience, "/file.csv", status(500))
    assert "look at" not in str(raised.value)
