package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.OutputPath;
import dev.fizzy.report.ProgressReporter;
import dev.fizzy.training.Ema;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: options that every training but a recognizer's has. */
final class TrainingOptions {
  @Option(
      names = {"--faces", "--data"},
      required = true,
      paramLabel = "DATASET",
      description = "Folder of aligned faces, or a data set in any format.")
  Path faces;

  @Option(names = "--steps", description = "Training steps; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  long steps;

  @Option(
      names = "--batch",
      description = "Faces per step, shared by all devices; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  int batch;

  @Option(names = "--lr", description = "Peak learning rate; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  double rate;

  @Option(
      names = "--warmup",
      defaultValue = "200",
      paramLabel = "STEPS",
      description = "Steps of linear warm-up; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  int warmup;

  @Option(
      names = "--cycle",
      paramLabel = "STEPS",
      description =
          "Length of the first cycle of the cosine schedule with warm restarts; each next cycle is"
              + " twice as long; default: all steps.")
  @Range(min = 1)
  Long cycle;

  @Option(
      names = "--clip",
      defaultValue = "1",
      description =
          "Clip the gradient norm to this value, 0 for no clipping; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  double clip;

  @Option(
      names = "--sample-every",
      defaultValue = "1000",
      paramLabel = "STEPS",
      description =
          "Steps between sample grids, 0 for none, not even at the end; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  long sampleEvery;

  @Mixin RunOptions run;

  /** Sets the defaults of --steps, --batch and --lr. */
  TrainingOptions(long steps, int batch, double rate) {
    this.steps = steps;
    this.batch = batch;
    this.rate = rate;
  }

  /** Validates the options before anything is read or computed. */
  void check() {
    OutputPath.requireOutside(run.out, faces);
    run.check();
  }

  FaceSet readFaces(int size) {
    ImageSource images =
        ImageSets.faces(faces); // stays open: faces beyond the memory are read again
    try (ProgressReporter progress = new ProgressReporter("read", "faces", images.count())) {
      return FaceSet.read(images, size, run.device.threads(), FaceSet.MEMORY_LIMIT, progress);
    }
  }

  TrainingRun.Job job() {
    return run.job(steps);
  }

  Optimizer.Adam optimizer() {
    return new Optimizer.Adam(
        new LearningRate.Cosine(
            rate, rate / 100, cycle == null ? Math.max(1, steps - warmup) : cycle, 2, warmup),
        Ema.published(),
        clip);
  }

  /**
   * Runs with progress on stderr. {@code write} and {@code draw} are called with the step whenever
   * a grid is due and at the end, even if an interrupted run had already done the last step; {@code
   * draw} only if grids are wanted.
   */
  void train(TrainingRun training, LongConsumer write, LongConsumer draw) {
    LongConsumer keep = sampleEvery == 0 ? write : write.andThen(draw);
    if (training.done() >= steps) {
      keep.accept(training.done());
    }
    try (Signals.Watch signals = new Signals.Watch();
        ProgressReporter progress =
            new ProgressReporter("train", "images", steps * batch, training.done() * batch)) {
      run.trace.starting(training.done() + 1);
      training.run(
          report -> {
            run.trace.finished(report.step());
            progress.accept(report.step() * batch);
            progress.note(String.format(Locale.ROOT, "loss %.4f", report.values().get("loss")));
            boolean due = sampleEvery > 0 && report.step() % sampleEvery == 0;
            if (due || report.step() == steps) {
              keep.accept(report.step());
            }
            run.trace.starting(report.step() + 1);
          });
    } finally {
      run.trace.end();
    }
  }

  /**
   * Keeps the result of a training in {@code result.json} and prints it.
   *
   * @param kind of the result
   * @param begin of the training, by {@link System#nanoTime}
   * @param usual type of the weights if none is given
   * @param more fields of the result
   */
  void finish(
      JsonOutput output,
      String kind,
      long begin,
      Path model,
      WeightsOption.Type usual,
      FaceSet read,
      Map<String, Object> more) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model", model.toString());
    fields.put("weights", run.weights.name(usual));
    fields.put("steps", steps);
    fields.put("faces", read.count());
    fields.put("skipped", read.skipped().size());
    fields.putAll(more);
    output.keep(kind, run.out.resolve("result.json"), begin, run.device.threads(), fields);
    output.print(
        fields,
        "wrote "
            + model
            + ", its weights in "
            + run.weights.name(usual)
            + "; the metrics are in "
            + run.out.resolve("metrics.jsonl"));
  }

  Path grid(long step) {
    return run.out.resolve("samples").resolve(String.format(Locale.ROOT, "step-%07d.png", step));
  }
}
