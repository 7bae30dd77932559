package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.OutputPath;
import dev.fizzy.recognition.IdentitySplit;
import dev.fizzy.recognition.RecognizerRecipe;
import dev.fizzy.recognition.augment.RandAugment;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Mixin: faces, recipe and schedule of a recognizer's training. */
final class RecognizerOptions {
  private static final Logger log = LoggerFactory.getLogger(RecognizerOptions.class);

  /** Bytes of pixels kept in memory: 160,000 faces of 64 x 64. */
  private static final long MEMORY_LIMIT = 2L << 30;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Data set: a folder an identity, aligned faces.")
  private Path data;

  @Option(
      names = "--list",
      paramLabel = "FILE.csv",
      description =
          "Identities of a flat folder: CSV with the columns file and identity; rows without one"
              + " are ignored.")
  private Path list;

  @Option(
      names = "--min-images",
      defaultValue = "2",
      paramLabel = "N",
      description =
          "Good images that an identity needs, else it is skipped; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int least;

  @Option(
      names = "--validation",
      paramLabel = "N",
      description =
          "Identities that do not train but choose the best model; default: a tenth, 20 at least,"
              + " or none below 60.")
  @Range(min = 0)
  private Integer validation;

  @Option(
      names = "--validate-every",
      paramLabel = "STEPS",
      description = "Steps between validations; default: an epoch.")
  @Range(min = 1)
  private Long validateEvery;

  @Option(
      names = "--batch",
      defaultValue = "128",
      description = "Faces a step; default: ${DEFAULT-VALUE}.")
  @Range(min = 2)
  int batch;

  @Option(
      names = "--epochs",
      defaultValue = "40",
      description = "How often each face is shown; default: ${DEFAULT-VALUE}.")
  @Range(above = 0, max = 1e9)
  private double epochs;

  @Option(names = "--steps", description = "Instead of --epochs.")
  @Range(min = 1)
  private Long steps;

  @Option(
      names = "--lr",
      description = "Peak learning rate; default: 0.1 for a batch of 512, in proportion.")
  @Range(min = 0)
  private Double rate;

  @Option(
      names = "--schedule",
      description =
          "How the rate falls: plateau (a tenth after more than 4 validations without a new best),"
              + " steps (a tenth at --milestones), cosine; default: plateau where there is"
              + " validation, else cosine.")
  private RecognizerRecipe.Schedule schedule;

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
  @Range(min = 0)
  private long warmup;

  @Option(names = "--momentum", defaultValue = "0.9", description = "Default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double momentum;

  @Option(
      names = "--weight-decay",
      defaultValue = "5e-4",
      description = "Default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double decay;

  @Option(
      names = "--clip",
      defaultValue = "5",
      description = "Largest gradient norm, 0 for no limit; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double clip;

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
  @Range(min = 1)
  private Integer workers;

  /**
   * Validates the options, before anything is read or computed.
   *
   * @param out the folder that the training writes to
   */
  void check(Path out) {
    OutputPath.requireOutside(out, data);
    augment();
    recipe();
  }

  RecognizerRecipe recipe() {
    return OptionTypes.checked(
        () ->
            new RecognizerRecipe(
                batch, epochs, steps, rate, schedule, milestones, warmup, momentum, decay, clip));
  }

  long validateEvery(IdentityFaces training) {
    return validateEvery == null ? recipe().epoch(training.count()) : validateEvery;
  }

  int workers(int threads) {
    return workers == null ? threads : workers;
  }

  RandAugment augment() {
    if (augment.size() != 2) {
      throw new OptionException(
          "--augment takes the operations and the highest magnitude, like 4,16, not " + augment);
    }
    return OptionTypes.checked(() -> new RandAugment(augment.get(0), augment.get(1)));
  }

  /** The source stays open: faces beyond the memory limit are decoded again while training. */
  IdentityFaces read(int size, int threads) {
    LabeledImages source = list == null ? ImageSets.open(data) : FolderImages.open(data, list);
    try (ProgressReporter progress = new ProgressReporter("read", "faces", source.count())) {
      return IdentityFaces.read(source, size, least, threads, MEMORY_LIMIT, progress);
    }
  }

  /** Those who train, and those who validate. */
  IdentitySplit split(IdentityFaces all, long seed) {
    int people = all.identities().size();
    int wanted = validation != null ? validation : IdentitySplit.standard(people);
    if (wanted == 0) {
      log.warn("no identities validate: the weights of the last step are kept");
    }
    return IdentitySplit.of(all, wanted, seed);
  }
}
