"""How every REST endpoint reads, answers, pages and fails."""
