from component import component, guest

__all__ = ["component", "guest"]
