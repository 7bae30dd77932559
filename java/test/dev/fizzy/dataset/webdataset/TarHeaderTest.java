package dev.fizzy.dataset.webdataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

class TarHeaderTest {
  /** One after the other, so that a long name's rest would be seen behind a short one. */
  private static final String[] NAMES = {
    "n000001/00004.png",
    "a",
    "z".repeat(99),
    "b/c.jpg",
    "y".repeat(100),
    "e.cls",
    "\u00e9/1.png",
    "x".repeat(300),
  };

  private static final int[] SIZES = {0, 1, 511, 512, 70_000, 8 << 20, Integer.MAX_VALUE};

  @Test
  void theLibraryWritesTheSame() throws IOException {
    TarHeader header = new TarHeader();
    for (int size : SIZES) {
      for (String name : NAMES) {
        assertArrayEquals(library(name, size), header.of(name, size), name + " of " + size);
      }
    }
  }

  private static byte[] library(String name, int size) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(size);
    entry.setMode(0644);
    entry.setModTime(0L);
    entry.setUserName("");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TarArchiveOutputStream tar =
        new TarArchiveOutputStream(bytes, 512, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.putArchiveEntry(entry);
    return bytes.toByteArray();
  }

  @Test
  void theLibraryReadsWhatWasPutIn() throws IOException {
    TarHeader header = new TarHeader();
    for (String name : NAMES) {
      byte[] bytes = header.of(name, 70_000);
      TarArchiveInputStream tar =
          new TarArchiveInputStream(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8.name());
      TarArchiveEntry entry = tar.getNextEntry();
      assertEquals(name, entry.getName());
      assertEquals(70_000, entry.getSize());
      assertEquals(0, bytes.length % 512);
    }
  }
}
