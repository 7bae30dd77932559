package dev.fizzy.cli;

import dev.fizzy.engine.profile.Profile;
import dev.fizzy.engine.profile.Row;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Option;

/** Mixin: which rows of a profile the table and the CSV show, and in which order. */
final class ProfileView {
  /** What rows are ordered by, the largest first. */
  enum Order {
    TIME(Row::seconds),
    LOST(row -> row.seconds() - row.floorSeconds()),
    FLOPS(Row::flops),
    BYTES(Row::bytes),
    COUNT(Row::count);

    private final ToDoubleFunction<Row> value;

    Order(ToDoubleFunction<Row> value) {
      this.value = value;
    }
  }

  @Option(
      names = "--by",
      defaultValue = "KIND",
      description =
          "One row for each LAYER (path of the published parameter names), each OPERATION, or each"
              + " KIND of operation; default: ${DEFAULT-VALUE}.")
  Profile.Grouping by;

  @Option(
      names = "--sort",
      defaultValue = "TIME",
      description =
          "Order of the rows, the largest first: TIME, LOST (time beyond the floor), FLOPS, BYTES"
              + " or COUNT; default: ${DEFAULT-VALUE}.")
  private Order order;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Number of rows to print; default: all kinds, 40 layers or operations.")
  @Range(min = 1)
  private Integer top;

  @Option(
      names = "--filter",
      paramLabel = "REGEX",
      description =
          "Only operations whose layer, name, shape, type or implementation contains a match.")
  private String filter;

  private static final int ROWS = 40;

  /** Says what is wrong with the options before anything is computed. */
  void check() {
    pattern();
  }

  private Pattern pattern() {
    try {
      return filter == null ? null : Pattern.compile(filter);
    } catch (PatternSyntaxException e) {
      throw new OptionException(
          "--filter " + filter + " is no regular expression: " + e.getDescription());
    }
  }

  /** The rows to show, ordered, before {@link #top}. */
  List<Row> rows(Profile profile) {
    Pattern pattern = pattern();
    List<Row> some =
        profile.rows().stream().filter(row -> pattern == null || matches(pattern, row)).toList();
    if (some.isEmpty()) {
      throw new OptionException(
          "--filter "
              + filter
              + " matches none of the "
              + profile.rows().size()
              + " operations; --by OPERATION without it shows their names");
    }
    Profile shown =
        new Profile(
            some,
            profile.wallSeconds(),
            profile.wallRange(),
            profile.runs(),
            profile.peak(),
            profile.load());
    Comparator<Row> largest = Comparator.comparingDouble(order.value).reversed();
    return shown.by(by).stream().sorted(largest).toList();
  }

  int limit() {
    return top != null ? top : by == Profile.Grouping.KIND ? Integer.MAX_VALUE : ROWS;
  }

  private static boolean matches(Pattern pattern, Row row) {
    return pattern.matcher(row.layer()).find()
        || pattern.matcher(row.operation()).find()
        || pattern.matcher(row.shape()).find()
        || pattern.matcher(row.type()).find()
        || row.implementations().keySet().stream().anyMatch(i -> pattern.matcher(i).find());
  }
}
