"""What spend supports in a place: LM3, jobs, input–output, additionality, each figure with its range and source."""

from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.estimate import estimate, estimate_change
from cwb.impact.figures import Area, Impact
from cwb.impact.multipliers import COMPACT, Regionalised, multipliers

__all__ = [
    "CENTRAL",
    "COMPACT",
    "Area",
    "AssumptionSet",
    "Impact",
    "Regionalised",
    "estimate",
    "estimate_change",
    "multipliers",
]
