package dev.fizzy.training;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.List;

/** An optimizer: the last operation of a training graph, and its settings. */
public sealed interface Optimizer {
  /**
   * The optimizer recorded in a graph.
   *
   * @param settings input written before each step
   * @param norm of the gradients before clipping, f32 [1]
   */
  record Recorded(Tensor settings, Tensor norm) {}

  /** The rate of each step. */
  LearningRate rate();

  /** The regions that a resumed run needs: the weights and the optimizer state. */
  List<Region> state();

  /** Records a step over all parameters, as the graph's last operation. */
  Recorded record(Graph graph);

  /**
   * @param step counted from 0
   * @param rate learning rate of that step
   */
  float[] settings(long step, double rate);

  /**
   * Adam (Kingma and Ba 2015) with beta .9 and .999 and epsilon 1e-8.
   *
   * @param average decay of the averaged weights at each step
   * @param clip largest gradient norm, 0 for no limit
   */
  record Adam(LearningRate rate, Ema average, double clip) implements Optimizer {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    @Override
    public List<Region> state() {
      return List.of(Region.VALUES, Region.FIRST_MOMENT, Region.SECOND_MOMENT, Region.AVERAGE);
    }

    @Override
    public Recorded record(Graph graph) {
      Tensor settings =
          graph.input("settings", DType.F32, Stage.EVALUATION, dev.fizzy.engine.op.Adam.SETTINGS);
      return new Recorded(settings, dev.fizzy.engine.op.Adam.of(graph, settings).norm());
    }

    @Override
    public float[] settings(long step, double rate) {
      return new float[] {
        (float) rate,
        (float) BETA1,
        (float) BETA2,
        (float) EPSILON,
        (float) (1 - Math.pow(BETA1, step + 1)),
        (float) (1 - Math.pow(BETA2, step + 1)),
        (float) average.decay(step),
        (float) clip
      };
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
    public Recorded record(Graph graph) {
      Tensor settings =
          graph.input("settings", DType.F32, Stage.EVALUATION, dev.fizzy.engine.op.Sgd.SETTINGS);
      return new Recorded(settings, dev.fizzy.engine.op.Sgd.of(graph, settings).norm());
    }

    @Override
    public float[] settings(long step, double rate) {
      return dev.fizzy.engine.op.Sgd.settings(rate, momentum, weightDecay, clip);
    }
  }
}
