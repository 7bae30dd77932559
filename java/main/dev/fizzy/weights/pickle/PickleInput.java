package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads a pickle's bytes in order; lengths are checked against the file before they are used. */
final class PickleInput {
  private static final int BUFFER = 1 << 13;
  private static final int LINE = 1 << 24;

  private final ByteSource source;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private long bufferAt;

  PickleInput(ByteSource source, long at) {
    this.source = source;
    this.bufferAt = at;
    buffer.limit(0);
  }

  ByteSource source() {
    return source;
  }

  long at() {
    return bufferAt + buffer.position();
  }

  FileException fault(String what, long at) {
    return source.fault(what, at);
  }

  private void need(int n) {
    if (buffer.remaining() >= n) {
      return;
    }
    long at = at();
    long left = source.size() - at;
    if (left < n) {
      throw fault("ends in the middle of a pickle", source.size());
    }
    buffer.clear().limit((int) Math.min(BUFFER, left));
    bufferAt = at;
    try {
      source.read(at, buffer);
    } catch (IOException e) {
      throw new FileException("cannot read " + source.name() + ": " + FileException.reason(e), e);
    }
    buffer.flip();
  }

  int u1() {
    need(1);
    return buffer.get() & 255;
  }

  int u2() {
    need(2);
    return buffer.getShort() & 0xffff;
  }

  int i4() {
    need(4);
    return buffer.getInt();
  }

  long i8() {
    need(8);
    return buffer.getLong();
  }

  /** Big-endian. */
  double f8() {
    return Double.longBitsToDouble(Long.reverseBytes(i8()));
  }

  /** Checks a length against the rest of the file. */
  private long length(long length) {
    long left = source.size() - at();
    if (length < 0 || length > left) {
      throw fault(
          "announces a string of "
              + Long.toUnsignedString(length)
              + " bytes, and "
              + left
              + " follow",
          at());
    }
    return length;
  }

  /** Skips a string and returns its position. */
  Span span(long announced, boolean text) {
    long length = length(announced);
    Span span = new Span(source.slice("", at(), length), text);
    skip(length);
    return span;
  }

  private void skip(long length) {
    if (length <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) length);
    } else {
      bufferAt = at() + length;
      buffer.position(0).limit(0);
    }
  }

  byte[] bytes(long announced, int limit) {
    if (announced > limit) {
      throw fault("has " + announced + " bytes where at most " + limit + " are allowed", at());
    }
    return span(announced, false).toBytes(limit);
  }

  /** Reads up to and including the next line feed; returns the line, decoded as UTF-8. */
  String line() {
    return new String(latin1().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Like {@link #line}, with one character per byte. */
  String latin1() {
    StringBuilder line = new StringBuilder();
    for (int c = u1(); c != '\n'; c = u1()) {
      if (line.length() == LINE) {
        throw fault("has a line longer than " + LINE + " bytes", at());
      }
      line.append((char) c);
    }
    return line.toString();
  }
}
