"""Pages of handwritten numbers made by code, with labels: crops to train on, whole pages."""

from mnist_core.synthesis.pages.hands import Specimens
from mnist_core.synthesis.pages.labels import Mark, Page
from mnist_core.synthesis.pages.pages import KINDS, make_crop, make_page

__all__ = ["KINDS", "Mark", "Page", "Specimens", "make_crop", "make_page"]
