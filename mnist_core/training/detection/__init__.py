"""The training of the detector: targets, loss, made crops, validation, loop."""
