"""What tests and benchmarks share: the app in a browser, pens, pages to drive."""
