package dev.fizzy.dataset.recordio;

import dev.fizzy.dataset.write.Container;
import dev.fizzy.dataset.write.Destination;
import dev.fizzy.dataset.write.ItemList;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes an InsightFace training set: {@code train.rec}, {@code train.idx}, {@code property}. If a
 * set is written in parts, the first part has record 0 and the last the identity records, and keys
 * are those of the whole set, so that the concatenated .rec files of the parts equal the .rec file
 * of the whole set.
 */
public final class RecordContainer implements Container {
  /** The format of {@code train.rec}, or of a part of it. */
  public static final Format FORMAT =
      new Format() {
        @Override
        public String name() {
          return "recordio";
        }

        @Override
        public Container open(Destination destination, long first) {
          return new RecordContainer(destination, first);
        }
      };

  private final Path root;
  private final ItemList items;
  private final Shard shard;
  private final long firstKey;
  private final int imageSize;
  private final String stem;
  private RecordWriter writer;
  private RecordFile reader;
  private final RecordIndex index = new RecordIndex();
  private final int[] counts;
  private long stored;

  private RecordContainer(Destination destination, long first) {
    this.root = destination.root();
    this.items = destination.items();
    this.shard = destination.shard();
    this.firstKey = first + 1;
    this.imageSize = destination.images().size();
    this.stem = "train" + shard.suffix();
    this.counts = new int[items.classes()];
    if (shard.index() == 1) {
      index.add(0, 0);
    }
  }

  private String file() {
    return stem + ".rec";
  }

  /** Record 0, with the ends of the image keys and of the identity keys. */
  private byte[] head(long imagesEnd) {
    return RecordHeader.range(imagesEnd, imagesEnd + items.classes(), 0);
  }

  @Override
  public void resume(Place last, long count) throws IOException {
    closeReader();
    writer = new RecordWriter(root.resolve(file()), last == null ? 0 : last.end());
    if (last == null && shard.index() == 1) {
      writer.append(head(items.count() + 1), new byte[0]);
    }
  }

  private void list(long number, long offset) {
    index.add(firstKey + stored, offset);
    counts[items.label(number)]++;
    stored++;
  }

  @Override
  public void kept(long number, Place place) {
    list(number, place.offset());
  }

  @Override
  public Place append(long number, byte[] image) throws IOException {
    int label = items.label(number);
    if (label >= RecordHeader.LABEL_LIMIT) {
      throw new IOException("the label " + label + " is not exact as a 32-bit float");
    }
    long offset = writer.append(RecordHeader.image(label, firstKey + stored), image);
    list(number, offset);
    return new Place(file(), offset, writer.position());
  }

  @Override
  public void flush() throws IOException {
    writer.flush();
  }

  @Override
  public byte[] read(Place place) throws IOException {
    if (!place.path().equals(file())) {
      throw new IOException(place.path() + " is not " + file());
    }
    if (reader == null) {
      reader = RecordFile.open(root.resolve(file()));
    }
    byte[] content = reader.read(place.offset());
    int begin = RecordHeader.parse(content).size();
    if (reader.next(place.offset()) != place.end()) {
      throw new IOException("the record at " + place.offset() + " does not end at " + place.end());
    }
    return Arrays.copyOfRange(content, begin, content.length);
  }

  /** Writes the identity records, the final key ranges in record 0, the index and the property. */
  @Override
  public void finish() throws IOException {
    boolean whole = shard.count() == 1;
    boolean last = shard.index() == shard.count();
    long end = firstKey + stored;
    if (last) {
      long key = 1;
      for (int label = 0; label < items.classes(); label++) {
        long of = whole ? counts[label] : wholeCount(label);
        long id = end + label;
        index.add(id, writer.append(RecordHeader.range(key, key + of, id), new byte[0]));
        key += of;
      }
    }
    if (whole) {
      writer.patch(RecordFile.HEAD, head(end)); // images may have been skipped
    }
    writer.force();
    index.write(root.resolve(stem + ".idx"));
    if (last) {
      String property = items.classes() + "," + imageSize + "," + imageSize + "\n";
      AtomicFile.write(root.resolve("property"), property.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Number of images of an identity, in a set in parts, which skips no image. */
  private long wholeCount(int label) {
    return items.end(label) - (label == 0 ? 0 : items.end(label - 1));
  }

  private void closeReader() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  @Override
  public void close() throws IOException {
    closeReader();
    if (writer != null) {
      writer.close();
    }
  }
}
