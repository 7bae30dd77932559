package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "embed",
    description = "Computes the contexts of a folder of aligned faces.",
    footer = {
      "",
      "Example:",
      "  fizzy embed --faces crops/ --embedder mobilefacenet.onnx --out contexts.npy",
      "",
      "Faces must be aligned to the five-point ArcFace template, at any size. Unusable files are"
          + " skipped and listed. Each context is named after its file, or identity/image in packed"
          + " sets; the names are written to contexts.npy.names.json."
    })
final class EmbedCommand implements Callable<Integer> {
  @Option(
      names = {"--faces", "--data"},
      required = true,
      paramLabel = "DATASET",
      description = "Folder of face images, searched recursively, or a data set in any format.")
  private Path faces;

  @Mixin private EmbedderOptions embedder;
  @Mixin private ContextsOutput output;

  @Override
  public Integer call() {
    output.check();
    try (ImageSource images = ImageSets.faces(faces);
        Embedder network = embedder.open()) {
      FaceEmbedding result = embedder.embed(network, images, false);
      List<String> skipped = result.skipped().stream().map(Object::toString).toList();
      output.write(
          result.contexts(),
          Map.of("preset", network.preset().name(), "skipped", skipped),
          "; " + skipped.size() + " files skipped");
    }
    return 0;
  }
}
