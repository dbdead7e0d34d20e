package dev.capsule.protocol;

/** The names of the protocol's requests and notifications. */
public final class Method {
  public static final String INITIALIZE = "initialize";
  public static final String INITIALIZED = "initialized";
  public static final String LOAD_PROGRAM = "loadProgram";
  public static final String RUN_TASK = "runTask";
  public static final String DESCRIBE_CONFIG = "describeConfig";
  public static final String LIST_TRACES = "listTraces";
  public static final String READ_TRACE = "readTrace";

  public static final String OPEN_WORKFLOW = "openWorkflow";
  public static final String CLOSE_WORKFLOW = "closeWorkflow";
  public static final String BEGIN_STEP = "beginStep";
  public static final String END_STEP = "endStep";
  public static final String RECORD_STEP = "recordStep";
  public static final String REPLAY_STEPS = "replaySteps";
  public static final String LIST_WORKFLOWS = "listWorkflows";
  public static final String DESCRIBE_WORKFLOW = "describeWorkflow";
  public static final String CANCEL_WORKFLOW = "cancelWorkflow";
  public static final String RESUME_WORKFLOW = "resumeWorkflow";
  public static final String REMOVE_WORKFLOWS = "removeWorkflows";

  public static final String RUN_SNIPPET = "runSnippet";
  public static final String OPEN_SESSION = "openSession";
  public static final String RUN_CELL = "runCell";
  public static final String COMPLETE_CODE = "completeCode";
  public static final String INSPECT_CODE = "inspectCode";
  public static final String PUT_FILE = "putFile";
  public static final String GET_FILE = "getFile";
  public static final String LIST_FILES = "listFiles";
  public static final String RESET_SESSION = "resetSession";
  public static final String CLOSE_SESSION = "closeSession";
  public static final String LIST_SESSIONS = "listSessions";
  public static final String FORK_SESSION = "forkSession";

  /** A notification of the client's. */
  public static final String WORKFLOW_REPLAYED = "workflow/replayed";

  /** From the sidecar to the client. */
  public static final String CALL_TOOL = "callTool";

  public static final String CANCEL_REQUEST = "$/cancelRequest";
  public static final String SET_TRACE = "$/setTrace";
  public static final String SHUTDOWN = "shutdown";
  public static final String EXIT = "exit";

  public static final String PROGRAM_PROGRESS = "program/progress";
  public static final String WORKFLOW_REVOKED = "workflow/revoked";
  public static final String TRACE = "trace";
  public static final String TASK_QUEUED = "task/queued";
  public static final String TASK_STARTED = "task/started";
  public static final String TASK_OUTPUT = "task/output";
  public static final String TASK_FINISHED = "task/finished";

  private Method() {}
}
