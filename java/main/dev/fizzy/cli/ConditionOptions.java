package dev.fizzy.cli;

import dev.fizzy.diffusion.SimilarityCondition;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.generation.Similarity;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Negatives;
import dev.fizzy.identity.Perturbation;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Mixin: how each image departs from its identity, and which identity guidance leads away from. */
final class ConditionOptions {
  @Option(
      names = "--perturb",
      paramLabel = "B",
      description =
          "Turn the context of each image by a random angle with a cosine from B to 1 (IDperturb);"
              + " B is raised to the cosine of half the angle to the nearest other identity;"
              + " published: 0.6; default: none.")
  @Range(min = -1, below = 1)
  private Double perturb;

  @Option(
      names = "--negative",
      paramLabel = "WHICH",
      description =
          "Let guidance lead away from another identity instead of the empty context: close, middle"
              + " or far by its cosine, or random (NegFaceDiff); default: the empty context.")
  private Negatives.Choice negative;

  @Option(
      names = "--negatives",
      paramLabel = "FILE",
      description = "Contexts to take the other identity from; default: those of --contexts.")
  private Path negatives;

  @Option(
      names = "--similarity",
      split = ",",
      paramLabel = "M",
      description =
          "Cosine that images are to have to their context, for a model with context_similarity"
              + " (CemiFace); FROM,TO draws one for each image; default: the mean of the training"
              + " faces.")
  @Range(min = -1, max = 1)
  private List<Double> similarity;

  boolean hasNegative() {
    return negative != null;
  }

  /** Throws if options exclude each other. */
  void check(double guidance) {
    if (guidance == 1 && negative != null) {
      throw new OptionException("--negative needs a --guidance other than 1");
    }
    if (negative == null && negatives != null) {
      throw new OptionException("--negatives goes with --negative WHICH");
    }
  }

  /** Throws for options that need contexts. */
  void requireUnconditional() {
    for (String name : settings().keySet()) {
      throw new OptionException("--unconditional excludes --" + name);
    }
  }

  /** The conditions of every image; compares all identities if an option needs it. */
  ImageConditions conditions(Contexts contexts, long seed, int threads) {
    if (perturb == null && negative == null) {
      return ImageConditions.of(contexts);
    }
    Contexts others = negatives == null ? contexts : Contexts.read(negatives);
    try (Device device = Devices.open("cpu", threads)) {
      return new ImageConditions(
          contexts,
          perturb == null ? null : new Perturbation(device, contexts, perturb, seed),
          negative == null ? null : Negatives.of(device, contexts, others, negative, seed),
          null);
    }
  }

  /** Throws if the similarity does not go with the model. */
  void checkSimilarity(ModelConfig model) {
    if (similarity == null) {
      return;
    }
    if (!model.network().contextSimilarity()) {
      throw new OptionException(
          "the model takes no --similarity: its configuration has no context_similarity");
    }
    if (similarity.size() > 2 || similarity.get(similarity.size() - 1) < similarity.get(0)) {
      throw new OptionException(
          "--similarity takes a cosine or an ascending range such as .4,.8, not " + similarity);
    }
  }

  /** The similarity of each image; null for a model without. */
  Similarity similarity(ModelFile model, long seed) {
    if (!model.config().network().contextSimilarity()) {
      return null;
    }
    if (similarity == null) {
      float mean = model.floats(SimilarityCondition.MEAN)[0];
      return new Similarity(mean, mean, seed);
    }
    return new Similarity(similarity.get(0), similarity.get(similarity.size() - 1), seed);
  }

  /** The options that were given, for the manifest of a data set. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("perturb", perturb);
    settings.put("similarity", similarity);
    settings.put("negative", negative == null ? null : negative.name());
    settings.put("negatives", negatives == null ? null : Contexts.read(negatives).sha256());
    settings.values().removeIf(value -> value == null);
    return settings;
  }
}
