package dev.fizzy.weights;

import dev.fizzy.engine.DType;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.Sha256;
import dev.fizzy.file.WriteBehind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Writes safetensors with a checksum of the tensors in the metadata. Each tensor is read once: a
 * second thread computes the checksum while the first one copies, and the checksum is written at
 * the end. Memory use is a few buffers, independent of tensor sizes.
 */
public final class DigestedSafetensors {
  private static final int STEP = 1 << 22;
  private static final int BUFFERS = 4;
  private static final String BLANK = "0".repeat(64);

  /**
   * Reads the next elements of a tensor into a buffer as little-endian f32 and returns their
   * number; 0 at the end.
   */
  @FunctionalInterface
  public interface Elements {
    int next(ByteBuffer out);
  }

  /**
   * A tensor to write.
   *
   * @param type F32 or BF16
   * @param elements opened when the tensor is written
   */
  public record Item(
      String name, Safetensors.Type type, long[] shape, Supplier<Elements> elements) {}

  private final FileChannel out;
  private final WriteBehind behind;
  private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(BUFFERS);
  private final ExecutorService hasher =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "checksum"));
  private final MessageDigest digest = Sha256.digest();
  private Future<?> last;

  private DigestedSafetensors(FileChannel out) {
    this.out = out;
    this.behind = new WriteBehind(out, 0);
    for (int i = 0; i < BUFFERS; i++) {
      free.add(ByteBuffer.allocateDirect(STEP).order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  /**
   * Writes atomically.
   *
   * @param key metadata key of the checksum, which is that of {@link TensorDigest}
   * @return the checksum
   */
  public static String write(
      Path file, Map<String, String> metadata, String key, List<Item> items) {
    String[] checksum = new String[1];
    AtomicFile.writeChannel(
        file,
        channel -> {
          DigestedSafetensors writer = new DigestedSafetensors(channel);
          try {
            checksum[0] = writer.write(metadata, key, items);
          } finally {
            writer.hasher.shutdownNow();
          }
        });
    return checksum[0];
  }

  private String write(Map<String, String> given, String key, List<Item> items) throws IOException {
    // Sorted by name, the order of the checksum.
    Map<String, Item> sorted = new TreeMap<>();
    items.forEach(item -> sorted.put(item.name(), item));
    List<Safetensors.Entry> entries = new ArrayList<>();
    sorted.forEach(
        (name, item) ->
            entries.add(new Safetensors.Entry(name, item.type(), item.shape(), () -> null)));
    Map<String, String> metadata = new TreeMap<>(given);
    metadata.put(key, BLANK);
    metadata.put(TensorDigest.METADATA, BLANK);
    byte[] header = Safetensors.header(metadata, entries);
    out.position(8L + header.length);
    for (Item item : sorted.values()) {
      hash(ByteBuffer.wrap(item.name().getBytes(StandardCharsets.UTF_8)), false);
      copy(item);
    }
    hasher.shutdown();
    behind.await();
    metadata.put(key, finish());
    metadata.put(TensorDigest.METADATA, TensorDigest.of(metadata));
    header = Safetensors.header(metadata, entries);
    ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    start.putLong(header.length).put(header).flip();
    while (start.hasRemaining()) {
      out.write(start, start.position());
    }
    return metadata.get(key);
  }

  private void copy(Item item) throws IOException {
    long left = 1;
    for (long extent : item.shape()) {
      left *= extent;
    }
    Elements elements = item.elements().get();
    while (left > 0) {
      ByteBuffer part = take();
      part.clear();
      int n = elements.next(part);
      left -= n;
      if (n == 0 || left < 0) {
        throw new IOException(
            "tensor " + item.name() + " has another number of elements than its shape");
      }
      part.flip();
      ByteBuffer written = item.type() == Safetensors.Type.BF16 ? narrow(part) : part.duplicate();
      while (written.hasRemaining()) {
        out.write(written);
      }
      behind.wrote(out.position());
      hash(part, true);
    }
  }

  /** Converts to bf16, and rounds the values in the buffer to bf16 too. */
  private static ByteBuffer narrow(ByteBuffer part) {
    ByteBuffer narrow = ByteBuffer.allocate(part.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < part.limit(); at += Float.BYTES) {
      short bits = DType.bf16(part.getFloat(at));
      narrow.putShort(bits);
      part.putFloat(at, Floats.fromBf16(bits));
    }
    return narrow.flip();
  }

  private ByteBuffer take() throws IOException {
    try {
      return free.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private void hash(ByteBuffer bytes, boolean giveBack) {
    last =
        hasher.submit(
            () -> {
              digest.update(bytes);
              if (giveBack) {
                free.add(bytes);
              }
            });
  }

  private String finish() throws IOException {
    try {
      if (last != null) {
        last.get();
      }
      return Sha256.hex(digest.digest());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }
}
