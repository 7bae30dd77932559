package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;

/** Converts text in which each character stands for one byte to bytes. */
final class Latin1 {
  private static final int STEP = 1 << 16;

  private Latin1() {}

  static Span bytes(Object text, Budget budget, Function<String, FileException> fault) {
    if (text instanceof String s) {
      budget.decode(s.length(), 0);
      for (int i = 0; i < s.length(); i++) {
        if (s.charAt(i) > 255) {
          throw fault.apply("encodes a character beyond latin1");
        }
      }
      return new Span(
          ByteSource.of("a byte string", s.getBytes(StandardCharsets.ISO_8859_1)), false);
    }
    if (!(text instanceof Span span) || !span.text() || span.size() > Integer.MAX_VALUE - 8) {
      throw fault.apply("encodes an object that is not text, or text that is too long");
    }
    budget.decode(span.size(), 0);
    return new Span(ByteSource.of(span.bytes().name(), decode(span, fault)), false);
  }

  /** Decodes UTF-8 of characters up to 255, which have one or two bytes. */
  private static byte[] decode(Span span, Function<String, FileException> fault) {
    byte[] out = new byte[(int) span.size()];
    int n = 0;
    int lead = 0;
    ByteBuffer part = ByteBuffer.allocate(STEP);
    for (long at = 0; at < span.size(); at += STEP) {
      part.clear().limit((int) Math.min(STEP, span.size() - at));
      try {
        span.bytes().read(at, part);
      } catch (IOException e) {
        throw new FileException(
            "cannot read " + span.bytes().name() + ": " + FileException.reason(e), e);
      }
      part.flip();
      while (part.hasRemaining()) {
        int b = part.get() & 255;
        if (lead != 0) {
          if ((b & 0xc0) != 0x80) {
            throw fault.apply("has a text that is no UTF-8");
          }
          out[n++] = (byte) (lead << 6 | b & 63);
          lead = 0;
        } else if (b < 0x80) {
          out[n++] = (byte) b;
        } else if (b == 0xc2 || b == 0xc3) {
          lead = b;
        } else {
          throw fault.apply("encodes a character beyond latin1");
        }
      }
    }
    if (lead != 0) {
      throw fault.apply("has a text that is no UTF-8");
    }
    return Arrays.copyOf(out, n);
  }
}
