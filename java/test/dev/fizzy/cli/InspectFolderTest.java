package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.dataset.Pictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectFolderTest {
  @TempDir Path folder;

  private static JsonNode file(JsonNode result, String name) {
    for (JsonNode file : result.get("files")) {
      if (file.get("file").asText().equals(name)) {
        return file;
      }
    }
    throw new AssertionError(name + " is not in " + result);
  }

  private static void is(JsonNode result, String name, String status, String detail) {
    JsonNode file = file(result, name);
    assertEquals(status, file.get("status").asText(), name);
    assertTrue(file.get("detail").asText().contains(detail), file.toString());
  }

  @Test
  void everyFileIsReadRefusedOrSkipped() throws IOException {
    BadImages.mixed(Files.createDirectories(folder.resolve("images")));
    Files.writeString(folder.resolve("labels.csv"), "file,identity\na.png,7\n");
    Files.writeString(folder.resolve("torn.pt"), "PK\3\4");
    Files.writeString(folder.resolve("phone.heic"), "\0\0\0 ftypheic\0\0\0\0mif1heic");
    Files.writeString(folder.resolve("config.json"), "null");
    Files.writeString(folder.resolve("manifest.json"), "{\"settings\": {}, \"images\": []}");
    Files.writeString(folder.resolve("torn.json"), "{\"settings\": {");
    Files.writeString(folder.resolve("notes.txt"), "words");
    Pictures.png(folder.resolve("@eaDir/images/a.png"), 8, 1);
    Files.createSymbolicLink(folder.resolve("again"), folder.resolve("images"));
    JsonNode result = Cli.run("inspect", folder, "--json").ok().json();
    assertEquals(BadImages.GOOD + 1, result.get("read").asInt());
    assertEquals(BadImages.BAD + 4, result.get("refused").asInt());
    assertEquals(4, result.get("skipped").asInt());
    is(result, "images/plain.png", "read", "20 x 20 pixels");
    is(result, "images/empty.jpg", "refused", "empty");
    is(result, "manifest.json", "skipped", "by a command that expects it");
    is(result, "torn.json", "refused", "end-of-input");
    is(result, "labels.csv", "read", "1 files");
    is(result, "phone.heic", "refused", "heif-convert");
    is(result, "@eaDir", "skipped", "file manager");
    is(result, "again", "skipped", "folder");
    String table = Cli.run("inspect", folder).ok().out();
    assertTrue(table.contains("refused     image         phone.heic"), table);
  }
}
