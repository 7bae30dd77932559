package dev.fizzy.cli;

import dev.fizzy.alignment.FaceDetector;
import dev.fizzy.alignment.Misalignment;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.engine.Devices;
import dev.fizzy.recognition.SelectionRules;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Mixin: which images of a data set to keep. */
final class SelectionOptions {
  private static final Double ANY_FACE = Double.POSITIVE_INFINITY;

  @Option(
      names = "--adherence",
      split = ",",
      paramLabel = "FROM[,TO]",
      description =
          "Keep images whose cosine to the context of their identity is in this range (CemiFace: the"
              + " middle range trains best); needs --contexts; default: all.")
  @Range(min = -1, max = 1)
  private List<Double> adherence;

  @Option(
      names = "--center",
      split = ",",
      paramLabel = "FROM[,TO]",
      description =
          "Keep images whose cosine to the mean of their identity's images is in this range;"
              + " default: all.")
  @Range(min = -1, max = 1)
  private List<Double> center;

  @Option(
      names = "--typical",
      paramLabel = "SHARE",
      description =
          "Keep this share of the images, those whose features are most typical of the set at each"
              + " place of the face, such as .5: faces with faults are less typical (after PaDiM);"
              + " needs an ONNX --embedder and a hundred images; default: keep all.")
  @Range(above = 0, max = 1)
  private Double typical;

  @Option(
      names = "--min-sharpness",
      paramLabel = "X",
      description =
          "Drop images with a lower variance of the Laplacian, see `evaluate quality`; default: keep"
              + " all.")
  @Range(min = 0)
  private Double sharpness;

  @Option(
      names = "--max-clipped",
      paramLabel = "SHARE",
      description = "Drop images with a larger share of values at 0 or 255; default: keep all.")
  @Range(min = 0, max = 1)
  private Double clipped;

  @ArgGroup(multiplicity = "0..1")
  private DetectorOptions.Source detector;

  @Option(
      names = "--max-misaligned",
      paramLabel = "PIXELS",
      description =
          "Drop images whose five landmarks are on average further than this from the ArcFace"
              + " template, in pixels of a 112x112 image, or in which no face is found; needs a"
              + " detector; default with a detector: keep every image in which a face is found.")
  @Range(min = 0)
  private Double misaligned;

  @Option(
      names = "--max-real",
      paramLabel = "C",
      description = "Drop images whose cosine to a vector of --real is above C; default: keep all.")
  @Range(min = -1, max = 1)
  private Double real;

  @Option(
      names = "--largest-cluster",
      paramLabel = "C",
      description =
          "Keep only the largest cluster of an identity's images, in which each has a cosine of at"
              + " least C to another one; default: keep all.")
  @Range(min = -1, max = 1)
  private Double cluster;

  @Option(
      names = "--max-duplicate",
      paramLabel = "C",
      description =
          "Of images of one identity with a cosine above C, keep the first; default: keep all.")
  @Range(min = -1, max = 1)
  private Double duplicate;

  @Option(
      names = "--duplicates-in",
      defaultValue = "identity",
      paramLabel = "PLACE",
      description =
          "Where --max-duplicate searches: identity, or set, which compares every image with every"
              + " other one; default: ${DEFAULT-VALUE}.")
  private DuplicatesIn duplicatesIn;

  /** Where near-duplicates are searched. */
  enum DuplicatesIn {
    IDENTITY,
    SET
  }

  @Option(
      names = "--images",
      paramLabel = "N",
      description =
          "Keep at most N images of an identity, those nearest to its context, or to its mean"
              + " without --contexts; default: keep all.")
  @Range(min = 1)
  private Integer most;

  @Option(
      names = "--min-images",
      paramLabel = "N",
      description =
          "Drop identities with fewer than N images left; default: an identity without images is an"
              + " error.")
  @Range(min = 1)
  private Integer least;

  /**
   * The rules; throws if there is none or if one lacks what it compares with.
   *
   * @param contexts whether --contexts is given
   * @param people whether --real is given
   */
  SelectionRules rules(boolean contexts, boolean people) {
    if (adherence != null && !contexts) {
      throw new OptionException("--adherence needs --contexts FILE");
    }
    if ((real != null) != people) {
      throw new OptionException("--max-real C and --real FILE go together");
    }
    if (misaligned != null && detector == null) {
      throw new OptionException("--max-misaligned needs --mtcnn DIR, --detector FILE or --points");
    }
    boolean inSet = duplicatesIn == DuplicatesIn.SET;
    if (inSet && duplicate == null) {
      throw new OptionException("--duplicates-in set needs --max-duplicate C");
    }
    Double placed = misaligned == null && detector != null ? ANY_FACE : misaligned;
    SelectionRules rules =
        new SelectionRules(
            bounds("--adherence", adherence),
            bounds("--center", center),
            typical,
            sharpness,
            clipped,
            placed,
            real,
            cluster,
            duplicate,
            inSet,
            most,
            least);
    if (!rules.needVectors() && !rules.needPixels() && placed == null && typical == null) {
      throw new OptionException("give at least one rule, such as --center .3 or --images 20");
    }
    return rules;
  }

  boolean hasDetector() {
    return detector != null;
  }

  /** What determines the landmarks: the detector's files and settings; empty without one. */
  String landmarks() {
    return detector == null ? "" : detector.open(0, 0, Devices.CPU).description();
  }

  /**
   * The distances of faces from the template; needs a detector.
   *
   * @param done is told the number of images done, from any thread
   */
  double[] misaligned(ImageSource images, int threads, LongConsumer done) {
    Supplier<FaceDetector> detectors = detector.open(0, 0, Devices.CPU).detectors();
    return Misalignment.of(images, detectors, threads, done);
  }

  private static SelectionRules.Bounds bounds(String option, List<Double> ends) {
    if (ends == null) {
      return null;
    }
    if (ends.size() > 2) {
      throw new OptionException(option + " takes one or two numbers, not " + ends);
    }
    double to = ends.size() == 2 ? ends.get(1) : 1.01; // rounding may give a cosine above 1
    return OptionTypes.checked(() -> new SelectionRules.Bounds(ends.get(0), to));
  }
}
