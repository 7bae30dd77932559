package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FizzyTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Object... args) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Fizzy.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(java.util.Arrays.stream(args).map(Object::toString).toArray(String[]::new));
  }

  @Test
  void everyCommandHasHelpWithAnExample() {
    assertEquals(0, run("--help"));
    check(Fizzy.commandLine());
  }

  @Test
  void oneCommandAloneIsAsAmongAll() {
    for (var command : Fizzy.commandLine().getSubcommands().entrySet()) {
      CommandLine line = Fizzy.commandLine(command.getKey(), "--help");
      assertTrue(line.getSubcommands().containsKey(command.getKey()));
      CommandLine alone = line.getSubcommands().get(command.getKey());
      assertEquals(command.getValue().getUsageMessage(), alone.getUsageMessage());
    }
    assertEquals(1, Fizzy.commandLine("import").getSubcommands().size());
    assertTrue(Fizzy.commandLine("quickstart").getSubcommands().size() > 1);
    assertTrue(Fizzy.commandLine("none").getSubcommands().size() > 1);
  }

  private void check(CommandLine command) {
    for (CommandLine sub : command.getSubcommands().values()) {
      if (sub.getSubcommands().isEmpty()) {
        String help = sub.getUsageMessage();
        assertTrue(help.contains("Example") && help.contains("  fizzy "), help);
      }
      check(sub);
    }
  }

  @Test
  void makesUniformAndAuthenticContexts() throws IOException {
    Path uniform = folder.resolve("c.npy");
    assertEquals(
        0, run("contexts", "uniform", "--count", 6, "--seed", 5, "--out", uniform, "--json"));
    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertEquals(6, result.get("contexts").asInt());
    assertEquals(512, result.get("width").asInt());
    Path chosen = folder.resolve("d.safetensors");
    assertEquals(
        0,
        run(
            "contexts",
            "authentic",
            "--from",
            uniform,
            "--names",
            "000004,000001",
            "--out",
            chosen));
    assertEquals(List.of("000004", "000001"), Contexts.read(chosen).names());
    assertEquals(0, run("contexts", "authentic", "--from", uniform, "--count", 3, "--out", chosen));
    assertEquals(3, Contexts.read(chosen).size());
    float[][] vectors = new float[5][2];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i][i % 2] = 1;
    }
    Path faces = folder.resolve("faces.npy");
    new Contexts(List.of("a/1", "b/1", "b/2", "c/1", "c/2"), vectors).write(faces);
    Object[] draw = {
      "contexts", "authentic", "--from", faces, "--photos", 2, "--count", 2, "--out", chosen
    };
    assertEquals(0, run(draw), err.toString());
    List<String> drawn = Contexts.read(chosen).names();
    assertEquals(1, drawn.stream().filter(name -> name.startsWith("b/")).count());
    assertEquals(1, drawn.stream().filter(name -> name.startsWith("c/")).count());
  }

  @Test
  void embedsAFolder() throws IOException {
    Path faces = Pictures.mixedFolder(folder.resolve("faces"));
    Path network = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 112, 112);
    Path contexts = folder.resolve("c.npy");
    assertEquals(
        0,
        run("embed", "--faces", faces, "--embedder", network, "--out", contexts, "--json"),
        err.toString());
    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertEquals(3, result.get("skipped").size());
    assertEquals("arcface-112", result.get("preset").asText());
    assertEquals(List.of("a.png", "b/2.png", "c.jpg"), Contexts.read(contexts).names());
  }

  @Test
  void failsWithOneSentenceAndNothingWritten() throws IOException {
    Path contexts = folder.resolve("c.npy");
    assertEquals(
        1, run("embed", "--faces", folder.resolve("none"), "--embedder", "x", "--out", contexts));
    assertEquals(
        "fizzy: the folder of faces " + folder.resolve("none") + " does not exist",
        err.toString().strip());
    assertEquals(
        1,
        run(
            "contexts",
            "authentic",
            "--from",
            folder.resolve("none.npy"),
            "--count",
            1,
            "--out",
            contexts));
    assertTrue(err.toString().contains("no such file"));
    assertFalse(Files.exists(contexts));
    Path taken = Files.createDirectories(folder.resolve("taken.npy"));
    assertEquals(1, run("contexts", "uniform", "--count", 1, "--out", taken));
    assertEquals(2, run("contexts", "uniform", "--count", 1, "--out", folder));
    Path below = Files.writeString(folder.resolve("file"), "").resolve("c.npy");
    assertEquals(1, run("contexts", "uniform", "--count", 1, "--out", below));
    assertEquals(1, err.toString().strip().lines().count());
  }

  @Test
  void aWrongCommandLineIsTwo() {
    assertEquals(2, run("contexts", "uniform", "--cuont", 6));
    assertEquals(2, run("contexts", "authentic", "--from", "a.npy", "--out", "b.npy"));
    assertEquals(2, run("contexts", "uniform", "--count", "six", "--out", "b.npy"));
    assertEquals(2, run("frobnicate"));
  }

  @Test
  void infoTellsTheDevice() throws IOException {
    assertEquals(0, run("info", "--json"));
    JsonNode result = new ObjectMapper().readTree(out.toString());
    assertEquals("cpu", result.get("device").asText());
    assertTrue(result.get("description").asText().contains("threads"));
    assertEquals(0, run("--version"));
    assertTrue(out.toString().startsWith("fizzy 0"), out.toString());
  }
}
