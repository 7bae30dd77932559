package dev.fizzy.cli;

import dev.fizzy.dataset.FaceEmbedding;
import dev.fizzy.dataset.FaceFolder;
import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import dev.fizzy.recognition.ScoreStatistics;
import dev.fizzy.recognition.Separability;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "separability",
    description = "Measures how well the identities of a data set can be told apart.",
    footer = {
      "",
      "Example:",
      "  fizzy evaluate separability --data faces/ --embedder mobilefacenet.onnx --contexts identities.npy",
      "",
      "All genuine pairs, impostor pairs drawn by the seed; with --contexts, which must come from the same",
      "embedder, also the similarity of each image to the identity it was made from."
    })
final class EvaluateSeparabilityCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Data set: a folder an identity.")
  private Path data;

  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description = "The identities that the data set was made from.")
  private Path contexts;

  @Option(
      names = "--impostors",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Impostor pairs to draw; default: ${DEFAULT-VALUE}.")
  private int impostors;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the impostor pairs; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private EmbedderOptions embedder;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    if (impostors < 1) {
      throw new EngineException("--impostors must be at least 1, not " + impostors);
    }
    Contexts wanted = contexts == null ? null : Contexts.read(contexts);
    FaceFolder folder = FaceFolder.open(data);
    FaceEmbedding faces;
    try (Embedder network = embedder.open()) {
      if (wanted != null) {
        wanted.requireWidth(network.width());
      }
      faces = embedder.embed(network, folder, false);
    }
    Separability result = Separability.of(faces.contexts(), wanted, impostors, seed);
    Map<String, Object> fields = result.fields();
    fields.put("skipped", faces.skipped().stream().map(Object::toString).toList());
    ScoreStatistics scores = result.scores();
    output.print(
        fields,
        String.format(
            Locale.ROOT,
            "%d identities, %d images: EER %.2f %%, FMR100 %.2f %%, FMR1000 %.2f %%, FDR %.2f; genuine %.3f +- %.3f,"
                + " impostor %.3f +- %.3f; adherence %.3f; variation %.3f; verification %.2f %% +- %.2f",
            result.identities(),
            result.images(),
            100 * scores.equalErrorRate(),
            100 * scores.falseNonMatchRateAt(1e-2),
            100 * scores.falseNonMatchRateAt(1e-3),
            scores.fisherRatio(),
            fields.get("genuine_mean"),
            fields.get("genuine_deviation"),
            fields.get("impostor_mean"),
            fields.get("impostor_deviation"),
            result.adherence(),
            result.variation(),
            100 * result.verification().accuracy(),
            100 * result.verification().deviation()));
    return 0;
  }
}
