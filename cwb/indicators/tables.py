"""The small tables of a run that are shown, drawn and exported, each a function of the frames of the stages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from cwb import lookups
from cwb.indicators.leakage import band_sums
from cwb.lookups import Assumption
from cwb.privacy import mask_names
from cwb.schema import BANDS

NOT_GIVEN = "Not given in the ledger"
SECTOR_UNKNOWN = "Sector not known"
_DORMANT = "99999"  # Companies House's own code for a dormant company: no activity

_MONTH = pl.col("payment_date").dt.month_start().alias("month")

_METHODS = {
    "company_number": "company number",
    "charity_number": "charity number",
    "vat_number": "VAT number",
    "exact_key": "exact name",
    "previous_name": "a previous name",
    "fuzzy": "a similar name",
    "decision": "a person's decision",
}


class Named(Protocol):
    """What the tables need of a place: its region's name, and the ONS codes of its local and regional districts."""

    @property
    def local(self) -> frozenset[str]: ...
    @property
    def region_name(self) -> str: ...
    @property
    def region(self) -> frozenset[str]: ...


def run_tables(
    banded: pl.DataFrame,
    suppliers: pl.DataFrame,
    links: pl.DataFrame,
    by_basis: Mapping[str, pl.DataFrame],
    *,
    basis: str,
    place: Named,
    show_individuals: bool = False,
) -> dict[str, pl.DataFrame]:
    """Return the run's tables of spend by name.

    They are: bands, bands_by_institution, range_by_basis, suppliers, categories, sectors, months (in all, by
    institution and by category), unknowns.

    Args:
        banded: schema.BANDED.
        suppliers: schema.SUPPLIERS.
        links: schema.LINKS.
        by_basis: setting to suppliers with their band, basis, strength, lad_code, amount_pence, payments.
        basis: the setting of this run, a key of `by_basis`.
        place: the local area and the region around it.
        show_individuals: print names of individuals.
    """
    told = _told(suppliers, links, by_basis[basis], basis=basis, place=place)
    spent = banded.filter(pl.col("band").is_in(BANDS))
    return {
        "bands": with_share(band_sums(banded)).select("band", "amount_pence", "share", "payments", "suppliers"),
        "bands_by_institution": bands_by_institution(spent),
        "range_by_basis": range_by_basis(by_basis),
        "suppliers": supplier_table(told, show_individuals=show_individuals),
        "categories": categories(spent),
        "sectors": sectors(told),
        "months": months(spent),
        "months_by_institution": months_by(spent, "institution"),
        "months_by_category": months_by(spent, "category"),
        "unknowns": unknowns(told),
    }


def with_share(sums: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return `sums` with the share of each of the four bands in its group; null where the total is not above zero."""
    of_spend = pl.col("band").is_in(BANDS)
    total = pl.col("amount_pence").filter(of_spend).sum()
    total = total.over(by) if by else total
    return sums.with_columns(pl.when(of_spend, total > 0).then(pl.col("amount_pence") / total).alias("share"))


def bands_by_institution(spent: pl.DataFrame) -> pl.DataFrame:
    """Return institution, financial_year, band, amount_pence, share: every band of each, zero where it has none."""
    by = ["institution", "financial_year"]
    sums = spent.group_by(*by, "band").agg(pl.col("amount_pence").sum())
    grid = spent.select(by).unique().join(_bands(), how="cross")
    filled = grid.join(sums, on=[*by, "band"], how="left", validate="1:1", nulls_equal=True)
    return _ordered(with_share(filled.with_columns(pl.col("amount_pence").fill_null(0)), *by), by).select(
        *by, "band", "amount_pence", "share"
    )


def range_by_basis(by_basis: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return basis, band, amount_pence, share: how far the answer moves with what counts as a supplier's place."""
    parts = [
        with_share(band_sums(frame)).filter(pl.col("band").is_in(BANDS)).select(
            pl.lit(basis).alias("basis"), "band", "amount_pence", "share"
        )
        for basis, frame in by_basis.items()
    ]  # fmt: skip
    return pl.concat(parts)


def categories(spent: pl.DataFrame) -> pl.DataFrame:
    """Return category, band, amount_pence: the payer's own categories, biggest first."""
    named = spent.with_columns(pl.col("category").fill_null(NOT_GIVEN))
    sums = named.group_by("category", "band").agg(pl.col("amount_pence").sum())
    size = pl.col("amount_pence").sum().over("category")
    return _ordered(sums.with_columns(_size=size), ["_size", "category"], [True, False]).drop("_size")


def months(spent: pl.DataFrame) -> pl.DataFrame:
    """Return month (its first day; null for undated payments), band, amount_pence."""
    return _ordered(spent.group_by(_MONTH, "band").agg(pl.col("amount_pence").sum()), ["month"])


def months_by(spent: pl.DataFrame, column: str, most: int = 12) -> pl.DataFrame:
    """Return `column`, month, amount_pence, local_pence: the biggest and the rest summed; together, the spend."""
    named = spent.with_columns(pl.col(column).fill_null(NOT_GIVEN))
    totals = (
        named.group_by(column).agg(pl.col("amount_pence").sum()).sort("amount_pence", column, descending=[True, False])
    )
    rest = totals.height - most
    label = pl.when(pl.lit(rest <= 0) | pl.col(column).is_in(totals[column].head(most).implode())).then(column)
    return (
        named.group_by(label.otherwise(pl.lit(f"{rest} others")).alias(column), _MONTH)
        .agg(
            pl.col("amount_pence").sum(),
            local_pence=pl.col("amount_pence").filter(pl.col("band") == "local").sum(),
        )
        .sort(column, "month", nulls_last=True)
    )  # fmt: skip


def sectors(told: pl.DataFrame) -> pl.DataFrame:
    """Return sic_section, section_name, band, amount_pence; section null where no matched register tells it."""
    sections = lookups.table("sic_sections")
    is_known = (pl.col("outcome") == "matched") & (pl.col("sic_code") != _DORMANT)
    division = pl.when(is_known).then(pl.col("sic_code").str.head(2)).alias("division")
    sums = (
        told.filter(pl.col("band").is_in(BANDS))
        .with_columns(division)
        .join(sections, on="division", how="left", validate="m:1")
        .group_by(pl.col("section").alias("sic_section"), pl.col("section_name").fill_null(SECTOR_UNKNOWN), "band")
        .agg(pl.col("amount_pence").sum())
    )
    return _ordered(sums, ["sic_section"])


def unknowns(told: pl.DataFrame) -> pl.DataFrame:
    """Return reason, suppliers, payments, amount_pence of what could not be placed, biggest £ first."""
    return (
        told.filter(pl.col("band") == "unknown")
        .group_by(pl.col("why").alias("reason"))
        .agg(pl.len().cast(pl.Int64).alias("suppliers"), pl.col("payments", "amount_pence").sum())
        .sort("amount_pence", "reason", descending=[True, False])
    )


def supplier_table(told: pl.DataFrame, *, show_individuals: bool = False) -> pl.DataFrame:
    """Return one row a supplier, biggest £ first, with its band, what it rests on and why in plain words."""
    return mask_names(told, show_individuals).sort("amount_pence", "supplier_id", descending=[True, False]).select(
        "supplier_id", "supplier_name", "amount_pence", "payments", "band", "basis", "strength", "lad_name", "outcome",
        "supplier_type", "org_id", "matched_name", "matched_postcode", "method", "score", "margin", "why",
    )  # fmt: skip


def files(account: Mapping[str, Any]) -> pl.DataFrame:
    """Return one row a file or sheet read, from the account of ingest.json; pence as printed in the files."""
    rows = [
        {
            "file": told["file"],
            "sheet": told.get("sheet"),
            "format": told.get("format"),
            "header_row": told.get("header_row"),
            **{f"rows_{name}": count for name, count in told["rows"].items()},
            **{f"{name}_pence": pence for name, pence in told["amount_pence"].items()},
            "negative_rows": told["negative"]["rows"],
            "negative_pence": told["negative"]["amount_pence"],
            "redacted_rows": told["redacted_rows"],
            "columns": json.dumps(told["columns"], ensure_ascii=False),
            "warnings": "; ".join(told["warnings"]),
        }
        for told in account["files"]
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def assumptions(used: Sequence[Assumption]) -> pl.DataFrame:
    """Return every number used that a reader could dispute: what it is, its range, and who published it."""
    columns = ("id", "label", "value", "low", "high", "unit", "kind", "source", "locator", "caveat")
    kinds = {name: pl.Float64 if name in ("value", "low", "high") else pl.String for name in columns}
    sources = lookups.sources()

    def told(source: str) -> str:
        """A user's own set gives its source in words."""
        return f"{sources[source].title}, {sources[source].publisher}" if source in sources else source

    return pl.DataFrame([{**one.model_dump(), "source": told(one.source)} for one in used], schema=kinds)


def _bands() -> pl.DataFrame:
    return pl.DataFrame({"band": BANDS})


def _ordered(frame: pl.DataFrame, by: list[str], descending: list[bool] | None = None) -> pl.DataFrame:
    """Sort by some columns, then by the order of bands; nulls last."""
    order = pl.col("band").replace_strict(BANDS, range(len(BANDS)), return_dtype=pl.Int8)
    down = [*(descending or [False] * len(by)), False]
    return frame.sort([*(pl.col(name) for name in by), order], descending=down, nulls_last=True)


def _told(
    suppliers: pl.DataFrame, links: pl.DataFrame, placed: pl.DataFrame, *, basis: str, place: Named
) -> pl.DataFrame:
    """Return one row a supplier: what the ledger prints, what it was matched to, its band and why in words."""
    names = lookups.table("districts").select("lad_code", "lad_name")
    matches = links.select(
        "supplier_id", "outcome", "supplier_type", "org_id", "sic_code", "method", "score", "margin",
        "address_is_evidence", matched_name="name", matched_postcode="postcode",
    )  # fmt: skip
    return (
        suppliers.select(
            "supplier_id", "supplier_name", "supplier_postcode", "is_redacted", "amount_pence", "payments"
        )
        .join(matches, on="supplier_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(
            pl.col("outcome").fill_null("unmatched"), pl.col("supplier_type").fill_null("unknown"),
            pl.col("method").fill_null("none"),
        )
        .join(
            placed.select("supplier_id", "band", "basis", "strength", "lad_code"), on="supplier_id", how="left",
            validate="1:1", maintain_order="left",
        )
        .join(names, on="lad_code", how="left", validate="m:1", maintain_order="left")
        .with_columns(why=_why(basis, place))
    )  # fmt: skip


def _why(setting: str, place: Named) -> pl.Expr:
    """Return why a supplier is in its band, in words that hold no name or address of a person."""
    person = pl.col("is_redacted") | pl.col("supplier_type").is_in(["individual", "redacted"])
    method = pl.col("method").replace(_METHODS).str.replace_all("_", " ")
    similar = pl.when(pl.col("method") == "fuzzy", pl.col("score").is_not_null()).then(
        pl.format(", score {}", pl.col("score").round(2))
    )
    matched = pl.format("matched by {}{}", method, similar.fill_null(""))
    office = pl.when(pl.col("basis") == "trading_site").then(pl.lit("Address")).otherwise(pl.lit("Registered office"))
    ledger = pl.when(person).then(pl.lit("Ledger postcode")).otherwise(
        pl.format("Ledger postcode {}", pl.col("supplier_postcode").str.to_uppercase().str.strip_chars())
    )  # fmt: skip
    by_register = pl.format(
        "{} of {} ({}), {}, {}; {}", office, _or_dash("matched_name"), _or_dash("org_id"),
        _or_dash("matched_postcode"), _where(place), matched,
    )  # fmt: skip
    served = pl.format("{}, taken to be in the area it serves{}; {}", _or_dash("matched_name"), _area(place), matched)
    decided = pl.when(pl.col("lad_name").is_not_null()).then(
        pl.format("A person decided that it works at an address that {}", _where(place))
    ).otherwise(pl.format("A person decided that it is {}", pl.col("band")))  # fmt: skip
    return (
        pl.when(pl.col("basis") == "override").then(decided)
        .when(pl.col("basis") == "ledger_postcode").then(pl.format("{} {}", ledger, _where(place)))
        .when(pl.col("strength") == "own_area").then(served)
        .when(pl.col("basis").is_in(["registered_office", "trading_site"]))
        .then(pl.when(person).then(pl.format("Registered address {}", _where(place))).otherwise(by_register))
        .otherwise(_why_unknown(setting))
    )  # fmt: skip


def _or_dash(column: str) -> pl.Expr:
    return pl.col(column).fill_null("–")


def _area(place: Named) -> pl.Expr:
    """Return ", Havering, in London": a served area by its name, where it is one district, and the region."""
    name = pl.format(", {}", pl.col("lad_name")).fill_null("")
    around = pl.col("band").replace_strict(
        {"local": "", "regional": f", in {place.region_name}", "leaked": f", outside {place.region_name}"},
        default="", return_dtype=pl.String,
    )  # fmt: skip
    return name + around


def _where(place: Named) -> pl.Expr:
    """Return "is in Preston", with how the postcode was found and, away from the local area, whether in the region."""
    how = pl.col("strength")
    lad = pl.col("lad_name").fill_null("")
    inside = pl.col("lad_code").is_in(sorted(place.local))
    region = pl.col("lad_code").is_in(sorted(place.region))
    around = (
        pl.when(inside).then(pl.lit("")).when(region).then(pl.lit(f", in {place.region_name}"))
        .otherwise(pl.lit(f", outside {place.region_name}"))
    )  # fmt: skip
    return (
        pl.when(how == "outside_uk").then(pl.lit("is outside the UK"))
        .when(how == "terminated").then(pl.format("(now withdrawn) is in {}{}", lad, around))
        .when(how == "sector").then(pl.format("is not placed itself, its sector is nearly all in {}{}", lad, around))
        .when(how == "district")
        .then(pl.format("is not placed itself, its outward code is nearly all in {}{}", lad, around))
        .when(how == "mail_centre").then(pl.format("has its mail sorted in {}{}, which is weak evidence", lad, around))
        .otherwise(pl.format("is in {}{}", lad, around))
    )  # fmt: skip


def _why_unknown(setting: str) -> pl.Expr:
    """Return why a supplier has no place, under a setting of what counts as one."""
    printed = pl.col("supplier_postcode").fill_null("").str.strip_chars() != ""
    matched = pl.col("outcome") == "matched"
    hidden = (
        pl.when("is_redacted").then(pl.lit("The ledger hides who was paid"))
        .when(pl.col("supplier_name").str.strip_chars() == "").then(pl.lit("The ledger prints no supplier"))
    )  # fmt: skip
    by_ledger = (
        pl.when(printed).then(pl.lit("The ledger's postcode cannot be placed"))
        .otherwise(pl.lit("No postcode in the ledger"))
    )  # fmt: skip
    by_register = (
        pl.when(pl.col("outcome") == "review").then(pl.lit("A possible match waits for a person's review"))
        .when(matched, pl.col("matched_postcode").is_null())
        .then(pl.lit("Matched, but the register gives no postcode"))
        .when(matched, ~pl.col("address_is_evidence").fill_null(value=True))
        .then(pl.lit("Matched, but its registered address is shared by very many companies"))
        .when(matched).then(pl.lit("Matched, but the register's postcode cannot be placed"))
    )  # fmt: skip
    if setting == "ledger_address":
        return pl.coalesce(hidden, by_ledger)
    unmatched = pl.lit("no register entry matched")
    individual = pl.when(pl.col("supplier_type") == "individual").then(pl.lit("an individual"))
    reason = pl.coalesce(individual, unmatched)
    if setting == "registered_office":
        return pl.coalesce(hidden, by_register, pl.format("On no register: {}", reason))
    return pl.coalesce(hidden, by_register, pl.format("{}, and {}", by_ledger, reason))
