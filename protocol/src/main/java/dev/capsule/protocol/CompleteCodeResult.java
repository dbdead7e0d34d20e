package dev.capsule.protocol;

import java.util.List;

/**
 * How code may go on.
 *
 * @param start of what is replaced, in Unicode code points from 0
 */
public record CompleteCodeResult(int start, List<CodeMatch> matches) {
  public CompleteCodeResult {
    matches = List.copyOf(matches);
  }
}
