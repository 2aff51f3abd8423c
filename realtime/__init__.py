"""The live feed: the event log, the publisher, the broker, the hub and its sessions, receipts and presence."""
