package dev.fizzy.cli;

import dev.fizzy.identity.ApartRule;
import dev.fizzy.identity.Contexts;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Mixin;

/** Mixin: the file of new identities, and how far apart these must be. */
final class IdentitiesOutput extends ContextsOutput {
  @Mixin private ApartOptions apart;

  private final Map<String, Object> notes = new LinkedHashMap<>();

  @Override
  void check() {
    apart.check();
    super.check();
  }

  /** Whether the options may drop identities. */
  boolean drops() {
    return apart.given();
  }

  /** Adds a figure to the result. */
  void note(String name, Object value) {
    notes.put(name, value);
  }

  /** Writes those of a set that the options keep. */
  void keep(Contexts made, int threads) {
    make(
        threads,
        rule -> {
          Contexts kept = rule.keep(made);
          if (rule.rejects()) {
            note("dropped", made.size() - kept.size());
          }
          return kept;
        });
  }

  /**
   * Writes a new set.
   *
   * @param how makes it with the rule that the options give
   */
  void make(int threads, Function<ApartRule, Contexts> how) {
    check();
    try (ApartOptions.Opened opened = apart.open(threads)) {
      Contexts made = how.apply(opened.rule());
      if (opened.rule().rejects()) {
        note("largest_cosine", opened.rule().nearest());
      }
      StringBuilder text = new StringBuilder();
      notes.forEach((name, value) -> text.append(", ").append(words(name, value)));
      write(made, notes, text.toString());
    }
  }

  private static String words(String name, Object value) {
    String number =
        value instanceof Integer
            ? value.toString()
            : String.format(Locale.ROOT, "%.4f", ((Number) value).doubleValue());
    return name.replace('_', ' ') + " " + number;
  }
}
