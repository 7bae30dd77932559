package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.NameList;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.Embeddings;
import dev.fizzy.identity.FaceEmbedding;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Mixin: a data set to evaluate, as images with an embedder or as embeddings. */
final class FacesInput extends FacePreparation {
  private static final Logger log = LoggerFactory.getLogger(FacesInput.class);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DATASET",
      description = "Data set in any format, such as one folder per identity; needs --embedder.")
  private Path data;

  @Option(
      names = "--embedder",
      paramLabel = "FILE",
      description =
          "Face embedder: an ONNX network, or a recognizer from `fizzy train recognizer`.")
  private Path embedder;

  @Option(
      names = "--embeddings",
      paramLabel = "PATH",
      description =
          "Embeddings of the data set, from `fizzy embed` or --save-embeddings, instead of --data:"
              + " .npy, .safetensors or a folder of Parquet files.")
  private Path embeddings;

  @Option(
      names = "--save-embeddings",
      paramLabel = "FILE",
      description =
          "Write the data set's embeddings to this file, .npy or .safetensors, for --embeddings.")
  private Path save;

  @Option(
      names = "--exclude",
      paramLabel = "FILE",
      description =
          "Names of identities to leave out, one per line, as `evaluate leakage` writes them.")
  private Path exclude;

  /** Widths of vectors that the data set's are compared with, by what they are. */
  private final Map<String, Integer> widths = new LinkedHashMap<>();

  /**
   * Vectors named identity/image.
   *
   * @param skipped files without a vector, and why
   */
  record Read(Contexts faces, List<String> skipped) {}

  /** Validates the combination of options. */
  void check() {
    if ((data == null) == (embeddings == null)) {
      throw misuse("give --data DIR with --embedder FILE, or --embeddings FILE");
    }
    if (data != null && embedder == null) {
      throw misuse("--data needs --embedder FILE");
    }
    if (save != null) {
      if (data == null) {
        throw misuse("--save-embeddings goes with --data");
      }
      Outputs.checkContexts(save);
    }
  }

  ParameterException misuse(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  Path embedder() {
    return embedder;
  }

  /** The embeddings given; throws if there are none, for a cluster. */
  Path embeddings() {
    if (embeddings == null) {
      throw misuse("--cluster needs --embeddings; `fizzy embed --cluster` writes them");
    }
    return embeddings;
  }

  /** Adds to a result's fields what is measured. */
  void describe(Map<String, Object> fields) {
    if (data == null) {
      fields.put("embeddings", embeddings.toString());
    } else {
      fields.put("data", data.toString());
      fields.put("embedder", embedder.getFileName().toString());
    }
  }

  /**
   * Vectors that the data set's must be as wide as, which is checked before images are read.
   *
   * @param what for messages, in the plural
   * @param like null for none
   */
  void expect(String what, Contexts like) {
    if (like != null) {
      expect(what, like.width());
    }
  }

  void expect(String what, int width) {
    widths.put(what, width);
  }

  /** Embeds the images or reads the embeddings. */
  Read read() {
    Set<String> without = exclude == null ? Set.of() : NameList.read(exclude);
    if (embeddings != null) {
      Contexts all = Contexts.read(embeddings);
      checkWidth(all.width(), embeddings);
      return new Read(without(all, without), List.of());
    }
    try (ImageSource images = ImageSets.identities(data);
        Embedder network = open(embedder)) {
      checkWidth(network.width(), embedder);
      FaceEmbedding faces = embed(network, images, false);
      warnAboutUnusable(images, faces.contexts());
      if (save != null) {
        faces.contexts().write(save);
      }
      return new Read(
          without(faces.contexts(), without),
          faces.skipped().stream().map(Object::toString).toList());
    }
  }

  /** Warns about identities without a usable image, which no measure includes. */
  private static void warnAboutUnusable(ImageSource images, Contexts faces) {
    Set<String> unused = new TreeSet<>();
    IntStream.range(0, images.count()).forEach(i -> unused.add(folder(images.name(i))));
    faces.names().forEach(name -> unused.remove(folder(name)));
    if (!unused.isEmpty()) {
      log.warn(
          "{} identities have no usable image, the first: {}",
          unused.size(),
          unused.iterator().next());
    }
  }

  private static String folder(String name) {
    String identity = FaceLabels.identity(name);
    return identity == null ? "" : identity;
  }

  /** Throws if vectors are not as wide as expected. */
  void checkWidth(int width, Path from) {
    widths.forEach(
        (what, other) -> {
          if (other != width) {
            throw new FileException(
                what + " have width " + other + " and the vectors of " + from + " " + width);
          }
        });
  }

  /**
   * A {@link Read} with vectors that are read on demand where they are stored.
   *
   * @param skipped files without a vector, and why
   */
  record Opened(Embeddings faces, List<String> skipped) {}

  /** Embeds the images or opens the embeddings. */
  Opened openRows() {
    if (embeddings == null) {
      Read read = read();
      return new Opened(Embeddings.of(read.faces()), read.skipped());
    }
    Set<String> without = exclude == null ? Set.of() : NameList.read(exclude);
    Embeddings all = Embeddings.open(embeddings);
    checkWidth(all.width(), embeddings);
    return new Opened(without.isEmpty() ? all : all.only(kept(all.names(), without)), List.of());
  }

  private static int[] kept(List<String> images, Set<String> without) {
    int[] kept =
        IntStream.range(0, images.size())
            .filter(i -> !without.contains(folder(images.get(i))))
            .toArray();
    if (kept.length == 0) {
      throw new FileException("--exclude leaves none of the " + images.size() + " images");
    }
    return kept;
  }

  private static Contexts without(Contexts faces, Set<String> names) {
    return names.isEmpty() ? faces : faces.select(kept(faces.names(), names));
  }
}
