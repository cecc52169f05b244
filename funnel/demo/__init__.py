"""The demo company: pure script of a year (names, market, hours, acts) and the synthetic company for benches."""
