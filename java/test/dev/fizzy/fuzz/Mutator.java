package dev.fizzy.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Damages valid files: bits, lengths, digits, cuts, copies, splices. The same seed, the same files.
 */
final class Mutator {
  private static final long[] EDGES = {
    0,
    1,
    -1,
    2,
    127,
    128,
    255,
    256,
    32767,
    65535,
    65536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffffffffL,
    1L << 32,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 62,
    1L << 40
  };
  private static final String[] NUMBERS = {
    "0", "-1", "1", "2147483647", "4294967296", "9223372036854775807", "99999999999999999999", "1e9"
  };

  private final SplittableRandom random;
  private final List<byte[]> seeds;

  Mutator(long seed, List<byte[]> seeds) {
    this.random = new SplittableRandom(seed);
    this.seeds = seeds;
  }

  byte[] next() {
    byte[] file = seeds.get(random.nextInt(seeds.size())).clone();
    for (int k = 1 + random.nextInt(4); k > 0 && file.length > 0; k--) {
      file = mutate(file);
    }
    return file;
  }

  private byte[] mutate(byte[] in) {
    int at = random.nextInt(in.length);
    int length = 1 + random.nextInt(Math.min(64, in.length));
    switch (random.nextInt(10)) {
      case 0 -> in[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> in[at] = (byte) random.nextInt(256);
      case 2, 3 -> edge(in, at);
      case 4 -> {
        return Arrays.copyOf(in, at);
      }
      case 5 -> {
        return join(slice(in, 0, at), slice(in, Math.min(in.length, at + length), in.length));
      }
      case 6 -> {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int from = random.nextInt(Math.max(1, other.length));
        return join(
            slice(in, 0, at),
            slice(other, from, Math.min(other.length, from + length)),
            slice(in, at, in.length));
      }
      case 7 -> {
        byte[] part = slice(in, at, Math.min(in.length, at + length));
        int to = random.nextInt(in.length);
        return join(slice(in, 0, to), part, slice(in, to, in.length));
      }
      default -> {
        return number(in, at);
      }
    }
    return in;
  }

  /** Overwrites 1 to 8 bytes with a number at the edge of some type. */
  private void edge(byte[] in, int at) {
    int size = 1 << random.nextInt(4);
    ByteOrder order = random.nextInt(4) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ByteBuffer value = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    value.putLong(EDGES[random.nextInt(EDGES.length)]);
    for (int i = 0; i < size && at + i < in.length; i++) {
      in[at + i] = value.get(order == ByteOrder.LITTLE_ENDIAN ? i : size - 1 - i);
    }
  }

  /** Replaces the next number in digits by another. */
  private byte[] number(byte[] in, int from) {
    int begin = from;
    while (begin < in.length && !digit(in[begin])) {
      begin++;
    }
    int end = begin;
    while (end < in.length && digit(in[end])) {
      end++;
    }
    byte[] other = NUMBERS[random.nextInt(NUMBERS.length)].getBytes(StandardCharsets.ISO_8859_1);
    return join(slice(in, 0, begin), other, slice(in, end, in.length));
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static byte[] slice(byte[] in, int from, int to) {
    return Arrays.copyOfRange(in, from, Math.max(from, to));
  }

  private static byte[] join(byte[]... parts) {
    int n = Arrays.stream(parts).mapToInt(p -> p.length).sum();
    ByteBuffer all = ByteBuffer.allocate(n);
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
