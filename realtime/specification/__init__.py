"""The published description of the live feed: AsyncAPI 3, made from the code's own types."""
