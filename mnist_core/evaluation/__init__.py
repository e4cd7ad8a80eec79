"""How well models read: metrics, robustness, measurements, explanations."""
