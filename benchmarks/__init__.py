"""Measurements: accuracy on strokes, speed and memory, each beside a named alternative."""
