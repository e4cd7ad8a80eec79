"""PDF documents, rendered page by page in a process of their own."""

from mnist_core.pictures.pdf.document import open_pdf

__all__ = ["open_pdf"]
