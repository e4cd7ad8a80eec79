"""Digit Lab's core: reads handwritten digits, and trains the models that do it."""
