package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.dataset.Pictures;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Photos with known points: the whole command but the detector. */
class AlignCommandTest {
  private static final String TEMPLATE =
      " 38.2946 51.6963 73.5318 51.5014 56.0252 71.7366 41.5493 92.3655 70.7299 92.2041";

  @TempDir Path folder;
  private Path photos;
  private Path out;
  private Path points;

  @BeforeEach
  void photos() throws IOException {
    photos = folder.resolve("photos");
    out = folder.resolve("out");
    Pictures.blob(photos.resolve("anna/1.png"), 130, 1);
    Pictures.blob(photos.resolve("anna/2.png"), 112, 2);
    Pictures.blob(photos.resolve("bert/1.png"), 150, 3);
    Pictures.blob(photos.resolve("bert/1.jpeg"), 150, 4);
    byte[] whole = Files.readAllBytes(photos.resolve("anna/1.png"));
    Files.write(photos.resolve("bert/torn.png"), java.util.Arrays.copyOf(whole, 400));
    points =
        Files.write(
            folder.resolve("points.txt"),
            List.of(
                "anna/1.png" + TEMPLATE,
                "anna/2.png" + TEMPLATE,
                "bert/1.png" + TEMPLATE,
                "bert/torn.png" + TEMPLATE));
  }

  private Cli.Result align(Object... more) {
    List<Object> args =
        new ArrayList<>(
            List.of("align", "--in", photos, "--out", out, "--points", points, "--json"));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private Set<String> written() throws IOException {
    try (Stream<Path> files = Files.walk(out)) {
      return files
          .filter(Files::isRegularFile)
          .map(f -> out.relativize(f).toString())
          .collect(Collectors.toSet());
    }
  }

  @Test
  void everyPhotoIsDecidedAlone() throws IOException {
    JsonNode json = align().ok().json();
    assertEquals(5, json.get("photos").asInt());
    assertEquals(3, json.get("aligned").asInt());
    assertEquals("[\"bert/1.jpeg\"]", json.get("not_found").toString());
    assertTrue(json.get("skipped").get(0).asText().startsWith("bert/torn.png: "));
    assertEquals(
        Set.of(
            "anna/1.png",
            "anna/2.png",
            "bert/1.png.png",
            "alignment.json",
            "alignment.jsonl",
            "alignment-made.json"),
        written());
    Rgb same = ImageDecoder.decode(out.resolve("anna/2.png"));
    assertArrayEquals(ImageDecoder.decode(photos.resolve("anna/2.png")).pixels(), same.pixels());
    List<String> lines = Files.readAllLines(out.resolve("alignment.jsonl"));
    assertEquals(5, lines.size());
    assertTrue(lines.get(0).contains("\"points\":[[38.29,51.7],"), lines.get(0));
    assertTrue(lines.get(2).contains("\"faces\":0"), lines.get(2));
  }

  @Test
  void goesOnWhereItStopped() throws IOException {
    align("--threads", 1).ok();
    List<String> first = Files.readAllLines(out.resolve("alignment.jsonl"));
    Files.delete(out.resolve("anna/1.png"));
    Files.write(out.resolve("alignment.jsonl"), String.join("\n", first.subList(0, 3)).getBytes());
    Pictures.blob(photos.resolve("bert/torn.png"), 120, 5); // repaired meanwhile
    JsonNode json = align().ok().json();
    assertEquals(
        1, json.get("photos_before").asInt()); // the third line is torn, the first's file gone
    assertEquals(4, json.get("aligned").asInt());
    assertEquals(5, Files.readAllLines(out.resolve("alignment.jsonl")).size());
    assertEquals(5, align().ok().json().get("photos_before").asInt());
  }

  /** Two photos of one long name, whose faces keep both endings: too long for a file. */
  @Test
  void longNamesAreShortened() throws IOException {
    String name = "x".repeat(251);
    Path first = Pictures.blob(photos.resolve(name + ".png"), 112, 7);
    Files.copy(first, photos.resolve(name + ".jpg"));
    Files.write(points, List.of(name + ".png" + TEMPLATE, name + ".jpg" + TEMPLATE));
    assertEquals(2, align().ok().json().get("aligned").asInt());
    assertEquals(2, written().stream().filter(file -> file.startsWith("xxx")).count());
    assertEquals(2, align().ok().json().get("aligned").asInt());
  }

  @Test
  void theReportIsASourceOfPoints() throws IOException {
    align().ok();
    Path report = Files.copy(out.resolve("alignment.jsonl"), folder.resolve("report.jsonl"));
    Path again = folder.resolve("again");
    Cli.run("align", "--in", photos, "--out", again, "--points", report, "--size", 128).ok();
    assertEquals(128, ImageDecoder.decode(again.resolve("anna/1.png")).width());
  }

  @Test
  void anotherRunsFolderIsRefused() {
    align().ok();
    Cli.Result other = align("--size", 128);
    assertEquals(ErrorHandler.FAILURE, other.code());
    assertTrue(other.err().contains("size is 112, this run's is 128"), other.err());
    assertFalse(other.err().strip().contains("\n"), other.err());
  }

  private Path mtcnn() {
    for (String file : List.of("pnet", "rnet", "onet")) {
      Safetensors.Entry entry =
          new Safetensors.Entry(
              "a", Safetensors.Type.F32, new long[] {1}, () -> new float[] {file.length()});
      Safetensors.write(folder.resolve(file + ".safetensors"), Map.of(), List.of(entry));
    }
    return folder;
  }

  @Test
  void aGpuThatIsNotThereIsRefusedBeforeAnythingIsWritten() {
    Cli.run("align", "--in", photos, "--out", out, "--mtcnn", mtcnn(), "--device", "cuda:99")
        .refused("");
    assertFalse(Files.exists(out));
  }

  /** Its detector rounds differently: the two must not share a folder. */
  @Test
  void aRunOnAGpuIsAnotherOne() {
    DetectorOptions options =
        CommandLine.populateCommand(new DetectorOptions(), "--mtcnn", mtcnn().toString());
    String cpu = options.open("cpu").description();
    assertEquals(cpu + ", on a GPU", options.open("cuda").description());
    assertEquals(cpu + ", on a GPU", options.open("cuda:1").description());
  }

  @Test
  void whatCannotBeIsRefusedInASentence() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    String[][] commands = {
      {"--out", photos.resolve("aligned").toString(), "--points", points.toString()},
      {"--out", out.toString(), "--points", photos.resolve("anna/1.png").toString()},
      {"--out", out.toString(), "--points", folder.resolve("none.txt").toString()},
      {"--out", out.toString(), "--mtcnn", empty.toString()},
      {"--out", out.toString(), "--detector", points.toString()},
      {"--out", out.toString(), "--detector", folder.resolve("none.onnx").toString()},
    };
    for (String[] command : commands) {
      List<Object> args = new ArrayList<>(List.of("align", "--in", photos));
      args.addAll(List.of(command));
      Cli.Result result = Cli.run(args.toArray());
      assertEquals(ErrorHandler.FAILURE, result.code(), result.err());
      assertEquals(1, result.err().strip().lines().count(), result.err());
    }
    assertEquals(2, Cli.run("align", "--in", photos, "--out", out).code());
    assertEquals(
        2, Cli.run("align", "--in", photos, "--out", out, "--points", "a", "--mtcnn", "b").code());
  }
}
