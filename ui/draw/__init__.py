"""The draw page."""
