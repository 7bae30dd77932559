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

class MakeManifestCommandTest {
  @TempDir Path folder;

  @Test
  void theManifestOfAFolderIsADataSet() throws IOException {
    Path faces = folder.resolve("faces");
    for (int i = 0; i < 6; i++) {
      Pictures.blob(faces.resolve("p" + i % 2 + "/" + i + ".png"), 8, i);
    }
    Path direct = folder.resolve("direct");
    Cli.run("export", faces, "--format", "recordio", "--out", direct).ok();
    for (Path manifest : new Path[] {faces.resolve("m.parquet"), folder.resolve("m.parquet")}) {
      JsonNode made = Cli.run("make", "manifest", faces, "--out", manifest, "--json").ok().json();
      assertEquals(6, made.get("images").asInt());
      Path rec = folder.resolve("rec" + manifest.getNameCount());
      Cli.run("export", manifest, "--format", "recordio", "--out", rec).ok();
      assertEquals(
          -1,
          Files.mismatch(rec.resolve("train.rec"), direct.resolve("train.rec")),
          "the same set");
    }
    Cli.Result none =
        Cli.run("export", folder.resolve("m.txt"), "--format", "folder", "--out", faces);
    assertEquals(1, none.code());
    assertTrue(none.err().contains("does not exist"), none.err());
  }
}
