from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bundling import request
from component import failed, value
from sandbox import Guest

SDK = 'import { task, taskRef, tool, run, TaskError } from "@capsule/sdk";\n'


def test_a_task_runs_in_a_fresh_sandbox(guest: Guest) -> None:
    source = "let count = 0; export const main = (x) => ({ x, count: ++count });"
    for _ in range(2):
        assert value(guest.call(source, [1, "ü", None])) == {"x": [1, "ü", None], "count": 1}


@pytest.mark.parametrize(
    "source",
    [
        "export function main() { return 1 }",
        "export async function main() { await null; return 1 }",
        "export default function main() { return 1 }",
        "export default { main: () => 1 };",
        "export const main = () => ({ then: (resolve) => resolve(1) });",
        SDK + 'export const other = task({ name: "main" }, () => 1);',
        SDK + "task(function main() { return 1 });",
    ],
)
def test_what_main_may_be(guest: Guest, source: str) -> None:
    assert value(guest.call(source)) == 1


def test_keyword_arguments_are_one_last_object(guest: Guest) -> None:
    source = "export const main = (...args) => args;"
    assert value(guest.call(source, 1, kwargs={"a": 2})) == [1, {"a": 2}]
    assert value(guest.call(source, kwargs={"__proto__": {"x": 1}, "constructor": 2})) == [
        {"__proto__": {"x": 1}, "constructor": 2}
    ]
    assert value(guest.call(source)) == []


def test_a_task_is_told_where_it_stands(guest: Guest) -> None:
    source = 'import { context } from "@capsule/sdk"; export const main = () => context();'
    told = {"run_id": "r-1", "attempt": 2, "trace_id": "t", "workflow_id": "w", "step_id": "w/1"}
    seen = {"runId": "r-1", "attempt": 2, "traceId": "t", "workflowId": "w", "stepId": "w/1"}
    assert value(guest.call(source, context=told)) == seen
    assert value(guest.call(source)) == dict.fromkeys(seen)


@pytest.mark.parametrize("name", ["workflow", "step"])
def test_workflows_are_for_the_outside(guest: Guest, name: str) -> None:
    source = f'import {{ {name} }} from "@capsule/sdk"; export const main = async () => await {name}("x", () => 1);'
    error = failed(guest.call(source), "task_error")
    assert error["message"].startswith(f"{name}() journals what your program does; inside a sandbox call the task")


def test_tasks_run_side_by_side(guest: Guest) -> None:
    guest.tasks["double"] = lambda x: 2 * x
    source = (
        SDK
        + """
        const double = task({ name: "double", timeout: "1s" }, (x) => 0);
        export const main = task({ name: "main" }, async () => [
          await Promise.all([1, 2, 3].map((x) => double(x))), await double.map([4, 5]), double.taskName, double.name,
        ]);
        """
    )
    assert value(guest.call(source)) == [[2, 4, 6], [8, 10], "double", "double"]
    assert guest.max_at_once == 3


def test_map_keeps_a_window_and_stops_at_the_first_failure(guest: Guest) -> None:
    guest.tasks["same"] = lambda x: x
    source = SDK + 'const t = taskRef("same"); export const main = (n) => t.map(Array(n).keys());'
    assert value(guest.call(source, 1200)) == list(range(1200))
    assert guest.max_at_once <= 500
    guest.reset()

    def fail(x: int) -> Any:
        raise ValueError(str(x))

    guest.tasks["same"] = fail
    error = failed(guest.call(source, 1200), "task_error")
    assert error["message"] == "same: ValueError: 0"
    assert len(guest.cancelled) == 0 or guest.max_at_once <= 500


def test_a_failed_task_throws_its_error(guest: Guest) -> None:
    def bad() -> Any:
        raise KeyError("no")

    guest.tasks["bad"] = bad
    source = (
        SDK
        + """
        const bad = taskRef("bad");
        export async function main() {
          try { await bad() } catch (e) {
            return [e instanceof TaskError, e instanceof Error, e.name, e.type, e.className, e.task, e.message];
          }
        }
        """
    )
    assert value(guest.call(source)) == [True, True, "TaskError", "task_error", "KeyError", "bad", "'no'"]
    error = failed(guest.call(SDK + 'export const main = () => taskRef("bad")();'), "task_error")
    assert (error["class"], error["message"]) == ("TaskError", "bad: KeyError: 'no'")


def test_arguments_that_are_not_json(guest: Guest) -> None:
    source = SDK + 'const t = taskRef("x"); export const main = () => t(1, { f: [() => 1] });'
    error = failed(guest.call(source), "task_error")
    assert error["class"] == "InvalidArguments"
    assert error["message"].startswith("x: args[1].f[0] is a function")


def test_while_loading_a_call_starts_nothing(guest: Guest) -> None:
    source = (
        SDK
        + """
        export const add = task({ name: "add" }, (a, b) => a + b);
        console.log(await Promise.race([add(1, 2), run({ file: "x.ts" })]));
        task({ name: "late" }, () => 1);
        """
    )
    assert value(guest.call(source, 3, 4, task="add")) == 7
    assert guest.sandbox.stdout == []
    error = failed(guest.call(source, task="late"), "task_not_found")
    assert "declared after the first top-level await of the task add" in error["message"]
    assert [each["name"] for each in value(guest.describe(source))["tasks"]] == ["add"]


def test_intervals_do_not_keep_a_module_loading(guest: Guest) -> None:
    source = (
        SDK
        + """
        const add = task({ name: "add" }, (a, b) => a + b);
        const spinner = setInterval(() => {}, 1);
        await add(1, 2);
        clearInterval(spinner);
        """
    )
    assert value(guest.call(source, 3, 4, task="add")) == 7


def test_a_top_level_await_that_ends_is_waited_for(guest: Guest) -> None:
    source = "const x = await new Promise((r) => setTimeout(r, 5, 42)); export const main = () => x;"
    assert value(guest.call(source)) == 42
    never = failed(guest.call("await new Promise(() => {}); export const main = () => 1;"), "source_error")
    assert "a top-level await can never end" in never["message"]


def test_names_that_are_for_the_program_outside(guest: Guest) -> None:
    for use in (
        *("run({})", "close()", "new Capsule().run({})", "taskRef('a').envelope()", "taskRef('a').using({})()"),
        *("runPython('1')", "runJavaScript('1')", "Session.open('python')"),
    ):
        error = failed(
            guest.call(
                'import { run, close, Capsule, runJavaScript, runPython, Session, taskRef } from "@capsule/sdk";'
                f"export const main = async () => await {use};"
            ),
            "task_error",
        )
        assert "inside a sandbox call the task itself" in error["message"]


def test_views_of_tasks_may_be_made_at_the_top_level(guest: Guest) -> None:
    source = (
        SDK + 'const t = task({ name: "t" }, () => 1); const quick = t.using({ timeout: 1 }); await quick.envelope();'
    )
    assert value(guest.call(source, task="t")) == 1


def test_a_program_can_tell_that_it_is_inside(guest: Guest) -> None:
    source = 'import { inSandbox } from "@capsule/sdk"; export const main = () => inSandbox;'
    assert value(guest.call(source)) is True


def test_tools(guest: Guest) -> None:
    guest.tools["search"] = lambda query: [query]
    source = SDK + "const search = tool(async function search(q) {}); export const main = (q) => search(q);"
    assert value(guest.call(source, "x")) == ["x"]
    denied = SDK + "const other = tool(async function other() {}); export const main = () => other();"
    error = failed(guest.call(denied), "task_error")
    assert error["class"] == "PolicyDenied"
    assert "tools: [other]" in error["message"]

    def fail(query: str) -> Any:
        raise ConnectionError("down")

    guest.tools["search"] = fail
    error = failed(guest.call(source, "x"), "task_error")
    assert (error["class"], error["message"]) == ("ToolError", "search: ConnectionError: down")


def test_describe(guest: Guest, tmp_path: Path) -> None:
    main = """import { task, tool } from "@capsule/sdk";
import { helper } from "./helper";
const search = tool(async (q: string) => [q] as string[]);
export const add = task({ name: "add", maxRetries: 2, allowedFiles: ["a:ro"], timeout: undefined },
  async (a: number, b: Map<string, number> = new Map(), ...rest: string[]): Promise<number> => helper(a));
const named = tool({ name: "find" }, async (q: string) => q);
export const two = task({ name: "two", tools: [named, "x"], tasks: [add] }, function inner(x: string) { return x; });
"""
    files = {"main": main.replace("const search = tool(async (q: string) => [q] as string[]);\n", "")}
    reply = value(request(guest, tmp_path, "describe", **files, helper="export const helper = (x: number) => x;"))
    assert reply["entry"] is None
    add, two = reply["tasks"]
    assert add == {
        "name": "add",
        "function": "add",
        "file": "main.ts",
        "line": 4,
        "signature": "(a: number, b: Map<string, number> = new Map(), ...rest: string[])",
        "options": {"max_retries": 2, "allowed_files": ["a:ro"]},
    }
    assert two["signature"] == "(x: string)"
    assert two["options"] == {"tools": ["find", "x"], "tasks": ["add"]}
    assert (two["file"], two["line"]) == ("main.ts", 6)


def test_entries(guest: Guest) -> None:
    one = SDK + 'task({ name: "only" }, () => 1); export function main() {}'
    assert value(guest.describe(one))["entry"] == "only"
    assert value(guest.describe("export function main(a, b) {}")) == {
        "tasks": [
            {
                "name": "main",
                "function": "main",
                "file": "main.ts",
                "line": 1,
                "signature": "(arg1, arg2)",
                "options": {},
            }
        ],
        "entry": "main",
    }
    assert value(guest.describe("export const x = 1;")) == {"tasks": [], "entry": None}


@pytest.mark.parametrize(
    ("declaration", "message"),
    [
        ("task({}, () => 1)", "a task needs a name"),
        ("task({ name: 5 }, () => 1)", "a task needs a name"),
        ("task('x')", "use task(fn) or task({ name, timeout, … }, fn)"),
        ("task({ name: 'x' }, () => 1); task({ name: 'x' }, () => 2)", "two tasks have the name"),
        ("tool({ name: '' }, () => 1)", "a tool needs a name"),
        ("taskRef()", "taskRef takes the name of a task"),
    ],
)
def test_wrong_declarations(guest: Guest, declaration: str, message: str) -> None:
    error = failed(guest.describe(SDK + declaration), "source_error")
    assert message in error["message"]
    assert error["message"].startswith("main.ts:2: TypeError")
    assert error["line"] == 2


def test_options_that_are_not_json(guest: Guest) -> None:
    error = failed(guest.describe(SDK + 'task({ name: "x", timeout: () => 1 }, () => 1);'), "source_error")
    assert error["message"].startswith('main.ts:2: task "x": option timeout is a function')


def test_a_task_that_is_not_there(guest: Guest) -> None:
    source = SDK + 'task({ name: "summarize" }, () => 1);'
    error = failed(guest.call(source, task="sumarize"), "task_not_found")
    assert error["message"] == 'the program has no task "sumarize"; did you mean summarize?'
    assert "it has no tasks" in failed(guest.call("1"), "task_not_found")["message"]
