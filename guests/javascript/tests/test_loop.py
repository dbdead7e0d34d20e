from __future__ import annotations

from component import failed, value
from sandbox import Guest

SDK = 'import { task, taskRef, tool } from "@capsule/sdk";\n'


def test_timers_run_in_order(guest: Guest) -> None:
    source = """
    export const main = async () => {
      const seen = [];
      setTimeout(() => seen.push("20"), 20);
      setTimeout(() => { seen.push("1a"); queueMicrotask(() => seen.push("micro")) }, 1);
      setTimeout(() => seen.push("1b"), 1);
      setImmediate(() => seen.push("immediate"));
      const gone = setTimeout(() => seen.push("gone"), 2); clearTimeout(gone);
      const number = +setTimeout(() => seen.push("gone too"), 2); clearTimeout(number);
      let count = 0;
      await new Promise((resolve) => { const i = setInterval(() => { if (++count === 3) { clearInterval(i); resolve() } }, 2) });
      await new Promise((resolve) => setTimeout(resolve, 25, "x"));
      return [seen, count];
    };
    """
    assert value(guest.call(source)) == [["immediate", "1a", "micro", "1b", "20"], 3]


def test_many_timers(guest: Guest) -> None:
    source = """
    export const main = async () => {
      const order = [];
      const delays = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 20 + 1);
      const timers = delays.map((ms, i) => setTimeout(() => order.push([ms, i]), ms));
      timers.filter((_, i) => i % 3 === 0).forEach((t) => clearTimeout(t));
      await new Promise((r) => setTimeout(r, 60));
      const sorted = order.every(([ms, i], at) => at === 0 || order[at - 1][0] < ms || order[at - 1][1] < i);
      return [order.length, sorted];
    };
    """
    assert value(guest.call(source)) == [3333, True]


def test_tasks_tools_and_timers_wait_at_once(guest: Guest) -> None:
    guest.tasks["t"] = lambda: 1
    guest.tools["u"] = lambda: 2
    source = (
        SDK
        + """
        const t = taskRef("t"), u = tool(async function u() {});
        export const main = () => Promise.all([t(), u(), t(), new Promise((r) => setTimeout(r, 1, 3))]);
        """
    )
    assert value(guest.call(source)) == [1, 2, 1, 3]
    assert guest.max_at_once == 3


def test_what_is_left_running_is_stopped(guest: Guest) -> None:
    guest.never_ends.add("call")
    source = SDK + 'const t = taskRef("t"); export const main = async () => { t(); t(); return 1 };'
    assert value(guest.call(source)) == 1
    assert len(guest.cancelled) == 2


def test_a_timer_fires_while_a_task_runs(guest: Guest) -> None:
    guest.never_ends.add("call")
    source = (
        SDK
        + """
        const t = taskRef("t");
        export const main = () => Promise.race([t(), new Promise((r) => setTimeout(r, 5, "timer").unref())]);
        """
    )
    assert value(guest.call(source)) == "timer"


def test_nothing_goes_on_in_the_next_request(guest: Guest) -> None:
    from sandbox import MIB, Sandbox

    sandbox = Sandbox(guest, 64 * MIB)
    module = sandbox.compile(
        "let n = 0; export const main = () => { setInterval(() => n++, 1); setImmediate(() => n++); return n };"
    )
    request = {"op": "call", "modules": [module], "task": "main", "args": [], "kwargs": {}, "env": {}, "tools": []}
    assert [sandbox.run(request) for _ in range(3)] == [{"ok": 0}] * 3


def test_wrong_callbacks(guest: Guest) -> None:
    for call in ("setTimeout('x')", "setInterval()", "setImmediate(1)", "queueMicrotask(null)"):
        error = failed(guest.call(f"export const main = () => {call};"), "task_error")
        assert error["class"] == "TypeError"
