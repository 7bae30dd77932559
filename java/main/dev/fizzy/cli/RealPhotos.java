package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.dataset.read.FolderImages;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** Mixin: photos of known real people to compare with, as images or as embeddings. */
final class RealPhotos {
  @Option(
      names = "--real",
      paramLabel = "DATASET",
      description =
          "Photos of real people, for the same figures beside the data set's: one folder per person,"
              + " any other labeled set, or a folder with --labels; needs --embedder.")
  private Path real;

  @Option(
      names = "--real-embeddings",
      paramLabel = "FILE",
      description = "Embeddings of these photos, from `fizzy embed`, instead of --real.")
  private Path embeddings;

  @Option(
      names = "--labels",
      paramLabel = "FILE.csv",
      description =
          "People of the photos: CSV with the columns file and identity; photos without an identity"
              + " are left out.")
  private Path labels;

  /**
   * @param photos under the data set's embedder
   * @param people of the photos
   */
  record Read(Contexts photos, List<String> people) {}

  boolean given() {
    return real != null || embeddings != null;
  }

  /** The checksum of the table of people; empty without one. */
  String labelsChecksum() {
    return SharedInput.file(labels);
  }

  /** Whether a table of people is given. */
  boolean labeled() {
    return labels != null;
  }

  /** Validates the options, lists the photos, and reads the embeddings if there are some. */
  Contexts check(FacesInput input) {
    if (real != null && embeddings != null) {
      throw input.misuse("give --real DATASET or --real-embeddings FILE, not both");
    }
    if (real != null && input.embedder() == null) {
      throw input.misuse("--real needs --embedder FILE");
    }
    if (real != null) {
      open().close();
    }
    return embeddings == null ? null : Contexts.read(embeddings);
  }

  private ImageSource open() {
    return labels == null ? ImageSets.identities(real) : FolderImages.open(real, labels);
  }

  /**
   * @param stored the embeddings that {@link #check} read, or null to embed the photos
   */
  Read read(FacesInput input, Contexts stored) {
    Contexts all = stored == null ? embed(input) : stored;
    UnaryOperator<String> person = person();
    List<String> names = all.names();
    int[] labeled =
        IntStream.range(0, names.size()).filter(i -> person.apply(names.get(i)) != null).toArray();
    if (labeled.length == 0) {
      throw new FileException(
          "none of the "
              + names.size()
              + " photos in "
              + (stored == null ? real : embeddings)
              + " is of a known person: "
              + (labels == null
                  ? "give --labels, or names such as person/photo; the first is "
                  : labels + " has no identity for them; the first is ")
              + names.get(0));
    }
    Contexts kept = labeled.length == all.size() ? all : all.select(labeled);
    return new Read(kept, kept.names().stream().map(person).toList());
  }

  private Contexts embed(FacesInput input) {
    try (ImageSource photos = open();
        Embedder network = input.open(input.embedder())) {
      input.checkWidth(network.width(), input.embedder());
      return input.embed(network, photos, false).contexts();
    }
  }

  /** Gives the person of a photo by its name: by --labels or its folder; null if unknown. */
  UnaryOperator<String> person() {
    if (labels == null) {
      return name -> FaceLabels.byFolder(List.of(name)).get(0);
    }
    Map<String, String> table = FaceLabels.table(labels);
    return table::get;
  }
}
