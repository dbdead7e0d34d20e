package dev.capsule.sidecar.trace;

/**
 * Names of attributes and events, as <a
 * href="https://github.com/open-telemetry/semantic-conventions/tree/v1.41.0">OpenTelemetry's
 * semantic conventions 1.41</a> have them, the last release with those for generative AI in it.
 * What they have no name for begins with {@code capsule.}
 */
public final class Names {
  /** Says which version of the conventions is meant. */
  public static final String SCHEMA = "https://opentelemetry.io/schemas/1.41.0";

  public static final String GEN_AI_OPERATION = "gen_ai.operation.name";
  public static final String GEN_AI_TOOL = "gen_ai.tool.name";
  public static final String GEN_AI_TOOL_TYPE = "gen_ai.tool.type";
  public static final String GEN_AI_TOOL_ARGUMENTS = "gen_ai.tool.call.arguments";
  public static final String GEN_AI_TOOL_RESULT = "gen_ai.tool.call.result";
  public static final String GEN_AI_WORKFLOW = "gen_ai.workflow.name";

  public static final String HTTP_METHOD = "http.request.method";
  public static final String HTTP_METHOD_ORIGINAL = "http.request.method_original";
  public static final String HTTP_STATUS = "http.response.status_code";
  public static final String HTTP_SENT = "http.request.body.size";
  public static final String HTTP_RECEIVED = "http.response.body.size";
  public static final String URL = "url.full";
  public static final String SERVER_ADDRESS = "server.address";
  public static final String SERVER_PORT = "server.port";

  public static final String CODE_FUNCTION = "code.function.name";
  public static final String CODE_FILE = "code.file.path";
  public static final String CODE_LINE = "code.line.number";
  public static final String FILE_PATH = "file.path";

  public static final String ERROR_TYPE = "error.type";
  public static final String ERROR_MESSAGE = "error.message";
  public static final String EXCEPTION = "exception";
  public static final String EXCEPTION_TYPE = "exception.type";
  public static final String EXCEPTION_MESSAGE = "exception.message";
  public static final String EXCEPTION_STACK = "exception.stacktrace";

  public static final String RUN_ID = "capsule.run_id";
  public static final String WORKFLOW_ID = "capsule.workflow_id";
  public static final String WORKFLOW_FOUND = "capsule.workflow.found";
  public static final String STEP_ID = "capsule.step_id";
  public static final String REPLAYED = "capsule.replayed";
  public static final String LANGUAGE = "capsule.language";
  public static final String DEPTH = "capsule.depth";
  public static final String ATTEMPT = "capsule.attempt";
  public static final String RETRIES = "capsule.retries";
  public static final String FUEL = "capsule.fuel.used";
  public static final String MEMORY = "capsule.memory.peak";
  public static final String QUEUE_NS = "capsule.queue_ns";
  public static final String INSTANTIATE_NS = "capsule.instantiate_ns";
  public static final String RUN_NS = "capsule.run_ns";
  public static final String SERIALIZE_NS = "capsule.serialize_ns";
  public static final String ARGUMENTS = "capsule.arguments";
  public static final String RESULT = "capsule.result";
  public static final String LOWERED = "capsule.limits.lowered";

  /** What a task is held to, by the name of its option. */
  public static final String LIMIT = "capsule.limit.";

  /** Who says so, where somebody does. */
  public static final String ORIGIN = "capsule.origin.";

  public static final String FILE_MODE = "capsule.file.mode";
  public static final String FILE_READ = "capsule.file.read_bytes";
  public static final String FILE_WRITTEN = "capsule.file.written_bytes";
  public static final String OPENINGS_LEFT_OUT = "capsule.file.openings_left_out";

  public static final String OUTPUT = "capsule.output";
  public static final String OUTPUT_STREAM = "capsule.output.stream";
  public static final String OUTPUT_OFFSET = "capsule.output.offset";
  public static final String OUTPUT_TEXT = "capsule.output.text";
  public static final String STDOUT_BYTES = "capsule.stdout.bytes";
  public static final String STDERR_BYTES = "capsule.stderr.bytes";
  public static final String OUTPUT_LEFT_OUT = "capsule.output.left_out_bytes";

  /** Of a trace's outermost span: how many it has, with itself. */
  public static final String SPANS = "capsule.spans";

  public static final String SPANS_LEFT_OUT = "capsule.spans.left_out";

  private Names() {}
}
