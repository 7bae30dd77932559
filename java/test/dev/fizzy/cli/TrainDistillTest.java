package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Students of the tiny model, and what `generate` knows of them. */
class TrainDistillTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private Cli.Result distill(Path teacher, String name, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("train", "distill", "--teacher", teacher));
    args.addAll(List.of("--faces", TinyModel.faces(), "--out", folder.resolve(name)));
    args.addAll(List.of("--batch", 4, "--warmup", 1));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  private Path model(String name) {
    return folder.resolve(name).resolve("model.safetensors");
  }

  private Cli.Result generate(String student, String name, Object... more) throws IOException {
    List<Object> args = new ArrayList<>(List.of("generate", "--model", model(student)));
    args.addAll(List.of("--contexts", TinyModel.contexts(), "--images", 1));
    args.addAll(List.of("--out", folder.resolve(name)));
    args.addAll(List.of(more));
    return Cli.run(args.toArray());
  }

  @Test
  void studentsAreModelsThatKnowHowTheyDraw() throws IOException {
    distill(TinyModel.model(), "guided", "--steps", 3, "--sample-every", 0).ok();
    generate("guided", "plain", "--steps", 2).ok();
    assertEquals(3, manifest("plain").get("guidance").asDouble());
    assertEquals("dpm++", manifest("plain").get("sampler").asText());
    Object[] none = {"--sample-every", 0, "--steps", 3, "--evaluations"};
    distill(model("guided"), "four", with(none, 4)).ok();
    distill(model("four"), "two", "--steps", 3, "--evaluations", 2, "--sample-every", 3).ok();
    assertTrue(Files.exists(folder.resolve("two/samples/step-0000003.png")));
    generate("two", "faces", "--guidance", 4.5).ok();
    assertEquals(2, manifest("faces").get("steps").asInt());
    assertEquals("ddim", manifest("faces").get("sampler").asText());

    String only = "distilled to draw with ddim in 2 steps and knows no others";
    refused(only, "--steps", 4);
    refused(only, "--sampler", "unipc");
    refused("takes guidance weights from 1.0 to 5.0, not 7.0", "--guidance", 7);
    refused("has no empty context", "--identity-from", 500);
    refused("has no empty context", "--unconditional", "--guidance", 1);
    convert("two", 1.5).ok();
    generate("usual", "usual-faces").ok();
    assertEquals(1.5, manifest("usual-faces").get("guidance").asDouble());
    convert("two", 7).misused("takes guidance weights from 1.0 to 5.0, not 7.0");
    convert("guided", 2).misused("distilled to few steps");
    distill(model("two"), "none", "--evaluations", 4).misused("the teacher draws in 2 steps");
    distill(model("two"), "none", "--teacher-steps", 4).misused("needs --evaluations N");
    distill(model("four"), "none", "--evaluations", 2, "--guidance-parallel", 1)
        .misused("--guidance-parallel is not for this teacher");
    assertEquals(
        "Distillation[guidance=1.0 to 5.0, parallel=0.0, steps=0, teacherSteps=0]", note("guided"));
    assertEquals(
        "Distillation[guidance=1.0 to 5.0, parallel=null, steps=2, teacherSteps=2]", note("two"));
    assertFalse(Files.exists(folder.resolve("none")));
  }

  private String note(String student) {
    try (ModelFile file = ModelFile.open(model(student))) {
      return file.notes().get("distillation");
    }
  }

  private Cli.Result convert(String student, double guidance) throws IOException {
    Files.createDirectories(folder.resolve("usual"));
    List<Object> args = new ArrayList<>(List.of("model", "convert", "--model", model(student)));
    args.addAll(List.of("--weights", "int8", "--guidance", guidance, "--out", model("usual")));
    return Cli.run(args.toArray());
  }

  private void refused(String sentence, Object... options) throws IOException {
    generate("two", "nothing", options).misused(sentence);
    assertFalse(Files.exists(folder.resolve("nothing")));
  }

  private JsonNode manifest(String name) throws IOException {
    return JSON.readTree(folder.resolve(name).resolve("manifest.json").toFile());
  }

  @Test
  void aResumedRunEndsWithTheSameBits() throws IOException {
    Object[] four = {"--evaluations", 4, "--sample-every", 0, "--cycle", 4, "--steps"};
    distill(TinyModel.model(), "whole", with(four, 4)).ok();
    distill(TinyModel.model(), "parts", with(four, 2)).ok();
    distill(TinyModel.model(), "parts", with(four, 4, "--resume", "--guidance-range", "1,4"))
        .refused("its distillation is");
    distill(TinyModel.model(), "parts", with(four, 4, "--resume")).ok();
    assertEquals(-1, Files.mismatch(model("whole"), model("parts")));
  }

  private static Object[] with(Object[] some, Object... more) {
    List<Object> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray();
  }
}
