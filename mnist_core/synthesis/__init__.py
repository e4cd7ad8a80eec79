"""Synthetic handwriting, letters and non-digits."""
