"""What spend supports in a place: LM3, jobs, input–output, additionality, each figure with its range and source."""

from cwb.impact.assumptions import CENTRAL, AssumptionSet
from cwb.impact.estimate import Area, Impact, estimate, estimate_change

__all__ = ["CENTRAL", "Area", "AssumptionSet", "Impact", "estimate", "estimate_change"]
