package dev.fizzy.dataset.webdataset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Headers of the written files, which differ only in name, size and checksum: the library creates a
 * template, into which the three are written (POSIX ustar: name at 0, 100 bytes; size at 124, 11
 * octal digits; checksum at 148, 6 octal digits, the sum of all bytes with spaces for itself). This
 * is much faster than creating each header with the library. Long and non-ASCII names still use the
 * library.
 */
final class TarHeader {
  /** Longest name of a template header, in characters. */
  private static final int NAME = 99;

  private static final int SIZE_AT = 124;
  private static final int SIZE_DIGITS = 11;
  private static final int SUM_AT = 148;
  private static final int SUM_DIGITS = 6;
  private static final int SUM_FIELD = 8;
  private static final int MODE = 0644;

  private final byte[] header = new byte[TarContainer.BLOCK];

  /** Sum of the bytes of the template, with spaces for the checksum. */
  private final int shared;

  private int used;

  TarHeader() throws IOException {
    entry("-", 0).writeEntryHeader(header);
    header[0] = 0;
    Arrays.fill(header, SIZE_AT, SIZE_AT + SIZE_DIGITS, (byte) 0);
    int sum = SUM_FIELD * ' ';
    for (int i = 0; i < header.length; i++) {
      sum += i < SUM_AT || i >= SUM_AT + SUM_FIELD ? header[i] & 0xff : 0;
    }
    shared = sum;
  }

  /** An entry with fixed owner and time, so that equal content gives equal bytes. */
  private static TarArchiveEntry entry(String name, int size) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setMode(MODE);
    entry.setModTime(0L);
    entry.setUserName("");
    entry.setGroupName("");
    return entry;
  }

  /**
   * The header of a file, preceded by an extended header if the name needs one.
   *
   * @param size bytes of the file
   * @return whole blocks; the next call may overwrite them
   */
  byte[] of(String name, int size) throws IOException {
    int length = name.length();
    if (length == 0 || length > NAME) {
      return extended(name, size);
    }
    int sum = shared;
    for (int i = 0; i < length; i++) {
      char c = name.charAt(i);
      if (c >= 0x80) {
        return extended(name, size);
      }
      header[i] = (byte) c;
      sum += c;
    }
    if (used > length) {
      Arrays.fill(header, length, used, (byte) 0);
    }
    used = length;
    sum += octal(SIZE_AT, SIZE_DIGITS, size);
    octal(SUM_AT, SUM_DIGITS, sum);
    return header;
  }

  /** Writes octal digits and returns the sum of their bytes. */
  private int octal(int at, int digits, int value) {
    int sum = 0;
    int left = value;
    for (int i = at + digits - 1; i >= at; i--) {
      header[i] = (byte) ('0' + (left & 7));
      sum += header[i];
      left >>>= 3;
    }
    return sum;
  }

  private static byte[] extended(String name, int size) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // not closed: the content of the entry is written elsewhere
    TarArchiveOutputStream tar =
        new TarArchiveOutputStream(bytes, TarContainer.BLOCK, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.putArchiveEntry(entry(name, size));
    return bytes.toByteArray();
  }
}
