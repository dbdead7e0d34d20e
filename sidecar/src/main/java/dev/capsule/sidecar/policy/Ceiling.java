package dev.capsule.sidecar.policy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What no task may exceed, whoever grants it. Limits that are higher are lowered; grants that go
 * beyond are refused, never cut.
 */
public final class Ceiling {
  /** Bounds nothing. */
  public static final Ceiling NONE = new Ceiling(Options.NONE, null, false);

  private static final String NETWORK = "network";
  private static final List<Option<?>> LIMITS =
      List.of(
          Option.COMPUTE,
          Option.RAM,
          Option.TIMEOUT,
          Option.MAX_RETRIES,
          Option.MAX_OUTPUT_BYTES,
          Option.MAX_RESULT_BYTES,
          Option.MAX_DISK_BYTES);
  private static final List<Option<?>> NAMED =
      List.of(Option.ALLOWED_HOSTS, Option.ENV_VARIABLES, Option.TOOLS);

  private final Options bounds;
  private final @Nullable Said<List<FileBound>> files;
  private final boolean noNetwork;

  private Ceiling(Options bounds, @Nullable Said<List<FileBound>> files, boolean noNetwork) {
    this.bounds = bounds;
    this.files = files;
    this.noNetwork = noNetwork;
  }

  /** Its keys, in the order in which they are told. */
  static List<String> keys() {
    List<String> keys = new ArrayList<>();
    LIMITS.forEach(option -> keys.add(option.name()));
    keys.add(Option.ALLOWED_FILES.name());
    NAMED.forEach(option -> keys.add(option.name()));
    keys.add(NETWORK);
    return keys;
  }

  /**
   * Reads a ceiling.
   *
   * @param project what relative paths start at
   */
  public static Ceiling read(JsonObject ceiling, Source source, Path project)
      throws OptionException {
    JsonObject options = new JsonObject();
    Said<List<FileBound>> files = null;
    boolean noNetwork = false;
    for (String key : ceiling.keySet()) {
      JsonElement value = ceiling.get(key);
      try {
        if (!keys().contains(key)) {
          throw new OptionException(
              key, value.toString(), "is not part of a ceiling; " + Names.suggest(key, keys()));
        }
        if (value.isJsonNull()) {
          continue;
        }
        if (key.equals(NETWORK)) {
          noNetwork = !network(value);
        } else if (key.equals(Option.ALLOWED_FILES.name())) {
          files = new Said<>(FileBound.parse(key, value, project), value, source.origin(key));
        } else {
          options.add(key, value);
        }
      } catch (OptionException e) {
        throw source.at(e);
      }
    }
    List<Option<?>> known = new ArrayList<>(LIMITS);
    known.addAll(NAMED);
    Options bounds = Options.read(options, known, source, project);
    if (noNetwork) {
      Said<List<HostPattern>> hosts = bounds.said(Option.ALLOWED_HOSTS);
      if (hosts != null && !hosts.value().isEmpty()) {
        throw source.at(
            new OptionException(
                NETWORK,
                "false",
                "allows no host, but allowed_hosts beside it does; leave one of them out"));
      }
      bounds =
          bounds.with(
              Option.ALLOWED_HOSTS,
              new Said<>(List.of(), Option.ALLOWED_HOSTS.shownStandard(), source.origin(NETWORK)));
    }
    return new Ceiling(bounds, files, noNetwork);
  }

  private static boolean network(JsonElement value) throws OptionException {
    if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    throw new OptionException(
        NETWORK, value.toString(), "must be true or false; false is short for allowed_hosts = []");
  }

  /** What it bounds, as users write it. */
  public List<Setting> settings() {
    List<Setting> all = new ArrayList<>(bounds.settingsSaid());
    if (files != null) {
      all.add(new Setting(Option.ALLOWED_FILES.name(), files.shown(), files.origin()));
    }
    return all;
  }

  /**
   * The same options with limits that are none too high.
   *
   * @param lowered gets the names of those that were
   */
  Options lower(Options asked, Collection<String> lowered) {
    Options low = lower(asked, Option.COMPUTE, lowered);
    low = lower(low, Option.RAM, lowered);
    low = lower(low, Option.TIMEOUT, lowered);
    low = lower(low, Option.MAX_RETRIES, lowered);
    low = lower(low, Option.MAX_OUTPUT_BYTES, lowered);
    low = lower(low, Option.MAX_RESULT_BYTES, lowered);
    return lower(low, Option.MAX_DISK_BYTES, lowered);
  }

  private <T extends Comparable<T>> Options lower(
      Options asked, Option<T> limit, Collection<String> lowered) {
    Said<T> bound = bounds.said(limit);
    if (bound == null || asked.value(limit).compareTo(bound.value()) <= 0) {
      return asked;
    }
    if (!lowered.contains(limit.name())) {
      lowered.add(limit.name());
    }
    return asked.with(
        limit, new Said<>(bound.value(), bound.shown(), "ceiling, " + bound.origin()));
  }

  /**
   * A grant that is beyond a ceiling.
   *
   * @param option its name
   * @param grant what is asked for, as people write it
   * @param origin where
   * @param bound what is allowed, and where that is written
   */
  record Excess(String option, String grant, String origin, String bound, String boundOrigin) {}

  /** The grants that go beyond. */
  List<Excess> excesses(Options asked) {
    List<Excess> found = new ArrayList<>();
    if (files != null) {
      beyond(found, asked, Option.ALLOWED_FILES, files, this::isCovered, Ceiling::show);
      beyond(found, asked, Option.MOUNTS, files, this::isCovered, Ceiling::show);
    }
    Said<List<HostPattern>> hosts = bounds.said(Option.ALLOWED_HOSTS);
    if (hosts != null) {
      beyond(
          found,
          asked,
          Option.ALLOWED_HOSTS,
          hosts,
          host -> hosts.value().stream().anyMatch(bound -> bound.covers(host)),
          HostPattern::text);
    }
    for (Option<List<String>> option : List.of(Option.ENV_VARIABLES, Option.TOOLS)) {
      Said<List<String>> names = bounds.said(option);
      if (names != null) {
        beyond(found, asked, option, names, names.value()::contains, Function.identity());
      }
    }
    return found;
  }

  private boolean isCovered(Mount mount) {
    return files == null || files.value().stream().anyMatch(bound -> bound.covers(mount));
  }

  private static String show(Mount mount) {
    return mount.host() + (mount.writable() ? ":rw" : ":ro");
  }

  private <T> void beyond(
      List<Excess> found,
      Options asked,
      Option<List<T>> option,
      Said<?> bound,
      Predicate<T> covered,
      Function<T, String> shown) {
    Said<List<T>> grants = asked.said(option);
    if (grants == null) {
      return;
    }
    for (T grant : grants.value()) {
      if (!covered.test(grant)) {
        found.add(
            new Excess(
                option.name(),
                shown.apply(grant),
                grants.origin(),
                rule(option, bound),
                bound.origin()));
      }
    }
  }

  private String rule(Option<?> option, Said<?> bound) {
    if (noNetwork && option == Option.ALLOWED_HOSTS) {
      return NETWORK + " = false";
    }
    String key = option == Option.MOUNTS ? Option.ALLOWED_FILES.name() : option.name();
    return key + " = " + bound.shown();
  }
}
