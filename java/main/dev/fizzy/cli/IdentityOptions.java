package dev.fizzy.cli;

import dev.fizzy.diffusion.HeldOut;
import dev.fizzy.diffusion.IdentityObjective;
import dev.fizzy.diffusion.Judge;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Mixin: the judge, the loss for identity and the measurement of held-out people. */
final class IdentityOptions extends JudgeOptions {
  @Option(
      names = "--judge",
      paramLabel = "FILE",
      description =
          "Frozen embedder for the identity loss and the adherence of held-out people: the ONNX"
              + " network or recognizer that made --contexts.")
  void judge(Path file) {
    judge = file;
  }

  @Option(
      names = "--identity-weight",
      defaultValue = "0.05",
      paramLabel = "W",
      description =
          "Weight of the identity loss with --judge: minus the cosine of the judge's vectors of the"
              + " decoded predicted face and of the target; 0 to only measure; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double weight;

  @Option(
      names = "--identity-target",
      defaultValue = "time",
      paramLabel = "TARGET",
      description =
          "Target of the identity loss: context, image (the face's own vector), or time: t/T of the"
              + " context and 1 - t/T of the image; default: ${DEFAULT-VALUE}.")
  private IdentityObjective.Target target;

  @Option(
      names = "--identity-times",
      split = ",",
      paramLabel = "FROM,TO",
      description =
          "First and last time at which a face counts in the identity loss; default: all times.")
  @Range(min = 0)
  private List<Integer> times;

  @Option(
      names = "--identity-every",
      defaultValue = "1",
      paramLabel = "STEPS",
      description =
          "Add the identity loss at every STEPS-th step only, which cuts its cost and its effect;"
              + " default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private long every;

  @Option(
      names = "--identity-faces",
      paramLabel = "N",
      description =
          "Compute the identity loss on the first N faces of a batch, which cuts its cost; it is"
              + " their mean; default: the whole batch.")
  @Range(min = 1)
  private Integer faces;

  @Option(
      names = "--validate-steps",
      defaultValue = "15",
      paramLabel = "STEPS",
      description = "Sampling steps (unipc) of held-out people; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int steps;

  @Override
  Judge open(Contexts contexts, boolean heldOut) {
    if (judge != null && times != null && times.size() != 2) {
      throw new OptionException(
          "--identity-times takes the first and the last time, such as 0,600, not " + times);
    }
    if (judge != null && weight == 0 && !heldOut) {
      throw new OptionException(
          "--judge with --identity-weight 0 only measures the people of --holdout: name some");
    }
    return super.open(contexts, heldOut);
  }

  /**
   * The loss for identity.
   *
   * @param opened the judge, null for no loss
   */
  IdentityObjective objective(Judge opened, ModelConfig config, int batch) {
    if (opened == null || weight == 0) {
      return null;
    }
    int from = times == null ? 0 : times.get(0);
    int to = times == null ? config.diffusion().steps() - 1 : times.get(1);
    int first = faces == null ? batch : Math.min(faces, batch);
    return OptionTypes.checked(
        () ->
            new IdentityObjective(
                opened, config.autoencoder(), weight, target, from, to, every, first));
  }

  /** How held-out people are drawn; null without a judge. */
  HeldOut.Drawing drawing(Judge opened) {
    return drawing(opened, Sampler.of("unipc"), steps);
  }
}
