package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.ContextSets;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.PrincipalAxes;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: the distribution that new identities are made after. */
final class LikeOptions {
  @Option(
      names = "--like",
      paramLabel = "FILE",
      description =
          "Contexts to make new ones like, such as those of real faces from `fizzy embed`; default:"
              + " the statistics of the model's training set.")
  private Path like;

  @Option(
      names = "--labels",
      paramLabel = "FILE.csv",
      description =
          "People of the faces in --like, CSV with the columns file and identity: the mean vectors"
              + " of the people are used instead of the faces.")
  private Path labels;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Model whose statistics are used; default: the built-in model.")
  private Path model;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /**
   * The principal axes of the distribution.
   *
   * @param dimensions number of axes to draw in; null for all
   */
  PrincipalAxes axes(Integer dimensions, double spread) {
    PrincipalAxes all = PrincipalAxes.of(distribution());
    int first = dimensions == null ? all.width() : dimensions;
    return OptionTypes.checked(() -> all.drawing(first, spread));
  }

  ContextDistribution distribution() {
    boolean ofModel = like == null || Given.has(command, "--model");
    if (ofModel && Given.has(command, "--like")) {
      throw new OptionException("--like FILE and --model FILE are two distributions: give one");
    }
    if (ofModel && Given.has(command, "--labels")) {
      throw new OptionException("--labels goes with --like FILE");
    }
    if (ofModel) {
      try (ModelFile file = DefaultModel.openOr(model)) {
        return ContextDistribution.of(file);
      }
    }
    Contexts faces = Contexts.read(like);
    Contexts contexts =
        labels == null
            ? faces
            : ContextSets.centers(faces, FaceLabels.byTable(faces.names(), labels));
    return ContextDistribution.fit(
        IntStream.range(0, contexts.size()).mapToObj(contexts::vector).toArray(float[][]::new));
  }
}
