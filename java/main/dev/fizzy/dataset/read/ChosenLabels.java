package dev.fizzy.dataset.read;

import java.io.IOException;
import java.util.Arrays;

/**
 * Some images of a labeled set, in its order. Identities without a chosen image are left out, so
 * that labels are 0 .. classes-1 again. Closing this object closes the set.
 */
public final class ChosenLabels extends ChosenImages implements LabeledImages {
  private final LabeledImages labels;
  private final int[] chosen;
  private final int[] classes;

  /**
   * @param chosen indices of images whose labels can be read
   */
  public ChosenLabels(LabeledImages source, int... chosen) throws IOException {
    super(source, chosen);
    this.labels = source;
    this.chosen = chosen.clone();
    int[] all = new int[chosen.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = source.label(chosen[i]);
    }
    classes = Arrays.stream(all).sorted().distinct().toArray();
  }

  @Override
  public int classes() {
    return classes.length;
  }

  @Override
  public int label(int image) throws IOException {
    return Arrays.binarySearch(classes, labels.label(chosen[image]));
  }

  @Override
  public String className(int label) {
    return labels.className(classes[label]);
  }
}
