package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;
import static org.bytedeco.cuda.global.cudart.cudaRuntimeGetVersion;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Memory;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Replay;
import dev.fizzy.engine.Weights;
import dev.fizzy.engine.kernels.DeviceKernels;
import dev.fizzy.engine.kernels.Native;
import dev.fizzy.engine.op.AllReduce;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.Pointer;

/**
 * An NVIDIA GPU: hand-written kernels, cuDNN for convolutions, cuBLASLt for matrix products, all on
 * one stream. Nothing waits for the GPU until the host reads. No GPU has run this code yet: it has
 * only been executed on the CPU, with stand-ins for NVIDIA's libraries and emulated kernels.
 */
final class CudaDevice implements Device {
  /** Runs of an operation in one measurement. */
  private static final int RUNS = 20;

  private static final int PART = 1 << 20; // bytes that are written at a time

  private final CudaInfo info;
  private final NcclMember member;
  private final CUstream_st stream = new CUstream_st();
  private final Staging staging;
  private final Cudnn cudnn;
  private final CublasLt cublas;
  private final Native.Backend backend;
  private final DeviceKernels kernels;
  private final Stopwatch watch;
  private final Map<DType, Double> peakFlops = new EnumMap<>(DType.class);
  private double peakBandwidth;
  private boolean open = true;

  /**
   * @param joining joins the group, called once the device is current in this thread; null for none
   */
  static CudaDevice open(int ordinal, Supplier<NcclMember> joining) {
    CudaInfo info = CudaInfo.of(ordinal);
    info.checkCapability();
    return new CudaDevice(info, joining);
  }

  private CudaDevice(CudaInfo info, Supplier<NcclMember> joining) {
    this.info = info;
    Cuda.check(cudaSetDevice(info.ordinal()), "opening GPU " + info.ordinal());
    Cuda.check(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "making a stream");
    this.watch = new Stopwatch(stream);
    this.staging = new Staging(stream);
    this.backend = CudaLibrary.backend(stream);
    if (!backend.emulated()) {
      info.checkCode(MachineCode.parse(backend.name().getString()));
    }
    Choices choices = backend.emulated() ? new Choices(null) : Choices.ofUser();
    this.cudnn = new Cudnn(stream, info.kind(), choices);
    this.cublas = new CublasLt(stream, info.kind(), choices);
    this.member = joining == null ? null : joining.get(); // last, since the other ranks wait for it
    this.kernels = new DeviceKernels(backend);
    ConvolutionKernels.addTo(kernels, cudnn, stream);
    MatrixKernels.addTo(kernels, cublas);
    if (member != null) {
      kernels.add(AllReduce.class, o -> member.allReduce(o, stream));
    }
  }

  @Override
  public String name() {
    return "cuda:" + info.ordinal();
  }

  @Override
  public String description() {
    int[] runtime = new int[1];
    cudaRuntimeGetVersion(runtime);
    return name()
        + " "
        + info
        + ", CUDA "
        + Cuda.version(runtime[0])
        + ", cuDNN "
        + cudnn.version()
        + ", kernels for "
        + backend.name().getString();
  }

  @Override
  public long freeBytes() {
    return CudaMemory.free();
  }

  @Override
  public Memory allocate(long bytes) {
    return new CudaMemory(info, staging, bytes);
  }

  @Override
  public Kernel prepare(Operation operation, Weights weights) {
    return kernels.prepare(operation, weights);
  }

  @Override
  public boolean readsNarrow() {
    return true;
  }

  @Override
  public boolean channelsLast() {
    return true;
  }

  @Override
  public int ranks() {
    return member == null ? 1 : member.ranks();
  }

  @Override
  public Replay replay(Runnable[] kernels) {
    return new CudaReplay(kernels, stream);
  }

  @Override
  public double seconds(Runnable work) {
    return watch.seconds(work, 1);
  }

  @Override
  public double secondsEach(Runnable work) {
    int runs = backend.emulated() ? 2 : RUNS;
    return watch.seconds(work, runs) / runs;
  }

  @Override
  public void synchronize() {
    Cuda.check(cudaStreamSynchronize(stream), "waiting for the GPU");
  }

  /** The best time of three runs, after one warm-up run. */
  private double best(Runnable work) {
    double best = Double.MAX_VALUE;
    work.run();
    for (int i = 0; i < 3; i++) {
      best = Math.min(best, secondsEach(work));
    }
    return best;
  }

  @Override
  public double peakFlops(DType type) {
    return peakFlops.computeIfAbsent(
        type,
        t -> {
          int n = backend.emulated() ? 16 : 4096;
          long part = (long) n * n * t.bytes;
          CublasLt.Product square = cublas.square(t, n);
          try (Memory memory = allocate(3 * part + square.workspaceBytes())) {
            Pointer a = memory.at(0);
            Pointer b = memory.at(part);
            Pointer y = memory.at(2 * part);
            fill(memory, t, 2 * part);
            Runnable product = square.bind(a, b, null, null, y, memory.at(3 * part));
            return 2.0 * n * n * n / best(product);
          }
        });
  }

  /**
   * Fills the beginning of a block with random numbers in [-1,1]: a GPU multiplies zeros faster,
   * since they take less power.
   */
  private static void fill(Memory memory, DType type, long bytes) {
    Random random = new Random(1);
    ByteBuffer part = ByteBuffer.allocate(PART).order(ByteOrder.nativeOrder());
    while (part.hasRemaining()) {
      int bits = Float.floatToIntBits(2 * random.nextFloat() - 1);
      if (type == DType.BF16) {
        part.putShort((short) (bits >> 16));
      } else {
        part.putInt(bits);
      }
    }
    for (long at = 0; at < bytes; at += PART) {
      memory.write(at, part.array(), 0, (int) Math.min(PART, bytes - at));
    }
  }

  @Override
  public double peakBandwidth() {
    if (peakBandwidth == 0) {
      long bytes = backend.emulated() ? 1 << 12 : 1L << 28;
      try (Memory memory = allocate(2 * bytes)) {
        fill(memory, DType.F32, bytes);
        Runnable copy =
            () ->
                Cuda.check(
                    cudaMemcpyAsync(
                        memory.at(bytes), memory.at(0), bytes, cudaMemcpyDeviceToDevice, stream),
                    "copying");
        peakBandwidth = 2.0 * bytes / best(copy);
      }
    }
    return peakBandwidth;
  }

  /**
   * Frees everything; errors are ignored, since on a lost GPU the cause has already been reported.
   */
  @Override
  public void close() {
    if (open) {
      open = false;
      boolean failed = cudaStreamSynchronize(stream) != 0;
      if (member != null) {
        member.close(failed);
      }
      cudnn.close();
      cublas.close();
      staging.close();
      Native.backend_free(backend);
      watch.close();
      cudaStreamDestroy(stream);
    }
  }
}
