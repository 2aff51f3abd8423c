"""One verb per function: codes, requests, invitations, households."""
