package dev.fizzy.cli;

import dev.fizzy.diffusion.FirstPhase;
import dev.fizzy.diffusion.GuidanceTimes;
import dev.fizzy.engine.DType;
import dev.fizzy.generation.Autoguidance;
import dev.fizzy.generation.Calibration;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Mixin: at which times images have guidance and their identity, and another model that guides. */
final class GuidanceOptions {
  private static final Logger log = LoggerFactory.getLogger(GuidanceOptions.class);

  @Option(
      names = "--guidance-times",
      split = ",",
      paramLabel = "FIRST,LAST",
      description =
          "Apply guidance only at times from FIRST to LAST; pure noise is at the largest time, the"
              + " image at 0; the log names the times of the steps, of more than "
              + StepTimes.MOST
              + " the first and the last; default: all times.")
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
              + " the log names the times of the steps, of more than "
              + StepTimes.MOST
              + " the first and the last; default: the identity at all times.")
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
      names = "--guide-model",
      paramLabel = "FILE",
      description =
          "Let guidance lead away from what this model predicts for the same context: a smaller or"
              + " less trained one with the same autoencoder (autoguidance); with --negative, for"
              + " the negative context; default: the model itself, for the empty context.")
  private Path guide;

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
      log.info("{}; {}", visited, visited.identity(identityFrom, identityWhen));
    }
    if (times != null) {
      log.info(
          "{}; {}",
          visited,
          visited.guidance(chosen.first(), chosen.last(), chosen.identityFrom()));
    }
  }

  /** The share of guidance's change parallel to the predicted image that is kept. */
  double parallel() {
    return parallel == null ? 0 : parallel;
  }

  /** The phase that images leave by themselves; null if there is none. */
  FirstPhase phase() {
    return identityWhen == null ? null : new FirstPhase(identityWhen, identityFrom);
  }

  boolean injects() {
    return inject;
  }

  /** Whether the empty context is needed, other than for guidance to lead away from. */
  private boolean needsEmpty() {
    return identityFrom != null || inject;
  }

  boolean hasModel() {
    return guide != null;
  }

  /**
   * Throws if options do not go with the model or exclude each other.
   *
   * @param negative whether guidance leads away from another identity
   */
  void check(ModelConfig model, double weight, boolean negative) {
    if (identityWhen != null && identityFrom == null) {
      throw new OptionException(
          "--identity-when needs --identity-from T, the time at which every image has its"
              + " identity");
    }
    if (inject && model.unet() == null) {
      throw new OptionException(
          "--inject-attention is for models with a U-Net; " + model.name() + " has a transformer");
    }
    if (weight == 1 && (times != null || rising || parallel != null || inject || guide != null)) {
      throw new OptionException(
          "--guidance-times, --guidance-rising, --guidance-parallel, --inject-attention and"
              + " --guide-model need a --guidance other than 1");
    }
    if ((negative || guide != null) && needsEmpty()) {
      throw new OptionException(
          "--identity-from and --inject-attention need the empty context, which "
              + (negative ? "--negative" : "--guide-model")
              + " replaces");
    }
    if ((parallel != null || guide != null) && model.network().guidance() != null) {
      throw new OptionException(
          (parallel != null ? "--guidance-parallel" : "--guide-model")
              + " is not for this model, which takes the guidance weight as an input");
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

  /**
   * Opens the model that guides.
   *
   * @param negative whether it predicts for other contexts
   * @param type in which both compute
   * @return null without --guide-model
   */
  ModelFile open(ModelFile model, boolean negative, DType type) {
    if (guide == null) {
      return null;
    }
    ModelFile opened = ModelFile.open(guide);
    try {
      Autoguidance.check(model, opened);
      if (type == DType.INT8) {
        Calibration.require(opened);
      }
      if (!negative && opened.sha256().equals(model.sha256())) {
        throw new OptionException(
            "--guide-model is the model itself: guidance away from its own predictions changes"
                + " nothing");
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** The options that were given, for the manifest of a data set; without the model. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("guidance-times", times);
    settings.put("guidance-rising", rising ? true : null);
    settings.put("guidance-parallel", parallel);
    settings.put("identity-from", identityFrom);
    settings.put("identity-when", identityWhen);
    settings.put("inject-attention", inject ? true : null);
    settings.values().removeIf(value -> value == null);
    return settings;
  }
}
