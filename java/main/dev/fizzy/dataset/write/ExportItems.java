package dev.fizzy.dataset.write;

import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The images of a set, stably sorted by label; only a few bytes per image are kept. */
final class ExportItems implements ItemList {
  private final int[] order;
  private final int[] ends;
  private final List<String> names;
  private final List<Skipped> skipped;
  private final String digest;

  /** Reads every label; images without one are skipped. */
  static ExportItems of(LabeledImages source) {
    int[] labels = new int[source.count()];
    int[] counts = new int[source.classes()];
    List<Skipped> skipped = new ArrayList<>();
    MessageDigest digest = Sha256.digest();
    for (int i = 0; i < labels.length; i++) {
      try {
        labels[i] = source.label(i);
        if (labels[i] >= counts.length) {
          throw new IOException(
              "its label is " + labels[i] + ", but there are " + counts.length + " classes");
        }
        counts[labels[i]]++;
      } catch (IOException e) {
        labels[i] = -1;
        skipped.add(new Skipped(source.name(i), FileException.reason(e)));
      }
      digest.update((labels[i] + " " + source.name(i) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return new ExportItems(source, labels, counts, skipped, Sha256.hex(digest.digest()));
  }

  private ExportItems(
      LabeledImages source, int[] labels, int[] counts, List<Skipped> skipped, String digest) {
    this.skipped = skipped;
    this.digest = digest;
    ends = counts.clone();
    Arrays.parallelPrefix(ends, Integer::sum);
    order = new int[labels.length - skipped.size()];
    int[] next = new int[counts.length];
    for (int label = 1; label < next.length; label++) {
      next[label] = ends[label - 1];
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= 0) {
        order[next[labels[i]]++] = i;
      }
    }
    names = FolderNames.of(IntStream.range(0, counts.length).mapToObj(source::className).toList());
  }

  /** A checksum of all labels and names, to detect changes of the set. */
  String digest() {
    return digest;
  }

  /** Images without a usable label. */
  List<Skipped> skipped() {
    return skipped;
  }

  /** The index of an image in the source. */
  int source(long number) {
    return order[(int) number];
  }

  @Override
  public long count() {
    return order.length;
  }

  @Override
  public int classes() {
    return ends.length;
  }

  @Override
  public int label(long number) {
    int low = 0;
    int high = ends.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] <= number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public int image(long number) {
    int label = label(number);
    return (int) (number - begin(label));
  }

  @Override
  public long end(int label) {
    return ends[label];
  }

  @Override
  public String identity(int label) {
    return names.get(label);
  }
}
