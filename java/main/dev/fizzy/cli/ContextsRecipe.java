package dev.fizzy.cli;

import dev.fizzy.file.Sha256;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** How a file of contexts was made: the command with all its options and the files it read. */
final class ContextsRecipe {
  /** Options that do not change the identities. */
  private static final Set<String> OTHERS =
      Set.of(
          "--out", "--json", "--threads", "--batch", "--help", "--version", "--verbose", "--quiet");

  private ContextsRecipe() {}

  static Map<String, Object> of(CommandSpec command) {
    Map<String, Object> recipe = new LinkedHashMap<>();
    recipe.put("command", command.qualifiedName());
    recipe.put("version", Version.number());
    for (OptionSpec option : command.options()) {
      String name = OptionTypes.name(option);
      if (!OTHERS.contains(name) && option.getValue() != null) {
        recipe.put(name.substring(2), plain(option.getValue()));
      }
    }
    return recipe;
  }

  /** A value for JSON; a file is its name without folders and its checksum. */
  private static Object plain(Object value) {
    if (value instanceof Collection<?> list) {
      return list.stream().map(ContextsRecipe::plain).toList();
    }
    if (value instanceof Path file) {
      String name = String.valueOf(file.getFileName());
      return Files.isRegularFile(file) ? Map.of("file", name, "sha256", Sha256.of(file)) : name;
    }
    return value instanceof Number || value instanceof Boolean ? value : value.toString();
  }
}
