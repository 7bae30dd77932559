package dev.fizzy.dataset.recordio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordFileTest {
  private static final byte[] NONE = {};

  @TempDir Path folder;

  private Path hex(String text) throws IOException {
    return Files.write(folder.resolve("x.rec"), HexFormat.of().parseHex(text.replace(" ", "")));
  }

  @Test
  void theBytesAreThoseOfDmlc() throws IOException {
    Path file = folder.resolve("a.rec");
    try (RecordWriter writer = new RecordWriter(file, 0)) {
      assertEquals(0, writer.append(NONE, new byte[] {1, 2, 3, 4, 5}));
      // the magic at 4 and at 8, and one that is no multiple of 4 away
      byte[] split = HexFormat.of().parseHex("11111111" + "0a23d7ce" + "0a23d7ce" + "220a23d7ce33");
      assertEquals(16, writer.append(NONE, split));
    }
    assertEquals(
        "0a23d7ce05000000"
            + "0102030405000000" // whole, padded
            + "0a23d7ce04000020"
            + "11111111" // first part, 4 bytes
            + "0a23d7ce00000040" // middle part, empty
            + "0a23d7ce06000060"
            + "220a23d7ce330000", // last part
        HexFormat.of().formatHex(Files.readAllBytes(file)));
    try (RecordFile read = RecordFile.open(file)) {
      assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, read.read(0));
      assertEquals(16, read.next(0));
      assertEquals("111111110a23d7ce0a23d7ce220a23d7ce33", HexFormat.of().formatHex(read.read(16)));
      assertEquals(read.size(), read.next(16));
    }
  }

  @Test
  void anyContentComesBack() throws IOException {
    Random random = new Random(3);
    Path file = folder.resolve("a.rec");
    byte[][] contents = new byte[300][];
    long[] offsets = new long[contents.length];
    try (RecordWriter writer = new RecordWriter(file, 0)) {
      for (int i = 0; i < contents.length; i++) {
        ByteBuffer content = ByteBuffer.allocate(random.nextInt(40)).order(ByteOrder.LITTLE_ENDIAN);
        while (content.remaining() >= 4) {
          content.putInt(random.nextInt(3) == 0 ? RecordFile.MAGIC : random.nextInt());
        }
        contents[i] = content.array();
        byte[] header = RecordHeader.image(i, i);
        offsets[i] = writer.append(header, contents[i]);
      }
    }
    try (RecordFile read = RecordFile.open(file)) {
      for (int i = contents.length - 1; i >= 0; i--) {
        byte[] content = read.read(offsets[i]);
        assertEquals(i, RecordHeader.parse(content).label());
        assertArrayEquals(
            contents[i], java.util.Arrays.copyOfRange(content, RecordHeader.BYTES, content.length));
      }
      assertEquals(contents.length, RecordIndex.scan(read).count());
    }
  }

  private String refused(String bytes) throws IOException {
    try (RecordFile file = RecordFile.open(hex(bytes))) {
      return assertThrows(IOException.class, () -> file.read(0)).getMessage();
    }
  }

  @Test
  void whatCannotBeIsRefusedWithTheOffset() throws IOException {
    assertTrue(refused("0a23d7cd 00000000").contains("no record at 0"));
    assertTrue(refused("0a23d7ce ffffff1f 00").contains("beyond the end of the file at 9"));
    assertTrue(refused("0a23d7ce 00000040").contains("kind 2 outside of another"));
    assertTrue(refused("0a23d7ce 00000020").contains("no record at 8"));
    assertTrue(refused("0a23d7ce 00000020 0a23d7ce 00000000").contains("at 8 is of kind 0 inside"));
    assertTrue(refused("0a23d7").contains("file has 3 bytes"));
  }

  /** A plain im2rec set: keys in any order, one label or several, no property. */
  @Test
  void plainSetsAreRead() throws IOException {
    Path rec = folder.resolve("faces.rec");
    Pictures.png(folder.resolve("i/0.png"), 8, 0);
    byte[] png = Files.readAllBytes(folder.resolve("i/0.png"));
    ByteBuffer several =
        ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN).putInt(3).putFloat(0).putLong(7);
    several.putLong(0).putFloat(4).putFloat(.5f).putFloat(.25f);
    StringBuilder index = new StringBuilder();
    try (RecordWriter writer = new RecordWriter(rec, 0)) {
      index.append("7\t").append(writer.append(several.array(), png)).append('\n');
      index.append("0\t").append(writer.append(RecordHeader.image(2, 0), png)).append("\r\n");
      index.append("3\t").append(writer.append(RecordHeader.image(0, 3), NONE));
    }
    Path idx = Files.writeString(folder.resolve("faces.idx"), index);
    try (LabeledImages images = ImageSets.open(rec)) {
      assertEquals(3, images.count());
      assertEquals(3, images.classes());
      assertEquals("7", images.name(0));
      assertEquals("000004", images.className(images.label(0)));
      assertEquals("000002", images.className(images.label(1)));
      assertArrayEquals(png, images.bytes(0));
      assertArrayEquals(png, images.bytes(1));
      assertTrue(
          assertThrows(IOException.class, () -> images.bytes(2)).getMessage().contains("no image"));
    }
    for (String bad :
        new String[] {"7", "7\t3\n", "7\t999999\n", "x\t0\n", "7\t-4\n", "7\t0 9\n"}) {
      Files.writeString(idx, bad);
      String message = assertThrows(FileException.class, () -> ImageSets.open(rec)).getMessage();
      assertTrue(message.contains("line 1"), message);
    }
  }

  private static byte[] header(long id, float... labels) {
    ByteBuffer header = ByteBuffer.allocate(24 + 4 * labels.length).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(labels.length).putFloat(0).putLong(id).putLong(0);
    for (float label : labels) {
      header.putFloat(label);
    }
    return header.array();
  }

  private Path records(String name, byte[]... contents) throws IOException {
    Path rec = folder.resolve(name + "/file.rec");
    Files.createDirectories(rec.getParent());
    StringBuilder index = new StringBuilder();
    try (RecordWriter writer = new RecordWriter(rec, 0)) {
      for (int key = 0; key < contents.length; key++) {
        index.append(key).append('\t').append(writer.append(NONE, contents[key])).append('\n');
      }
    }
    Files.writeString(folder.resolve(name + "/file.idx"), index);
    return rec.getParent();
  }

  private byte[] record(byte[] header, byte[] image) {
    byte[] all = java.util.Arrays.copyOf(header, header.length + image.length);
    System.arraycopy(image, 0, all, header.length, image.length);
    return all;
  }

  /** Labels from 1000 on, and an image at key 0 that has two labels as a set's record 0 has. */
  @Test
  void labelsThatOccurAreTheIdentities() throws IOException {
    byte[] png = Files.readAllBytes(Pictures.png(folder.resolve("0.png"), 8, 0));
    Path set =
        records(
            "high",
            record(header(0, 1001, 3), png),
            record(header(1, 1000, .5f), png),
            record(header(2, 1003, 0, 7), png));
    try (LabeledImages images = ImageSets.open(set)) {
      assertEquals(3, images.count());
      assertEquals(3, images.classes());
      assertEquals(1, images.label(0));
      assertEquals("001003", images.className(images.label(2)));
      assertArrayEquals(png, images.bytes(0));
    }
  }

  /** As DCFace's: every header has label 0, list.txt has the paths. */
  @Test
  void foldersOfAListAreTheIdentities() throws IOException {
    byte[] png = Files.readAllBytes(Pictures.png(folder.resolve("0.png"), 8, 0));
    byte[] record = record(RecordHeader.image(0, 0), png);
    Path set = records("dcface", record, record, record, record);
    Files.writeString(set.resolve("list.txt"), "0\tzoe/1.png\n1\tadam/2.png\n2\tzoe/3.png\n");
    try (LabeledImages images = ImageSets.open(set)) {
      assertEquals(2, images.classes());
      assertEquals("zoe", images.className(images.label(0)));
      assertEquals("adam", images.className(images.label(1)));
      assertThrows(IOException.class, () -> images.label(3), "not in the list");
    }
    Files.writeString(set.resolve("list.txt"), "notes of the author\n");
    try (LabeledImages images = ImageSets.open(set)) {
      assertEquals(1, images.classes());
    }
  }

  @Test
  void labelsThatAreNoneAreRefused() throws IOException {
    for (float label : new float[] {-1, .5f, Float.NaN, 1 << 24}) {
      ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(0).putFloat(label);
      RecordHeader read = RecordHeader.parse(header.array());
      assertThrows(IOException.class, read::label);
    }
    ByteBuffer many = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN).putInt(-1);
    assertTrue(
        assertThrows(IOException.class, () -> RecordHeader.parse(many.array()))
            .getMessage()
            .contains("4294967295 labels"));
  }
}
