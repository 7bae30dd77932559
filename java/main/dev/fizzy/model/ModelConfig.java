package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import dev.fizzy.engine.EngineException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A complete model: autoencoder, and a denoiser (a U-Net or a transformer) with its diffusion
 * process, or an autoregressive network. Stored as JSON (comments allowed); the {@link #SHIPPED}
 * ones are found by name.
 *
 * @param diffusion the process of a denoiser; null with an autoregressive network
 * @param sampling the only way to draw with the model; null for every sampler and number of steps
 */
public record ModelConfig(
    String name,
    VqAutoencoderConfig autoencoder,
    @JsonProperty(UNET)
        @JacksonInject(value = UNET, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        UNetConfig unet,
    @JsonProperty(DIT)
        @JacksonInject(value = DIT, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        DiffusionTransformerConfig dit,
    @JsonProperty(AUTOREGRESSIVE)
        @JacksonInject(value = AUTOREGRESSIVE, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        AutoregressiveConfig autoregressive,
    @JsonProperty(DIFFUSION)
        @JacksonInject(value = DIFFUSION, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        DiffusionConfig diffusion,
    @JsonProperty(SAMPLING)
        @JacksonInject(value = SAMPLING, useInput = OptBoolean.TRUE)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        DistilledSampling sampling) {
  static final String UNET = "unet";
  static final String DIT = "dit";
  static final String AUTOREGRESSIVE = "autoregressive";
  static final String DIFFUSION = "diffusion";
  static final String SAMPLING = "sampling";

  /** Names of the configurations that ship. */
  public static final List<String> SHIPPED =
      List.of(
          "idiff-face",
          "idiff-face-adagn",
          "face112",
          "face112-large",
          "face112-patch",
          "face64",
          "face64-small",
          "dit112",
          "ar112",
          "tiny");

  public ModelConfig {
    if (diffusion == null && autoregressive == null) {
      throw new EngineException("a model's configuration needs a diffusion process");
    }
    if (Stream.of(unet, dit, autoregressive).filter(Objects::nonNull).count() > 1) {
      throw new EngineException("a model has a unet, a dit or an autoregressive, not several");
    }
    if (autoregressive != null && diffusion != null) {
      throw new EngineException("an autoregressive model has no diffusion process");
    }
    if (autoregressive != null
        && autoencoder != null
        && autoregressive.codes() != autoencoder.codes()) {
      throw new EngineException(
          "the autoencoder has "
              + autoencoder.codes()
              + " codes, the transformer "
              + autoregressive.codes());
    }
    NetworkConfig network = unet != null ? unet : dit != null ? dit : autoregressive;
    if (network != null
        && autoencoder != null
        && (network.size() != autoencoder.latentSize()
            || network.latentChannels() != autoencoder.zChannels())) {
      throw new EngineException(
          "the autoencoder gives latents of "
              + autoencoder.latentSize()
              + " pixels and "
              + autoencoder.zChannels()
              + " channels, the "
              + (unet == null ? "transformer" : "U-Net")
              + " takes "
              + network.size()
              + " and "
              + network.latentChannels());
    }
  }

  /** A model with a U-Net. */
  public ModelConfig(
      String name, VqAutoencoderConfig autoencoder, UNetConfig unet, DiffusionConfig diffusion) {
    this(name, autoencoder, unet, null, null, diffusion, null);
  }

  /** The network that draws latents; null without one. */
  public NetworkConfig network() {
    return autoregressive == null ? denoiser() : autoregressive;
  }

  /** The U-Net or the transformer of a diffusion model; null without either. */
  public DenoiserConfig denoiser() {
    if (autoregressive != null) {
      throw new EngineException(
          name + " is an autoregressive model, and this is for diffusion models alone");
    }
    return unet == null ? dit : unet;
  }

  /** A shipped configuration by name, or a file's, with all of its parts. */
  public static ModelConfig load(String nameOrFile) {
    ModelConfig config = ConfigJson.load(ModelConfig.class, SHIPPED, nameOrFile);
    if (config.autoencoder == null || config.network() == null) {
      throw new EngineException(
          "configuration "
              + nameOrFile
              + " has no "
              + (config.network() == null ? "unet" : "autoencoder"));
    }
    return config;
  }

  public static ModelConfig parse(String json) {
    return ConfigJson.parse(ModelConfig.class, json);
  }

  /** This model with another network. */
  public ModelConfig with(NetworkConfig network) {
    return new ModelConfig(
        name,
        autoencoder,
        network instanceof UNetConfig own ? own : null,
        network instanceof DiffusionTransformerConfig own ? own : null,
        network instanceof AutoregressiveConfig own ? own : null,
        diffusion,
        sampling);
  }

  /** The model distilled from this one, which has a U-Net. */
  public ModelConfig distilled(GuidanceRange guidance, DistilledSampling only) {
    return new ModelConfig(
        name, autoencoder, unet.guided(guidance), dit, autoregressive, diffusion, only);
  }

  /**
   * This student of few steps, drawing with another guidance weight if none is given.
   *
   * @throws EngineException if it is no such student, or takes no such weight
   */
  public ModelConfig drawingWith(double weight) {
    GuidanceRange range = network().guidance();
    if (sampling == null || range == null) {
      throw new EngineException(
          "only a model that was distilled to few steps has a usual guidance");
    }
    if (!range.contains(weight)) {
      throw new EngineException(
          "the model takes guidance weights from " + range + ", not " + weight);
    }
    DistilledSampling only = new DistilledSampling(sampling.sampler(), sampling.steps(), weight);
    return new ModelConfig(name, autoencoder, unet, dit, autoregressive, diffusion, only);
  }

  /**
   * The guidance weight to draw with if none is given; null if the model takes none as an input.
   */
  public Double usualGuidance() {
    if (network().guidance() == null) {
      return null;
    }
    boolean own = sampling != null && sampling.guidance() != null;
    return own ? sampling.guidance() : network().guidance().middle();
  }

  /** This model with another autoencoder of the same latents. */
  ModelConfig with(String name, VqAutoencoderConfig autoencoder) {
    return new ModelConfig(name, autoencoder, unet, dit, autoregressive, diffusion, sampling);
  }

  public ModelConfig with(DiffusionConfig process) {
    return new ModelConfig(name, autoencoder, unet, dit, autoregressive, process, sampling);
  }

  public String toJson() {
    return ConfigJson.text(this);
  }
}
