package dev.fizzy.cli;

import dev.fizzy.identity.Embedder;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Mixin: a face embedder and how it is fed. */
final class EmbedderOptions extends FacePreparation {
  @Option(
      names = "--embedder",
      required = true,
      paramLabel = "FILE.onnx",
      description = "The embedder.")
  private Path embedder;

  Path file() {
    return embedder;
  }

  Embedder open() {
    return open(embedder);
  }
}
