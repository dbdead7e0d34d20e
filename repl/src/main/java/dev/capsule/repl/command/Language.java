package dev.capsule.repl.command;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The languages that programs are written in, by the endings of their files' names. */
public enum Language {
  PYTHON("python", ".py"),
  JAVASCRIPT("javascript", ".ts .js .mts .mjs .cts .cjs .tsx .jsx");

  private final String wireName;
  private final String endings;

  /**
   * @param endings with spaces between
   */
  Language(String wireName, String endings) {
    this.wireName = wireName;
    this.endings = endings;
  }

  private Stream<String> endingsOf() {
    return Arrays.stream(endings.split(" ", -1));
  }

  /** What sidecars call it. */
  public String wireName() {
    return wireName;
  }

  /** The language of a file; null: it is no program's. */
  public static @Nullable Language of(String file) {
    return Arrays.stream(values())
        .filter(language -> language.endingsOf().anyMatch(file::endsWith))
        .findFirst()
        .orElse(null);
  }

  /** The part of a file's name before the ending. */
  String stem(String file) {
    return endingsOf()
        .filter(file::endsWith)
        .findFirst()
        .map(ending -> file.substring(0, file.length() - ending.length()))
        .orElse(file);
  }

  /** All endings, for messages. */
  static String endings() {
    return Arrays.stream(values()).flatMap(Language::endingsOf).collect(Collectors.joining(", "));
  }
}
