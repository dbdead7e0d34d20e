def greet(whom: str) -> str:
    return f"hello from a sibling module, {whom}"
