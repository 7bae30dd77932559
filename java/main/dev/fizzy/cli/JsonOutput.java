package dev.fizzy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: a command's result on stdout, as text or with --json as one JSON object. */
class JsonOutput {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(names = "--json", description = "Print the result as one JSON object on stdout.")
  private boolean json;

  CommandLine command() {
    return command.commandLine();
  }

  boolean json() {
    return json;
  }

  /** Prints the fields as JSON, or else the text. */
  void print(Map<String, ?> fields, String text) {
    PrintWriter out = command.commandLine().getOut();
    if (json) {
      try {
        out.println(
            new ObjectMapper()
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .writeValueAsString(fields));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("the result of " + command.name() + " is not JSON", e);
      }
    } else {
      out.println(text);
    }
    out.flush();
  }
}
