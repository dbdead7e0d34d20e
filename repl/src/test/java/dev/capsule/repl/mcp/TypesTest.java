package dev.capsule.repl.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "str # {'type':'string'}",
        "bigint # {'type':'integer'}",
        "builtins.float # {'type':'number'}",
        "None # {'type':'null'}",
        "list # {'type':'array'}",
        "list[int] # {'type':'array','items':{'type':'integer'}}",
        "string[][] # {'type':'array','items':{'type':'array','items':{'type':'string'}}}",
        "readonly (string | number)[] #"
            + " {'type':'array','items':{'anyOf':[{'type':'string'},{'type':'number'}]}}",
        "tuple[int, ...] # {'type':'array','items':{'type':'integer'}}",
        "tuple[int, str] # {'type':'array'}",
        "dict[str, list[bool]] #"
            + " {'type':'object','additionalProperties':{'type':'array','items':{'type':'boolean'}}}",
        "Record<string, number> # {'type':'object','additionalProperties':{'type':'number'}}",
        "int | None # {'anyOf':[{'type':'integer'},{'type':'null'}]}",
        "typing.Optional[str] # {'anyOf':[{'type':'string'},{'type':'null'}]}",
        "string | undefined # {'type':'string'}",
        "Literal['a', 'b', 3] # {'enum':['a','b',3]}",
        "\"a\" | \"b, c\" # {'enum':['a','b, c']}",
        "Annotated[int, 'of them'] # {'type':'integer'}",
        "{ a: string, b?: number } #"
            + " {'type':'object','properties':{'a':{'type':'string'},'b':{'type':'number'}},'required':['a']}",
        "Any # {}",
        "datetime.date # {'description':'datetime.date'}",
        "(n: number) => string # {'description':'(n: number) => string'}",
        "'' # {'enum':['']}",
      })
  void hasASchema(String type, String schema) {
    assertThat(Types.schema(type)).isEqualTo(JsonParser.parseString(schema.replace('\'', '"')));
  }

  @Test
  void whatIsNotUnderstoodMayBeAnything() {
    for (String odd :
        new String[] {"[", "list[", "]", "a[b", "{", "{a}", "|", "(((", "\"", "'", "<>"}) {
      assertThat(Types.schema(odd).has("type") && !odd.startsWith("{") && !odd.startsWith("list"))
          .as(odd)
          .isFalse();
    }
  }

  @Test
  void oneThatNestsWithoutEndIsNotFollowed() {
    String deep = "list[".repeat(100_000) + "]".repeat(100_000);
    assertThat(Types.schema(deep).toString()).hasSizeLessThan(10_000);
  }

  @Test
  void defaultsAreReadWhereTheyAreData() {
    assertThat(Types.value("'it''s'")).isNull();
    assertThat(Types.value("'plain'")).hasToString("\"plain\"");
    assertThat(Types.value("-1.5")).hasToString("-1.5");
    assertThat(Types.value("None")).hasToString("null");
    assertThat(Types.value("[]")).hasToString("[]");
    assertThat(Types.value("factory()")).isNull();
    assertThat(Types.value("'a\\n'")).isNull();
    assertThat(Types.value("010")).isNull();
  }
}
