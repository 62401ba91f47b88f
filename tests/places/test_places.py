"""Places by name, by code and by file; every district of the directory and of the published lookup."""

from pathlib import Path

import polars as pl
import pytest

from cwb import lookups, places, postcodes
from cwb.errors import PlaceError

LANCASHIRE = {f"E{7000117 + i:08d}" for i in range(12)}


def _names(codes: frozenset[str]) -> set[str]:
    table = lookups.table("districts")
    return set(table.filter(pl.col("lad_code").is_in(list(codes)))["lad_name"])


def test_preston_is_the_city_in_lancashire_with_its_two_unitary_districts() -> None:
    place = places.find_place("preston")
    assert (place.id, place.name, place.region_name) == ("preston", "Preston", "Lancashire")
    assert _names(place.local) == {"Preston"}
    assert place.region == LANCASHIRE | {"E06000008", "E06000009"}
    assert _names(place.region) >= {"Blackburn with Darwen", "Blackpool", "Burnley", "Wyre"}


@pytest.mark.parametrize(
    ("asked", "local", "region_name", "region"),
    [
        ("Havering", 1, "London", 33),
        ("London Borough of Havering", 1, "London", 33),
        ("E09000016", 1, "London", 33),
        ("City of London", 1, "London", 33),
        ("Greater London", 33, "England", 296),
        ("Manchester", 1, "Greater Manchester", 10),
        ("Greater Manchester", 10, "North West", 35),
        ("Lancashire County Council", 12, "Lancashire", 14),
        ("Lancashire Combined County Authority", 14, "North West", 35),
        ("lancashire (COUNTY)", 12, "Lancashire", 14),
        ("Bristol City Council", 1, "West of England", 3),
        ("Hull", 1, "Hull and East Yorkshire", 2),
        ("Brighton & Hove", 1, "Sussex and Brighton", 13),
        ("kings lynn and west norfolk", 1, "Norfolk", 7),
        ("St Helens", 1, "Liverpool City Region", 6),
        ("Greater Lincolnshire", 9, "Yorkshire and The Humber and East Midlands", 50),
        ("Cornwall", 1, "South West", 27),
        ("Cardiff", 1, "Wales", 22),
        ("Caerdydd", 1, "Wales", 22),
        ("Glasgow", 1, "Scotland", 32),
        ("Belfast", 1, "Northern Ireland", 11),
        ("Scotland", 32, "United Kingdom", 361),
        ("England", 296, "United Kingdom", 361),
        ("Berkshire", 6, "South East", 64),
        ("E08000016", 1, "South Yorkshire", 4),  # Barnsley until 2025
    ],
)
def test_a_place_by_the_names_people_use(asked: str, local: int, region_name: str, region: int) -> None:
    place = places.find_place(asked)
    assert (len(place.local), place.region_name, len(place.region)) == (local, region_name, region)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("Prestn", "Did you mean Preston"),
        ("Grater Manchester", "Did you mean Greater Manchester"),
        ("Lancashire", r"say 'Lancashire \(county\)' or 'Lancashire \(combined authority\)'"),
        ("Newcastle", "say 'Newcastle upon Tyne' or 'Newcastle-under-Lyme'"),
        ("North East", r"say 'North East \(combined authority\)' or 'North East \(region\)'"),
        ("Allerdale", r"no longer a district; its area is in Cumberland \(E06000063\)"),
        ("E07000154", r"Northampton \(E07000154\) is no longer a district; its area is in West Northamptonshire"),
        ("xqzw", "no place called 'xqzw'"),
        ("", "no place called ''"),
        ("nowhere.toml", "nowhere.toml: no such file"),
    ],
)
def test_what_is_not_one_place_is_told_in_one_line_with_the_way_out(asked: str, hint: str) -> None:
    with pytest.raises(PlaceError, match=hint) as caught:
        places.find_place(asked)
    assert "\n" not in str(caught.value)


def test_every_name_listed_is_a_place_whose_region_holds_it() -> None:
    names = places.place_names()
    assert len(set(names)) == len(names) > 400
    kinds = set(places.known_places()["kind"])
    assert kinds == {"ready-made", "district", "county", "combined authority", "region", "nation"}
    for name in names:
        place = places.find_place(name)
        assert place.local <= place.region, name


def test_a_place_from_a_file_by_names_and_codes(tmp_path: Path) -> None:
    path = tmp_path / "our-patch.toml"
    path.write_text(
        'name = "Our patch"\nlocal = ["Preston", "E07000126"]\nregion_name = "All around"\nregion = ["North West"]\n'
    )
    place = places.find_place(str(path))
    assert (place.id, place.name, place.region_name) == ("our-patch", "Our patch", "All around")
    assert _names(place.local) == {"Preston", "South Ribble"}
    assert len(place.region) == 35


def test_a_region_takes_in_its_local_area_though_the_file_leaves_it_out(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('name = "P"\nlocal = ["Preston"]\nregion_name = "R"\nregion = ["Burnley"]\n')
    place = places.find_place(str(path))
    assert _names(place.region) == {"Preston", "Burnley"}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('name = "P"\nlocal = ["Prestn"]\nregion_name = "R"\nregion = ["Burnley"]\n', "Did you mean Preston"),
        ('name = "P"\nlocl = ["Preston"]\nlocal = ["Preston"]\nregion_name = "R"\nregion = ["Wyre"]\n', "mean local"),
        ('name = "P"\nlocal = []\nregion_name = "R"\nregion = ["Burnley"]\n', "local"),
        ('name = "P"\nlocal = ["Preston"]\n', "region_name"),
        ('name = "P', "cannot be read as a place"),
        ('name = 3\nlocal = ["Preston"]\nregion_name = "R"\nregion = ["Burnley"]\n', "name: input should be a valid"),
    ],
)
def test_a_place_file_that_is_wrong_is_told_with_its_name(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(PlaceError, match=hint) as caught:
        places.find_place(str(path))
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_describe_names_every_district_once() -> None:
    told = places.describe(places.find_place("preston"))
    assert told["local"] == [{"lad_code": "E07000123", "lad_name": "Preston"}]
    assert len(told["rest_of_region"]) == 13


def test_the_districts_are_those_of_the_postcode_directory() -> None:
    real = pl.scan_parquet(postcodes.directory() / "postcodes.parquet").select(pl.col("lad_code").unique()).collect()
    assert set(lookups.table("districts")["lad_code"]) == set(real["lad_code"])


def test_the_districts_are_those_published_with_their_regions(shared_reference: Path) -> None:
    published = pl.read_csv(shared_reference / "lad_region_lookup.csv", infer_schema=False)
    ours = lookups.table("districts").select("lad_code", "lad_name", "region_code", "region_name", "nation")
    wanted = published.select("lad_code", "lad_name", "region_code", "region_name", nation="country_name")
    assert ours.sort("lad_code").equals(wanted.sort("lad_code"))


def test_counties_and_combined_authorities_are_whole() -> None:
    table = lookups.table("districts")
    shire = table.filter(pl.col("lad_code").str.starts_with("E07"))
    assert shire["county_code"].str.contains(r"^E10\d{6}$").all()
    metropolitan = table.filter(pl.col("lad_code").str.starts_with("E08"))
    assert metropolitan["county_code"].str.contains(r"^E11\d{6}$").all()
    assert metropolitan["authority_name"].null_count() == 0
    split = (
        table.filter(pl.col("county_name").is_not_null())
        .group_by("county_name")
        .agg(pl.col("authority_name").n_unique())
        .filter(pl.col("authority_name") > 1)
    )
    assert split.height == 0, "no combined authority takes a part of a county"


def test_codes_out_of_use_lead_to_codes_in_use() -> None:
    table = lookups.table("districts")
    gone = lookups.table("places/recoded")
    assert set(gone["lad_code"]) <= set(table["lad_code"])
    assert not set(gone["old_code"]) & set(table["lad_code"])


def test_nearly_every_council_police_force_and_fire_service_serves_a_known_area_and_no_other_body_does() -> None:
    bodies = lookups.table("public_bodies").with_row_index("supplier_id").cast({"supplier_id": pl.String})
    links = bodies.select("supplier_id", "name", outcome=pl.lit("matched"), supplier_type=pl.lit("public_body"))
    everywhere = places.find_place("United Kingdom")
    served = bodies.join(places.own_areas(links, everywhere), on="supplier_id", how="semi")
    local = {"council", "combined_authority", "police", "fire"}
    assert set(served["kind"]) == local
    for kinds, least in ((["council", "combined_authority"], 0.98), (["fire"], 1.0), (["police"], 0.85)):
        some = pl.col("kind").is_in(kinds)  # a few police forces are national
        assert served.filter(some).height / bodies.filter(some).height >= least, kinds


@pytest.mark.parametrize(("kind", "without"), [("Police|Policing", set()), ("Fire", {"E06000053"})])
def test_police_forces_and_fire_services_cover_the_kingdom(kind: str, without: set[str]) -> None:
    """The Isles of Scilly have a fire service of their own."""
    bodies = lookups.table("places/served").filter(pl.col("body").str.contains(kind))
    names = set(lookups.table("public_bodies")["name"])
    assert set(bodies["body"]) <= names
    links = bodies.select(
        supplier_id=pl.col("body"), name=pl.col("body"), outcome=pl.lit("matched"), supplier_type=pl.lit("public_body")
    )
    everywhere = set(lookups.table("districts")["lad_code"])
    alone = {code: places.Place("x", "x", frozenset({code}), "x", frozenset({code})) for code in everywhere}
    missed = {
        code
        for code, place in alone.items()
        if places.own_areas(links, place)["band"].to_list() == ["leaked"] * links.height
    }
    assert missed == without


def test_a_place_of_ones_own_can_be_made_of_ready_ones(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "P"\nlocal = ["Reading"]\nregion_name = "R"\nregion = ["Berkshire"]\n')
    assert len(places.find_place(str(path)).region) == 6
