package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import dev.fizzy.file.OutputPath;
import dev.fizzy.recognition.IdentitySplit;
import dev.fizzy.recognition.RecognizerRecipe;
import dev.fizzy.recognition.augment.RandAugment;
import dev.fizzy.report.ProgressReporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Mixin: faces, hyperparameters and schedule of a recognizer's training. */
final class RecognizerOptions {
  private static final Logger log = LoggerFactory.getLogger(RecognizerOptions.class);

  /** Bytes of pixels kept in memory: 160,000 faces of 64 x 64. */
  private static final long MEMORY_LIMIT = 2L << 30;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Data set of aligned faces, one folder per identity.")
  private Path data;

  @Option(
      names = "--list",
      paramLabel = "FILE.csv",
      description =
          "Identities of the files of a flat folder: CSV with the columns file and identity; rows"
              + " without an identity are ignored.")
  private Path list;

  @Option(
      names = "--min-images",
      defaultValue = "2",
      paramLabel = "N",
      description = "Skip identities with fewer usable images; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int minImages;

  @Option(
      names = "--validation",
      paramLabel = "N",
      description =
          "Number of identities held out from training to choose the best weights; default: a"
              + " tenth, at least 20; none if there are fewer than 60 identities.")
  @Range(min = 0)
  private Integer validation;

  @Option(
      names = "--validate-every",
      paramLabel = "STEPS",
      description = "Steps between validations; default: one epoch.")
  @Range(min = 1)
  private Long validateEvery;

  @Option(
      names = "--batch",
      defaultValue = "128",
      description = "Faces per step; default: ${DEFAULT-VALUE}.")
  @Range(min = 2)
  int batch;

  @Option(
      names = "--epochs",
      defaultValue = "40",
      description = "Passes over the faces; default: ${DEFAULT-VALUE}.")
  @Range(above = 0, max = 1e9)
  private double epochs;

  @Option(names = "--steps", description = "Number of steps, instead of --epochs.")
  @Range(min = 1)
  private Long steps;

  @Option(names = "--lr", description = "Peak learning rate; default: 0.1 x batch / 512.")
  @Range(min = 0)
  private Double rate;

  @Option(
      names = "--schedule",
      description =
          "How the learning rate falls: plateau (to a tenth after more than 4 validations without a"
              + " new best), steps (to a tenth at each of --milestones) or cosine; default: plateau"
              + " with validation, else cosine.")
  private RecognizerRecipe.Schedule schedule;

  @Option(
      names = "--milestones",
      split = ",",
      paramLabel = "EPOCH",
      description = "Epochs at which --schedule steps lowers the rate; default: 22,30,35.")
  List<Double> milestones = List.of(22., 30., 35.);

  @Option(
      names = "--warmup",
      defaultValue = "0",
      paramLabel = "STEPS",
      description = "Steps of linear warm-up; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private long warmup;

  @Option(
      names = "--momentum",
      defaultValue = "0.9",
      description = "Momentum of SGD; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double momentum;

  @Option(
      names = "--weight-decay",
      defaultValue = "5e-4",
      description = "Weight decay; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double decay;

  @Option(
      names = "--clip",
      defaultValue = "5",
      description =
          "Clip the gradient norm to this value, 0 for no clipping; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double clip;

  @Option(
      names = "--augment",
      split = ",",
      paramLabel = "OPS,MAGNITUDE",
      description =
          "RandAugment: number of operations and highest magnitude; 0,1 for horizontal flips only,"
              + " which are always used; default: 4,16.")
  List<Integer> augment = List.of(4, 16);

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Threads that decode and augment faces; default: the number of processors.")
  @Range(min = 1, max = 1024)
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
          "--augment takes the number of operations and the highest magnitude, such as 4,16, not "
              + augment);
    }
    return OptionTypes.checked(() -> new RandAugment(augment.get(0), augment.get(1)));
  }

  /**
   * Lists the faces and checks that the options suit them. The source stays open: faces beyond the
   * memory limit are decoded again.
   *
   * @param published whether a published list validates, not held out identities
   */
  LabeledImages open(boolean published) {
    LabeledImages source = list == null ? ImageSets.open(data) : FolderImages.open(data, list);
    int people = identities(source);
    if (people < 2) {
      throw new FileException(
          source
              + " has "
              + people
              + " identities with at least "
              + minImages
              + " images; two are needed");
    }
    int held = published ? 0 : held(people);
    IdentitySplit.check(people, held);
    OptionTypes.checked(() -> recipe().optimizer(source.count(), published || held > 0));
    return source;
  }

  /** Number of identities with enough images, usable or not. */
  private int identities(LabeledImages source) {
    int[] images = new int[source.classes()];
    for (int i = 0; i < source.count(); i++) {
      try {
        images[source.label(i)]++;
      } catch (IOException e) {
        log.debug("{} has no label", source.name(i)); // counted when it is read
      }
    }
    return (int) Arrays.stream(images).filter(n -> n >= minImages).count();
  }

  private int held(int people) {
    return validation != null ? validation : IdentitySplit.standard(people);
  }

  /** Reads the faces. */
  IdentityFaces read(LabeledImages source, int size, int threads) {
    try (ProgressReporter progress = new ProgressReporter("read", "faces", source.count())) {
      return IdentityFaces.read(source, size, minImages, threads, MEMORY_LIMIT, progress);
    }
  }

  /** Splits the identities into training and validation. */
  IdentitySplit split(IdentityFaces all, long seed) {
    int wanted = held(all.identities().size());
    if (wanted == 0) {
      log.warn("no validation identities: the weights of the last step are kept");
    }
    return IdentitySplit.of(all, wanted, seed);
  }
}
