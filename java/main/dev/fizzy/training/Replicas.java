package dev.fizzy.training;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/**
 * Data-parallel training: the same steps on the other devices of a group, each in its own thread
 * and on its part of the batch. Rank 0 is the caller, which alone reads, writes and reports. Every
 * rank starts with rank 0's weights and averages the same gradients, so all stay equal bit by bit.
 */
public final class Replicas implements AutoCloseable {
  private static final int QUEUE = 4;

  /** A message to a follower; exactly one field is set. */
  private record Order(Start start, float[] values, Integer reductions, boolean end) {}

  private record Start(IntFunction<TrainingTask> tasks, Optimizer optimizer, long done) {}

  private static final long LEAVE_MILLISECONDS = 5000;

  private final Group group;
  private final List<BlockingQueue<Order>> orders = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();

  /** Starts the followers, which open their devices; the caller must then open rank 0. */
  public Replicas(Group group) {
    this.group = group;
    group.whenLeft(this::end);
    for (int rank = 1; rank < group.ranks(); rank++) {
      int mine = rank;
      BlockingQueue<Order> queue = new ArrayBlockingQueue<>(QUEUE);
      Thread thread = new Thread(() -> follow(mine, queue), "replica-" + rank);
      thread.setDaemon(
          true); // a driver that does not respond must not block the exit of the process
      thread.start();
      orders.add(queue);
      threads.add(thread);
    }
  }

  private void follow(int rank, BlockingQueue<Order> queue) {
    try (Device device = group.open(rank)) {
      try {
        Order first = queue.take();
        if (first.start() != null) {
          train(device, first.start(), rank, queue);
        }
      } catch (RuntimeException | Error e) {
        failed(
            device.name(),
            e); // before the device closes, because closing waits for the other ranks
      }
    } catch (RuntimeException | Error e) {
      failed("rank " + rank, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failed(String who, Throwable e) {
    failure.compareAndSet(null, new EngineException(who + ": " + e.getMessage(), e));
    group.abort();
  }

  private static void train(Device device, Start start, int rank, BlockingQueue<Order> queue)
      throws InterruptedException {
    TrainingTask task = start.tasks().apply(rank);
    Region[] regions = TrainingLoop.regions(start.optimizer());
    try (Parameters parameters = new Parameters(device, task.graph().parameters(), regions)) {
      for (Region region : start.optimizer().state()) {
        for (Parameters.Slot slot : parameters.slots()) {
          parameters.write(region, slot, queue.take().values());
        }
      }
      try (TrainingLoop loop =
          new TrainingLoop(task, device, parameters, start.optimizer(), start.done())) {
        for (Order order = queue.take(); !order.end(); order = queue.take()) {
          loop.reduced(order.reductions());
          loop.step();
        }
      }
    }
  }

  private void tell(Order order) {
    for (BlockingQueue<Order> queue : orders) {
      try {
        while (!queue.offer(order, 1, TimeUnit.SECONDS)) {
          check();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EngineException("interrupted", e);
      }
    }
  }

  /**
   * Sends rank 0's weights and optimizer state to the followers.
   *
   * @param tasks makes a rank's task
   */
  void start(
      IntFunction<TrainingTask> tasks, Optimizer optimizer, Parameters parameters, long done) {
    tell(new Order(new Start(tasks, optimizer, done), null, null, false));
    for (Region region : optimizer.state()) {
      for (Parameters.Slot slot : parameters.slots()) {
        tell(new Order(null, parameters.read(region, slot), null, false));
      }
    }
  }

  /** Makes the followers take the step that rank 0 is about to take. */
  void step(int reductions) {
    check();
    tell(new Order(null, null, reductions, false));
  }

  /**
   * Aborts the followers that wait for rank 0, which has failed.
   *
   * @return the failure of the follower that caused it, otherwise {@code own}
   */
  RuntimeException abort(RuntimeException own) {
    RuntimeException first = failure.get();
    group.abort();
    return first == null ? own : first;
  }

  /** Throws the failure of a follower. */
  void check() {
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  /** Tells the followers to end. */
  private void end() {
    try {
      for (int i = 0; i < orders.size(); i++) {
        if (threads.get(i).isAlive()) {
          orders
              .get(i)
              .offer(new Order(null, null, null, true), LEAVE_MILLISECONDS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the followers, including those that wait for a failed rank 0. */
  @Override
  public void close() {
    try {
      end();
      for (Thread thread : threads) {
        thread.join(LEAVE_MILLISECONDS);
        if (thread.isAlive()) {
          group.abort();
          thread.join(LEAVE_MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
