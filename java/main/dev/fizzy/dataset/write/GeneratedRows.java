package dev.fizzy.dataset.write;

import dev.fizzy.dataset.parquet.ManifestRow;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Reads the manifests of all parts of a generated set, part by part in order, and checks that they
 * list every image of the set once. Keeps nothing in memory.
 */
public final class GeneratedRows {
  private final int imagesPerIdentity;
  private final List<String> identities;
  private final String ending;
  private long next;

  /** Takes a row. */
  @FunctionalInterface
  public interface Sink {
    void add(ManifestRow row) throws IOException;
  }

  /**
   * @param identities names of the identities' folders
   * @param encoder of the set's images
   */
  public GeneratedRows(int imagesPerIdentity, List<String> identities, ImageWriter encoder) {
    this.imagesPerIdentity = imagesPerIdentity;
    this.identities = identities;
    this.ending = encoder.ending();
  }

  /**
   * Reads the next part's manifest.
   *
   * @param name of the part, for messages
   */
  public void read(String name, InputStream manifest, Sink sink) throws IOException {
    Manifest.visit(
        manifest,
        (line, at) -> {
          sink.add(row(name, line));
          next++;
          return true;
        });
  }

  private ManifestRow row(String name, Manifest.Line line) {
    int label = (int) (next / imagesPerIdentity);
    int image = (int) (next % imagesPerIdentity);
    if (label >= identities.size()) {
      throw new FileException(name + " lists more images than the set has");
    }
    String identity = identities.get(label);
    if (line == null || line.image() != image || !identity.equals(line.identity())) {
      throw new FileException(
          name
              + " should list image "
              + image
              + " of "
              + identity
              + " next, and lists "
              + (line == null
                  ? "a damaged line"
                  : "image " + line.image() + " of " + line.identity()));
    }
    String file =
        line.offset() == null
            ? line.path()
            : identity + "/" + String.format("%05d", image) + "." + ending;
    return new ManifestRow(file, label, identity, line.bytes(), line.sha256());
  }

  /** The number of images read; throws if some are missing. */
  public long end() {
    long all = (long) identities.size() * imagesPerIdentity;
    if (next != all) {
      throw new FileException("the manifests list " + next + " images of " + all);
    }
    return next;
  }
}
