package dev.fizzy.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Deflated bytes, decompressed on demand. Reading backwards restarts the decompression. Never
 * returns more than the announced size.
 */
final class Inflated implements ByteSource {
  private static final int STEP = 1 << 15;

  private final ByteSource packed;
  private final long size;
  private final ByteBuffer in = ByteBuffer.allocate(STEP);
  private final ByteBuffer skipped = ByteBuffer.allocate(STEP);
  private Inflater inflater;
  private long inAt;
  private long outAt;

  Inflated(ByteSource packed, long size) {
    this.packed = packed;
    this.size = size;
  }

  @Override
  public String name() {
    return packed.name();
  }

  @Override
  public long origin() {
    return 0; // offsets refer to the decompressed bytes
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long at, ByteBuffer into) throws IOException {
    if (at < 0 || into.remaining() > size - at) {
      throw new EOFException("it ends after " + size + " decompressed bytes");
    }
    if (inflater == null || at < outAt) {
      end();
      inflater = new Inflater(true);
      inAt = 0;
      outAt = 0;
    }
    try {
      while (outAt < at) {
        outAt += inflate(skipped.clear().limit((int) Math.min(STEP, at - outAt)));
      }
      while (into.hasRemaining()) {
        outAt += inflate(into);
      }
    } catch (DataFormatException e) {
      throw fault("has damaged compressed data (" + e.getMessage() + ")", outAt);
    }
    if (outAt == size) {
      end();
    }
  }

  private int inflate(ByteBuffer out) throws IOException, DataFormatException {
    while (true) {
      int n = inflater.inflate(out);
      if (n > 0) {
        return n;
      }
      if (inflater.finished() || inflater.needsDictionary() || inAt == packed.size()) {
        throw fault("decompresses to fewer than its " + size + " bytes", outAt);
      }
      in.clear().limit((int) Math.min(STEP, packed.size() - inAt));
      packed.read(inAt, in);
      inAt += in.position();
      inflater.setInput(in.array(), 0, in.position());
    }
  }

  private void end() {
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }
}
