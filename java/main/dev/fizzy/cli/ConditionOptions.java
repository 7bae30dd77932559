package dev.fizzy.cli;

import dev.fizzy.diffusion.FirstPhase;
import dev.fizzy.diffusion.GuidanceTimes;
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
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Mixin: how each image departs from its identity, and what guidance leads away from and when. */
final class ConditionOptions {
  private static final Logger log = LoggerFactory.getLogger(ConditionOptions.class);

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
      names = "--guidance-times",
      split = ",",
      paramLabel = "FIRST,LAST",
      description =
          "Apply guidance only at times from FIRST to LAST; pure noise is at the largest time, the"
              + " image at 0; the log names the times of the steps; default: all times.")
  @Range(min = 0)
  private List<Integer> times;

  @Option(
      names = "--guidance-rising",
      description =
          "Let the weight rise from 1 at pure noise to W at the image (NegFaceDiff) instead of W at"
              + " all times.")
  private boolean rising;

  @Option(
      names = "--guidance-parallel",
      paramLabel = "SHARE",
      description =
          "Share of guidance's change parallel to the predicted image that is kept, 0 to 1: it"
              + " raises contrast, saturation and sharpness more than identity; 1 is guidance as"
              + " published; default: 0 (adaptive projected guidance).")
  @Range(min = 0, max = 1)
  private Double parallel;

  @Option(
      names = "--identity-from",
      paramLabel = "T",
      description =
          "Draw with the empty context at times above T and with the identity from T on (UIFace);"
              + " the log names the times of the steps; default: the identity at all times.")
  @Range(min = 0)
  private Integer identityFrom;

  @Option(
      names = "--identity-when",
      paramLabel = "D",
      description =
          "With --identity-from T: give each image its identity before T, as soon as the image that"
              + " the network predicts changes by less than D from one step to the next (root mean"
              + " square, in standard deviations of the latents); default: at T.")
  @Range(above = 0)
  private Double identityWhen;

  @Option(
      names = "--inject-attention",
      description =
          "Give the half of each step that has the identity the maps of self-attention of the empty"
              + " context's half (UIFace); needs a --guidance other than 1.")
  private boolean inject;

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

  GuidanceTimes times() {
    if (times != null && times.size() != 2) {
      throw new OptionException(
          "--guidance-times takes the first and the last time, such as 200,800, not " + times);
    }
    int first = times == null ? 0 : times.get(0);
    int last = times == null ? Integer.MAX_VALUE : times.get(1);
    boolean at = identityFrom != null && identityWhen == null;
    int from = at ? identityFrom : Integer.MAX_VALUE;
    return OptionTypes.checked(() -> new GuidanceTimes(first, last, from, rising, parallel()));
  }

  /** Throws if an option that chooses times does nothing at those of the steps; logs these. */
  void checkTimes(float[] steps) {
    if (times == null && identityFrom == null) {
      return;
    }
    StepTimes visited = new StepTimes(steps);
    GuidanceTimes chosen = times();
    if (identityFrom != null) {
      visited.checkIdentity(identityFrom, identityWhen);
    }
    if (times != null) {
      visited.checkGuidance(chosen.first(), chosen.last(), chosen.identityFrom());
    }
    if (identityFrom != null) {
      log.info(
          "{}; images have their identity in the last {}{}",
          visited,
          visited.withIdentity(identityFrom),
          identityWhen == null ? "" : " at the latest");
    }
    if (times != null) {
      log.info(
          "{}; {} of them have guidance",
          visited,
          visited.guided(chosen.first(), chosen.last(), chosen.identityFrom()));
    }
  }

  /** The share of guidance's change parallel to the predicted image that is kept. */
  double parallel() {
    return parallel == null ? 0 : parallel;
  }

  /** Whether the share was given. */
  boolean hasParallel() {
    return parallel != null;
  }

  boolean hasNegative() {
    return negative != null;
  }

  /** The phase that images leave by themselves; null if there is none. */
  FirstPhase phase() {
    return identityWhen == null ? null : new FirstPhase(identityWhen, identityFrom);
  }

  boolean injects() {
    return inject;
  }

  /** Whether the empty context is needed, other than for guidance to lead away from. */
  boolean needsEmpty() {
    return identityFrom != null || inject;
  }

  /** The options that were given and that need the time of a diffusion model. */
  List<String> timed() {
    return Stream.of(
            "guidance-times",
            "guidance-rising",
            "guidance-parallel",
            "identity-from",
            "identity-when",
            "inject-attention")
        .filter(settings()::containsKey)
        .map(name -> "--" + name)
        .toList();
  }

  /** Throws if options exclude each other. */
  void check(double guidance, boolean unconditional) {
    if (unconditional) {
      requireUnconditional(false);
    }
    if (identityWhen != null && identityFrom == null) {
      throw new OptionException(
          "--identity-when needs --identity-from T, the time at which every image has its identity");
    }
    if (guidance == 1 && inject) {
      throw new OptionException("--inject-attention needs a --guidance other than 1");
    }
    if (guidance == 1 && (times != null || rising || hasParallel() || negative != null)) {
      throw new OptionException(
          "--guidance-times, --guidance-rising, --guidance-parallel and --negative need a --guidance"
              + " other than 1");
    }
    if (negative == null && negatives != null) {
      throw new OptionException("--negatives goes with --negative WHICH");
    }
    if (negative != null && needsEmpty()) {
      throw new OptionException(
          "--identity-from and --inject-attention need the empty context, which --negative replaces");
    }
  }

  /**
   * Throws for options that need contexts.
   *
   * @param guided whether another model guides, which the options of guidance apply to
   */
  void requireUnconditional(boolean guided) {
    for (String name : settings().keySet()) {
      if (!guided || !name.startsWith("guidance-")) {
        throw new OptionException("--unconditional excludes --" + name);
      }
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
    settings.put("guidance-times", times);
    settings.put("guidance-rising", rising ? true : null);
    settings.put("guidance-parallel", parallel);
    settings.put("identity-from", identityFrom);
    settings.put("identity-when", identityWhen);
    settings.put("inject-attention", inject ? true : null);
    settings.put("similarity", similarity);
    settings.put("negative", negative == null ? null : negative.name());
    settings.put("negatives", negatives == null ? null : Contexts.read(negatives).sha256());
    settings.values().removeIf(value -> value == null);
    return settings;
  }
}
