package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaFreeHost;
import static org.bytedeco.cuda.global.cudart.cudaHostAlloc;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Page-locked memory that a copy from the GPU fills while the host goes on; reused afterwards. */
final class Download implements AutoCloseable {
  private final CUstream_st stream;
  private final long capacity;
  private final BytePointer pinned = new BytePointer();
  private final CUevent_st copied = new CUevent_st();
  private int count; // of the copy under way; 0 if there is none

  Download(CUstream_st stream, long capacity) {
    this.stream = stream;
    this.capacity = capacity;
    Cuda.check(cudaHostAlloc(pinned, capacity, 0), "allocating page-locked memory");
    Cuda.check(cudaEventCreateWithFlags(copied, cudaEventDisableTiming), "making an event");
  }

  /** Whether it is free and has that many bytes. */
  boolean fits(int bytes) {
    return count == 0 && bytes <= capacity;
  }

  void start(Pointer from, int bytes) {
    Cuda.check(
        cudaMemcpyAsync(pinned, from, bytes, cudaMemcpyDeviceToHost, stream),
        "copying from the GPU");
    Cuda.check(cudaEventRecord(copied, stream), "copying from the GPU");
    count = bytes;
  }

  /** Waits for the copy and frees the memory for the next. */
  byte[] take() {
    byte[] values = new byte[count];
    count = 0;
    Cuda.check(cudaEventSynchronize(copied), "waiting for the GPU");
    pinned.get(values);
    return values;
  }

  @Override
  public void close() {
    cudaEventDestroy(copied);
    cudaFreeHost(pinned);
  }
}
