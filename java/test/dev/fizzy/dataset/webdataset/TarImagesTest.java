package dev.fizzy.dataset.webdataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import dev.fizzy.image.ImageEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarImagesTest {
  private static final byte[] PNG = ImageEncoder.png(Pictures.noise(8, 1), null);

  @TempDir Path folder;

  /** A tar of pairs: name, content as text or PNG. */
  private static byte[] tar(Object... entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (int i = 0; i < entries.length; i += 2) {
        byte[] content =
            entries[i + 1] instanceof byte[] b
                ? b
                : entries[i + 1].toString().getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry((String) entries[i], true);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.tar"), bytes);
  }

  @Test
  void samplesAreReadWhateverElseIsInThem() throws IOException {
    String deep = "a".repeat(150) + "/" + "b".repeat(60);
    byte[] tar =
        tar(
            "one.txt",
            "a face",
            "one.webp",
            PNG,
            "one.cls",
            "3\n", //
            "two.input.JPG",
            PNG,
            "two.json",
            "{\"label\": 5}", //
            ".hidden.png",
            PNG,
            "three.seg.npy",
            "no image", //
            deep + ".png",
            PNG,
            deep + ".cls",
            "12", //
            "four.png",
            PNG,
            "four.cls",
            "minus one");
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(tar);
    }
    for (byte[] bytes : new byte[][] {tar, zipped.toByteArray()}) {
      try (LabeledImages images = ImageSets.open(file(bytes))) {
        assertEquals(4, images.count());
        assertEquals(13, images.classes());
        int[] labels = {3, 5, 12};
        for (int i = 0; i < 4; i++) {
          assertArrayEquals(PNG, images.bytes(i));
        }
        for (int i = 0; i < 3; i++) {
          assertEquals(labels[i], images.label(i));
        }
        assertEquals("two.input.JPG", images.name(1));
        assertThrows(IOException.class, () -> images.label(3));
      }
    }
  }

  @Test
  void foldersAreIdentitiesWhereThereIsNoLabel() throws IOException {
    Files.write(folder.resolve("x-000000.tar"), tar("zoe/1.png", PNG, "adam/1.png", PNG));
    Files.write(folder.resolve("x-000001.tar"), tar("zoe/2.png", PNG));
    try (LabeledImages images = ImageSets.open(folder)) {
      assertEquals(3, images.count());
      assertEquals("zoe", images.className(images.label(2)));
      assertEquals("adam", images.className(0));
    }
    assertTrue(
        assertThrows(FileException.class, () -> ImageSets.open(file(tar("loose.png", PNG))))
            .getMessage()
            .contains("have no label"));
  }

  private void refused(byte[] bytes, String... parts) throws IOException {
    Path file = file(bytes);
    String message = assertThrows(FileException.class, () -> ImageSets.open(file)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  /** An extended header of two megabytes before an image. */
  private static byte[] endlessHeader() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("a.png");
      entry.setSize(PNG.length);
      entry.addPaxHeader("comment", "x".repeat(2 << 20));
      tar.putArchiveEntry(entry);
      tar.write(PNG);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void whatPointsOutOrBeyondIsRefused() throws IOException {
    refused(tar("a.png", PNG, "a.cls", "1", "../b.png", PNG), "../b.png", "points out", "at 2048");
    refused(tar("/etc/passwd", "root"), "points out");
    byte[] cut = tar("a.png", new byte[5000], "a.cls", "1");
    refused(java.util.Arrays.copyOf(cut, 3000), "5000 bytes", "beyond the end of the file at 3000");
    byte[] flipped = tar("a.png", PNG);
    flipped[3] ^= 1;
    refused(flipped, "x.tar");
    refused(endlessHeader(), "bytes of headers");
  }

  @Test
  void aBombIsRefused() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 40; i++) {
        gzip.write(zeros);
      }
    }
    refused(zipped.toByteArray(), "100 times");
  }
}
