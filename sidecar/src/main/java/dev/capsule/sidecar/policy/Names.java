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

  /** Levenshtein's distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
