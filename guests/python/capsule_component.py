"""Entry of the component: gives the WIT world's exports to the runner. All else is in `capsule_guest`."""

import wit_world
from componentize_py_types import Err

from capsule_guest import boot

boot.prepare()

from capsule_guest import codeobjects, serve, wire  # noqa: E402  (after what prepares the heap for them)


class WitWorld(wit_world.WitWorld):
    """The world `interpreter` of guests/wit/capsule.wit."""

    def run(self, request: str) -> str:
        return serve.run(request)

    def compile(self, request: str) -> str:
        fields = wire.decode(request)
        try:
            return codeobjects.compile_source(fields["source"], fields["file"])
        except codeobjects.Rejected as rejected:
            raise Err(wire.encode_ascii(rejected.error)) from None
