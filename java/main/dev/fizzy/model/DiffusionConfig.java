package dev.fizzy.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import dev.fizzy.engine.EngineException;

/**
 * The diffusion process.
 *
 * @param steps T, training timesteps
 * @param schedule of the noise, by its name in {@link NoiseSchedule#of}
 * @param prediction {@code eps} or {@code v}
 * @param contextDropout probability of contextual partial dropout (CPD)
 * @param contextDropoutTo above it, each face of a step draws its own probability, uniform between
 *     the two; 0, the default, is the same probability for all
 * @param contextDropoutInput whether CPD acts on the identity's vector, before the context's first
 *     layer, as the paper says; by default it acts on what that layer gives, as in the published
 *     code
 * @param emptyContext probability of dropping the whole context, for guidance
 * @param latentScale factor that gives the encoder's latents about unit deviation; 0 to measure it
 *     on the training faces. The published model does not scale: 1
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

  static void probability(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new EngineException(name + " must be in 0..1, not " + value);
    }
  }
}
