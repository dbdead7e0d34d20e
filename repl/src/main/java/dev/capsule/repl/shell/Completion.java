package dev.capsule.repl.shell;

import dev.capsule.protocol.CodeMatch;
import dev.capsule.protocol.CompleteCodeResult;
import dev.capsule.repl.view.Visible;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;

/** Completes names by asking the live session, and commands and their files here. */
final class Completion implements Completer {
  private static final Set<String> TAKE_FILES = Set.of(":run", ":load", ":save", ":mount");
  private static final int MAX_FILES = 500;

  private final Supplier<Cells> cells;
  private final Path workingFolder;
  private final List<String> commands;
  private final Supplier<List<String>> tasks;

  /**
   * @param cells of the language that is being typed
   * @param commands with their colons
   * @param tasks names of those that are known
   */
  Completion(
      Supplier<Cells> cells,
      Path workingFolder,
      List<String> commands,
      Supplier<List<String>> tasks) {
    this.cells = cells;
    this.workingFolder = workingFolder;
    this.commands = commands;
    this.tasks = tasks;
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    if (line.line().startsWith(":")) {
      command(line, candidates);
    } else {
      code(line, candidates);
    }
  }

  private void command(ParsedLine line, List<Candidate> candidates) {
    if (line.wordIndex() == 0) {
      commands.forEach(each -> candidates.add(plain(each, true)));
      return;
    }
    String name = line.line().split("\\s", 2)[0];
    if (TAKE_FILES.contains(name)) {
      files(line.word(), candidates);
    } else if (name.equals(":lang")) {
      List.of("python", "javascript").forEach(each -> candidates.add(plain(each, true)));
    } else if (name.equals(":call")) {
      tasks.get().forEach(each -> candidates.add(plain(each, true)));
    } else if (name.equals(":set")) {
      Settings.NAMES.forEach(each -> candidates.add(plain(each, true)));
    }
  }

  private static Candidate plain(String text, boolean complete) {
    return new Candidate(text, Visible.of(text), null, null, null, null, complete);
  }

  private void files(String word, List<Candidate> candidates) {
    String folder = word.substring(0, word.lastIndexOf('/') + 1);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(workingFolder.resolve(folder))) {
      for (Path entry : entries) {
        if (candidates.size() >= MAX_FILES) {
          return;
        }
        boolean inner = Files.isDirectory(entry);
        candidates.add(plain(folder + entry.getFileName() + (inner ? "/" : ""), !inner));
      }
    } catch (IOException | InvalidPathException e) {
      // No such folder: there is nothing to complete.
    }
  }

  private void code(ParsedLine line, List<Candidate> candidates) {
    String text = line.line();
    int cursor = text.codePointCount(0, line.cursor());
    CompleteCodeResult found = cells.get().complete(text, cursor);
    int wordStart = line.cursor() - line.wordCursor();
    int start = text.offsetByCodePoints(0, Math.clamp(found.start(), 0, cursor));
    for (CodeMatch match : found.matches()) {
      String whole = fitted(match.text(), text, start, wordStart);
      // It goes to the terminal, and into the buffer: a name has no business with control
      // characters.
      if (whole != null && Visible.of(whole).equals(whole)) {
        candidates.add(new Candidate(whole, whole, null, null, null, null, false));
      }
    }
  }

  /** A match that replaces the word, though it was found for a longer or shorter piece. */
  private static @Nullable String fitted(String match, String text, int start, int wordStart) {
    if (start >= wordStart) {
      return text.substring(wordStart, start) + match;
    }
    String before = text.substring(start, wordStart);
    return match.startsWith(before) ? match.substring(before.length()) : null;
  }
}
