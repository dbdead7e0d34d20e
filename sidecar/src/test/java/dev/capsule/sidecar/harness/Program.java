package dev.capsule.sidecar.harness;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A program in a folder, loaded into a sidecar. */
public final class Program {
  private final SidecarProcess sidecar;
  private final JsonObject loaded;

  private Program(SidecarProcess sidecar, JsonObject loaded) {
    this.sidecar = sidecar;
    this.loaded = loaded;
  }

  /** Writes the source to {@code main.py} in the folder, and loads it. */
  public static Program load(SidecarProcess sidecar, Path folder, String source) {
    return load(sidecar, folder, "main.py", source);
  }

  /** Writes the source to a file in the folder, and loads it. */
  public static Program load(SidecarProcess sidecar, Path folder, String file, String source) {
    write(folder.resolve(file), source);
    return new Program(
        sidecar,
        sidecar.request("loadProgram", params(folder, file)).reply().result().getAsJsonObject());
  }

  /** What {@code loadProgram} takes for {@code main.py} in a folder. */
  public static JsonObject params(Path folder) {
    return params(folder, "main.py");
  }

  /** What {@code loadProgram} takes for a file in a folder. */
  public static JsonObject params(Path folder, String file) {
    JsonObject params = new JsonObject();
    params.addProperty("language", file.endsWith(".py") ? "python" : "javascript");
    params.addProperty("root", folder.toString());
    params.addProperty("module", file.substring(0, file.lastIndexOf('.')));
    params.addProperty("file", folder.resolve(file).toString());
    return params;
  }

  /** Writes a file, with the folders that it lies in. */
  public static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program's id. */
  public String id() {
    return loaded.get("program").getAsString();
  }

  /** All that {@code loadProgram} answered. */
  public JsonObject loaded() {
    return loaded;
  }

  /** A run, to be completed and started. */
  public Run task(String name) {
    JsonObject params = new JsonObject();
    params.addProperty("program", id());
    params.addProperty("task", name);
    return new Run(params);
  }

  /** What is asked for. */
  public final class Run {
    private final JsonObject params;

    private Run(JsonObject params) {
      this.params = params;
    }

    /** Gives positional arguments. */
    public Run args(Object... values) {
      JsonArray args = new JsonArray();
      for (Object value : values) {
        args.add(json(value));
      }
      params.add("args", args);
      return this;
    }

    /** Gives an option, as the caller. */
    public Run option(String name, Object value) {
      JsonObject options = params.getAsJsonObject("options");
      if (options == null) {
        options = new JsonObject();
        params.add("options", options);
      }
      options.add(name, json(value));
      return this;
    }

    /** Gives what no task of the run may exceed. */
    public Run ceiling(JsonObject ceiling) {
      params.add("ceiling", ceiling);
      return this;
    }

    /** Offers tools. */
    public Run tools(String... names) {
      params.add("tools", Json.array(names));
      return this;
    }

    /** Names the run. */
    public Run named(String run) {
      params.addProperty("run", run);
      return this;
    }

    /** Asks for notifications. */
    public Run events(String... events) {
      JsonArray all = new JsonArray();
      for (String event : events) {
        all.add(event);
      }
      params.add("events", all);
      return this;
    }

    /** What is sent. */
    public JsonObject params() {
      return params;
    }

    /** Starts it. */
    public Pending start() {
      return sidecar.request("runTask", params);
    }

    /** Starts it under an id. */
    public Pending start(JsonPrimitive id) {
      return sidecar.request(id, "runTask", params);
    }

    /** Runs it to its end. */
    public EnvelopeView envelope() {
      return start().envelope();
    }

    /** Runs it to its end, which must be a value. */
    public JsonElement value() {
      return envelope().value();
    }
  }

  private static JsonElement json(@Nullable Object value) {
    return switch (value) {
      case null -> JsonParser.parseString("null");
      case JsonElement element -> element;
      case String text -> new JsonPrimitive(text);
      case Number number -> new JsonPrimitive(number);
      case Boolean bool -> new JsonPrimitive(bool);
      default -> throw new IllegalArgumentException("no JSON: " + value.getClass());
    };
  }
}
