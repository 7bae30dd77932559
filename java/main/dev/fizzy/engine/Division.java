package dev.fizzy.engine;

import java.util.List;

/**
 * How some items are divided among {@link Workers}.
 *
 * @param workers their number
 * @param batch items that a worker computes at a time
 */
public record Division(int workers, int batch) {
  /**
   * On GPUs one worker each, with the largest batch. On the CPU a worker for each thread, and
   * batches of equal size, so that all end at about the same time; if there are fewer items than
   * threads, a worker for each item, which share the threads.
   *
   * @param devices by name
   * @param largest batch
   */
  public static Division of(List<String> devices, long items, int threads, int largest) {
    if (!devices.equals(List.of(Devices.CPU))) {
      return new Division(devices.size(), largest);
    }
    long workers = Math.max(1, Math.min(threads, items));
    long rounds = Math.max(1, ceil(items, workers * largest));
    return new Division((int) workers, (int) Math.max(1, ceil(items, workers * rounds)));
  }

  private static long ceil(long a, long b) {
    return a / b + (a % b == 0 ? 0 : 1);
  }
}
