package dev.fizzy.cli;

import dev.fizzy.engine.DType;
import dev.fizzy.training.TrainingRun;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: output folder, checkpoints, seed and device of a training. */
final class RunOptions {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the checkpoint, metrics and trained weights.")
  Path out;

  @Option(names = "--resume", description = "Continue from the checkpoint in --out.")
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
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  long seed;

  @Option(
      names = "--type",
      defaultValue = "f32",
      description =
          "Type of the activations: f32, bf16 or auto, which is bf16 where the processor has it;"
              + " a resumed run must have the same; default: ${DEFAULT-VALUE}.")
  private TypeChoice type;

  private DType computed;

  @Mixin StepTraceOptions trace;
  @Mixin WeightsOption weights;
  @Mixin DeviceOptions device;

  /** Validates the options before anything is read or computed. */
  void check() {
    TrainingRun.checkFolder(out, resume);
    trace.check();
    if (type == TypeChoice.INT8) {
      throw new OptionException(
          "--type int8 is for drawing: a training computes in f32, bf16 or auto");
    }
  }

  /** The type of the activations on the devices. */
  DType type() {
    computed = computed == null ? type.on(device.names()) : computed;
    return computed;
  }

  TrainingRun.Job job(long steps) {
    return new TrainingRun.Job(out, steps, checkpointEvery, resume, Signals::received);
  }
}
