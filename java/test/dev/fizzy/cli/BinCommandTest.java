package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.TinyOnnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinCommandTest {
  private static final int HALF = 3;

  @TempDir Path folder;

  /** Two folds of 2 x 3 pairs, of six people with two images each, which are copies. */
  private Path pairs() throws IOException {
    List<String> lines = new ArrayList<>(List.of("2\t" + HALF));
    for (int fold = 0; fold < 2; fold++) {
      for (int i = 0; i < HALF; i++) {
        lines.add("P" + (HALF * fold + i) + "\t1\t2");
      }
      for (int i = 0; i < HALF; i++) {
        lines.add("P" + i + "\t1\tP" + (i + 1 + fold) + "\t2");
      }
    }
    for (int person = 0; person < 2 * HALF; person++) {
      for (int image = 1; image <= 2; image++) {
        String name = String.format("P%d/P%d_%04d.png", person, person, image);
        Pictures.blob(folder.resolve("images").resolve(name), 24, person);
      }
    }
    return Files.write(folder.resolve("pairs.txt"), lines);
  }

  @Test
  void severalSetsGiveOneTable() throws IOException {
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    Path list = pairs();
    Path bin = folder.resolve("toy.bin");
    Object[] make = {"make", "bin", "--pairs", list, "--images", folder.resolve("images")};
    List<Object> args = new ArrayList<>(List.of(make));
    args.addAll(List.of("--out", bin, "--json"));
    assertEquals(12, Cli.run(args.toArray()).ok().json().get("pairs").asInt());
    Object[] evaluate = {
      "evaluate",
      "verification",
      "--embedder",
      embedder,
      "--bin",
      bin,
      "--pairs",
      list,
      "--images",
      folder.resolve("images")
    };
    String text = Cli.run(evaluate).ok().out();
    assertTrue(text.contains("toy.bin") && text.contains("pairs.txt"), text);
    assertTrue(text.strip().endsWith("100.00") && text.contains("mean"), text);
    JsonNode one =
        Cli.run("evaluate", "verification", "--embedder", embedder, "--bin", bin, "--json")
            .ok()
            .json();
    assertEquals(1, one.get("accuracy").asDouble());
    assertEquals(10, one.get("folds").size());
    assertEquals(2, Cli.run("evaluate", "verification", "--embedder", embedder).code());
    Files.delete(folder.resolve("images/P3/P3_0002.png"));
    Cli.Result refused = Cli.run(args.toArray());
    assertEquals(1, refused.code());
    assertTrue(refused.err().contains("P3_0002"), refused.err());
  }

  @Test
  void templatesOfEqualPicturesMatch() throws IOException {
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    pairs();
    List<String> faces = new ArrayList<>();
    for (int person = 0; person < 3; person++) {
      for (int image = 1; image <= 2; image++) {
        String name = String.format("P%d/P%d_%04d.png", person, person, image);
        faces.add(name + " " + (10 * person + image) + " 1");
      }
    }
    Path list = Files.write(folder.resolve("tid_mid.txt"), faces);
    Path labels =
        Files.write(
            folder.resolve("label.txt"),
            List.of("1 2 1", "11 12 1", "21 22 1", "1 11 0", "1 21 0", "2 12 0", "11 22 0").stream()
                .flatMap(l -> java.util.stream.Stream.of(l, l, l))
                .toList());
    Object[] command = {
      "evaluate",
      "templates",
      "--embedder",
      embedder,
      "--images",
      folder.resolve("images"),
      "--faces",
      list,
      "--pairs",
      labels,
      "--json",
      "--missing",
      0.01
    };
    JsonNode result = Cli.run(command).ok().json();
    assertEquals(6, result.get("templates").asInt());
    assertEquals(21, result.get("pairs").asInt());
    assertEquals(1, result.get("tar").get("1e-1").asDouble());
    assertEquals(0, result.get("eer").asDouble());
    command[command.length - 1] = 7;
    String refused = Cli.run(command).err();
    assertTrue(refused.contains("--missing must be at least 0 and below 1, not 7"), refused);
  }
}
