"""The demo's estate: a full cast, their homes, and two weeks of life, made through the same services as everything."""
