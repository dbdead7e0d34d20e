package dev.capsule.sidecar.policy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Helps with names that are not known: the nearest that are. */
public final class Names {
  private static final int MOST = 3;
  private static final int LONGEST = 64;
  private static final int MOST_LISTED = 30;

  private Names() {}

  /** {@code did you mean "timeout"?}, or a list where none is near. */
  public static String suggest(String name, Collection<String> known) {
    List<String> near = nearest(name, known);
    if (near.isEmpty()) {
      int left = known.size() - MOST_LISTED;
      return known.isEmpty()
          ? "there are none"
          : "there are: "
              + known.stream().limit(MOST_LISTED).collect(Collectors.joining(", "))
              + (left > 0 ? " and " + left + " more" : "");
    }
    return "did you mean \"" + String.join("\" or \"", near) + "\"?";
  }

  /** The known names within a few typing errors of {@code name}, nearest first. */
  public static List<String> nearest(String name, Collection<String> known) {
    record Candidate(String name, int distance) {}
    if (name.length() > LONGEST) {
      return List.of();
    }
    List<Candidate> near = new ArrayList<>();
    for (String candidate : known) {
      if (candidate.length() <= LONGEST) {
        int distance = distance(name.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
        if (distance <= Math.max(1, Math.max(name.length(), candidate.length()) / 3)) {
          near.add(new Candidate(candidate, distance));
        }
      }
    }
    near.sort(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name));
    return near.stream().limit(MOST).map(Candidate::name).toList();
  }

  /** How many letters must be put in, left out, changed, or swapped with their neighbour. */
  private static int distance(String a, String b) {
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(steps[i - 1][j], steps[i][j - 1]) + 1;
        least = Math.min(least, steps[i - 1][j - 1] + (same ? 0 : 1));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, steps[i - 2][j - 2] + 1);
        }
        steps[i][j] = least;
      }
    }
    return steps[a.length()][b.length()];
  }
}
