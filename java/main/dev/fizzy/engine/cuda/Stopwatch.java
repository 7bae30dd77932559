package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaEventSynchronize;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/**
 * Times work on a stream with two events. Work is run several times between them: between the
 * events around a single launch lies the time that the host takes to launch.
 */
final class Stopwatch implements AutoCloseable {
  private static final double LEAST_SECONDS = .002;
  private static final int MOST_RUNS = 20;

  private final CUstream_st stream;
  private final CUevent_st before = new CUevent_st();
  private final CUevent_st after = new CUevent_st();

  Stopwatch(CUstream_st stream) {
    this.stream = stream;
    Cuda.check(cudaEventCreateWithFlags(before, 0), "making an event");
    Cuda.check(cudaEventCreateWithFlags(after, 0), "making an event");
  }

  /** The seconds of all runs together. */
  double seconds(Runnable work, int runs) {
    Cuda.check(cudaEventRecord(before, stream), "timing");
    for (int i = 0; i < runs; i++) {
      work.run();
    }
    Cuda.check(cudaEventRecord(after, stream), "timing");
    Cuda.check(cudaEventSynchronize(before), "timing");
    Cuda.check(cudaEventSynchronize(after), "timing");
    float[] milliseconds = new float[1];
    Cuda.check(cudaEventElapsedTime(milliseconds, before, after), "timing");
    return milliseconds[0] / 1e3;
  }

  /** The seconds of one run, of as many runs as make the time of launching them unimportant. */
  double secondsEach(Runnable work) {
    double once = seconds(work, 1);
    int runs = (int) Math.max(1, Math.min(MOST_RUNS, LEAST_SECONDS / once));
    return runs == 1 ? once : seconds(work, runs) / runs;
  }

  @Override
  public void close() {
    cudaEventDestroy(before);
    cudaEventDestroy(after);
  }
}
