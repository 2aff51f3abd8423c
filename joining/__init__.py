"""How people come to belong to an estate: they ask, are invited, or are taken into a household."""
