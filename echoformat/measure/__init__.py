"""The shelf of measures: pure functions of arrays of counts and shares, no text patterns."""
