package dev.fizzy.dataset.write;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends images to a {@link Container} in the order of their numbers, whatever the order in which
 * threads deliver them, and lists each in the manifest of the part. Images are passed to the
 * operating system before their manifest lines, so a killed process leaves a valid prefix.
 * Reopening the set verifies it and continues after it.
 */
final class PackedStore implements ImageStore {
  private static final Logger log = LoggerFactory.getLogger(PackedStore.class);

  /** Number of newest images whose checksums are always verified, as in {@link FolderStore}. */
  private static final int RECENT = 4096;

  /** Number of images that may wait for an earlier one before callers block. */
  private static final int WINDOW = 256;

  private static final long FLUSH_BYTES = 4 << 20;
  private static final long FLUSH_NANOS = 500_000_000;

  private record Waiting(byte[] bytes, String sha256) {}

  private record Listed(Manifest.Line line, long at) {}

  private final Path root;
  private final ItemList items;
  private final ImageProperties images;
  private final Container container;
  private final Manifest manifest;
  private final long begin;
  private final long end;
  private final Map<Long, Waiting> waiting = new HashMap<>();
  private final List<Manifest.Line> unlisted = new ArrayList<>();
  private long opened;
  private long stored;
  private long bytesDone;
  private long next;
  private long unflushed;
  private long flushed = System.nanoTime();
  private boolean aborted;

  static PackedStore open(Destination destination, Container.Format format) {
    Path root = destination.root();
    Manifest manifest = null;
    Container container = null;
    try {
      Shard shard = destination.shard();
      format.describe(destination.run(), shard);
      OutputFolder.claim(root, destination.run());
      manifest = OutputFolder.openManifest(root, shard);
      long count = destination.items().count();
      long units = (count + format.unit() - 1) / format.unit();
      long begin = Math.min(count, shard.begin(units) * format.unit());
      long end = Math.min(count, shard.end(units) * format.unit());
      container = format.open(destination, begin);
      PackedStore store = new PackedStore(destination, container, manifest, begin, end);
      store.resume(destination.checkAll());
      manifest = null;
      container = null;
      return store;
    } catch (IOException e) {
      throw FileException.of("use the output folder", root, e);
    } finally {
      if (manifest != null) {
        manifest.close();
      }
      closeQuietly(container);
    }
  }

  private static void closeQuietly(Container container) {
    try {
      if (container != null) {
        container.close();
      }
    } catch (IOException e) {
      log.debug("closing after a failure: {}", FileException.reason(e));
    }
  }

  private PackedStore(
      Destination destination, Container container, Manifest manifest, long begin, long end) {
    this.root = destination.root();
    this.items = destination.items();
    this.images = destination.images();
    this.container = container;
    this.manifest = manifest;
    this.begin = begin;
    this.end = end;
    this.next = begin;
  }

  private static Container.Place place(Manifest.Line line) {
    return new Container.Place(line.path(), line.offset(), line.end());
  }

  /** Finds the valid prefix and positions the container after it. */
  private void resume(boolean checkAll) throws IOException {
    ArrayDeque<Listed> recent = new ArrayDeque<>();
    Kept kept = new Kept();
    long[] lines = {0};
    long good =
        manifest.visit(
            (line, at) -> {
              if (!follows(line) || checkAll && !isValid(line)) {
                return false;
              }
              next = line.number() + 1;
              lines[0]++;
              recent.add(new Listed(line, at));
              if (recent.size() > RECENT) {
                kept.add(recent.remove().line);
              }
              return true;
            });
    for (Listed listed : recent) {
      if (!checkAll && !isValid(listed.line)) {
        good = listed.at;
        break;
      }
      kept.add(listed.line);
    }
    if (kept.count < lines[0]) {
      log.warn(
          "{} images listed in a manifest are damaged or follow a damaged one and will be written"
              + " again",
          lines[0] - kept.count);
    }
    manifest.truncate(good);
    stored = kept.count;
    bytesDone = kept.bytes;
    next = kept.last == null ? begin : kept.last.number() + 1;
    opened = next;
    container.resume(kept.last == null ? null : place(kept.last), stored);
  }

  /** Collects the valid lines. */
  private final class Kept {
    private Manifest.Line last;
    private long count;
    private long bytes;

    void add(Manifest.Line line) {
      container.kept(line.number(), place(line));
      last = line;
      count++;
      bytes += line.bytes();
    }
  }

  private boolean follows(Manifest.Line line) {
    return line != null
        && line.number() != null
        && line.offset() != null
        && line.end() != null
        && line.path() != null
        && line.sha256() != null
        && line.number() >= next
        && line.number() < end
        && line.image() == items.image(line.number())
        && items.identity(items.label(line.number())).equals(line.identity());
  }

  private boolean isValid(Manifest.Line line) {
    try {
      byte[] bytes = container.read(place(line));
      return bytes.length == line.bytes() && Sha256.of(bytes).equals(line.sha256());
    } catch (IOException | FileException e) {
      return false;
    }
  }

  @Override
  public long begin() {
    return begin;
  }

  @Override
  public long end() {
    return end;
  }

  @Override
  public BitSet done() {
    BitSet done = new BitSet();
    done.set((int) begin, (int) opened);
    return done;
  }

  @Override
  public void checkSpace(long todo) {
    OutputFolder.checkSpace(root, todo, stored >= 100 ? bytesDone / stored : images.estimate());
  }

  /** Appends the images when all before {@code first} are appended or skipped. */
  @Override
  public void store(long first, byte[]... encoded) {
    Waiting[] images = new Waiting[encoded.length];
    for (int i = 0; i < images.length; i++) {
      images[i] = new Waiting(encoded[i], encoded[i] == null ? null : Sha256.of(encoded[i]));
    }
    put(first, images);
  }

  private synchronized void put(long number, Waiting[] images) {
    try {
      while (!aborted && number > next + WINDOW) {
        wait();
      }
      if (aborted) {
        return;
      }
      for (int i = 0; i < images.length; i++) {
        waiting.put(number + i, images[i]);
      }
      for (Waiting w = waiting.remove(next); w != null; w = waiting.remove(next)) {
        if (w.bytes != null) {
          append(next, w);
        }
        next++;
      }
      notifyAll();
      if (unflushed > FLUSH_BYTES || System.nanoTime() - flushed > FLUSH_NANOS) {
        flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FileException("interrupted; run the same command again to continue", e);
    } catch (IOException e) {
      abort();
      throw cannotWrite(e);
    }
  }

  private FileException cannotWrite(IOException e) {
    return new FileException(
        "cannot write to "
            + root
            + ": "
            + FileException.reason(e)
            + "; finished images are kept, run the same command again to continue",
        e);
  }

  private void append(long number, Waiting image) throws IOException {
    Container.Place place = container.append(number, image.bytes);
    unlisted.add(
        new Manifest.Line(
            place.path(),
            items.identity(items.label(number)),
            items.image(number),
            image.sha256,
            image.bytes.length,
            number,
            place.offset(),
            place.end()));
    stored++;
    bytesDone += image.bytes.length;
    unflushed += image.bytes.length;
  }

  private void flush() throws IOException {
    container.flush();
    manifest.append(unlisted);
    unlisted.clear();
    unflushed = 0;
    flushed = System.nanoTime();
  }

  @Override
  public synchronized void abort() {
    aborted = true;
    notifyAll();
  }

  @Override
  public synchronized void finish() {
    try {
      flush();
      container.finish();
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  @Override
  public synchronized void close() {
    try (container) {
      flush();
    } catch (IOException e) {
      if (!aborted) { // after an abort only the first failure is reported
        throw cannotWrite(e);
      }
    } finally {
      manifest.close();
    }
  }
}
