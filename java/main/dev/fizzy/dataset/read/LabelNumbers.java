package dev.fizzy.dataset.read;

import java.util.Arrays;
import java.util.BitSet;

/** Numbers the labels that occur in a set from 0, in their order: a set may begin at label 1000. */
public final class LabelNumbers {
  private final int[] labels;

  /**
   * @param count of the first labels that are looked at; negative ones are none
   */
  public static LabelNumbers of(int[] labels, int count) {
    BitSet seen = new BitSet();
    Arrays.stream(labels, 0, count).filter(label -> label >= 0).forEach(seen::set);
    return new LabelNumbers(seen.stream().toArray());
  }

  private LabelNumbers(int[] labels) {
    this.labels = labels;
  }

  /** How many labels occur. */
  public int count() {
    return labels.length;
  }

  /** The number of a label that occurs; a negative one stays. */
  public int number(int label) {
    return label < 0 ? label : Arrays.binarySearch(labels, label);
  }

  /** The label that has the number. */
  public int label(int number) {
    return labels[number];
  }
}
