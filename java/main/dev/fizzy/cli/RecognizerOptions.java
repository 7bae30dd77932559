package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.dataset.read.LabelledImages;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.recognition.IdentitySplit;
import dev.fizzy.recognition.augment.RandAugment;
import dev.fizzy.report.ProgressReporter;
import dev.fizzy.training.LearningRate;
import dev.fizzy.training.Optimizer;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: faces, recipe and schedule of a recognizer's training. */
final class RecognizerOptions {
  private static final Logger log = LoggerFactory.getLogger(RecognizerOptions.class);

  /** Bytes of pixels kept in memory: 160,000 faces of 64 x 64. */
  private static final long MEMORY_LIMIT = 2L << 30;

  private static final double SHARE = .1;

  /** Rate of the published recipe for the batch of its three or four GPUs. */
  private static final double RATE = .1;

  private static final int RATE_BATCH = 512;

  /** How the learning rate falls. */
  enum Schedule {
    PLATEAU,
    STEPS,
    COSINE
  }

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Data set: a folder an identity, aligned faces.")
  Path data;

  @Option(
      names = "--list",
      paramLabel = "FILE.csv",
      description =
          "Identities of a flat folder: CSV with the columns file and identity; rows without one"
              + " are ignored.")
  Path list;

  @Option(
      names = "--min-images",
      defaultValue = "2",
      paramLabel = "N",
      description =
          "Good images that an identity needs, else it is skipped; default: ${DEFAULT-VALUE}.")
  int least;

  @Option(
      names = "--validation",
      paramLabel = "N",
      description =
          "Identities that do not train but choose the best model; default: a tenth, 20 at least,"
              + " or none below 60.")
  Integer validation;

  @Option(
      names = "--validate-every",
      paramLabel = "STEPS",
      description = "Steps between validations; default: an epoch.")
  Long validateEvery;

  @Option(
      names = "--batch",
      defaultValue = "128",
      description = "Faces a step; default: ${DEFAULT-VALUE}.")
  int batch;

  @Option(
      names = "--epochs",
      defaultValue = "40",
      description = "How often each face is shown; default: ${DEFAULT-VALUE}.")
  double epochs;

  @Option(names = "--steps", description = "Instead of --epochs.")
  Long steps;

  @Option(
      names = "--lr",
      description = "Peak learning rate; default: 0.1 for a batch of 512, in proportion.")
  Double rate;

  @Option(
      names = "--schedule",
      description =
          "How the rate falls: plateau (a tenth after more than 4 validations without a new best),"
              + " steps (a tenth at --milestones), cosine; default: plateau where there is"
              + " validation, else cosine.")
  Schedule schedule;

  @Option(
      names = "--milestones",
      split = ",",
      paramLabel = "EPOCH",
      description = "Epochs at which --schedule steps falls; default: 22,30,35.")
  List<Double> milestones = List.of(22., 30., 35.);

  @Option(
      names = "--warmup",
      defaultValue = "0",
      paramLabel = "STEPS",
      description = "Steps of linear warm-up; default: ${DEFAULT-VALUE}.")
  long warmup;

  @Option(names = "--momentum", defaultValue = "0.9", description = "Default: ${DEFAULT-VALUE}.")
  double momentum;

  @Option(
      names = "--weight-decay",
      defaultValue = "5e-4",
      description = "Default: ${DEFAULT-VALUE}.")
  double decay;

  @Option(
      names = "--clip",
      defaultValue = "5",
      description = "Largest gradient norm, 0 for no limit; default: ${DEFAULT-VALUE}.")
  double clip;

  @Option(
      names = "--augment",
      split = ",",
      paramLabel = "OPS,MAGNITUDE",
      description = "RandAugment, always with a flip; 0,1 flips alone; default: 4,16.")
  List<Integer> augment = List.of(4, 16);

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Threads that prepare faces; default: one a processor.")
  Integer workers;

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

  @Mixin DeviceOptions device;

  /** Refuses what cannot be, before anything is read or computed. */
  void check() {
    atLeast("--batch", batch, 2);
    atLeast("--min-images", least, 1);
    atLeast("--workers", workers(), 1);
    if (steps != null) {
      atLeast("--steps", steps, 1);
    }
    if (validateEvery != null) {
      atLeast("--validate-every", validateEvery, 1);
    }
    if (!(epochs > 0 && epochs < 1e9)) {
      throw new EngineException("--epochs must be positive, not " + epochs);
    }
    for (double value : new double[] {clip, decay, momentum, rate == null ? 0 : rate}) {
      if (!(value >= 0) || Double.isInfinite(value)) {
        throw new EngineException(
            "--clip, --weight-decay, --momentum and --lr must be 0 or positive numbers, not "
                + value);
      }
    }
    augment();
  }

  private static void atLeast(String option, long value, long least) {
    if (value < least) {
      throw new EngineException(option + " must be at least " + least + ", not " + value);
    }
  }

  int workers() {
    return workers == null ? device.threads() : workers;
  }

  RandAugment augment() {
    if (augment.size() != 2) {
      throw new EngineException(
          "--augment takes the operations and the highest magnitude, like 4,16, not " + augment);
    }
    return new RandAugment(augment.get(0), augment.get(1));
  }

  /** The source stays open: faces beyond the memory limit are decoded again while training. */
  IdentityFaces read(int size) {
    LabelledImages source = list == null ? ImageSets.open(data) : FolderImages.open(data, list);
    try (ProgressReporter progress = new ProgressReporter("read", "faces", source.count())) {
      return IdentityFaces.read(source, size, least, device.threads(), MEMORY_LIMIT, progress);
    }
  }

  /** Those who train, and those who validate. */
  IdentitySplit split(IdentityFaces all) {
    int people = all.identities().size();
    int wanted =
        validation != null
            ? validation
            : people < 3 * IdentitySplit.LEAST
                ? 0
                : Math.max(IdentitySplit.LEAST, (int) Math.round(SHARE * people));
    if (wanted == 0) {
      log.warn("no identity validates: the last weights are taken for the best");
    }
    return IdentitySplit.of(all, wanted, seed);
  }

  long stepsOf(double epochs, IdentityFaces training) {
    return Math.max(1, Math.round(epochs * training.count() / batch));
  }

  long steps(IdentityFaces training) {
    return steps == null ? stepsOf(epochs, training) : steps;
  }

  long validateEvery(IdentityFaces training) {
    return validateEvery == null ? stepsOf(1, training) : validateEvery;
  }

  Optimizer optimizer(IdentityFaces training, boolean validates) {
    double peak = rate == null ? RATE * batch / RATE_BATCH : rate;
    Schedule chosen = schedule != null ? schedule : validates ? Schedule.PLATEAU : Schedule.COSINE;
    if (chosen == Schedule.PLATEAU && !validates) {
      throw new EngineException("--schedule plateau needs identities that validate");
    }
    LearningRate falling =
        switch (chosen) {
          case PLATEAU -> new LearningRate.Plateau(peak, .1, 4, 0, warmup);
          case STEPS ->
              new LearningRate.Steps(
                  peak,
                  .1,
                  milestones.stream().map(epoch -> stepsOf(epoch, training)).toList(),
                  warmup);
          case COSINE ->
              new LearningRate.Cosine(peak, 0, Math.max(1, steps(training) - warmup), 2, warmup);
        };
    return new Optimizer.Sgd(falling, momentum, decay, clip);
  }
}
