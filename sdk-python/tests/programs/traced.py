"""A task that calls a tool which tells the trace that it is in."""

from capsule import task, tool

seen: list[str] = []


@tool
def trace_of_tool() -> str:
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    seen.append(f"{context.trace_id:032x}")
    return f"{context.trace_id:032x}-{context.span_id:016x}"


@tool
async def trace_of_async_tool() -> str:
    return trace_of_tool()


@task(tools=[trace_of_tool, trace_of_async_tool])
def ask(name: str) -> str:
    return trace_of_tool() if name == "plain" else trace_of_async_tool()  # type: ignore[return-value]
