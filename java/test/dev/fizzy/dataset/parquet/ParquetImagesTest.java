package dev.fizzy.dataset.parquet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.file.FileException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

public class ParquetImagesTest {
  @TempDir Path folder;

  public static byte[] manifest(String... files) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ManifestWriter writer = new ManifestWriter(out)) {
      for (int i = 0; i < files.length; i++) {
        writer.add(new ManifestRow(files[i], i % 3, "id" + i % 3, 10L + i, "ab".repeat(32)));
      }
    }
    return out.toByteArray();
  }

  @Test
  void listsFilesInManyRowGroups() throws IOException {
    Pictures.png(folder.resolve("a/1.png"), 8, 1);
    String[] files = new String[120_001];
    Arrays.setAll(files, i -> i == 70_000 ? "a/1.png" : "b/" + i + ".png");
    Path file = Files.write(folder.resolve("x.parquet"), manifest(files));
    try (LabeledImages images = ImageSets.open(file)) {
      assertEquals(files.length, images.count());
      assertEquals(3, images.classes());
      for (int i = 0; i < files.length; i++) {
        assertEquals(files[i], images.name(i));
        assertEquals(i % 3, images.label(i));
      }
      assertArrayEquals(Files.readAllBytes(folder.resolve("a/1.png")), images.bytes(70_000));
      assertThrows(IOException.class, () -> images.bytes(0));
    }
  }

  /**
   * Files of real programs: DuckDB 1.5.6, Polars and Arrow C++ 21 (pyarrow's writer), by default.
   */
  @ParameterizedTest
  @ValueSource(strings = {"duckdb", "polars", "arrow"})
  void readsWhatOtherProgramsWrite(String program) throws IOException {
    Path file = folder.resolve("x.parquet");
    try (var in = ParquetImagesTest.class.getResourceAsStream(program + ".parquet")) {
      Files.write(file, in.readAllBytes());
    }
    boolean words = program.equals("duckdb");
    try (LabeledImages images = ImageSets.open(file)) {
      assertEquals(6, images.count());
      assertEquals(words ? "Person A" : "000004", images.className(0));
      assertEquals(words ? "Person B" : "000007", images.className(1));
      for (int i = 0; i < 6; i++) {
        assertEquals(10 * i, images.decode(i).pixels()[0]);
        assertEquals(words ? 1 - i / 3 : i / 3, images.label(i));
        assertEquals(words ? "row00000000" + i : i + ".png", images.name(i));
      }
    }
  }

  private static final String STRUCTURE =
      "message m { optional group image { optional binary bytes; optional binary path (UTF8); }"
          + " optional int64 label; repeated float embedding; }";

  private static byte[] picture(int row) {
    byte[] bytes = new byte[1 + row * 37 % 500];
    new Random(row % 50).nextBytes(bytes);
    return bytes;
  }

  private static void addRow(int row, Group into) {
    Group image = into.addGroup("image");
    if (row % 10 != 3) {
      image.add("bytes", Binary.fromConstantByteArray(picture(row)));
    }
    image.add("path", "a/" + row + ".png");
    if (row % 10 != 4) {
      into.add("label", 70L - row % 3);
    }
    into.add("embedding", .5f);
    into.add("embedding", .25f);
  }

  /** A table with images in a structure, dictionaries and pages of version 2. */
  public static byte[] table() {
    return new TableFile(STRUCTURE, CompressionCodec.ZSTD, true, true, 15)
        .group(40, ParquetImagesTest::addRow)
        .bytes();
  }

  static Stream<Arguments> encodings() {
    return Stream.of(
            CompressionCodec.UNCOMPRESSED,
            CompressionCodec.SNAPPY,
            CompressionCodec.ZSTD,
            CompressionCodec.GZIP,
            CompressionCodec.LZ4_RAW)
        .flatMap(
            codec ->
                Stream.of(0, 1, 2, 3)
                    .map(i -> Arguments.of(codec, i % 2 == 1, i / 2 == 1, 7 + 60 * i)));
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void readsEveryCodecVersionAndEncoding(
      CompressionCodec codec, boolean version2, boolean dictionary, int pages) throws IOException {
    TableFile table = new TableFile(STRUCTURE, codec, version2, dictionary, pages).withChecksums();
    for (int group = 0; group < 3; group++) {
      int first = 100 * group;
      table.group(100, (row, into) -> addRow(first + row, into));
    }
    Path file = Files.write(folder.resolve("x.parquet"), table.bytes());
    Files.createDirectories(folder.resolve("a"));
    Files.writeString(folder.resolve("a/13.png"), "beside");
    try (LabeledImages images = ImageSets.open(file)) {
      assertEquals(300, images.count());
      assertEquals(3, images.classes());
      assertEquals("000068", images.className(0));
      for (int i = 0; i < 300; i++) {
        int row = i % 2 == 0 ? i : 299 - i / 2 * 2; // forwards and backwards by turns
        assertEquals("a/" + row + ".png", images.name(row));
        if (row % 10 != 3) {
          assertArrayEquals(picture(row), images.bytes(row));
        }
        if (row % 10 == 4) {
          assertThrows(IOException.class, () -> images.label(row));
        } else {
          assertEquals(2 - row % 3, images.label(row));
        }
      }
      assertEquals("beside", new String(images.bytes(13)));
      assertThrows(IOException.class, () -> images.bytes(23));
    }
  }

  private List<String> classes(TableFile table) throws IOException {
    Path file = Files.write(folder.resolve("x.parquet"), table.bytes());
    try (LabeledImages images = ImageSets.open(file)) {
      return IntStream.range(0, images.classes()).mapToObj(images::className).toList();
    }
  }

  @Test
  void namesIdentitiesByTheirColumn() throws IOException {
    String file = "message m { required binary file; ";
    BiConsumer<Integer, Group> files = (row, into) -> into.add("file", row + ".png");
    assertEquals(
        List.of("Ann", "Bob"),
        classes(
            TableFile.plain(file + "required int32 label; required binary identity (UTF8); }")
                .group(
                    4,
                    files.andThen(
                        (row, into) -> {
                          into.add("label", row);
                          into.add("identity", row < 2 ? "Bob" : "Ann");
                        }))));
    assertEquals(
        List.of("000003", "000020"),
        classes(
            TableFile.plain(file + "required binary person_id (UTF8); }")
                .group(
                    2, files.andThen((row, into) -> into.add("person_id", "" + (20 - 17 * row))))));
    assertEquals(
        List.of("000000", "000002"),
        classes(
            TableFile.plain(file + "optional double label; }")
                .group(4, files.andThen((row, into) -> into.add("label", 2. * row - 4)))));
    String names =
        "{'info': {'features': {'label': {'names': ['zoe', 'amy']}}}}".replace('\'', '"');
    assertEquals(
        List.of("amy", "zoe"),
        classes(
            TableFile.plain(file + "required int64 label; }")
                .note("huggingface", names)
                .group(2, files.andThen((row, into) -> into.add("label", (long) row)))));
  }

  @Test
  void readsFolders() throws IOException {
    for (int i = 0; i < 3; i++) {
      byte[] picture = {(byte) i};
      Files.write(
          folder.resolve("train-0000" + i + "-of-00003.parquet"),
          TableFile.plain("message m { required binary jpg; required int32 cls; }")
              .group(
                  i,
                  (row, into) ->
                      into.append("jpg", Binary.fromConstantByteArray(picture)).add("cls", row + 5))
              .bytes());
    }
    try (LabeledImages images = ImageSets.open(folder)) {
      assertEquals(3, images.count());
      assertArrayEquals(new byte[] {1}, images.bytes(0));
      assertArrayEquals(new byte[] {2}, images.bytes(2));
      assertEquals(2, images.classes());
      assertEquals(1, images.label(2));
    }
    Pictures.png(folder.resolve("ann/1.png"), 8, 1);
    try (LabeledImages images = ImageSets.open(folder)) {
      assertEquals("ann/1.png", images.name(0)); // the tables list the images beside them
    }
  }

  @Test
  void namesWhatIsNotRead() throws IOException {
    BiConsumer<Integer, Group> row = (i, into) -> into.append("image", "x").add("label", 1.5);
    String schema = "message m { required binary image; required double label; }";
    refused(TableFile.plain(schema).group(1, row).bytes(), "has the value 1.5");
    for (CompressionCodec codec :
        List.of(CompressionCodec.BROTLI, CompressionCodec.LZO, CompressionCodec.LZ4)) {
      refused(
          new TableFile(schema, codec, false, false, 9).group(1, row).bytes(),
          "compressed with " + codec + ", which is not read; write it with Snappy");
    }
    refused("PARE and more bytes, PARE".getBytes(), "encrypted; write it without encryption");
    BiConsumer<Integer, Group> name = (i, into) -> into.add("name", "x");
    refused(
        TableFile.plain("message m { required binary name (UTF8); }").group(1, name).bytes(),
        "[name] none has images");
    refused(
        TableFile.plain("message m { repeated binary image; }").group(1, (i, into) -> {}).bytes(),
        "[image] none has images");
    refused(
        TableFile.plain("message m { required binary name; }").group(1, name).bytes(),
        "none has identities: expected numbers or text in a column such as identity");
    byte[] damaged =
        TableFile.plain("message m { required binary file; required binary identity; }")
            .withChecksums()
            .group(1, (i, into) -> into.append("file", "a").add("identity", "qqq"))
            .bytes();
    int at = new String(damaged, StandardCharsets.ISO_8859_1).indexOf("qqq");
    damaged[at] = 'r';
    refused(damaged, "the checksum of the page");
  }

  private void refused(byte[] bytes, String part) throws IOException {
    Path file = Files.write(folder.resolve("x.parquet"), bytes);
    String message = assertThrows(FileException.class, () -> ImageSets.open(file)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void whatPointsOutOrIsCutIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("x.parquet"), manifest("../x.png", "/x.png"));
    try (LabeledImages images = ImageSets.open(file)) {
      for (int i = 0; i < 2; i++) {
        int row = i;
        String message = assertThrows(IOException.class, () -> images.bytes(row)).getMessage();
        assertTrue(message.contains("not a file inside the folder"), message);
      }
    }
    byte[] whole = manifest("a.png");
    refused(Arrays.copyOf(whole, whole.length - 1), "does not end like a Parquet file");
    byte[] beyond = whole.clone();
    beyond[whole.length - 6] = 1;
    refused(beyond, "the footer announces");
    refused("PAR1".getBytes(), "beyond the end");
    try (var found = ParquetImagesTest.class.getResourceAsStream("negative-page.parquet")) {
      refused(found.readAllBytes(), "damaged"); // by the fuzzer
    }
  }

  private static final int LARGE = 100_000;

  /** Reads a file's images in a process of its own: their number and the sum of their lengths. */
  public static final class Reader {
    public static void main(String[] args) throws IOException {
      long bytes = 0;
      try (LabeledImages images = ImageSets.open(Path.of(args[0]))) {
        for (int i = 0; i < images.count(); i++) {
          bytes += images.bytes(i).length;
        }
        System.out.print(images.count() + " " + bytes);
      }
    }
  }

  /** One row group of 96 MB in a heap of 48 MB. */
  @Test
  void aRowGroupMayBeLargerThanTheHeap() throws IOException, InterruptedException {
    int rows = 961; // parquet-column writes no empty page
    byte[] image = new byte[LARGE];
    TableFile table =
        new TableFile(
                "message m { required binary jpg; required int32 cls; }",
                CompressionCodec.UNCOMPRESSED,
                false,
                false,
                10)
            .group(
                rows,
                (i, row) ->
                    row.append("jpg", Binary.fromConstantByteArray(image)).append("cls", i % 7));
    Path file = Files.write(folder.resolve("x.parquet"), table.bytes());
    assertTrue(Files.size(file) > 90_000_000, "it has shrunk to " + Files.size(file));
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertEquals(0, process.waitFor(), () -> text(out));
    assertEquals(rows + " " + (long) rows * LARGE, text(out));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
