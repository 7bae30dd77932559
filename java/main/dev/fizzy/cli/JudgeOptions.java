package dev.fizzy.cli;

import dev.fizzy.diffusion.HeldOut;
import dev.fizzy.diffusion.Judge;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Judges;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: the embedder that judges faces drawn of held-out people. */
abstract class JudgeOptions {
  /** What goes with a judge. */
  private static final String WITH_JUDGE = "--identity-.*|--validate-(faces|steps|guidance)";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** The file of --judge, which a subclass declares. */
  protected Path judge;

  @Option(
      names = "--validate-faces",
      defaultValue = "64",
      paramLabel = "N",
      description =
          "Number of held-out people to draw with --judge and --holdout; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int drawn;

  @Option(
      names = "--validate-guidance",
      defaultValue = "3",
      paramLabel = "W",
      description = "Guidance weight of held-out people; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double guidance;

  /**
   * Validates the combination of options, opens the judge and checks that it may have made the
   * contexts.
   *
   * @param contexts of the faces, or null
   * @param heldOut whether there are people to measure
   * @return null without --judge
   */
  Judge open(Contexts contexts, boolean heldOut) {
    if (judge == null) {
      Given.requireNone(command, WITH_JUDGE, "--judge FILE");
    }
    if (!heldOut) {
      Given.requireNone(command, "--validate-.*", "--holdout SHARE|N");
    }
    if (judge == null) {
      return null;
    }
    if (contexts == null) {
      throw new OptionException("--judge needs --contexts, made by the judge with `fizzy embed`");
    }
    Judge opened = Judges.open(judge);
    if (opened.width() != contexts.width()) {
      throw new OptionException(
          "the vectors of --judge have width "
              + opened.width()
              + ", the contexts "
              + contexts.width()
              + ": make them with the judge by `fizzy embed`");
    }
    return opened;
  }

  /** How held-out people are drawn; null without a judge. */
  HeldOut.Drawing drawing(Judge opened, Sampler sampler, int steps) {
    return opened == null ? null : new HeldOut.Drawing(opened, sampler, steps, guidance, drawn);
  }
}
