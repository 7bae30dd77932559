package dev.fizzy.dataset.webdataset;

import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The images of WebDataset tar files, also under gzip: files that stand together and have one name
 * up to its first dot are a sample, whose label is in its .cls or .json. Where no sample has one,
 * the folders in the samples' names are the identities.
 */
public final class TarImages implements LabeledImages {
  private static final int SHARD_SHIFT = 48;

  private final Path location;
  private final List<TarShard> shards = new ArrayList<>();
  private final Samples.Names names = new Samples.Names();

  /** Of each image: shard << 48 | offset. */
  private long[] places = new long[1 << 10];

  private int[] sizes = new int[1 << 10];
  private int[] labels = new int[1 << 10];
  private String[] folders;
  private final Map<Integer, String> folderOf = new HashMap<>();
  private int count;
  private int classes;

  /**
   * @param location a tar file, or a folder of them
   */
  public static TarImages open(Path location) {
    TarImages images = new TarImages(location);
    boolean done = false;
    try {
      for (Path file : files(location)) {
        images.add(file);
      }
      images.settleLabels();
      done = true;
      return images;
    } finally {
      if (!done) {
        images.close();
      }
    }
  }

  private TarImages(Path location) {
    this.location = location;
  }

  /** Whether the file is a tar file, or the folder has any. */
  public static boolean isTar(Path location) {
    try {
      return Files.isDirectory(location)
          ? !files(location).isEmpty()
          : Gzip.isGzip(location) || TarShard.isTar(location);
    } catch (IOException e) {
      throw FileException.of("read", location, e);
    }
  }

  private static List<Path> files(Path location) {
    if (!Files.isDirectory(location)) {
      return List.of(location);
    }
    try (Stream<Path> entries = Files.list(location)) {
      return entries
          .filter(f -> f.getFileName().toString().matches("[^.].*\\.(tar|tar\\.gz|tgz)"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw FileException.of("list", location, e);
    }
  }

  /** Gathers the files of one sample. */
  private final class Sample {
    private String key;
    private TarShard.Member image;
    private int label = Samples.NONE;

    void end(int shard) throws IOException {
      if (image == null) {
        return;
      }
      if (count == places.length) {
        places = Arrays.copyOf(places, 2 * count);
        sizes = Arrays.copyOf(sizes, 2 * count);
        labels = Arrays.copyOf(labels, 2 * count);
      }
      places[count] = (long) shard << SHARD_SHIFT | image.offset();
      sizes[count] = image.size();
      labels[count] = label;
      names.add(image.name());
      String folder = Samples.folder(image.name());
      if (label >= 0 && !folder.isEmpty()) {
        folderOf.putIfAbsent(label, folder);
      }
      count++;
    }
  }

  private void add(Path file) {
    TarShard shard = TarShard.open(file);
    int number = shards.size();
    shards.add(shard);
    Sample[] sample = {new Sample()};
    try {
      shard.forEach(
          member -> {
            if (Samples.isHidden(member.name())) {
              return;
            }
            String key = Samples.key(member.name());
            if (!key.equals(sample[0].key)) {
              sample[0].end(number);
              sample[0] = new Sample();
              sample[0].key = key;
            }
            if (sample[0].image == null && Samples.isImage(member.name())) {
              sample[0].image = member;
            } else if (sample[0].label == Samples.NONE) {
              sample[0].label = Samples.label(shard, member);
            }
          });
      sample[0].end(number);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private void settleLabels() {
    if (count == 0) {
      throw new FileException("there are no images in " + location);
    }
    int most = Arrays.stream(labels, 0, count).max().orElse(Samples.NONE);
    boolean none = Arrays.stream(labels, 0, count).allMatch(l -> l == Samples.NONE);
    classes = most + 1;
    if (!none) {
      return;
    }
    TreeSet<String> sorted = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      String folder = Samples.folder(names.get(i));
      if (folder.isEmpty()) {
        throw new FileException(
            "the samples of "
                + location
                + " have no label: neither .cls nor .json, nor is "
                + names.get(i)
                + " in an identity's folder");
      }
      sorted.add(folder);
    }
    folders = sorted.toArray(String[]::new);
    Map<String, Integer> numbers = new HashMap<>();
    sorted.forEach(name -> numbers.put(name, numbers.size()));
    for (int i = 0; i < count; i++) {
      labels[i] = numbers.get(Samples.folder(names.get(i)));
    }
    classes = folders.length;
  }

  @Override
  public int count() {
    return count;
  }

  /** The image's name in its tar file. */
  @Override
  public String name(int image) {
    return names.get(image);
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    TarShard shard = shards.get((int) (places[image] >>> SHARD_SHIFT));
    return shard.read(places[image] & (1L << SHARD_SHIFT) - 1, sizes[image]);
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public int label(int image) throws IOException {
    if (labels[image] < 0) {
      throw new IOException("it has no label, or one that is not a whole number");
    }
    return labels[image];
  }

  @Override
  public String className(int label) {
    if (folders != null) {
      return folders[label];
    }
    String folder = folderOf.get(label);
    return folder == null ? LabeledImages.super.className(label) : folder;
  }

  @Override
  public String toString() {
    return location.toString();
  }

  @Override
  public void close() {
    shards.forEach(TarShard::close);
  }
}
