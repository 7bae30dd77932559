package dev.fizzy.cli;

import dev.fizzy.diffusion.HeldOut;
import dev.fizzy.diffusion.Judge;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Judges;
import java.nio.file.Path;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Mixin: the embedder that judges faces drawn of held-out people. */
abstract class JudgeOptions {
  /** What goes with a judge. */
  private static final Pattern OTHERS =
      Pattern.compile("--identity-.*|--validate-(faces|steps|guidance)");

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
   * Opens the judge and checks that it may have made the contexts.
   *
   * @param contexts of the faces, or null
   * @return null without --judge
   */
  Judge open(Contexts contexts) {
    if (judge == null) {
      requireNoOthers();
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

  /** Throws if options were given that do nothing without a judge. */
  private void requireNoOthers() {
    for (OptionSpec given : command.commandLine().getParseResult().matchedOptions()) {
      String name = OptionTypes.name(given);
      if (OTHERS.matcher(name).matches()) {
        throw new OptionException(name + " needs --judge FILE");
      }
    }
  }

  /** How held-out people are drawn; null without a judge. */
  HeldOut.Drawing drawing(Judge opened, Sampler sampler, int steps) {
    return opened == null ? null : new HeldOut.Drawing(opened, sampler, steps, guidance, drawn);
  }
}
