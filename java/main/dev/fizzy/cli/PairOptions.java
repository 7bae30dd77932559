package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: how the faces of pairs are embedded, and how many pairs may be skipped. */
final class PairOptions {
  @Mixin private EmbedderOptions embedder;

  @Option(
      names = "--no-flip",
      description =
          "Use only the features of the image; default: add the features of its mirror image.")
  private boolean noFlip;

  @Option(
      names = "--missing",
      paramLabel = "SHARE",
      defaultValue = "0.01",
      description =
          "Largest share of pairs that may be skipped because an image is missing; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 0, below = 1)
  private double missing;

  EmbedderOptions embedder() {
    return embedder;
  }

  /** Whether to add the features of the mirror image. */
  boolean bothWays() {
    return !noFlip;
  }

  /**
   * Throws if too many pairs are skipped.
   *
   * @param why completes the sentence "3 of 100 pairs ..."
   */
  void checkSkipped(int skipped, int pairs, String why) {
    if (skipped > missing * pairs) {
      throw new FileException(
          skipped
              + " of "
              + pairs
              + " pairs "
              + why
              + "; --missing sets the share that may be skipped, currently "
              + missing);
    }
  }

  /** Adds the result's fields about the embedder. */
  void describe(Map<String, Object> fields) {
    fields.put("embedder", embedder.file().getFileName().toString());
    fields.put("embedder_sha256", Sha256.of(embedder.file()));
    fields.put("flip", !noFlip);
  }
}
