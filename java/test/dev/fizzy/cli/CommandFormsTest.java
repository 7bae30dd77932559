package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TinyOnnx;
import dev.fizzy.model.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms of the commands that are promised to hold. */
class CommandFormsTest {
  @TempDir Path folder;

  @Test
  void gaussianIdentitiesComeFromTheModelOrFromContextsGiven() throws IOException {
    Path a = folder.resolve("a.npy");
    Path b = folder.resolve("b.npy");
    Path model = TinyModel.model();
    Cli.run("contexts", "gaussian", "--count", 5, "--model", model, "--out", a).ok();
    assertEquals(5, Contexts.read(a).size());
    Cli.run("contexts", "gaussian", "--count", 2, "--like", a, "--out", b).ok();
    assertEquals(Contexts.read(a).width(), Contexts.read(b).width());
  }

  @Test
  void planCountsThePublishedParameters() throws IOException {
    Map<String, Long> published =
        Map.of(
            "idiff-face", 216_341_187L, "idiff-face-adagn", 134_595_939L, "iresnet50", 43_590_336L);
    for (String config : published.keySet()) {
      JsonNode plan = Cli.run("plan", "--config", config, "--json").ok().json();
      assertEquals(published.get(config), plan.get("parameters").asLong(), config);
    }
    for (String config : ModelConfig.SHIPPED) {
      assertTrue(Cli.run("plan", "--config", config).ok().out().contains("parameters"), config);
    }
  }

  @Test
  void fromContextsToADataSetAndAGrid() throws IOException {
    Path c = folder.resolve("c.npy");
    Path out = folder.resolve("DIR");
    Path model = TinyModel.model();
    Cli.run("contexts", "uniform", "--count", 6, "--seed", 5, "--out", c).ok();
    for (String shard : List.of("1/2", "2/2")) {
      Cli.run(
              "generate",
              "--contexts",
              c,
              "--images",
              3,
              "--seed",
              9,
              "--out",
              out,
              "--shard",
              shard,
              "--type",
              "f32",
              "--model",
              model,
              "--steps",
              2)
          .ok();
    }
    for (int identity = 0; identity < 6; identity++) {
      for (int image = 0; image < 3; image++) {
        assertTrue(Files.exists(out.resolve(String.format("%06d/%05d.png", identity, image))));
      }
    }
    Path grid = folder.resolve("grid.png");
    Cli.run("sample", "--contexts", c, "--out", grid, "--model", model, "--steps", 2).ok();
    assertTrue(ImageIO.read(grid.toFile()).getWidth() > 8 * 16);
  }

  @Test
  void stdoutIsOneJsonObjectAndNothingElse() throws IOException, InterruptedException {
    Path c = folder.resolve("c.npy");
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 8, 8);
    List<Object[]> commands =
        List.of(
            new Object[] {
              "train",
              "diffusion",
              "--faces",
              TinyModel.faces(),
              "--out",
              folder.resolve("run"),
              "--config",
              "tiny",
              "--autoencoder",
              TinyModel.autoencoder(),
              "--steps",
              2,
              "--batch",
              2,
              "--json"
            },
            new Object[] {
              "embed", "--faces", TinyModel.faces(), "--embedder", embedder, "--out", c, "--json"
            });
    for (Object[] command : commands) {
      Cli.Result result = Cli.process(folder, Map.of(), command);
      assertTrue(result.ok().json().size() > 2, result.out());
      assertTrue(result.err().contains("faces"), "progress goes to stderr: " + result.err());
    }
    assertEquals(
        2, Cli.process(folder, Map.of(), "contexts", "uniform", "--json", "--out", c).code());
    Cli.Result failed =
        Cli.process(
            folder,
            Map.of(),
            "sample",
            "--contexts",
            c,
            "--model",
            TinyModel.model(),
            "--out",
            folder.resolve("grid.png"),
            "--json");
    assertEquals(1, failed.code(), failed.err());
    assertEquals("", failed.out());
    assertTrue(failed.err().contains("width 192"), failed.err());
    assertFalse(Files.exists(folder.resolve("grid.png")));
  }

  @Test
  void twoStageContexts() throws IOException {
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 4, 4);
    Path c = folder.resolve("c.npy");
    Path more = folder.resolve("more.safetensors");
    var json =
        Cli.run(
                "contexts",
                "two-stage",
                "--count",
                3,
                "--seed",
                5,
                "--embedder",
                embedder,
                "--model",
                TinyModel.model(),
                "--steps",
                3,
                "--out",
                c,
                "--json")
            .ok()
            .json();
    assertEquals(3, json.get("contexts").asInt());
    assertEquals(48, json.get("width").asInt());
    Cli.run(
            "contexts",
            "two-stage",
            "--count",
            5,
            "--seed",
            5,
            "--embedder",
            embedder,
            "--model",
            TinyModel.model(),
            "--steps",
            3,
            "--batch",
            2,
            "--out",
            more)
        .ok();
    Contexts three = Contexts.read(c);
    Contexts five = Contexts.read(more);
    assertEquals(5, five.size());
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(three.vector(i), five.vector(i), "a longer list begins with the shorter");
      double norm = 0;
      for (float v : three.vector(i)) {
        norm += v * v;
      }
      assertEquals(1, norm, 1e-5);
    }
    assertFalse(java.util.Arrays.equals(five.vector(0), five.vector(1)));
  }

  @Test
  void aModelWithoutAnEmptyContextTakesZeros() throws IOException {
    Path config = folder.resolve("plain.json");
    String tiny = ModelConfig.load("tiny").toJson();
    String without =
        tiny.replace("\"learned_empty_context\":true", "\"learned_empty_context\":false")
            .replace("\"empty_context\":0.1", "\"empty_context\":0.0");
    Files.writeString(config, without);
    Path out = folder.resolve("run");
    Cli.run(
            "train",
            "diffusion",
            "--faces",
            TinyModel.faces(),
            "--out",
            out,
            "--config",
            config,
            "--autoencoder",
            TinyModel.autoencoder(),
            "--steps",
            2,
            "--batch",
            2)
        .ok();
    Path model = out.resolve("model.safetensors");
    Path grid = folder.resolve("grid.png");
    Object[] sample = {
      "sample", "--contexts", TinyModel.contexts(), "--model", model, "--out", grid, "--steps", 2
    };
    Cli.run(sample).ok();
    for (String way : List.of("--guidance=2", "--unconditional")) {
      Object[] args = java.util.Arrays.copyOf(sample, sample.length + 1);
      args[sample.length] = way;
      Cli.run(args).ok();
    }
    Path embedder = TinyOnnx.flatten(folder.resolve("e.onnx"), 1, 3, 4, 4);
    Cli.run(
            "contexts",
            "two-stage",
            "--count",
            3,
            "--embedder",
            embedder,
            "--model",
            model,
            "--out",
            folder.resolve("c.npy"))
        .ok();
    assertEquals(3, Contexts.read(folder.resolve("c.npy")).size());
  }
}
