"""The doors to staff: duty and guard posts."""
