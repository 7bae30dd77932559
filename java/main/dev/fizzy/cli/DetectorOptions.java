package dev.fizzy.cli;

import dev.fizzy.alignment.FaceDetector;
import dev.fizzy.alignment.PointsFile;
import dev.fizzy.alignment.mtcnn.Mtcnn;
import dev.fizzy.alignment.mtcnn.MtcnnOptions;
import dev.fizzy.alignment.mtcnn.MtcnnWeightFiles;
import dev.fizzy.alignment.onnx.OnnxDetector;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.OnnxLibrary;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Mixin: where the landmarks of a face come from. */
final class DetectorOptions {
  /** Exactly one of three options. */
  static final class Source {
    @Option(
        names = "--mtcnn",
        required = true,
        paramLabel = "DIR",
        description =
            "Detect with MTCNN on Fizzy's engine; folder with det1.npy, det2.npy and det3.npy, or"
                + " pnet.pt, rnet.pt and onet.pt, or the same as .safetensors.")
    private Path mtcnn;

    @Option(
        names = "--detector",
        required = true,
        paramLabel = "FILE.onnx",
        description =
            "Detect with an ONNX network that gives five landmarks: YuNet (2023) or SCRFD.")
    private Path detector;

    @Option(
        names = "--points",
        required = true,
        paramLabel = "FILE",
        description =
            "Use known landmarks instead of a detector: one line per face with the photo's path and"
                + " x y of left eye, right eye, nose, left and right corner of the mouth, or an"
                + " alignment.jsonl.")
    private Path points;
  }

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Option(
      names = "--min-face",
      defaultValue = "0",
      paramLabel = "PIXELS",
      description =
          "Smallest face that MTCNN searches for, in pixels; default: 20, or 1/50 of the photo's"
              + " longer side.")
  @Range(min = 0)
  private double minFace;

  @Option(
      names = "--threshold",
      defaultValue = "0",
      paramLabel = "P",
      description =
          "Lowest score of a face; default: 0.7 for MTCNN's last network, 0.6 for YuNet, 0.5 for"
              + " SCRFD.")
  @Range(min = 0, below = 1)
  private double threshold;

  private String description;

  /** Reads the weights or landmarks; each thread then gets its own detector. */
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
    OnnxLibrary.require();
    try (OnnxDetector first = OnnxDetector.open(source.detector, threshold)) {
      description = first.description() + " " + Sha256.of(source.detector);
    }
    return () -> OnnxDetector.open(source.detector, threshold);
  }

  /** The settings that determine the landmarks; call after {@link #open}. */
  String description() {
    return description;
  }
}
