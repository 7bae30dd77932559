package dev.fizzy.cli;

import dev.fizzy.cluster.Slot;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;

/** How faces are preprocessed for an embedder; subclasses say which embedder. */
abstract class FacePreparation {
  @Mixin private PresetOptions preset;
  @Mixin private DeviceOptions devices;

  int threads() {
    return devices.threads();
  }

  Embedder open(Path embedder) {
    return preset.open(embedder, devices);
  }

  /** Opens an embedder for its features at each place of a face. */
  Embedder openLocal(Path embedder) {
    return preset.openLocal(embedder, devices);
  }

  /** Opens an embedder on a device of Spark's choice. */
  Embedder open(Path embedder, Slot slot) {
    boolean cpu = slot.device().equals(Devices.CPU);
    int threads = cpu ? Runtime.getRuntime().availableProcessors() : 1;
    return preset.open(embedder, slot.device(), threads);
  }

  boolean onGpu() {
    return devices.onGpu();
  }

  /**
   * @param bothWays whether to add the features of the mirrored face
   */
  FaceEmbedding embed(Embedder network, ImageSource images, boolean bothWays) {
    try (ProgressReporter progress = new ProgressReporter("embed", "faces", images.count())) {
      return FaceEmbedding.of(images, network, bothWays, devices.threads(), progress);
    }
  }
}
