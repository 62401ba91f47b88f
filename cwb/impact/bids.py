"""Two bids: a pound saved against a pound kept in the place, and the premium at which they weigh the same."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from cwb.impact.assumptions import AssumptionSet
from cwb.impact.figures import caveats
from cwb.impact.ranges import Range, around

Share = Annotated[float, Field(ge=0, le=1)]
UNBOUNDED = "no premium is too high by this measure: nothing more leaves the place as the price rises"


class Bid(BaseModel):
    """A bid: its price (£), the share of it spent in the place, and other benefits kept there (£)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    price_gbp: float = Field(gt=0)
    local_share: Share
    benefits_gbp: float = Field(default=0, ge=0)


class Bids(BaseModel):
    """Two bids for one piece of work; the premium is what `first` may cost over `second`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["bids"]
    name: str
    first: Bid
    second: Bid

    @model_validator(mode="after")
    def _two_names(self) -> Self:
        if self.first.name == self.second.name:
            raise ValueError(f"both bids are named '{self.first.name}'; name each for itself")
        return self


def kept(price: float, local_share: float, benefits: float) -> float:
    """Equation: kept = price × share spent in the place + benefits: the first round only, £."""
    return price * local_share + benefits


def worth(price: float, local_share: float, benefits: float, local_respend: float, other_respend: float) -> float:
    """Equation: worth = price × [s(1 + r) + (1 − s) rₙ] + benefits: kept with what is spent again, £ (nef 2005)."""
    return price * (local_share * (1 + local_respend) + (1 - local_share) * other_respend) + benefits


def break_even_price(first: Bid, second: Bid, pound: float) -> float | None:
    """Equation: P* − P₂ = θ (P* s₁ + b₁ − P₂ s₂ − b₂), so P* = [P₂(1 − θ s₂) + θ(b₁ − b₂)] ÷ (1 − θ s₁).

    θ (`pound`) is what £1 kept is worth against £1 saved. At θ = 1 both bids then take the same money out of the place.
    None where θ s₁ is 1: no price is too high by this measure.
    """
    leaving = 1 - pound * first.local_share
    if leaving <= 0:
        return None
    fixed = second.price_gbp * (1 - pound * second.local_share)
    return (fixed + pound * (first.benefits_gbp - second.benefits_gbp)) / leaving


def compare_bids(bids: Bids, assumptions: AssumptionSet) -> dict[str, Any]:
    """Return the price difference, the difference in £ kept (first round, and with re-spend), and the break-even.

    `break_even_premium` is a share of the second bid's price, low, central and high over the worth of a pound kept;
    an end is null where no premium is too high. `within` says whether the first bid's price is at or below break-even.
    """
    first, second = bids.first, bids.second
    pound = assumptions.range("impact.kept_pound_worth")
    respend = [assumptions.range(f"impact.respend_{k}") for k in ("local", "nonlocal")]
    prices = {end: break_even_price(first, second, getattr(pound, end)) for end in ("low", "central", "high")}
    premium = {end: None if p is None else p / second.price_gbp - 1 for end, p in prices.items()}
    finite = sorted(p for p in premium.values() if p is not None)
    # More worth to a kept pound may raise or lower the premium; the ends are put in order, an unbounded one last.
    if len(finite) == 3:
        premium = {"low": finite[0], "central": premium["central"], "high": finite[-1]}
    difference = around(
        lambda local, other: (
            worth(first.price_gbp, first.local_share, first.benefits_gbp, local, other)
            - worth(second.price_gbp, second.local_share, second.benefits_gbp, local, other)
        ),
        respend,
    )
    central = prices["central"]
    sides = {
        bid.name: {
            "price_gbp": bid.price_gbp,
            "kept_gbp": _kept(bid),
            "leaves_gbp": bid.price_gbp - _kept(bid),
            "worth_gbp": _worth(bid, respend).as_dict(),
        }
        for bid in (first, second)
    }
    return {
        "bids": sides,
        "price_difference_gbp": first.price_gbp - second.price_gbp,
        "kept_difference_gbp": _kept(first) - _kept(second),
        "worth_difference_gbp": difference.as_dict(),
        "premium": first.price_gbp / second.price_gbp - 1,
        "break_even_premium": premium,
        "unbounded": UNBOUNDED if None in premium.values() else None,
        "within": central is None or first.price_gbp <= central,
        "assumptions": ["impact.kept_pound_worth", "impact.respend_local", "impact.respend_nonlocal"],
        "method": "price difference against θ × difference in £ kept; break-even where they are equal",
        "caveat": caveats("bids", "lm3"),
    }


def _kept(bid: Bid) -> float:
    return kept(bid.price_gbp, bid.local_share, bid.benefits_gbp)


def _worth(bid: Bid, respend: list[Range]) -> Range:
    return around(lambda local, other: worth(bid.price_gbp, bid.local_share, bid.benefits_gbp, local, other), respend)
