package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaMemsetAsync;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;

import dev.fizzy.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a library's candidates for a shape on memory of its own, to find the fastest that works. */
final class Trial implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Trial.class);

  /** Bytes 0x3c are .0115 in f32 and in bf16. */
  private static final int FILL = 0x3c;

  private final CUstream_st stream;
  private final Stopwatch watch;
  private final List<BytePointer> blocks = new ArrayList<>();
  private boolean fits = true;

  /**
   * @param bytes of each block; the blocks are missing if the GPU's memory is too full for them
   */
  Trial(CUstream_st stream, long... bytes) {
    this.stream = stream;
    this.watch = new Stopwatch(stream);
    long sum = 0;
    for (long b : bytes) {
      sum += b;
    }
    fits = sum <= CudaMemory.free();
    for (int i = 0; fits && i < bytes.length; i++) {
      BytePointer block = new BytePointer();
      fits = bytes[i] == 0 || cudaMalloc(block, bytes[i]) == 0;
      blocks.add(block);
      if (fits && bytes[i] > 0) {
        Cuda.check(cudaMemsetAsync(block, FILL, bytes[i], stream), "filling memory");
      }
    }
  }

  /** Whether there is memory to run anything. */
  boolean fits() {
    return fits;
  }

  Pointer block(int i) {
    return blocks.get(i);
  }

  /**
   * The fastest of the candidates that the library does not refuse to run; null if none is left.
   *
   * @param shape what they compute, for the log, which has a line for each
   * @param names of the candidates, for the log
   */
  <T> T best(
      Object shape, List<T> candidates, Function<T, String> names, Function<T, Runnable> runs) {
    T best = null;
    double least = Double.POSITIVE_INFINITY;
    for (T candidate : candidates) {
      Runnable run = runs.apply(candidate);
      try {
        run.run();
      } catch (EngineException e) {
        log.debug("{}: {} does not run: {}", shape, names.apply(candidate), e.getMessage());
        continue;
      }
      Cuda.check(cudaStreamSynchronize(stream), "trying " + names.apply(candidate));
      double seconds = candidates.size() == 1 ? 0 : watch.secondsEach(run);
      log.debug("{}: {}: {} us", shape, names.apply(candidate), Math.round(1e6 * seconds));
      if (seconds < least) {
        least = seconds;
        best = candidate;
      }
    }
    return best;
  }

  @Override
  public void close() {
    cudaStreamSynchronize(stream);
    blocks.forEach(block -> cudaFree(block));
    watch.close();
  }
}
