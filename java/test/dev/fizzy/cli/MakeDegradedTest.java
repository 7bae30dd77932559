package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.Pictures;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MakeDegradedTest {
  @TempDir Path folder;
  private Path data;
  private Path out;

  @BeforeEach
  void writeDataSet() throws IOException {
    data = folder.resolve("faces");
    out = folder.resolve("out");
    for (int i = 0; i < 4; i++) {
      Pictures.blob(data.resolve((i < 2 ? "a/" : "b/") + i + ".png"), 24, i);
    }
  }

  private Rgb image(Path file) throws IOException {
    return ImageDecoder.decode(Files.readAllBytes(file));
  }

  @Test
  void theTableTellsWhatEachImageIs() throws IOException {
    Files.writeString(data.resolve("a/0b.png"), "no picture");
    Cli.run("make", "quality", "--data", data, "--ways", "blur,dark", "--out", out).ok();
    List<String> rows = Files.readAllLines(out.resolve("degradations.csv"));
    assertEquals("file,identity,original,kind,level", rows.get(0));
    assertEquals(1 + 4 * 11, rows.size(), "an unreadable image has no row");
    int seen = 0;
    for (String row : rows.subList(1, rows.size())) {
      String[] fields = row.split(",");
      assertTrue(Files.exists(out.resolve(fields[0])), row);
      Rgb original = image(data.resolve(fields[2]));
      Rgb made = image(out.resolve(fields[0]));
      int level = Integer.parseInt(fields[4]);
      if (!fields[3].equals("blur")) {
        seen++;
        for (int i = 0; i < made.pixels().length; i++) {
          long expected = Math.round((original.pixels()[i] & 0xff) / (1. + level));
          assertEquals(expected, made.pixels()[i] & 0xff, row);
        }
      }
    }
    assertEquals(4 * 6, seen);
    Cli.Result again =
        Cli.run("make", "quality", "--data", data, "--ways", "blur,dark", "--out", out);
    assertTrue(again.ok().out().contains("0 images in"), again.out());
    assertEquals(rows, Files.readAllLines(out.resolve("degradations.csv")));
  }

  @Test
  void attacksAreBesideTheFaces() throws IOException {
    Cli.run("make", "attack", "--data", data, "--seed", 5, "--out", out).ok();
    String table = Files.readString(out.resolve("degradations.csv"));
    for (String kind : List.of("bona_fide,0", "print,1", "replay,1")) {
      assertEquals(4, table.split(kind, -1).length - 1, kind);
    }
    Path one = out.resolve("a/00001.png");
    Path other = folder.resolve("other");
    Cli.run("make", "attack", "--data", data, "--seed", 5, "--threads", 1, "--out", other).ok();
    assertEquals(-1, Files.mismatch(one, other.resolve("a/00001.png")));
    Path seed = folder.resolve("seed");
    Cli.run("make", "attack", "--data", data, "--seed", 6, "--out", seed).ok();
    assertFalse(Files.mismatch(one, seed.resolve("a/00001.png")) < 0);
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    Cli.run("make", "quality", "--data", data, "--ways", "fog", "--out", out).misused("fog");
    Cli.run("make", "attack", "--data", data, "--media", "mask", "--out", out).misused("mask");
    Cli.run("make", "attack", "--data", data, "--out", data.resolve("in")).refused("inside");
    Cli.run("make", "attack", "--data", folder.resolve("none"), "--out", out).refused("none");
    assertFalse(Files.exists(out));
  }
}
