package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A byte string of a pickle, or a text too long for a name, left where it lies until somebody wants
 * it.
 *
 * @param text whether the bytes are text, in UTF-8
 */
public record Span(ByteSource bytes, boolean text) {
  /** Its length. */
  public long size() {
    return bytes.size();
  }

  /** The bytes themselves, at most {@code limit}. */
  public byte[] toBytes(int limit) {
    if (size() > limit) {
      throw bytes.fault("has " + size() + " bytes where at most " + limit + " belong", 0);
    }
    ByteBuffer into = ByteBuffer.allocate((int) size());
    try {
      bytes.read(0, into);
    } catch (IOException e) {
      throw new FileException("cannot read " + bytes.name() + ": " + FileException.reason(e), e);
    }
    return into.array();
  }

  /** As a name: what Python 2 wrote as bytes is text to us. */
  public String toText() {
    return new String(toBytes(PickleReader.TEXT), StandardCharsets.UTF_8);
  }
}
