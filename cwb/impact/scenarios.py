"""What would follow if: spend moved home, several anchors bought together, bills paid early. Read from TOML files.

Each takes a small frame of spend (institution, supplier_name, category, sic_section, band, amount_pence), and keeps
every penny: what leaves one band arrives in another.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cwb.errors import LookupsError, did_you_mean
from cwb.impact import model, uncertainty
from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.bids import Bids, compare_bids
from cwb.impact.estimate import area_spend, inputs_of
from cwb.impact.figures import LOCAL, MEMBERS, REGION, Area, caveats
from cwb.impact.ranges import Range
from cwb.lookups import first_problem
from cwb.schema import BANDS

SPEND_COLUMNS = ("institution", "supplier_name", "category", "sic_section", "band", "amount_pence")
_STRICT = ConfigDict(extra="forbid", frozen=True)
_FIGURES = ("jobs_direct", "jobs_gross", "jobs_net")
_BY = {"category": "category", "sector": "sic_section", "supplier": "supplier_name"}
Share = Annotated[float, Field(ge=0, le=1)]


class Shift(BaseModel):
    """Move a share of leaked spend to the place or its region."""

    model_config = _STRICT
    kind: Literal["shift"]
    name: str
    share: Share
    of: Literal["all", "category", "sector", "supplier"] = "all"
    which: str = ""
    to: Literal["local", "regional"] = "local"


class Substitution(BaseModel):
    """Bring home leaked spend that several institutions have in common, enough for a new supplier or co-operative."""

    model_config = _STRICT
    kind: Literal["substitution"]
    name: str
    share: Share
    by: Literal["category", "sector"] = "category"
    institutions: int = Field(default=2, ge=1)
    smallest_gbp: float = Field(default=0, ge=0)
    to: Literal["local", "regional"] = "local"


class EarlyPayment(BaseModel):
    """Pay sooner for a discount: rate at `reference_days`, days gained, share of spend taken up, in these bands."""

    model_config = _STRICT
    kind: Literal["early_payment"]
    name: str
    discount_rate: Share
    reference_days: float = Field(gt=0)
    days_accelerated: float = Field(ge=0)
    take_up: Share = 1.0
    free_for: tuple[str, ...] = ("local",)


Scenario = Annotated[Shift | Substitution | EarlyPayment | Bids, Field(discriminator="kind")]


class _File(BaseModel):
    model_config = _STRICT
    scenario: tuple[Scenario, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Setting:
    """What scenarios need of a run: spend, the place and its region, the years, and the set of assumptions."""

    spend: pl.DataFrame
    local: Area
    region: Area
    financial_years: tuple[str, ...]
    assumptions: AssumptionSet = CENTRAL


def read_scenarios(path: Path) -> tuple[Shift | Substitution | EarlyPayment | Bids, ...]:
    """Return the scenarios of a TOML file, each a table `[[scenario]]` with a name and a kind.

    Raises:
        LookupsError: the file cannot be read, or a scenario is not as it should be; names are all different.
    """
    try:
        file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError:
        raise LookupsError(f"{path}: no such file of scenarios") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LookupsError(f"{path}: {error}") from None
    except ValidationError as error:
        raise LookupsError(f"{path}: {first_problem(error)}") from None
    names = [s.name for s in file.scenario]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise LookupsError(f"{path}: two scenarios are named '{twice}'; name each for itself")
    return file.scenario


def write_scenarios(scenarios: Sequence[BaseModel], path: Path) -> None:
    """Write scenarios to a TOML file that `read_scenarios` reads back."""
    path.write_text(scenarios_toml(scenarios), "utf-8")


def scenarios_toml(scenarios: Sequence[BaseModel]) -> str:
    """Return scenarios as the text of a TOML file."""
    return "\n".join(_toml(s.model_dump(exclude_none=True)) for s in scenarios)


def _toml(values: Mapping[str, Any], name: str = "scenario", *, inner: bool = False) -> str:
    lines = [f"[{name}]" if inner else f"[[{name}]]"]
    tables = {k: v for k, v in values.items() if isinstance(v, dict)}
    lines += [f"{k} = {_toml_value(v)}" for k, v in values.items() if k not in tables]
    return "\n".join(lines + [_toml(v, f"{name}.{k}", inner=True) for k, v in tables.items()]) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        escaped = "".join(c if c >= " " and c not in '"\\\x7f' else f"\\u{ord(c):04x}" for c in value)
        return f'"{escaped}"'
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml_value(v) for v in value)}]"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _bands(spend: pl.DataFrame) -> dict[str, int]:
    sums = spend.group_by("band").agg(pl.col("amount_pence").sum())
    found = dict(zip(sums["band"].to_list(), sums["amount_pence"].to_list(), strict=True))
    return {band: int(found.get(band, 0)) for band in BANDS}


def move(spend: pl.DataFrame, chosen: pl.Expr, share: float, to: str) -> pl.DataFrame:
    """Return `spend` with `share` of each chosen leaked row in band `to`, in whole pence: rows stay, moved parts join.

    Credits (rows below zero) stay where they are. The total is what it was, to the penny.
    """
    moves = chosen & (pl.col("band") == "leaked") & (pl.col("amount_pence") > 0)
    part = (
        pl.when(moves.fill_null(value=False)).then((pl.col("amount_pence") * share).floor().cast(pl.Int64)).otherwise(0)
    )
    marked = spend.with_columns(_moved=part)
    left = marked.with_columns(pl.col("amount_pence") - pl.col("_moved")).drop("_moved")
    gone = marked.filter(pl.col("_moved") > 0).with_columns(
        amount_pence=pl.col("_moved"), band=pl.lit(to)
    )  # fmt: skip
    return pl.concat([left, gone.drop("_moved").select(left.columns)])


def leaked_to(spend: pl.DataFrame, of: str, *, most: int) -> dict[str, int]:
    """Return the pence that leak to each category, sector or supplier (`of`), most first, `most` of them at most."""
    column = _BY[of]
    leaked = spend.filter((pl.col("band") == "leaked") & pl.col(column).is_not_null())
    sums = leaked.group_by(column).agg(pl.col("amount_pence").sum()).filter(pl.col("amount_pence") > 0)
    return dict(sums.sort("amount_pence", column, descending=[True, False]).head(most).iter_rows())


def _chosen(scenario: Shift, spend: pl.DataFrame) -> pl.Expr:
    if scenario.of == "all":
        return pl.lit(value=True)
    column = _BY[scenario.of]
    leaked = spend.filter(pl.col("band") == "leaked")[column].drop_nulls().unique().sort().to_list()
    known = {str(k).casefold(): str(k) for k in leaked}
    if scenario.which.casefold() not in known:
        raise LookupsError(
            f"scenario '{scenario.name}': no leaked spend with {scenario.of} '{scenario.which}'."
            f"{did_you_mean(scenario.which, known.values())}"
        )
    return pl.col(column) == known[scenario.which.casefold()]


def _common(scenario: Substitution, spend: pl.DataFrame) -> pl.DataFrame:
    """Return what several institutions all buy from outside: group, institutions, suppliers, leaked_pence."""
    column = _BY[scenario.by]
    return (
        spend.filter((pl.col("band") == "leaked") & (pl.col("amount_pence") > 0) & pl.col(column).is_not_null())
        .group_by(group=pl.col(column))
        .agg(
            institutions=pl.col("institution").n_unique(),
            suppliers=pl.col("supplier_name").n_unique(),
            leaked_pence=pl.col("amount_pence").sum(),
        )
        .filter(
            (pl.col("institutions") >= scenario.institutions)
            & (pl.col("leaked_pence") >= round(scenario.smallest_gbp * 100))
        )
        .sort("leaked_pence", "group", descending=[True, False])
    )


def _supported(setting: Setting, spend: pl.DataFrame, area: str) -> dict[str, dict[str, float]]:
    """Return jobs on spend that all lies in `area`, low, central and high."""
    places = [setting.local] if area == LOCAL else [setting.local, setting.region]
    band = "local" if area == LOCAL else "regional"
    inside = spend.select("sic_section", "amount_pence").with_columns(band=pl.lit(band))
    pence = int(spend["amount_pence"].sum())
    value = area_spend({band: pence}, inside, places, sorted(set(setting.financial_years)))
    depends = {k: keys for k, keys in value.depends().items() if k in _FIGURES}
    moving = {key for keys in depends.values() for key in keys}
    # What moves none of these figures stays central: each wide input doubles the corners to evaluate.
    inputs = {
        k: r if k in moving else Range(r.central, r.central, r.central)
        for k, r in inputs_of(value, setting.assumptions).items()
    }
    found = uncertainty.bounds(partial(model.evaluate, value), inputs, depends)
    return {k: found[k].as_dict() for k in _FIGURES if k in found}


def _moved_result(setting: Setting, after: pl.DataFrame, to: str) -> dict[str, Any]:
    before = _bands(setting.spend)
    moved = after.tail(after.height - setting.spend.height)
    area = LOCAL if to == "local" else REGION
    total, now = sum(before.values()), _bands(after)

    def share(bands: Mapping[str, int], name: str) -> float | None:
        return sum(bands[b] for b in MEMBERS[name]) / total if total > 0 else None

    return {
        "moved_pence": int(moved["amount_pence"].sum()),
        "before": before,
        "after": now,
        "shares": {n: {"before": share(before, n), "after": share(now, n)} for n in (LOCAL, REGION)},
        "supported_in": area,
        "place": (setting.local if area == LOCAL else setting.region).name,
        "supported": _supported(setting, moved, area),
        "caveat": caveats("scenario", "jobs", "input_output"),
    }


def shift(scenario: Shift, setting: Setting) -> dict[str, Any]:
    """Return the bands before and after a share of leaked spend moves, and the jobs on what moved."""
    after = move(setting.spend, _chosen(scenario, setting.spend), scenario.share, scenario.to)
    return _moved_result(setting, after, scenario.to)


def substitution(scenario: Substitution, setting: Setting) -> dict[str, Any]:
    """Return what several institutions could bring home together, largest first, sized in £ and jobs.

    `groups` has each category or sector: institutions and suppliers that share it, leaked and moved pence, and jobs.
    """
    common = _common(scenario, setting.spend)
    column, area = _BY[scenario.by], LOCAL if scenario.to == "local" else REGION
    after = move(setting.spend, pl.col(column).is_in(common["group"].to_list()), scenario.share, scenario.to)
    moved = after.tail(after.height - setting.spend.height)
    groups = [
        {
            **row,
            "moved_pence": int(part["amount_pence"].sum()),
            "supported": _supported(setting, part, area),
        }
        for row in common.iter_rows(named=True)
        for part in [moved.filter(pl.col(column) == row["group"])]
    ]
    return {**_moved_result(setting, after, scenario.to), "groups": groups}


def early_payment_discount(amount: float, rate: float, days_accelerated: float, reference_days: float) -> float:
    """Equation: discount = invoice × rate × days accelerated ÷ reference days (early payment, Bexley and Oxygen)."""
    return amount * rate * days_accelerated / reference_days


def early_payment(scenario: EarlyPayment, setting: Setting) -> dict[str, Any]:
    """Return the buyer's discount and the suppliers' liquidity by band; bands in `free_for` are paid early for nothing.

    Liquidity is the average sum in suppliers' hands sooner: pence paid early × days gained ÷ 365.

    Raises:
        LookupsError: a band of `free_for` is not one.
    """
    wrong = [b for b in scenario.free_for if b not in BANDS]
    if wrong:
        raise LookupsError(f"scenario '{scenario.name}': no band '{wrong[0]}'.{did_you_mean(wrong[0], BANDS)}")
    bands = {}
    for band, pence in _bands(setting.spend.filter(pl.col("amount_pence") > 0)).items():
        early = pence * scenario.take_up
        rate = 0.0 if band in scenario.free_for else scenario.discount_rate
        discount = early_payment_discount(early, rate, scenario.days_accelerated, scenario.reference_days)
        bands[band] = {
            "paid_early_pence": round(early),
            "discount_pence": round(discount),
            "liquidity_pence": round(early * scenario.days_accelerated / 365),
        }
    return {
        "bands": bands,
        "discount_pence": sum(b["discount_pence"] for b in bands.values()),
        "liquidity_pence": sum(b["liquidity_pence"] for b in bands.values()),
        "caveat": caveats("scenario"),
    }


def run_scenarios(
    scenarios: Sequence[Shift | Substitution | EarlyPayment | Bids], setting: Setting
) -> list[dict[str, Any]]:
    """Return each scenario's result, in order: its name, kind, what was asked, and what follows; ready for JSON.

    Raises:
        LookupsError: a scenario names spend or a band that is not there.
    """
    missing = [c for c in SPEND_COLUMNS if c not in setting.spend.columns]
    if missing:
        raise TypeError(f"scenarios: spend has no column {', '.join(missing)}")
    results = []
    for scenario in scenarios:
        if isinstance(scenario, Shift):
            found = shift(scenario, setting)
        elif isinstance(scenario, Substitution):
            found = substitution(scenario, setting)
        elif isinstance(scenario, EarlyPayment):
            found = early_payment(scenario, setting)
        else:
            found = compare_bids(scenario, setting.assumptions)
        results.append({"name": scenario.name, "kind": scenario.kind, "asked": scenario.model_dump(), **found})
    return results


def side_by_side(results: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the scenarios of a run one below another: scenario, measure, low, central, high (null if none), unit."""
    rows: list[dict[str, Any]] = []

    def add(name: str, measure: str, value: Any, unit: str) -> None:
        span = value if isinstance(value, Mapping) else {"low": value, "central": value, "high": value}
        rows.append(
            {"scenario": name, "measure": measure, **{k: span[k] for k in ("low", "central", "high")}, "unit": unit}
        )

    for result in results:
        name = result["name"]
        if "moved_pence" in result:
            add(name, "moved", result["moved_pence"] / 100, "£")
            for figure, value in result["supported"].items():
                add(name, figure, value, f"jobs in {result['place']}")
        if "discount_pence" in result:
            add(name, "discount", result["discount_pence"] / 100, "£")
            add(name, "liquidity", result["liquidity_pence"] / 100, "£")
        if "break_even_premium" in result:
            add(name, "price_difference", result["price_difference_gbp"], "£")
            add(name, "kept_difference", result["kept_difference_gbp"], "£")
            add(name, "break_even_premium", result["break_even_premium"], "share of the other bid's price")
    schema = {"scenario": pl.String, "measure": pl.String, "low": pl.Float64, "central": pl.Float64}
    return pl.DataFrame(rows, schema={**schema, "high": pl.Float64, "unit": pl.String})
