package dev.fizzy.dataset.recordio;

import dev.fizzy.dataset.read.LabelNumbers;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of RecordIO files. In an InsightFace training set record 0 has two labels (A, B):
 * images have the keys 1 .. A-1, identity records A .. B-1. In a plain im2rec set every record is
 * an image, including record 0. The label is the first label in the header of the image, as in
 * MXNet's data set classes; if the set does not contain the number of labels, the labels that occur
 * are numbered. If all headers have the same label and there is a {@code list.txt} next to the
 * file, its folders are the identities, see {@link RecordList}.
 */
public final class RecordImages implements LabeledImages {
  private static final Logger log = LoggerFactory.getLogger(RecordImages.class);
  private static final int FILE_SHIFT = 48;

  private final Path location;
  private final List<RecordFile> files = new ArrayList<>();

  /** Position of each image: file << 48 | offset. */
  private long[] places = new long[0];

  private long[] keys = new long[0];
  private int classes;

  /** Label of each image; null if the labels in the headers are used. */
  private int[] labels;

  /** Names of the identities; null if they are named by their labels. */
  private List<String> names;

  private LabelNumbers numbers;

  /**
   * @param location a folder with one set ({@code train.rec} or its parts), or a .rec file; the
   *     .idx next to each is used if it exists
   */
  public static RecordImages open(Path location) {
    RecordImages images = new RecordImages(location);
    boolean done = false;
    try {
      images.read(RecordSet.of(location));
      done = true;
      return images;
    } finally {
      if (!done) {
        images.close();
      }
    }
  }

  private RecordImages(Path location) {
    this.location = location;
  }

  /** Whether the path is a RecordIO file, or a folder with one. */
  public static boolean isRecordIo(Path location) {
    return RecordSet.isRecordIo(location);
  }

  /** Writes the .idx of a .rec file by reading through it; records are numbered from 0. */
  public static Written writeIndex(Path file) {
    try (RecordFile records = RecordFile.open(file)) {
      Path path = RecordSet.indexFile(file);
      RecordIndex index = RecordIndex.scan(records);
      index.write(path);
      return new Written(path, index.count());
    }
  }

  /** An .idx file and its number of records. */
  public record Written(Path index, int records) {}

  private void read(RecordSet set) {
    List<RecordIndex> indices = new ArrayList<>();
    int count = 0;
    for (Path file : set.files()) {
      RecordFile opened = RecordFile.open(file);
      files.add(opened);
      RecordIndex index = set.index(opened);
      indices.add(index);
      count += index.count();
    }
    places = new long[count];
    keys = new long[count];
    for (int f = 0, i = 0; f < files.size(); f++) {
      for (int line = 0; line < indices.get(f).count(); line++, i++) {
        keys[i] = indices.get(f).key(line);
        places[i] = (long) f << FILE_SHIFT | indices.get(f).offset(line);
      }
    }
    int zero = 0;
    while (zero < count && keys[zero] != 0) {
      zero++;
    }
    RecordHeader first = zero < count ? header(zero) : null;
    int identities = 0;
    if (first != null && first.several() && first.labels().length == 2 && isEmpty(zero)) {
      identities = selectImages(first);
    }
    if (places.length == 0) {
      throw new FileException("there are no images in " + location);
    }
    classes = set.property() > 0 ? set.property() : identities;
    if (classes == 0 || hasInvalidLabel(0) || hasInvalidLabel(places.length - 1)) {
      numberLabels();
    }
    if (classes == 1 && keys != null) {
      labelByList(set.list());
    }
  }

  /** Whether the record has only labels and no image. */
  private boolean isEmpty(int image) {
    try {
      byte[] content = file(image).read(offset(image));
      return RecordHeader.parse(content).size() == content.length;
    } catch (IOException e) {
      throw FileException.of("read", file(image).file(), e);
    }
  }

  /** Whether the label is not below the announced number of labels. */
  private boolean hasInvalidLabel(int image) {
    try {
      return headerLabel(image) >= classes;
    } catch (IOException e) {
      return false; // reported when the image is read
    }
  }

  private RecordHeader header(int image) {
    try {
      return file(image).header(offset(image));
    } catch (IOException e) {
      throw FileException.of("read", file(image).file(), e);
    }
  }

  /** Keeps the keys 1 .. A-1, in their order; returns the number of identities, B - A. */
  private int selectImages(RecordHeader first) {
    int end;
    int all;
    try {
      end = first.integer(0, RecordHeader.LABEL_LIMIT + 1);
      all = first.integer(1, RecordHeader.LABEL_LIMIT + 1);
    } catch (IOException e) {
      throw FileException.of("read record 0 of", location, e);
    }
    if (end < 1 || all < end || all > keys.length) {
      throw new FileException(
          String.format(
              "%s: record 0 says that images end at key %d and identities at %d, and there are %d"
                  + " records",
              location, end, all, keys.length));
    }
    long[] selected = new long[end - 1];
    Arrays.fill(selected, -1);
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] > 0 && keys[i] < end) {
        int at = (int) keys[i] - 1;
        if (selected[at] >= 0) {
          throw new FileException(location + ": the key " + keys[i] + " is listed twice");
        }
        selected[at] = places[i];
      }
    }
    for (int i = 0; i < selected.length; i++) {
      if (selected[i] < 0) {
        throw new FileException(
            location + ": image " + (i + 1) + " of " + (end - 1) + " is not in the index");
      }
    }
    places = selected;
    keys = null;
    return all - end;
  }

  /** Reads all headers and numbers the labels that occur. */
  private void numberLabels() {
    log.info("{} does not contain the number of labels; reading all labels", location);
    labels = new int[places.length];
    for (int i = 0; i < places.length; i++) {
      try {
        labels[i] = headerLabel(i);
      } catch (IOException e) {
        labels[i] = -1;
        log.debug("{}: {}", name(i), FileException.reason(e)); // reported when the image is read
      }
    }
    numbers = LabelNumbers.of(labels, labels.length);
    Arrays.setAll(labels, i -> numbers.number(labels[i]));
    classes = numbers.count();
  }

  private void labelByList(Path file) {
    RecordList list = file == null ? null : RecordList.read(file);
    if (list != null && list.identities().size() > 1) {
      log.info("all images in {} have the same label; identities are read from {}", location, file);
      labels = Arrays.stream(keys).mapToInt(list::identity).toArray();
      names = list.identities();
      classes = names.size();
    }
  }

  private RecordFile file(int image) {
    return files.get((int) (places[image] >>> FILE_SHIFT));
  }

  private long offset(int image) {
    return places[image] & (1L << FILE_SHIFT) - 1;
  }

  @Override
  public int count() {
    return places.length;
  }

  @Override
  public int classes() {
    return classes;
  }

  /** The key of the image. */
  @Override
  public String name(int image) {
    return Long.toString(keys == null ? image + 1 : keys[image]);
  }

  @Override
  public int label(int image) throws IOException {
    int label = labels == null || labels[image] < 0 ? headerLabel(image) : labels[image];
    if (labels != null && labels[image] < 0) {
      throw new IOException("the list of the record file does not contain it");
    }
    if (label >= classes) {
      throw new IOException("its label is " + label + ", but there are " + classes + " classes");
    }
    return label;
  }

  private int headerLabel(int image) throws IOException {
    return file(image).header(offset(image)).label();
  }

  @Override
  public String className(int label) {
    return names != null
        ? names.get(label)
        : LabeledImages.super.className(numbers == null ? label : numbers.label(label));
  }

  @Override
  public byte[] bytes(int image) throws IOException {
    byte[] content = file(image).read(offset(image));
    int begin = RecordHeader.parse(content).size();
    if (begin == content.length) {
      throw new IOException("the record at " + offset(image) + " contains no image");
    }
    return Arrays.copyOfRange(content, begin, content.length);
  }

  @Override
  public String toString() {
    return location.toString();
  }

  @Override
  public void close() {
    files.forEach(RecordFile::close);
  }
}
