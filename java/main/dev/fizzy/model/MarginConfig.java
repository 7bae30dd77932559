package dev.fizzy.model;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.op.Margin;
import java.util.Locale;

/**
 * The loss of a recognizer: a softmax over scaled cosines with a margin at the label.
 *
 * @param scale s, the factor of the cosines
 * @param margin m; an angle in radians for the angular kinds
 * @param deviation standard deviation of the margin, for the elastic kinds
 * @param concentration AdaFace's h
 * @param rate update rate of AdaFace's statistics of the norms
 */
public record MarginConfig(
    Kind kind, double scale, double margin, double deviation, double concentration, double rate) {
  /** The published losses. */
  public enum Kind {
    /** Wang et al., CVPR 2018. */
    COSFACE,
    /** Deng et al., CVPR 2019. */
    ARCFACE,
    /** Boutros et al., CVPR Workshops 2022, with an additive margin. */
    ELASTIC_COSFACE,
    /** Boutros et al., CVPR Workshops 2022, with an angular margin. */
    ELASTIC_ARCFACE,
    /** Kim et al., CVPR 2022. */
    ADAFACE
  }

  public MarginConfig {
    if (kind == null || !(scale > 0) || !(margin >= 0 && margin < Math.PI) || !(deviation >= 0)) {
      throw new EngineException(
          "a margin head of kind "
              + kind
              + " with scale "
              + scale
              + ", margin "
              + margin
              + " and deviation "
              + deviation
              + " is not valid");
    }
    if (kind == Kind.ADAFACE && !(concentration > 0 && rate > 0 && rate <= 1)) {
      throw new EngineException(
          "AdaFace needs a positive concentration and a rate in (0,1], not "
              + concentration
              + " and "
              + rate);
    }
  }

  /** A kind with the settings its authors published. */
  public static MarginConfig published(Kind kind) {
    return switch (kind) {
      case COSFACE -> new MarginConfig(kind, 64, 0.35, 0, 0, 0);
      case ARCFACE -> new MarginConfig(kind, 64, 0.5, 0, 0, 0);
      case ELASTIC_COSFACE -> new MarginConfig(kind, 64, 0.35, 0.0125, 0, 0);
      case ELASTIC_ARCFACE -> new MarginConfig(kind, 64, 0.5, 0.0125, 0, 0);
      case ADAFACE -> new MarginConfig(kind, 64, 0.4, 0, 0.333, 0.01);
    };
  }

  /** The kind with this name on the command line, such as {@code elastic-arcface}. */
  public static Kind kind(String name) {
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(name.toUpperCase(Locale.ROOT).replace('-', '_'))) {
        return kind;
      }
    }
    throw new EngineException(
        "no margin head "
            + name
            + ": cosface, arcface, elastic-cosface, elastic-arcface or adaface");
  }

  /** This configuration with another scale and margin. */
  public MarginConfig with(double newScale, double newMargin) {
    return new MarginConfig(kind, newScale, newMargin, deviation, concentration, rate);
  }

  boolean adaptive() {
    return kind == Kind.ADAFACE;
  }

  Margin.Elastic elastic() {
    boolean angular = kind == Kind.ARCFACE || kind == Kind.ELASTIC_ARCFACE;
    float m = (float) margin;
    return new Margin.Elastic(angular ? m : 0, angular ? 0 : m, (float) deviation);
  }

  Margin.Adaptive adaptation() {
    return new Margin.Adaptive((float) margin, (float) concentration, (float) rate);
  }
}
