package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.model.NoiseSchedule;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A way from noise to an image in a number of network evaluations; an implementation a file. */
public interface Sampler {
  /** Every sampler. A new one adds its line here. */
  List<Kind> KINDS = List.of(Ddpm.KIND, Ddim.KIND, DpmSolverPlusPlus.KIND, UniPc.KIND);

  /**
   * A sampler as the command line names it.
   *
   * @param name without its argument
   * @param forms what a user may write, for help texts
   * @param parse makes the sampler of what follows the colon, null where there is none
   */
  record Kind(String name, List<String> forms, Function<String, Sampler> parse) {}

  /**
   * @param steps network evaluations
   * @param guidance w in u + w (c - u) (Ho and Salimans 2022); 1 is the conditional prediction
   *     alone, and nothing where the network gives no unconditional half
   * @param clamp bound on the predicted image, 0 for none
   */
  SamplingPlan plan(
      NoiseSchedule schedule, Prediction prediction, int steps, float guidance, float clamp);

  /** What a user may write: {@code ddpm, ddim, ddim:ETA, ...}. */
  static List<String> forms() {
    return KINDS.stream().flatMap(k -> k.forms().stream()).toList();
  }

  /** By the name on the command line, one of {@link #forms}. */
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

  /** For a sampler that takes no argument. */
  static void requireNone(String name, String argument) {
    if (argument != null) {
      throw new EngineException(name + " takes no argument, but was given " + argument);
    }
  }
}
