package dev.fizzy.diffusion;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Tensor;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs the steps of a {@link TrainingTask}: Adam with clipping and an average of the weights,
 * metrics, checkpoints. 200 steps give the same weights, bit by bit, as 100 steps, a kill and a
 * resume.
 */
public final class TrainingLoop implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** The regions that training keeps. */
  public static final Region[] REGIONS = Region.values();

  /**
   * How to train.
   *
   * @param rate learning rate of each step
   * @param average decay of the averaged weights at each step
   * @param clip largest gradient norm, 0 for no limit
   */
  public record Optimizer(LearningRate rate, Ema average, double clip) {}

  /**
   * One finished step.
   *
   * @param step counted from 1
   * @param values the task's metrics, then {@code gradient_norm}, {@code lr} and {@code
   *     images_per_second}
   */
  public record Report(long step, Map<String, Double> values) {
    public String toJson() {
      ObjectNode line = JSON.createObjectNode();
      line.put("step", step);
      values.forEach(line::put);
      return line.toString();
    }
  }

  private final TrainingTask task;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final Program program;
  private final Tensor settings;
  private long done;

  /**
   * @param parameters with all of {@link #REGIONS}, initialised or loaded
   * @param done steps that they have had already
   */
  public TrainingLoop(
      TrainingTask task, Device device, Parameters parameters, Optimizer optimizer, long done) {
    this.task = task;
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.program = new Program(task.graph(), device, parameters);
    this.settings = program.input("settings");
    this.done = done;
  }

  public long done() {
    return done;
  }

  public Parameters parameters() {
    return parameters;
  }

  /**
   * Trains one step; throws where the loss or the gradient is not finite, leaving the weights as
   * they were.
   */
  public Report step() {
    long begin = System.nanoTime();
    double lr = optimizer.rate().at(done);
    program.write(
        settings,
        (float) lr,
        (float) BETA1,
        (float) BETA2,
        (float) EPSILON,
        (float) (1 - Math.pow(BETA1, done + 1)),
        (float) (1 - Math.pow(BETA2, done + 1)),
        (float) optimizer.average().decay(done),
        (float) optimizer.clip());
    task.feed(program, done);
    program.run();
    Map<String, Double> values = new java.util.LinkedHashMap<>();
    task.metrics().forEach((name, tensor) -> values.put(name, (double) program.read(tensor)[0]));
    values.put("gradient_norm", (double) program.read(task.norm())[0]);
    values.put("lr", lr);
    for (Map.Entry<String, Double> value : values.entrySet()) {
      if (!Double.isFinite(value.getValue())) {
        throw new EngineException(
            value.getKey()
                + " became "
                + value.getValue()
                + " at step "
                + (done + 1)
                + "; the weights are as they were before it");
      }
    }
    done++;
    values.put("images_per_second", task.batch() * 1e9 / (System.nanoTime() - begin));
    return new Report(done, values);
  }

  /** Trains until {@code steps} steps are done, telling of each. */
  public void run(long steps, Consumer<Report> listener) {
    while (done < steps) {
      listener.accept(step());
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
