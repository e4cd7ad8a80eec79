"""Made-up handwriting, letters and non-digits."""
