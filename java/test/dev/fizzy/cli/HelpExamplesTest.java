package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The examples in the help are command lines that the commands accept. */
class HelpExamplesTest {
  private static final String PROGRAM = "fizzy ";

  /** A word of a shell: quoted, or without blanks. */
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

  private static List<String> examples(CommandLine command) {
    return Stream.of(command.getCommandSpec().usageMessage().footer())
        .map(String::strip)
        .filter(line -> line.startsWith(PROGRAM))
        .toList();
  }

  /** The arguments of an example, without what the shell does with its output. */
  private static String[] arguments(String example) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(example.substring(PROGRAM.length()).split(" [>|] ")[0]);
    while (word.find()) {
      words.add(Stream.of(1, 2, 3).map(word::group).filter(g -> g != null).findFirst().get());
    }
    return words.toArray(String[]::new);
  }

  private static Stream<CommandLine> leaves(CommandLine command) {
    return command.getSubcommands().isEmpty()
        ? Stream.of(command)
        : command.getSubcommands().values().stream().flatMap(HelpExamplesTest::leaves);
  }

  @Test
  void everyExampleIsAccepted() {
    CommandLine all = Fizzy.commandLine();
    leaves(all)
        .flatMap(command -> examples(command).stream())
        .distinct()
        .forEach(
            example ->
                assertDoesNotThrow(
                    () ->
                        all.parseArgs(arguments(example))
                            .asCommandLineList()
                            .forEach(c -> Range.Check.all(c.getCommandSpec())),
                    example));
  }

  @Test
  void theProfilersOptionsEachHaveAnExample() {
    CommandLine all = Fizzy.commandLine();
    List<String> everywhere = List.of("--help", "--quiet", "--verbose", "--version");
    for (String name : List.of("profile", "plan", "bench")) {
      CommandLine command = all.getSubcommands().get(name);
      List<String> words =
          examples(command).stream().flatMap(e -> Arrays.stream(arguments(e))).toList();
      List<String> without =
          command.getCommandSpec().options().stream()
              .map(OptionSpec::longestName)
              .filter(option -> !everywhere.contains(option) && !words.contains(option))
              .toList();
      assertTrue(words.size() > 10);
      assertEquals(List.of(), without, name);
    }
  }
}
