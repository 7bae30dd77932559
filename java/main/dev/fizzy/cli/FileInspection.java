package dev.fizzy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.parquet.ParquetImages;
import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.recordio.RecordImages;
import dev.fizzy.dataset.webdataset.TarImages;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
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
 * The result of inspecting one file of a folder.
 *
 * @param file path relative to the folder
 * @param kind detected kind of file
 * @param detail content, or why the file was not read
 */
record FileInspection(String file, String kind, Status status, String detail) {
  /** What was done with a file. */
  enum Status {
    READ,
    REFUSED,
    /** Not a kind of file that is read on its own. */
    SKIPPED
  }

  private static final Set<String> TENSORS =
      Set.of("pt", "pth", "ckpt", "pkl", "safetensors", "npy", "npz", "bin");

  /**
   * Extensions of files that are read together with another file, or by a command that expects
   * them.
   */
  private static final Set<String> NOT_READ_ALONE =
      Set.of(
          "txt", "lst", "idx", "md", "tsv", "yaml", "yml", "data", "html", "log", "jsonl", "db",
          "ini", "gz", "xz", "zip");

  private static final String READ_BY_OTHERS =
      "read together with another file, or by a command that expects it";

  private static final int MESSAGE_LIMIT = 300;
  private static final long JSON_LIMIT = 64 << 20;

  /** Reads a file and describes its content. */
  private interface Reader {
    String read(Path path) throws IOException;
  }

  /** Reads the file at {@code path}, named {@code file} in the result. Never throws. */
  static FileInspection of(Path path, String file) {
    String ending = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    try {
      if (RecordImages.isRecordIo(path) || TarImages.isTar(path) || ParquetImages.isParquet(path)) {
        return read(file, path, "data set", FileInspection::dataSet);
      }
    } catch (FileException e) {
      return refused(file, "file", path, e.getMessage());
    }
    if (NOT_READ_ALONE.contains(ending)) {
      return new FileInspection(file, ending, Status.SKIPPED, READ_BY_OTHERS);
    }
    return switch (ending) {
      case "csv" -> read(file, path, "table", FileInspection::table);
      case "json" ->
          file.endsWith(".index.json")
              ? read(file, path, "tensors", FileInspection::tensors)
              : json(file, path);
      case "onnx" -> read(file, path, "embedder", FileInspection::network);
      default ->
          TENSORS.contains(ending)
              ? read(file, path, "tensors", FileInspection::tensors)
              : read(file, path, "image", FileInspection::image);
    };
  }

  /** A configuration, or one of the many JSON files that other commands write and read. */
  private static FileInspection json(String file, Path path) {
    FileInspection found = read(file, path, "configuration", FileInspection::configuration);
    return found.status() == Status.REFUSED && isNoConfiguration(path)
        ? new FileInspection(file, "json", Status.SKIPPED, READ_BY_OTHERS)
        : found;
  }

  private static boolean isNoConfiguration(Path path) {
    try {
      JsonNode value = Json.read(path, JSON_LIMIT);
      return value.isContainerNode() && !value.has("diffusion") && !value.has("autoregressive");
    } catch (FileException e) {
      return false;
    }
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

  /** Decodes every image, because a set with a valid index may contain damaged images. */
  private static String dataSet(Path path) {
    try (LabeledImages images = ImageSets.open(path)) {
      int refused = 0;
      String first = "";
      for (int i = 0; i < images.count(); i++) {
        try {
          images.decode(i);
        } catch (IOException e) {
          first = refused++ == 0 ? images.name(i) + ": " + FileException.reason(e) : first;
        }
      }
      return images.count()
          + " images of "
          + images.classes()
          + " identities"
          + (refused == 0 ? "" : ", " + refused + " of them refused; the first: " + first);
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
