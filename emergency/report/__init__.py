"""The incident report: what an alert leaves behind on paper, as PDF and as CSV."""
