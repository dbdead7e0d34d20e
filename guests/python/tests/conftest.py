from fake_host import fake_host, interpreter

__all__ = ["fake_host", "interpreter"]
