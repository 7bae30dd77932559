package dev.fizzy.dataset.parquet;

import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import dev.fizzy.file.NameBelow;
import dev.fizzy.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The image files of a Parquet manifest with the columns {@code file}, relative to the manifest,
 * and {@code label}.
 */
public final class ManifestImages implements LabeledImages {
  private static final int LABEL_LIMIT = 1 << 24;

  private final Path manifest;
  private final Path folder;
  private final List<String> files = new ArrayList<>();
  private int[] labels = new int[1024];
  private int count;
  private int classes;

  public static ManifestImages open(Path manifest) {
    return new ManifestImages(manifest);
  }

  public static boolean isParquet(Path file) {
    try {
      return Files.isRegularFile(file) && ManifestReader.isParquet(file);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private ManifestImages(Path manifest) {
    this.manifest = manifest;
    this.folder = manifest.toAbsolutePath().getParent();
    ManifestReader.read(manifest, this::addFile, this::addLabel);
    if (files.size() != count || count == 0) {
      throw new FileException(
          manifest + " lists " + files.size() + " files and " + count + " labels");
    }
  }

  private void addFile(String file) throws IOException {
    if (!NameBelow.isSafe(file)) {
      throw new IOException("the file " + file + " is not inside the manifest's folder");
    }
    files.add(file);
  }

  private void addLabel(int label) throws IOException {
    if (label < 0 || label >= LABEL_LIMIT) {
      throw new IOException("the label " + label + " in row " + count);
    }
    labels = count == labels.length ? Arrays.copyOf(labels, 2 * count) : labels;
    labels[count++] = label;
    classes = Math.max(classes, label + 1);
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public String name(int image) {
    return files.get(image);
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    return ImageDecoder.read(folder.resolve(files.get(image)));
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public int label(int image) {
    return labels[image];
  }

  @Override
  public String toString() {
    return manifest.toString();
  }
}
