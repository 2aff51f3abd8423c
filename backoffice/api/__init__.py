"""Lists by REST."""
