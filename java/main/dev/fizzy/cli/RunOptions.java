package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.training.TrainingRun;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: where a training is kept, how it resumes, and what computes it. */
final class RunOptions {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the checkpoint, metrics and what is trained.")
  Path out;

  @Option(names = "--resume", description = "Go on from the checkpoint in --out.")
  boolean resume;

  @Option(
      names = "--checkpoint-every",
      defaultValue = "500",
      paramLabel = "STEPS",
      description = "Steps between checkpoints; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private long checkpointEvery;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of everything random; default: ${DEFAULT-VALUE}.")
  long seed;

  @Option(
      names = "--type",
      defaultValue = "f32",
      description = "Type of the activations, f32 or bf16; default: ${DEFAULT-VALUE}.")
  DType type;

  @Mixin WeightsOption weights;
  @Mixin DeviceOptions device;

  /** Validates the options, before anything is read or computed. */
  void check() {
    TrainingRun.checkFolder(out, resume);
  }

  TrainingRun.Job job(long steps) {
    return new TrainingRun.Job(out, steps, checkpointEvery, resume, Signals::received);
  }
}
