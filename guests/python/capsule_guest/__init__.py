"""The Python interpreter's side of the sandbox boundary.

Serves the requests of guests/README.md: loads the user's modules, runs a task, and turns what comes out into JSON.
User code shares this interpreter and can break all of it; the host is the guard, and this package only has to be
correct for code that does not attack it.
"""
