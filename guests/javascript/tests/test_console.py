from __future__ import annotations

from component import value
from sandbox import MIB, Guest


def output(guest: Guest, statements: str) -> tuple[str, str]:
    assert value(guest.call(f"export const main = async () => {{ {statements} }};")) is None
    streams = (guest.sandbox.stdout, guest.sandbox.stderr)
    out, err = (b"".join(stream).decode() for stream in streams)
    return out, err


def test_streams_and_formats(guest: Guest) -> None:
    out, err = output(
        guest,
        """
        console.log("%s is %d, %i, %f, %j, %o%%", "a", 1.5, 1.5, "2.5", { x: 1 }, [1], "more");
        console.info(new Map([["k", new Set([1])]]), null, undefined, Symbol("s"), 5n, -0);
        console.debug({ a: { b: { c: { d: 1 } } } });
        console.warn("warned"); console.error(new RangeError("shown").message); console.log();
        """,
    )
    assert out.split("\n") == [
        'a is 1.5, 1, 2.5, {"x":1}, [ 1, [length]: 1 ]% more',
        "Map(1) { 'k' => Set(1) { 1 } } null undefined Symbol(s) 5n -0",
        "{ a: { b: { c: [Object] } } }",
        "",
        "",
    ]
    assert err == "warned\nshown\n"


def test_errors_are_shown_with_their_stack(guest: Guest) -> None:
    out, _ = output(guest, "console.log(new RangeError('shown'))")
    assert out.startswith("RangeError: shown\n    at main (main.ts:1:")


def test_groups_counts_and_assertions(guest: Guest) -> None:
    out, err = output(
        guest,
        """
        console.group("g"); console.log("in\\nside"); console.group(); console.log("deep"); console.groupEnd();
        console.groupEnd(); console.groupEnd(); console.log("out");
        console.count(); console.count(); console.countReset(); console.count("x");
        console.assert(true, "no"); console.assert(false, "yes %d", 1); console.assert(false);
        console.time("t"); console.timeEnd("t"); console.timeEnd("t"); console.dir({ a: 1 });
        """,
    )
    lines = out.split("\n")
    assert lines[:8] == ["g", "  in", "  side", "    deep", "out", "default: 1", "default: 2", "x: 1"]
    assert lines[8].startswith("t: ")
    assert lines[8].endswith("ms")
    assert lines[9:] == ["{ a: 1 }", ""]
    assert err.split("\n")[:2] == ["Assertion failed: yes 1", "Assertion failed"]
    assert "No such label 't'" in err


def test_tables(guest: Guest) -> None:
    out, _ = output(guest, "console.table([{ a: 1, b: 'x' }, { a: 22 }, 5])")
    assert out.split("\n") == [
        "┌─────────┬────┬─────┬────────┐",
        "│ (index) │ a  │ b   │ Values │",
        "├─────────┼────┼─────┼────────┤",
        "│ 0       │ 1  │ 'x' │        │",
        "│ 1       │ 22 │     │        │",
        "│ 2       │    │     │ 5      │",
        "└─────────┴────┴─────┴────────┘",
        "",
    ]


def test_lines_stream_as_they_end(guest: Guest) -> None:
    guest.tasks["t"] = lambda: 1
    source = """
    import { taskRef } from "@capsule/sdk";
    export const main = async () => { console.log("one"); process.stdout.write("part"); await taskRef("t")(); console.log("!") };
    """
    assert value(guest.call(source)) is None
    assert guest.seen_at_wait == [b"one\npart"]
    assert guest.sandbox.stdout == [b"one\n", b"part", b"!\n"]


def test_the_streams_keep_their_order(guest: Guest) -> None:
    order: list[bytes] = []
    source = "export const main = () => { for (let i = 0; i < 2000; i++) { console.log(i); console.error(i) } };"
    assert value(guest.call(source)) is None
    order = guest.sandbox.stdout
    assert b"".join(order) == b"".join(b"%d\n" % n for n in range(2000))
    assert b"".join(guest.sandbox.stderr) == b"".join(b"%d\n" % n for n in range(2000))


def test_output_of_a_failing_task_is_not_lost(guest: Guest) -> None:
    reply = guest.call("export const main = () => { process.stdout.write('x'); throw new Error('y') };")
    assert reply["error"]["message"] == "y"
    assert guest.sandbox.stdout == [b"x"]


def test_50_mb_stream_through(guest: Guest) -> None:
    source = "export const main = () => { const line = 'x'.repeat(1023); for (let i = 0; i < 51200; i++) console.log(line) };"
    assert value(guest.call(source, ram=64 * MIB)) is None
    assert sum(len(part) for part in guest.sandbox.stdout) == 50 * MIB
    assert len(guest.sandbox.stdout) < 25_000


def test_any_text_can_be_printed(guest: Guest) -> None:
    out, _ = output(guest, "console.log('\\ud800 ü \\u0000 😀'); process.stdout.write(new Uint8Array([195, 188]));")
    assert out == "\ufffd ü \0 😀\nü"
