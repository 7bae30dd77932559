package dev.fizzy.dataset.webdataset;

import dev.fizzy.dataset.read.IdentityNames;
import dev.fizzy.dataset.read.PackedNames;
import dev.fizzy.dataset.read.Skipped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The images of tar files with their labels. Adjacent members with the same key form a sample; a
 * member whose name occurs again starts another sample. Labels that are separate from their images
 * (all .jpg, then all .cls) are matched by name within one archive.
 */
final class SampleList {
  private static final int SHARD_SHIFT = 48;

  private final PackedNames names = new PackedNames();
  private final IdentityNames labelNames = new IdentityNames();

  /** Position of each image: shard << 48 | offset. */
  private long[] places = new long[1 << 10];

  private int[] sizes = new int[1 << 10];
  private int[] labels = new int[1 << 10];
  private int count;

  /** Images that are not the first of their sample. */
  private final BitSet further = new BitSet();

  /** Labels without an image in the current archive, by name without extension. */
  private final Map<String, Integer> unmatchedLabels = new HashMap<>();

  private int archiveBegin;

  /** Key of the current sample. */
  private String key;

  private int sampleBegin;
  private final Set<String> members = new HashSet<>();
  private final Map<String, Integer> sampleLabels = new HashMap<>();

  int count() {
    return count;
  }

  String name(int image) {
    return names.get(image);
  }

  int shard(int image) {
    return (int) (places[image] >>> SHARD_SHIFT);
  }

  long offset(int image) {
    return places[image] & (1L << SHARD_SHIFT) - 1;
  }

  int size(int image) {
    return sizes[image];
  }

  /** Codes of the labels in {@link #labelNames}, {@link Samples#NONE} or {@link Samples#BAD}. */
  int[] labels() {
    return Arrays.copyOf(labels, count);
  }

  /** The labels that occur. */
  IdentityNames labelNames() {
    return labelNames;
  }

  /** Adds the next member of an archive. */
  void add(int number, TarShard shard, TarShard.Member member) throws IOException {
    String name = member.name();
    if (!Samples.key(name).equals(key) || members.contains(name)) {
      endSample();
      key = Samples.key(name);
    }
    members.add(name);
    if (Samples.isImage(name)) {
      addImage(number, member);
    } else {
      int label = Samples.label(shard, member, labelNames);
      if (label != Samples.NONE) {
        sampleLabels.putIfAbsent(Samples.stem(name), label);
      }
    }
  }

  private void addImage(int shard, TarShard.Member member) throws IOException {
    if (count == places.length) {
      places = Arrays.copyOf(places, 2 * count);
      sizes = Arrays.copyOf(sizes, 2 * count);
      labels = Arrays.copyOf(labels, 2 * count);
    }
    further.set(count, count > sampleBegin);
    places[count] = (long) shard << SHARD_SHIFT | member.offset();
    sizes[count] = member.size();
    labels[count] = Samples.NONE;
    names.add(member.name());
    count++;
  }

  private void endSample() {
    if (count == sampleBegin) {
      sampleLabels.forEach(
          (stem, label) ->
              unmatchedLabels.merge(
                  stem, label, (one, two) -> one.equals(two) ? one : Samples.BAD));
    }
    label(sampleBegin, sampleLabels);
    sampleBegin = count;
    members.clear();
    sampleLabels.clear();
    key = null;
  }

  /**
   * Sets the labels of images from {@code begin} on without a label: by their names, then by the
   * key.
   */
  private void label(int begin, Map<String, Integer> known) {
    for (int i = begin; i < count && !known.isEmpty(); i++) {
      if (labels[i] == Samples.NONE) {
        String name = names.get(i);
        String stem = Samples.stem(name);
        Integer label = known.get(stem);
        if (label != null && !stem.equals(Samples.key(name))) {
          further.clear(i); // an image with its own label is a separate sample
        }
        label = label == null ? known.get(Samples.key(name)) : label;
        labels[i] = label == null ? Samples.NONE : label;
      }
    }
  }

  /** Call after the last member of an archive; a file may contain several archives. */
  void endArchive() {
    endSample();
    label(archiveBegin, unmatchedLabels);
    unmatchedLabels.clear();
    archiveBegin = count;
  }

  /**
   * The images, except further images of a sample. An image is a further one if the part of its
   * name between key and extension, such as {@code left}, also occurs in other samples; else this
   * part belongs to the key: {@code Ann.Lee.jpg}, {@code Ann.Moe.jpg}.
   *
   * @param skipped receives the further images
   */
  int[] images(List<Skipped> skipped) {
    if (further.isEmpty()) {
      return IntStream.range(0, count).toArray();
    }
    Map<String, Integer> uses = new HashMap<>();
    for (int i = 0; i < count; i++) {
      uses.merge(Samples.role(names.get(i)), 1, Integer::sum);
    }
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = names.get(i);
      if (further.get(i) && uses.get(Samples.role(name)) > 1) {
        skipped.add(new Skipped(name, "another image of the sample " + Samples.key(name)));
      } else {
        kept.add(i);
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }
}
