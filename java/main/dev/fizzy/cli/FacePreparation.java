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

/** How faces are preprocessed for an embedder; subclasses say which embedder. */
abstract class FacePreparation {
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
          "How faces are preprocessed: ${COMPLETION-CANDIDATES}; default: the preset of a known"
              + " file, else by the size of the network's input.")
  private Preset preset;

  @Mixin private Threads threads;

  int threads() {
    return threads.count();
  }

  Embedder open(Path embedder) {
    return Embedder.open(embedder, preset, threads.count());
  }

  /**
   * @param bothWays whether to add the features of the mirrored face
   */
  FaceEmbedding embed(Embedder network, ImageSource images, boolean bothWays) {
    try (ProgressReporter progress = new ProgressReporter("embed", "faces", images.count())) {
      return FaceEmbedding.of(images, network, bothWays, threads.count(), progress);
    }
  }
}
