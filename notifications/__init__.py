"""One row for each person, channel and step, written before anything is sent."""
