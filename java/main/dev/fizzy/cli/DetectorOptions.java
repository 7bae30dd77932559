package dev.fizzy.cli;

import dev.fizzy.alignment.FaceDetector;
import dev.fizzy.alignment.PointsFile;
import dev.fizzy.alignment.mtcnn.Mtcnn;
import dev.fizzy.alignment.mtcnn.MtcnnOptions;
import dev.fizzy.alignment.mtcnn.MtcnnWeightFiles;
import dev.fizzy.alignment.onnx.OnnxDetector;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.Sha256;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Mixin: where a face's five points come from. */
final class DetectorOptions {
  /** One of three. */
  static final class Source {
    @Option(
        names = "--mtcnn",
        required = true,
        paramLabel = "DIR",
        description =
            "MTCNN on our own engine; folder with det1.npy, det2.npy and det3.npy, or pnet.pt,"
                + " rnet.pt and onet.pt, or the same as .safetensors.")
    private Path mtcnn;

    @Option(
        names = "--detector",
        required = true,
        paramLabel = "FILE.onnx",
        description = "A detector with five points in ONNX Runtime: YuNet (2023) or SCRFD.")
    private Path detector;

    @Option(
        names = "--points",
        required = true,
        paramLabel = "FILE",
        description =
            "No detector, but points: a photo's path and x y of left eye, right eye, nose, left and"
                + " right corner of the mouth a line, or an alignment.jsonl.")
    private Path points;
  }

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Option(
      names = "--min-face",
      defaultValue = "0",
      paramLabel = "PIXELS",
      description =
          "Smallest face that MTCNN looks for; default: 20, or a fiftieth of the photo's longer"
              + " side.")
  @Range(min = 0)
  private double minFace;

  @Option(
      names = "--threshold",
      defaultValue = "0",
      paramLabel = "P",
      description =
          "Score from which a face counts; default: MTCNN's last network 0.7, YuNet 0.6, SCRFD"
              + " 0.5.")
  @Range(min = 0, below = 1)
  private double threshold;

  private String description;

  /** Reads the weights or points; each thread then asks for a detector of its own. */
  Supplier<FaceDetector> open() {
    if (source.points != null) {
      PointsFile points = PointsFile.read(source.points);
      description = "points " + Sha256.of(source.points);
      return () -> points;
    }
    return source.mtcnn != null ? mtcnn() : onnx();
  }

  private Supplier<FaceDetector> mtcnn() {
    MtcnnWeightFiles weights = MtcnnWeightFiles.open(source.mtcnn);
    MtcnnOptions options = MtcnnOptions.of(minFace, threshold);
    description =
        "mtcnn "
            + weights.digest()
            + ", smallest face "
            + (minFace > 0 ? minFace : "auto")
            + ", threshold "
            + options.thresholds()[2];
    return () -> new Mtcnn(Devices.open("cpu", 1), weights, options);
  }

  private Supplier<FaceDetector> onnx() {
    try (OnnxDetector first = OnnxDetector.open(source.detector, threshold)) {
      description = first.description() + " " + Sha256.of(source.detector);
    }
    return () -> OnnxDetector.open(source.detector, threshold);
  }

  /** Everything that decides which points are found; after {@link #open}. */
  String description() {
    return description;
  }
}
