package dev.fizzy.cli;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import dev.fizzy.identity.Preset;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.Iterator;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a face embedder is fed; {@link EmbedderOptions} and {@link FacesInput} say which. */
abstract class FacePreparation {
  /** Names of presets, for --help. */
  static final class Presets implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Preset.ALL.stream().map(Preset::name).iterator();
    }
  }

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      completionCandidates = Presets.class,
      description =
          "How faces are prepared: ${COMPLETION-CANDIDATES}; default: by the file or its input's"
              + " size.")
  private Preset preset;

  @Mixin private Threads threads;

  int threads() {
    return threads.count();
  }

  Embedder open(Path embedder) {
    return Embedder.open(embedder, preset, threads.count());
  }

  /**
   * @param bothWays adds the features of the mirror image
   */
  FaceEmbedding embed(Embedder network, ImageSource images, boolean bothWays) {
    try (ProgressReporter progress = new ProgressReporter("embed", "faces", images.count())) {
      return FaceEmbedding.of(images, network, bothWays, threads.count(), progress);
    }
  }
}
