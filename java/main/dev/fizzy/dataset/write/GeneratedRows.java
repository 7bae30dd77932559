package dev.fizzy.dataset.write;

import dev.fizzy.dataset.parquet.ManifestRow;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of the manifests of all parts of a generated set. Checks that the parts, in order, list
 * every image of the set once.
 */
public final class GeneratedRows {
  private final int imagesPerIdentity;
  private final List<String> identities;
  private final String[] files;
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
    files = new String[imagesPerIdentity];
    for (int image = 0; image < imagesPerIdentity; image++) {
      files[image] = String.format("/%05d.%s", image, encoder.ending());
    }
  }

  /** The manifest of a part, not checked yet. */
  public static final class Part {
    private final List<Manifest.Line> lines = new ArrayList<>();
  }

  /** Reads the manifest of a part; several threads may do so. */
  public static Part read(InputStream manifest) throws IOException {
    Part part = new Part();
    Manifest.visit(manifest, (line, at) -> part.lines.add(line));
    return part;
  }

  /**
   * Checks the next part and passes on its rows.
   *
   * @param name of the part's manifest, for messages
   */
  public void add(String name, Part part, Sink sink) throws IOException {
    for (Manifest.Line line : part.lines) {
      sink.add(row(name, line));
      next++;
    }
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
    String file = line.offset() == null ? line.path() : identity + files[image];
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
