package dev.capsule.repl.mcp;

import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.FileInfo;
import dev.capsule.protocol.FileParams;
import dev.capsule.protocol.GetFileResult;
import dev.capsule.protocol.InvalidParamData;
import dev.capsule.protocol.Method;
import dev.capsule.repl.client.RpcException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Files of the open sessions' own folders. The sidecar reads them, which follows no link and checks
 * every name; here it is bounded how much is asked for, since code in a session may have made
 * anything of its folder.
 */
final class SessionFiles {
  private static final int MAX_FOLDERS = 256;

  private final Sandboxes sandboxes;
  private final boolean lists;

  /**
   * @param lists whether there is a list of them
   */
  SessionFiles(Sandboxes sandboxes, boolean lists) {
    this.sandboxes = sandboxes;
    this.lists = lists;
  }

  /**
   * The sizes of files, by {@code /SESSION/PATH}. Each session has the same share, so that none can
   * hide the files of another by making too many.
   *
   * @param most how many to tell
   */
  SortedMap<String, Long> list(int most, Exchange exchange)
      throws RpcException, InterruptedException {
    SortedMap<String, Long> found = new TreeMap<>();
    Collection<String> sessions = lists ? sandboxes.sessions(exchange) : List.of();
    for (String session : sessions) {
      list(session, most / sessions.size(), found, exchange);
    }
    return found;
  }

  private void list(String session, int most, SortedMap<String, Long> found, Exchange exchange)
      throws RpcException, InterruptedException {
    Deque<String> folders = new ArrayDeque<>();
    folders.add("");
    int left = most;
    for (int asked = 0; asked < MAX_FOLDERS && !folders.isEmpty() && left > 0; asked++) {
      FileInfo[] entries;
      try {
        var params = new FileParams(session, folders.remove());
        entries = exchange.ask(Method.LIST_FILES, params, FileInfo[].class);
      } catch (RpcException e) {
        if (e.code() == ErrorCode.UNKNOWN_SESSION) {
          sandboxes.forget(session);
          return;
        }
        if (e.code() == ErrorCode.INVALID_PARAMS) {
          continue; // it went away, or is too large or too deep: it is left out
        }
        throw e;
      }
      for (FileInfo entry : entries) {
        if (entry.folder()) {
          folders.add(entry.path());
        } else if (left > 0) {
          found.put("/" + session + "/" + entry.path(), entry.size());
          left--;
        }
      }
    }
  }

  /**
   * The content of a file.
   *
   * @param path {@code /SESSION/PATH}
   * @throws NoSuchFileException if there is none of that name, or no such session
   */
  byte[] read(String path, int maxBytes, Exchange exchange)
      throws FileSystemException, RpcException, InterruptedException {
    int slash = path.indexOf('/', 1);
    String session = slash < 0 ? "" : path.substring(1, slash);
    if (!sandboxes.isOpen(session, exchange)) {
      throw new NoSuchFileException(path, null, "no session with this id is open here");
    }
    try {
      // However it begins, it is a path below the folder.
      String relative = "./" + path.substring(slash + 1);
      var params = new FileParams(session, relative);
      GetFileResult found = exchange.ask(Method.GET_FILE, params, GetFileResult.class);
      byte[] content = Base64.getDecoder().decode(found.content());
      if (content.length > maxBytes) {
        throw new FileSystemException(path, null, "is larger than " + maxBytes + " bytes");
      }
      return content;
    } catch (RpcException e) {
      if (e.code() == ErrorCode.UNKNOWN_SESSION) {
        sandboxes.forget(session);
        throw new NoSuchFileException(path, null, "its session was closed");
      }
      if (e.code() == ErrorCode.INVALID_PARAMS) {
        InvalidParamData data = e.data(InvalidParamData.class);
        boolean large = data != null && data.allowed().startsWith("is larger");
        throw large
            ? new FileSystemException(path, null, "is larger than " + maxBytes + " bytes")
            : new NoSuchFileException(path);
      }
      throw e;
    }
  }
}
