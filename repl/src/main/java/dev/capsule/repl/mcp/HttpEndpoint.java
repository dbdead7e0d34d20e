package dev.capsule.repl.mcp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Streamable HTTP: each message of a client is a POST. Nothing is looked at before the guard has
 * let it pass.
 */
final class HttpEndpoint implements HttpHandler {
  static final String PATH = "/mcp";

  private static final String SESSION = "Mcp-Session-Id";
  private static final String JSON = "application/json";
  private static final String EVENTS = "text/event-stream";
  private static final long MAX_BYTES = 128L * 1024 * 1024;

  private final HttpGuard guard;
  private final HttpClients clients;
  private final Supplier<Conversation> once;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param once makes a conversation for one request that says all of itself
   */
  HttpEndpoint(HttpGuard guard, HttpClients clients, Supplier<Conversation> once) {
    this.guard = guard;
    this.clients = clients;
    this.once = once;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        answer(exchange);
      } catch (Http.Refused e) {
        Http.send(exchange, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void answer(HttpExchange exchange)
      throws Http.Refused, IOException, InterruptedException {
    guard.check(exchange);
    if (!exchange.getRequestURI().toString().equals(PATH)) {
      throw new Http.Refused(Http.NOT_FOUND, "there is " + PATH + " only");
    }
    switch (exchange.getRequestMethod()) {
      case "POST" -> post(exchange);
      case "DELETE" -> delete(exchange);
      default -> {
        exchange.getResponseHeaders().set("Allow", "POST, DELETE");
        throw new Http.Refused(Http.NOT_ALLOWED, "POST sends a message, DELETE ends a session");
      }
    }
  }

  private void delete(HttpExchange exchange) throws Http.Refused, IOException {
    String session = session(exchange);
    if (!clients.end(session)) {
      throw unknownSession();
    }
    Http.send(exchange, Http.NO_CONTENT);
  }

  private static String session(HttpExchange exchange) throws Http.Refused {
    String session = Http.header(exchange, SESSION);
    if (session == null) {
      throw new Http.Refused(Http.BAD_REQUEST, "initialize first; then give " + SESSION);
    }
    return session;
  }

  private static Http.Refused unknownSession() {
    return new Http.Refused(
        Http.NOT_FOUND, "there is no such session, or it was idle for too long; initialize again");
  }

  private void post(HttpExchange exchange) throws Http.Refused, IOException, InterruptedException {
    checkTypes(exchange);
    int length = length(exchange);
    if (bytes.addAndGet(length) > MAX_BYTES) {
      bytes.addAndGet(-length);
      throw new Http.Refused(Http.UNAVAILABLE, "too much is under way; try again a little later");
    }
    try {
      receive(exchange, message(exchange, length), length);
    } finally {
      bytes.addAndGet(-length);
    }
  }

  private static void checkTypes(HttpExchange exchange) throws Http.Refused {
    String type = Http.header(exchange, "Content-Type");
    if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
      throw new Http.Refused(Http.UNSUPPORTED_TYPE, "a message is " + JSON);
    }
    String accepted =
        String.join(",", exchange.getRequestHeaders().getOrDefault("Accept", List.of()));
    if (!accepts(accepted, JSON) || !accepts(accepted, EVENTS)) {
      throw new Http.Refused(
          Http.NOT_ACCEPTABLE, "an answer is " + JSON + " or " + EVENTS + ": accept both");
    }
  }

  private static boolean accepts(String accepted, String type) {
    String any = type.substring(0, type.indexOf('/') + 1) + "*";
    return Arrays.stream(accepted.toLowerCase(Locale.ROOT).split(","))
        .map(each -> each.split(";", 2)[0].strip())
        .anyMatch(each -> each.equals(type) || each.equals(any) || each.equals("*/*"));
  }

  /** Known before anything is read, so that it is bounded what is kept. */
  private static int length(HttpExchange exchange) throws Http.Refused {
    String given = Http.header(exchange, "Content-Length");
    if (given == null || Http.header(exchange, "Transfer-Encoding") != null) {
      throw new Http.Refused(Http.LENGTH_REQUIRED, "say the length of the message");
    }
    if (!given.matches("[0-9]{1,9}") || Integer.parseInt(given) > McpServer.MAX_MESSAGE) {
      throw new Http.Refused(
          Http.TOO_LARGE, "a message has at most " + McpServer.MAX_MESSAGE + " bytes");
    }
    return Integer.parseInt(given);
  }

  private static Message message(HttpExchange exchange, int length)
      throws Http.Refused, IOException {
    byte[] body = exchange.getRequestBody().readNBytes(length);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      return Message.parse(text);
    } catch (CharacterCodingException e) {
      throw new Http.Refused(Http.BAD_REQUEST, "a message must be UTF-8");
    } catch (Message.Malformed e) {
      throw new Http.Refused(Http.BAD_REQUEST, e.code(), String.valueOf(e.getMessage()), e.id());
    }
  }

  private void receive(HttpExchange exchange, Message message, int length)
      throws Http.Refused, IOException, InterruptedException {
    String method = message.method();
    boolean withoutHandshake = HttpRevision.isWithoutHandshake(exchange, message);
    if (method == null || message.id() == null) {
      if (method != null && !withoutHandshake) {
        find(exchange).take(message, length, new Outbox(new HttpAnswer(exchange, false)));
      }
      Http.send(exchange, Http.ACCEPTED);
    } else if (withoutHandshake) {
      answerOnce(exchange, message, length);
    } else if (method.equals("initialize")) {
      initialize(exchange, message, length);
    } else {
      HttpAnswer answer = new HttpAnswer(exchange, false);
      find(exchange).take(message, length, new Outbox(answer));
      answer.write();
    }
  }

  /** Whoever closes the stream of the answer cancels the request: there is no other way. */
  private void answerOnce(HttpExchange exchange, Message message, int length)
      throws IOException, InterruptedException {
    Conversation conversation = once.get();
    HttpAnswer answer = new HttpAnswer(exchange, true);
    conversation.take(message, length, new Outbox(answer));
    try {
      answer.write();
    } finally {
      conversation.cancelAll();
    }
  }

  private void initialize(HttpExchange exchange, Message message, int length)
      throws Http.Refused, IOException, InterruptedException {
    String id = clients.open();
    Conversation conversation = id == null ? null : clients.find(id);
    if (id == null || conversation == null) {
      throw new Http.Refused(
          Http.UNAVAILABLE, "too many clients are busy; try again a little later");
    }
    HttpAnswer answer = new HttpAnswer(exchange, false);
    conversation.take(message, length, new Outbox(answer));
    if (conversation.isInitialized()) {
      exchange.getResponseHeaders().set(SESSION, id);
    } else {
      boolean _ = clients.end(id);
    }
    answer.write();
  }

  private Conversation find(HttpExchange exchange) throws Http.Refused {
    Conversation conversation = clients.find(session(exchange));
    if (conversation == null) {
      throw unknownSession();
    }
    return conversation;
  }
}
