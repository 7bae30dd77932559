package dev.fizzy.cli;

import dev.fizzy.recognition.OtherPhotos;
import dev.fizzy.recognition.RealComparison;
import dev.fizzy.recognition.Retrieval;
import dev.fizzy.recognition.ScoreStatistics;
import dev.fizzy.recognition.Separability;
import java.util.Locale;
import java.util.Map;

/** What `evaluate separability` prints. */
final class SeparabilityText {
  private static final int FEW = 5;

  private final StringBuilder text = new StringBuilder();

  /**
   * @param retrieval null without contexts
   * @param real null without real photos
   */
  SeparabilityText(Separability result, Retrieval retrieval, RealComparison real) {
    pairs(result);
    if (result.adherence() != null) {
      line(
          "adherence to the contexts %.3f +- %.3f",
          result.adherence().mean(), result.adherence().deviation());
    }
    if (retrieval != null) {
      ranks("image", retrieval.images(), retrieval.candidates());
      ranks("identity", retrieval.identities(), retrieval.candidates());
    }
    if (real != null) {
      real(real);
    }
    if (result.verification() != null) {
      line(
          "verification %.2f %% +- %.2f (10 folds, %d pairs)",
          100 * result.verification().accuracy(),
          100 * result.verification().deviation(),
          result.verificationPairs());
    } else {
      line(
          "verification needs %d identities with two images",
          Separability.IDENTITIES_FOR_VERIFICATION);
    }
    if (result.single() > 0) {
      line("%d identities have one image and no genuine pair", result.single());
    }
  }

  private void pairs(Separability result) {
    ScoreStatistics scores = result.scores();
    Map<String, Object> fields = scores.fields();
    line(
        "%d identities, %d images; %d genuine and %d distinct impostor pairs",
        result.identities(),
        result.images(),
        fields.get("genuine_pairs"),
        fields.get("impostor_pairs"));
    line(
        "EER %.2f %%, %sFDR %.2f",
        100 * scores.equalErrorRate(), falseMatches(scores), scores.fisherRatio());
    line(
        "genuine %.3f +- %.3f, impostor %.3f +- %.3f; intra-identity variation %.3f",
        fields.get("genuine_mean"),
        fields.get("genuine_deviation"),
        fields.get("impostor_mean"),
        fields.get("impostor_deviation"),
        result.variation());
  }

  private static String falseMatches(ScoreStatistics scores) {
    StringBuilder text = new StringBuilder();
    for (int n : ScoreStatistics.FALSE_MATCHES) {
      text.append("FMR").append(n).append(' ');
      text.append(
          scores.measures(1. / n)
              ? String.format(Locale.ROOT, "%.2f %%, ", 100 * scores.falseNonMatchRateAt(1. / n))
              : "not measured (needs " + n + " impostor pairs), ");
    }
    return text.toString();
  }

  private void ranks(String of, int[] ranks, int candidates) {
    line(
        "own context of an %s among %d: rank 1 %.1f %%, rank %d or better %.1f %%, median rank %.0f",
        of,
        candidates,
        100 * Retrieval.share(ranks, 1),
        FEW,
        100 * Retrieval.share(ranks, FEW),
        Retrieval.median(ranks));
  }

  private void real(RealComparison comparison) {
    Separability real = comparison.real();
    Map<String, Object> fields = real.scores().fields();
    line(
        "real people (%d, %d photos): genuine %.3f, impostor %.3f, EER %.2f %%, variation %.3f",
        real.identities(),
        real.images(),
        fields.get("genuine_mean"),
        fields.get("impostor_mean"),
        100 * real.scores().equalErrorRate(),
        real.variation());
    OtherPhotos others = comparison.others();
    if (others == null) {
      line("no identity was generated from one of these photos with another of the person");
    } else {
      line(
          "other photos of the person (%d identities): images %.3f, the photo itself %.3f,"
              + " strangers %.3f: %.1f %% of the way",
          others.identities(),
          others.images(),
          others.photo(),
          comparison.impostorMean(),
          100 * others.fraction(comparison.impostorMean()));
    }
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  @Override
  public String toString() {
    return text.toString().strip();
  }
}
