package dev.capsule.sidecar.journal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server's address, as its own programs or Java's write it.
 *
 * @param url for the driver
 * @param properties for the driver, among them perhaps a password
 * @param place for people: without a password
 */
record PostgresAddress(String url, Properties properties, String place) {
  private static final String JDBC = "jdbc:";

  /**
   * What an address may say beside where the server is, and what the driver calls it. The driver
   * knows more, some of which would have it load classes.
   */
  private static final Map<String, String> PARAMETERS =
      Map.ofEntries(
          Map.entry("user", "user"),
          Map.entry("password", "password"),
          Map.entry("sslmode", "sslmode"),
          Map.entry("sslrootcert", "sslrootcert"),
          Map.entry("sslcert", "sslcert"),
          Map.entry("sslkey", "sslkey"),
          Map.entry("connect_timeout", "connectTimeout"),
          Map.entry("connectTimeout", "connectTimeout"),
          Map.entry("application_name", "ApplicationName"),
          Map.entry("ApplicationName", "ApplicationName"),
          Map.entry("targetServerType", "targetServerType"),
          Map.entry("currentSchema", "currentSchema"),
          Map.entry("channelBinding", "channelBinding"),
          Map.entry("channel_binding", "channelBinding"));

  /**
   * @throws JournalException if it is none
   */
  static PostgresAddress parse(String url, Map<String, String> environment) {
    String rest = url.startsWith(JDBC) ? url.substring(JDBC.length()) : url;
    int scheme = rest.indexOf("://");
    if (scheme < 0 || !rest.substring(0, scheme).matches("postgres(ql)?")) {
      throw unfit("it should be like postgresql://user@host/database");
    }
    rest = rest.substring(scheme + 3);
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String path = question < 0 ? rest : rest.substring(0, question);
    int at = path.lastIndexOf('@');
    String user = at < 0 ? null : path.substring(0, at);
    path = path.substring(at + 1);
    int slash = path.indexOf('/');
    String hosts = slash < 0 ? path : path.substring(0, slash);
    String database = slash < 0 ? "" : path.substring(slash + 1);
    if (hosts.isEmpty() || !hosts.matches("[\\w.:,\\[\\]%-]+") || database.contains("/")) {
      throw unfit("it names no server: it should be like postgresql://user@host/database");
    }
    Properties properties = new Properties();
    putUser(properties, user, environment);
    for (String parameter : query.split("&", -1)) {
      if (!parameter.isEmpty()) {
        putParameter(properties, parameter);
      }
    }
    if (database.isEmpty()) {
      database = properties.getProperty("user", "");
    }
    return new PostgresAddress(
        JDBC + "postgresql://" + hosts + "/" + database,
        properties,
        "postgresql://" + hosts + "/" + decoded(database));
  }

  private static void putUser(
      Properties properties, @Nullable String given, Map<String, String> environment) {
    String name = given == null ? "" : given;
    int colon = name.indexOf(':');
    String user = decoded(colon < 0 ? name : name.substring(0, colon));
    if (user.isEmpty()) {
      user = environment.getOrDefault("PGUSER", System.getProperty("user.name", ""));
    }
    properties.setProperty("user", user);
    String password =
        colon < 0 ? environment.get("PGPASSWORD") : decoded(name.substring(colon + 1));
    if (password != null) {
      properties.setProperty("password", password); // else the driver looks into ~/.pgpass
    }
  }

  private static void putParameter(Properties properties, String parameter) {
    int equals = parameter.indexOf('=');
    String name = decoded(equals < 0 ? parameter : parameter.substring(0, equals));
    String known = PARAMETERS.get(name);
    if (known == null) {
      throw unfit("it has a parameter \"" + name + "\", and may have " + names());
    }
    properties.setProperty(known, equals < 0 ? "" : decoded(parameter.substring(equals + 1)));
  }

  private static String names() {
    return String.join(", ", PARAMETERS.keySet().stream().sorted().toList());
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw unfit("a % in it should be written as %25");
    }
  }

  /** Without the address, which may hold a password. */
  private static JournalException unfit(String why) {
    return new JournalException(
        JournalException.Kind.UNAVAILABLE,
        "the journal's address (url in [journal] of capsule.toml, or CAPSULE_JOURNAL_URL) cannot be"
            + " used: "
            + why);
  }

  @Override
  public String toString() {
    return place;
  }
}
