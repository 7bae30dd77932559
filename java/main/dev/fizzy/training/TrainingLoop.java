package dev.fizzy.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.op.AllReduce;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs the steps of a {@link TrainingTask} with an {@link Optimizer}. Training 200 steps gives the
 * same weights, bit by bit, as 100 steps, a kill and a resume.
 */
public final class TrainingLoop implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One finished step.
   *
   * @param step counted from 1
   * @param values the task's metrics, then {@code gradient_norm} of every optimizer, {@code lr},
   *     {@code images_per_second} and, if the task waits for data, {@code waiting_share}, the share
   *     of the step spent waiting
   */
  public record Report(long step, Map<String, Double> values) {
    /** This report with additional values. */
    Report and(Map<String, Double> additional) {
      Map<String, Double> all = new LinkedHashMap<>(values);
      all.putAll(additional);
      return new Report(step, all);
    }

    public String toJson() {
      ObjectNode line = JSON.createObjectNode();
      line.put("step", step);
      values.forEach(line::put);
      return line.toString();
    }
  }

  /** A task with its optimizers, ready for replay. */
  private record Ready(TrainingTask task, List<Optimizer.Recorded> optimizers, Program program) {}

  private final TrainingTask task;
  private final Device device;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final Map<TrainingTask, Ready> ready = new IdentityHashMap<>();
  private long done;
  private int reductions;

  /**
   * Records the optimizer in the graphs of the task and of those that take its place at some steps,
   * so a task can be used by one loop only.
   *
   * @param parameters with the {@link #regions} that training needs, initialized or loaded
   * @param done number of steps already done
   */
  public TrainingLoop(
      TrainingTask task, Device device, Parameters parameters, Optimizer optimizer, long done) {
    this.task = task;
    this.device = device;
    this.parameters = parameters;
    this.optimizer = optimizer;
    this.done = done;
    ready(task.at(done));
  }

  private Ready ready(TrainingTask wanted) {
    return ready.computeIfAbsent(
        wanted,
        task -> {
          if (device.ranks() > 1) {
            AllReduce.of(task.graph(), task.metrics().values());
          }
          List<Optimizer.Recorded> recorded = optimizer.record(task.graph());
          return new Ready(task, recorded, new Program(task.graph(), device, parameters));
        });
  }

  /** The regions that training needs: gradients and the optimizer state. */
  public static Region[] regions(Optimizer optimizer) {
    List<Region> regions = new ArrayList<>(optimizer.state());
    regions.add(Region.GRADIENTS);
    return regions.toArray(Region[]::new);
  }

  /** Sets the number of times that validation has stalled. */
  void reduced(int times) {
    reductions = times;
  }

  public long done() {
    return done;
  }

  public Parameters parameters() {
    return parameters;
  }

  /**
   * Trains one step. Throws if the loss or the gradient is not finite, and then leaves the weights
   * unchanged.
   */
  public Report step() {
    Ready now = ready(task.at(done));
    Program program = now.program();
    long begin = System.nanoTime();
    now.optimizers().forEach(each -> each.write(program, done, reductions));
    now.task().feed(program, done);
    program.run();
    Map<String, Double> values = new LinkedHashMap<>();
    now.task()
        .metrics()
        .forEach((name, tensor) -> values.put(name, (double) program.read(tensor)[0]));
    for (Optimizer.Recorded each : now.optimizers()) {
      values.put(each.network() + "gradient_norm", (double) program.read(each.norm())[0]);
    }
    values.put("lr", optimizer.rate().at(done, reductions));
    for (Map.Entry<String, Double> value : values.entrySet()) {
      if (!Double.isFinite(value.getValue())) {
        throw new EngineException(
            value.getKey()
                + " became "
                + value.getValue()
                + " at step "
                + (done + 1)
                + "; the weights are unchanged");
      }
    }
    done++;
    double seconds = (System.nanoTime() - begin) / 1e9;
    values.put("images_per_second", device.ranks() * task.batch() / seconds);
    if (!Double.isNaN(now.task().waited())) {
      values.put("waiting_share", now.task().waited() / seconds);
    }
    return new Report(done, values);
  }

  /** Trains until {@code steps} steps are done and reports each. */
  public void run(long steps, Consumer<Report> listener) {
    while (done < steps) {
      listener.accept(step());
    }
  }

  @Override
  public void close() {
    ready.values().forEach(one -> one.program().close());
  }
}
