package dev.capsule.sidecar.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;

/**
 * A process that can have workflows, or one of its journals: what others need to know to tell
 * whether it still lives.
 *
 * @param name unlike all others
 * @param host the machine's name, for people
 * @param machine what the machine is known by over boots; "" is not known
 * @param boot what this boot of it is known by; "" is not known
 * @param pids among processes of equal {@code pids}, the pid tells one from the other
 * @param clock processes of equal {@code clock} read the same {@link System#nanoTime}; "": nobody
 *     does
 * @param started when it was started, in a form of the system's
 */
record Owner(
    String name,
    String host,
    String machine,
    String boot,
    String pids,
    String clock,
    long pid,
    String started) {

  /** A new one of this process. */
  static Owner self() {
    String machine = firstOf("/etc/machine-id", "/var/lib/dbus/machine-id");
    String boot = firstOf("/proc/sys/kernel/random/boot_id");
    long pid = ProcessHandle.current().pid();
    String host = firstOf("/proc/sys/kernel/hostname");
    if (host.isEmpty()) {
      host = variable("COMPUTERNAME", variable("HOSTNAME", "this machine"));
    }
    return new Owner(
        UUID.randomUUID().toString(),
        host,
        machine.isEmpty() ? host : machine + "/" + host,
        boot,
        String.join(
            "/", machine, host, boot, link("/proc/self/ns/pid"), System.getProperty("user.name")),
        boot.isEmpty() ? "" : boot + "/" + link("/proc/self/ns/time"),
        pid,
        started(pid));
  }

  /** Whether the process ended for sure, as far as this one can see. */
  boolean hasEnded(Owner self) {
    return pids.equals(self.pids) && !started.equals(started(pid));
  }

  String forPeople() {
    return "process " + pid + " on " + host;
  }

  /** When a process was started; "" if there is none of that pid. */
  private static String started(long pid) {
    Path stat = Path.of("/proc/" + pid + "/stat");
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
      return ProcessHandle.of(pid)
          .filter(ProcessHandle::isAlive)
          .map(process -> process.info().startInstant().map(Object::toString).orElse("unknown"))
          .orElse("");
    }
    try {
      // after the name, which may hold anything: the state is the 3rd field, the start the 22nd
      String line = Files.readString(stat, StandardCharsets.ISO_8859_1);
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      return fields[0].matches("[ZXx]") ? "" : fields[19];
    } catch (IOException e) {
      return "";
    }
  }

  private static String firstOf(String... files) {
    for (String file : files) {
      try {
        String text = Files.readString(Path.of(file)).strip();
        if (!text.isEmpty()) {
          return text;
        }
      } catch (IOException e) {
        // then the next
      }
    }
    return "";
  }

  private static String link(String file) {
    try {
      return Files.readSymbolicLink(Path.of(file)).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private static String variable(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isBlank() ? otherwise : value;
  }
}
