package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A byte string of a pickle, or a long text, that stays in the file until it is used.
 *
 * @param text whether the bytes are text, in UTF-8
 */
public record Span(ByteSource bytes, boolean text) {
  /** Length in bytes. */
  public long size() {
    return bytes.size();
  }

  /** Reads the bytes; throws if they are more than {@code limit}. */
  public byte[] toBytes(int limit) {
    if (size() > limit) {
      throw bytes.fault("has " + size() + " bytes where at most " + limit + " are allowed", 0);
    }
    ByteBuffer into = ByteBuffer.allocate((int) size());
    try {
      bytes.read(0, into);
    } catch (IOException e) {
      throw new FileException("cannot read " + bytes.name() + ": " + FileException.reason(e), e);
    }
    return into.array();
  }

  /** Decodes the bytes as text; Python 2 wrote names as bytes. */
  public String toText() {
    return new String(toBytes(PickleReader.TEXT), StandardCharsets.UTF_8);
  }
}
