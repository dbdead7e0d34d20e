package dev.capsule.sidecar.rpc;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import dev.capsule.protocol.CancelParams;
import dev.capsule.protocol.ClientInfo;
import dev.capsule.protocol.DescribeConfigParams;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.InitializeParams;
import dev.capsule.protocol.InitializeResult;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.ListTracesParams;
import dev.capsule.protocol.LoadProgramParams;
import dev.capsule.protocol.Method;
import dev.capsule.protocol.RawJson;
import dev.capsule.protocol.ReadTraceParams;
import dev.capsule.protocol.RunTaskParams;
import dev.capsule.sidecar.rpc.FrameReader.Frame;
import dev.capsule.sidecar.task.RequestException;
import dev.capsule.sidecar.task.TaskService;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One client, from its first byte to its last. The reader's thread only reads: every request goes
 * to a virtual thread.
 */
public final class Connection {
  public static final int MAX_MESSAGE_BYTES = 64 << 20;
  private static final String PROTOCOL_VERSION = "0.1";
  private static final int MAX_SHOWN = 100;

  private final FrameReader in;
  private final Outbox out;
  private final TaskService service;
  private final String version;
  private final LongConsumer clientProcess;
  private final Log log;
  private final ClientRequests requests;
  private final WorkflowRequests workflows;
  private final SessionRequests sessions;
  private final ClientTraces traces;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final InFlight inFlight = InFlight.ofThisProcess();
  private final Map<RawJson, PendingRequest> pending = new ConcurrentHashMap<>();

  /** What is taken up in the order in which it came; of the reader's thread. */
  private CompletableFuture<Void> ordered = CompletableFuture.completedFuture(null);

  private boolean initialized;
  private boolean shutDown;

  /**
   * @param version of this sidecar
   * @param clientProcess told the process with which this one is to end
   * @param log told of every request, without what it holds
   */
  Connection(
      FrameReader in,
      Outbox out,
      TaskService service,
      String version,
      LongConsumer clientProcess,
      Log log) {
    this.log = log;
    this.in = in;
    this.out = out;
    this.service = service;
    this.requests = new ClientRequests(out);
    this.workflows = new WorkflowRequests(service, out);
    this.sessions = new SessionRequests(service, out, requests, this::progress);
    this.traces = new ClientTraces(out, service.traces().tracing(), log);
    this.version = version;
    this.clientProcess = clientProcess;
  }

  /**
   * Serves the client until it leaves; every task that still runs is stopped then.
   *
   * @return the process's exit status
   */
  public int serve() {
    out.sparesReader();
    try {
      while (true) {
        switch (in.next()) {
          case Frame.Body(byte[] bytes) -> {
            if (!accept(Incoming.parse(bytes))) {
              return shutDown ? 0 : 1;
            }
          }
          case Frame.TooLong(long bytes) ->
              out.error(
                  null,
                  ErrorCode.INVALID_REQUEST,
                  "a message of " + bytes + " bytes: at most " + MAX_MESSAGE_BYTES + " are taken",
                  null);
          case Frame.Broken(String why) -> {
            out.error(null, ErrorCode.INVALID_REQUEST, why, null);
            return 1;
          }
          case Frame.End ignored -> {
            return 0;
          }
        }
      }
    } catch (IOException e) {
      return 1;
    } finally {
      pending.values().forEach(PendingRequest::cancel);
      requests.close();
      workflows.close();
      sessions.close();
    }
  }

  /** Takes a message; false if it was the last. */
  private boolean accept(Incoming message) {
    switch (message) {
      case Incoming.Request request -> request(request);
      case Incoming.Notification(String method, RawJson params) -> {
        if (method.equals(Method.EXIT)) {
          return false;
        }
        if (method.equals(Method.CANCEL_REQUEST) && params != null) {
          cancel(params);
        } else if (method.equals(Method.SET_TRACE) && params != null) {
          traces.set(params);
        } else if (method.equals(Method.WORKFLOW_REPLAYED) && params != null) {
          workflows.replayed(params);
        }
      }
      case Incoming.Response response -> workers.execute(() -> requests.answered(response));
      case Incoming.Unreadable(String why) -> out.error(null, ErrorCode.PARSE_ERROR, why, null);
      case Incoming.Invalid(RawJson id, String why) ->
          out.error(id, ErrorCode.INVALID_REQUEST, why, null);
    }
    return true;
  }

  private void request(Incoming.Request request) {
    RawJson id = request.id();
    String method = request.method();
    if (log.isDebug()) {
      log.debug("request", "method", shortened(method), "id", id, "bytes", size(request));
    }
    if (!initialized && !method.equals(Method.INITIALIZE)) {
      out.error(id, ErrorCode.NOT_INITIALIZED, "initialize must come first", null);
    } else if (shutDown) {
      out.error(id, ErrorCode.INVALID_REQUEST, "nothing is taken after shutdown", null);
    } else {
      switch (method) {
        case Method.INITIALIZE -> initialize(request);
        case Method.SHUTDOWN -> {
          shutDown = true;
          pending.values().forEach(PendingRequest::cancel);
          traces.flush(); // whoever has the answer may end this process
          out.reply(id, null);
        }
        case Method.LOAD_PROGRAM,
            Method.RUN_TASK,
            Method.DESCRIBE_CONFIG,
            Method.LIST_TRACES,
            Method.READ_TRACE ->
            work(request);
        default -> {
          if (WorkflowRequests.METHODS.contains(method)
              || SessionRequests.METHODS.contains(method)) {
            work(request);
          } else {
            out.error(id, ErrorCode.METHOD_NOT_FOUND, "there is no method " + method, null);
          }
        }
      }
    }
  }

  private void initialize(Incoming.Request request) {
    if (initialized) {
      out.error(request.id(), ErrorCode.INVALID_REQUEST, "initialize comes only once", null);
      return;
    }
    try {
      InitializeParams params = params(request, InitializeParams.class);
      Long process = params.processId();
      if (process != null && process <= 0) {
        throw RequestException.invalid(
            "processId", process.toString(), "must be the id of a process, or null");
      }
      initialized = true;
      service.traces().prefer(params.trace());
      service.prepare(params.languages());
      if (process != null) {
        clientProcess.accept(process);
      }
      out.reply(
          request.id(),
          new InitializeResult(
              PROTOCOL_VERSION,
              new ClientInfo("capsule", version),
              service.languages(),
              MAX_MESSAGE_BYTES));
    } catch (RequestException e) {
      out.error(request.id(), e.code(), String.valueOf(e.getMessage()), e.data());
    }
  }

  private void work(Incoming.Request request) {
    PendingRequest entry = new PendingRequest(size(request));
    if (pending.putIfAbsent(request.id(), entry) != null) {
      out.error(
          request.id(),
          ErrorCode.INVALID_REQUEST,
          "the id " + request.id() + " is in use by a request that is not answered yet",
          null);
      return;
    }
    String refusal = inFlight.enter(entry.size());
    if (refusal != null) {
      pending.remove(request.id());
      refuse(request, refusal);
      return;
    }
    if (SessionRequests.ORDERED.contains(request.method())) {
      ordered = ordered.thenRunAsync(() -> work(request, entry), workers);
    } else {
      workers.execute(() -> work(request, entry));
    }
  }

  /** Answers at once, on the reader's thread: a client that sends too much is read more slowly. */
  private void refuse(Incoming.Request request, String why) {
    RawJson id = request.id();
    if (!request.method().equals(Method.RUN_TASK)) {
      out.error(id, ErrorCode.OVERLOADED, why, null);
      return;
    }
    try {
      out.reply(id, service.overloaded(params(request, RunTaskParams.class), why));
    } catch (RequestException e) {
      out.error(id, e.code(), String.valueOf(e.getMessage()), e.data());
    }
  }

  private void work(Incoming.Request request, PendingRequest entry) {
    RawJson id = request.id();
    try {
      if (request.method().equals(Method.LOAD_PROGRAM)) {
        LoadProgramParams params = params(request, LoadProgramParams.class);
        entry.started(Thread.currentThread()::interrupt);
        answer(id, entry, service.loadProgram(params, this::progress));
        return;
      }
      if (request.method().equals(Method.DESCRIBE_CONFIG)) {
        DescribeConfigParams params = params(request, DescribeConfigParams.class);
        entry.started(Thread.currentThread()::interrupt);
        answer(id, entry, service.describeConfig(params, this::progress));
        return;
      }
      if (request.method().equals(Method.LIST_TRACES)) {
        answer(id, entry, service.traces().list(params(request, ListTracesParams.class)));
        return;
      }
      if (request.method().equals(Method.READ_TRACE)) {
        answer(id, entry, service.traces().read(params(request, ReadTraceParams.class)));
        return;
      }
      if (SessionRequests.METHODS.contains(request.method())) {
        answerLater(id, entry, sessions.handle(request, entry));
        return;
      }
      if (!request.method().equals(Method.RUN_TASK)) {
        answerLater(id, entry, workflows.handle(request));
        return;
      }
      RunTaskParams params = params(request, RunTaskParams.class);
      if (service.mustReadFirst(params)) {
        entry.started(Thread.currentThread()::interrupt);
        service.readFirst(params);
        boolean _ = Thread.interrupted(); // it is told below, too, when it is cancelled
      }
      TaskService.Running running =
          service.runTask(params, new TaskNotifications(out, events(params.events())), requests);
      answerLater(id, entry, running.envelope());
      entry.started(running::cancel);
    } catch (Throwable e) {
      failed(id, entry, e);
    }
  }

  private void answerLater(
      RawJson id, PendingRequest entry, CompletableFuture<? extends @Nullable Object> result) {
    var _ =
        result
            .thenAccept(value -> answer(id, entry, value))
            .exceptionally(e -> {
              failed(
                  id,
                  entry,
                  e instanceof CompletionException && e.getCause() != null ? e.getCause() : e);
              return null;
            });
  }

  private void progress(String message) {
    JsonObject params = new JsonObject();
    params.addProperty("message", message);
    out.notification(Method.PROGRAM_PROGRESS, params);
  }

  private void answer(RawJson id, PendingRequest entry, @Nullable Object result) {
    over(id, entry);
    if (entry.isCancelled() && !entry.tellsCancelled()) {
      cancelled(id);
    } else {
      out.reply(id, result);
    }
  }

  /** Every request is answered, whatever went wrong. */
  private void failed(RawJson id, PendingRequest entry, Throwable cause) {
    over(id, entry);
    if (entry.isCancelled()) {
      cancelled(id);
    } else if (cause instanceof RequestException e) {
      out.error(id, e.code(), String.valueOf(e.getMessage()), e.data());
    } else {
      log.fault("a request failed", cause);
      out.error(id, ErrorCode.INTERNAL_ERROR, "a fault of Capsule: " + cause, null);
    }
  }

  private static int size(Incoming.Request request) {
    RawJson params = request.params();
    return params == null ? 0 : params.text().length();
  }

  private static String shortened(String method) {
    return method.length() <= MAX_SHOWN ? method : method.substring(0, MAX_SHOWN);
  }

  private void over(RawJson id, PendingRequest entry) {
    if (pending.remove(id, entry)) {
      inFlight.leave(entry.size());
      if (log.isDebug()) {
        log.debug("answered", "id", id, "ms", entry.milliseconds());
      }
    }
  }

  private void cancelled(RawJson id) {
    out.error(id, ErrorCode.CANCELLED, "the request was cancelled", null);
  }

  static <T> T params(Incoming.Request request, Class<T> type) {
    RawJson params = request.params();
    try {
      if (params != null && !params.isObject()) {
        throw RequestException.invalid("params", null, "must be an object");
      }
      return Json.gson().fromJson(params == null ? "{}" : params.text(), type);
    } catch (JsonParseException | IllegalStateException e) {
      throw RequestException.invalid(
          "params", null, "does not fit " + request.method() + ": " + Json.problem(e));
    }
  }

  static List<String> events(@Nullable List<String> asked) {
    if (asked == null) {
      return List.of(TaskNotifications.OUTPUT);
    }
    for (int i = 0; i < asked.size(); i++) {
      if (asked.get(i) == null || !TaskNotifications.ALL.contains(asked.get(i))) {
        throw RequestException.invalid(
            "events[" + i + "]",
            Json.gson().toJson(asked.get(i)),
            "must be one of " + TaskNotifications.ALL);
      }
    }
    return asked;
  }

  private void cancel(RawJson params) {
    try {
      CancelParams cancel = Json.gson().fromJson(params.text(), CancelParams.class);
      PendingRequest entry = cancel.id() == null ? null : pending.get(cancel.id());
      if (entry != null) {
        entry.cancel();
      }
    } catch (JsonParseException | IllegalStateException e) {
      log.info("a cancellation that names no request: " + params);
    }
  }
}
