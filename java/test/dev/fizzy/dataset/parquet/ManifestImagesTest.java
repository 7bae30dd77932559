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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class ManifestImagesTest {
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

  private void refused(byte[] bytes, String part) throws IOException {
    Path file = Files.write(folder.resolve("x.parquet"), bytes);
    String message = assertThrows(FileException.class, () -> ImageSets.open(file)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void whatPointsOutOrIsCutIsRefused() throws IOException {
    refused(manifest("../x.png"), "is not inside");
    refused(manifest("/x.png"), "is not inside");
    byte[] whole = manifest("a.png");
    refused(Arrays.copyOf(whole, whole.length - 1), "does not end like a Parquet file");
    byte[] beyond = whole.clone();
    beyond[whole.length - 6] = 1;
    refused(beyond, "the footer announces");
    refused("PAR1".getBytes(), "beyond the end");
    try (var found = ManifestImagesTest.class.getResourceAsStream("negative-page.parquet")) {
      refused(found.readAllBytes(), "damaged"); // by the fuzzer
    }
  }
}
