"""What each measure's page shows: its statement, its tables, what it needs, and what it cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from cwb.charts import words
from cwb.pipeline import Run
from cwb.ui.parts import Col


def _as_is(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


@dataclass(frozen=True)
class Shown:
    """A table of a measure: its caption, its columns, and what is done to it before.

    `asked` says by which columns the payments behind a row's £ are asked for, and the part of a question each is.
    """

    caption: str
    columns: tuple[Col, ...]
    prepare: Callable[[pl.DataFrame], pl.DataFrame] = _as_is
    asked: Mapping[str, str] = field(default_factory=dict)


def _no_statement(_run: Run) -> str:
    return ""


@dataclass(frozen=True)
class Measure:
    """One measure: what it says, its tables by name, its caveat, what it needs, and its finding in words."""

    title: str
    says: str
    tables: Mapping[str, Shown]
    caveat: str
    needs: str = ""
    statement: Callable[[Run], str] = field(default=_no_statement)
    method: str = field(kw_only=True)  # its page in docs/methods


MONEY, SHARE, COUNT, BAND = "money", "share", "count", "band"
_AMOUNT, _PART, _SUPPLIERS = (
    Col("amount_pence", "£", MONEY),
    Col("share", "Share", SHARE),
    Col("suppliers", "Suppliers", COUNT),
)


def _coverage(run: Run) -> str:
    told = run.summary["coverage"]
    amount, suppliers = words.percent(told["by_amount"]), words.percent(told["by_suppliers"])
    return f"A place is known for {amount} of the £ and {suppliers} of suppliers"


def _concentration(run: Run) -> str:
    every = run.summary["indicators"]["concentration"].get("all")
    return "" if every is None else f"The ten largest suppliers take {words.percent(every['top_10_share'])} of the £"


def _exposure(run: Run) -> str:
    first = run.tables["exposure"].row(0, named=True)
    return f"If {first['group_name']} failed, {words.money(first['amount_pence'])} of spend would be hit"


def _social(run: Run) -> str:
    told = run.summary["indicators"]["social"].get("vcse")
    return "" if told is None else f"At least {words.percent(told['share'])} goes to VCSEs"


def _sizes(run: Run) -> str:
    told = run.summary["indicators"]["sizes"]
    small = sum(told[name]["amount_pence"] for name in ("micro", "small") if name in told)
    total = sum(one["amount_pence"] for one in told.values())
    return f"Micro and small companies take {words.percent(small / total)} as far as it is known" if total > 0 else ""


def _tail(run: Run) -> str:
    tail = run.summary["indicators"]["tail"].get("tail")
    if tail is None:
        return ""
    return f"{words.percent(tail['suppliers_share'])} of suppliers share {words.percent(tail['amount_share'])} of the £"


def _influence(run: Run) -> str:
    told = run.summary["indicators"]["influenceable"]
    return f"{words.percent(told['share'])} of the £ could be placed elsewhere"


def _top(run: Run) -> str:
    rows = run.summary["indicators"]["top_n"]
    row = next((one for one in rows if one["top"] == 300), rows[0] if rows else None)
    if row is None or not row["top"]:
        return ""
    return (
        f"The {row['top']} largest suppliers cover {words.percent(row['coverage'])} of the £; of that "
        f"{words.percent(row['local_share'])} is local"
    )


def _targets(run: Run) -> str:
    rows = run.tables["targets"]
    met = rows.filter("met").height
    return f"{met} of {rows.height} aims {'is' if met == 1 else 'are'} met"


def _met(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.when("met").then(pl.lit("met")).when(pl.col("met").is_null()).then(pl.lit("–")).otherwise(pl.lit("not met"))
        .alias("met")
    )  # fmt: skip


def _decile(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("decile").cast(pl.String).fill_null("Not placed"))


def _yes(name: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def prepare(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.when(name).then(pl.lit("yes")).otherwise(pl.lit("no")).alias(name))

    return prepare


def _largest(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.when(pl.col("top") == 0).then(pl.lit("All")).otherwise(pl.format("The {} largest", "top")).alias("top")
    )


_BY_IDS = {"supplier_ids": "supplier"}
_CLASSES = (
    Col("class", "Class"),
    Col("name", "Name"),
    _AMOUNT,
    _PART,
    Col("local_share", "Local share", SHARE),
    _SUPPLIERS,
)

MEASURES: tuple[Measure, ...] = (
    Measure(
        "Coverage", "How much of the £ has a known place, and why the rest has none.",
        {"unknowns": Shown("What has no place, and why", (
            Col("reason", "Reason"), _SUPPLIERS, Col("payments", "Payments", COUNT), _AMOUNT))},
        "Unknown is not leaked: where coverage is low every other share is the least it can be.",
        statement=_coverage,
        method="coverage",
    ),
    Measure(
        "Largest suppliers alone", "The shares if only the largest suppliers are analysed, beside how much they cover.",
        {"top_n": Shown("Largest suppliers and what they cover", (
            Col("top", "Suppliers"), _AMOUNT, Col("coverage", "Of all £", SHARE), Col("local_share", "Local", SHARE),
            Col("regional_share", "Rest of region", SHARE), Col("leaked_share", "Leaked", SHARE),
            Col("unknown_share", "Unknown", SHARE)), _largest)},
        "The largest suppliers are seldom like the rest: their share is a proxy, good to compare with others' top 300.",
        statement=_top,
        method="top_n",
    ),
    Measure(
        "Concentration", "How much of the spend hangs on few suppliers, in all and band by band.",
        {"concentration": Shown("Concentration by band", (
            Col("band", "Band", BAND), _SUPPLIERS, _AMOUNT, Col("hhi", "HHI", "number"),
            Col("top_1_share", "Largest", SHARE), Col("top_5_share", "Top 5", SHARE),
            Col("top_10_share", "Top 10", SHARE), Col("top_20_share", "Top 20", SHARE),
            Col("top_50_share", "Top 50", SHARE)), asked={"band": "band"})},
        "Groups are not seen unless owners are added. HHI: 0 for very many small suppliers, 10,000 for one.",
        statement=_concentration,
        method="concentration",
    ),
    Measure(
        "Exposure to one failure", "What would be hit if one supplier failed, or one group where owners are added.",
        {"exposure": Shown("If it failed", (
            Col("group_name", "Supplier or group"), _AMOUNT, _PART, Col("suppliers", "Suppliers of it", COUNT),
            Col("institutions", "Institutions", COUNT), Col("bands", "Bands")), asked=_BY_IDS)},
        "What a supplier passes on to others is not seen; nor whether another could step in.",
        "With owners.csv, suppliers of one parent are counted as one group.", _exposure,
        method="concentration",
    ),
    Measure(
        "Suppliers that rely on you", "Suppliers of whose turnover this spend is a large part.",
        {"dependent": Shown("Dependent suppliers", (
            Col("supplier_name", "Supplier"), _AMOUNT, Col("dependency", "Of its turnover", SHARE)), asked=_BY_IDS)},
        "Turnover is of the year its accounts are for, which may be another than the spend's.",
        "Turnover is needed: add accounts.csv.",
        method="concentration",
    ),
    Measure(
        "Size of suppliers", "Micro, small, medium and large companies, with what each rests on.",
        {"sizes": Shown("Spend by size and evidence", (
            Col("size", "Size"), Col("size_evidence", "Rests on"), _AMOUNT, _PART, _SUPPLIERS))},
        "A filing category says what a company was allowed to file, not its figures; groups are not seen.",
        "With accounts.csv sizes rest on turnover, balance sheet and employees.", _sizes,
        method="size",
    ),
    Measure(
        "VCSEs, co-operatives and mutuals", "Spend with charities, social enterprises, co-operatives and mutuals.",
        {"social": Shown("By kind and band", (
            Col("kind", "Kind"), Col("band", "Band", BAND), _AMOUNT, _PART, _SUPPLIERS)),
         "cooperatives": Shown("Co-operatives that are paid", (
             Col("supplier_name", "Name"), Col("org_id", "Number"), Col("band", "Band", BAND), _AMOUNT,
             Col("turnover_gbp", "Turnover, £", "number"), Col("members", "Members", "number"),
             Col("employees", "Employees", "number")), asked={**_BY_IDS, "band": "band"})},
        "Each figure is the least there is: a supplier of unknown type may be either. Kinds lie inside one another.",
        "With accounts.csv the list says turnover, members and employees.", _social,
        method="social",
    ),
    Measure(
        "Leakage by sector", "How much of each sector stays, and what each adds to all that leaks.",
        {"sector_leakage": Shown("Sectors", (
            Col("section_name", "Sector"), _AMOUNT, Col("local_share", "Local", SHARE),
            Col("leaked_share", "Leaked", SHARE), Col("unknown_share", "Unknown", SHARE),
            Col("share_of_leaked", "Of all that leaks", SHARE)), asked={"sic_section": "sector"})},
        "A sector is what the company told the register, which may be old or broad.",
        "A register is needed for sectors.",
        method="sector",
    ),
    Measure(
        "Place", "Spend by district; by ward and deprivation decile where those files are added.",
        {"districts": Shown("By district", (
            Col("lad_name", "District"), Col("band", "Band", BAND), _AMOUNT, _PART, _SUPPLIERS)),
         "wards": Shown("Local spend by ward", (Col("ward_name", "Ward"), _AMOUNT, _SUPPLIERS)),
         "deprivation": Shown("Local spend by deprivation decile", (
             Col("decile", "Decile, 1 most deprived"), _AMOUNT, _PART, _SUPPLIERS), _decile)},
        "Of the supplier's address, not of where work is done or of who is employed.",
        "For wards and deciles add wards.csv and deprivation.csv, or nspl.csv with the published files.",
        method="place_detail",
    ),
    Measure(
        "Fragmentation", "Over how many suppliers and departments each theme of spend is spread.",
        {"fragmentation": Shown("Themes of the ledger", (
            Col("theme", "Theme"), _SUPPLIERS, Col("departments", "Departments", COUNT),
            Col("institutions", "Institutions", COUNT), Col("payments", "Payments", COUNT), _AMOUNT,
            Col("middle_pence", "Middle supplier, £", MONEY), Col("top_share", "Largest", SHARE),
            Col("hhi", "HHI", "number")), asked={"theme": "category"}),
         "fragmentation_contracts": Shown("Themes of the register of contracts", (
             Col("theme", "Theme"), Col("contracts", "Contracts", COUNT), _SUPPLIERS,
             Col("funding_streams", "Funding streams", COUNT), Col("amount_gbp", "£", "number"),
             Col("top_share", "Largest", SHARE)))},
        "A theme of the ledger is the payer's category. A ledger tells payees, not contracts or funding streams.",
        "Contracts and funding streams are counted where contracts.csv is added.",
        method="fragmentation",
    ),
    Measure(
        "Tail spend", "The few suppliers that are most of the money, and the many that are little.",
        {"tail": Shown("Head and tail", (
            Col("part", "Part"), _SUPPLIERS, Col("payments", "Payments", COUNT), _AMOUNT,
            Col("suppliers_share", "Of suppliers", SHARE), Col("payments_share", "Of payments", SHARE),
            Col("amount_share", "Of £", SHARE), Col("local_share", "Local share", SHARE)))},
        "The head is the largest suppliers that together make four fifths of the £.", statement=_tail,
        method="tail",
    ),
    Measure(
        "Payment days", "How long invoices wait, by band, and the share paid within 30 days.",
        {"payment_days": Shown("Days from invoice to payment", (
            Col("band", "Band", BAND), Col("payments", "Payments", COUNT), Col("mean_days", "Mean days", "number"),
            Col("median_days", "Median days", "number"), Col("within_share", "Within 30 days", SHARE),
            Col("untold", "Not told", COUNT)))},
        "The law counts from receipt of a valid invoice, which is later than the date on it.",
        "The ledger must print the invoice's date beside the payment's.",
        method="payment_days",
    ),
    Measure(
        "Aims against actuals", "Shares aimed for beside shares reached, of all spend or of what is influenceable.",
        {"targets": Shown("Aims", (
            Col("name", "Aim"), Col("of", "Of"), Col("aim", "Aimed for", SHARE), Col("actual", "Actual", SHARE),
            Col("met", "Met"), Col("gap_points", "Still to go", "points"), Col("gap_pence", "Still to go, £", "change"),
            Col("denominator_pence", "Out of, £", MONEY), Col("unknown_share", "Has no place", SHARE)), _met)},
        "What has no place could still count towards an aim.",
        "Add your own aims as targets.csv: name, measure, of, aim (0 to 1), at_most.", _targets,
        method="targets",
    ),
    Measure(
        "Influenceable spend", "What could be placed elsewhere, and why the rest could not.",
        {"influence": Shown("What is influenceable, and why", (
            Col("influence_reason", "Reason"), Col("is_influenceable", "Influenceable"), _AMOUNT, _PART, _SUPPLIERS),
            _yes("is_influenceable"))},
        "Rules look at the type of supplier, its name and the payer's category; they cannot know contracts in force.",
        "The rules can be your own: add influence_rules.csv.", _influence,
        method="influence",
    ),
    Measure(
        "Owners outside the area", "Who owns the suppliers of each band, where that is known.",
        {"owners": Shown("Owners by band", (
            Col("band", "Band", BAND), Col("owned", "Owner is"), _AMOUNT, _PART, _SUPPLIERS))},
        "Not known is not local: an address here never makes an owner here.",
        "Owners come from owners.csv, which cwb owners makes from the register of people with significant control.",
        method="owner",
    ),
    Measure(
        "What it is for and what is bought",
        "Categories to COFOG, CIPFA and ProClass by a crosswalk; unknown stays unknown.",
        {"by_cofog": Shown("COFOG: what it is for", _CLASSES), "by_cipfa": Shown("CIPFA: services", _CLASSES),
         "by_proclass": Shown("ProClass: what is bought", _CLASSES),
         "public_spend": Shown("Public spend of the area by where figures come from", (
             Col("cofog", "COFOG"), Col("provenance", "Comes from"), _AMOUNT)),
         "bodies": Shown("Bodies that gave figures, and those that did not", (
             Col("body", "Body"), Col("obtained", "Obtained"), Col("provenance", "Comes from"), _AMOUNT,
             Col("transfers_pence", "of which passed on, £", MONEY)), _yes("obtained"))},
        "By the words of the payers' categories: a category that says nothing stays unknown.",
        "The crosswalk can be your own (category_crosswalk.csv); figures.csv and bodies.csv count other bodies.",
        method="classification",
    ),
)  # fmt: skip
