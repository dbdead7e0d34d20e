package dev.capsule.repl.view;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.capsule.protocol.DescribeConfigResult;
import dev.capsule.protocol.Setting;
import dev.capsule.protocol.TaskSettings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigTableTest {
  private static String table(DescribeConfigResult config) {
    return ConfigTable.of(config, path -> Shown.path(path, Path.of("/srv/app")));
  }

  private static Setting setting(String name, JsonElement value, String origin) {
    return new Setting(name, value, origin);
  }

  @Test
  void alignsNamesValuesAndOrigins() {
    var ram = setting("ram", new JsonPrimitive("512MB"), "capsule.toml:12");
    var hosts =
        setting(
            "allowed_hosts", JsonParser.parseString("['a.example', '*.b.example']"), "main.py:5");
    var tools = setting("tools", new JsonArray(), "default");
    var tasks = setting("tasks", JsonNull.INSTANCE, "default");
    var retries = setting("max_retries", new JsonPrimitive(3), "capsule.toml:30");

    assertThat(
            table(
                new DescribeConfigResult(
                    "/srv/app/capsule.toml",
                    "research",
                    "1.2.0",
                    "/srv/app/main.py",
                    List.of("requests", "jinja2"),
                    List.of(ram),
                    List.of(
                        new TaskSettings("fetch", "main.py", 5, List.of(ram, hosts, tools, tasks))),
                    List.of(retries))))
        .isEqualTo(
            """
            configuration  capsule.toml
            workflow       research 1.2.0
            entrypoint     main.py
            dependencies   requests, jinja2

            task fetch, main.py:5
              ram            512MB                   capsule.toml:12
              allowed_hosts  a.example, *.b.example  main.py:5
              tools          none                    default
              tasks          all                     default

            ceiling
              max_retries    3                       capsule.toml:30\
            """);
  }

  @Test
  void withoutAConfigurationTheDefaultsHold() {
    var none =
        new DescribeConfigResult(
            null,
            null,
            null,
            null,
            List.of(),
            List.of(setting("ram", new JsonPrimitive("256MB"), "default")),
            List.of(),
            List.of());
    assertThat(table(none))
        .isEqualTo(
            """
            configuration  none; `capsule init` writes one

            a task that says nothing
              ram  256MB  default\
            """);
  }

  @Test
  void aLongListGoesOnInTheNextLine() {
    var shortOne = setting("ram", new JsonPrimitive("256MB"), "default");
    JsonArray names = new JsonArray();
    for (String name : List.of("timeout", "exit", "task_error", "overloaded", "worker_lost")) {
      names.add(name);
    }
    var config =
        new DescribeConfigResult(
            "/etc/capsule.toml",
            null,
            null,
            null,
            List.of(),
            List.of(shortOne, setting("retry_on", names, "main.py:2")),
            List.of(),
            List.of());
    assertThat(table(config).lines())
        .endsWith(
            "  ram       256MB                       default",
            "  retry_on  timeout, exit, task_error,  main.py:2",
            "            overloaded, worker_lost");
  }

  @Test
  void aLongWordDoesNotMoveTheOriginsOfOthers() {
    var shortOne = setting("ram", new JsonPrimitive("256MB"), "default");
    var longOne = setting("env_variables", new JsonPrimitive("N".repeat(70)), "default");
    var config =
        new DescribeConfigResult(
            "/etc/capsule.toml",
            null,
            null,
            null,
            List.of(),
            List.of(shortOne, longOne),
            List.of(),
            List.of());
    assertThat(table(config)).contains("\n  ram            256MB  default\n");
  }
}
