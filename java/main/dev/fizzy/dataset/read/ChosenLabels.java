package dev.fizzy.dataset.read;

import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Some images of a labeled set, in its order. Identities without a chosen image are left out, so
 * that labels are 0 .. classes-1 again. Closing this object closes the set.
 */
public final class ChosenLabels implements LabeledImages {
  private final LabeledImages source;
  private final ChosenImages images;
  private final int[] chosen;
  private final int[] classes;

  /**
   * @param chosen indices of images whose labels can be read
   */
  public ChosenLabels(LabeledImages source, int... chosen) throws IOException {
    this.source = source;
    this.chosen = chosen.clone();
    images = new ChosenImages(source, chosen);
    int[] labels = new int[chosen.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = source.label(chosen[i]);
    }
    classes = Arrays.stream(labels).sorted().distinct().toArray();
  }

  @Override
  public int classes() {
    return classes.length;
  }

  @Override
  public int label(int image) throws IOException {
    return Arrays.binarySearch(classes, source.label(chosen[image]));
  }

  @Override
  public String className(int label) {
    return source.className(classes[label]);
  }

  @Override
  public int count() {
    return images.count();
  }

  @Override
  public String name(int image) {
    return images.name(image);
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    return images.bytes(image);
  }

  @Override
  public Rgb decode(int image) throws IOException {
    return images.decode(image);
  }

  @Override
  public Rgb decode(int image, int size) throws IOException {
    return images.decode(image, size);
  }

  @Override
  public List<Skipped> skipped() {
    return source.skipped();
  }

  @Override
  public String toString() {
    return source.toString();
  }

  @Override
  public void close() {
    source.close();
  }
}
