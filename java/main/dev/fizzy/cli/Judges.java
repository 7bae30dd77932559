package dev.fizzy.cli;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.engine.Device;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: one or more embedders that judge the same images, each with its preprocessing. */
final class Judges {
  /** One of them; its --preset and --feature follow its --embedder. */
  static final class Judge extends PresetOptions {
    @Option(
        names = "--embedder",
        required = true,
        paramLabel = "FILE",
        description =
            "Face embedder: an ONNX network, or a recognizer from `fizzy train recognizer`. Give it"
                + " again for another judge; --preset and --feature belong to the embedder before"
                + " them.")
    private Path file;
  }

  @ArgGroup(exclusive = false, multiplicity = "1..*")
  private List<Judge> judges;

  @Mixin private DeviceOptions devices;

  int threads() {
    return devices.threads();
  }

  /** The device of every network, for the calling thread. */
  Device open() {
    return devices.open();
  }

  /** Opens and closes each embedder: one that cannot be read is reported before any work. */
  void check() {
    judges.forEach(judge -> judge.open(judge.file, devices).close());
  }

  /** The vectors of some images under one of the embedders. */
  @FunctionalInterface
  interface Embed extends Function<ImageSource, FaceEmbedding> {}

  /**
   * Figures under one of the embedders.
   *
   * @param embedder its file's name
   * @param preset how faces were prepared
   * @param width of its vectors
   */
  record Judged<T>(String embedder, String preset, int width, T figures) {
    /**
     * @param of gives the figures by name
     */
    Map<String, Object> fields(Function<T, Map<String, Object>> of) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("embedder", embedder);
      fields.put("preset", preset);
      fields.put("width", width);
      fields.putAll(of.apply(figures));
      return fields;
    }
  }

  /** The figures under each embedder. */
  <T> List<Judged<T>> each(Function<Embed, T> measure) {
    List<Judged<T>> all = new ArrayList<>();
    for (Judge judge : judges) {
      try (Embedder network = judge.open(judge.file, devices)) {
        all.add(
            new Judged<>(
                judge.file.getFileName().toString(),
                network.preset().name(),
                network.width(),
                measure.apply(images -> embed(network, images))));
      }
    }
    return all;
  }

  private FaceEmbedding embed(Embedder network, ImageSource images) {
    try (ProgressReporter progress = new ProgressReporter("embed", "faces", images.count())) {
      return FaceEmbedding.of(images, network, false, devices.threads(), progress);
    }
  }
}
