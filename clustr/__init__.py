"""The composition root: settings, addresses, servers. Nothing imports it."""
