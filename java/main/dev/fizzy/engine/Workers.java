package dev.fizzy.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes batches on several threads, each with a network of its own: one thread for each GPU, or
 * several on the CPU, whose networks share their weights. A CPU thread that computes whole batches
 * alone does not wait at the end of every operation for others, which may be delayed by other
 * programs.
 */
public final class Workers<T extends Workers.Network<T>> implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Workers.class);

  /** A network that a worker computes. */
  public interface Network<T> extends AutoCloseable {
    /** Another one with the same weights, for another thread of the CPU; closed before this one. */
    T twin();

    /** Bytes that a twin allocates. */
    long activationBytes();

    @Override
    void close();
  }

  private record Worker<T>(Executor executor, Device device, T network) {}

  private final List<Worker<T>> workers = new ArrayList<>();
  private final List<ExecutorService> threads = new ArrayList<>();
  private final BlockingQueue<Worker<T>> idle = new LinkedBlockingQueue<>();
  private Device borrowed;

  private Workers() {}

  /**
   * Workers on devices by name.
   *
   * @param count workers on the CPU; fewer if the memory does not hold their activations
   * @param threads on the CPU, divided among the workers
   * @param open opens a network for the calling thread; several GPUs call it at the same time
   */
  public static <T extends Network<T>> Workers<T> on(
      List<String> devices, int count, int threads, Function<Device, T> open) {
    if (devices.equals(List.of(Devices.CPU))) {
      return onCpu(Math.max(1, Math.min(count, threads)), threads, open);
    }
    Workers<T> workers = new Workers<>();
    workers.openAll(
        devices.stream()
            .map(name -> workers.open(() -> Devices.open(name, threads), open))
            .toList());
    return workers;
  }

  /**
   * Workers beside an open device: on the CPU with its number of threads, otherwise the calling
   * thread alone, which must be the device's.
   */
  public static <T extends Network<T>> Workers<T> beside(
      Device device, int count, Function<Device, T> open) {
    if (device.name().equals(Devices.CPU)) {
      return on(List.of(Devices.CPU), count, device.threads(), open);
    }
    Workers<T> workers = new Workers<>();
    workers.add(new Worker<>(Runnable::run, device, open.apply(device)));
    workers.borrowed = device;
    return workers;
  }

  private static <T extends Network<T>> Workers<T> onCpu(
      int count, int threads, Function<Device, T> open) {
    Supplier<Device> device = () -> Devices.open(Devices.CPU, threads / count);
    Workers<T> workers = new Workers<>();
    workers.openAll(List.of(workers.open(device, open)));
    T first = workers.first();
    int fit = fitting(count, first.activationBytes());
    if (fit < count) {
      workers.close();
      log.info("the memory holds the activations of {} workers, not of {}", fit, count);
      return onCpu(fit, threads, open);
    }
    while (workers.count() < count) {
      workers.openAll(List.of(workers.open(device, opened -> first.twin())));
    }
    return workers;
  }

  /**
   * The number of workers whose activations fit into half of the memory that is available; the rest
   * is left to the heap and to other programs.
   */
  public static int fitting(int wanted, long activationBytes) {
    long others = HostMemory.available() / 2 / Math.max(1, activationBytes);
    return (int) Math.min(wanted, 1 + others);
  }

  private void add(Worker<T> worker) {
    workers.add(worker);
    idle.add(worker);
  }

  /** Waits for workers that are being opened; if one fails, closes all. */
  private void openAll(List<CompletableFuture<Worker<T>>> opening) {
    try {
      join(opening).forEach(this::add);
    } catch (RuntimeException | Error e) {
      opening.stream()
          .filter(one -> !one.isCompletedExceptionally())
          .forEach(one -> add(one.join()));
      close();
      throw e;
    }
  }

  /** Starts a thread and opens its device and network there. */
  private CompletableFuture<Worker<T>> open(Supplier<Device> device, Function<Device, T> open) {
    String name = "worker-" + threads.size();
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread t = new Thread(task, name);
              t.setDaemon(true);
              return t;
            });
    threads.add(thread);
    return CompletableFuture.supplyAsync(
        () -> {
          Device opened = device.get();
          try {
            return new Worker<>(thread, opened, open.apply(opened));
          } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
          }
        },
        thread);
  }

  public int count() {
    return workers.size();
  }

  /** The first worker's network, to ask for its shape. */
  public T first() {
    return workers.get(0).network;
  }

  /** Runs a task on the first worker, such as loading changed weights, while the others wait. */
  public void onFirst(Consumer<T> task) {
    run(
        workers.get(0),
        network -> {
          task.accept(network);
          return null;
        });
  }

  /** Starts a task on an idle worker, for which it waits. May be called from several threads. */
  public CompletableFuture<Void> submit(Consumer<T> task) {
    Worker<T> worker;
    try {
      worker = idle.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted", e);
    }
    return CompletableFuture.runAsync(
        () -> {
          try {
            task.accept(worker.network);
          } finally {
            idle.add(worker);
          }
        },
        worker.executor);
  }

  private static <T, R> R run(Worker<T> worker, Function<T, R> task) {
    return join(List.of(
            CompletableFuture.supplyAsync(() -> task.apply(worker.network), worker.executor)))
        .get(0);
  }

  /** Runs a task on every worker at the same time; throws the first failure when all have ended. */
  public void each(Consumer<T> task) {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (Worker<T> worker : workers) {
      all.add(
          CompletableFuture.runAsync(
              () -> {
                try {
                  task.accept(worker.network);
                } catch (EngineException e) {
                  throw workers.size() == 1 || worker.device.name().equals(Devices.CPU)
                      ? e
                      : new EngineException(worker.device.name() + ": " + e.getMessage(), e);
                }
              },
              worker.executor));
    }
    join(all);
  }

  /** Runs a task for each index 0 .. count-1; the first failure stops the others. */
  public void forEach(int count, ObjIntConsumer<T> task) {
    AtomicInteger next = new AtomicInteger();
    each(
        network -> {
          try {
            for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
              task.accept(network, i);
            }
          } catch (RuntimeException | Error e) {
            next.set(count);
            throw e;
          }
        });
  }

  /** Waits for all and returns their results; throws the first failure. */
  public static <R> List<R> join(List<CompletableFuture<R>> all) {
    List<R> results = new ArrayList<>();
    Throwable failure = null;
    for (CompletableFuture<R> future : all) {
      try {
        results.add(future.join());
      } catch (CompletionException e) {
        failure = failure == null ? e.getCause() : failure;
      }
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure != null) {
      throw (Error) failure;
    }
    return results;
  }

  /** Closes the networks, the first last, and ends the threads. */
  @Override
  public void close() {
    for (int i = workers.size() - 1; i >= 0; i--) {
      Worker<T> worker = workers.get(i);
      run(
          worker,
          network -> {
            network.close();
            if (worker.device != borrowed) {
              worker.device.close();
            }
            return null;
          });
    }
    workers.clear();
    threads.forEach(ExecutorService::shutdown);
  }
}
