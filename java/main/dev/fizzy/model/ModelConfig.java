package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fizzy.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A complete model: autoencoder, denoiser and diffusion process. Stored as JSON (comments allowed);
 * the {@link #SHIPPED} ones are found by name.
 */
public record ModelConfig(
    String name, VqAutoencoderConfig autoencoder, UNetConfig unet, DiffusionConfig diffusion) {

  /** Names of the configurations that ship. */
  public static final List<String> SHIPPED =
      List.of("idiff-face", "idiff-face-adagn", "face64", "face64-small", "tiny");

  /**
   * The diffusion process.
   *
   * @param steps T, training timesteps
   * @param schedule {@code linear} or {@code cosine}
   * @param prediction {@code eps} or {@code v}
   * @param contextDropout probability of contextual partial dropout (CPD)
   * @param emptyContext probability of dropping the whole context, for guidance; needs
   *     learned_empty_context
   * @param latentScale factor that gives the encoder's latents about unit deviation; 0 to measure
   *     it on the training faces. The published model does not scale: 1
   */
  public record DiffusionConfig(
      int steps,
      String schedule,
      String prediction,
      @JsonProperty("context_dropout") double contextDropout,
      @JsonProperty("empty_context") double emptyContext,
      @JsonProperty("latent_scale") double latentScale) {
    public DiffusionConfig {
      probability("context_dropout", contextDropout);
      probability("empty_context", emptyContext);
      if (steps < 1 || !(latentScale >= 0) || Double.isInfinite(latentScale)) {
        throw new EngineException(
            "a diffusion process of "
                + steps
                + " steps with latent_scale "
                + latentScale
                + " is not valid");
      }
    }

    private static void probability(String name, double value) {
      if (!(value >= 0 && value <= 1)) {
        throw new EngineException(name + " must be in 0..1, not " + value);
      }
    }

    /** This process with another latent scale. */
    public DiffusionConfig scaled(double scale) {
      return new DiffusionConfig(steps, schedule, prediction, contextDropout, emptyContext, scale);
    }

    /** This process with another probability of contextual partial dropout. */
    public DiffusionConfig dropping(double probability) {
      return new DiffusionConfig(
          steps, schedule, prediction, probability, emptyContext, latentScale);
    }
  }

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  public ModelConfig {
    if (unet != null
        && autoencoder != null
        && (unet.size() != autoencoder.latentSize()
            || unet.latentChannels() != autoencoder.zChannels())) {
      throw new EngineException(
          "the autoencoder gives latents of "
              + autoencoder.latentSize()
              + " pixels and "
              + autoencoder.zChannels()
              + " channels, the U-Net takes "
              + unet.size()
              + " and "
              + unet.latentChannels());
    }
  }

  /** A shipped configuration by name, or a file's. */
  public static ModelConfig load(String nameOrFile) {
    return load(ModelConfig.class, SHIPPED, nameOrFile);
  }

  static <T> T load(Class<T> type, List<String> shipped, String nameOrFile) {
    try {
      if (shipped.contains(nameOrFile)) {
        try (InputStream in =
            ModelConfig.class.getResourceAsStream("configs/" + nameOrFile + ".json")) {
          return JSON.readValue(in, type);
        }
      }
      Path file = Path.of(nameOrFile);
      if (!Files.isRegularFile(file)) {
        throw new EngineException(
            "no configuration " + nameOrFile + ": not a file, and not one of " + shipped);
      }
      return JSON.readValue(file.toFile(), type);
    } catch (JsonProcessingException e) {
      throw new EngineException(
          "configuration "
              + nameOrFile
              + ": "
              + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    } catch (IOException e) {
      throw new EngineException(
          "configuration " + nameOrFile + " cannot be read: " + e.getMessage(), e);
    }
  }

  public static ModelConfig parse(String json) {
    return parse(ModelConfig.class, json);
  }

  static <T> T parse(Class<T> type, String json) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new EngineException(
          "a model's configuration cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  public ModelConfig with(DiffusionConfig process) {
    return new ModelConfig(name, autoencoder, unet, process);
  }

  public String toJson() {
    return toJson(this);
  }

  static String toJson(Object config) {
    try {
      return JSON.writeValueAsString(config);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
