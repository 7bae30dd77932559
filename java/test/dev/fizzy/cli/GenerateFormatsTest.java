package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.LabeledImages;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A data set has the same images in every format, also after its writer was killed. */
class GenerateFormatsTest {
  @TempDir Path folder;

  /** Images an identity: so many that a process is found at work when it is killed. */
  private static final int MANY = 400;

  private static Object[] command(Path out, int images, Object... more) throws IOException {
    List<Object> args =
        new ArrayList<>(
            List.of("generate", "--contexts", TinyModel.contexts(), "--model", TinyModel.model()));
    args.addAll(List.of("--seed", 9, "--steps", 3, "--images", images, "--out", out));
    args.addAll(Arrays.asList(more));
    return args.toArray();
  }

  private static void same(Path one, Path two) {
    try (LabeledImages a = ImageSets.open(one);
        LabeledImages b = ImageSets.open(two)) {
      assertEquals(a.count(), b.count());
      assertEquals(a.classes(), b.classes());
      for (int i = 0; i < a.count(); i++) {
        assertEquals(a.label(i), b.label(i));
        assertArrayEquals(a.bytes(i), b.bytes(i), a.name(i));
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyFormatHoldsTheSameImages() throws IOException {
    Path plain = folder.resolve("plain");
    Cli.run(command(plain, 3)).ok();
    Path rec = folder.resolve("rec");
    for (String shard : List.of("2/2", "1/2")) {
      Cli.run(command(rec, 3, "--format", "recordio", "--shard", shard, "--type", TinyModel.type()))
          .ok();
    }
    same(plain, rec);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 1; i <= 2; i++) {
      bytes.write(Files.readAllBytes(rec.resolve("train-" + i + "-of-2.rec")));
    }
    Path joined = Files.write(folder.resolve("train.rec"), bytes.toByteArray());
    assertEquals(17, Cli.run("make", "index", joined, "--json").ok().json().get("records").asInt());
    same(plain, joined);
    Path tar = folder.resolve("tar");
    Cli.run(command(tar, 3, "--format", "webdataset", "--per-tar", 5)).ok();
    assertTrue(Files.exists(tar.resolve("faces-000002.tar")));
    same(plain, tar);
    Cli.Result refused = Cli.run(command(tar, 3));
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("its container is \"webdataset 5\""), refused.err());
  }

  @Test
  void aKilledProcessIsTakenUpWhereItStopped() throws IOException, InterruptedException {
    int all = 4 * MANY;
    Path whole = folder.resolve("whole");
    Cli.run(command(whole, MANY)).ok();
    for (Object[] format :
        new Object[][] {{"--format", "recordio"}, {"--format", "webdataset", "--per-tar", 30}}) {
      Path out = folder.resolve("cut" + format.length);
      Path manifest = out.resolve("manifest.jsonl");
      Object[] args = command(out, MANY, format);
      Cli.startUntil(() -> Cli.lines(manifest) > 5, folder, Map.of(), args)
          .destroyForcibly()
          .waitFor();
      List<Object> again = new ArrayList<>(List.of(args));
      again.add("--json");
      var result = Cli.run(again.toArray()).ok().json();
      int before = result.get("images_before").asInt();
      assertTrue(before > 5 && before < all, before + " were there before");
      assertEquals(all - before, result.get("images").asInt());
      same(whole, out);
      assertEquals(all, Files.readAllLines(manifest).size());
    }
  }
}
