package dev.fizzy.dataset.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.parquet.ManifestRow;
import dev.fizzy.file.FileException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeneratedRowsTest {
  private final List<ManifestRow> rows = new ArrayList<>();
  private final GeneratedRows read = new GeneratedRows(2, List.of("ann", "bob"), ImageWriter.png());

  private static String line(String identity, int image) {
    return "{\"path\":\"faces-000000.tar\",\"identity\":\""
        + identity
        + "\",\"image\":"
        + image
        + ",\"sha256\":\"ab\",\"bytes\":7,\"number\":0,\"offset\":0,\"end\":9}\n";
  }

  private void read(String... lines) throws IOException {
    byte[] text = String.join("", lines).getBytes(StandardCharsets.UTF_8);
    read.add(
        "manifest-1-of-2.jsonl", GeneratedRows.read(new ByteArrayInputStream(text)), rows::add);
  }

  private void refused(String part, String... lines) {
    String message = assertThrows(FileException.class, () -> read(lines)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void everyImageIsListedOnce() throws IOException {
    read(line("ann", 0), line("ann", 1), line("bob", 0));
    assertThrows(FileException.class, read::end);
    read(line("bob", 1));
    assertEquals(4, read.end());
    assertEquals(new ManifestRow("bob/00001.png", 1, "bob", 7, "ab"), rows.get(3));
    refused("more images than the set has", line("bob", 1));
  }

  @Test
  void doubleMissingAndMixedImagesAreRefused() throws IOException {
    read(line("ann", 0));
    refused("should list image 1 of ann next, and lists image 0 of ann", line("ann", 0));
    refused("lists image 0 of bob", line("bob", 0));
    refused("a damaged line", "{\n");
  }
}
