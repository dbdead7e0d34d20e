package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.RawJson;
import dev.capsule.repl.client.RpcException;
import dev.capsule.repl.view.Visible;
import java.io.IOException;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that the user shares with sandboxes, by the paths that these see: {@code capsule:///…}; and
 * those of the client's sessions: {@code capsule://session/ID/…}.
 */
final class Resources {
  private static final int NOT_FOUND = -32002;
  private static final int MAX_BYTES = 8 * 1024 * 1024;
  private static final int MAX_FILES = 10_000;
  private static final int PAGE = 500;
  private static final int MAX_NAME = 500;
  private static final String SHARED = "";
  private static final String SESSION = "session";

  private final List<Grants.Shared> shared;
  private final SessionFiles sessions;

  Resources(List<Grants.Shared> shared, SessionFiles sessions) {
    this.shared = List.copyOf(shared);
    this.sessions = sessions;
  }

  JsonObject list(Map<String, RawJson> params, Exchange exchange)
      throws McpException, RpcException, InterruptedException, IOException {
    int start = cursor(params);
    Map<String, Long> files = sharedFiles();
    Map<String, Long> own = sessions.list(MAX_FILES, exchange);
    JsonArray resources = new JsonArray();
    Stream.concat(
            files.entrySet().stream().map(file -> describe(SHARED, file)),
            own.entrySet().stream().map(file -> describe(SESSION, file)))
        .skip(start)
        .limit(PAGE)
        .forEach(resources::add);
    JsonObject result = new JsonObject();
    result.add("resources", resources);
    if (start + PAGE < files.size() + own.size()) {
      result.addProperty("nextCursor", Integer.toString(start + PAGE));
    }
    return result;
  }

  private Map<String, Long> sharedFiles() throws IOException {
    TreeMap<String, Long> found = new TreeMap<>();
    for (Grants.Shared each : shared) {
      if (Files.isDirectory(each.host())) {
        SharedFiles.list(each.host(), guest(each), found, MAX_FILES);
      } else if (Files.isRegularFile(each.host())) {
        found.put(guest(each), Files.size(each.host()));
      }
    }
    return found;
  }

  private static int cursor(Map<String, RawJson> params) throws McpException {
    RawJson cursor = params.get("cursor");
    if (cursor == null || cursor.isNull()) {
      return 0;
    }
    if (!cursor.text().matches("\"[0-9]{1,6}\"")) {
      throw new McpException(ErrorCode.INVALID_PARAMS, "params.cursor is none that was given out");
    }
    return Integer.parseInt(cursor.text().substring(1, cursor.text().length() - 1));
  }

  private static JsonObject describe(String area, Map.Entry<String, Long> file) {
    String path = file.getKey();
    JsonObject resource = new JsonObject();
    resource.addProperty("uri", new CapsuleUri(area, path).toString());
    resource.addProperty(
        "name", Texts.cut(Visible.of(path.substring(1)).replace("\n", "\\x0a"), MAX_NAME));
    resource.addProperty("size", file.getValue());
    String type = URLConnection.guessContentTypeFromName(path);
    if (type != null) {
      resource.addProperty("mimeType", type);
    }
    return resource;
  }

  JsonObject templates() {
    JsonArray templates = new JsonArray();
    for (Grants.Shared each : shared) {
      if (Files.isDirectory(each.host())) {
        String guest = guest(each);
        templates.add(
            template(
                new CapsuleUri(SHARED, guest) + "/{+path}",
                guest.isEmpty() ? "/" : guest.substring(1),
                "Files that sandboxes see in " + (guest.isEmpty() ? "/" : guest)));
      }
    }
    templates.add(
        template(
            new CapsuleUri(SESSION, "/") + "{session_id}/{+path}",
            "files of a session",
            "Files that code in an open session has in its own folder, /workspace"));
    JsonObject result = new JsonObject();
    result.add("resourceTemplates", templates);
    return result;
  }

  private static JsonObject template(String uri, String name, String description) {
    JsonObject template = new JsonObject();
    template.addProperty("uriTemplate", uri);
    template.addProperty("name", name);
    template.addProperty("description", description);
    return template;
  }

  JsonObject read(Map<String, RawJson> params, Exchange exchange)
      throws McpException, RpcException, InterruptedException {
    String uri;
    try {
      uri = Arguments.string(params, "uri");
    } catch (Arguments.Unfit e) {
      throw new McpException(ErrorCode.INVALID_PARAMS, "params: " + e.getMessage());
    }
    CapsuleUri name = CapsuleUri.parse(uri);
    if (name == null) {
      throw notFound(uri);
    }
    try {
      if (name.area().equals(SESSION)) {
        return content(uri, name.path(), sessions.read(name.path(), MAX_BYTES, exchange));
      }
      if (name.area().equals(SHARED)) {
        return content(uri, name.path(), readShared(name.path()));
      }
      throw notFound(uri);
    } catch (FileSystemException e) {
      if (e.getReason() != null && e.getReason().startsWith("is larger")) {
        throw new McpException(
            ErrorCode.INVALID_PARAMS,
            Texts.cut(uri, MAX_NAME)
                + " "
                + e.getReason()
                + "; let code in a sandbox read what is needed of it");
      }
      throw notFound(uri, e instanceof NoSuchFileException ? e.getReason() : null);
    } catch (IOException | InvalidPathException e) {
      throw notFound(uri);
    }
  }

  private byte[] readShared(String path) throws IOException {
    for (Grants.Shared each : shared) {
      String guest = guest(each);
      if (path.equals(guest) || path.startsWith(guest + "/")) {
        return read(each, path.substring(guest.length()));
      }
    }
    throw new NoSuchFileException(path);
  }

  private static byte[] read(Grants.Shared each, String below) throws IOException {
    List<String> names =
        Arrays.stream(below.split("/", -1)).filter(name -> !name.isEmpty()).toList();
    Path host = each.host().toRealPath();
    boolean file = Files.isRegularFile(host);
    if (names.contains("..") || names.contains(".") || file != names.isEmpty()) {
      throw new NoSuchFileException(below);
    }
    Path parent = host.getParent();
    Path name = host.getFileName();
    return file && parent != null && name != null
        ? SharedFiles.read(parent, List.of(name.toString()), MAX_BYTES)
        : SharedFiles.read(host, names, MAX_BYTES);
  }

  private static JsonObject content(String uri, String path, byte[] bytes) {
    String text = text(bytes);
    String type = URLConnection.guessContentTypeFromName(path);
    JsonObject content = new JsonObject();
    content.addProperty("uri", uri);
    if (text == null) {
      content.addProperty("mimeType", type == null ? "application/octet-stream" : type);
      content.addProperty("blob", Base64.getEncoder().encodeToString(bytes));
    } else {
      content.addProperty("mimeType", type == null ? "text/plain" : type);
      content.addProperty("text", text);
    }
    JsonArray contents = new JsonArray();
    contents.add(content);
    JsonObject result = new JsonObject();
    result.add("contents", contents);
    return result;
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.indexOf('\0') < 0 ? text : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static McpException notFound(String uri) {
    return notFound(uri, null);
  }

  /**
   * @param why to be told; null: there is no more to say
   */
  private static McpException notFound(String uri, @Nullable String why) {
    JsonObject data = new JsonObject();
    data.addProperty("uri", Texts.cut(uri, 300));
    return new McpException(
        NOT_FOUND,
        "Resource not found"
            + (why == null ? "" : ": " + why)
            + "; resources/list tells what there is",
        data);
  }

  /** Without a slash at its end. */
  private static String guest(Grants.Shared each) {
    String path = "/" + each.guest().replaceAll("^/+|/+$", "");
    return path.equals("/") ? "" : path;
  }
}
