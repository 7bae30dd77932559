package dev.fizzy.dataset.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.recordio.RecordContainer;
import dev.fizzy.dataset.webdataset.TarContainer;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExporterTest {
  @TempDir Path folder;

  private Path faces() throws IOException {
    Path faces = folder.resolve("faces");
    for (int i = 0; i < 12; i++) {
      String name = "b.c" + i % 3 + "/" + String.format("%05d", i / 3) + ".png";
      Pictures.png(faces.resolve(name), 8, i);
    }
    return faces;
  }

  private Exporter.Result export(Path from, String to, DatasetFormat format) {
    try (LabeledImages source = ImageSets.open(from)) {
      return Exporter.run(source, from, folder.resolve(to), format, false, 3, n -> {});
    }
  }

  private static Map<String, String> files(Path root) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().startsWith("manifest")) {
          files.put(root.relativize(file).toString(), dev.fizzy.file.Sha256.of(file));
        }
      }
    }
    return files;
  }

  @Test
  void thereAndBackAgain() throws IOException {
    Path faces = faces();
    assertEquals(12, export(faces, "rec", RecordContainer.FORMAT).images());
    assertEquals(12, export(folder.resolve("rec"), "tar", TarContainer.format(5)).images());
    export(faces, "tar2", TarContainer.format(5));
    assertEquals(12, export(folder.resolve("tar2"), "again", DatasetFormat.FOLDER).images());
    assertEquals(files(faces), files(folder.resolve("again")), "names too, by WebDataset");
    export(folder.resolve("tar"), "rec2", RecordContainer.FORMAT);
    assertEquals(files(folder.resolve("rec")), files(folder.resolve("rec2")));
    assertEquals("3,8,8\n", Files.readString(folder.resolve("rec2/property")));
    assertEquals(0, export(folder.resolve("tar"), "rec2", RecordContainer.FORMAT).images());
  }

  @Test
  void whatCannotBeReadIsLeftOutAndNamed() throws IOException {
    Path faces = faces();
    Files.write(faces.resolve("b.c1/00002.png"), new byte[0]);
    Files.write(faces.resolve("b.c2/99999.png"), new byte[3 * 16 * 16]);
    for (DatasetFormat format :
        new DatasetFormat[] {
          RecordContainer.FORMAT, TarContainer.format(2), DatasetFormat.FOLDER
        }) {
      String name = format.name();
      Exporter.Result result = export(faces, name, format);
      assertEquals(11, result.images());
      String skipped = result.skipped().toString();
      assertTrue(skipped.contains("b.c1/00002.png: it is empty"), skipped);
      assertTrue(skipped.contains("the raw pixels of 16 x 16"), skipped);
      try (LabeledImages images = ImageSets.open(folder.resolve(name))) {
        assertEquals(11, images.count());
        assertEquals(1, images.label(6));
        assertArrayEquals(
            Files.readAllBytes(faces.resolve("b.c1/00003.png")), images.bytes(6), name);
      }
      assertEquals(0, export(faces, name, format).images());
    }
  }

  @Test
  void aLostImageOfAFolderIsWrittenAgainAlone() throws IOException {
    Path faces = faces();
    export(faces, "copy", DatasetFormat.FOLDER);
    Files.delete(folder.resolve("copy/b.c0/00001.png"));
    Exporter.Result again = export(faces, "copy", DatasetFormat.FOLDER);
    assertEquals(1, again.images());
    assertEquals(11, again.before());
    assertEquals(files(faces), files(folder.resolve("copy")));
  }

  @Test
  void anotherSourceIsRefused() throws IOException {
    Path faces = faces();
    export(faces, "rec", RecordContainer.FORMAT);
    Pictures.png(faces.resolve("b.c0/99999.png"), 8, 99);
    String message =
        assertThrows(FileException.class, () -> export(faces, "rec", RecordContainer.FORMAT))
            .getMessage();
    assertTrue(message.contains("its images is 12, this run's is 13"), message);
  }

  @Test
  void aRecognizerTrainsOnEveryFormat() throws IOException {
    Path faces = faces();
    export(faces, "rec", RecordContainer.FORMAT);
    export(faces, "tar", TarContainer.format(5));
    for (String set : new String[] {"faces", "rec", "tar"}) {
      try (LabeledImages source = ImageSets.open(folder.resolve(set))) {
        // room for two faces: the others are decoded again when asked for
        IdentityFaces read = IdentityFaces.read(source, 8, 2, 2, 2 * 3 * 8 * 8, n -> {});
        assertEquals(12, read.count());
        assertEquals(3, read.identities().size());
        for (int i = 0; i < 12; i++) {
          assertEquals(i / 4, read.label(i), set);
          int noise = 3 * (i % 4) + i / 4;
          assertArrayEquals(Pictures.noise(8, noise).pixels(), read.pixels(i), set);
        }
      }
    }
  }
}
