package dev.fizzy.cli;

import dev.fizzy.identity.Contexts;
import dev.fizzy.recognition.ScoreStatistics;
import dev.fizzy.recognition.Separability;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "separability",
    description = "Measures how well a face embedder distinguishes the identities of a data set.",
    footer = {
      "",
      "Examples:",
      "  fizzy evaluate separability --data faces/ --embedder mobilefacenet.onnx --contexts"
          + " identities.npy \\",
      "      --save-embeddings faces.npy --out separability.json",
      "  fizzy evaluate separability --embeddings faces.npy --seed 2",
      "",
      "Compares all genuine pairs and randomly drawn impostor pairs. With --contexts, which must"
          + " come from the same embedder, it also measures the similarity of each image to the"
          + " identity it was generated from. Verification follows the 10-fold protocol of LFW,"
          + " with different people in different folds, on up to 6,000 pairs."
    })
final class EvaluateSeparabilityCommand implements Callable<Integer> {
  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description = "Contexts that the data set was generated from.")
  private Path contexts;

  @Option(
      names = "--impostors",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Number of distinct impostor pairs to draw, or all if there are fewer; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int impostors;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the drawn pairs; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private FacesInput input;
  @Mixin private ResultOutput output;

  @Override
  public Integer call() {
    output.begin();
    input.check();
    Contexts wanted = contexts == null ? null : Contexts.read(contexts);
    FacesInput.Read read = input.read(wanted);
    Separability result;
    try (ProgressReporter progress =
        new ProgressReporter("compare", "pairs", Separability.work(read.faces(), impostors))) {
      result = Separability.of(read.faces(), wanted, impostors, seed, progress);
    }
    Map<String, Object> fields = result.fields();
    input.describe(fields);
    fields.put("seed", seed);
    fields.put("skipped", read.skipped());
    output.publish("separability", input.threads(), fields, text(result, fields));
    return 0;
  }

  private static String text(Separability result, Map<String, Object> fields) {
    ScoreStatistics scores = result.scores();
    StringBuilder text = new StringBuilder();
    line(
        text,
        "%d identities, %d images; %d genuine and %d distinct impostor pairs",
        result.identities(),
        result.images(),
        fields.get("genuine_pairs"),
        fields.get("impostor_pairs"));
    line(
        text,
        "EER %.2f %%, %sFDR %.2f",
        100 * scores.equalErrorRate(),
        falseMatches(scores),
        scores.fisherRatio());
    line(
        text,
        "genuine %.3f +- %.3f, impostor %.3f +- %.3f; intra-identity variation %.3f",
        fields.get("genuine_mean"),
        fields.get("genuine_deviation"),
        fields.get("impostor_mean"),
        fields.get("impostor_deviation"),
        result.variation());
    if (result.adherence() != null) {
      line(
          text,
          "adherence to the contexts %.3f +- %.3f",
          result.adherence().mean(),
          result.adherence().deviation());
    }
    if (result.verification() != null) {
      line(
          text,
          "verification %.2f %% +- %.2f (10 folds, %d pairs)",
          100 * result.verification().accuracy(),
          100 * result.verification().deviation(),
          result.verificationPairs());
    } else {
      line(
          text,
          "verification needs %d identities with two images",
          Separability.IDENTITIES_FOR_VERIFICATION);
    }
    if (result.single() > 0) {
      line(text, "%d identities have one image and no genuine pair", result.single());
    }
    return text.toString().strip();
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

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
