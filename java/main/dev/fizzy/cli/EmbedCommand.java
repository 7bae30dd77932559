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
      "Examples:",
      "  fizzy embed --faces crops/ --embedder mobilefacenet.onnx --out contexts.npy",
      "  fizzy embed --faces /shared/faces --embedder judge.onnx --out hdfs://host/vectors"
          + " --cluster spark://host:7077",
      "",
      "Faces must be aligned to the five-point ArcFace template, at any size. Unusable files are"
          + " skipped and listed. Each context is named after its file, or identity/image in packed"
          + " sets; the names are written to contexts.npy.names.json.",
      "",
      "With --cluster the vectors are written as Parquet (name, vector), one file a part, into the"
          + " folder --out, which other commands read as they read contexts.npy. Every worker must"
          + " have the faces at the same path."
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
  @Mixin private ClusterOptions cluster;

  @Override
  public Integer call() throws Exception {
    if (cluster.given()) {
      EmbedOnCluster.run(this, cluster, output);
      return 0;
    }
    output.check();
    try (ImageSource images = images();
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

  Path faces() {
    return faces;
  }

  ImageSource images() {
    return ImageSets.faces(faces);
  }

  EmbedderOptions embedder() {
    return embedder;
  }
}
