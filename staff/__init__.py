"""Estate staff and domestic workers: who is on duty, who serves which home."""
