package dev.fizzy.cli;

import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.diffusion.IdentityObjective;
import dev.fizzy.diffusion.Objective;
import dev.fizzy.diffusion.TrainingTimes;
import picocli.CommandLine.Option;

/** Mixin: the times and weights of the training faces. */
final class ObjectiveOptions {
  @Option(
      names = "--times",
      defaultValue = "uniform",
      paramLabel = "DENSITY",
      description =
          "How the times of the faces are drawn: uniform, logit-normal:M,S (ln(sigma/alpha) is"
              + " normal with mean M, higher for more noise, and deviation S, as in Stable Diffusion"
              + " 3) or power:K (density t^K, highest at pure noise); default: ${DEFAULT-VALUE}.")
  private TrainingTimes times;

  @Option(
      names = "--min-snr",
      defaultValue = "0",
      paramLabel = "GAMMA",
      description =
          "Weight the loss by min(SNR, GAMMA), the min-SNR strategy; published with 5; 0 for equal"
              + " weights; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double minSnr;

  Objective of(ContextSource contexts, IdentityObjective identity) {
    return new Objective(times, minSnr, contexts, identity);
  }
}
