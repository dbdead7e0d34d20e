package dev.capsule.protocol;

import java.util.List;

/**
 * The settings of one task.
 *
 * @param name the task's name
 * @param file the file that declares it, as shown to users
 * @param line line of the declaration, from 1
 * @param settings every option, in the order of the documentation
 */
public record TaskSettings(String name, String file, int line, List<Setting> settings) {
  public TaskSettings {
    settings = List.copyOf(settings);
  }
}
