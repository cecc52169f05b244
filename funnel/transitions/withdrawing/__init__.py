"""Taking back what a file made: its events withdrawn by corrections, its records put in step with what stands."""

from funnel.transitions.withdrawing.passes import SOURCE, Part, take_back

__all__ = ["SOURCE", "Part", "take_back"]
