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

    /**
     * Reads the weights or landmarks.
     *
     * @param minFace smallest face in pixels, 0 for the usual one
     * @param threshold lowest score, 0 for the usual one
     * @param device where MTCNN runs
     */
    Opened open(double minFace, double threshold, String device) {
      if (mtcnn == null && !device.equals(Devices.CPU)) {
        throw new OptionException(
            "--device " + device + " is for --mtcnn; ONNX detectors run on the CPU");
      }
      if (points != null) {
        PointsFile file = PointsFile.read(points);
        return new Opened(() -> file, "points " + Sha256.of(points));
      }
      return mtcnn != null ? mtcnn(minFace, threshold, device) : onnx(threshold);
    }

    private Opened mtcnn(double minFace, double threshold, String device) {
      MtcnnWeightFiles weights = MtcnnWeightFiles.open(mtcnn);
      MtcnnOptions options = MtcnnOptions.of(minFace, threshold);
      return new Opened(
          () -> Mtcnn.open(device, weights, options),
          "mtcnn "
              + weights.digest()
              + ", smallest face "
              + (minFace > 0 ? minFace : "auto")
              + ", threshold "
              + options.thresholds()[2]
              + (device.equals(Devices.CPU) ? "" : ", on a GPU"));
    }

    private Opened onnx(double threshold) {
      OnnxLibrary.require();
      try (OnnxDetector first = OnnxDetector.open(detector, threshold)) {
        return new Opened(
            () -> OnnxDetector.open(detector, threshold),
            first.description() + " " + Sha256.of(detector));
      }
    }
  }

  /**
   * Detectors of one kind.
   *
   * @param detectors makes a detector for the calling thread
   * @param description the settings that determine the landmarks
   */
  record Opened(Supplier<FaceDetector> detectors, String description) {}

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

  Opened open(String device) {
    return source.open(minFace, threshold, device);
  }
}
