"""The build driver: brings build/ up to date, with nothing but Python's standard library."""
