package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.generation.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Additional threads that draw, each on its own device. */
final class GpuWorkers implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private final Generator work;

  private GpuWorkers(Generator work) {
    this.work = work;
  }

  /** Starts a worker for every device except the first, which the caller uses. */
  static GpuWorkers start(DeviceOptions devices, SamplingOptions sampling, Generator work) {
    GpuWorkers workers = new GpuWorkers(work);
    for (int i = 1; i < devices.names().size(); i++) {
      String name = devices.names().get(i);
      Thread thread = new Thread(() -> workers.draw(name, devices, sampling), "draw-" + name);
      thread.start();
      workers.threads.add(thread);
    }
    return workers;
  }

  private void draw(String name, DeviceOptions devices, SamplingOptions sampling) {
    try (Device device = devices.open(name);
        SamplingOptions.Opened model = sampling.open(device)) {
      work.run(model.sampler());
    } catch (RuntimeException e) {
      failure.compareAndSet(null, new EngineException(name + ": " + e.getMessage(), e));
      work.stop();
    }
  }

  /** Waits for all workers; throws the first failure. */
  void join() {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EngineException("interrupted; run the same command again to continue", e);
      }
    }
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  /** Stops the workers after their current batches. */
  @Override
  public void close() {
    work.stop();
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
