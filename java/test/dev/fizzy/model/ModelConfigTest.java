package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final String TINY = ModelConfig.load("tiny").toJson();

  @TempDir Path folder;

  private String refusal(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("c.json"), json);
    return assertThrows(EngineException.class, () -> ModelConfig.load(file.toString()))
        .getMessage();
  }

  /** Each number that would be recorded for hours, overflow or divide by zero. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"blocks\":1 | \"blocks\":100000000 | blocks must be in 1..",
        "\"groups\":8 | \"groups\":0 | groups must be in 1..",
        "\"base_channels\":16 | \"base_channels\":2000000000 | base_channels must be in 1..",
        "\"multipliers\":[1,2],\"attention\" | \"multipliers\":[1,60000],\"attention\" | the"
            + " channels of level 1",
        "\"multipliers\":[1,2],\"attention\" | \"multipliers\":[1,null],\"attention\" | multipliers"
            + " must be",
        "[false,true] | [false,null] | one attention flag per level",
        "\"codes\":32 | \"codes\":-1 | codes must be in 1..",
        "\"image_size\":16 | \"image_size\":15 | cannot be halved",
        "\"latent_channels\":3 | \"latent_channels\":3,\"patch\":0 | patch must be in 1..8",
        "\"latent_channels\":3 | \"latent_channels\":3,\"patch\":null | Cannot map `null` into type `int`",
        "\"latent_channels\":3 | \"latent_channels\":3,\"patch\":3 | latents of 8 pixels do not"
            + " divide into patches of 3",
        "\"latent_channels\":3 | \"latent_channels\":3,\"patch\":8 | latents of 8 pixels in"
            + " patches of 8 cannot be halved 1 times",
        "\"latent_channels\":3 | \"latent_channels\":65536,\"patch\":2 | the channels of a patch"
            + " must be in 1..",
        "\"steps\":1000 | \"steps\":1000000000 | 1 to 100000 times",
        "\"empty_context\" | \"context_dropout_to\":0.1,\"empty_context\" | must not be below"
            + " context_dropout, 0.25",
        "\"empty_context\" | \"context_dropout_to\":1.1,\"empty_context\" | must be in 0..1",
        "\"linear\" | \"square\" | no noise schedule square",
        "\"CROSS_ATTENTION\" | null | conditioning must be one of",
        "\"context_tokens\":4 | \"context_tokens\":0 | context_tokens must be in 1..",
      })
  void numbersThatNobodyMeansAreRefused(String good, String bad, String part) throws IOException {
    assertTrue(TINY.contains(good), TINY);
    String message = refusal(TINY.replace(good, bad));
    assertTrue(message.contains(part), message);
  }

  /** Files written before there were patches can be read, and files without patches by old code. */
  @Test
  void latentsAreComputedOnUnlessThereIsAPatch() {
    assertEquals(1, ModelConfig.parse(TINY).unet().patch());
    assertFalse(TINY.contains("patch"), TINY);
    ModelConfig patched = ModelConfig.load("face112-patch");
    assertEquals(2, patched.unet().patch());
    assertEquals(patched, ModelConfig.parse(patched.toJson()));
  }

  /** Faces may be drawn larger than they are encoded. */
  @Test
  void facesAreEncodedAtTheirSizeUnlessAnotherIsGiven() {
    VqAutoencoderConfig tiny = ModelConfig.parse(TINY).autoencoder();
    assertEquals(tiny.imageSize(), tiny.encoded());
    assertEquals(tiny.latentSize(), tiny.decodedSize());
    assertFalse(TINY.contains("encoded"), TINY);
    ModelConfig larger = ModelConfig.load("face112");
    assertEquals(64, larger.autoencoder().encoded());
    assertEquals(16, larger.autoencoder().latentSize());
    assertEquals(28, larger.autoencoder().decodedSize());
    assertEquals(larger, ModelConfig.parse(larger.toJson()));
    assertTrue(larger.autoencoder().sameNetworks(ModelConfig.load("face64").autoencoder()));
    assertFalse(larger.autoencoder().sameNetworks(tiny));
    String size = "\"image_size\":16";
    String message =
        assertThrows(
                EngineException.class,
                () -> ModelConfig.parse(TINY.replace(size, size + ",\"encoded_size\":20")))
            .getMessage();
    assertTrue(message.contains("encoded_size must be in 1..16"), message);
  }

  @Test
  void filesThatAreNoConfigurationAreRefused() throws IOException {
    assertTrue(refusal("null").contains("null"));
    assertTrue(refusal("null The default model: " + TINY).contains("c.json"));
    assertTrue(refusal(TINY + TINY).contains("c.json"));
    assertTrue(refusal("[".repeat(100_000)).contains("c.json"));
    assertTrue(refusal(" ".repeat(1 << 21)).contains("more than the limit"));
    assertTrue(refusal(TINY.replace("tiny", "x".repeat(900_000) + "\"x")).length() < 3_000);
    assertTrue(refusal("{\"name\":\"a\",\"name\":\"b\"}").contains("uplicate"));
    int unet = TINY.indexOf("\"unet\":");
    int diffusion = TINY.indexOf("\"diffusion\":");
    String without = TINY.substring(0, unet) + "\"unet\":null," + TINY.substring(diffusion);
    assertTrue(refusal(without).contains("has no unet"));
    assertTrue(refusal(TINY.substring(0, diffusion) + "\"diffusion\":null}").contains("process"));
    Path marked = Files.writeString(folder.resolve("marked.json"), "\ufeff// a note\n" + TINY);
    assertEquals(ModelConfig.load("tiny"), ModelConfig.load(marked.toString()));
  }

  @Test
  void recognizersAreBoundedToo() {
    for (String bad : new String[] {"[1,1,1,null]", "[1,1,1,1000000]", "[1,1,1]", "null"}) {
      assertThrows(
          EngineException.class,
          () ->
              IResNetConfig.parse(
                  "{\"name\":\"r\",\"blocks\":"
                      + bad
                      + ",\"width\":8,\"embedding\":16,\"size\":32,\"dropout\":0}"),
          bad);
    }
  }

  /** What configurations may leave out is written only where it is set. */
  @Test
  void settingsThatAreLeftOutHaveDefaults() {
    ModelConfig tiny = ModelConfig.parse(TINY);
    for (String key : new String[] {"patch", "similarity", "dropout_to", "dropout_input"}) {
      assertFalse(TINY.contains(key), key);
    }
    assertEquals(.25, tiny.diffusion().mostContextDropout());
    assertFalse(tiny.diffusion().contextDropoutInput());
    assertEquals(512, tiny.unet().contextWidth());
    String more =
        TINY.replace("512", "512,\"context_similarity\":true")
            .replace(
                "\"empty_context\":",
                "\"context_dropout_to\":0.5,\"context_dropout_input\":true,\"empty_context\":");
    ModelConfig changed = ModelConfig.parse(ModelConfig.parse(more).toJson());
    assertEquals(.5, changed.diffusion().mostContextDropout());
    assertTrue(changed.diffusion().contextDropoutInput());
    assertEquals(513, changed.unet().contextWidth());
    assertTrue(changed.diffusion().scaled(3).contextDropoutInput());
  }
}
