package dev.fizzy.dataset.webdataset;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Limits how much a tar reader may read before the content of the next file, because it would
 * collect names and extended headers of any length in memory. Skipped bytes do not count.
 */
final class HeaderInput extends FilterInputStream {
  private static final int LIMIT = 1 << 20;

  private long position;
  private int remaining = LIMIT;

  HeaderInput(InputStream in, long position) {
    super(in);
    this.position = position;
  }

  long position() {
    return position;
  }

  /** Resets the limit for the headers of the next file. */
  void allow() {
    remaining = LIMIT;
  }

  private int count(int n) throws IOException {
    if (n > 0) {
      position += n;
      remaining -= n;
      if (remaining < 0) {
        throw new IOException("more than " + LIMIT + " bytes of headers before a file");
      }
    }
    return n;
  }

  @Override
  public int read() throws IOException {
    int b = super.read();
    count(b < 0 ? 0 : 1);
    return b;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return count(super.read(bytes, offset, length));
  }

  @Override
  public long skip(long n) throws IOException {
    long skipped = super.skip(n);
    position += skipped;
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false; // seeking back would break the count
  }
}
