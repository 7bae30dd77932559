package dev.fizzy.dataset.read;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A list of millions of names in little memory. */
public final class PackedNames {
  private byte[] bytes = new byte[1 << 12];
  private int[] ends = new int[1 << 8];
  private int count;

  public void add(String name) throws IOException {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    int begin = count == 0 ? 0 : ends[count - 1];
    if (text.length > Integer.MAX_VALUE / 2 - begin) {
      throw new IOException("the names of the images are too long");
    }
    if (begin + text.length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(begin + text.length, 2 * bytes.length));
    }
    System.arraycopy(text, 0, bytes, begin, text.length);
    ends = count == ends.length ? Arrays.copyOf(ends, 2 * count) : ends;
    ends[count++] = begin + text.length;
  }

  public String get(int i) {
    int begin = i == 0 ? 0 : ends[i - 1];
    return new String(bytes, begin, ends[i] - begin, StandardCharsets.UTF_8);
  }

  public int count() {
    return count;
  }
}
