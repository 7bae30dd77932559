package dev.fizzy.diffusion;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Philox;
import dev.fizzy.model.NoiseSchedule;
import java.util.List;
import java.util.Locale;

/**
 * How training draws the time of each face. Times with more noise, where the network has nothing
 * but the context to tell what a face looks like, are the smallest part of the uniform loss.
 */
public sealed interface TrainingTimes {
  /** All spellings, for help texts. */
  List<String> FORMS = List.of("uniform", "logit-normal:M,S", "power:K");

  /** The time of the next face, 0..T-1. */
  int draw(Philox random, NoiseSchedule schedule);

  /** Every time is as likely (Ho et al. 2020). */
  record Uniform() implements TrainingTimes {
    @Override
    public int draw(Philox random, NoiseSchedule schedule) {
      return random.nextInt(schedule.times());
    }

    @Override
    public String toString() {
      return "uniform";
    }
  }

  /**
   * ln(sigma/alpha) is normal: the logit-normal times of Stable Diffusion 3 (Esser et al. 2024),
   * where logit t = ln(sigma/alpha), and EDM's ln sigma (Karras et al. 2022), for the noise levels
   * of any schedule. Times of almost pure noise or image are hardly drawn.
   *
   * @param mean positive towards noise; 0 where noise and image are equally strong
   * @param deviation above 0
   */
  record LogitNormal(double mean, double deviation) implements TrainingTimes {
    public LogitNormal {
      if (!Double.isFinite(mean) || !(deviation > 0) || Double.isInfinite(deviation)) {
        throw new EngineException(
            "logit-normal times need a finite mean and a deviation above 0, not "
                + mean
                + " and "
                + deviation);
      }
    }

    @Override
    public int draw(Philox random, NoiseSchedule schedule) {
      double lambda = -(mean + deviation * random.nextGaussian());
      return Math.max(0, (int) Math.rint(schedule.timeOfLambda(lambda)));
    }

    @Override
    public String toString() {
      return "logit-normal:" + mean + "," + deviation;
    }
  }

  /**
   * The density of a time t grows as ((t + 1) / T)^k. Unlike the logit-normal density it is highest
   * at pure noise, where samplers begin and all of a face is still to be decided.
   *
   * @param exponent k, 0 for uniform times
   */
  record Power(double exponent) implements TrainingTimes {
    public Power {
      if (!(exponent >= 0 && exponent <= 100)) {
        throw new EngineException("the exponent of power times is from 0 to 100, not " + exponent);
      }
    }

    @Override
    public int draw(Philox random, NoiseSchedule schedule) {
      double share = StrictMath.pow(1 - random.nextDouble(), 1 / (exponent + 1));
      return (int) Math.ceil(share * schedule.times()) - 1;
    }

    @Override
    public String toString() {
      return "power:" + exponent;
    }
  }

  /** Parses one of {@link #FORMS}. */
  static TrainingTimes of(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String[] numbers = colon < 0 ? new String[0] : text.substring(colon + 1).split(",", -1);
    try {
      if (name.equals("uniform") && numbers.length == 0) {
        return new Uniform();
      }
      if (name.equals("logit-normal") && numbers.length == 2) {
        return new LogitNormal(Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
      }
      if (name.equals("power") && numbers.length == 1) {
        return new Power(Double.parseDouble(numbers[0]));
      }
    } catch (NumberFormatException e) {
      throw new EngineException(name + " takes numbers after the colon, not " + text, e);
    }
    throw new EngineException(
        String.format(Locale.ROOT, "no training times %s; one of %s", text, FORMS));
  }
}
