package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.diffusion.GuidanceTimes;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.file.Sha256;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.DiffusionTransformerConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.rival.Ours;
import dev.fizzy.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options of `generate` and `sample` that change what each image is drawn from. */
class ConditionOptionsTest {
  @TempDir Path folder;

  private Cli.Result generate(Path out, Object... more) throws IOException {
    List<Object> args =
        new ArrayList<>(
            List.of("generate", "--contexts", TinyModel.contexts(), "--model", TinyModel.model()));
    args.addAll(
        List.of("--seed", 9, "--out", out, "--images", 1, "--steps", 3, "--sampler", "ddim"));
    args.addAll(Arrays.asList(more));
    return Cli.run(args.toArray());
  }

  private static Map<String, String> images(Path root) throws IOException {
    Map<String, String> images = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".png")).toList()) {
        images.put(root.relativize(file).toString(), Sha256.of(file));
      }
    }
    return images;
  }

  @Test
  void everyOptionChangesTheImagesAndNoShardOrBatchDoes() throws IOException {
    Path guide = lessTrained();
    generate(folder.resolve("plain"), "--guidance", 30).ok();
    Map<String, String> plain = images(folder.resolve("plain"));
    Object[][] ways = {
      {"--negative", "far", "--perturb", .1, "--guide-model", guide},
      {"--perturb", .1},
      {"--guide-model", guide},
      {"--guidance-times", "0,400"},
      {"--guidance-rising"},
      {"--guidance-parallel", 1},
      {"--negative", "far"},
      {"--identity-from", 500},
      {"--inject-attention"},
      {"--inject-attention", "--identity-from", 500},
      {
        "--inject-attention",
        "--identity-from",
        700,
        "--guidance-times",
        "0,400",
        "--guidance-rising"
      },
    };
    for (int w = 0; w < ways.length; w++) {
      generate(folder.resolve("way" + w), guided(ways[w])).ok();
      Map<String, String> whole = images(folder.resolve("way" + w));
      assertEquals(4, whole.size());
      assertFalse(plain.equals(whole), Arrays.toString(ways[w]) + " changes nothing");
    }
    for (int w : new int[] {0, ways.length - 1}) {
      Path shards = folder.resolve("shards" + w);
      for (int shard = 2; shard > 0; shard--) {
        List<Object> more = new ArrayList<>(Arrays.asList(guided(ways[w])));
        more.addAll(List.of("--batch", 3, "--shard", shard + "/2", "--type", TinyModel.type()));
        generate(shards, more.toArray()).ok();
      }
      assertEquals(images(folder.resolve("way" + w)), images(shards));
    }
  }

  /** The tiny model after one step. */
  private Path lessTrained() throws IOException {
    Path out = folder.resolve("guide");
    List<Object> args = new ArrayList<>(List.of("train", "diffusion", "--config", "tiny"));
    args.addAll(List.of("--faces", TinyModel.faces(), "--autoencoder", TinyModel.autoencoder()));
    args.addAll(List.of("--steps", 1, "--batch", 2, "--sample-every", 0, "--out", out));
    Cli.run(args.toArray()).ok();
    return out.resolve("model.safetensors");
  }

  private static Object[] guided(Object... more) {
    List<Object> all = new ArrayList<>(List.of("--guidance", 30));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  /** At every time above the last, the identity is not drawn from; then it does not matter. */
  @Test
  void theEmptyContextAloneIsUnconditional() throws IOException {
    GuidanceTimes never = new GuidanceTimes(0, Integer.MAX_VALUE, 0, false, 1);
    SamplingSettings settings =
        new SamplingSettings(
            Sampler.of("ddim"), 3, 1, never, null, false, false, true, 2, DType.F32, 1, 0);
    Contexts two = UniformContexts.of(2, TinyModel.WIDTH, 77);
    try (Device device = new CpuDevice();
        ModelFile file = ModelFile.open(TinyModel.model());
        FaceSampler sampler = FaceSampler.open(device, file, settings)) {
      List<Rgb> images =
          sampler.draw(
              List.of(
                  new FaceSampler.Face(two.vector(0), 0, 0),
                  new FaceSampler.Face(two.vector(1), 0, 0)),
              9);
      assertArrayEquals(images.get(0).pixels(), images.get(1).pixels());
    }
  }

  /** Images of five steps at 999, 799, 599, 399 and 199. */
  private Map<String, String> phased(String name, int batch, Object... more) throws IOException {
    Path out = folder.resolve(name);
    List<Object> args = new ArrayList<>(List.of("generate", "--model", TinyModel.model()));
    args.addAll(List.of("--contexts", TinyModel.contexts(), "--out", out, "--images", 1));
    args.addAll(List.of("--steps", 5, "--sampler", "ddim", "--guidance", 30, "--batch", batch));
    args.addAll(Arrays.asList(more));
    Cli.run(args.toArray()).ok();
    return images(out);
  }

  /** At a change below which no image is, all change at the given time. */
  @Test
  void imagesGetTheirIdentityWhenTheyChangeLittle() throws IOException {
    Map<String, String> at = phased("at", 4, "--identity-from", 300);
    Map<String, String> never = phased("never", 3, "--identity-from", 300, "--identity-when", 1e-9);
    assertEquals(at, never);
    Map<String, String> soon = phased("soon", 3, "--identity-from", 300, "--identity-when", 1e9);
    assertEquals(
        soon,
        phased("batch", 1, "--identity-from", 300, "--identity-when", 1e9),
        "the batch matters");
    assertFalse(soon.equals(at), "the change does not matter");
  }

  @Test
  void theManifestTellsTheOptions() throws IOException {
    Path out = folder.resolve("set");
    generate(out, "--perturb", .6, "--guidance", 3, "--guidance-times", "10,900").ok();
    var settings =
        new ObjectMapper().readTree(out.resolve("manifest.json").toFile()).get("settings");
    assertEquals(.6, settings.get("perturb").asDouble());
    assertEquals("[10,900]", settings.get("guidance-times").toString());
    generate(out, "--perturb", .7, "--guidance", 3, "--guidance-times", "10,900")
        .refused("another run");
    generate(out, "--perturb", .6, "--guidance", 3, "--guidance-times", "10,900").ok();
  }

  /** A model of another configuration, with random weights. */
  private Path guide(String name, ModelConfig config) {
    Path file = folder.resolve(name + ".safetensors");
    List<Parameter> all = new ArrayList<>();
    for (Network network : List.of(Network.AUTOENCODER, Network.UNET)) {
      all.addAll(Recorded.graph(config, network, 1, DType.F32, false).parameters());
    }
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, all, Region.VALUES)) {
      Ours.randomize(parameters, 3);
      List<ModelFile.Source> weights = List.of(new ModelFile.Source(parameters, Region.VALUES));
      ModelFile.write(file, config, Safetensors.Type.F32, Map.of(), weights, Map.of());
    }
    return file;
  }

  /** One sentence that says what does not fit, before anything is written. */
  @Test
  void refusesGuidesWhosePredictionsCannotBeCombined() throws IOException {
    String own;
    try (ModelFile file = ModelFile.open(TinyModel.model())) {
      own = file.config().toJson();
    }
    String[][] guides = {
      {
        "\"image_size\":16",
        "\"image_size\":32",
        "\"size\":8",
        "\"size\":16",
        "latents of this size 8"
      },
      {
        "\"z_channels\":3",
        "\"z_channels\":4",
        "latent_channels\":3",
        "latent_channels\":4",
        "latent channels 3, the model that guides has 4"
      },
      {"\"steps\":1000", "\"steps\":500", "", "", "time steps 1000, the model that guides has 500"},
      {"\"linear\"", "\"cosine\"", "", "", "noise schedule linear"},
      {"\"eps\"", "\"v\"", "", "", "prediction eps, the model that guides has v"},
      {"\"latent_scale\":", "\"latent_scale\":1", "", "", "latent scale"},
      {"\"context_input\":512", "\"context_input\":256", "", "", "context width 512"},
      {"", "", "", "", "trained on the latents of another encoder"},
    };
    Path out = folder.resolve("set");
    for (int i = 0; i < guides.length; i++) {
      String[] g = guides[i];
      String changed = own.replace(g[0].isEmpty() ? own : g[0], g[0].isEmpty() ? own : g[1]);
      changed = g[2].isEmpty() ? changed : changed.replace(g[2], g[3]);
      Path guide = guide("guide" + i, ModelConfig.parse(changed));
      generate(out, "--guidance", 2, "--guide-model", guide).refused(g[4]);
      assertFalse(Files.exists(out), g[4]);
    }
  }

  @Test
  void attentionIsInjectedIntoUNetsAlone() throws IOException {
    ModelConfig tiny;
    try (ModelFile file = ModelFile.open(TinyModel.model())) {
      tiny = file.config();
    }
    DiffusionTransformerConfig dit =
        new DiffusionTransformerConfig(true, 8, 3, 2, 16, 8, 1, TinyModel.WIDTH, false, true);
    Path out = folder.resolve("set");
    List<Object> args = new ArrayList<>(List.of("generate", "--out", out, "--images", 1));
    args.addAll(List.of("--contexts", TinyModel.contexts(), "--guidance", 2));
    args.addAll(List.of("--model", guide("dit", tiny.with(dit)), "--inject-attention"));
    Cli.run(args.toArray()).misused("--inject-attention is for models with a U-Net");
    assertFalse(Files.exists(out));
  }

  @Test
  void refusesWhatExcludesEachOther() throws IOException {
    Path out = folder.resolve("set");
    Path narrow = folder.resolve("narrow.npy");
    UniformContexts.of(3, 64, 1).write(narrow);
    generate(out, "--perturb", 1.5).misused("at least -1 and below 1, not 1.5");
    generate(out, "--perturb", 1).misused("at least -1 and below 1, not 1");
    generate(out, "--perturb", "nan").misused("'nan' is not a number");
    generate(out, "--identity-from", 1.5).misused("'1.5' is not a whole number");
    generate(out, "--guidance", 2, "--guidance-times", "5").misused("such as 200,800, not [5]");
    generate(out, "--guidance", 2, "--guidance-times", "9,5").misused("not 9 and 5");
    generate(out, "--guidance", 2, "--guidance-times", "400,600").misused("no step for guidance");
    generate(out, "--identity-from", 999).misused("changes nothing", "times 999, 666, 332");
    generate(out, "--identity-from", 300).misused("leaves no step for the identity");
    generate(out, "--identity-from", 500, "--identity-when", .1).misused("--identity-when 0.1");
    generate(out, "--identity-when", 0).misused("must be above 0, not 0");
    generate(out, "--guidance", 2, "--guide-model", TinyModel.model()).misused("the model itself");
    generate(out, "--guidance-rising").misused("need a --guidance other than 1");
    generate(out, "--guidance-parallel", 0).misused("need a --guidance other than 1");
    generate(out, "--guidance", 2, "--guidance-parallel", 2).misused("from 0 to 1, not 2");
    generate(out, "--negative", "close").misused("--negative needs a --guidance other than 1");
    generate(out, "--negatives", narrow).misused("--negatives goes with --negative");
    generate(out, "--unconditional", "--perturb", .5).misused("--unconditional excludes --perturb");
    generate(out, "--guidance", 2, "--negative", "far", "--identity-from", 5).misused("--negative");
    generate(out, "--identity-when", .1).misused("needs --identity-from T");
    generate(out, "--inject-attention").misused("need a --guidance other than 1");
    generate(out, "--guidance", 2, "--negative", "far", "--inject-attention").misused("--negative");
    generate(out, "--guide-model", TinyModel.model()).misused("need");
    generate(out, "--guidance", 2, "--guide-model", TinyModel.model(), "--identity-from", 5)
        .misused("--guide-model replaces");
    generate(out, "--guidance", 2, "--negative", "far", "--negatives", narrow)
        .refused("width 64 and the contexts 512");
    assertFalse(Files.exists(out));
    Path grid = folder.resolve("grid.png");
    Cli.run(
            "sample",
            "--contexts",
            TinyModel.contexts(),
            "--model",
            TinyModel.model(),
            "--steps",
            1,
            "--images",
            1,
            "--perturb",
            .6,
            "--out",
            grid)
        .ok();
    assertTrue(Files.exists(grid));
  }
}
