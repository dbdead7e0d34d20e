"""Entry of the component: gives the WIT world's exports to the runner. All else is in `capsule_guest`."""

import wit_world
from componentize_py_types import Err

from capsule_guest import boot

boot.prepare()


class WitWorld(wit_world.WitWorld):
    """The world `interpreter` of guests/wit/capsule.wit."""

    def run(self, request: str) -> str:
        return boot.run(request)

    def compile(self, request: str) -> str:
        try:
            return boot.compile_module(request)
        except boot.Rejected as rejected:
            raise Err(rejected.error) from None
