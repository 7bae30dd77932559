package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import dev.fizzy.engine.EngineException;
import dev.fizzy.file.InputFile;
import dev.fizzy.file.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /**
   * The diffusion process.
   *
   * @param steps T, training timesteps
   * @param schedule of the noise, by its name in {@link NoiseSchedule#of}
   * @param prediction {@code eps} or {@code v}
   * @param contextDropout probability of contextual partial dropout (CPD)
   * @param contextDropoutTo above it, each face of a step draws its own probability, uniform
   *     between the two; 0, the default, is the same probability for all
   * @param contextDropoutInput whether CPD acts on the identity's vector, before the context's
   *     first layer, as the paper says; by default it acts on what that layer gives, as in the
   *     published code
   * @param emptyContext probability of dropping the whole context, for guidance
   * @param latentScale factor that gives the encoder's latents about unit deviation; 0 to measure
   *     it on the training faces. The published model does not scale: 1
   */
  public record DiffusionConfig(
      int steps,
      String schedule,
      String prediction,
      @JsonProperty("context_dropout") double contextDropout,
      @JsonProperty(DROPOUT_TO)
          @JacksonInject(value = DROPOUT_TO, useInput = OptBoolean.TRUE)
          @JsonInclude(JsonInclude.Include.NON_DEFAULT)
          double contextDropoutTo,
      @JsonProperty(DROPOUT_INPUT)
          @JacksonInject(value = DROPOUT_INPUT, useInput = OptBoolean.TRUE)
          @JsonInclude(JsonInclude.Include.NON_DEFAULT)
          boolean contextDropoutInput,
      @JsonProperty("empty_context") double emptyContext,
      @JsonProperty("latent_scale") double latentScale) {
    static final String DROPOUT_TO = "context_dropout_to";
    static final String DROPOUT_INPUT = "context_dropout_input";

    public DiffusionConfig {
      probability("context_dropout", contextDropout);
      probability(DROPOUT_TO, contextDropoutTo);
      if (contextDropoutTo != 0 && contextDropoutTo < contextDropout) {
        throw new EngineException(
            DROPOUT_TO
                + " must not be below context_dropout, "
                + contextDropout
                + ", but is "
                + contextDropoutTo);
      }
      probability("empty_context", emptyContext);
      NoiseSchedule.of(schedule, steps);
      if (!(latentScale >= 0) || Double.isInfinite(latentScale)) {
        throw new EngineException(
            "latent_scale must be 0, to measure it, or a positive number, not " + latentScale);
      }
    }

    /** With one probability of CPD, on what the context's first layer gives. */
    public DiffusionConfig(
        int steps,
        String schedule,
        String prediction,
        double contextDropout,
        double emptyContext,
        double latentScale) {
      this(steps, schedule, prediction, contextDropout, 0, false, emptyContext, latentScale);
    }

    /** The largest probability of CPD. */
    public double mostContextDropout() {
      return Math.max(contextDropout, contextDropoutTo);
    }

    /** The schedule that the name stands for. */
    public NoiseSchedule noise() {
      return NoiseSchedule.of(schedule, steps);
    }

    /** This process over other times. */
    public DiffusionConfig on(int times, String otherSchedule) {
      return with(times, otherSchedule, contextDropout, contextDropoutTo, latentScale);
    }

    /** This process with another latent scale. */
    public DiffusionConfig scaled(double scale) {
      return with(steps, schedule, contextDropout, contextDropoutTo, scale);
    }

    /**
     * This process with another probability of contextual partial dropout.
     *
     * @param to as {@link #contextDropoutTo}
     */
    public DiffusionConfig dropping(double probability, double to) {
      return with(steps, schedule, probability, to, latentScale);
    }

    private DiffusionConfig with(
        int steps, String schedule, double dropout, double dropoutTo, double latentScale) {
      return new DiffusionConfig(
          steps,
          schedule,
          prediction,
          dropout,
          dropoutTo,
          contextDropoutInput,
          emptyContext,
          latentScale);
    }
  }

  /** No configuration is a tenth as long. */
  private static final long LIMIT = 1 << 20;

  private static final ObjectMapper JSON =
      Json.configuration()
          .injectableValues(
              new InjectableValues.Std()
                  .addValue(UNET, null)
                  .addValue(SmallDecoderConfig.FIRST, null)
                  .addValue(VqAutoencoderConfig.ENCODED, null)
                  .addValue(DIT, null)
                  .addValue(AUTOREGRESSIVE, null)
                  .addValue(DIFFUSION, null)
                  .addValue(UNetConfig.PATCH, 1)
                  .addValue(UNetConfig.SIMILARITY, false)
                  .addValue(UNetConfig.GUIDANCE, null)
                  .addValue(SAMPLING, null)
                  .addValue(DistilledSampling.GUIDANCE, null)
                  .addValue(DiffusionConfig.DROPOUT_TO, 0.)
                  .addValue(DiffusionConfig.DROPOUT_INPUT, false))
          .annotationIntrospector(new InjectedParameters())
          .build();

  /** Jackson before 2.20, which Spark brings along, would also inject into a record's fields. */
  private static final class InjectedParameters extends JacksonAnnotationIntrospector {
    @Override
    public JacksonInject.Value findInjectableValue(AnnotatedMember member) {
      return member instanceof AnnotatedParameter ? super.findInjectableValue(member) : null;
    }
  }

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

  static void probability(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new EngineException(name + " must be in 0..1, not " + value);
    }
  }

  /** A shipped configuration by name, or a file's, with all of its parts. */
  public static ModelConfig load(String nameOrFile) {
    ModelConfig config = load(ModelConfig.class, SHIPPED, nameOrFile);
    if (config.autoencoder == null || config.network() == null) {
      throw new EngineException(
          "configuration "
              + nameOrFile
              + " has no "
              + (config.network() == null ? "unet" : "autoencoder"));
    }
    return config;
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
      return there(
          "configuration " + nameOrFile, JSON.readValue(InputFile.bytes(file, LIMIT), type));
    } catch (JsonProcessingException e) {
      throw new EngineException("configuration " + nameOrFile + ": " + reason(e), e);
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
      return there("a model's configuration", JSON.readValue(json, type));
    } catch (JsonProcessingException e) {
      throw new EngineException("a model's configuration cannot be read: " + reason(e), e);
    }
  }

  private static <T> T there(String name, T config) {
    if (config == null) {
      throw new EngineException(name + " is null");
    }
    return config;
  }

  /** A part that refuses its numbers says why better than the parser around it. */
  private static String reason(JsonProcessingException e) {
    return e.getCause() instanceof EngineException cause ? cause.getMessage() : Json.reason(e);
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
