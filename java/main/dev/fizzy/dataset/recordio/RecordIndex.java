package dev.fizzy.dataset.recordio;

import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The index of a RecordIO file ({@code .idx}) with lines {@code key<TAB>offset}. */
final class RecordIndex {
  private static final int BUFFER = 1 << 16;

  private long[] keys = new long[1024];
  private long[] offsets = new long[1024];
  private int count;

  int count() {
    return count;
  }

  long key(int line) {
    return keys[line];
  }

  long offset(int line) {
    return offsets[line];
  }

  void add(long key, long offset) {
    if (count == keys.length) {
      keys = Arrays.copyOf(keys, 2 * count);
      offsets = Arrays.copyOf(offsets, 2 * count);
    }
    keys[count] = key;
    offsets[count++] = offset;
  }

  /**
   * @param size bytes of the RecordIO file, the upper bound of offsets
   */
  static RecordIndex read(Path file, long size) {
    RecordIndex index = new RecordIndex();
    try (InputStream in = new BufferedInputStream(InputFile.stream(file), BUFFER)) {
      int next = in.read();
      while (next >= 0) {
        long[] line = {0, 0};
        for (int field = 0; field < 2; field++) {
          int digits = 0;
          for (; next >= '0' && next <= '9' && digits < 19; next = in.read(), digits++) {
            line[field] = line[field] * 10 + next - '0';
          }
          if (digits == 0 || digits == 19) {
            throw bad(file, index.count, "expected key<TAB>offset, two integers");
          }
          if (field == 0) {
            if (next != '\t' && next != ' ') {
              throw bad(file, index.count, "expected a tab after the key " + line[0]);
            }
            next = in.read();
          }
        }
        next = next == '\r' ? in.read() : next;
        if (next >= 0 && next != '\n') {
          throw bad(file, index.count, "expected the end of the line after the offset " + line[1]);
        }
        next = in.read();
        if (line[1] > size - RecordFile.HEAD || line[1] % 4 != 0) {
          throw bad(
              file,
              index.count,
              "no record can begin at offset " + line[1] + " in a file of " + size + " bytes");
        }
        index.add(line[0], line[1]);
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
    return index;
  }

  /** Writes the index in the form that {@link #read} reads. */
  void write(Path file) {
    AtomicFile.write(
        file,
        out -> {
          for (int i = 0; i < count; i++) {
            out.write((keys[i] + "\t" + offsets[i] + "\n").getBytes(StandardCharsets.US_ASCII));
          }
        });
  }

  private static FileException bad(Path file, int line, String why) {
    return new FileException(file + ", line " + (line + 1) + ": " + why);
  }

  /**
   * Indexes a RecordIO file and numbers its records from 0, as MXNet's rec2idx does. Only a few
   * bytes of each record are read.
   */
  static RecordIndex scan(RecordFile records) {
    RecordIndex index = new RecordIndex();
    long at = 0;
    try {
      while (at < records.size()) {
        index.add(index.count, at);
        at = records.next(at);
      }
    } catch (IOException e) {
      throw FileException.of("read", records.file(), e);
    }
    return index;
  }
}
