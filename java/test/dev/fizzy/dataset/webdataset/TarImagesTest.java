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
        assertEquals(3, images.classes());
        int[] labels = {3, 5, 12};
        for (int i = 0; i < 4; i++) {
          assertArrayEquals(PNG, images.bytes(i));
        }
        for (int i = 0; i < 3; i++) {
          assertEquals(i, images.label(i));
          assertTrue(images.className(i).endsWith(Integer.toString(labels[i])) || i == 2);
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

  private String[] labelled(byte[] tar) throws IOException {
    try (LabeledImages images = ImageSets.open(file(tar))) {
      String[] all = new String[images.count()];
      for (int i = 0; i < all.length; i++) {
        assertArrayEquals(PNG, images.bytes(i));
        all[i] = images.name(i) + " " + images.className(images.label(i));
      }
      return all;
    }
  }

  @Test
  void dotsInNamesAndFoldersJoinNothing() throws IOException {
    assertArrayEquals(
        new String[] {"v1.0/img.000000.png 000000", "v1.0/img.000001.png 000007"},
        labelled(
            tar(
                "v1.0/img.000000.png",
                PNG,
                "v1.0/img.000000.cls",
                "0",
                "v1.0/img.000001.png",
                PNG,
                "v1.0/img.000001.cls",
                "7")));
    assertArrayEquals(
        new String[] {"Ann.Lee.png 000004", "Ann.Moe.png 000009"},
        labelled(
            tar("Ann.Lee.png", PNG, "Ann.Lee.cls", "4", "Ann.Moe.png", PNG, "Ann.Moe.cls", "9")),
        "labels of their own");
    assertArrayEquals(
        new String[] {"a.b/x.y.png a.b", "a.b/x.z.png a.b", "c/x.png c"},
        labelled(tar("a.b/x.y.png", PNG, "a.b/x.z.png", PNG, "c/x.png", PNG)));
  }

  /** Files called alike in every sample are parts of it: the first is the face. */
  @Test
  void furtherImagesOfSamplesAreNamed() throws IOException {
    byte[] tar =
        tar(
            "1.face.png",
            PNG,
            "1.mask.png",
            PNG,
            "1.cls",
            "0", //
            "2.face.png",
            PNG,
            "2.mask.png",
            PNG,
            "2.cls",
            "1");
    try (LabeledImages images = ImageSets.open(file(tar))) {
      assertEquals(2, images.count());
      assertEquals("2.face.png", images.name(1));
      assertEquals(1, images.label(1));
      assertEquals(2, images.skipped().size());
      assertTrue(images.skipped().get(0).toString().contains("1.mask.png: another image"));
    }
  }

  @Test
  void membersListedTwiceAndArchivesOneBehindTheOtherAreAllRead() throws IOException {
    assertArrayEquals(
        new String[] {"1/a.png 1", "1/a.png 1", "2/a.png 2"},
        labelled(tar("1/a.png", PNG, "1/a.png", PNG, "2/a.png", PNG)));
    byte[] one = tar("0.png", PNG, "0.cls", "5", "1.png", PNG, "1.cls", "6");
    byte[] two = tar("0.png", PNG, "1.png", PNG, "0.cls", "7", "1.cls", "8");
    byte[] both = java.util.Arrays.copyOf(one, one.length + two.length);
    System.arraycopy(two, 0, both, one.length, two.length);
    assertArrayEquals(
        new String[] {"0.png 000005", "1.png 000006", "0.png 000007", "1.png 000008"},
        labelled(both));
  }

  @Test
  void labelsFindImagesThatLieApart() throws IOException {
    String[] wanted = {"0.png 000003", "1.png 000004"};
    assertArrayEquals(wanted, labelled(tar("0.png", PNG, "1.png", PNG, "0.cls", 3, "1.cls", 4)));
    assertArrayEquals(wanted, labelled(tar("0.cls", 3, "1.cls", 4, "0.png", PNG, "1.png", PNG)));
    assertArrayEquals(
        wanted,
        labelled(tar("0.png", PNG, "1.png", PNG, "1.json", "{\"label\": \"4\"}", "0.cls", 3)));
  }

  @Test
  void labelsMayBeNames() throws IOException {
    assertArrayEquals(
        new String[] {"0.png Zoë Lee", "1.png 17", "2.png anna/b", "3.png 17"},
        labelled(
            tar(
                "0.png",
                PNG,
                "0.cls",
                "Zoë Lee\n",
                "1.png",
                PNG,
                "1.cls",
                "017",
                "2.png",
                PNG,
                "2.json",
                "{\"identity\": \"anna/b\"}",
                "3.png",
                PNG,
                "3.cls",
                "17")));
    try (LabeledImages images =
        ImageSets.open(file(tar("0.png", PNG, "0.cls", "x", "1.png", PNG, "1.cls", "-1")))) {
      assertEquals(1, images.classes());
      assertThrows(IOException.class, () -> images.label(1));
    }
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
