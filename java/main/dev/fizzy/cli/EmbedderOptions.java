package dev.fizzy.cli;

import dev.fizzy.identity.Embedder;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: a face embedder and how it is fed. */
final class EmbedderOptions extends FacePreparation {
  @Option(
      names = "--embedder",
      required = true,
      paramLabel = "FILE",
      description = "An ONNX embedder, or what `fizzy train recognizer` wrote.")
  private Path embedder;

  Path file() {
    return embedder;
  }

  Embedder open() {
    return open(embedder);
  }
}
