package dev.fizzy.dataset.webdataset;

import dev.fizzy.dataset.read.IdentityNames;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FolderFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The images of WebDataset tar files, optionally gzipped, see {@link SampleList}; the label is in
 * the sample's .cls or .json, a number or a name. If no sample has a label, the folders in the
 * sample names are the identities.
 */
public final class TarImages implements LabeledImages {
  private static final Pattern NAME = Pattern.compile("[^.].*\\.(tar|tar\\.gz|tgz)");

  private final Path location;
  private final List<TarShard> shards = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private final SampleList samples = new SampleList();

  /** Index in the sample list, and label, of each image. */
  private int[] images;

  private int[] labels;
  private List<String> classes;

  /**
   * @param location a tar file, or a folder of them
   */
  public static TarImages open(Path location) {
    TarImages images = new TarImages(location);
    boolean done = false;
    try {
      for (Path file : FolderFiles.namedOrItself(NAME, location)) {
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

  /** Whether the path is a tar file, or a folder with one. */
  public static boolean isTar(Path location) {
    try {
      return Files.isDirectory(location)
          ? !FolderFiles.named(NAME, location).isEmpty()
          : Gzip.isGzip(location) || TarShard.isTar(location);
    } catch (IOException e) {
      throw FileException.of("read", location, e);
    }
  }

  private void add(Path file) {
    TarShard shard = TarShard.open(file);
    int number = shards.size();
    shards.add(shard);
    try {
      shard.forEach(
          member -> {
            if (!Samples.isHidden(member.name())) {
              samples.add(number, shard, member);
            }
          },
          samples::endArchive);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private void settleLabels() {
    images = samples.images(skipped);
    if (images.length == 0) {
      throw new FileException("there are no images in " + location);
    }
    int[] written = samples.labels();
    labels = Arrays.stream(images).map(i -> written[i]).toArray();
    if (Arrays.stream(labels).allMatch(label -> label == Samples.NONE)) {
      labelByFolder();
      return;
    }
    IdentityNames names = samples.labelNames();
    boolean numbers = areNumbers(names);
    IdentityNames used = new IdentityNames(); // also samples without an image have labels
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= 0) {
        String name = names.name(labels[i]);
        labels[i] = numbers && !IdentityNames.isNumber(name) ? Samples.BAD : used.code(name);
      }
    }
    int[] positions = used.positions();
    labels = Arrays.stream(labels).map(label -> label < 0 ? label : positions[label]).toArray();
    List<String> folders = numbers ? folders(positions.length) : null;
    classes = folders != null ? folders : used.sorted();
  }

  /** Whether most labels are numbers; then a word among them is a mistake. */
  private boolean areNumbers(IdentityNames names) {
    int[] codes = Arrays.stream(labels).filter(label -> label >= 0).distinct().toArray();
    long count =
        Arrays.stream(codes).filter(code -> IdentityNames.isNumber(names.name(code))).count();
    return 2 * count > codes.length;
  }

  private void labelByFolder() {
    TreeSet<String> sorted = new TreeSet<>();
    for (int i = 0; i < images.length; i++) {
      String folder = Samples.folder(name(i));
      if (folder.isEmpty()) {
        throw new FileException(
            "the samples of "
                + location
                + " have no labels: there is no .cls or .json, and "
                + name(i)
                + " is not in a folder of an identity");
      }
      sorted.add(folder);
    }
    classes = List.copyOf(sorted);
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(name -> numbers.put(name, numbers.size()));
    for (int i = 0; i < images.length; i++) {
      labels[i] = numbers.get(Samples.folder(name(i)));
    }
  }

  /** The folder of each label if each label has exactly one folder, else null. */
  private List<String> folders(int count) {
    String[] folders = new String[count];
    for (int i = 0; i < images.length; i++) {
      if (labels[i] >= 0) {
        String folder = Samples.folder(name(i));
        folders[labels[i]] = folders[labels[i]] == null ? folder : folders[labels[i]];
      }
    }
    Set<String> distinct = new HashSet<>(List.of(folders));
    return distinct.size() == count && !distinct.contains("") ? List.of(folders) : null;
  }

  @Override
  public int count() {
    return images.length;
  }

  /** The name of the image in its tar file. */
  @Override
  public String name(int image) {
    return samples.name(images[image]);
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    int sample = images[image];
    return shards.get(samples.shard(sample)).read(samples.offset(sample), samples.size(sample));
  }

  @Override
  public int classes() {
    return classes.size();
  }

  @Override
  public int label(int image) throws IOException {
    if (labels[image] < 0) {
      throw new IOException("it has no label, or it has none like those of the other images");
    }
    return labels[image];
  }

  @Override
  public String className(int label) {
    return classes.get(label);
  }

  /** Further images of samples. */
  @Override
  public List<Skipped> skipped() {
    return skipped;
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
