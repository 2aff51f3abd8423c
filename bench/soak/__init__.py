"""A whole deployment that is broken at random, and whether its clients heard everything: `clustr bench soak`."""
