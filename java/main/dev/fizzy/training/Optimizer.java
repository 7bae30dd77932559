package dev.fizzy.training;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** An optimizer: the last operation of a training graph, and its settings. */
public sealed interface Optimizer {
  /**
   * An optimizer recorded in a graph.
   *
   * @param network prefix of its metrics
   * @param settings input written before each step
   * @param norm of the gradients before clipping, f32 [1]
   * @param values of the settings
   */
  record Recorded(String network, Tensor settings, Tensor norm, Values values) {
    /** Writes the settings of a step, counted from 0, after so many reductions of the rate. */
    public void write(Program program, long step, int reductions) {
      program.write(settings, values.at(step, reductions));
    }
  }

  /** The values of the settings at a step. */
  interface Values {
    /**
     * @param step counted from 0
     * @param reductions number of times that validation has stalled
     */
    float[] at(long step, int reductions);
  }

  /** The rate of each step. */
  LearningRate rate();

  /** The regions that a resumed run needs: the weights and the optimizer state. */
  List<Region> state();

  /** Records a step over all parameters, as the graph's last operations. */
  List<Recorded> record(Graph graph);

  /**
   * Adam (Kingma and Ba 2015) with epsilon 1e-8.
   *
   * @param average decay of the averaged weights at each step
   * @param clip largest gradient norm, 0 for no limit
   */
  record Adam(LearningRate rate, double beta1, double beta2, Ema average, double clip)
      implements Optimizer {
    private static final double EPSILON = 1e-8;

    /** With beta .9 and .999. */
    public Adam(LearningRate rate, Ema average, double clip) {
      this(rate, .9, .999, average, clip);
    }

    @Override
    public List<Region> state() {
      return List.of(Region.VALUES, Region.FIRST_MOMENT, Region.SECOND_MOMENT, Region.AVERAGE);
    }

    @Override
    public List<Recorded> record(Graph graph) {
      return record(graph, "", 0, name -> true);
    }

    /**
     * @param first the step at which it begins
     * @param names of the parameters that it updates
     */
    private List<Recorded> record(
        Graph graph, String network, long first, Predicate<String> names) {
      List<Parameter> parameters =
          graph.parameters().stream().filter(p -> p.trained() && names.test(p.name())).toList();
      if (parameters.isEmpty()) {
        return List.of();
      }
      Tensor settings =
          graph.input(
              network + "settings", DType.F32, Stage.EVALUATION, dev.fizzy.engine.op.Adam.SETTINGS);
      Tensor norm = dev.fizzy.engine.op.Adam.of(graph, parameters, settings).norm();
      return List.of(
          new Recorded(
              network,
              settings,
              norm,
              (step, reductions) -> settings(step - first, rate.at(step - first, reductions))));
    }

    private float[] settings(long step, double rate) {
      return new float[] {
        (float) rate,
        (float) beta1,
        (float) beta2,
        (float) EPSILON,
        (float) (1 - Math.pow(beta1, step + 1)),
        (float) (1 - Math.pow(beta2, step + 1)),
        (float) average.decay(step),
        (float) clip
      };
    }
  }

  /**
   * An Adam for a network and one for its discriminator.
   *
   * @param prefix of the names of the discriminator's parameters
   * @param first the step at which the discriminator's begins, at its own first learning rate
   */
  record Adversarial(Adam generator, Adam discriminator, String prefix, long first)
      implements Optimizer {
    @Override
    public LearningRate rate() {
      return generator.rate();
    }

    @Override
    public List<Region> state() {
      return generator.state();
    }

    @Override
    public List<Recorded> record(Graph graph) {
      List<Recorded> both =
          new ArrayList<>(generator.record(graph, "", 0, name -> !name.startsWith(prefix)));
      both.addAll(
          discriminator.record(graph, "discriminator_", first, name -> name.startsWith(prefix)));
      return both;
    }
  }

  /**
   * Stochastic gradient descent with momentum and weight decay, as torch.optim.SGD.
   *
   * @param clip largest gradient norm, 0 for no limit
   */
  record Sgd(LearningRate rate, double momentum, double weightDecay, double clip)
      implements Optimizer {
    @Override
    public List<Region> state() {
      return List.of(Region.VALUES, Region.FIRST_MOMENT);
    }

    @Override
    public List<Recorded> record(Graph graph) {
      Tensor settings =
          graph.input("settings", DType.F32, Stage.EVALUATION, dev.fizzy.engine.op.Sgd.SETTINGS);
      return List.of(
          new Recorded(
              "",
              settings,
              dev.fizzy.engine.op.Sgd.of(graph, settings).norm(),
              (step, reductions) ->
                  dev.fizzy.engine.op.Sgd.settings(
                      rate.at(step, reductions), momentum, weightDecay, clip)));
    }
  }
}
