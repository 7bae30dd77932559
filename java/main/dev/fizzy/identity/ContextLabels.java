package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names of vectors whose labels lie beside them, as many programs save both: {@code embeddings.npy}
 * with {@code labels.npy}, {@code x_embeddings.npy} with {@code x_labels.npy}. A name is the label
 * as a folder and the row.
 */
final class ContextLabels {
  private static final Logger log = LoggerFactory.getLogger(ContextLabels.class);
  private static final String VECTORS = "(embeddings?|feature?s|feats?)\\.npy$";

  private ContextLabels() {}

  /** The names, or null where there are no labels. */
  static List<String> names(Path file) {
    String name = file.getFileName().toString();
    Path labels = file.resolveSibling(name.replaceFirst(VECTORS, "labels.npy"));
    if (labels.equals(file) || !Files.isRegularFile(labels)) {
      return null;
    }
    try (TensorFile in = TensorFile.open(labels);
        TensorFile vectors = TensorFile.open(file)) {
      float[] values = in.tensor(TensorFile.ARRAY).floats();
      long rows = vectors.tensor(TensorFile.ARRAY).shape()[0];
      if (values.length != rows) {
        throw new FileException(
            labels + " has " + values.length + " labels and " + file + " " + rows + " vectors");
      }
      List<String> names = new ArrayList<>();
      for (int i = 0; i < values.length; i++) {
        if (!(values[i] >= 0 && values[i] < 1 << 24) || values[i] != Math.rint(values[i])) {
          throw new FileException(
              labels + " has the label " + values[i] + ", no whole number below 2^24");
        }
        names.add(String.format(Locale.ROOT, "%06d/%06d", (int) values[i], i));
      }
      log.info("the vectors of {} are named by {}", file, labels);
      return names;
    }
  }
}
