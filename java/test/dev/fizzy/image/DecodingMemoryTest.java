package dev.fizzy.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DecodingMemoryTest {
  private static final long MIB = 1 << 20;

  /** The most bytes that eight threads have at once, of images of one size. */
  private static long most(DecodingMemory memory, long bytes) throws Exception {
    AtomicLong now = new AtomicLong();
    AtomicLong most = new AtomicLong();
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<Long>> done = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      done.add(
          pool.submit(
              () ->
                  memory.with(
                      bytes,
                      () -> {
                        most.accumulateAndGet(now.addAndGet(bytes), Math::max);
                        Thread.onSpinWait();
                        sleep();
                        return now.addAndGet(-bytes);
                      })));
    }
    for (Future<Long> each : done) {
      each.get();
    }
    pool.shutdown();
    return most.get();
  }

  private static void sleep() {
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void threadsTogetherStayBelowTheLimit() throws Exception {
    assertTrue(most(new DecodingMemory(5 * MIB), 2 * MIB) <= 5 * MIB);
  }

  @Test
  void whatIsLargerThanAllIsDecodedAlone() throws Exception {
    assertEquals(9 * MIB, most(new DecodingMemory(5 * MIB), 9 * MIB));
  }
}
