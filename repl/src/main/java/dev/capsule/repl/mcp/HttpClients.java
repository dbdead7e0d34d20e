package dev.capsule.repl.mcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients that have shaken hands by HTTP. One that asks for nothing is forgotten after a time,
 * and sooner if another needs its place.
 */
final class HttpClients {
  static final int MOST = 16;
  static final Duration IDLE = Duration.ofMinutes(30);

  private static final class Client {
    private final Conversation conversation;
    private long lastUsed;

    private Client(Conversation conversation) {
      this.conversation = conversation;
    }
  }

  private final Supplier<Conversation> begin;
  private final LongSupplier nanos;

  // guarded by this
  private final Map<String, Client> clients = new HashMap<>();
  private boolean closed;

  /**
   * @param begin makes a conversation with a new client
   * @param nanos the time
   */
  HttpClients(Supplier<Conversation> begin, LongSupplier nanos) {
    this.begin = begin;
    this.nanos = nanos;
  }

  /**
   * Makes room for one more.
   *
   * @return its id; null: all others are busy
   */
  @Nullable String open() {
    String id = HttpToken.random();
    Conversation ending = null;
    synchronized (this) {
      if (closed) {
        return null;
      }
      if (clients.size() >= MOST) {
        Optional<String> evicted =
            clients.entrySet().stream()
                .filter(each -> !each.getValue().conversation.isBusy())
                .min(Comparator.comparingLong(each -> each.getValue().lastUsed - nanos.getAsLong()))
                .map(Map.Entry::getKey);
        if (evicted.isEmpty()) {
          return null;
        }
        Client idlest = clients.remove(evicted.get());
        ending = idlest == null ? null : idlest.conversation;
      }
      Client client = new Client(begin.get());
      client.lastUsed = nanos.getAsLong();
      clients.put(id, client);
    }
    if (ending != null) {
      ending.end();
    }
    return id;
  }

  /** The conversation with one, which is used by that; null: there is none of that id. */
  synchronized @Nullable Conversation find(String id) {
    Client client = clients.get(id);
    if (client == null) {
      return null;
    }
    client.lastUsed = nanos.getAsLong();
    return client.conversation;
  }

  /** Ends one; false: there is none of that id. */
  boolean end(String id) {
    Client client;
    synchronized (this) {
      client = clients.remove(id);
    }
    if (client != null) {
      client.conversation.end();
    }
    return client != null;
  }

  /** Ends those that have been idle for too long. */
  void endIdle() {
    List<Conversation> ending = new ArrayList<>();
    synchronized (this) {
      long now = nanos.getAsLong();
      clients
          .values()
          .removeIf(client -> {
            boolean busy = client.conversation.isBusy();
            if (busy) {
              client.lastUsed = now;
            }
            boolean idle = now - client.lastUsed >= IDLE.toNanos();
            if (idle) {
              ending.add(client.conversation);
            }
            return idle;
          });
    }
    ending.forEach(Conversation::end);
  }

  /** Ends all, and takes no more. */
  void close() {
    List<Client> ending;
    synchronized (this) {
      closed = true;
      ending = List.copyOf(clients.values());
      clients.clear();
    }
    ending.forEach(client -> client.conversation.end());
  }
}
