package dev.capsule.repl.shell;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What source of a language looks like, as far as an editor must know.
 *
 * @param language as sidecars call it
 * @param prompt four characters
 * @param indent spaces of a level
 * @param comment what begins one that goes to the end of the line
 * @param continuing words that go on with the statement before them
 */
record Grammar(
    String language,
    String prompt,
    int indent,
    String comment,
    Set<String> keywords,
    Set<String> builtins,
    Set<String> continuing) {

  static final Grammar PYTHON =
      new Grammar(
          "python",
          "py> ",
          4,
          "#",
          words(
              "and as assert async await break case class continue def del elif else except False"
                  + " finally for from global if import in is lambda match None nonlocal not or pass"
                  + " raise return True try type while with yield"),
          words(
              "abs all any ascii bin bool bytes callable chr dict dir divmod enumerate filter float"
                  + " format frozenset getattr hasattr hash hex id input int isinstance issubclass"
                  + " iter len list map max min next object oct open ord pow print range repr reversed"
                  + " round self set setattr slice sorted str sum super tuple vars zip"),
          words("elif else except finally case"));

  static final Grammar JAVASCRIPT =
      new Grammar(
          "javascript",
          "js> ",
          2,
          "//",
          words(
              "abstract as async await break case catch class const continue debugger default delete"
                  + " do else enum export extends false finally for from function if implements import"
                  + " in instanceof interface let new null of return static super switch this throw"
                  + " true try type typeof undefined var void while with yield"),
          words(
              "any Array Boolean BigInt Date Error JSON Map Math Number Object Promise RegExp Set"
                  + " String Symbol boolean console fetch globalThis number process string unknown"),
          words("else catch finally"));

  private static Set<String> words(String text) {
    return Set.of(text.split(" ", -1));
  }

  boolean isPython() {
    return language.equals("python");
  }

  /** Of the language that a user names; null: there is no such. */
  static @Nullable Grammar of(String name) {
    return switch (name) {
      case "python", "py" -> PYTHON;
      case "javascript", "js", "typescript", "ts" -> JAVASCRIPT;
      default -> null;
    };
  }
}
