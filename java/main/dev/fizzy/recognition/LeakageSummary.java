package dev.fizzy.recognition;

import dev.fizzy.engine.EngineException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The figures of a {@link Leakage}: thresholds, the shares above them, the nearest identities. */
public final class LeakageSummary {
  private final Leakage leakage;
  private final Map<String, Double> thresholds = new LinkedHashMap<>();

  public LeakageSummary(Leakage leakage) {
    this.leakage = leakage;
    for (String rule : List.of("fmr:1e-3", "fmr:1e-4", "search:0.01")) {
      thresholds.put(rule, threshold(rule));
    }
  }

  /** A parsed rule; the kind is empty for a cosine. */
  private record Rule(String kind, double value) {
    static Rule parse(String text) {
      String[] parts = text.split(":", 2);
      String kind = parts.length == 1 ? "" : parts[0];
      try {
        double value = Double.parseDouble(parts[parts.length - 1]);
        boolean valid =
            switch (kind) {
              case "" -> parts.length == 1 && value >= -1 && value <= 1;
              case "fmr", "search" -> value >= 0 && value < 1;
              default -> false;
            };
        if (valid) {
          return new Rule(kind, value);
        }
      } catch (NumberFormatException e) {
        // reported below
      }
      throw new EngineException(
          "there is no threshold "
              + text
              + "; expected fmr:1e-4, search:0.01 or a cosine from -1 to 1");
    }
  }

  /** Throws if there is no such rule. */
  public static void checkRule(String rule) {
    Rule.parse(rule);
  }

  /**
   * The threshold of a rule: {@code fmr:RATE} is the cosine that this share of the pairs of two
   * real people reaches; {@code search:SHARE} is the cosine to the nearest stranger among the
   * training faces that this share of the real people reaches; or a cosine.
   */
  public double threshold(String rule) {
    Rule parsed = Rule.parse(rule);
    return switch (parsed.kind) {
      case "fmr" -> leakage.impostors().threshold(parsed.value);
      case "search" -> {
        float[] nearest = leakage.nearest(true, true);
        int pass = (int) Math.floor(parsed.value * nearest.length + 1e-9);
        yield Math.nextUp(nearest[nearest.length - 1 - pass]);
      }
      default -> parsed.value;
    };
  }

  public Map<String, Double> thresholds() {
    return thresholds;
  }

  /** Names of the identities whose mean vector reaches a threshold, the nearest first. */
  public List<String> above(double threshold) {
    return leakage.matches().stream()
        .filter(m -> m.cosine() >= threshold)
        .map(Leakage.Match::identity)
        .toList();
  }

  /** Share of sorted values that reach a threshold. */
  static double share(float[] sorted, double threshold) {
    int n = 0;
    for (int i = sorted.length - 1; i >= 0 && sorted[i] >= threshold; i--) {
      n++;
    }
    return (double) n / sorted.length;
  }

  /**
   * @param rule one of {@link #thresholds}
   * @param ofReal true for the real people, false for the data set's identities
   */
  public double share(String rule, boolean ofReal) {
    return share(leakage.nearest(ofReal, true), thresholds.get(rule));
  }

  /** Median cosine of the identities to their nearest training face, less that of real people. */
  public double medianAboveStrangers() {
    float[] mine = leakage.nearest(false, true);
    float[] theirs = leakage.nearest(true, true);
    return (double) mine[mine.length / 2] - theirs[theirs.length / 2];
  }

  /** Number of identities nearer to a training face than any searched real person to a stranger. */
  public int nearerThanStrangers() {
    float[] theirs = leakage.nearest(true, true);
    return above(Math.nextUp(theirs[theirs.length - 1])).size();
  }

  /**
   * @param closest number of the nearest identities to list
   */
  public Map<String, Object> fields(int closest) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("identities", leakage.identityCount());
    fields.put("images", leakage.imageCount());
    fields.put("training_faces", leakage.trainingCount());
    fields.put("labeled_faces", leakage.people().labeledFaces());
    fields.put("labeled_people", leakage.people().labeledPeople());
    fields.put("people_searched", leakage.peopleSearched());
    fields.put("strangers_may_be_one_person", leakage.people().unlabeledFaces() > 0);
    ScoreCounts pairs = leakage.impostors();
    Map<String, Object> impostor = new LinkedHashMap<>();
    impostor.put("pairs", pairs.total());
    impostor.put("mean", pairs.mean());
    impostor.put("deviation", pairs.deviation());
    impostor.put("histogram", pairs.histogram());
    fields.put("impostor", impostor);
    Map<String, Object> nearest = new LinkedHashMap<>();
    for (boolean real : new boolean[] {false, true}) {
      for (boolean mean : new boolean[] {true, false}) {
        nearest.put(
            (real ? "real" : "synthetic") + (mean ? "_mean" : "_image"),
            distribution(leakage.nearest(real, mean)));
      }
    }
    fields.put("nearest", nearest);
    fields.put("median_above_strangers", medianAboveStrangers());
    fields.put("identities_nearer_than_strangers", nearerThanStrangers());
    Map<String, Object> above = new LinkedHashMap<>();
    thresholds.forEach(
        (rule, threshold) -> {
          Map<String, Object> counts = new LinkedHashMap<>();
          counts.put("threshold", threshold);
          counts.put("identities", above(threshold).size());
          counts.put("share", share(rule, false));
          counts.put("image_share", share(leakage.nearest(false, false), threshold));
          counts.put("real_share", share(rule, true));
          counts.put("real_image_share", share(leakage.nearest(true, false), threshold));
          above.put(rule, counts);
        });
    fields.put("above", above);
    fields.put("closest", leakage.matches().stream().limit(closest).toList());
    return fields;
  }

  /** The counts, the nearest faces and the thresholds, one per line. */
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add(
        line(
            "%d identities (%d images) against %d training faces, %d of them of %d known people",
            leakage.identityCount(),
            leakage.imageCount(),
            leakage.trainingCount(),
            leakage.people().labeledFaces(),
            leakage.people().labeledPeople()));
    if (leakage.people().unlabeledFaces() > 0) {
      lines.add(
          line(
              "%d training faces have no label and count as separate people: some pairs of"
                  + " strangers may be of one person",
              leakage.people().unlabeledFaces()));
    }
    float[] mine = leakage.nearest(false, true);
    float[] theirs = leakage.nearest(true, true);
    lines.add(
        line(
            "nearest training face: median %.3f, largest %.3f; nearest stranger of %d real people:"
                + " median %.3f, largest %.3f",
            mine[mine.length / 2],
            mine[mine.length - 1],
            theirs.length,
            theirs[theirs.length / 2],
            theirs[theirs.length - 1]));
    lines.add(
        line(
            "the median is %+.3f from that of real strangers; %d identities are nearer than any of"
                + " them",
            medianAboveStrangers(), nearerThanStrangers()));
    thresholds.forEach(
        (rule, threshold) ->
            lines.add(
                line(
                    "above %-11s (cosine %.3f): %5.1f %% of the identities, %5.1f %% of the real"
                        + " people",
                    rule, threshold, 100 * share(rule, false), 100 * share(rule, true))));
    return String.join("\n", lines);
  }

  /** The nearest identities with their training faces, each after a line break. */
  public String closest(int count) {
    return leakage.matches().stream()
        .limit(count)
        .map(m -> line("\n  %.3f  %s  %s", m.cosine(), m.identity(), m.training()))
        .collect(Collectors.joining());
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static Map<String, Object> distribution(float[] sorted) {
    Map<String, Object> fields = new LinkedHashMap<>();
    double mean = ScoreStatistics.mean(sorted);
    fields.put("mean", mean);
    fields.put("deviation", Math.sqrt(ScoreStatistics.variance(sorted, mean)));
    for (double q : new double[] {0.5, 0.95, 0.99, 1}) {
      fields.put(
          String.format(Locale.ROOT, "p%.0f", 100 * q),
          sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))]);
    }
    fields.put("histogram", ScoreStatistics.histogram(sorted));
    return fields;
  }
}
