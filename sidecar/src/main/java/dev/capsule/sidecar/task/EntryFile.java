package dev.capsule.sidecar.task;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.ErrorCode;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.SourceErrorData;
import dev.capsule.sidecar.bundle.Bundle;
import dev.capsule.sidecar.bundle.BundleException;
import dev.capsule.sidecar.bundle.Bundler;
import dev.capsule.sidecar.sandbox.Engine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The file that a program begins with.
 *
 * @param root the program's folder, a real path
 * @param module its name
 * @param file a real path in {@code root}
 * @param given its text, by the client; null: what the file holds
 */
record EntryFile(Language language, Path root, String module, Path file, @Nullable String given) {
  private static final long MAX_BYTES = 16L << 20;

  /** What it holds now. */
  sealed interface Content {
    /** Another one is another program. */
    String fingerprint();

    /** Its text, as far as the host must read it; else empty. */
    String text();
  }

  record Text(String text) implements Content {
    @Override
    public String fingerprint() {
      return text;
    }
  }

  private record Whole(Bundler bundler, Bundle bundle) implements Content {
    @Override
    public String fingerprint() {
      return bundle.hash();
    }

    @Override
    public String text() {
      return "";
    }
  }

  /** Its name for users. */
  String shown() {
    return root.relativize(file).toString();
  }

  /**
   * Reads it; if its language wants that, with all that it imports.
   *
   * @throws RequestException if it cannot be read
   */
  Content read() {
    return switch (language.sources()) {
      case Language.Files ignored -> new Text(text());
      case Language.Bundled(Bundler bundler) -> {
        requireReadable();
        yield new Whole(bundler, bundle(bundler));
      }
    };
  }

  /** The program's modules, its entry being as it was read. */
  Modules modules(Engine engine, Content content) throws Modules.RejectedException {
    String name = language.name();
    return switch (content) {
      case Text(String text) ->
          new FileModules(
              engine, name, (Language.Files) language.sources(), root, module, file, text);
      case Whole(Bundler bundler, Bundle bundle) ->
          BundledModule.of(engine, name, bundler, bundle, module, shown());
    };
  }

  private Bundle bundle(Bundler bundler) {
    try {
      return bundler.bundle(root, file, given);
    } catch (BundleException e) {
      throw RequestException.source(
          new SourceErrorData(
              ErrorType.SOURCE_ERROR.wireName(),
              place(e) + e.getMessage(),
              null,
              null,
              e.file() == null ? shown() : e.file(),
              e.line(),
              e.column()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RequestException(ErrorCode.CANCELLED, "the program is no longer wanted", null);
    }
  }

  /** Not all who show the message show the fields beside it. */
  private static String place(BundleException e) {
    if (e.file() == null) {
      return "";
    }
    return e.file()
        + (e.line() == null ? "" : ":" + e.line())
        + (e.column() == null ? "" : ":" + e.column())
        + ": ";
  }

  private void requireReadable() {
    if (given == null && !Files.isRegularFile(file)) {
      throw refused("must be an existing file");
    }
  }

  private String text() {
    if (given != null) {
      return given;
    }
    requireReadable();
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw refused("must be at most " + MAX_BYTES + " bytes long");
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw refused("must be text in UTF-8");
    } catch (IOException e) {
      throw refused("must be a readable file: " + e.getMessage());
    }
  }

  private RequestException refused(String why) {
    return RequestException.invalid("file", new JsonPrimitive(file.toString()).toString(), why);
  }
}
