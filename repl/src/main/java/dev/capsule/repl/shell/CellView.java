package dev.capsule.repl.shell;

import dev.capsule.protocol.CellResult;
import dev.capsule.protocol.CellValue;
import dev.capsule.protocol.ErrorType;
import dev.capsule.protocol.MimePart;
import dev.capsule.protocol.TaskFailure;
import dev.capsule.repl.view.Screen;
import dev.capsule.repl.view.Stats;
import java.util.stream.Collectors;

/** Shows what a cell came to. */
final class CellView {
  private final Screen screen;
  private final boolean interactive;
  private boolean times;

  /**
   * @param interactive whether somebody sits there, who is told what cells cost
   */
  CellView(Screen screen, boolean interactive) {
    this.screen = screen;
    this.interactive = interactive;
    this.times = interactive;
  }

  boolean showsTimes() {
    return times;
  }

  void showTimes(boolean wanted) {
    times = wanted;
  }

  void show(CellResult cell) {
    CellValue value = cell.value();
    TaskFailure failure = cell.error();
    if (failure != null) {
      screen.printErrorLine(text(failure));
    } else if (value != null) {
      screen.println(value.text());
      if (interactive && !value.parts().isEmpty()) {
        screen.printAside(
            "also as "
                + value.parts().stream().map(MimePart::mime).collect(Collectors.joining(", ")));
      }
    }
    if (cell.state().equals(CellResult.LOST)) {
      screen.printAside("The state is lost: the next cell begins with nothing.");
    }
    if (times) {
      screen.printAside(Stats.ofCell(cell.execution()));
    }
  }

  private static String text(TaskFailure failure) {
    String traceback = failure.traceback() == null ? "" : failure.traceback().strip();
    String advice =
        switch (ErrorType.of(failure.type())) {
          case TIMEOUT -> "\n  :set timeout 1m gives cells longer.";
          case OUT_OF_FUEL -> "\n  :set compute HIGH gives cells more.";
          case OUT_OF_MEMORY -> "\n  :set ram 512MB gives more, in a new session.";
          case null, default -> "";
        };
    if (ErrorType.of(failure.type()) == ErrorType.CANCELLED) {
      return traceback.isEmpty() ? "interrupted" : traceback;
    }
    boolean thrown = ErrorType.of(failure.type()) == ErrorType.TASK_ERROR;
    if (thrown && !traceback.isEmpty()) {
      return traceback; // its last line is the message
    }
    String name = thrown && failure.className() != null ? failure.className() : failure.type();
    String start = traceback.isEmpty() ? "" : traceback + "\n";
    return start + name + ": " + failure.message() + advice;
  }
}
