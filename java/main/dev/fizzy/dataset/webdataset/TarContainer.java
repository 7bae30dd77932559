package dev.fizzy.dataset.webdataset;

import dev.fizzy.dataset.write.Container;
import dev.fizzy.dataset.write.Destination;
import dev.fizzy.dataset.write.ImageProperties;
import dev.fizzy.dataset.write.ItemList;
import dev.fizzy.file.AppendedFile;
import dev.fizzy.file.Completion;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes WebDataset tar files, {@code faces-000000.tar} and so on, with a fixed number of images
 * each. A sample is {@code identity/00004.png} and {@code identity/00004.cls}, the label in digits.
 * The file and offset of an image do not depend on the number of parts, so the files of all parts
 * together are the whole set.
 */
public final class TarContainer implements Container {
  /** Default number of images per tar file. */
  public static final int IMAGES = 10_000;

  /** Block size of tar in bytes; headers and files are padded to it. */
  static final int BLOCK = 512;

  /**
   * @param perFile images per tar file, at least 1
   */
  public static Format format(int perFile) {
    if (perFile < 1) {
      throw new FileException("a tar file has at least 1 image, not " + perFile);
    }
    return new Format() {
      @Override
      public String name() {
        return "webdataset " + perFile;
      }

      @Override
      public long unit() {
        return perFile;
      }

      @Override
      public Container open(Destination destination, long first) {
        return new TarContainer(destination, perFile, first);
      }
    };
  }

  private final Path root;
  private final ItemList items;
  private final ImageProperties images;
  private final int perFile;
  private final long first;
  private long stored;
  private TarHeader header;
  private String path;
  private AppendedFile out;
  private Completion before = Completion.DONE;

  private TarContainer(Destination destination, int perFile, long first) {
    this.root = destination.root();
    this.items = destination.items();
    this.images = destination.images();
    this.perFile = perFile;
    this.first = first;
  }

  private String file(long position) {
    return String.format("faces-%06d.tar", position / perFile);
  }

  @Override
  public void resume(Place last, long count) throws IOException {
    stored = count;
    if (last != null) { // even if the file is full: its end may be missing
      begin(last.path(), last.end());
    }
  }

  private void begin(String file, long keep) throws IOException {
    path = file;
    out = new AppendedFile(root.resolve(file), keep);
    header = header == null ? new TarHeader() : header;
  }

  @Override
  public Place append(long number, byte[] image) throws IOException {
    long position = first + stored;
    if (position % perFile == 0) {
      endFile();
      begin(file(position), 0);
    }
    int label = items.label(number);
    String key = items.identity(label) + "/" + String.format("%05d", items.image(number));
    long offset = out.position();
    put(key + "." + images.ending(image), image);
    put(key + ".cls", Integer.toString(label).getBytes(StandardCharsets.US_ASCII));
    stored++;
    return new Place(path, offset, out.position());
  }

  private void put(String name, byte[] content) throws IOException {
    out.put(header.of(name, content.length));
    out.put(content);
    out.pad(BLOCK);
  }

  @Override
  public void flush() throws IOException {
    if (out != null) {
      out.flush();
    }
  }

  /** Completes a file in the background while the next one is written; waits for the one before. */
  private void endFile() throws IOException {
    if (out != null) {
      out.put(new byte[2 * BLOCK]); // the end of the archive
      before.await();
      before = out.complete();
      out = null;
    }
  }

  @Override
  public byte[] read(Place place) throws IOException {
    try (TarShard shard = TarShard.open(root.resolve(place.path()))) {
      return shard.firstMember(place.offset(), place.end());
    }
  }

  @Override
  public void finish() throws IOException {
    endFile();
    before.await();
  }

  @Override
  public void close() throws IOException {
    try (AppendedFile unfinished = out) { // its end is written when it is complete
      before.await();
    }
  }
}
