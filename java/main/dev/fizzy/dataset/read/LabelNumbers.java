package dev.fizzy.dataset.read;

import java.util.Arrays;
import java.util.BitSet;

/** Maps the labels that occur in a set, in ascending order, to 0 .. n-1. */
public final class LabelNumbers {
  private final int[] labels;

  /**
   * @param count number of labels to use; negative labels are ignored
   */
  public static LabelNumbers of(int[] labels, int count) {
    BitSet seen = new BitSet();
    Arrays.stream(labels, 0, count).filter(label -> label >= 0).forEach(seen::set);
    return new LabelNumbers(seen.stream().toArray());
  }

  private LabelNumbers(int[] labels) {
    this.labels = labels;
  }

  /** Number of different labels. */
  public int count() {
    return labels.length;
  }

  /** The number of a label; negative labels are returned unchanged. */
  public int number(int label) {
    return label < 0 ? label : Arrays.binarySearch(labels, label);
  }

  /** The label with a number. */
  public int label(int number) {
    return labels[number];
  }
}
