package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A method to draw an image from noise in a number of network evaluations; one file per sampler.
 */
public interface Sampler {
  /** All samplers; a new one is added here. */
  List<Kind> KINDS = List.of(Ddpm.KIND, Ddim.KIND, DpmSolverPlusPlus.KIND, UniPc.KIND);

  /**
   * The name of a sampler on the command line.
   *
   * @param name name without an argument
   * @param forms all spellings, for help texts
   * @param parse creates the sampler from the argument after the colon, null if there is none
   */
  record Kind(String name, List<String> forms, Function<String, Sampler> parse) {}

  /**
   * @param steps network evaluations
   * @param guidance w in u + w (c - u) (Ho and Salimans 2022); 1 uses only the conditional
   *     prediction; ignored if the network computes no unconditional half
   * @param clamp bound on the predicted image, 0 for none
   */
  SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp);

  /** The spacing of the times; null for a sampler that has no choice. */
  default Spacing spacing() {
    return null;
  }

  /** The same sampler with another spacing of the times; throws if it has no choice. */
  default Sampler spaced(Spacing spacing) {
    throw new EngineException("only dpm++ and unipc have a choice of the spacing of their times");
  }

  /** All spellings: {@code ddpm, ddim, ddim:ETA, ...}. */
  static List<String> forms() {
    return KINDS.stream().flatMap(k -> k.forms().stream()).toList();
  }

  /** Parses a name of the command line, one of {@link #forms}. */
  static Sampler of(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String argument = colon < 0 ? null : text.substring(colon + 1);
    for (Kind kind : KINDS) {
      if (kind.name().equals(name)) {
        try {
          return kind.parse().apply(argument);
        } catch (NumberFormatException e) {
          throw new EngineException(name + " takes a number after the colon, not " + argument, e);
        }
      }
    }
    throw new EngineException(
        "no sampler " + text + "; one of " + forms().stream().collect(Collectors.joining(", ")));
  }

  /** Throws if a sampler without an argument was given one. */
  static void requireNone(String name, String argument) {
    if (argument != null) {
      throw new EngineException(name + " takes no argument, but was given " + argument);
    }
  }
}
