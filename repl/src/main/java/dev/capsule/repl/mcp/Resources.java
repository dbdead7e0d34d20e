package dev.capsule.repl.mcp;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.Json;
import dev.capsule.protocol.RawJson;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Files that the user shares with sandboxes, by the paths that these see: {@code capsule:///…}. */
final class Resources {
  private static final int NOT_FOUND = -32002;
  private static final int MAX_BYTES = 8 * 1024 * 1024;
  private static final int MAX_FILES = 10_000;
  private static final int PAGE = 500;
  private static final String SCHEME = "capsule";

  private final List<Grants.Shared> shared;

  Resources(List<Grants.Shared> shared) {
    this.shared = List.copyOf(shared);
  }

  JsonObject list(Map<String, RawJson> params) throws McpException, IOException {
    TreeMap<String, Long> found = new TreeMap<>();
    for (Grants.Shared each : shared) {
      if (Files.isDirectory(each.host())) {
        SharedFiles.list(each.host(), guest(each), found, MAX_FILES);
      } else if (Files.isRegularFile(each.host())) {
        found.put(guest(each), Files.size(each.host()));
      }
    }
    int start = cursor(params);
    JsonArray resources = new JsonArray();
    found.entrySet().stream()
        .skip(start)
        .limit(PAGE)
        .forEach(file -> resources.add(describe(file.getKey(), file.getValue())));
    JsonObject result = new JsonObject();
    result.add("resources", resources);
    if (start + PAGE < found.size()) {
      result.addProperty("nextCursor", Integer.toString(start + PAGE));
    }
    return result;
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

  private static JsonObject describe(String path, long size) {
    JsonObject resource = new JsonObject();
    resource.addProperty("uri", uri(path));
    resource.addProperty("name", path.substring(1));
    resource.addProperty("size", size);
    String type = URLConnection.guessContentTypeFromName(path);
    if (type != null) {
      resource.addProperty("mimeType", type);
    }
    return resource;
  }

  private static String uri(String path) {
    try {
      return new URI(SCHEME, "", path, null).toASCIIString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(e);
    }
  }

  JsonObject templates() {
    JsonArray templates = new JsonArray();
    for (Grants.Shared each : shared) {
      JsonObject template = new JsonObject();
      template.addProperty("uriTemplate", SCHEME + "://" + guest(each) + "/{+path}");
      template.addProperty("name", guest(each).substring(1));
      template.addProperty("description", "Files that sandboxes see in " + guest(each));
      if (Files.isDirectory(each.host())) {
        templates.add(template);
      }
    }
    JsonObject result = new JsonObject();
    result.add("resourceTemplates", templates);
    return result;
  }

  JsonObject read(Map<String, RawJson> params) throws McpException {
    String uri;
    try {
      uri = Arguments.string(params, "uri");
    } catch (Arguments.Unfit e) {
      throw new McpException(ErrorCode.INVALID_PARAMS, "params: " + e.getMessage());
    }
    String path = path(uri);
    for (Grants.Shared each : shared) {
      String guest = guest(each);
      if (path.equals(guest) || path.startsWith(guest + "/")) {
        return content(uri, path, read(each, path.substring(guest.length()), uri));
      }
    }
    throw notFound(uri);
  }

  private static String path(String uri) throws McpException {
    try {
      URI parsed = new URI(uri);
      String path = parsed.getPath();
      if (SCHEME.equals(parsed.getScheme()) && parsed.getRawAuthority() == null && path != null) {
        return path;
      }
    } catch (URISyntaxException e) {
      // told below
    }
    throw notFound(uri);
  }

  private static byte[] read(Grants.Shared each, String below, String uri) throws McpException {
    List<String> names =
        Arrays.stream(below.split("/", -1)).filter(name -> !name.isEmpty()).toList();
    if (names.contains("..") || names.contains(".") || below.indexOf('\0') >= 0) {
      throw notFound(uri);
    }
    try {
      Path host = each.host().toRealPath();
      boolean file = Files.isRegularFile(host);
      if (file != names.isEmpty()) {
        throw notFound(uri);
      }
      Path parent = host.getParent();
      Path name = host.getFileName();
      return file && parent != null && name != null
          ? SharedFiles.read(parent, List.of(name.toString()), MAX_BYTES)
          : SharedFiles.read(host, names, MAX_BYTES);
    } catch (FileSystemException e) {
      if (e.getReason() != null && e.getReason().startsWith("is larger")) {
        throw new McpException(
            ErrorCode.INVALID_PARAMS,
            uri + " " + e.getReason() + "; let code in a sandbox read what is needed of it");
      }
      throw notFound(uri);
    } catch (IOException | InvalidPathException e) {
      throw notFound(uri);
    }
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
    JsonObject data = new JsonObject();
    data.add("uri", Json.gson().toJsonTree(Texts.cut(uri, 300)));
    return new McpException(
        NOT_FOUND, "Resource not found; resources/list tells what there is", data);
  }

  /** Without a slash at its end. */
  private static String guest(Grants.Shared each) {
    String path = "/" + each.guest().replaceAll("^/+|/+$", "");
    return path.equals("/") ? "" : path;
  }
}
