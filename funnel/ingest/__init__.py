"""Files into transitions: decoding, columns, matching, one stored outcome per row."""
