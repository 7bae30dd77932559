package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.identity.TinyOnnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The walk of the README: what its commands leave behind is what its report shows. */
class ReportCommandTest {
  @TempDir Path folder;

  @Test
  void aDataSetAndItsResultsAreReportedWithTheirCommands() throws IOException {
    Path faces = folder.resolve("faces");
    Path results = folder.resolve("results");
    Path onnx = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    List<Object> generate = new ArrayList<>(List.of("generate", "--model", TinyModel.model()));
    generate.addAll(List.of("--contexts", TinyModel.contexts(), "--images", 3, "--steps", 2));
    generate.addAll(List.of("--out", faces));
    Cli.run(generate.toArray()).ok();
    List<Object> judge = List.of("--data", faces, "--embedder", onnx, "--out");
    evaluate(List.of("separability"), judge, results.resolve("separability.json"));
    evaluate(
        List.of("leakage", "--training", TinyModel.faces(), "--people", 2),
        judge,
        results.resolve("leakage.json"));
    Cli.run("export", faces, "--format", "recordio", "--out", folder.resolve("packed")).ok();
    Path contexts = folder.resolve("c.npy");
    Cli.run("embed", "--faces", TinyModel.faces(), "--embedder", onnx, "--out", contexts).ok();
    Path bare = Files.createDirectories(folder.resolve("bare"));
    Files.copy(folder.resolve("packed/train.rec"), bare.resolve("others.rec"));
    Path curve = folder.resolve("curve.svg");
    JsonNode told =
        Cli.run("report", folder, "--json", "--real-faces", "--curve", curve).ok().json();
    String picture = Files.readString(curve);
    assertTrue(picture.contains("faces: 2 steps"), picture);
    Path none = folder.resolve("none.svg");
    Cli.run("report", bare, "--curve", none)
        .refused("no picture of quality can be drawn of " + bare);
    assertFalse(Files.exists(none));
    assertEquals(3, told.get("datasets").asInt());
    assertEquals(0, told.get("skipped").size(), told.toString());
    TreeSet<String> reported = new TreeSet<>();
    for (JsonNode result :
        new ObjectMapper().readTree(folder.resolve("report.json").toFile()).get("results")) {
      String[] words = result.at("/stored/command").asText().split(" ");
      reported.add(result.get("file").asText() + ": " + words[0] + " " + words[1]);
    }
    assertEquals(
        new TreeSet<>(
            List.of(
                "c.npy.made.json: fizzy embed",
                "faces/manifest-made.json: fizzy generate",
                "packed/manifest-made.json: fizzy export",
                "results/leakage.json: fizzy evaluate",
                "results/separability.json: fizzy evaluate")),
        reported);
    String page = Files.readString(folder.resolve("report.html"));
    // three data sets; of leakage 4 nearest images and a training face at least, of separability 4
    int pictures = page.split("data:image/jpeg", -1).length - 1;
    assertTrue(pictures >= 3 + 5 + 4, pictures + " pictures");
    Cli.run("report", folder).ok();
    String shareable = Files.readString(folder.resolve("report.html"));
    int fewer = shareable.split("data:image/jpeg", -1).length - 1;
    assertTrue(fewer < pictures, fewer + " and " + pictures + " pictures");
  }

  /** The command that made a data set stays, whoever looks whether it is whole. */
  @Test
  void aCompleteDataSetKeepsItsCommand() throws IOException {
    Path faces = folder.resolve("faces");
    List<Object> generate = new ArrayList<>(List.of("generate", "--model", TinyModel.model()));
    generate.addAll(List.of("--contexts", TinyModel.contexts(), "--images", 1, "--steps", 2));
    generate.addAll(List.of("--out", faces));
    Cli.run(generate.toArray()).ok();
    Path made = faces.resolve("manifest-made.json");
    String before = Files.readString(made);
    generate.add("--check");
    Cli.run(generate.toArray()).ok();
    assertEquals(before, Files.readString(made));
    Files.delete(made);
    Cli.run(generate.toArray()).ok();
    assertTrue(Files.readString(made).contains("--check"));
  }

  private static void evaluate(List<Object> what, List<Object> judge, Path out) {
    List<Object> command = new ArrayList<>(List.of("evaluate"));
    command.addAll(what);
    command.addAll(judge);
    command.add(out);
    Cli.run(command.toArray()).ok();
  }
}
