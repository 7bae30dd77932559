package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaFreeHost;
import static org.bytedeco.cuda.global.cudart.cudaHostAlloc;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;

import dev.fizzy.engine.Later;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Copies host arrays to the GPU and back through page-locked memory. Writes alternate between two
 * halves: one is filled while the GPU still reads the other, so a write waits only if the GPU is
 * two halves behind. Reads wait for the GPU, but {@link #readLater} only where its bytes are taken.
 */
final class Staging implements AutoCloseable {
  private static final long HALF = 4 << 20;
  private static final long ALIGN = 64;

  private final CUstream_st stream;
  private final BytePointer pinned = new BytePointer();
  private final BytePointer bytes;
  private final FloatPointer floats;
  private final IntPointer ints;
  private final BytePointer down;
  private final CUevent_st[] read = {new CUevent_st(), new CUevent_st()};
  private final boolean[] recorded = new boolean[2];
  private final List<Download> downloads = new ArrayList<>();
  private int half;
  private long used;

  Staging(CUstream_st stream) {
    this.stream = stream;
    Cuda.check(cudaHostAlloc(pinned, 3 * HALF, 0), "allocating page-locked memory");
    this.bytes = new BytePointer(pinned);
    this.floats = new FloatPointer(pinned);
    this.ints = new IntPointer(pinned);
    this.down = new BytePointer(pinned);
    for (CUevent_st event : read) {
      Cuda.check(cudaEventCreateWithFlags(event, cudaEventDisableTiming), "making an event");
    }
  }

  /** Offset of the next free bytes, of which at most {@link #take} are contiguous. */
  private long next() {
    if (used + ALIGN > HALF) {
      Cuda.check(cudaEventRecord(read[half], stream), "copying to the GPU");
      recorded[half] = true;
      half = 1 - half;
      used = 0;
      if (recorded[half]) {
        Cuda.check(cudaEventSynchronize(read[half]), "copying to the GPU");
      }
    }
    return half * HALF + used;
  }

  private int take(int count, int size) {
    return (int) Math.min(count, (HALF - used) / size);
  }

  private void send(BytePointer to, long offset, long at, long count) {
    Cuda.check(
        cudaMemcpyAsync(
            to.position(offset), bytes.position(at), count, cudaMemcpyHostToDevice, stream),
        "copying to the GPU");
    used += (count + ALIGN - 1) / ALIGN * ALIGN;
  }

  void write(BytePointer to, long offset, float[] values, int from, int count) {
    for (int i = 0; i < count; ) {
      long at = next();
      int n = take(count - i, Float.BYTES);
      floats.position(at / Float.BYTES).put(values, from + i, n);
      send(to, offset + (long) i * Float.BYTES, at, (long) n * Float.BYTES);
      i += n;
    }
  }

  void write(BytePointer to, long offset, int[] values, int from, int count) {
    for (int i = 0; i < count; ) {
      long at = next();
      int n = take(count - i, Integer.BYTES);
      ints.position(at / Integer.BYTES).put(values, from + i, n);
      send(to, offset + (long) i * Integer.BYTES, at, (long) n * Integer.BYTES);
      i += n;
    }
  }

  void write(BytePointer to, long offset, byte[] values, int from, int count) {
    for (int i = 0; i < count; ) {
      long at = next();
      int n = take(count - i, 1);
      bytes.position(at).put(values, from + i, n);
      send(to, offset + i, at, n);
      i += n;
    }
  }

  void read(BytePointer of, long offset, float[] values, int from, int count) {
    int most = (int) (HALF / Float.BYTES);
    for (int i = 0; i < count; i += most) {
      int n = Math.min(most, count - i);
      fetch(of, offset + (long) i * Float.BYTES, (long) n * Float.BYTES);
      floats.position(2 * HALF / Float.BYTES).get(values, from + i, n);
    }
  }

  void read(BytePointer of, long offset, byte[] values, int from, int count) {
    for (int i = 0; i < count; i += (int) HALF) {
      int n = (int) Math.min(HALF, count - i);
      fetch(of, offset + i, n);
      down.position(2 * HALF).get(values, from + i, n);
    }
  }

  /** Copies within the GPU's memory. */
  void copy(Pointer to, Pointer from, long count) {
    Cuda.check(
        cudaMemcpyAsync(to, from, count, cudaMemcpyDeviceToDevice, stream),
        "copying within the GPU");
  }

  /** Starts a copy; the host waits for it when it takes the bytes. */
  Later<byte[]> readLater(Pointer from, int count) {
    Download free =
        downloads.stream().filter(d -> d.fits(count)).findFirst().orElseGet(() -> download(count));
    free.start(from, count);
    return new Later<>(false, free::take);
  }

  private Download download(int count) {
    Download more = new Download(stream, count);
    downloads.add(more);
    return more;
  }

  private void fetch(BytePointer of, long offset, long count) {
    Pointer to = down.position(2 * HALF);
    Cuda.check(
        cudaMemcpyAsync(to, of.position(offset), count, cudaMemcpyDeviceToHost, stream),
        "copying from the GPU");
    Cuda.check(cudaStreamSynchronize(stream), "waiting for the GPU");
  }

  @Override
  public void close() {
    for (CUevent_st event : read) {
      cudaEventDestroy(event);
    }
    downloads.forEach(Download::close);
    cudaFreeHost(pinned);
  }
}
