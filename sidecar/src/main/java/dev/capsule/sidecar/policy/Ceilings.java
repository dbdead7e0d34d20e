package dev.capsule.sidecar.policy;

import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Setting;
import java.util.ArrayList;
import java.util.List;

/** The ceilings that hold for a run and for all that it calls; each of them does. */
public record Ceilings(List<Ceiling> all) {
  public Ceilings {
    all = List.copyOf(all);
  }

  /** These, and one more. */
  public Ceilings and(Ceiling more) {
    List<Ceiling> both = new ArrayList<>(all);
    both.add(more);
    return new Ceilings(both);
  }

  /**
   * What a task may use: what it asks for, as far as it is allowed.
   *
   * @param task its name
   * @throws DeniedException if it asks for something that it may not have
   */
  public TaskPolicy bound(String task, Options asked) throws DeniedException {
    Options bounded = asked;
    for (Ceiling ceiling : all) {
      List<Ceiling.Excess> excesses = ceiling.excesses(asked);
      if (!excesses.isEmpty()) {
        throw new DeniedException(message(task, excesses.getFirst()));
      }
      bounded = ceiling.lower(bounded);
    }
    return bounded.policy(Ceiling.lowered(asked, bounded));
  }

  private static String message(String task, Ceiling.Excess excess) {
    return "Task "
        + task
        + " asks for "
        + excess.option()
        + " "
        + new JsonPrimitive(excess.grant())
        + " ("
        + excess.origin()
        + "), which is beyond the ceiling ("
        + excess.bound()
        + ", "
        + excess.boundOrigin()
        + "); ask for less there, or raise the ceiling";
  }

  /** Every option of a task with its value and who says so, and what is denied. */
  public List<Setting> settings(Options asked) {
    Options bounded = asked;
    List<Ceiling.Excess> excesses = new ArrayList<>();
    for (Ceiling ceiling : all) {
      excesses.addAll(ceiling.excesses(asked));
      bounded = ceiling.lower(bounded);
    }
    if (excesses.isEmpty()) {
      return bounded.settings();
    }
    return bounded.settings().stream()
        .map(setting ->
            excesses.stream()
                .filter(excess -> excess.option().equals(setting.name()))
                .findFirst()
                .map(excess ->
                    new Setting(
                        setting.name(),
                        setting.value(),
                        setting.origin() + ", beyond the ceiling, " + excess.boundOrigin()))
                .orElse(setting))
        .toList();
  }
}
