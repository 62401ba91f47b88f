"""The band every pound falls in: local, regional, leaked or unknown, with what it rests on.

A band is a supplier's, since one supplier has one printed postcode and one match: addresses are placed once a supplier
and joined to payments. See docs/methods/location.md for what counts as a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from cwb.postcodes import locate
from cwb.schema import BANDED, BANDS, EXCLUDED, conform

BASIS_SETTINGS = ("best_evidence", "ledger_address", "registered_office", "any_address")

# Weak evidence places a supplier only where nothing firmer does.
_WEAK = ("mail_centre",)
_KINDS = ("override", "ledger_postcode", "trading_site", "registered_office")
# Registers that hold where a body works, not a registered office: NHS organisations, schools, listed public bodies.
_SITE_SCHEMES = r"^(?:GB-(?:NHS|EDU|SEED)-|cwb:)"


class Area(Protocol):
    """What classifying needs of a place: the ONS codes of its local and its regional districts."""

    @property
    def local(self) -> frozenset[str]: ...
    @property
    def region(self) -> frozenset[str]: ...


def classify(
    payments: pl.DataFrame,
    suppliers: pl.DataFrame,
    payment_suppliers: pl.DataFrame,
    links: pl.DataFrame,
    place: Area,
    *,
    basis: str = "best_evidence",
    overrides: pl.DataFrame | None = None,
    areas: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return every payment once, in the same order, with its band and what the band rests on.

    Args:
        payments: schema.PAYMENTS.
        suppliers: schema.SUPPLIERS.
        payment_suppliers: payment_id and supplier_id, one row a payment.
        links: schema.LINKS; a supplier without a link is taken as unmatched.
        place: the local area and the region around it.
        basis: one of BASIS_SETTINGS.
        overrides: people's decisions; see `supplier_bands`.
        areas: suppliers that serve an area; see `supplier_bands`.

    Returns:
        schema.BANDED: the payments' rows and pence, each in exactly one band.
    """
    bands = supplier_bands(suppliers, links, place, bases=[basis], overrides=overrides, areas=areas)[basis]
    return band_payments(payments, payment_suppliers, bands)


def band_payments(payments: pl.DataFrame, payment_suppliers: pl.DataFrame, bands: pl.DataFrame) -> pl.DataFrame:
    """Return schema.BANDED: every payment with the band that `supplier_bands` gives its supplier under one setting."""
    if payments["payment_id"].equals(payment_suppliers["payment_id"]):
        owned = payments.with_columns(payment_suppliers["supplier_id"])
    else:
        owned = payments.join(payment_suppliers, on="payment_id", how="left", validate="1:1", maintain_order="left")
    told = bands.select("supplier_id", "band", "basis", "strength", "lad_code")
    return conform(owned.join(told, on="supplier_id", how="left", validate="m:1", maintain_order="left"), BANDED)


def supplier_bands(
    suppliers: pl.DataFrame,
    links: pl.DataFrame,
    place: Area,
    *,
    bases: Sequence[str] = BASIS_SETTINGS,
    overrides: pl.DataFrame | None = None,
    areas: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Return each supplier's band under each setting of what counts as its place; addresses are placed once.

    Args:
        suppliers: schema.SUPPLIERS.
        links: schema.LINKS.
        place: the local area and the region around it.
        bases: settings, of BASIS_SETTINGS.
        overrides: what people decided: supplier_id (each at most once) and either `postcode`, where the supplier
            works, or `band`, one of the four or "excluded". A decision wins under every setting.
        areas: suppliers that are the authority of an area and are taken to be in it where no register gives their
            address: supplier_id, band, lad_code.

    Returns:
        Setting to a frame in the order of `suppliers`: supplier_id, payments, amount_pence, band, basis, strength,
        lad_code.
    """
    evidence = _with_areas(_evidence(suppliers, links, overrides), areas)
    makers = {
        "best_evidence": lambda: _first(_KINDS),
        "ledger_address": lambda: _first(("override", "ledger_postcode")),
        "registered_office": lambda: _first(("override", "trading_site", "registered_office")),
        "any_address": _nearest,
    }
    banded = evidence.with_columns(_band(kind, place).alias(f"{kind}_band") for kind in _KINDS)
    banded = banded.with_columns(
        pl.coalesce("decided_band", "override_band").alias("override_band"),
        pl.coalesce("area_band", "trading_site_band").alias("trading_site_band"),
    )
    return {basis: _conclude(banded, makers[basis]()) for basis in bases}


def _evidence(suppliers: pl.DataFrame, links: pl.DataFrame, overrides: pl.DataFrame | None) -> pl.DataFrame:
    """Return one row a supplier with the district and strength of each kind of address, null where there is none."""
    decided = pl.DataFrame(schema={"supplier_id": pl.String, "postcode": pl.String, "band": pl.String})
    if overrides is not None:
        wanted = [c for c in ("supplier_id", "postcode", "band") if c in overrides.columns]
        decided = pl.concat([decided, overrides.select(wanted)], how="diagonal_relaxed")
    wrong = set(decided["band"].drop_nulls()) - {*BANDS, EXCLUDED}
    if wrong:
        raise ValueError(f"overrides: no band called {sorted(wrong)}")
    known = suppliers.select("supplier_id", "supplier_postcode", "payments", "amount_pence").join(
        links.select(
            "supplier_id", "outcome", "supplier_type", "org_id", "decided_by", "address_is_evidence",
            office=pl.col("postcode"),
        ), on="supplier_id", how="left", validate="1:1", maintain_order="left",
    ).join(
        decided.rename({"postcode": "told", "band": "decided_band"}),
        on="supplier_id", how="left", validate="1:1", maintain_order="left",
    )  # fmt: skip
    matched = (pl.col("outcome") == "matched").fill_null(value=False)
    usable = matched & pl.col("address_is_evidence").fill_null(value=True)
    is_site = pl.col("org_id").str.contains(_SITE_SCHEMES).fill_null(value=False)
    printed = known.select(
        "supplier_id", "payments", "amount_pence",
        pl.when((pl.col("supplier_type") == "internal") & pl.col("decided_by").is_not_null())
        .then(pl.lit(EXCLUDED)).otherwise("decided_band").alias("decided_band"),
        (matched & (pl.col("supplier_type") == "overseas")).fill_null(value=False).alias("overseas"),
        override=pl.col("told"),
        ledger_postcode=pl.col("supplier_postcode"),
        trading_site=pl.when(usable & is_site).then("office"),
        registered_office=pl.when(usable & ~is_site).then("office"),
    )  # fmt: skip
    placed = locate(pl.concat([printed[kind] for kind in _KINDS]))
    columns = []
    for place_in_list, kind in enumerate(_KINDS):
        part = placed.slice(place_in_list * printed.height, printed.height)
        columns += [part["lad_code"].alias(f"{kind}_lad"), part["strength"].alias(f"{kind}_strength")]
    # A body on the register of another country has its office outside the UK, postcode or none.
    return printed.drop(_KINDS).with_columns(columns).with_columns(
        pl.when("overseas", pl.col("registered_office_strength").is_null())
        .then(pl.lit("outside_uk")).otherwise("registered_office_strength").alias("registered_office_strength")
    )  # fmt: skip


def _with_areas(evidence: pl.DataFrame, areas: pl.DataFrame | None) -> pl.DataFrame:
    """Return the evidence with the area that a supplier serves as its trading site, where it has no other address."""
    served = pl.DataFrame(schema={"supplier_id": pl.String, "area_band": pl.String, "area_lad": pl.String})
    if areas is not None:
        served = areas.select("supplier_id", area_band="band", area_lad="lad_code")
    nowhere = pl.col("trading_site_strength").is_null() & pl.col("registered_office_strength").is_null()
    return (
        evidence.join(served, on="supplier_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.when(nowhere).then(name).alias(name) for name in ("area_band", "area_lad"))
        .with_columns(
            pl.coalesce("trading_site_lad", "area_lad").alias("trading_site_lad"),
            pl.when(pl.col("area_band").is_not_null())
            .then(pl.lit("own_area"))
            .otherwise("trading_site_strength")
            .alias("trading_site_strength"),
        )
    )


def _band(kind: str, place: Area) -> pl.Expr:
    """Return the band an address puts its supplier in; null where the address could not be placed."""
    lad = pl.col(f"{kind}_lad")
    return (
        pl.when(lad.is_in(sorted(place.local))).then(pl.lit("local"))
        .when(lad.is_in(sorted(place.region))).then(pl.lit("regional"))
        .when(pl.col(f"{kind}_strength").is_not_null()).then(pl.lit("leaked"))
    )  # fmt: skip


def _first(kinds: Sequence[str]) -> pl.Expr:
    """Return the first kind of address that places a supplier, firm evidence before weak."""
    firm = [
        pl.when(pl.col(f"{k}_band").is_not_null() & ~pl.col(f"{k}_strength").is_in(_WEAK).fill_null(value=False)).then(
            pl.lit(k)
        )
        for k in kinds
    ]
    weak = [pl.when(pl.col(f"{k}_band").is_not_null()).then(pl.lit(k)) for k in kinds]
    return pl.coalesce(*firm, *weak, pl.lit("none"))


def _nearest() -> pl.Expr:
    """Return the kind of address that lies nearest to the place; a decision goes before any address."""
    decided = pl.when(pl.col("override_band").is_not_null()).then(pl.lit("override"))
    near = [pl.when(pl.col(f"{k}_band") == band).then(pl.lit(k)) for band in BANDS[:3] for k in _KINDS[1:]]
    return pl.coalesce(decided, *near, pl.lit("none"))


def _conclude(banded: pl.DataFrame, basis: pl.Expr) -> pl.DataFrame:
    """Return the suppliers with the band, strength and district of the kind of address that counts."""

    def taken(of: str) -> pl.Expr:
        return pl.coalesce(pl.when(pl.col("basis") == kind).then(f"{kind}_{of}") for kind in _KINDS)

    # A band that a person gave outright rests on no postcode, even where one was told too.
    from_address = pl.col("decided_band").is_null() | (pl.col("basis") != "override")
    return banded.with_columns(basis=basis).select(
        "supplier_id",
        "payments",
        "amount_pence",
        taken("band").fill_null("unknown").alias("band"),
        "basis",
        pl.when(from_address).then(taken("strength")).alias("strength"),
        pl.when(from_address).then(taken("lad")).alias("lad_code"),
    )
