"""One module for each part: ``measure(run)`` yields the part's figures."""
