package dev.fizzy.cli;

import dev.fizzy.identity.Embedder;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: a face embedder and its preprocessing. */
final class EmbedderOptions extends FacePreparation {
  @Option(
      names = "--embedder",
      required = true,
      paramLabel = "FILE",
      description =
          "Face embedder: an ONNX network, or a recognizer from `fizzy train recognizer`.")
  private Path embedder;

  Path file() {
    return embedder;
  }

  Embedder open() {
    return open(embedder);
  }
}
