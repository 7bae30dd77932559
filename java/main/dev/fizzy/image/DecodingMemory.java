package dev.fizzy.image;

import java.io.IOException;
import java.util.concurrent.Semaphore;

/**
 * Limits the memory in which all threads together decode images to a quarter of the heap. A thread
 * whose image does not fit waits; an image larger than the limit is decoded alone.
 */
final class DecodingMemory {
  private static final int UNIT = 1 << 20;
  private static final DecodingMemory SHARED =
      new DecodingMemory(Runtime.getRuntime().maxMemory() / 4);

  private final int units;
  private final Semaphore free;

  DecodingMemory(long bytes) {
    units = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / UNIT));
    free = new Semaphore(units, true);
  }

  static DecodingMemory shared() {
    return SHARED;
  }

  interface Decoding<T> {
    T run() throws IOException;
  }

  /** Runs a decoding that needs {@code bytes}, as soon as they are available. */
  <T> T with(long bytes, Decoding<T> decoding) throws IOException {
    int taken = (int) Math.min(units, bytes / UNIT); // images below a unit need no permission
    free.acquireUninterruptibly(taken);
    try {
      return decoding.run();
    } finally {
      free.release(taken);
    }
  }
}
