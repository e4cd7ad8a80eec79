"""Pictures: bytes into pixels; ink and strokes into 28x28 images."""
