package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.parquet.ManifestImages;
import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.recordio.RecordImages;
import dev.fizzy.dataset.webdataset.TarImages;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * What became of a file of a folder that is inspected.
 *
 * @param file its path below the folder
 * @param kind what it is taken for
 * @param detail what is in it, or why it is not read
 */
record FileInspection(String file, String kind, Status status, String detail) {
  /** Whether a file was read. */
  enum Status {
    READ,
    REFUSED,
    /** Not a kind of file that is read by itself. */
    PASSED_OVER
  }

  private static final Set<String> TENSORS =
      Set.of("pt", "pth", "ckpt", "pkl", "safetensors", "npy", "npz", "bin");

  /** Read with another file, or by a command that is told what they are. */
  private static final Set<String> OTHER =
      Set.of(
          "txt", "lst", "idx", "md", "tsv", "yaml", "yml", "data", "html", "log", "jsonl", "db",
          "ini", "gz", "xz", "zip");

  private static final int MESSAGE_LIMIT = 300;

  /** Reads a file and says what is in it. */
  private interface Reader {
    String read(Path path) throws IOException;
  }

  /** Reads the file at a path, called {@code file}, whatever that takes; throws nothing. */
  static FileInspection of(Path path, String file) {
    String ending = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    try {
      if (RecordImages.isRecordIo(path)
          || TarImages.isTar(path)
          || ManifestImages.isParquet(path)) {
        return read(file, path, "data set", FileInspection::dataSet);
      }
    } catch (FileException e) {
      return refused(file, "file", path, e.getMessage());
    }
    if (OTHER.contains(ending)) {
      return new FileInspection(
          file, ending, Status.PASSED_OVER, "read with another file or by a command that takes it");
    }
    return switch (ending) {
      case "csv" -> read(file, path, "table", FileInspection::table);
      case "json" ->
          file.endsWith(".index.json")
              ? read(file, path, "tensors", FileInspection::tensors)
              : read(file, path, "configuration", FileInspection::configuration);
      case "onnx" -> read(file, path, "embedder", FileInspection::network);
      default ->
          TENSORS.contains(ending)
              ? read(file, path, "tensors", FileInspection::tensors)
              : read(file, path, "image", FileInspection::image);
    };
  }

  private static FileInspection read(String file, Path path, String kind, Reader reader) {
    try {
      return new FileInspection(file, kind, Status.READ, reader.read(path));
    } catch (IOException e) {
      return refused(file, kind, path, FileException.reason(e));
    } catch (OutOfMemoryError e) {
      return refused(file, kind, path, "it does not fit into the memory that Java may use");
    } catch (RuntimeException | StackOverflowError e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      return refused(file, kind, path, reason);
    }
  }

  private static FileInspection refused(String file, String kind, Path path, String reason) {
    String line = reason.replace(path.toString(), "it").replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    return new FileInspection(
        file,
        kind,
        Status.REFUSED,
        line.length() > MESSAGE_LIMIT ? line.substring(0, MESSAGE_LIMIT) + "..." : line);
  }

  private static String image(Path path) throws IOException {
    Rgb image = ImageDecoder.decode(path);
    return image.width() + " x " + image.height() + " pixels";
  }

  /** Decodes every image: a set whose index is right may hold damaged ones. */
  private static String dataSet(Path path) {
    try (LabeledImages images = ImageSets.open(path)) {
      int bad = 0;
      String first = "";
      for (int i = 0; i < images.count(); i++) {
        try {
          images.decode(i);
        } catch (IOException e) {
          first = bad++ == 0 ? images.name(i) + ": " + FileException.reason(e) : first;
        }
      }
      return images.count()
          + " images of "
          + images.classes()
          + " identities"
          + (bad == 0 ? "" : ", " + bad + " of them refused; the first: " + first);
    }
  }

  private static String table(Path path) {
    return FaceLabels.table(path).size() + " files with an identity";
  }

  private static String network(Path path) {
    try (Embedder embedder = Embedder.open(path, null)) {
      return "an embedder of width " + embedder.width() + ", faces as " + embedder.preset().name();
    }
  }

  private static String configuration(Path path) {
    return "a model's configuration, " + ModelConfig.load(path.toString()).name();
  }

  private static String tensors(Path path) {
    try (TensorFile in = TensorFile.open(path)) {
      long elements = in.tensors().values().stream().mapToLong(StoredTensor::elements).sum();
      return in.format() + ", " + in.tensors().size() + " tensors of " + elements + " elements";
    }
  }
}
