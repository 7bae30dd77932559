package dev.fizzy.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Bytes with a checksum. It is verified when the bytes have been read completely and in order, as a
 * tensor is; partial reads are not verified.
 */
final class Checked implements ByteSource {
  private final ByteSource source;
  private final long expected;
  private final CRC32 crc = new CRC32();
  private long next;

  Checked(ByteSource source, long expected) {
    this.source = source;
    this.expected = expected;
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public long origin() {
    return source.origin();
  }

  @Override
  public long size() {
    return source.size();
  }

  @Override
  public void read(long at, ByteBuffer into) throws IOException {
    int from = into.position();
    source.read(at, into);
    if (at == 0) {
      crc.reset();
      next = 0;
    }
    if (at == next) {
      crc.update(into.duplicate().flip().position(from));
      next += into.position() - from;
      if (next == size() && crc.getValue() != expected) {
        throw fault(
            String.format(
                "is damaged: its bytes have checksum %08x, the archive says %08x",
                crc.getValue(), expected),
            0);
      }
    }
  }

  @Override
  public ByteBuffer view(long at, int length) throws IOException {
    return source.view(at, length);
  }
}
